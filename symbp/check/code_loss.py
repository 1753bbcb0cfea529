"""Which number of a turn is the loss.

A name that says loss or cost settles it, then any other loss's name of a number that is nowhere
negative. A printed number without such a name, or one made of absolute values and steps (a metric),
is the loss only where a step follows its gradient; else the standard losses are tried the same way.
"""

from __future__ import annotations

import random
import re
from fractions import Fraction

from symbp.check.code_steps import Judged, define, judged
from symbp.core.equations import name_of
from symbp.decide import Context, MissingValueError
from symbp.read.numpy_code import Pass
from symbp.read.numpy_equations import Equations
from symbp.read.numpy_nodes import Kind, Node, below
from symbp.read.numpy_values import CodeError

POINTS = 6
PLAIN = re.compile(r".*(loss|cost|objective).*", re.I)
KINKED = frozenset(["abs", "sign", "step"])


def loss_of(found: Pass, wanted: str | None) -> tuple[str, Judged] | None:
    """The loss's name and the verdicts by it; None where there is no telling."""
    if wanted is not None:
        if wanted not in found.losses:
            known = ", ".join(found.losses) or "nothing that depends on the parameters"
            raise CodeError(f"no loss {wanted} in the turn", found.line, 0, known)
        return wanted, judged(found, found.losses[wanted])
    ranked = sorted(found.losses, key=_rank)
    for name in ranked:
        if _rank(name) < 2 and _settles(found, name):
            return name, judged(found, found.losses[name])
    for name, root in ({n: found.losses[n] for n in ranked} | dict(found.standard)).items():
        if _never_negative(found, root):
            result = judged(found, root)
            if result.follows:
                return name, result
    return None


def _rank(name: str) -> int:
    if name.startswith("printed") or name.endswith("[-1]"):
        return 2
    return 0 if PLAIN.fullmatch(name) else 1


def _settles(found: Pass, name: str) -> bool:
    root = found.losses[name]
    kinked = any(n.operation in KINKED for n in below([root]))
    return (_rank(name) == 0 or not kinked) and _never_negative(found, root)


def _never_negative(found: Pass, node: Node) -> bool:
    """Whether a quantity is ≥ 0 at the script's data and random parameters, as a loss is."""
    equations = Equations(found.graph, [node])
    context, chance = Context(), random.Random(1)
    define(context, equations.lines)
    state = {
        name_of(equations.of(n))
        for n, leaf in found.graph.leaves.items()
        if leaf.kind & Kind.state and n in equations.symbols and n not in found.graph.pinned
    }
    for _ in range(POINTS):
        at = {
            name: Fraction(chance.randint(-16, 16), 8) if name in state else Fraction(repr(value))
            for name, value in equations.values.items()
        }
        try:
            bounds = context.enclose(equations.of(node), at)
        except MissingValueError:
            return False
        if bounds is None or bounds.upper < 0:
            return False
    return True
