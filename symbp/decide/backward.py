"""A derivative as the local derivatives it is made of: what a hypothesis about a mistake edits.

A row of :data:`SOFTMAX` or :data:`ROUTES` says which other ways from the loss may have been walked:
some left out, or those of a net that is wired differently.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from sympy import Add, Expr, Integer, Symbol

from symbp.core.equations import Equation
from symbp.core.names import Name, PlainNameError
from symbp.core.steps import factor_of

MOST_TERMS = 8
MOST_OPERATIONS = 200


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

    ``equations`` are those of a scalar form that the loss depends on, in order. ``meant`` says of
    names that only a rewired net has what they are in the true one.
    """

    equations: Sequence[Equation]
    of: Symbol
    by: Symbol
    updated: Mapping[Symbol, Symbol] = field(default_factory=dict)
    meant: Mapping[Symbol, Expr] = field(default_factory=dict)

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
                    value = factor_of(equation, use).value.xreplace(self.meant)
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
    def meetings(self) -> Mapping[Symbol, list[Edge]]:
        """The edges that meet in one quantity, where there are several."""
        ways: dict[Symbol, list[Edge]] = {}
        for edge in self.edges:
            ways.setdefault(edge.by, []).append(edge)
        return {by: edges for by, edges in ways.items() if len(edges) > 1}

    @cached_property
    def sums(self) -> tuple[Add, ...]:
        """The sums in the derivative: those inside a local derivative, and those over ways."""
        found = {part: None for edge in self.edges for part in sorted(edge.value.atoms(Add), key=str)}
        sent: dict[Symbol, list[Expr]] = {self.of: [Integer(1)]}
        for edge in self.edges:
            seed = Add(*sent[edge.of])
            sent.setdefault(edge.by, []).append(seed * edge.value)
            if len(sent[edge.by]) > MOST_TERMS or seed.count_ops() > MOST_OPERATIONS:
                return tuple(found)
        return (*found, *(Add(*sent[by]) for by in self.meetings))

    @cached_property
    def repeats(self) -> frozenset[int]:
        """Over how many outputs or samples the loss may be summed: along each subscript, and in all."""
        tops = [edge.by for edge in self.edges if edge.of == self.of]
        along = zip(*map(places, tops), strict=False)
        return frozenset({len(tops), *(len(set(values)) for values in along)})

    def is_mean(self, count: int) -> bool:
        """Whether the loss is divided by so many."""
        tops = [edge.value.as_content_primitive()[0] for edge in self.edges if edge.of == self.of]
        return all(content.is_Rational and content.q % count == 0 for content in tops)

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


def places(quantity: Symbol) -> tuple[str, ...]:
    """The subscripts, one of each: ``w_11`` has 1 and 1."""
    name = named(quantity)
    parts = name.subscripts if name else ()
    return tuple(parts[0]) if len(parts) == 1 and parts[0].isdigit() else parts


Way = tuple[Backward, Edits]
"""The net that is walked, and its local derivatives with another value."""
Route = Callable[[Backward], Iterator[Way]]


def _diagonal_only(net: Backward) -> Iterator[Way]:
    """Softmax: what one output owes to the other pre-activations is left out."""
    apart, rewired, meant = {}, dict(net.defined), dict(net.meant)
    for edge in net.edges:
        own, total = edge.body.as_numer_denom()
        if own.free_symbols and edge.by not in own.free_symbols and total.has(edge.by):
            parts = net.defined[total].operands if total in net.defined else ()
            if own in parts:
                rest = Symbol(f"{edge.of}?rest", real=True)
                meant[rest] = total - own
                rewired[edge.of] = Equation.of(edge.of, own / (own + rest))
            elif total != edge.by:
                apart[edge] = Integer(0)
    if meant != net.meant or apart:
        yield replace(net, equations=tuple(rewired.values()), meant=meant), apart


def _sum_held(net: Backward) -> Iterator[Way]:
    """Softmax: the sum in the denominator is treated as a constant."""
    held = [e for e in net.edges if _is_share(net, e.body, e.by)]
    if held:
        yield net, dict.fromkeys(held, Integer(0))


def _is_share(net: Backward, body: Expr, total: Symbol) -> bool:
    """Whether a quantity is one summand of a sum, divided by the sum."""
    own, below = body.as_numer_denom()
    return below == total and total in net.defined and own in net.defined[total].operands


def _sum_missing(net: Backward) -> Iterator[Way]:
    """All ways but one are left out; of two that meet above the quantity, one is a missing path."""
    for by, edges in net.meetings.items():
        if by == net.by or len(edges) > 2:
            for kept in edges:
                yield net, {edge: Integer(0) for edge in edges if edge != kept}


def _path_missing(net: Backward) -> Iterator[Way]:
    for edges in net.meetings.values():
        for edge in edges:
            yield net, {edge: Integer(0)}


def _bias_axis(net: Backward) -> Iterator[Way]:
    """A bias is summed over the units, of one sample or of all, and not over the samples."""
    users = [edge.of for edge in net.edges if edge.by == net.by and edge.value == 1]
    if not users or any(edge.value != 1 for edge in net.edges if edge.by == net.by):
        return
    alike = [q for q in net.defined if stem(q) == stem(users[0])]
    across = [k for k, at in enumerate(zip(*map(places, users), strict=False)) if len(set(at)) > 1]
    samples = [[places(user)[k] for k in across] for user in users]
    for group in (*([q for q in alike if _at(q, across) == at] for at in samples), alike):
        if set(group) != set(users):
            yield replace(net, equations=[_fed(e, net, group) for e in net.equations]), {}


def _at(quantity: Symbol, across: Sequence[int]) -> list[str]:
    where = places(quantity)
    return [where[k] for k in across if k < len(where)]


def _fed(equation: Equation, net: Backward, group: Sequence[Symbol]) -> Equation:
    """An equation of a net in which the bias feeds a group and nothing else."""
    if equation.target not in group:
        return equation.xreplace({net.by: Symbol(f"{net.by}?", real=True)})
    others = [u for u in equation.operands if stem(u) == stem(net.by)]
    return equation.xreplace(dict.fromkeys(others, net.by))


def _gradient_transposed(net: Backward) -> Iterator[Way]:
    turned = places(net.by)[::-1]
    return (way for way in _by_another(net) if places(way[0].by) == turned)


def _by_another(net: Backward) -> Iterator[Way]:
    """The derivative by another entry of the same array."""
    for other in net.quantities:
        if stem(other) == stem(net.by) and other != net.by and other not in net.defined:
            yield replace(net, by=other), {}


SOFTMAX: Mapping[str, Route] = {
    "softmax-diagonal": _diagonal_only,
    "softmax-sum-held": _sum_held,
}
"""The routes that only a softmax has."""

ROUTES: Mapping[str, Route] = {
    "sum-missing": _sum_missing,
    "path-missing": _path_missing,
    "bias-axis": _bias_axis,
    "gradient-transposed": _gradient_transposed,
    "by-another": _by_another,
}
"""Which other ways from the loss may have been walked."""
