"""Which number of a turn is the loss.

A name that says loss or cost settles it, then any other loss's name of a number that is nowhere
negative. A printed number without such a name, or one made of absolute values and steps (a metric),
is the loss only where a step follows its gradient; else the standard losses are tried the same way.
"""

from __future__ import annotations

import random
import re
from collections.abc import Container
from dataclasses import replace
from fractions import Fraction

from symbp.check.code.any_loss import NONE, no_loss
from symbp.check.code.entries import define
from symbp.check.code.guards import with_assumptions, without_guards
from symbp.check.code.inside import unwrapped
from symbp.check.code.judged import judged
from symbp.check.code.look import follows
from symbp.check.code.steps import Judged
from symbp.core.equations import name_of
from symbp.decide import Context, MissingValueError, Outcome, Verdict
from symbp.read.code.equations import Equations
from symbp.read.code.floats import values
from symbp.read.code.nodes import Kind, Node, below
from symbp.read.code.turn import Pass
from symbp.read.code.values import CodeError

POINTS = 24
LOOKS = 12
"""Points in floating point that may tell at once that a number can be negative."""
SMALL = 1e-6
MAX_SAMPLES = 64
PLAIN = re.compile(r".*(loss|cost|objective).*", re.I)
LETTER = re.compile(r"(?:^|\.)[a-z]$", re.I)
KINKED = frozenset(["abs", "sign", "step"])


def loss_of(found: Pass, wanted: str | None) -> tuple[str, Judged] | None:
    """The loss's name and the verdicts by it; None where there is no telling."""
    if wanted is not None:
        if wanted not in found.losses:
            known = ", ".join(found.losses) or "nothing that depends on the parameters"
            raise CodeError(f"no loss {wanted} in the turn", found.line, 0, known)
        return wanted, guarded(found, found.losses[wanted])
    found = replace(found, losses=_of_the_steps(found))
    positive = {name for name, root in found.losses.items() if _never_negative(found, root)}
    ranked = sorted(_whole(found, positive), key=lambda name: _rank(found, name))
    for name in ranked:
        if _rank(found, name) < 2 and _settles(found, name, positive):
            return name, guarded(found, found.losses[name])
    for name in ranked:
        if name in positive:
            result = guarded(found, found.losses[name])
            if result.follows:
                return name, result
    result_by = _signed(found, ranked, positive) or _by_standard(found)
    if result_by is not None:
        return result_by
    against = no_loss(found)
    return None if against is None else (NONE, against)


def _of_the_steps(found: Pass) -> dict[str, Node]:
    """The losses on the data that the steps use: not on all data, or on others kept for a test."""
    mine = _data(found, [n for p in found.parameters for n in p.new])
    return {
        name: root for name, root in found.losses.items()
        if not mine or _data(found, [root]) <= mine
    }  # fmt: skip


def _data(found: Pass, roots: list[Node]) -> set[Node]:
    leaves = found.graph.leaves
    return {n for n in below(roots) if n in leaves and leaves[n].kind & (Kind.data | Kind.random)}


def _signed(
    found: Pass, ranked: list[str], positive: Container[str]
) -> tuple[str, Judged] | None:
    """By a number that says loss and may be negative: only where every step follows it."""
    signed = [n for n in ranked if PLAIN.fullmatch(n) and n not in positive]
    for name in signed:
        result = guarded(found, found.losses[name])
        if all(v.outcome == Outcome.equal for v in result.verdicts):
            return name, result
    known = _by_standard(found) if signed else None
    if known is None:
        return None
    reason = f"{signed[0]} may be negative; it is {known[0]} whose gradient steps follow"
    doubt = Verdict(Outcome.undecided, reason=reason)
    return signed[0], replace(known[1], verdicts=(doubt,) * len(known[1].verdicts))


def _by_standard(found: Pass) -> tuple[str, Judged] | None:
    """By the first standard loss whose gradient a step follows."""
    names = {p.name for p in found.parameters}
    for name, (root, count) in found.standard.items():
        if not follows(unwrapped(found, root)[0], root, names):
            continue
        result = guarded(found, root)
        if result.follows:
            return _scaled(found, name, root, count, result)
    return None


def guarded(found: Pass, root: Node) -> Judged:
    """The verdicts; with guards like 1e-7 taken for zero where the steps are right without them."""
    plain = without_guards(found, root)
    if plain is None:
        return judged(found, root)
    loose = with_assumptions(judged(*plain[:2]), plain[2])
    open_ = (Outcome.different, Outcome.undecided)
    if not any(v.outcome in open_ for v in loose.verdicts):
        return loose
    strict = judged(found, root)
    if len(strict.verdicts) != len(loose.verdicts):
        return strict
    return replace(strict, verdicts=tuple(
        other if v.outcome == Outcome.undecided and other.outcome not in open_ else v
        for v, other in zip(strict.verdicts, loose.verdicts, strict=True)
    ))  # fmt: skip


def _whole(found: Pass, positive: Container[str]) -> list[str]:
    """The losses that are no part of another one that has a loss's name or is printed as a loss."""
    named = [n for n in found.losses if _rank(found, n) <= 0]
    outer = [n for n in named if n in positive]
    inside = {n: set(below([found.losses[n]])) - {found.losses[n]} for n in outer}
    return [
        name for name, root in found.losses.items()
        if name in found.shown or not any(root in inside[other] for other in outer)
    ]  # fmt: skip


def _scaled(
    found: Pass, name: str, root: Node, count: int, result: Judged
) -> tuple[str, Judged]:
    """The standard loss with the factor that the steps have in common, where it is a usual one."""
    factors = {v.factor for v in result.verdicts if v.outcome == Outcome.proportional}
    others = any(v.outcome == Outcome.equal for v in result.verdicts)
    if len(factors) != 1 or others:
        return name, result
    factor = factors.pop()
    parts = [n for n in (*range(2, MAX_SAMPLES), count) if n and count % n == 0]
    usual = {Fraction(2): "2 · "} | {Fraction(k, n): f"{k}/{n} · " for n in parts for k in (1, 2)}
    if factor not in usual:
        return name, result
    graph = found.graph
    scaled = graph.multiply(graph.constant(factor), root)
    return usual[factor] + name, judged(found, scaled)


def _rank(found: Pass, name: str) -> int:
    if name in found.shown:
        return -1
    if name.startswith("printed") or name.endswith("[-1]"):
        return 2
    return 0 if PLAIN.fullmatch(name) else 1


def _settles(found: Pass, name: str, positive: Container[str]) -> bool:
    root = found.losses[name]
    if LETTER.search(name) and name not in found.shown:
        return False  # e may as well be an exponential
    if PLAIN.fullmatch(name):
        return name in positive
    metric = any(n.operation in KINKED for n in below([root])) if name not in found.shown else (
        any(n.operation in ("abs", "sign") for n in below([root])) or not _smooth(root)
    )  # fmt: skip
    return not metric and name in positive


def _smooth(root: Node) -> bool:
    """Whether a quantity changes with the parameters other than by steps: a loss, no count."""
    seen, todo = set[Node](), [root]
    while todo:
        node = todo.pop()
        if node in seen or node.operation == "step":
            continue
        seen.add(node)
        if not node.arguments and node.kinds & Kind.state:
            return True
        todo.extend(node.arguments)
    return False


def _never_negative(found: Pass, node: Node) -> bool:
    """Whether a quantity is ≥ 0 at random parameters, as a loss is.

    First with the script's data, then with data drawn from [0, 1], so that a difference whose sign
    the script's data happen to settle is no loss.
    """
    for seed in range(LOOKS):
        if values(found.graph, [node], seed, -1.0)[node] < -SMALL:
            return False
    equations = Equations(found.graph, [node])
    context, chance = Context(), random.Random(1)
    define(context, equations.lines)
    kinds = {
        name_of(equations.of(n)): leaf.kind
        for n, leaf in found.graph.leaves.items()
        if n in equations.symbols and n not in found.graph.pinned
    }
    for turn in range(POINTS):
        drawn = Kind.state | Kind(0) if turn < POINTS // 4 else Kind.state | Kind.data | Kind.random
        at = {}
        for name, value in equations.values.items():
            kind = kinds[name] & drawn
            low = -16 if kind & Kind.state else 0
            at[name] = Fraction(chance.randint(low, 16), 16) if kind else Fraction(repr(value))
        try:
            bounds = context.enclose(equations.of(node), at)
        except MissingValueError:
            return False
        if bounds is not None and bounds.upper < 0:
            return False
        if bounds is None and turn < POINTS // 4:
            return False
    return True
