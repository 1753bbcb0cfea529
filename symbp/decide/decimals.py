"""Decimals of which every digit is certain."""

from fractions import Fraction

FIRST_DIGITS = 12
MOST_DIGITS = 400


def certain_digits(lower: Fraction, upper: Fraction, digits: int) -> str:
    """The decimal of at most so many significant digits on which both ends agree.

    The digits are cut, not rounded, so each of them is a digit of the true value.

    >>> certain_digits(Fraction(1, 3), Fraction(1, 3) + Fraction(1, 10**9), 20)
    '0.33333333'
    >>> certain_digits(Fraction(-1, 8), Fraction(-1, 8), 20)
    '-0.125'
    """
    sign = "-" if upper < 0 else ""
    low, high = sorted((abs(lower), abs(upper)))
    if lower <= 0 <= upper:
        return "0" if lower == upper else _cut(Fraction(0), _places(high - low))
    places = digits - 1 - _exponent(high)
    while places > -MOST_DIGITS and int(low * _ten(places)) != int(high * _ten(places)):
        places -= 1
    text = _cut(low, places)
    exact = lower == upper and Fraction(text) == low
    return sign + (text.rstrip("0").rstrip(".") if exact and "." in text else text)


def telling_apart(
    left: tuple[Fraction, Fraction], right: tuple[Fraction, Fraction]
) -> tuple[str, str]:
    """Both values with enough certain digits to show that they differ."""
    digits = FIRST_DIGITS
    while digits < MOST_DIGITS:
        texts = certain_digits(*left, digits), certain_digits(*right, digits)
        if texts[0] != texts[1]:
            return texts
        digits *= 2
    return certain_digits(*left, digits), certain_digits(*right, digits)


def _ten(exponent: int) -> Fraction:
    return Fraction(10) ** exponent


def _exponent(value: Fraction) -> int:
    """The e with 10^e ≤ value < 10^(e+1)."""
    exponent = len(str(value.numerator)) - len(str(value.denominator))
    while _ten(exponent) > value:
        exponent -= 1
    while _ten(exponent + 1) <= value:
        exponent += 1
    return exponent


def _places(width: Fraction) -> int:
    return max(0, -1 - _exponent(width))


def _cut(value: Fraction, places: int) -> str:
    scaled = int(value * _ten(places))
    if places <= 0:
        return str(scaled * 10**-places)
    if scaled and places > 40 + len(str(scaled)):
        digits = str(scaled)
        return f"{digits[0]}.{digits[1:] or '0'}e-{places - len(digits) + 1:02d}"
    text = str(scaled).rjust(places + 1, "0")
    return f"{text[:-places]}.{text[-places:]}"
