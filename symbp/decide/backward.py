"""A derivative as the local derivatives it is made of: what a hypothesis about a mistake edits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from sympy import Add, Expr, Integer, Symbol

from symbp.core.equations import Equation
from symbp.core.names import Name, PlainNameError
from symbp.core.steps import factor_of


@dataclass(frozen=True)
class Edge:
    """One local derivative ∂of/∂by; ``depth`` is how many steps ``of`` is from the loss at most."""

    of: Symbol
    by: Symbol
    value: Expr
    equation: Equation = field(compare=False, repr=False)
    depth: int = field(compare=False, default=0)

    @property
    def body(self) -> Expr:
        """The right side of the equation."""
        return Add(*(term.body for term in self.equation.terms))

    @property
    def family(self) -> tuple[int, str, str]:
        """What the local derivatives of one layer have in common."""
        return self.depth, stem(self.of), stem(self.by)


Edits = Mapping[Edge, Expr]
"""Local derivatives with another value."""


@dataclass(frozen=True)
class Backward:
    """The local derivatives on the ways from a loss to a quantity, from the loss inward.

    ``equations`` are those of a scalar form that the loss depends on, in order.
    """

    equations: Sequence[Equation]
    of: Symbol
    by: Symbol
    updated: Mapping[Symbol, Symbol] = field(default_factory=dict)

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """The local derivatives, those of an equation together."""
        below = {self.by}
        for equation in self.equations:
            if below & set(equation.operands):
                below.add(equation.target)
        depths, found = {self.of: 0}, []
        for equation in reversed(self.equations):
            depth = depths.get(equation.target)
            if depth is None or equation.target == self.by:
                continue
            for use in equation.operands:
                if use in below:
                    depths[use] = max(depths.get(use, 0), depth + 1)
                    value = factor_of(equation, use).value
                    found.append(Edge(equation.target, use, value, equation, depth))
        return tuple(found)

    @cached_property
    def quantities(self) -> tuple[Symbol, ...]:
        """Every name of the equations, in the order in which they are met."""
        met: dict[Symbol, None] = {}
        for equation in self.equations:
            met.update(dict.fromkeys((*equation.operands, equation.target)))
        return tuple(met)

    @cached_property
    def defined(self) -> Mapping[Symbol, Equation]:
        """From a name to its equation."""
        return {equation.target: equation for equation in self.equations}

    @cached_property
    def path(self) -> tuple[Edge, ...] | None:
        """The edges from the loss to the quantity where there is one way only."""
        single = len({e.of for e in self.edges}) == len(self.edges)
        return self.edges if single else None

    def definitions(self, edits: Edits) -> Iterator[tuple[Symbol, Expr]]:
        """The adjoint of each quantity with these edits, the wanted one last."""
        sent: dict[Symbol, list[Expr]] = {self.of: [Integer(1)]}
        for edge in self.edges:
            seed = Integer(1) if edge.of == self.of else adjoint_name(self.of, edge.of)
            sent.setdefault(edge.by, []).append(seed * edits.get(edge, edge.value))
        order = dict.fromkeys((*(e.of for e in self.edges), self.by))
        for quantity in order:
            if quantity != self.of:
                yield adjoint_name(self.of, quantity), Add(*sent[quantity])


def adjoint_name(of: Symbol, by: Symbol) -> Symbol:
    """The name of ∂of/∂by as a hypothesis has it."""
    return Symbol(f"∂{of}/∂{by}?", real=True)


def stem(quantity: Symbol) -> str:
    """The letter and the layer of a name, without its subscripts."""
    name = named(quantity)
    return quantity.name if name is None else name.base + name.layer


def named(quantity: Symbol) -> Name | None:
    """The parts of a name; None for one that formulas cannot write."""
    try:
        return Name.parse(quantity.name)
    except PlainNameError:
        return None
