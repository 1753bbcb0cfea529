"""How the function values of a certificate are written with few generators.

What identifies the generators is the same as in the tower: the derivative in one random direction,
which a point of the first evaluator gives. A constant that is left is read from the values at a
point of the second one, which then checks everything again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from math import lcm

from symbp.decide.constants import prime_powers
from symbp.decide.field import FieldPoint
from symbp.decide.graph import Graph, Node
from symbp.decide.known import Known, joined, rational_root
from symbp.decide.residue import rational
from symbp.verify.balls import Balls
from symbp.verify.document import Document, Generator, Proof, Terms, needs_relation
from symbp.verify.evaluation import advance
from symbp.verify.field import Point
from symbp.verify.identity import Sides, is_solid
from symbp.verify.shape import Shape

FINE = 12
"""The fineness of exponentials and angles: the least common denominator of usual exponents."""
MAX_FINE = 24
ONE = Fraction(1)
ONE_ITSELF, NOTHING = "1", "0"
SCALES = {"tanh": 2}
UNITS = {"exp": FINE, "log": 1, "root": 2}
"""The power of a generator that is the quantity it was made for."""

class NeedsRootError(Exception):
    """A root of a quantity is needed that was not foreseen; ``Search.wanted`` says of which."""


Key = int | str
"""What a generator is made of: a node, or a number as a text."""


class Search:
    """One walk over the nodes, in which each function value gets its relation.

    ``rooted`` are the quantities of which a root is needed; ``wanted`` are those of which it turned
    out to be, for the next walk. A ``thorough`` search takes signs of products apart and looks for
    relations by lattice reduction.
    """

    def __init__(
        self, document: Document, lowered: Sequence[Node], graph: Graph, first: FieldPoint,
        balls: Balls, prime: int, seed: bytes, rooted: frozenset[Key], thorough: bool,
    ) -> None:  # fmt: skip
        self.generators: list[Generator] = []
        self.relations: dict[int, Terms] = {}
        self.wanted: set[Key] = set()
        self._document = document
        self._lowered = lowered
        self._graph = graph
        self._first = first
        self._rooted = rooted
        self._thorough = thorough
        self._growth = Known(first.prime, thorough)
        self._angles = Known(first.prime, thorough)
        self._numbers: dict[tuple[str, Key], int] = {}
        self._constants: list[int] = []
        self._signs: dict[int, list[int]] = {}
        self._balls = balls
        self._shape = Shape(document)
        self._solid: set[int] = set()
        self.point = Point(document, self.generators, self.relations, self._shape, prime, seed,
                           self._solid)  # fmt: skip

    @property
    def sides(self) -> Sides:
        """The document with what was found."""
        point, document = self.point, self._document
        values = point.values[document.left], point.values[document.right]
        proof = Proof(tuple(self.generators), self.relations, point.prime, point.seed, values)
        return Sides(document, proof, self._shape, self._balls)

    def run(self) -> None:
        """Relations for all nodes."""
        for number, node in enumerate(self._document.nodes):
            if needs_relation(node):
                self.relations[number] = FINDERS[node.operation](self, number)
            advance(self.point)

    def value(self, number: int) -> int:
        """The value, at the second point, of the argument of a function."""
        return int(self.point.values[self._document.nodes[number].operands[0]])

    def derivative(self, number: int) -> int:
        """The derivative, at the first point, of the argument of a function."""
        return self._first.dual(self._lowered[self._document.nodes[number].operands[0]])

    def slope(self, number: int) -> int:
        """The logarithmic derivative of an argument."""
        return self._slope_of_difference(self._document.nodes[number].operands[0], NOTHING)

    def make(self, kind: str, *of: Key) -> int:
        """A new generator."""
        fine = FINE if kind in ("exp", "angle") else 1
        made = tuple(Fraction(each) if isinstance(each, str) else each for each in of)
        generator = Generator(kind, made, fine)
        self.generators.append(generator)
        if kind == "sign" and is_solid(generator, self._shape, self._balls):
            self._solid.add(len(self.generators) - 1)
        return len(self.generators) - 1

    def numbered(self, kind: str, of: Key) -> int:
        """The generator of a kind that is made of this, perhaps a new one."""
        if (kind, of) not in self._numbers:
            self._numbers[kind, of] = self.make(kind, of)
        return self._numbers[kind, of]

    def quantity(self, of: Key) -> tuple[int, Fraction]:
        """A positive quantity, as a power of its generator."""
        kind = "root" if of in self._rooted else "log"
        return self.numbered(kind, of), Fraction(UNITS[kind])

    def rational(self, value: int) -> Fraction | None:
        """The small fraction with this residue at the second point."""
        return rational(value % self.point.prime, self.point.prime)

    # -- exponentials and angles: sums of logarithms ----------------------------------------------

    def exponential(self, number: int) -> Terms:
        """exp(scale·u) as a product of powers."""
        scale = SCALES.get(self._document.nodes[number].operation, 1)
        dual = self.derivative(number)
        dual = scale * dual % self._first.prime
        found = self._sum(self._growth, "exp", dual, scale * self.value(number))
        if found is not None:
            return found
        operand = self._document.nodes[number].operands[0]
        index = self.numbered("exp", operand)
        if dual:
            self._growth.add(dual, index, Fraction(FINE * scale))
        return ((index, Fraction(FINE * scale)),)

    def angle(self, number: int) -> Terms:
        """An angle as a sum of multiples."""
        dual = self.derivative(number)
        found = self._sum(self._angles, "angle", dual, self.value(number))
        if found is not None:
            return found
        index = self.numbered("angle", self._document.nodes[number].operands[0])
        if dual:
            self._angles.add(dual, index, Fraction(FINE))
        return ((index, Fraction(FINE)),)

    def _sum(self, known: Known, kind: str, dual: int, value: int) -> Terms | None:
        terms = known.find(dual)
        if terms is None:
            return None
        if any(q.denominator != 1 for _, q in terms):
            self._want(terms)
            return None
        constant = self.rational(value - self.point.logarithm(terms))
        if constant is None:
            return None
        unit = Fraction(1, (constant * FINE).denominator)
        if constant == 0:
            return terms
        return joined([*terms, (self.numbered(kind, str(unit)), constant * FINE / unit)])

    def _want(self, terms: Terms) -> None:
        for index, exponent in terms:
            generator = self.generators[index]
            if exponent.denominator == 2 and generator.kind == "log":
                self.wanted.add(_key(generator.of[0]))

    # -- logarithms and roots: products of quantities -----------------------------------------------

    def logarithm(self, number: int) -> Terms:
        """log u as a sum of logarithms."""
        return joined(self._product(number) or [self._fresh(number)])

    def half_power(self, number: int) -> Terms:
        """√u as a product of powers."""
        found = self._product(number) or [self._fresh(number)]
        halves = tuple((k, q / 2) for k, q in joined(found))
        if any(q.denominator != 1 for _, q in halves):
            self._want(halves)
            raise NeedsRootError
        return halves

    def _fresh(self, number: int) -> tuple[int, Fraction]:
        operand = self._document.nodes[number].operands[0]
        index, unit = self.quantity(operand)
        slope = self.slope(number)
        if slope:
            self._growth.add(slope, index, unit)
        elif index not in self._constants:
            self._constants.append(index)
        return index, unit

    def _product(self, number: int) -> list[tuple[int, Fraction]] | None:
        """u = c·Π y^q with a positive rational c, which is a product of primes."""
        for terms in self._candidates(self.slope(number)):
            constant = self._constant(self.value(number), terms)
            if constant is not None:
                return [*terms, *self._primes(constant)]
        return None

    def _candidates(self, slope: int) -> list[Terms]:
        if slope:
            terms = self._growth.find(slope)
            return [] if terms is None else [terms]
        units = {k: Fraction(UNITS[self.generators[k].kind]) for k in self._constants}
        return [(), *(((k, sign * unit),) for k, unit in units.items() for sign in (1, -1))]

    def _constant(self, value: int, terms: Terms) -> Fraction | None:
        fine = lcm(*(q.denominator for _, q in terms))
        if fine > MAX_FINE:
            return None
        product = self.point.product(terms, fine)
        point = self.point
        found = self.rational(pow(value, fine, point.prime) * point.inverse(product))
        if found is None or found <= 0:
            return None
        return rational_root(found, fine)

    def _primes(self, constant: Fraction) -> list[tuple[int, Fraction]]:
        found = []
        for prime, exponent in prime_powers(constant):
            index, unit = self.quantity(str(prime))
            found.append((index, unit * exponent))
        return found

    # -- erf and the signs ----------------------------------------------------------------------------

    def error(self, number: int) -> Terms:
        """± erf of an argument that was met."""
        value = self.value(number)
        for index, generator in enumerate(self.generators):
            if generator.kind == "erf":
                for sign in (1, -1):
                    if (value - sign * self.point.of(generator.of[0])) % self.point.prime == 0:
                        return ((index, Fraction(sign)),)
        return ((self.make("erf", self._document.nodes[number].operands[0]), ONE),)

    def sign(self, number: int) -> Terms:
        """The sign of an argument."""
        return self._sign(self._document.nodes[number].operands[0], NOTHING)

    def sign_of_difference(self, number: int) -> Terms:
        """The sign of a difference."""
        return self._sign(*self._document.nodes[number].operands)

    def _sign(self, one: int, other: Key) -> Terms:
        """A multiple of a difference that was met, a product of signs, or a new sign."""
        value = self._value(one) - self._value(other)
        if value % self.point.prime == 0:
            return ((self.make("sign", one, other), Fraction(0)),)
        node = self._document.nodes[one]
        if node.operation == "number" and other == NOTHING:
            return ((self.make("sign", ONE_ITSELF, NOTHING), node.payload),)
        if self._thorough and other == NOTHING and (factors := self._factors(one)) != [one]:
            return tuple(term for factor in factors for term in self._sign(factor, NOTHING))
        known = self._signs.setdefault(self._slope_of_difference(one, other), [])
        for index in known:
            ratio = self.rational(value * self.point.inverse(self.point.generator(index)[2]))
            if ratio is not None:
                return ((index, ratio),)
        known.append(self.make("sign", one, other))
        return ((known[-1], ONE),)

    def _factors(self, number: int) -> list[int]:
        """What a product is made of, itself if it is none."""
        factors, stack = [], [number]
        while stack:
            node = self._document.nodes[stack[-1]]
            if node.operation in ("multiply", "defined"):
                stack[-1:] = reversed(node.operands)
            else:
                factors.append(stack.pop())
        return factors

    def _value(self, of: Key) -> int:
        return int(self.point.of(Fraction(of) if isinstance(of, str) else of))

    def _slope_of_difference(self, one: int, other: Key) -> int:
        node = self._lowered[one]
        if isinstance(other, int):
            node = self._graph.difference(node, self._lowered[other])
        value, dual = self._first.value(node), self._first.dual(node)
        return dual * pow(value, -1, self._first.prime) % self._first.prime if value else 0


def _key(of: int | Fraction) -> Key:
    return str(of) if isinstance(of, Fraction) else of


FINDERS: Mapping[str, Callable[[Search, int], Terms]] = {
    **dict.fromkeys(("exp", "sigmoid", "tanh", "sinh", "cosh", "sech"), Search.exponential),
    "log": Search.logarithm,
    "power": Search.half_power,
    **dict.fromkeys(("sin", "cos", "tan"), Search.angle),
    "erf": Search.error,
    **dict.fromkeys(("step", "sign", "abs", "heaviside"), Search.sign),
    **dict.fromkeys(("max", "min", ">", ">=", "<", "<="), Search.sign_of_difference),
}
"""How the relation of each operation is found."""
