"""From a term to a node of the graph.

A symbol is known by its name alone; a name with a definition is the node of that definition.
"""

from collections.abc import Callable, Mapping
from fractions import Fraction

import sympy as sp
from sympy.logic.boolalg import BooleanFalse, BooleanTrue

from symbp.decide.functions import Functions
from symbp.decide.graph import Graph, Node, UnsupportedError
from symbp.decide.terms import NATIVE, Term, Terms, definition_of

Rule = Callable[["Lowering", sp.Basic, list[Node]], Node]


class Lowering:
    """Lowers terms into one graph and remembers what it has lowered."""

    def __init__(self, terms: Terms) -> None:
        self.graph = Graph()
        self.functions = Functions(self.graph)
        self._terms = terms
        self._nodes: dict[Term, Node] = {}

    def lower(self, term: Term) -> Node:
        """The node of a term; raises UnsupportedError or UndefinedError."""
        nodes, terms = self._nodes, self._terms
        node = nodes.get(term)
        if node is None:
            for inner in terms.reach(term, nodes):
                parts = [nodes[part] for part in terms.parts[inner]]
                node = nodes[inner] = self._combine(terms.expressions[inner], parts)
        assert node is not None
        return node

    def _combine(self, expression: sp.Basic, parts: list[Node]) -> Node:
        rule = LOWERING.get(type(expression))
        if rule is not None:
            return rule(self, expression, parts)
        if isinstance(expression, sp.Symbol):
            return parts[0] if parts else self.graph.symbol(expression.name)
        name = type(expression).__name__
        if name in NATIVE:
            return self.functions.build(name, *parts)
        if definition_of(expression) is None:
            raise UnsupportedError(name)
        return parts[0]


def decimal_of(number: sp.Float) -> Fraction:
    """The decimal as it is printed: 0.1 is 1/10."""
    if not number.is_finite:
        raise UnsupportedError(str(number))
    return Fraction(str(number))


def _named(name: str) -> Rule:
    return lambda lowering, _, parts: lowering.functions.build(name, *parts)


def _above(lowering: Lowering, _: sp.Basic, parts: list[Node]) -> Node:
    return lowering.functions.step(lowering.graph.difference(parts[0], parts[1]))


def _below(lowering: Lowering, _: sp.Basic, parts: list[Node]) -> Node:
    return _above(lowering, _, parts[::-1])


def _at_least(lowering: Lowering, _: sp.Basic, parts: list[Node]) -> Node:
    return lowering.functions.reaches(lowering.graph.difference(parts[0], parts[1]))


def _at_most(lowering: Lowering, _: sp.Basic, parts: list[Node]) -> Node:
    return _at_least(lowering, _, parts[::-1])


def _any_of(lowering: Lowering, _: sp.Basic, parts: list[Node]) -> Node:
    graph = lowering.graph
    return graph.difference(
        graph.one, graph.product(*(graph.difference(graph.one, part) for part in parts))
    )


def _piecewise(lowering: Lowering, _: sp.Basic, parts: list[Node]) -> Node:
    """From the last pair to the first; outside of all conditions there is no value to compare."""
    values, conditions = parts[0::2], parts[1::2]
    result = values[-1]
    for value, condition in zip(reversed(values[:-1]), reversed(conditions[:-1]), strict=True):
        result = lowering.functions.choose(condition, value, result)
    return result


def _rational(lowering: Lowering, number: sp.Basic, _: list[Node]) -> Node:
    return lowering.graph.constant(Fraction(int(number.p), int(number.q)))


LOWERING: Mapping[type, Rule] = {
    **{kind: _rational for kind in (sp.Rational, sp.Integer, *map(type, (sp.S.Zero, sp.S.One)))},
    type(sp.S.Half): _rational,
    type(sp.S.NegativeOne): _rational,
    sp.Float: lambda lowering, number, _: lowering.graph.constant(decimal_of(number)),
    type(sp.E): lambda lowering, *_: lowering.functions.exp(lowering.graph.one),
    type(sp.pi): _named("pi"),
    sp.Add: lambda lowering, _, parts: lowering.graph.sum(*parts),
    sp.Mul: lambda lowering, _, parts: lowering.graph.product(*parts),
    sp.Pow: _named("power"),
    **{
        kind: _named(kind.__name__)
        for kind in (sp.exp, sp.log, sp.sin, sp.cos, sp.tan, sp.sinh, sp.cosh, sp.tanh, sp.sech)
    },
    sp.erf: _named("erf"),
    sp.Abs: _named("abs"),
    sp.sign: _named("sign"),
    sp.Max: _named("max"),
    sp.Min: _named("min"),
    sp.Heaviside: lambda lowering, _, parts: lowering.functions.step(parts[0]),
    sp.Piecewise: _piecewise,
    sp.StrictGreaterThan: _above,
    sp.GreaterThan: _at_least,
    sp.StrictLessThan: _below,
    sp.LessThan: _at_most,
    sp.And: lambda lowering, _, parts: lowering.graph.product(*parts),
    sp.Or: _any_of,
    sp.Not: lambda lowering, _, parts: lowering.graph.difference(lowering.graph.one, parts[0]),
    BooleanTrue: lambda lowering, *_: lowering.graph.one,
    BooleanFalse: lambda lowering, *_: lowering.graph.zero,
}
