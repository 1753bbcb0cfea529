"""How large the degree of a node is, as a fraction of polynomials in symbols and generators.

By the lemma of Schwartz and Zippel two different fractions agree at a random point with a
probability of at most degree/p. A function value is a fraction in powers of its generators, of a
degree that is bounded by the exponents the tower allows, whatever its argument is.

The first bound adds up the degrees of all operands, for sums and products alike. Where that explodes
(it grows by the width of a net with each layer) the second one tells numerators from denominators,
and the third one keeps a sum's common denominator, as the largest exponent of each node that is
divided by.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from symbp.decide.graph import CALL, CONSTANT, POWER, PRODUCT, SUM, SYMBOL, Graph, Node

LARGE = 1 << 48
BY_OPERANDS = (SUM, PRODUCT)


@dataclass(frozen=True)
class Fraction:
    """Degree of the numerator, and the denominator as exponents of nodes."""

    numerator: int
    denominator: dict[Node, int] = field(default_factory=dict)


Bound = tuple[int, int]
"""Degrees of numerator and denominator."""


class Degrees:
    """Degree bounds for the nodes of one graph.

    ``call`` bounds a function value, and ``leaves`` the symbols and functions that it names.
    """

    def __init__(self, graph: Graph, call: Bound, leaves: Mapping[str, Bound] | None = None) -> None:
        self._graph = graph
        self._call = call
        self._leaves = {} if leaves is None else leaves
        self._rough: dict[Node, int] = {}
        self._plain: dict[Node, Bound] = {}
        self._common: dict[Node, Fraction] = {}

    def of(self, node: Node) -> int:
        """A bound for numerator and denominator."""
        rough = self._rough_bound(node)
        if rough < LARGE:
            return rough
        plain = max(self.bound(node))
        return plain if plain < LARGE else min(plain, self._with_common_denominators(node))

    def bound(self, node: Node) -> Bound:
        """One for each of them, without a look for common denominators."""
        for inner in self._graph.reach((node,), self._plain):
            self._plain[inner] = self._plain_bound(inner)
        return self._plain[node]

    @property
    def bounds(self) -> Iterable[Bound]:
        """Those of all nodes that were asked for, and of all that these are made of."""
        return self._plain.values()

    def _rough_bound(self, root: Node) -> int:
        """One for both, without a difference between a sum and a product."""
        graph, rough, kinds = self._graph, self._rough, self._graph.kinds
        for node in graph.reach((root,), rough):
            kind = kinds[node]
            if kind in BY_OPERANDS:
                size = sum([rough[child] for child in graph.children[node]])
                rough[node] = size if size < LARGE else LARGE
            elif kind == POWER:
                size = rough[graph.children[node][0]] * abs(graph.payloads[node])
                rough[node] = min(LARGE, size)
            else:
                rough[node] = max(self._leaf_bound(node))
        return rough[root]

    def _leaf_bound(self, node: Node) -> Bound:
        kind = self._graph.kinds[node]
        if kind == CONSTANT:
            return 0, 0
        name = self._graph.payloads[node]
        return self._leaves.get(name, self._call if kind == CALL else (1, 0))

    def _plain_bound(self, node: Node) -> Bound:
        graph, plain = self._graph, self._plain
        kind = graph.kinds[node]
        top, bottom, excess = 0, 0, 0
        if kind in BY_OPERANDS:
            for child in graph.children[node]:
                above, below = plain[child]
                top, bottom, excess = top + above, bottom + below, max(excess, above - below)
            return (top if kind == PRODUCT else excess + bottom), bottom
        if kind == POWER:
            exponent: int = graph.payloads[node]
            top, bottom = plain[graph.children[node][0]]
            return (top * exponent, bottom * exponent) if exponent > 0 else (
                -bottom * exponent, -top * exponent
            )  # fmt: skip
        return self._leaf_bound(node)

    def _with_common_denominators(self, root: Node) -> int:
        for node in self._graph.reach((root,), self._common):
            self._common[node] = self._common_bound(node)
        fraction = self._common[root]
        return max(fraction.numerator, self._degree(fraction.denominator))

    def _degree(self, denominator: dict[Node, int]) -> int:
        return sum(self._common[node].numerator * n for node, n in denominator.items())

    def _common_bound(self, node: Node) -> Fraction:
        graph = self._graph
        kind = graph.kinds[node]
        if kind == CONSTANT:
            return Fraction(0)
        if kind == SYMBOL:
            return Fraction(1)
        if kind == CALL:
            return Fraction(sum(self._call))
        parts = [self._common[child] for child in graph.children[node]]
        if kind == POWER:
            return self._power_bound(graph.children[node][0], parts[0], graph.payloads[node])
        denominator: dict[Node, int] = {}
        for part in parts:
            for inner, exponent in part.denominator.items():
                before = denominator.get(inner, 0)
                both = before + exponent if kind == PRODUCT else max(before, exponent)
                denominator[inner] = both
        if kind == PRODUCT:
            return Fraction(sum(part.numerator for part in parts), denominator)
        assert kind == SUM
        whole = self._degree(denominator)
        numerator = max(part.numerator + whole - self._degree(part.denominator) for part in parts)
        return Fraction(numerator, denominator)

    def _power_bound(self, base: Node, part: Fraction, exponent: int) -> Fraction:
        if exponent > 0:
            powers = {inner: n * exponent for inner, n in part.denominator.items()}
            return Fraction(part.numerator * exponent, powers)
        return Fraction(self._degree(part.denominator) * -exponent, {base: -exponent})
