"""right = factor·left, at random points of random fields that this program draws itself.

Where roots are generators, both signs of each are tried at one and the same point: then the
coefficients of all their products vanish there, so it does not matter which root is the positive
one. Where steps are generators, they are free elements first; if that is too general, all cases
are tried at one and the same point.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import chain, combinations, product
from math import prod

from flint import fmpz

from symbp.verify.balls import Balls, ball
from symbp.verify.document import Document, Generator, Proof
from symbp.verify.evaluation import evaluate
from symbp.verify.field import CASES, NoRootError, Point, RefutedError, VanishedError
from symbp.verify.shape import Shape
from symbp.verify.sizes import Sizes

LEAST_BITS = 256
SURE_BITS = 120
PRIMES_BITS = 14
"""There are more than 2^{b−14} primes of b bits that are 3 modulo 4, for all b up to 4096."""
MOST_ROOTS = 6
MOST_CASES = 1024
MOST_TRIES = 1 << 11
MOST_VANISHED = 8
MOST_WORK = 50_000_000
SEED_BYTES = 32

Choice = tuple[frozenset[int], Mapping[int, int]]


class OpenError(Exception):
    """The certificate may be right, and it cannot be told here; the text says why."""


@dataclass(frozen=True)
class Sides:
    """A document with what its form and one point tell."""

    document: Document
    proof: Proof
    shape: Shape
    balls: Balls

    @cached_property
    def used(self) -> frozenset[int]:
        """The generators that some relation needs."""
        return frozenset(k for terms in self.proof.relations.values() for k, _ in terms)

    def of_kind(self, kind: str) -> list[int]:
        """The generators of a kind that are needed."""
        return sorted(k for k in self.used if self.proof.generators[k].kind == kind)

    @cached_property
    def solid(self) -> frozenset[int]:
        """The sign generators whose difference is zero on no open set."""
        generators, signs = self.proof.generators, self.of_kind("sign")
        return frozenset(k for k in signs if is_solid(generators[k], self.shape, self.balls))


def is_solid(generator: Generator, shape: Shape, balls: Balls) -> bool:
    """Whether a difference is analytic, and not 0 at the point: then it is so on no open set."""
    of = generator.of
    one, other = [ball(n) if isinstance(n, Fraction) else balls.values[n] for n in of]
    difference = one - other
    apart = difference.is_finite() and (difference > 0 or difference < 0)
    return bool(apart and all(map(shape.is_analytic, of)))


def prove(sides: Sides) -> int:
    """The bits of certainty with which the identity holds; raises RefutedError or OpenError."""
    roots = sides.of_kind("root")
    if len(roots) > MOST_ROOTS:
        raise OpenError(f"it needs {len(roots)} independent roots, more than {MOST_ROOTS}")
    choices = list(_free(roots))
    try:
        return _prove(sides, choices)
    except RefutedError:
        cases = list(all_cases(sides, len(choices)))
        if len(cases) <= 1:
            raise
        return _prove(sides, [(signs, each) for signs, _ in choices for each in cases])


def _free(roots: list[int]) -> Iterator[Choice]:
    """All signs of the roots."""
    subsets = (combinations(roots, size) for size in range(len(roots) + 1))
    for chosen in chain.from_iterable(subsets):
        yield frozenset(chosen), {}


def all_cases(sides: Sides, times: int = 1) -> Iterator[Mapping[int, int]]:
    """All cases of the steps; none where they would be too many, so many times."""
    steps = sides.of_kind("sign")
    ways = [range(2 if k in sides.solid else len(CASES)) for k in steps]
    if prod(map(len, ways), start=times) <= MOST_CASES:
        for cases in product(*ways):
            yield dict(zip(steps, cases, strict=True))


def _prove(sides: Sides, choices: list[Choice]) -> int:
    roots = max(len(signs) for signs, _ in choices)
    size = Sizes(sides.document, sides.proof).largest << roots
    doubts = size * MOST_TRIES * len(choices) * (len(sides.proof.relations) + 1)
    bits = max(LEAST_BITS, doubts.bit_length() + PRIMES_BITS + SURE_BITS)
    work = vanished = 0
    for _ in range(MOST_TRIES):
        work += len(sides.document.nodes) * len(choices)
        if work > MOST_WORK:
            raise OpenError("it takes too long")
        try:
            _try(sides, choices, _draw_prime(bits), secrets.token_bytes(SEED_BYTES))
        except NoRootError:
            continue
        except VanishedError:
            vanished += 1
            if vanished > MOST_VANISHED:
                raise
        else:
            return bits - PRIMES_BITS - doubts.bit_length()
    raise OpenError("no field was found that has all the roots")


def _try(sides: Sides, choices: list[Choice], prime: int, seed: bytes) -> None:
    document, proof, factor = sides.document, sides.proof, sides.document.factor
    for signs, cases in choices:
        point = Point(document, proof.generators, proof.relations, sides.shape, prime, seed,
                      sides.solid, signs, cases)  # fmt: skip
        values = evaluate(point)
        scale = point.residue(factor.number)
        if factor.power:
            scale *= point.power(point.draw(f"name {factor.name}"), factor.power)
        if (values[document.right] - scale * values[document.left]) % prime:
            raise RefutedError("the sides differ at a random point")


def _draw_prime(bits: int) -> int:
    """A random prime of so many bits that is 3 modulo 4, so that roots are powers."""
    while True:
        candidate = secrets.randbits(bits) | 1 << (bits - 1) | 3
        if fmpz(candidate).is_probable_prime():
            return candidate
