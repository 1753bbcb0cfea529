"""A look in floating point: whether a step is along a gradient. It spares proofs and is no verdict."""

from __future__ import annotations

from collections.abc import Container, Mapping

from symbp.read.code.floats import slopes, values
from symbp.read.code.nodes import Node
from symbp.read.code.parameters import Parameter
from symbp.read.code.turn import Pass

CLOSE = 1e-6


def follows(turn: Pass, root: Node, wrong: Container[str]) -> bool:
    """Whether some wrong step is along the gradient, as far as floating point tells."""
    at = values(turn.graph, [root, *(n for p in turn.parameters for n in (*p.old, *p.new))])
    gradient = slopes(root, at)
    return any(_along(p, gradient, at) for p in turn.parameters if p.name in wrong)


def _along(parameter: Parameter, gradient: Mapping[Node, float], at: Mapping[Node, float]) -> bool:
    steps = [at[new] - at[old] for old, new in zip(parameter.old, parameter.new, strict=True)]
    wanted = [-gradient.get(old, 0.0) for old in parameter.old]
    size = sum(w * w for w in wanted)
    if not size > 0:
        return False
    factor = sum(s * w for s, w in zip(steps, wanted, strict=True)) / size
    error = sum((s - factor * w) ** 2 for s, w in zip(steps, wanted, strict=True))
    return factor > 0 and error <= CLOSE * factor * factor * size
