"""Values with certainty: exact rationals, and balls that are proved to contain the true value.

A value is an exact rational (``fmpq``) as long as it can be one, and otherwise a ball (``arb``):
a midpoint and a radius that is proved to contain the true value (Johansson, *Arb: efficient
arbitrary-precision midpoint-radius interval arithmetic*, IEEE Trans. Comput. 2017). A value that
does not exist, or of which nothing is known, is a ball that is not finite.

A rule gives the value of an operation from those of its operands; it is told whether a comparison
of equal numbers is to have no value (``strict``).
"""

import operator
from collections.abc import Callable
from fractions import Fraction
from functools import reduce
from typing import Any

from flint import arb, fmpq, fmpz

Value = fmpq | arb
Truth = bool | None
Rule = Callable[[bool, list[Any]], Any]

NAN = arb("nan")
ONE, ZERO, HALF = fmpq(1), fmpq(0), fmpq(1, 2)
EXACT_BITS = 4096
"""A rational of more bits goes on as a ball."""
MOST_EXPONENT = 1_000_000
"""A ball of a larger binary exponent is not written out as a rational."""
LARGEST_FACTOR = 10**6
"""Numerators and denominators of a factor that is read from values."""


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


def simple_ratio(left: Value, right: Value) -> Fraction | None:
    """The one small fraction c with right = c·left at a point, if there is one."""
    if 0 in (left, right) or not is_finite(1 / arb(left)):
        return None
    ratio = right / left
    if not arb(ratio).rad() * LARGEST_FACTOR**2 * 8 < 1:
        return None
    halves = (2 * arb(ratio)).unique_fmpz()
    if halves is not None and abs(halves) <= LARGEST_FACTOR:
        guess = Fraction(int(halves), 2)
    else:
        try:
            lower, upper = bounds(ratio)
        except OverflowError:
            return None
        guess = ((lower + upper) / 2).limit_denominator(LARGEST_FACTOR)
        if not lower <= guess <= upper:
            return None
    return guess if 0 < abs(guess.numerator) <= LARGEST_FACTOR else None


def _dyadic(number: arb) -> Fraction:
    mantissa, exponent = (int(part) for part in number.man_exp())
    if abs(exponent) > MOST_EXPONENT:
        raise OverflowError(f"a number near 2^{exponent}")
    return Fraction(mantissa) * Fraction(2) ** exponent


def _capped(value: Value) -> Value:
    if isinstance(value, fmpq) and value.height_bits() > EXACT_BITS:
        return arb(value)
    return value


def add(_: bool, parts: list[Value]) -> Value:
    """The sum."""
    return _capped(reduce(operator.add, parts))


def multiply(_: bool, parts: list[Value]) -> Value:
    """The product; 0 times no value is no value."""
    return _capped(reduce(operator.mul, parts))


def power(_: bool, parts: list[Value]) -> Value:
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


def special(at: fmpq, result: fmpq, function: Callable[[arb], arb]) -> Rule:
    """A function of one argument with one rational point of its own."""

    def rule(_: bool, parts: list[Value]) -> Value:
        x = parts[0]
        return result if isinstance(x, fmpq) and x == at else function(arb(x))

    return rule


def absolute(_: bool, parts: list[Value]) -> Value:
    """|x|."""
    x = parts[0]
    return fmpq(abs(x.p), x.q) if isinstance(x, fmpq) else arb(abs(x))


def largest(_: bool, parts: list[Value]) -> Value:
    """The largest of some values."""
    top = parts[0]
    for part in parts[1:]:
        if isinstance(top, fmpq) and isinstance(part, fmpq):
            top = max(top, part)
        else:
            top = arb(top).max(arb(part))
    return top


def smallest(strict: bool, parts: list[Value]) -> Value:
    """The smallest of some values."""
    return -largest(strict, [-part for part in parts])


def _sign(value: Value, strict: bool) -> int | None:
    """−1, 0 or 1, None where it is not certain (or is 0 and ``strict`` forbids it)."""
    if value > 0:
        return 1
    if value < 0:
        return -1
    is_zero = value == 0 if isinstance(value, fmpq) else value.is_zero()
    return 0 if is_zero and not strict else None


def by_sign(below: Value, at_zero: Value | None, above: Value) -> Rule:
    """A function of the sign alone; at zero the second argument, where none is given."""

    def rule(strict: bool, parts: list[Value]) -> Value:
        sign = _sign(parts[0], strict)
        if sign is None or not is_finite(parts[0]):
            return NAN
        return (parts[1] if at_zero is None else at_zero, above, below)[sign]

    return rule


def relation(accepted: tuple[int, ...], order: int) -> Rule:
    """Whether the difference, times ``order``, has one of the accepted signs."""

    def rule(strict: bool, parts: list[Value]) -> Truth:
        sign = _sign(parts[0] - parts[1], strict)
        return None if sign is None else sign * order in accepted

    return rule


def all_of(_: bool, parts: list[Truth]) -> Truth:
    """Three-valued and."""
    return False if False in parts else (None if None in parts else True)


def any_of(_: bool, parts: list[Truth]) -> Truth:
    """Three-valued or."""
    return True if True in parts else (None if None in parts else False)


def none_of(_: bool, parts: list[Truth]) -> Truth:
    """Three-valued not."""
    return None if parts[0] is None else not parts[0]


def piecewise(_: bool, parts: list[object]) -> object:
    """The first value whose condition holds; no value if that is not certain."""
    for value, condition in zip(parts[0::2], parts[1::2], strict=True):
        if condition is None:
            return NAN
        if condition:
            return value
    return NAN


def sigmoid(x: arb) -> arb:
    """1 / (1 + e⁻ˣ)."""
    return 1 / (1 + (-x).exp())
