"""Judging the numbers of a hand calculation by the precision in which they are printed."""

from dataclasses import dataclass
from fractions import Fraction

from symbp.decide.verdict import Method


@dataclass(frozen=True)
class Enclosure:
    """Exact rational bounds: lower ≤ true value ≤ upper."""

    lower: Fraction
    upper: Fraction

    @property
    def is_point(self) -> bool:
        """Whether the value is known exactly."""
        return self.lower == self.upper


class TooWideError(Exception):
    """An enclosure is too wide to judge a numeral by; ask for it with more digits."""


def judge(numeral: Fraction, unit: Fraction, truth: Enclosure) -> Method | None:
    """How a printed numeral stands for a number; ``unit`` is one in its last printed digit.

    ``exact``: they are equal. ``rounded``: |truth − numeral| ≤ unit/2. ``truncated``: the digits
    beyond the last are cut, 0 ≤ |truth| − |numeral| < unit with the same sign. None: certainly
    none of these. Raises TooWideError where the enclosure leaves it open.

    >>> third = Enclosure(Fraction(1, 3), Fraction(1, 3))
    >>> judge(Fraction(33, 100), Fraction(1, 100), third).value
    'rounded'
    >>> judge(Fraction(34, 100), Fraction(1, 100), third) is None
    True
    """
    if truth.is_point and truth.lower == numeral:
        return Method.exact
    ends = [_methods(numeral, unit, end) for end in (truth.lower, truth.upper)]
    for method in (Method.rounded, Method.truncated):
        if all(method in end for end in ends):
            return method
    # Both conditions hold on intervals: where neither end fulfils one, it may hold between.
    if any(ends) or truth.lower <= numeral <= truth.upper:
        raise TooWideError
    return None


def _methods(numeral: Fraction, unit: Fraction, truth: Fraction) -> frozenset[Method]:
    found = set()
    if abs(truth - numeral) <= unit / 2:
        found.add(Method.rounded)
    if 0 <= abs(truth) - abs(numeral) < unit and truth * numeral >= 0:
        found.add(Method.truncated)
    return frozenset(found)
