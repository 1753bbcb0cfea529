"""The second evaluator: the value of a term as it is written, with certainty.

It shares no code with the graph and its field beyond the list of terms, so what one of them
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
from symbp.decide.lower import decimal_of
from symbp.decide.terms import NATIVE, Term, Terms, definition_of


class Evaluator:
    """Values of expressions at one point, to one precision.

    ``point`` gives the value of a free name. With ``strict``, a comparison of equal numbers has
    no value: a point at which every comparison has one is surrounded by an open set on which all
    pieces stay the same, and there every function of the class is continuous.
    """

    def __init__(
        self,
        terms: Terms,
        point: Callable[[str], fmpq],
        precision: int,
        strict: bool = True,
    ) -> None:
        self.precision = precision
        self.strict = strict
        self._terms = terms
        self._point = point
        self._names: dict[str, Value] = {}
        self._values: dict[Term, Any] = {}

    def value(self, term: Term) -> Value:
        """The exact value, or a ball around it; a ball that is not finite where there is none."""
        value: Value | None = self._values.get(term)
        if value is None:
            with flint.ctx.workprec(self.precision):
                value = self._evaluate(term)
        return value

    def pair(self, left: Term, right: Term) -> tuple[Value, Value]:
        """The values of two sides."""
        a, b = self._values.get(left), self._values.get(right)
        if a is None or b is None:
            with flint.ctx.workprec(self.precision):
                a, b = self._evaluate(left), self._evaluate(right)
        return a, b

    def _evaluate(self, term: Term) -> Value:
        values, terms, strict = self._values, self._terms, self.strict
        for inner in terms.reach(term, values):
            expression = terms.expressions[inner]
            parts = [values[part] for part in terms.parts[inner]]
            rule = RULES.get(type(expression))
            values[inner] = rule(strict, parts) if rule else self._leaf(expression, parts)
        found: Value = values[term]
        return found

    def _leaf(self, expression: sp.Basic, parts: list[Any]) -> Any:
        if isinstance(expression, sp.Symbol):
            return parts[0] if parts else self.name(expression.name)
        if (leaf := LEAVES.get(type(expression))) is not None:
            return leaf(expression)
        name = type(expression).__name__
        if name in NATIVE:
            return NATIVE_RULES[name](self.strict, parts)
        if definition_of(expression) is None:
            raise UnsupportedError(name)
        return parts[0]

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
