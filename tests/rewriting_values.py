"""Values in mpmath of SymPy terms as they are written: the judge of the corpus.

It shares nothing with ``symbp``: it knows the functions by name alone and asks mpmath, in 60 digits
and more until two precisions in a row agree.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from typing import Any

import mpmath as mp
import sympy as sp
from sympy import Expr

from symbp.decide import Witness

DIGITS = 60
DOUBLINGS = 3
AGREEMENT = mp.mpf(10) ** -30
GAP = mp.mpf(10) ** -20
"""Two values further apart than this, and further than this times their size, are different."""
LARGEST_ARGUMENT = 10**5
LARGEST_POWER = 10**4
MOST_OFF = Decimal("1.0001")
"""Units of its last place by which a printed number may be off."""

Names = Mapping[str, Expr]
Point = Mapping[str, Fraction]


class NoValueError(Exception):
    """The term has no real value at the point, or none that is cheap to know."""


def _limited(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A function that is not asked for astronomic arguments."""

    def limited(v: Any) -> Any:
        if abs(v) > LARGEST_ARGUMENT:
            raise NoValueError
        return function(v)

    return limited


def _log(v: Any) -> Any:
    if v <= 0:
        raise NoValueError
    return mp.log(v)


_sigmoid = _limited(lambda v: 1 / (1 + mp.exp(-v)))

FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    **{
        name: _limited(getattr(mp, name))
        for name in ("exp", "sin", "cos", "sinh", "cosh", "tanh", "sech", "erf")
    },
    "log": _log,
    "Abs": abs,
    "sign": mp.sign,
    "Max": max,
    "Min": min,
    "sigmoid": _sigmoid,
    "softplus": _limited(lambda v: mp.log1p(mp.exp(v))),
    "silu": lambda v: v * _sigmoid(v),
    "relu": lambda v: v if v > 0 else mp.mpf(0),
    "step": lambda v: mp.mpf(v > 0),
    "StrictGreaterThan": lambda a, b: a > b,
    "GreaterThan": lambda a, b: a >= b,
    "StrictLessThan": lambda a, b: a < b,
    "LessThan": lambda a, b: a <= b,
}


def _power(base: Any, exponent: Any) -> Any:
    whole = mp.isint(exponent)
    undefined = (base == 0 and exponent < 0) or (base < 0 and not whole)
    if undefined or abs(exponent) > LARGEST_POWER:
        raise NoValueError
    return mp.power(base, int(exponent) if whole else exponent)


class _Walk:
    """One evaluation, at one point in one precision; a term that occurs twice is evaluated once."""

    def __init__(self, at: Point, names: Names) -> None:
        self.at, self.names = at, names
        self.known: dict[sp.Basic, Any] = {}

    def value(self, term: sp.Basic) -> Any:
        if term not in self.known:
            self.known[term] = self._value(term)
        return self.known[term]

    def _value(self, term: sp.Basic) -> Any:
        if isinstance(term, sp.Piecewise):
            return next(self.value(v) for v, c in term.args if c == sp.true or self.value(c))
        if isinstance(term, sp.Symbol):
            if term.name in self.names:
                return self.value(self.names[term.name])
            return mp.mpf(self.at[term.name].numerator) / self.at[term.name].denominator
        if isinstance(term, sp.Rational):
            return mp.mpf(int(term.p)) / int(term.q)
        if term is sp.pi or term is sp.E:
            return +mp.pi if term is sp.pi else +mp.e
        parts = [self.value(part) for part in term.args]
        if isinstance(term, sp.Add):
            return mp.fsum(parts)
        if isinstance(term, sp.Mul):
            return reduce(lambda a, b: a * b, parts)
        return _power(*parts) if isinstance(term, sp.Pow) else FUNCTIONS[term.func.__name__](*parts)


def value(term: Expr, at: Point, names: Names, digits: int = DIGITS) -> Any:
    """The value that begins with so many digits, as far as none of them cancel.

    Raises NoValueError where there is no real value.
    """
    with mp.workdps(digits):
        return _Walk(at, names).value(term)


def _certain(terms: Sequence[Expr], at: Point, names: Names, digits: int, most: Any) -> list[Any]:
    """The values in the first precision that the one before agrees with."""
    before: list[Any] = []
    for doubling in range(DOUBLINGS + 1):
        now = [value(term, at, names, digits << doubling) for term in terms]
        with mp.workdps(digits << doubling):
            if before and all(abs(a - b) <= most * abs(b) for a, b in zip(before, now, strict=True)):
                return now
        before = now
    raise NoValueError


def differ(left: Expr, right: Expr, at: Point, names: Names) -> bool:
    """Whether the sides are clearly different there. Raises NoValueError without two values."""
    a, b = _certain((left, right), at, names, DIGITS, AGREEMENT)
    return bool(abs(a - b) > GAP * (1 + abs(a) + abs(b)))


def leaves(terms: Iterable[Expr], names: Names) -> list[str]:
    """The names that have no definition and on which the terms depend."""
    found: set[str] = set()
    todo = {symbol.name for term in terms for symbol in term.free_symbols}
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo |= {s.name for s in names[name].free_symbols} if name in names else set()
    return sorted(found - set(names))


def points(terms: Sequence[Expr], names: Names, rng: random.Random, count: int) -> list[Point]:
    """Random rational points of size 2, with an odd prime below the line."""
    known = leaves(terms, names)
    return [{name: Fraction(rng.randrange(-2017, 2018), 1009) for name in known} for _ in range(count)]


def certainly_different(
    left: Expr, right: Expr, names: Names, rng: random.Random, tries: int = 6, wanted: int = 2
) -> bool:
    """Whether the sides have two clearly different values at ``wanted`` of ``tries`` points."""
    apart = 0
    for at in points((left, right), names, rng, tries):
        try:
            apart += differ(left, right, at, names)
        except NoValueError:
            continue
        if apart == wanted:
            return True
    return False


def clearly_equal(left: Expr, right: Expr, names: Names, rng: random.Random) -> bool:
    """Whether no one of six points tells the sides apart, and one of them has values."""
    seen = 0
    for at in points((left, right), names, rng, 6):
        try:
            if differ(left, right, at, names):
                return False
        except NoValueError:
            continue
        seen += 1
    return seen > 0


def fault_of(witness: Witness, left: Expr, right: Expr, names: Names) -> str | None:
    """What is wrong with a witness: it must print two different numbers, the values there."""
    if Decimal(witness.left) == Decimal(witness.right):
        return f"the same number is printed twice: {witness.left}"
    shown = (witness.left, witness.right)
    digits = DIGITS + max(len(text) + abs(Decimal(text).adjusted()) for text in shown)
    try:
        most = mp.mpf(10) ** -max(map(len, shown))
        values = _certain((left, right), witness.at, names, digits, most)
    except NoValueError:
        return None
    for text, true in zip(shown, values, strict=True):
        place = Decimal(1).scaleb(int(Decimal(text).as_tuple().exponent))
        with mp.workdps(digits):
            if abs(true - mp.mpf(text)) > mp.mpf(str(place * MOST_OFF)):
                return f"{text} is printed for {mp.nstr(true, len(text))}"
    return None
