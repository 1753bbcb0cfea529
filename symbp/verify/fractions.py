"""Fractions of polynomials with whole coefficients, in lowest terms, up to a size (FLINT).

Sums and products are Henrici's (Knuth, *The Art of Computer Programming* 2, 4.5.1): common factors
are looked for in the small parts, before anything is multiplied out.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from flint import fmpz_mpoly, fmpz_mpoly_ctx

MOST_TERMS = 4096
MOST_PRODUCTS = 1 << 18
"""Terms times terms of one multiplication."""
MOST_BITS = 1 << 14
MOST_DEGREE = 1 << 20
MOST_TERMS_FOR_FACTORS = 256
"""Beyond, a common factor is looked for by division alone."""


class TooLargeError(Exception):
    """A polynomial, or the time for all of them, is beyond the limits."""


def _is_high(monomial: fmpz_mpoly) -> bool:
    """Whether a single term is too large; two terms to a high power become many."""
    return bool(
        abs(monomial.leading_coefficient()).bit_length() > MOST_BITS
        or monomial.total_degree() > MOST_DEGREE
    )


@dataclass(frozen=True)
class Limits:
    """The ring, and the time at which every operation stops (of ``time.monotonic``)."""

    ring: fmpz_mpoly_ctx
    until: float

    @classmethod
    def of(cls, variables: int, until: float) -> Limits:
        """A ring over so many variables."""
        names = tuple(f"x{k}" for k in range(variables))
        return cls(fmpz_mpoly_ctx.get(names, "degrevlex"), until)

    def number(self, value: int) -> Ratio:
        """A whole number."""
        return Ratio(self, self.ring.constant(value), self.ring.constant(1))

    def variable(self, index: int) -> Ratio:
        """A free element."""
        return Ratio(self, self.ring.gen(index), self.ring.constant(1))

    def product(self, one: fmpz_mpoly, other: fmpz_mpoly) -> fmpz_mpoly:
        """A product that is known to stay small; raises TooLargeError."""
        if len(one) * len(other) > MOST_PRODUCTS or time.monotonic() > self.until:
            raise TooLargeError
        found = one * other
        if len(found) > MOST_TERMS or (len(found) == 1 and _is_high(found)):
            raise TooLargeError
        return found

    def common(self, one: fmpz_mpoly, other: fmpz_mpoly) -> fmpz_mpoly:
        """A common factor: the largest one, unless the polynomials are too long to look for it."""
        if one == other:
            return one
        if one.is_one() or other.is_one():
            return self.ring.constant(1)
        if max(len(one), len(other)) <= MOST_TERMS_FOR_FACTORS:
            return one.gcd(other)
        for short, long in ((one, other), (other, one)):
            if not divmod(long, short)[1]:
                return short
        return self.ring.constant(1)


class Ratio:
    """above / below; the two may keep a common factor that was too large to be found."""

    __slots__ = ("above", "below", "limits")

    def __init__(self, limits: Limits, above: fmpz_mpoly, below: fmpz_mpoly) -> None:
        self.limits = limits
        self.above = above
        self.below = below

    @property
    def is_zero(self) -> bool:
        """Whether it is 0, whatever the variables are."""
        return bool(self.above.is_zero())

    def _other(self, value: Any) -> Ratio:
        return value if isinstance(value, Ratio) else self.limits.number(value)

    def __eq__(self, value: object) -> bool:
        return (self - value).is_zero

    __hash__ = None  # type: ignore[assignment]

    def __neg__(self) -> Ratio:
        return Ratio(self.limits, -self.above, self.below)

    def __add__(self, value: Any) -> Ratio:
        other, limits = self._other(value), self.limits
        factor = limits.common(self.below, other.below)
        left, right = self.below / factor, other.below / factor
        above = limits.product(self.above, right) + limits.product(other.above, left)
        again = limits.common(above, factor) if above else factor
        below = limits.product(left, other.below / again)
        return Ratio(limits, above / again, below) if above else limits.number(0)

    __radd__ = __add__

    def __sub__(self, value: Any) -> Ratio:
        return self + -self._other(value)

    def __rsub__(self, value: Any) -> Ratio:
        return self._other(value) - self

    def __mul__(self, value: Any) -> Ratio:
        other, limits = self._other(value), self.limits
        if self.is_zero or other.is_zero:
            return limits.number(0)
        one, two = limits.common(self.above, other.below), limits.common(other.above, self.below)
        return Ratio(
            limits,
            limits.product(self.above / one, other.above / two),
            limits.product(self.below / two, other.below / one),
        )

    __rmul__ = __mul__

    def inverse(self) -> Ratio:
        """below / above; raises ZeroDivisionError."""
        if self.is_zero:
            raise ZeroDivisionError
        return Ratio(self.limits, self.below, self.above)

    def power(self, exponent: int) -> Ratio:
        """To an exponent of at least 0; numerator and denominator stay without common factors."""
        parts = [self._power(part, exponent) for part in (self.above, self.below)]
        return Ratio(self.limits, *parts)

    def _power(self, base: fmpz_mpoly, exponent: int) -> fmpz_mpoly:
        if exponent == 0:
            return self.limits.ring.constant(1)
        result = base
        for bit in f"{exponent:b}"[1:]:
            result = self.limits.product(result, result)
            if bit == "1":
                result = self.limits.product(result, base)
        return result
