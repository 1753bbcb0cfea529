"""The value of every quantity of a derivation at given numbers, to many digits, and their display.

Each equation of the scalar form is evaluated once, in order: rational as long as it is rational,
with 50 digits after that. What is printed is rounded from these values, never from rounded ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

import sympy as sp
from sympy import Expr

from symbp.core.chain import Derivation
from symbp.core.functions import Elementwise

PRECISION = 50
Given = Mapping[str, Fraction | Decimal | int | float | str]


class ValuesError(ValueError):
    """Values that do not fit the program; the message names the quantities."""


def evaluate(derivation: Derivation, given: Given) -> dict[str, Expr]:
    """The value of each scalar, by its plain name, adjoints included.

    Raises ValuesError where an input or a parameter has no value, or a name is unknown.
    """
    scalars = derivation.scalars()
    values = _leaves(derivation, given)
    missing = [s.name for s in (*scalars.parameters, *scalars.inputs) if s.name not in values]
    if missing:
        raise ValuesError(f"no value for {', '.join(missing)}")
    for equation in scalars.equations:
        values[equation.name] = sp.Add(*(number(term.body, values) for term in equation.terms))
    return values


def _leaves(derivation: Derivation, given: Given) -> dict[str, Expr]:
    """The given values under the names that the scalar form uses."""
    names = derivation.entries
    found: dict[str, Expr] = {}
    for name, value in given.items():
        if name not in names.places:
            raise ValuesError(f"{name} is no quantity of the network")
        found[names.symbol(*names.find(name)).name] = exact(value)
    return found


def exact(value: Fraction | Decimal | int | float | str) -> sp.Rational:
    """A number as it is written: 0.1 is 1/10."""
    return sp.Rational(str(value))


def number(body: Expr, values: Mapping[str, Expr]) -> Expr:
    """The value of an expression: rational where it is, else to many digits."""
    body = body.xreplace({s: values[s.name] for s in body.free_symbols})
    while body.has(Elementwise):
        body = body.replace(lambda e: isinstance(e, Elementwise), lambda e: e.definition())
    return body if body.is_Rational else body.evalf(PRECISION)


def shown(value: Expr, digits: int) -> str:
    """A value to so many significant digits; a shorter decimal as it is.

    >>> shown(sp.Rational(7, 20), 6), shown(sp.Rational(1, 3), 4), shown(sp.Float("1e-9"), 3)
    ('0.35', '0.3333', '1.00e-9')
    """
    if isinstance(value, sp.Rational):
        top, bottom = int(value.p), int(value.q)
        number = Context(prec=PRECISION).divide(Decimal(top), Decimal(bottom))
    else:
        top, bottom = 0, 1
        number = Decimal(str(sp.Float(value, PRECISION)))
    rounded = Context(prec=digits, rounding=ROUND_HALF_EVEN).plus(number)
    if isinstance(value, sp.Rational) and Fraction(rounded) == Fraction(top, bottom):
        rounded = rounded.normalize()
        return f"{rounded:f}" if -6 < rounded.adjusted() < 12 else str(rounded).lower()
    small = -6 <= rounded.adjusted() < digits
    return f"{rounded:f}" if small else f"{rounded:e}".lower()
