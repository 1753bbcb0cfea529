"""Which products of generators are known, by their derivatives."""

from collections.abc import Iterable
from fractions import Fraction
from math import isqrt

from symbp.decide.residue import Multiples
from symbp.verify.document import Terms


class Known:
    """Derivatives of generators; a multiple of one, or a sum of some, is found again."""

    def __init__(self, prime: int, lattice: bool) -> None:
        self._multiples = Multiples(prime, lattice)
        self._owners: list[tuple[int, Fraction]] = []

    def add(self, dual: int, index: int, unit: Fraction) -> None:
        """The generator to the power ``unit`` has this derivative."""
        self._multiples.add(dual)
        self._owners.append((index, unit))

    def find(self, dual: int) -> Terms | None:
        """The powers of generators whose derivatives add up to this one."""
        if dual == 0:
            return ()
        relation = self._multiples.find(dual)
        if relation is None:
            return None
        return joined((self._owners[k][0], q * self._owners[k][1]) for k, q in relation)


def joined(terms: Iterable[tuple[int, Fraction]]) -> Terms:
    """Each generator once, with the sum of its exponents."""
    total: dict[int, Fraction] = {}
    for index, exponent in terms:
        total[index] = total.get(index, Fraction(0)) + exponent
    return tuple((index, exponent) for index, exponent in total.items() if exponent)


def rational_root(number: Fraction, order: int) -> Fraction | None:
    """The rational root of a positive number, if there is one."""
    while order % 2 == 0:
        top, bottom = isqrt(number.numerator), isqrt(number.denominator)
        if Fraction(top * top, bottom * bottom) != number:
            return None
        number, order = Fraction(top, bottom), order // 2
    return number if order == 1 else None
