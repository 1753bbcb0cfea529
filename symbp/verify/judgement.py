"""What can be said of a certificate: verified, rejected or not verifiable, with the reason.

*Different* is verified by two balls that are disjoint at the stated point. *Equal* is verified at
a random point of a random prime field that this program draws itself; the point that the
certificate names has to give the stated values as well.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction

import flint
from flint import arb

from symbp.verify.balls import Balls, ball
from symbp.verify.document import Document, Proof
from symbp.verify.evaluation import evaluate
from symbp.verify.exact import holds_exactly
from symbp.verify.field import NoRootError, Point, RefutedError, VanishedError
from symbp.verify.identity import OpenError, Sides, prove
from symbp.verify.pieces import MalformedError, shown, wanted
from symbp.verify.reading import read
from symbp.verify.shape import Shape, reach
from symbp.verify.sizes import TooLargeError
from symbp.verify.words import words

MOST_BYTES = 1 << 28
MOST_CERTIFICATES = 100_000
PRECISIONS = (128, 512, 2048, 16_384)
MOST_WORK = 1 << 28
"""Nodes times bits."""
SHARP_BITS = 40
PRIME_BITS = (128, 4096)
SURE_DIGITS = 12
"""With fewer digits a decimal number is taken as exact."""


class Status(StrEnum):
    """What became of a certificate."""

    verified = "verified"
    rejected = "rejected"
    open = "not verifiable"


@dataclass(frozen=True)
class Finding:
    """A status and what it rests on, in words; ``claim`` is the pair as it was verified."""

    status: Status
    text: str
    claim: str = ""

    def __str__(self) -> str:
        return f"{self.status} {self.text}" if self.status == Status.verified else (
            f"{self.status}: {self.text}"
        )  # fmt: skip


def read_certificates(content: bytes) -> list[object]:
    """The certificates in a file: one, or a list of them; raises MalformedError."""
    wanted(len(content) <= MOST_BYTES, "the file", f"one of at most {MOST_BYTES} bytes")
    try:
        value = json.loads(content)
    except (ValueError, RecursionError) as problem:
        raise MalformedError(f"no JSON: {shown(str(problem))}") from None
    found = value if isinstance(value, list) else [value]
    wanted(0 < len(found) <= MOST_CERTIFICATES, "the file", "a certificate or a list of them")
    return found


def verify(certificate: object) -> Finding:
    """What can be said of one certificate; whatever it holds, there is an answer.

    >>> print(verify({"format": "symbp-certificate"}))
    rejected: version: accepted is 1
    """
    try:
        document = read(certificate)
    except MalformedError as problem:
        return Finding(Status.rejected, str(problem))
    claim = " = ".join(words(document, side) for side in (document.left, document.right))
    return replace(_judge(document), claim=claim)


def _judge(document: Document) -> Finding:
    try:
        return Finding(Status.verified, JUDGES[document.outcome](document))
    except (MalformedError, RefutedError) as problem:
        return Finding(Status.rejected, str(problem))
    except VanishedError:
        return Finding(Status.rejected, "something is divided by zero at the point of the field")
    except NoRootError:
        return Finding(Status.rejected, "a root is not in the field of the certificate")
    except TooLargeError:
        return Finding(Status.open, "the terms are too large for a bound of the error")
    except OpenError as problem:
        return Finding(Status.open, str(problem))


def _different(document: Document) -> str:
    witness = document.witness
    if witness is None:
        raise OpenError("it holds no point at which the sides differ")
    _check_nodes(document, witness.at)
    for bits in _precisions(document, witness.bits):
        balls = Balls(document, witness.at, bits, strict=True)
        left, right = balls.values[document.left], balls.values[document.right]
        if left.is_finite() and right.is_finite() and not left.overlaps(right):
            _check_given(document, balls)
            _check_digits(left, witness.left, "left")
            _check_digits(right, witness.right, "right")
            return f"different: {witness.left} ≠ {witness.right}" + _where(document)
    raise RefutedError("the sides cannot be told apart at the point")


def _precisions(document: Document, bits: int) -> list[int]:
    """At least so many bits, then more, as far as the number of nodes allows."""
    least = max(bits, PRECISIONS[0])
    most = MOST_WORK // len(document.nodes)
    return [least, *(p for p in PRECISIONS if least < p <= most)]


def _check_digits(value: arb, text: str, side: str) -> None:
    """The value is within one unit of the last digit; a number of few digits is exact."""
    mantissa, _, exponent = text.lstrip("-").partition("e")
    digits = mantissa.replace(".", "")
    places = len(mantissa.partition(".")[2])
    unit = Fraction(10) ** (int(exponent or 0) - places)
    with flint.ctx.workprec(PRECISIONS[-1]):
        slack = ball(unit) if len(digits) >= SURE_DIGITS else arb(0)
        near = abs(value - ball(Fraction(text))) - slack
    if near > 0:
        raise RefutedError(f"the {side} side is {value.str(SURE_DIGITS)}, not {text}")


def _equal(document: Document) -> str:
    bound = _identity(document)
    return f"equal ({bound})" + _where(document)


def _proportional(document: Document) -> str:
    different = _different(document)
    factor = document.factor
    name = f"·{shown(factor.name)}^{factor.power}" if factor.power else ""
    bound = _identity(document)
    return f"proportional: right = {factor.number}{name}·left ({bound}), {different}"


JUDGES: Mapping[str, Callable[[Document], str]] = {
    "equal": _equal,
    "proportional": _proportional,
    "different": _different,
}


def _identity(document: Document) -> str:
    """Verifies right = factor·left; whether exactly, or with which bound of the error."""
    if document.point is None:
        raise OpenError("it holds no point at which both sides have a value")
    _check_nodes(document, document.point)
    balls = check_point(document, document.point)
    if document.proof is None:
        raise OpenError("the sides agree at a point, which is no proof, and it holds no other")
    shape = Shape(document)
    if shape.guarded:
        raise OpenError("a logarithm or a root may have a value in one piece alone")
    sides = Sides(document, document.proof, shape, balls)
    _check_values(sides, document.proof)
    return "exactly" if holds_exactly(sides) else f"error < 2^-{prove(sides)}"


def _check_nodes(document: Document, at: Mapping[str, Fraction]) -> None:
    """Every node counts, and every name has a value."""
    reached = reach(document, (document.left, document.right, *document.given))
    for number in range(len(document.nodes)):
        wanted(number in reached, f"node {number}", "one that the sides are made of")
    needed = {*document.names, *([document.factor.name] if document.factor.power else [])}
    wanted(needed == document.names, "factor", "a number, with a name of the sides")
    for name in at.keys() ^ needed:
        raise MalformedError(f"{shown(name)}: accepted is a value for each name, and no other")


def _check_given(document: Document, balls: Balls) -> None:
    if not all(balls.values[number] > 0 for number in document.given):
        raise RefutedError("an assumption does not hold at the point")


def check_point(document: Document, at: Mapping[str, Fraction]) -> Balls:
    """Both sides have a value at the point, and the same."""
    factor = document.factor
    wanted(not factor.power or at[factor.name] != 0, "point", "one at which the factor is not 0")
    scale = factor.number * (at[factor.name] ** factor.power if factor.power else 1)
    for bits in _precisions(document, PRECISIONS[0]):
        balls = Balls(document, at, bits, strict=False)
        with flint.ctx.workprec(bits):
            left, right = ball(scale) * balls.values[document.left], balls.values[document.right]
        if left.is_finite() and right.is_finite() and not left.overlaps(right):
            raise RefutedError("the sides differ at the point")
        if _is_sharp(left) and _is_sharp(right):
            _check_given(document, balls)
            return balls
    raise RefutedError("a side has no value at the point")


def _is_sharp(value: arb) -> bool:
    fine = value.rel_accuracy_bits() >= SHARP_BITS or abs(value).upper() < arb(2) ** -64
    return bool(value.is_finite() and fine)


def _check_values(sides: Sides, proof: Proof) -> None:
    """The point of the certificate gives the values it states."""
    least, most = PRIME_BITS
    wanted(least <= proof.prime.bit_length() <= most and proof.prime % 4 == 3, "prime",
           f"a prime of {least} to {most} bits that is 3 modulo 4")  # fmt: skip
    document = sides.document
    point = Point(document, proof.generators, proof.relations, sides.shape, proof.prime, proof.seed,
                  sides.solid)  # fmt: skip
    values = evaluate(point)
    if proof.values != (values[document.left], values[document.right]):
        raise RefutedError("the stated values are not those of the stated point")


def _where(document: Document) -> str:
    """The terms that are taken as positive, and the conditions as the certificate words them."""
    given = [f"{words(document, number)} > 0" for number in document.given]
    told = [f'"{shown(each)}"' for each in document.assumptions]
    return " where " + ", ".join([*given, *told]) if given or told else ""
