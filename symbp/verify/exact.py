"""The identity as one of polynomials, without chance: names and generators are variables.

The rules are those of ``field``, over fractions of polynomials instead of residues: each relation
is an identity there, and then the two sides are one. A power of e that stands in σ is written
s/(1 − s), so that σ is the variable s and a net stays a polynomial.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from fractions import Fraction
from functools import cached_property
from math import gcd, lcm

from symbp.verify.document import Terms
from symbp.verify.evaluation import evaluate
from symbp.verify.field import Element, Point, RefutedError, VanishedError
from symbp.verify.fractions import Limits, Ratio, TooLargeError
from symbp.verify.identity import Sides, all_cases

SECONDS = 0.5
MOST_NODES = 4000
MOST_EXPONENT = 4096
LABELS: Mapping[str, tuple[str, ...]] = {
    "exp": ("exp",), "log": ("log",), "angle": ("angle",), "erf": ("erf",), "sign": ("above", "below"),
}  # fmt: skip
"""The free elements of a generator of each kind; a root is none."""
LOGISTIC = frozenset(["sigmoid", "tanh"])


class ExactPoint(Point):
    """Every name and every generator is a variable of its own."""

    def __init__(self, sides: Sides, cases: Mapping[int, int], until: float) -> None:
        document, proof = sides.document, sides.proof
        super().__init__(document, proof.generators, proof.relations, sides.shape, 0, b"",
                         sides.solid, cases=cases)  # fmt: skip
        labels = [f"name {name}" for name in sorted(document.names)] + ["pi"]
        for index, generator in enumerate(proof.generators):
            labels += [f"{label} {index}" for label in LABELS[generator.kind]]
        self._labels = {label: k for k, label in enumerate(labels)}
        self._limits = Limits.of(len(labels), until)

    def draw(self, label: str) -> Ratio:
        """The variable with this label."""
        return self._limits.variable(self._labels[label])

    def residue(self, number: Fraction) -> Ratio:
        """A rational number."""
        top, bottom = map(self._limits.number, (number.numerator, number.denominator))
        return top * bottom.inverse()

    def reduced(self, value: Element) -> Ratio:
        """An element as a fraction, which is in lowest terms already."""
        return value if isinstance(value, Ratio) else self._limits.number(value)

    def is_zero(self, value: Element) -> bool:
        """Whether it is the polynomial 0."""
        return self.reduced(value).is_zero

    def inverse(self, value: Element) -> Ratio:
        """1/value; raises VanishedError."""
        try:
            return self.reduced(value).inverse()
        except ZeroDivisionError:
            raise VanishedError from None

    def power(self, base: Element, exponent: int) -> Ratio:
        """base^exponent, also for an exponent below 0."""
        if abs(exponent) > MOST_EXPONENT:
            raise TooLargeError
        base = self.reduced(base)
        return (self.inverse(base) if exponent < 0 else base).power(abs(exponent))

    def product(self, terms: Terms, times: int = 1) -> Ratio:
        """Π y^{times·exponent}, an exponential counted in the power that all of its uses share."""
        total = self._limits.number(1)
        for index, exponent in terms:
            whole = exponent * times / self._shared.get(index, 1)
            assert whole.denominator == 1
            total *= self.power(self._base(index), whole.numerator)
        return total

    def _base(self, index: int) -> Element:
        value = self.generator(index)[0]
        return value * self.inverse(1 - value) if index in self._logistic else value

    @cached_property
    def _shared(self) -> Mapping[int, Fraction]:
        """The largest number of which all exponents of an exponential are multiples."""
        shared: dict[int, Fraction] = {}
        for terms in self.relations.values():
            for index, exponent in terms:
                if self.generators[index].kind == "exp":
                    shared[index] = _common(shared.get(index, Fraction(0)), exponent)
        return shared

    @cached_property
    def _logistic(self) -> frozenset[int]:
        """The exponentials that stand in a sigmoid or a tanh."""
        return frozenset(
            index
            for number, terms in self.relations.items()
            if self.node(number).operation in LOGISTIC
            for index, _ in terms
            if self.generators[index].kind == "exp"
        )


def _common(one: Fraction, other: Fraction) -> Fraction:
    bottom = lcm(one.denominator, other.denominator)
    return Fraction(gcd(int(one * bottom), int(other * bottom)), bottom)


def holds_exactly(sides: Sides, seconds: float = SECONDS) -> bool:
    """Whether right = factor·left was proved so; False where roots or the size forbid it."""
    large = len(sides.document.nodes) > MOST_NODES
    if large or sides.shape.guarded or sides.of_kind("root"):
        return False
    until = time.monotonic() + seconds
    try:
        try:
            return _holds(sides, {}, until)
        except RefutedError:
            split = list(all_cases(sides))
            return len(split) > 1 and all(_holds(sides, cases, until) for cases in split)
    except (RefutedError, TooLargeError, VanishedError):
        return False


def _holds(sides: Sides, cases: Mapping[int, int], until: float) -> bool:
    document, factor = sides.document, sides.document.factor
    point = ExactPoint(sides, cases, until)
    values = evaluate(point)
    scale = point.residue(factor.number)
    if factor.power:
        scale *= point.power(point.draw(f"name {factor.name}"), factor.power)
    if not point.is_zero(values[document.right] - scale * values[document.left]):
        raise RefutedError("the sides are different polynomials")
    return True
