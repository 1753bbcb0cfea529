"""Constants of the tower: e^c, log c, √c, π and roots, as elements of a prime field.

The logarithms of different primes are independent, and so are their square roots, so log(6) is
log 2 + log 3 and √12 is 2√3. π is kept as the square of an element, since the Gaussian brings √π
and √(2/π). Any other constant (log(1 + e^{1/2})) is a free element known by its argument alone.
"""

from collections.abc import Iterator
from fractions import Fraction
from math import gcd

from flint import fmpz

from symbp.decide.residue import Drawing, rational, residue

TRIAL_BOUND = 1 << 12
"""Factors of a constant beyond this bound are taken together as one number."""


class NonResidueError(Exception):
    """The radicand of a square root is no square at this point; ``index`` counts the roots.

    ``constant`` tells that it is so for every point of this field.
    """

    def __init__(self, index: int, constant: bool) -> None:
        super().__init__(f"the radicand of root {index} is no square here")
        self.index = index
        self.constant = constant


class NoUniqueRootError(Exception):
    """The order of a root is not prime to p − 1."""


class Constants:
    """Values of constants, each drawn once; ``flips`` are the square roots to be negated."""

    def __init__(self, prime: int, draw: Drawing, order: int, flips: int) -> None:
        self.prime = prime
        self.roots = 0
        self._draw = draw
        self._order = order
        self._flips = flips
        self._fine_e: int | None = None
        self._exponentials: dict[int, int] = {}
        self._logarithms: dict[int, int] = {}
        self._prime_logarithms: dict[int, int] = {}
        self._prime_roots: dict[int, int] = {}
        self._radicands: dict[int, int] = {}
        self._root_of_pi: int | None = None

    def choose_root(self, value: int, constant: bool = False) -> int:
        """One of the two roots of a residue; raises NonResidueError."""
        root = pow(value, (self.prime + 1) // 4, self.prime)
        if root * root % self.prime != value:
            raise NonResidueError(self.roots, constant)
        if self._flips >> self.roots & 1:
            root = self.prime - root
        self.roots += 1
        return root

    def odd_root(self, value: int, order: int) -> int:
        """The root of an odd order, unique if the order is prime to p − 1."""
        if gcd(order, self.prime - 1) != 1:
            raise NoUniqueRootError
        return pow(value, pow(order, -1, self.prime - 1), self.prime)

    @property
    def knows_pi(self) -> bool:
        """Whether π was met."""
        return self._root_of_pi is not None

    def pi(self) -> int:
        """π, the square of a free element."""
        return self.root_of_pi() ** 2 % self.prime

    def root_of_pi(self) -> int:
        """√π, a free element."""
        if self._root_of_pi is None:
            self._root_of_pi = self._draw("pi", 0)
            self._radicands[self._root_of_pi**2 % self.prime] = self._root_of_pi
        return self._root_of_pi

    def exp(self, value: int) -> int:
        """e^value for a constant with this residue."""
        constant = rational(value, self.prime)
        if constant is not None:
            return self.exp_of(constant)
        negated = self._exponentials.get(-value % self.prime)
        if negated is not None:
            return pow(negated, -1, self.prime)
        return self._exponentials.setdefault(value, self._draw("constant exp", value))

    def exp_of(self, constant: Fraction) -> int:
        """e^constant; a denominator beyond the order of e's root makes a free element."""
        if constant == 0:
            return 1
        if self._fine_e is None:
            self._fine_e = self._draw("e", 0)
        scaled = constant * self._order
        if scaled.denominator == 1:
            return pow(self._fine_e, scaled.numerator, self.prime)
        key = residue(abs(constant), self.prime)
        positive = self._exponentials.setdefault(key, self._draw("constant exp", key))
        return positive if constant > 0 else pow(positive, -1, self.prime)

    def log(self, value: int) -> int:
        """log(value) for a constant with this residue."""
        constant = rational(value, self.prime)
        if constant is not None and constant > 0:
            return self.log_of(constant)
        return self._logarithms.setdefault(value, self._draw("constant log", value))

    def log_of(self, constant: Fraction) -> int:
        """Σ n·log q over the prime powers qⁿ of a positive rational."""
        total = 0
        for factor, exponent in prime_powers(constant):
            if factor not in self._prime_logarithms:
                self._prime_logarithms[factor] = self._draw("log", factor)
            total += exponent * self._prime_logarithms[factor]
        return total % self.prime

    def sqrt(self, value: int) -> int:
        """√value for a constant with this residue."""
        constant = rational(value, self.prime)
        if constant is not None and constant > 0:
            return self.sqrt_of(constant)
        for radicand, root in self._radicands.items():
            ratio = rational(value * pow(radicand, -1, self.prime) % self.prime, self.prime)
            if ratio is not None and ratio > 0:
                return root * self.sqrt_of(ratio) % self.prime
            product = rational(value * radicand % self.prime, self.prime)
            if product is not None and product > 0:
                return self.sqrt_of(product) * pow(root, -1, self.prime) % self.prime
        self._radicands[value] = root = self.choose_root(value)
        return root

    def sqrt_of(self, constant: Fraction) -> int:
        """Π q^{n/2} over the prime powers qⁿ of a positive rational."""
        result = 1
        for factor, exponent in prime_powers(constant):
            if exponent % 2 and factor not in self._prime_roots:
                self._prime_roots[factor] = self.choose_root(factor, constant=True)
            if exponent % 2:
                result = result * self._prime_roots[factor] % self.prime
            result = result * pow(factor, exponent // 2, self.prime) % self.prime
        return result


def prime_powers(constant: Fraction) -> Iterator[tuple[int, int]]:
    """(q, n) with constant = Π qⁿ; what has no small factor is kept whole."""
    for number, sign in ((constant.numerator, 1), (constant.denominator, -1)):
        if number > 1:
            for factor, exponent in _factors(number):
                yield factor, sign * exponent


def _factors(number: int) -> list[tuple[int, int]]:
    if number < 1 << 64:
        return [(int(factor), int(exponent)) for factor, exponent in fmpz(number).factor()]
    found = []
    for factor in range(2, TRIAL_BOUND):
        exponent = 0
        while number % factor == 0:
            number //= factor
            exponent += 1
        if exponent:
            found.append((factor, exponent))
    return [*found, (number, 1)] if number > 1 else found
