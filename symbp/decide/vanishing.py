"""Whether a term may be 0 on an open set: relu(z) is, where z < 0; w·relu(z) + b is nowhere.

It is not where it is analytic and not 0 everywhere (``analytic``). Between two ties every piece of a
term is a formula, so a term with steps is 0 on an open set only if one of these formulas is. It is
not where a symbol, or a monotone function of one, stands in one of its summands alone, with a
factor that cannot vanish itself.
"""

from collections.abc import Iterable
from fractions import Fraction
from itertools import product

from symbp.decide.analytic import Analytic
from symbp.decide.bounds import BoundsTable
from symbp.decide.graph import CALL, HAS_STEP, POWER, PRODUCT, SUM, SYMBOL, Graph, Node

MOST_NODES = 3000
MOST_STEPS = 3
POSITIVE = frozenset(["exp", "sigmoid"])
ODD = frozenset(["tanh", "sqrt", "erf"])
MONOTONE = POSITIVE | ODD | {"log"}

Monomial = frozenset[tuple[Node, int]]


class Vanishing:
    """Answers for the nodes of one graph; *yes* also where it cannot be told."""

    def __init__(self, graph: Graph, bounds: BoundsTable | None = None) -> None:
        self._graph = graph
        self._analytic = Analytic(graph, bounds or BoundsTable(graph))
        self._never: dict[Node, bool] = {}
        self._symbols: dict[Node, frozenset[Node]] = {}

    def may(self, node: Node) -> bool:
        """Whether the node may be 0 on an open set."""
        return not self.never(node)

    def never(self, node: Node) -> bool:
        """Whether the node is certainly 0 on no open set."""
        if node in self._never:
            return self._never[node]
        if self._analytic.is_solid(node):
            return True
        below = self._graph.reach((node,), self._never)
        if len(below) > MOST_NODES:
            return False
        for each in below:
            self._symbols[each] = self._symbols_of(each)
            self._never[each] = self._is_never(each) or self._analytic.is_solid(each)
        return self._never[node]

    def _symbols_of(self, node: Node) -> frozenset[Node]:
        if self._graph.kinds[node] == SYMBOL:
            return frozenset([node])
        return frozenset().union(*(self._symbols[c] for c in self._graph.children[node]))

    def _is_never(self, node: Node) -> bool:
        graph = self._graph
        kind, children = graph.kinds[node], graph.children[node]
        if kind in (PRODUCT, POWER):
            return all(self._never[child] for child in children)
        if kind == SUM:
            return self._is_sum_never(children)
        if kind != CALL:
            return kind == SYMBOL or graph.payloads[node] != 0
        name = graph.payloads[node]
        if name in POSITIVE or (name in ODD and self._never[children[0]]):
            return True
        moved = not graph.traits[node] & HAS_STEP and len(children) == 1
        return moved and any(self._depends(children[0], s) for s in self._symbols[node])

    def _is_sum_never(self, children: Iterable[Node]) -> bool:
        """Whether something is left of the sum for each choice of the steps that multiply it."""
        graph = self._graph
        parts = [graph.factors(child) for child in children]
        steps = {b for _, powers in parts for b in powers if graph.is_call(b, "step")}
        if len(steps) > MOST_STEPS:
            steps = set()  # too many to switch: they count as factors that may be 0
        for values in product((0, 1), repeat=len(steps)):
            chosen = dict(zip(steps, values, strict=True))
            left: dict[Monomial, Fraction] = {}
            for constant, powers in parts:
                if all(chosen.get(base, 1) for base in powers):
                    rest = frozenset((b, n) for b, n in powers.items() if b not in steps)
                    left[rest] = left.get(rest, Fraction(0)) + constant
            if not self._is_left([rest for rest, constant in left.items() if constant]):
                return False
        return True

    def _is_left(self, monomials: list[Monomial]) -> bool:
        if len(monomials) == 1:
            return all(self._never[base] for base, _ in monomials[0])
        for monomial in monomials:
            others = frozenset().union(
                *(self._symbols_in(other) for other in monomials if other != monomial)
            )
            if self._moves_alone(monomial, others):
                return True
        return False

    def _symbols_in(self, monomial: Monomial) -> frozenset[Node]:
        return frozenset().union(*(self._symbols[base] for base, _ in monomial))

    def _moves_alone(self, monomial: Monomial, others: frozenset[Node]) -> bool:
        """Whether a symbol that stands nowhere else moves this summand wherever it is."""
        for base, _ in monomial:
            rest = [b for b, _ in monomial if b != base]
            elsewhere = others.union(*(self._symbols[b] for b in rest))
            if all(self._never[b] for b in rest) and any(
                self._depends(base, symbol) for symbol in self._symbols[base] - elsewhere
            ):
                return True
        return False

    def _depends(self, node: Node, symbol: Node) -> bool:
        """Whether the node is strictly monotone in the symbol, or a power of what is."""
        graph = self._graph
        while node != symbol:
            kind, children = graph.kinds[node], graph.children[node]
            ways = [child for child in children if symbol in self._symbols[child]]
            if len(ways) != 1:
                return False
            others = [child for child in children if child != ways[0]]
            if kind == PRODUCT and not all(self._never[child] for child in others):
                return False
            if kind == CALL and graph.payloads[node] not in MONOTONE:
                return False
            node = ways[0]
        return True
