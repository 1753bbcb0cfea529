"""Whether a term is 0 on no open set, because it is analytic and not 0 at one point.

An analytic function on a connected set that is 0 on an open part of it is 0 everywhere (the identity
theorem). Sums, products, quotients and entire functions are analytic on a connected set of complex
points. Logarithms and roots have branches there, and are analytic on the reals where their
arguments are positive; a pole cuts the reals into parts: √(x² + 2 + x⁻²) − x − 1/x is 0 for x > 0
alone. That the term is not 0 at a point is shown by a ball.
"""

from collections.abc import Callable, Mapping
from functools import reduce
from operator import add, mul

import flint
from flint import arb, fmpq

from symbp.decide import ball
from symbp.decide.ball import Value
from symbp.decide.bounds import BoundsTable
from symbp.decide.graph import (
    CALL,
    CONSTANT,
    HAS_DOMAIN,
    HAS_STEP,
    POWER,
    PRODUCT,
    SUM,
    SYMBOL,
    Graph,
    Node,
)  # fmt: skip
from symbp.decide.points import sample

POINTS = 2
PRECISION = 128
HAS_BRANCH, HAS_POLE = 1, 2
BRANCHED = frozenset(["log", "sqrt", "root"])

CALLS: Mapping[str, Callable[..., Value]] = {
    "exp": arb.exp,
    "log": arb.log,
    "sqrt": arb.sqrt,
    "root": lambda x, order: arb(x) ** (1 / arb(order)),
    "sigmoid": ball.sigmoid,
    "tanh": arb.tanh,
    "sin": arb.sin,
    "cos": arb.cos,
    "erf": arb.erf,
    "pi": arb.pi,
}


class Analytic:
    """Answers for the nodes of one graph; *no* also where it cannot be told."""

    def __init__(self, graph: Graph, bounds: BoundsTable) -> None:
        self._graph = graph
        self._bounds = bounds
        self._contents: dict[Node, int] = {}
        self._values: list[dict[Node, Value]] = [{} for _ in range(POINTS)]

    def is_solid(self, root: Node) -> bool:
        """Whether the node is certainly 0 on no open set."""
        if self._graph.traits[root] & (HAS_STEP | HAS_DOMAIN):
            return False
        for node in self._graph.reach((root,), self._contents):
            self._contents[node] = self._contents_of(node)
        contents = self._contents[root]
        if contents & HAS_BRANCH and (contents & HAS_POLE or self._bounds.is_restricted):
            return False
        return any(ball.disjoint(self._value(root, index), ball.ZERO) for index in range(POINTS))

    def _contents_of(self, node: Node) -> int:
        graph = self._graph
        contents = 0
        for child in graph.children[node]:
            contents |= self._contents[child]
        if graph.kinds[node] == CALL and graph.payloads[node] in BRANCHED:
            return contents | HAS_BRANCH
        if graph.kinds[node] == POWER and graph.payloads[node] < 0:
            base = self._bounds.of(graph.children[node][0])
            return contents if base.positive else contents | HAS_POLE
        return contents

    def _value(self, root: Node, index: int) -> Value:
        values = self._values[index]
        with flint.ctx.workprec(PRECISION):
            for node in self._graph.reach((root,), values):
                values[node] = self._value_of(node, index)
        return values[root]

    def _value_of(self, node: Node, index: int) -> Value:
        graph = self._graph
        kind, payload = graph.kinds[node], graph.payloads[node]
        parts = [self._values[index][child] for child in graph.children[node]]
        if kind == SYMBOL:
            positive = self._bounds.of(node).positive
            return sample(payload, index, (payload,) if positive else ())
        if kind == CONSTANT:
            return arb(fmpq(payload.numerator, payload.denominator))
        if kind in (SUM, PRODUCT):
            return reduce(add if kind == SUM else mul, parts)
        if kind == POWER:
            return ball.power(True, [parts[0], fmpq(payload)])
        return CALLS[payload](*map(arb, parts))
