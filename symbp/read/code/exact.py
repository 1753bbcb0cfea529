"""Functions at rational numbers, where they have rational values."""

from __future__ import annotations

from fractions import Fraction
from math import isqrt


def square_part(x: Fraction) -> Fraction:
    """The largest 2^i·3^j whose square divides a positive number, above or below the line."""
    parts = []
    for n in (x.numerator, x.denominator):
        part = 1
        for p in (2, 3):
            while n % (p * p) == 0:
                n, part = n // (p * p), part * p
        parts.append(part)
    return Fraction(*parts)


def value_of(name: str, x: Fraction) -> Fraction | None:
    """The exact value of a function at a number, where it has one."""
    if name == "abs":
        return abs(x)
    if name == "step":
        return Fraction(int(x > 0))
    if name == "sign":
        return Fraction((x > 0) - (x < 0))
    if name == "sqrt" and x >= 0:
        root = Fraction(isqrt(x.numerator), isqrt(x.denominator))
        return root if root * root == x else None
    if x == 0:
        return {"exp": Fraction(1), "cos": Fraction(1), "cosh": Fraction(1),
                "sigmoid": Fraction(1, 2), "tanh": x, "sin": x, "sinh": x, "erf": x}.get(name)
    return x - 1 if name == "log" and x == 1 else None
