"""A printed number against the value it stands for, to the precision in which it is printed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

import sympy as sp
from sympy import Expr

from symbp.check.knowledge import Knowledge
from symbp.decide import Method, MissingValueError, TooWideError, judge

DIGITS = (30, 60, 120)
SHOWN_DIGITS = 10
MOST_NAMES = 64
"""Up to how many intermediates are looked at one by one."""


def stands_for(
    knowledge: Knowledge,
    value: Expr,
    number: Fraction,
    unit: Fraction,
    instead: Mapping[str, Fraction] | None = None,
) -> Method | None:
    """How a number stands for a value, with some names at other values; None where it does not."""
    at = knowledge.values | dict(instead or {})
    for digits in DIGITS:
        try:
            bounds = knowledge.context.enclose(value, at, digits)
            return None if bounds is None else judge(number, unit, bounds)
        except TooWideError:
            continue
        except MissingValueError:
            return None
    return None


def rounded_on_the_way(
    knowledge: Knowledge, value: Expr, number: Fraction, unit: Fraction
) -> dict[str, Fraction] | None:
    """An intermediate that explains the last digit when it is rounded to the number's own places.

    Only the last place is explained in this way: the number is off by less than one unit of it.
    """
    truth = knowledge.enclose(value)
    if truth is None or not (truth.upper - unit < number < truth.lower + unit):
        return None
    for name in _intermediates(knowledge, value):
        whole = knowledge.enclose(sp.Symbol(name, real=True))
        if whole is not None and to_unit(whole.lower, unit) != whole.lower:
            instead = {name: to_unit(whole.lower, unit)}
            if stands_for(knowledge, value, number, unit, instead) is not None:
                return instead
    return None


def _intermediates(knowledge: Knowledge, value: Expr) -> Iterator[str]:
    """The defined names that a value rests on, the nearest first."""
    definitions = knowledge.definitions
    todo = [s.name for s in value.free_symbols if s.name in definitions]
    if value.is_Symbol:
        todo = [s.name for s in definitions.get(str(value), sp.S.Zero).free_symbols]
    seen: dict[str, None] = {}
    while todo and len(seen) < MOST_NAMES:
        name = todo.pop(0)
        if name in seen or name not in definitions:
            continue
        seen[name] = None
        todo += sorted(s.name for s in definitions[name].free_symbols)
    return iter(seen)


def to_unit(value: Fraction, unit: Fraction) -> Fraction:
    """The nearest multiple of a unit, halves away from zero.

    >>> to_unit(Fraction(680267, 10**6), Fraction(1, 1000))
    Fraction(17, 25)
    """
    steps = abs(value) / unit + Fraction(1, 2)
    return (1 if value >= 0 else -1) * (steps.numerator // steps.denominator) * unit


def printed_as(value: Fraction, unit: Fraction) -> str:
    """A value as it is printed to a unit, which is a power of ten.

    >>> printed_as(Fraction(3, 1000), Fraction(1, 10000)), printed_as(Fraction(-1, 3), Fraction(1, 10))
    ('0.0030', '-0.3')
    """
    rounded = to_unit(value, unit)
    places = len(str(unit.denominator)) - 1
    digits = Context(prec=100, rounding=ROUND_HALF_UP)
    exact = digits.divide(Decimal(rounded.numerator), Decimal(rounded.denominator))
    text = f"{exact:.{places}f}"
    small = abs(rounded) < Fraction(1, 10**6) and rounded != 0
    return f"{exact.normalize(digits):e}".lower() if small else text


def decimal(value: Fraction) -> str:
    """A fraction in ten digits, without trailing zeros."""
    text = str(sp.N(sp.Rational(value.numerator, value.denominator), SHOWN_DIGITS))
    if "e" in text or "." not in text:
        return text
    return text.rstrip("0").rstrip(".")
