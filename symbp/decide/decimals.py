"""Decimals that can be relied on: the true value is within one unit of the last place shown."""

from decimal import Decimal

import flint
from flint import arb, fmpq

Value = fmpq | arb
FIRST_DIGITS = 12
MOST_DIGITS = 1_300
PRECISION = 5_000
"""Bits with which an exact number is written out."""


def decimal(value: Value, digits: int) -> str:
    """At most so many digits of a number, as many as are certain.

    >>> decimal(fmpq(1, 3), 8), decimal(fmpq(-1, 8), 8)
    ('0.33333333', '-0.125')
    """
    with flint.ctx.workprec(PRECISION):
        text = str(arb(value).str(digits, radius=False))
    mantissa, mark, exponent = text.partition("e")
    if isinstance(value, fmpq) and "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return mantissa + mark + exponent


def telling_apart(left: Value, right: Value) -> tuple[str, str]:
    """Two different numbers with enough digits to show that they differ."""
    digits = FIRST_DIGITS
    texts = decimal(left, digits), decimal(right, digits)
    while Decimal(texts[0]) == Decimal(texts[1]) and digits < MOST_DIGITS:
        digits *= 2
        texts = decimal(left, digits), decimal(right, digits)
    return texts
