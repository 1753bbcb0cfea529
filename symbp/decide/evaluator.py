"""The second evaluator: the value of a SymPy expression as written, with certainty.

It shares no code with the graph and its field beyond the walk over operands, so what one of them
gets wrong, the other one shows.
"""

from collections.abc import Callable, Mapping
from typing import Any

import flint
import sympy as sp
from flint import arb, fmpq
from sympy.logic.boolalg import BooleanFalse, BooleanTrue

from symbp.decide import ball
from symbp.decide.ball import HALF, ONE, ZERO, Rule, Value
from symbp.decide.graph import UnsupportedError
from symbp.decide.lower import NATIVE, decimal_of, definition_of, operands, walk


class Evaluator:
    """Values of expressions at one point, to one precision.

    ``point`` gives the value of a free name. With ``strict``, a comparison of equal numbers has
    no value: a point at which every comparison has one is surrounded by an open set on which all
    pieces stay the same, and there every function of the class is continuous.
    """

    def __init__(
        self,
        definitions: Mapping[str, sp.Basic],
        point: Callable[[str], fmpq],
        precision: int,
        strict: bool = True,
    ) -> None:
        self.precision = precision
        self.strict = strict
        self._definitions = definitions
        self._point = point
        self._names: dict[str, Value] = {}
        self._known: dict[sp.Basic, Any] = {}

    def value(self, expression: sp.Basic) -> Value:
        """The exact value, or a ball around it; a ball that is not finite where there is none."""
        if expression not in self._known:
            with flint.ctx.workprec(self.precision):
                walk(expression, self._operands, self._combine, self._known)
        value: Value = self._known[expression]
        return value

    def _operands(self, expression: sp.Basic) -> tuple[sp.Basic, ...]:
        if isinstance(expression, sp.Symbol):
            written = self._definitions.get(expression.name)
            return () if written is None else (written,)
        if isinstance(expression, sp.Heaviside):
            both: tuple[sp.Basic, ...] = expression.args
            return both
        return operands(expression)

    def _combine(self, expression: sp.Basic, parts: list[Any]) -> Any:
        if (rule := RULES.get(type(expression))) is not None:
            return rule(self.strict, parts)
        if isinstance(expression, sp.Symbol):
            return parts[0] if parts else self.name(expression.name)
        if (leaf := LEAVES.get(type(expression))) is not None:
            return leaf(expression)
        if definition_of(expression) is not None:
            return parts[0]
        name = type(expression).__name__
        if name not in NATIVE:
            raise UnsupportedError(name)
        return NATIVE_RULES[name](self.strict, parts)

    def name(self, name: str) -> Value:
        """The value of a free name at the point."""
        if name not in self._names:
            self._names[name] = self._point(name)
        return self._names[name]


def _rational(number: sp.Rational) -> Value:
    return fmpq(int(number.p), int(number.q))


def _decimal(number: sp.Float) -> Value:
    decimal = decimal_of(number)
    return fmpq(decimal.numerator, decimal.denominator)


LEAVES: Mapping[type, Callable[[Any], Value | bool]] = {
    **dict.fromkeys((sp.Rational, sp.Integer), _rational),
    **dict.fromkeys(map(type, (sp.S.Zero, sp.S.One, sp.S.Half, sp.S.NegativeOne)), _rational),
    sp.Float: _decimal,
    type(sp.E): lambda _: arb.const_e(),
    type(sp.pi): lambda _: arb.pi(),
    BooleanTrue: lambda _: True,
    BooleanFalse: lambda _: False,
}

NATIVE_RULES: Mapping[str, Rule] = {
    "sigmoid": ball.special(ZERO, HALF, ball.sigmoid),
    "step": ball.by_sign(ZERO, ZERO, ONE),
}

RULES: Mapping[type, Rule] = {
    sp.Add: ball.add,
    sp.Mul: ball.multiply,
    sp.Pow: ball.power,
    sp.exp: ball.special(ZERO, ONE, arb.exp),
    sp.log: ball.special(ONE, ZERO, arb.log),
    sp.sin: ball.special(ZERO, ZERO, arb.sin),
    sp.cos: ball.special(ZERO, ONE, arb.cos),
    sp.tan: ball.special(ZERO, ZERO, arb.tan),
    sp.sinh: ball.special(ZERO, ZERO, arb.sinh),
    sp.cosh: ball.special(ZERO, ONE, arb.cosh),
    sp.tanh: ball.special(ZERO, ZERO, arb.tanh),
    sp.sech: ball.special(ZERO, ONE, arb.sech),
    sp.erf: ball.special(ZERO, ZERO, arb.erf),
    sp.Abs: ball.absolute,
    sp.sign: ball.by_sign(fmpq(-1), ZERO, ONE),
    sp.Max: ball.largest,
    sp.Min: ball.smallest,
    sp.Heaviside: ball.by_sign(ZERO, None, ONE),
    sp.Piecewise: ball.piecewise,
    sp.StrictGreaterThan: ball.relation((1,), 1),
    sp.GreaterThan: ball.relation((0, 1), 1),
    sp.StrictLessThan: ball.relation((1,), -1),
    sp.LessThan: ball.relation((0, 1), -1),
    sp.And: ball.all_of,
    sp.Or: ball.any_of,
    sp.Not: ball.none_of,
}
