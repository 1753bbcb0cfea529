"""Arithmetic in a prime field: secret primes, rational numbers found back, linear relations.

A prime is drawn at random and kept secret, since for a known prime p the polynomials x and x^p
would be called equal. It is 3 modulo 4, so a residue v has the root v^{(p+1)/4}, and p − 1 is
prime to 3, 5 and 7, so that every number has exactly one root of these orders.
"""

import secrets
from fractions import Fraction
from functools import cache
from hashlib import shake_256
from math import gcd

from flint import fmpz, fmpz_mat

PRIME_BITS = 256
UNIQUE_ROOTS = 3 * 5 * 7
RATIONAL_BOUND = 1 << 40
"""Numerators and denominators of constants that are found back from their residues."""
COEFFICIENT_BOUND = 64
"""Numerators and denominators in a linear relation between generators."""


@cache  # 10 ms a prime; a process needs one, and a longer one per length of relation
def secret_prime(bits: int = PRIME_BITS) -> int:
    """A random prime of so many bits, the same for the whole process."""
    return draw_prime(bits)


def draw_prime(bits: int) -> int:
    """A random prime p of so many bits, p ≡ 3 (mod 4), gcd(p − 1, 105) = 1."""
    while True:
        candidate = secrets.randbits(bits) | (1 << (bits - 1)) | 3
        if gcd(candidate - 1, UNIQUE_ROOTS) == 1:
            number = fmpz(candidate)
            if number.is_probable_prime() and number.is_prime():
                return candidate


def prime_for_relations(generators: int) -> int:
    """A prime long enough that no short relation of so many terms appears by chance.

    By Minkowski's theorem n random residues have a relation with coefficients up to p^{1/n}: the
    prime gets 8 bits a term more than it would need for none.
    """
    return secret_prime(PRIME_BITS + 64 * ((8 * (generators + 2) + 63) // 64))


class Drawing:
    """Free elements other than 0, 1 and −1, each a function of the secret seed and its label.

    The same label gives the same element whatever was drawn before it, so two evaluations with
    one seed are at the same point even if they meet different generators.
    """

    def __init__(self, prime: int, seed: bytes) -> None:
        self._seed = shake_256(seed)
        self._choices = prime - 3
        self._size = prime.bit_length() // 8 + 16

    def __call__(self, kind: str, label: object) -> int:
        """A free element for a kind of generator and the residue it belongs to."""
        return int.from_bytes(self._digest(kind, label, self._size), "big") % self._choices + 2

    def pair(self, kind: str, label: object) -> tuple[int, int]:
        """Two free elements: the value of a symbol, and its derivative in the direction."""
        size, choices = self._size, self._choices
        digest = self._digest(kind, label, 2 * size)
        value, dual = digest[:size], digest[size:]
        return (
            int.from_bytes(value, "big") % choices + 2, int.from_bytes(dual, "big") % choices + 2,
        )  # fmt: skip

    def _digest(self, kind: str, label: object, size: int) -> bytes:
        state = self._seed.copy()
        state.update(f"/{kind}/{label}".encode())
        return state.digest(size)


def residue(value: Fraction, prime: int) -> int:
    """The rational number in the field."""
    if value.denominator == 1:
        return value.numerator % prime
    return value.numerator * pow(value.denominator, -1, prime) % prime


def rational(value: int, prime: int) -> Fraction | None:
    """The small fraction with this residue, if there is one (Wang 1981)."""
    if value <= RATIONAL_BOUND:
        return Fraction(value)
    if prime - value <= RATIONAL_BOUND:
        return Fraction(value - prime)
    remainder, last, factor, previous = prime, value, 0, 1
    while last > RATIONAL_BOUND:
        quotient = remainder // last
        remainder, last = last, remainder - quotient * last
        factor, previous = previous, factor - quotient * previous
    if previous == 0 or abs(previous) > RATIONAL_BOUND:
        return None
    return Fraction(last, previous)


Relation = tuple[tuple[int, Fraction], ...]


def short_relation(known: list[int], value: int, prime: int) -> Relation | None:
    """Small fractions q_k with value = Σ q_k·known_k in the field, by lattice reduction.

    The rows of the lattice are the unit vectors, each with its residue times a large weight in one
    more column; a short vector with a zero there is a relation (Lenstra, Lenstra, Lovász 1982).
    """
    count = len(known)
    weight = 1 << (prime.bit_length() // 2)
    lattice = fmpz_mat(count + 2, count + 2)
    for row, entry in enumerate([*known, value]):
        lattice[row, row] = 1
        lattice[row, count + 1] = entry * weight
    lattice[count + 1, count + 1] = prime * weight
    reduced = lattice.lll()
    for row in range(count + 2):
        vector = [int(reduced[row, column]) for column in range(count + 2)]
        coefficients, own, rest = vector[:count], vector[count], vector[count + 1]
        if rest == 0 and own and max(map(abs, vector[: count + 1])) <= COEFFICIENT_BOUND:
            return tuple(
                (index, Fraction(-number, own))
                for index, number in enumerate(coefficients)
                if number
            )
    return None


MULTIPLES = tuple(Fraction(n, 2) for n in (2, -2, 4, -4, 1, -1))


class Multiples:
    """Values and their multiples by ±1, ±2, ±½, looked up in one step; then by lattice."""

    def __init__(self, prime: int, lattice: bool) -> None:
        self._prime = prime
        self._lattice = lattice
        self._values: list[int] = []
        self._table: dict[int, tuple[int, Fraction]] = {}
        self._scales = [(scale, residue(scale, prime)) for scale in MULTIPLES]

    def __len__(self) -> int:
        return len(self._values)

    def add(self, value: int) -> None:
        """One more value, numbered in order."""
        index = len(self._values)
        self._values.append(value)
        for scale, factor in self._scales:
            self._table.setdefault(value * factor % self._prime, (index, scale))

    def find(self, value: int) -> Relation | None:
        """The value as a combination of those known, if one is found."""
        single = self._table.get(value)
        if single is not None:
            return (single,)
        if self._lattice and self._values:
            return short_relation(self._values, value, self._prime)
        return None
