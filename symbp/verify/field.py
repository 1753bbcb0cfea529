"""The values of all nodes at a random point of a prime field.

The names and the generators are free elements. A generator stands for a real function:

* ``exp``: y = exp(u/m), a free element, with log y = u/m;
* ``log``: y = u > 0, with log y a free element;
* ``root``: y = √u > 0, one of the two roots in the field, with log y a free element;
* ``angle``: θ = u/m, with cos θ and sin θ = (1 − t²)/(1 + t²) and 2t/(1 + t²) for a free t;
* ``erf``: erf(u), a free element;
* ``sign``: [u − v > 0] and [u − v < 0], free elements, or 0 and 1 in one of the cases.

A function value is taken as its relation says only after the relation was found to hold at this
point: exp(a) = Π yᵏ if a = Σ k·log y, log u = Σ q·log y if uᵐ = Π y^{m·q}, √u = Π yᵏ if
u = Π y²ᵏ, and so on. What holds at a random point holds for all values of the free elements, and
so for the functions that they stand for.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from fractions import Fraction
from hashlib import shake_256
from typing import Any

from symbp.verify.document import Document, Generator, Node, Terms
from symbp.verify.shape import Shape

SPARE_BYTES = 16
Element = Any
"""An element of the field: here a whole number modulo the prime."""


class RefutedError(Exception):
    """The point contradicts the certificate."""


class VanishedError(Exception):
    """Something is divided by zero at the point."""


class NoRootError(Exception):
    """A root that is needed is not in the field."""


class Point:
    """A point of the field, with the values of the nodes that were evaluated so far.

    ``solid`` are the sign generators whose difference is 0 on no open set, so that one of its two
    cases holds. ``signs`` are the roots to be negated, ``cases`` the numbers of the cases; a sign
    that has no case is free.
    """

    def __init__(
        self,
        document: Document,
        generators: Sequence[Generator],
        relations: Mapping[int, Terms],
        shape: Shape,
        prime: int,
        seed: bytes,
        solid: Collection[int] = frozenset(),
        signs: frozenset[int] = frozenset(),
        cases: Mapping[int, int] | None = None,
    ) -> None:
        self.prime = prime
        self.values: list[Element] = []
        self.generators = generators
        self.relations = relations
        self.document = document
        self._shape = shape
        self.seed = seed
        self._state = shake_256(seed)
        self._solid = solid
        self._signs = signs
        self._cases = cases or {}
        self._made: dict[int, tuple[Element, ...]] = {}

    def draw(self, label: str) -> Element:
        """A free element, a function of the seed and its label."""
        state = self._state.copy()
        state.update(label.encode("utf-8", "surrogatepass"))
        size = self.prime.bit_length() // 8 + SPARE_BYTES
        return int.from_bytes(state.digest(size), "big") % self.prime

    def node(self, number: int) -> Node:
        """The node with a number."""
        return self.document.nodes[number]

    def residue(self, number: Fraction) -> Element:
        """A rational number in the field."""
        return number.numerator * self.inverse(number.denominator) % self.prime

    def reduced(self, value: Element) -> Element:
        """The one form of an element."""
        return value % self.prime

    def is_zero(self, value: Element) -> bool:
        """Whether an element is 0."""
        return bool(self.reduced(value) == 0)

    def inverse(self, value: Element) -> Element:
        """1/value; raises VanishedError."""
        try:
            return pow(value, -1, self.prime)
        except ValueError:
            raise VanishedError from None

    def power(self, base: Element, exponent: int) -> Element:
        """base^exponent, also for an exponent below 0."""
        return pow(self.inverse(base) if exponent < 0 else base, abs(exponent), self.prime)

    def of(self, operand: int | Fraction) -> Element:
        """The value of what a generator is made of."""
        return self.residue(operand) if isinstance(operand, Fraction) else self.values[operand]

    def generator(self, index: int) -> tuple[Element, ...]:
        """The values that belong to a generator."""
        made = self._made.get(index)
        if made is None:
            generator = self.generators[index]
            made = self._made[index] = GENERATORS[generator.kind](self, index, generator)
        return made

    def hold(self, condition: bool, number: int) -> None:
        """Raises RefutedError unless the relation of a node holds."""
        if not condition:
            raise RefutedError(f"the relation of node {number} does not hold")

    def product(self, terms: Terms, times: int = 1) -> Element:
        """Π y^{times·exponent}."""
        total = 1
        for index, exponent in terms:
            whole = exponent * times
            assert whole.denominator == 1
            total = self.reduced(total * self.power(self.generator(index)[0], whole.numerator))
        return total

    def logarithm(self, terms: Terms) -> Element:
        """Σ exponent·log y, or Σ multiple·θ."""
        return self.reduced(sum(self.generator(k)[1] * self.residue(q) for k, q in terms))

    def positive(self, index: int, of: int | Fraction) -> Element:
        """The value of what has a logarithm; it must be positive where both sides have a value."""
        if not self._shape.is_positive(of):
            raise RefutedError(f"generator {index} is not known to be positive")
        value = self.of(of)
        if value == 0:
            raise VanishedError
        return value

    def case(self, index: int, of: tuple[int | Fraction, ...]) -> tuple[Element, Element]:
        """[u > v] and [u < v]: free, certain, or as the case is."""
        alone = isinstance(of[1], Fraction) and of[1] == 0
        if alone and self._shape.is_positive(of[0]):
            return 1, 0
        never_below = alone and self._shape.is_nonnegative(of[0])
        if never_below and index in self._solid:
            return 1, 0
        if index in self._cases:
            above, below = CASES[self._cases[index]]
        else:
            above = self.draw(f"above {index}")
            below = 1 - above if index in self._solid else self.draw(f"below {index}")
        return above, 0 if never_below else self.reduced(below)

    def root(self, index: int, value: Element) -> Element:
        """A square root in a field whose prime is 3 modulo 4."""
        root = pow(value, (self.prime + 1) // 4, self.prime)
        if root * root % self.prime != value:
            raise NoRootError
        return self.prime - root if index in self._signs else root


CASES = ((1, 0), (0, 1), (0, 0))
"""Above, below, and neither."""


def _exp_generator(point: Point, index: int, generator: Generator) -> tuple[Element, ...]:
    logarithm = point.of(generator.of[0]) * point.inverse(generator.over)
    return point.draw(f"exp {index}"), point.reduced(logarithm)


def _log_generator(point: Point, index: int, generator: Generator) -> tuple[Element, ...]:
    return point.positive(index, generator.of[0]), point.draw(f"log {index}")


def _root_generator(point: Point, index: int, generator: Generator) -> tuple[Element, ...]:
    value = point.positive(index, generator.of[0])
    return point.root(index, value), point.draw(f"log {index}")


def _angle_generator(point: Point, index: int, generator: Generator) -> tuple[Element, ...]:
    angle = point.of(generator.of[0]) * point.inverse(generator.over)
    t = point.draw(f"angle {index}")
    scale = point.inverse(1 + t * t)
    return 0, *map(point.reduced, (angle, (1 - t * t) * scale, 2 * t * scale))


GENERATORS: Mapping[str, Callable[[Point, int, Generator], tuple[Element, ...]]] = {
    "exp": _exp_generator,
    "log": _log_generator,
    "root": _root_generator,
    "angle": _angle_generator,
    "erf": lambda point, index, generator: (point.draw(f"erf {index}"), point.of(generator.of[0])),
    "sign": lambda point, index, generator: (
        *point.case(index, generator.of),
        point.of(generator.of[0]) - point.of(generator.of[1]),
    ),
}
