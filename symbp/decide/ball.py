"""The second evaluator: the value of a SymPy expression as written, with certainty.

A value is an exact rational (``fmpq``) as long as it can be one, and otherwise a ball (``arb``):
a midpoint and a radius that is proved to contain the true value (Johansson, *Arb: efficient
arbitrary-precision midpoint-radius interval arithmetic*, IEEE Trans. Comput. 2017). A value that
does not exist, or of which nothing is known, is a ball that is not finite.

It shares no code with the graph and its field beyond the list of operands, so what one of them
gets wrong, the other one shows.
"""

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import flint
import sympy as sp
from flint import arb, fmpq, fmpz
from sympy.logic.boolalg import BooleanFalse, BooleanTrue

from symbp.decide.graph import UnsupportedError
from symbp.decide.lower import NATIVE, decimal_of, definition_of, operands

Value = fmpq | arb
Truth = bool | None
Rule = Callable[["Evaluator", Any, list[Any]], Any]

NAN = arb("nan")
ONE, ZERO, HALF = fmpq(1), fmpq(0), fmpq(1, 2)
EXACT_BITS = 4096
"""A rational of more bits goes on as a ball."""
MOST_EXPONENT = 1_000_000
"""A ball of a larger binary exponent is not written out as a rational."""


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
        known = self._known
        if expression in known:
            found: Value = known[expression]
            return found
        with flint.ctx.workprec(self.precision):
            self._evaluate(expression)
        value: Value = known[expression]
        return value

    def _evaluate(self, expression: sp.Basic) -> None:
        known = self._known
        stack = [expression]
        while stack:
            current = stack[-1]
            if current in known:
                stack.pop()
                continue
            parts = self._operands(current)
            missing = [part for part in parts if part not in known]
            if missing:
                stack.extend(missing)
                continue
            known[current] = self._combine(current, [known[part] for part in parts])
            stack.pop()

    def _operands(self, expression: sp.Basic) -> tuple[sp.Basic, ...]:
        if isinstance(expression, sp.Symbol):
            written = self._definitions.get(expression.name)
            return () if written is None else (written,)
        if isinstance(expression, sp.Heaviside):
            return expression.args  # type: ignore[no-any-return]
        return operands(expression)

    def _combine(self, expression: sp.Basic, parts: list[object]) -> object:
        rule = RULES.get(type(expression))
        if rule is not None:
            return rule(self, expression, parts)
        if definition_of(expression) is not None:
            return parts[0]
        name = type(expression).__name__
        if name not in NATIVE:
            raise UnsupportedError(name)
        return NATIVE_RULES[name](self, expression, parts)

    def symbol(self, symbol: sp.Symbol, parts: list[object]) -> object:
        """The value of the definition, or of the point."""
        return parts[0] if parts else self.name(symbol.name)

    def name(self, name: str) -> Value:
        """The value of a free name at the point."""
        if name not in self._names:
            self._names[name] = self._point(name)
        return self._names[name]

    def sign(self, value: Value) -> int | None:
        """−1, 0 or 1, None where it is not certain (or is 0 and ``strict`` forbids it)."""
        if value > 0:
            return 1
        if value < 0:
            return -1
        is_zero = value == 0 if isinstance(value, fmpq) else value.is_zero()
        return 0 if is_zero and not self.strict else None


def is_finite(value: Value) -> bool:
    """Whether anything is known of a value."""
    return isinstance(value, fmpq) or bool(value.is_finite())


def disjoint(left: Value, right: Value) -> bool:
    """Whether two values are certainly different."""
    if isinstance(left, fmpq) and isinstance(right, fmpq):
        return bool(left != right)
    left, right = arb(left), arb(right)
    return bool(left.is_finite() and right.is_finite() and not left.overlaps(right))


def bounds(value: Value) -> tuple[Fraction, Fraction]:
    """Exact rational ends of a finite value."""
    if isinstance(value, fmpq):
        exact = Fraction(int(value.p), int(value.q))
        return exact, exact
    middle, radius = _dyadic(value.mid()), _dyadic(value.rad())
    return middle - radius, middle + radius


def _dyadic(number: arb) -> Fraction:
    mantissa, exponent = (int(part) for part in number.man_exp())
    if abs(exponent) > MOST_EXPONENT:
        raise OverflowError(f"a number near 2^{exponent}")
    return Fraction(mantissa) * Fraction(2) ** exponent


def _capped(value: Value) -> Value:
    if isinstance(value, fmpq) and value.height_bits() > EXACT_BITS:
        return arb(value)
    return value


def add(_: Evaluator, __: sp.Basic, parts: list[Value]) -> Value:
    """The sum."""
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return _capped(total)


def multiply(_: Evaluator, __: sp.Basic, parts: list[Value]) -> Value:
    """The product; 0 times no value is no value."""
    total = parts[0]
    for part in parts[1:]:
        total = total * part
    return _capped(total)


def power(_: Evaluator, __: sp.Basic, parts: list[Value]) -> Value:
    """b^e for real b and e; a fractional power of a negative number has no real value."""
    base, exponent = parts
    if isinstance(exponent, fmpq):
        if exponent.q == 1:
            return _integer_power(base, int(exponent.p))
        if exponent.q == 2:
            return _integer_power(square_root(base), int(exponent.p))
    if isinstance(base, fmpq):
        if base == 0:
            return ZERO if exponent > 0 else NAN
        if base == 1 and is_finite(exponent):
            return ONE
    return arb(base) ** arb(exponent)


def _integer_power(base: Value, exponent: int) -> Value:
    if exponent == 0:
        return ONE if is_finite(base) else NAN
    if isinstance(base, fmpq):
        if base == 0:
            return ZERO if exponent > 0 else NAN
        if base.height_bits() * abs(exponent) <= EXACT_BITS:
            return base**exponent
    if exponent == -1:
        return 1 / arb(base)
    return arb(base) ** fmpz(exponent)


def square_root(value: Value) -> Value:
    """√x, exact for a square; no value below 0."""
    if isinstance(value, fmpq) and value >= 0 and value.p.is_square() and value.q.is_square():
        return fmpq(value.p.isqrt(), value.q.isqrt())
    return arb(value).sqrt()


def _special(at: fmpq, result: fmpq, function: Callable[[arb], arb]) -> Rule:
    """A function of one argument with one rational point of its own."""

    def rule(_: Evaluator, __: sp.Basic, parts: list[Value]) -> Value:
        x = parts[0]
        return result if isinstance(x, fmpq) and x == at else function(arb(x))

    return rule


def absolute(_: Evaluator, __: sp.Basic, parts: list[Value]) -> Value:
    """|x|."""
    x = parts[0]
    return fmpq(abs(x.p), x.q) if isinstance(x, fmpq) else arb(abs(x))


def largest(_: Evaluator, __: sp.Basic, parts: list[Value]) -> Value:
    """The largest of some values."""
    top = parts[0]
    for part in parts[1:]:
        if isinstance(top, fmpq) and isinstance(part, fmpq):
            top = max(top, part)
        else:
            top = arb(top).max(arb(part))
    return top


def smallest(evaluator: Evaluator, expression: sp.Basic, parts: list[Value]) -> Value:
    """The smallest of some values."""
    return -largest(evaluator, expression, [-part for part in parts])


def _by_sign(below: Value, at_zero: Value | None, above: Value) -> Rule:
    """A function of the sign alone; at zero the second argument, where none is given."""

    def rule(evaluator: Evaluator, _: sp.Basic, parts: list[Value]) -> Value:
        sign = evaluator.sign(parts[0])
        if sign is None or not is_finite(parts[0]):
            return NAN
        return (parts[1] if at_zero is None else at_zero, above, below)[sign]

    return rule


def _relation(accepted: tuple[int, ...], order: int) -> Rule:
    def rule(evaluator: Evaluator, _: sp.Basic, parts: list[Value]) -> Truth:
        sign = evaluator.sign(parts[0] - parts[1])
        return None if sign is None else sign * order in accepted

    return rule


def all_of(_: Evaluator, __: sp.Basic, parts: list[Truth]) -> Truth:
    """Three-valued and."""
    return False if False in parts else (None if None in parts else True)


def any_of(_: Evaluator, __: sp.Basic, parts: list[Truth]) -> Truth:
    """Three-valued or."""
    return True if True in parts else (None if None in parts else False)


def none_of(_: Evaluator, __: sp.Basic, parts: list[Truth]) -> Truth:
    """Three-valued not."""
    return None if parts[0] is None else not parts[0]


def piecewise(_: Evaluator, __: sp.Basic, parts: list[object]) -> object:
    """The first value whose condition holds; no value if that is not certain."""
    for value, condition in zip(parts[0::2], parts[1::2], strict=True):
        if condition is None:
            return NAN
        if condition:
            return value
    return NAN


def _rational(_: Evaluator, number: sp.Rational, __: list[object]) -> Value:
    return fmpq(int(number.p), int(number.q))


def _decimal(_: Evaluator, number: sp.Float, __: list[object]) -> Value:
    decimal = decimal_of(number)
    return fmpq(decimal.numerator, decimal.denominator)


def _sigmoid(x: arb) -> arb:
    return 1 / (1 + (-x).exp())


NATIVE_RULES: Mapping[str, Rule] = {
    "sigmoid": _special(ZERO, HALF, _sigmoid),
    "step": _by_sign(ZERO, ZERO, ONE),
}

RULES: Mapping[type, Rule] = {
    sp.Rational: _rational,
    sp.Integer: _rational,
    type(sp.S.Zero): _rational,
    type(sp.S.One): _rational,
    type(sp.S.Half): _rational,
    type(sp.S.NegativeOne): _rational,
    sp.Float: _decimal,
    sp.Symbol: Evaluator.symbol,
    sp.Dummy: Evaluator.symbol,
    type(sp.E): lambda *_: arb.const_e(),
    type(sp.pi): lambda *_: arb.pi(),
    sp.Add: add,
    sp.Mul: multiply,
    sp.Pow: power,
    sp.exp: _special(ZERO, ONE, arb.exp),
    sp.log: _special(ONE, ZERO, arb.log),
    sp.sin: _special(ZERO, ZERO, arb.sin),
    sp.cos: _special(ZERO, ONE, arb.cos),
    sp.tan: _special(ZERO, ZERO, arb.tan),
    sp.sinh: _special(ZERO, ZERO, arb.sinh),
    sp.cosh: _special(ZERO, ONE, arb.cosh),
    sp.tanh: _special(ZERO, ZERO, arb.tanh),
    sp.sech: _special(ZERO, ONE, arb.sech),
    sp.erf: _special(ZERO, ZERO, arb.erf),
    sp.Abs: absolute,
    sp.sign: _by_sign(fmpq(-1), ZERO, ONE),
    sp.Max: largest,
    sp.Min: smallest,
    sp.Heaviside: _by_sign(ZERO, None, ONE),
    sp.Piecewise: piecewise,
    sp.StrictGreaterThan: _relation((1,), 1),
    sp.GreaterThan: _relation((0, 1), 1),
    sp.StrictLessThan: _relation((1,), -1),
    sp.LessThan: _relation((0, 1), -1),
    sp.And: all_of,
    sp.Or: any_of,
    sp.Not: none_of,
    BooleanTrue: lambda *_: True,
    BooleanFalse: lambda *_: False,
}
