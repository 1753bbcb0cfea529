"""From a SymPy expression to a node of the graph.

A symbol is known by its name alone; a name with a definition is the node of that definition.
"""

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import lru_cache
from operator import attrgetter
from typing import Any, TypeVar

import sympy as sp
from sympy.core.function import Function
from sympy.logic.boolalg import BooleanFalse, BooleanTrue

from symbp.decide.functions import Functions
from symbp.decide.graph import Graph, Node, UnsupportedError

Rule = Callable[["Lowering", sp.Basic, list[Node]], Node]
T = TypeVar("T")

NATIVE = frozenset({"sigmoid", "step"})


class Lowering:
    """Lowers expressions into one graph and remembers what it has lowered."""

    def __init__(self) -> None:
        self.graph = Graph()
        self.functions = Functions(self.graph)
        self.definitions: dict[str, Node] = {}
        self._known: dict[sp.Basic, Node] = {}

    def lower(self, expression: sp.Basic) -> Node:
        """The node of an expression; raises UnsupportedError or UndefinedError."""
        return walk(expression, operands, self._combine, self._known)

    def define(self, name: str, expression: sp.Basic) -> None:
        """From now on the name is the node of the expression."""
        self.definitions[name] = self.lower(expression)

    def _combine(self, expression: sp.Basic, parts: list[Node]) -> Node:
        rule = LOWERING.get(type(expression))
        if rule is not None:
            node = rule(self, expression, parts)
        elif definition_of(expression) is not None:
            node = parts[0]
        elif type(expression).__name__ in NATIVE:
            node = self.functions.build(type(expression).__name__, *parts)
        else:
            raise UnsupportedError(type(expression).__name__)
        return node

    def symbol(self, name: str) -> Node:
        """The node a name stands for."""
        node = self.definitions.get(name)
        return self.graph.symbol(name) if node is None else node


def definition_of(expression: sp.Basic) -> sp.Basic | None:
    """What a function of ours is written with, None for SymPy's and the native ones."""
    if isinstance(expression, Function) and type(expression).__name__ not in NATIVE:
        return _written_out(expression) if hasattr(expression, "definition") else None
    return None


@lru_cache(maxsize=4096)  # definition() builds SymPy terms: 50 µs each, asked for three times
def _written_out(expression: Function) -> sp.Basic:
    written: sp.Basic = expression.definition()
    return written


Operands = tuple[sp.Basic, ...]

OPERANDS: Mapping[type, Callable[[Any], Operands]] = {
    **dict.fromkeys((sp.Add, sp.Mul, sp.Pow), attrgetter("args")),
    **dict.fromkeys((sp.Symbol, sp.Dummy), lambda _: ()),
    sp.Piecewise: lambda cases: tuple(part for pair in cases.args for part in pair.args),
    sp.Heaviside: lambda step: step.args[:1],
}


def operands(expression: sp.Basic) -> Operands:
    """The subexpressions that must be known first."""
    rule = OPERANDS.get(type(expression))
    if rule is not None:
        return rule(expression)
    definition = definition_of(expression)
    if definition is not None:
        return (definition,)
    arguments: Operands = expression.args
    return arguments


def walk(
    root: sp.Basic,
    parts_of: Callable[[sp.Basic], Operands],
    combine: Callable[[sp.Basic, list[T]], T],
    known: dict[sp.Basic, T],
) -> T:
    """What the root comes to, operands first, every different subexpression once.

    The stack is the walk's own, so an expression may be as deep as memory allows.
    """
    stack = [root]
    while stack:
        current = stack.pop()
        if current in known:
            continue
        parts = parts_of(current)
        try:
            known_parts = [known[part] for part in parts]
        except KeyError:
            stack.append(current)
            stack.extend([part for part in parts if part not in known])
        else:
            known[current] = combine(current, known_parts)
    return known[root]


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
    sp.Symbol: lambda lowering, symbol, _: lowering.symbol(symbol.name),
    sp.Dummy: lambda lowering, symbol, _: lowering.symbol(symbol.name),
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
    sp.Heaviside: _named("step"),
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
