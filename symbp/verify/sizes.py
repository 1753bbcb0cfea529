"""How large the fractions are that stand for the nodes: what bounds the error of a random point.

Two different fractions agree at a random point of a field with p elements with a probability of at
most degree/p (Schwartz 1980; Zippel 1979), and a fraction that is not 0 is 0 for a random prime
with a probability of at most the bits of its coefficients by the number of primes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from symbp.verify.document import LOGARITHMIC, Document, Node, Proof, Terms, common

MOST_BITS = 2_000
"""A term whose size has more bits is not evaluated in a field."""


class TooLargeError(Exception):
    """A term is too large for the error of its evaluation to be bounded."""


class Sizes:
    """A bound for the degree, and for the bits of the coefficients, of every fraction met.

    Both grow alike: a product adds them, and so does a sum of n fractions, up to the bits of n. A
    root counts as its radicand; its conjugates are counted by whoever tries them all.
    """

    def __init__(self, document: Document, proof: Proof) -> None:
        self._document = document
        self._proof = proof
        self.largest = 1
        self._sizes: list[tuple[int, int]] = []
        for number, node in enumerate(document.nodes):
            pair = self._pair(number, node)
            self._sizes.append(pair)
            self.largest = max(self.largest, *pair)
            if self.largest.bit_length() > MOST_BITS:
                raise TooLargeError
        self.largest += sum(self._sizes[document.left]) + sum(self._sizes[document.right])

    def _of(self, number: int | Fraction) -> int:
        if isinstance(number, Fraction):
            return _bits(number)
        return sum(self._sizes[number])

    def _pair(self, number: int, node: Node) -> tuple[int, int]:
        pairs = [self._sizes[n] for n in node.operands]
        if number in self._proof.relations:
            size = self._function(node, self._proof.relations[number])
            return size, size
        if node.operation == "number":
            return node.payload.numerator.bit_length(), node.payload.denominator.bit_length()
        if node.operation == "power":
            return _power(pairs[0], int(node.payload))
        bottom = sum(below for _, below in pairs)
        if node.operation == "multiply":
            return sum(top for top, _ in pairs), bottom
        if not pairs:
            return 1, 0
        extra = len(pairs).bit_length() if len(pairs) > 1 else 0
        if node.operation in ("add", "defined"):
            return max(top - below for top, below in pairs) + bottom + extra, bottom
        total = sum(top for top, _ in pairs) + bottom + 2 * len(pairs)
        return total, total

    def _function(self, node: Node, terms: Terms) -> int:
        """The value of a function; what its relation compares is counted in ``largest``."""
        argument = sum(sum(self._sizes[n]) for n in node.operands) + 2
        fine = common(terms)
        value, check = 4, 4 * argument * fine
        for index, exponent in terms:
            generator = self._proof.generators[index]
            of = sum(map(self._of, generator.of)) + generator.over.bit_length() + 2
            quantity = 1 if generator.kind == "exp" else of
            weight = int(abs(exponent) * fine) + _bits(exponent)
            check += (of + argument) * (weight + 1)
            value += ROOM[generator.kind](weight, of if node.operation == "log" else quantity, argument)
        if node.operation == "power":
            value *= abs(node.payload.numerator)
        self.largest = max(self.largest, check)
        return value


ROOM: Mapping[str, Callable[[int, int, int], int]] = {
    **dict.fromkeys(LOGARITHMIC, lambda weight, quantity, _: 2 * weight * quantity),
    "angle": lambda weight, *_: 4 * weight,
    "erf": lambda *_: 1,
    "sign": lambda _, __, argument: 2 * argument,
}
"""How much a generator adds to the size of a function value."""


def _power(pair: tuple[int, int], exponent: int) -> tuple[int, int]:
    top, bottom = pair
    if exponent < 0:
        top, bottom, exponent = bottom, top, -exponent
    return top * exponent, bottom * exponent


def _bits(number: Fraction) -> int:
    return number.numerator.bit_length() + number.denominator.bit_length()
