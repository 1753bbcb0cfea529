"""A traced graph as what it is: a list of scalar equations, in the order of the script.

Every node that is an operation is one equation of the program; leaves are its symbols, under plain
names (``W0_1_2``). A leaf that decided an index or a branch is the script's own number.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from fractions import Fraction

import sympy as sp
from sympy import Expr, Symbol

from symbp.core.equations import Equation, Term, scalar
from symbp.core.functions import FUNCTIONS
from symbp.read.code.graph import Graph
from symbp.read.code.nodes import Node, below

_OPERATIONS: Mapping[str, Callable[..., Expr]] = {
    "add": sp.Add,
    "multiply": sp.Mul,
    "divide": lambda a, b: a / b,
    "power": lambda a, b: a**b,
}


class Equations:
    """The equations below some roots, and the symbol or number of any node."""

    def __init__(
        self, graph: Graph, roots: Iterable[Node], fixed: Collection[Node] = (), *,
        free_steps: bool = False,
    ) -> None:  # fmt: skip
        self.fixed = frozenset(fixed)
        """Leaves that are to be the script's own numbers."""
        # With free steps, which side of a kink a point is on is left open: what then holds, holds
        # on every side.
        self.symbols: dict[Node, Expr] = {}
        self.values: dict[str, float] = {}
        self.lines: list[Equation] = []
        taken: dict[str, int] = {}
        names = [leaf.name for leaf in graph.leaves.values()]
        prefix = "t"
        while any(name.startswith(f"{prefix}_") for name in names):
            prefix += "t"
        for node in below(roots):
            if node.number is not None:
                self.symbols[node] = _rational(node.number)
            elif node in graph.leaves:
                self._leaf(graph, node, taken)
            elif free_steps and node.operation == "step":
                self.symbols[node] = Symbol(f"{prefix}_step_{node.place}", real=True)
            else:
                target = scalar(f"{prefix}_{node.place}")
                value = self._value(node)
                parts = sp.Add.make_args(value) if node.operation == "add" else (value,)
                self.lines.append(Equation(target, tuple(Term((), p) for p in parts)))
                self.symbols[node] = target

    def of(self, node: Node) -> Expr:
        """The symbol or number that stands for a node."""
        return self.symbols[node]

    def _leaf(self, graph: Graph, node: Node, taken: dict[str, int]) -> None:
        leaf = graph.leaves[node]
        if node in graph.pinned or node in self.fixed:
            self.symbols[node] = _rational(Fraction(repr(float(leaf.value))))
            return
        count = taken[leaf.name] = taken.get(leaf.name, 0) + 1
        name = leaf.name if count == 1 else f"{leaf.name}_n{count}"
        self.symbols[node] = Symbol(name, real=True)
        self.values[name] = leaf.value

    def _value(self, node: Node) -> Expr:
        inner = [self.symbols[a] for a in node.arguments]
        return (_OPERATIONS.get(node.operation) or FUNCTIONS[node.operation])(*inner)


def _rational(number: Fraction) -> Expr:
    return sp.Rational(number.numerator, number.denominator)
