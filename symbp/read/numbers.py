"""Numerals, kept as they are printed: the exact value and one unit of the last decimal place.

``0.01805`` is the fraction 1805/100000 with unit 10⁻⁵; ``-2.406e-3`` has unit 10⁻⁶; ``12`` is an
integer and has no unit, because an integer in a formula is exact.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from symbp.read.errors import MAX_DIGITS, MAX_EXPONENT, UnreadableError

_NUMERAL = re.compile(r"(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?", re.ASCII)


@dataclass(frozen=True)
class Numeral:
    """An unsigned numeral: its text, exact value, and the unit of its last printed place."""

    text: str
    value: Fraction
    unit: Fraction | None


def numeral(text: str, start: int = 0) -> Numeral:
    """Read an unsigned numeral. Raises :class:`UnreadableError` when it is none or too long.

    >>> numeral("5.93e-7").value, numeral("5.93e-7").unit
    (Fraction(593, 1000000000), Fraction(1, 1000000000))
    >>> numeral("0.680").unit, numeral("12").unit
    (Fraction(1, 1000), None)
    """
    end = start + len(text)
    match = _NUMERAL.fullmatch(text) if len(text) <= MAX_DIGITS else None
    if match is None or not (match[1] or match[2]):
        raise UnreadableError(
            f"{text[:24]!r} is no number", start, end, f"at most {MAX_DIGITS} digits, as in 0.0123"
        )
    whole, decimals, exponent = match[1], match[2], int(match[3] or 0)
    if abs(exponent) > MAX_EXPONENT:
        raise UnreadableError(
            f"the exponent of {text!r} is too large", start, end, f"at most {MAX_EXPONENT}"
        )
    places = len(decimals or "") - exponent
    value = Fraction(int(whole + (decimals or "") or "0")) / Fraction(10) ** places
    exact = decimals is None and match[3] is None
    return Numeral(text, value, None if exact else Fraction(1) / Fraction(10) ** places)
