"""sin and cos in a prime field: points of the circle, with the angle-sum theorems.

A new angle a is split as a = order·θ with the point (cos θ, sin θ) = ((1−t²)/(1+t²), 2t/(1+t²))
for a free t; an angle that is a rational combination of known ones (and a rational constant, and
eighths of a turn) follows by the sum theorems.
"""

from fractions import Fraction

from symbp.decide.constants import Constants
from symbp.decide.residue import Drawing, Multiples, rational, residue

Point = tuple[int, int]
EIGHTHS = (2, -2, 4, -4, 1, -1, 3, -3, 6, -6, 5, -5, 7, -7, 8, -8)
"""Multiples of π/4 that are looked for in a constant angle."""


class Angles:
    """Angles met so far and their points on the circle."""

    def __init__(
        self, prime: int, draw: Drawing, lattice: bool, order: int, constants: Constants
    ) -> None:
        self._prime = prime
        self._draw = draw
        self._order = order
        self._known = Multiples(prime, lattice)
        self._numbers = constants
        self._bases: list[tuple[int, Point]] = []
        self._constants: dict[int, Point] = {}
        self._unit: Point | None = None

    def point(self, value: int, dual: int) -> Point:
        """(cos, sin) of an angle with this value and derivative."""
        if dual == 0:
            return self._constant(value)
        relation = self._known.find(dual)
        if relation is not None and all((q * self._order).denominator == 1 for _, q in relation):
            total = sum(self._bases[k][0] * residue(q, self._prime) for k, q in relation)
            result = self._constant((value - total) % self._prime)
            for index, multiple in relation:
                base = self._bases[index][1]
                result = self._sum(result, self._multiple(base, int(multiple * self._order)))
            return result
        base = self._fresh("angle", value)
        self._bases.append((value, base))
        self._known.add(dual)
        return self._multiple(base, self._order)

    def _constant(self, value: int) -> Point:
        """The point of a constant angle: a multiple of the unit angle, or free."""
        constant = rational(value, self._prime)
        if constant is not None:
            scaled = constant * self._order
            if scaled.denominator == 1:
                if self._unit is None:
                    self._unit = self._fresh("angle", 1)
                return self._multiple(self._unit, scaled.numerator)
        elif (turned := self._turned(value)) is not None:
            return turned
        mirrored = self._constants.get(-value % self._prime)
        if mirrored is not None:
            return mirrored[0], -mirrored[1] % self._prime
        if value not in self._constants:
            self._constants[value] = self._fresh("constant angle", value)
        return self._constants[value]

    def _turned(self, value: int) -> Point | None:
        """The point of a rational angle and some eighths of a turn."""
        if not self._numbers.knows_pi:
            return None
        eighth = self._numbers.pi() * pow(4, -1, self._prime)
        for count in EIGHTHS:
            rest = (value - count * eighth) % self._prime
            if rational(rest, self._prime) is not None:
                quarters, odd = divmod(count, 2)
                result = self._sum(self._constant(rest), self._multiple((0, 1), quarters))
                if odd:
                    root = self._numbers.sqrt_of(Fraction(1, 2))
                    result = self._sum(result, (root, root))
                return result
        return None

    def _fresh(self, kind: str, value: int) -> Point:
        t = self._draw(kind, value)
        scale = pow(1 + t * t, -1, self._prime)
        return (1 - t * t) * scale % self._prime, 2 * t * scale % self._prime

    def _sum(self, left: Point, right: Point) -> Point:
        (c, s), (k, z) = left, right
        return (c * k - s * z) % self._prime, (s * k + c * z) % self._prime

    def _multiple(self, base: Point, count: int) -> Point:
        if count < 0:
            return self._multiple((base[0], -base[1] % self._prime), -count)
        result: Point = (1, 0)
        while count:
            if count & 1:
                result = self._sum(result, base)
            base = self._sum(base, base)
            count >>= 1
        return result


