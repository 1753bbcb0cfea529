"""A certificate: what a second program needs to verify a verdict, as JSON.

It holds the pair as a list of nodes; for *different* a point and both values there; for *equal* and
*proportional* how every function value is written with few generators, so that nothing has to be
searched, and the prime, the seed and the values of both sides. What is written was verified once
by that program; where it was not, the certificate says so and claims no proof.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import flint
import sympy as sp
from flint import arb

from symbp.decide.constants import NonResidueError, NoUniqueRootError
from symbp.decide.field import SEED_BYTES
from symbp.decide.relations import NeedsRootError, Search
from symbp.decide.residue import PRIME_BITS, draw_prime, secret_prime
from symbp.decide.tower import RootOrderError, VanishedError
from symbp.decide.verdict import Outcome, Verdict
from symbp.decide.written import Grounds, Written
from symbp.verify.balls import Balls
from symbp.verify.document import Document, Proof
from symbp.verify.exact import holds_exactly
from symbp.verify.field import NoRootError, RefutedError
from symbp.verify.field import VanishedError as DividedError
from symbp.verify.judgement import PRECISIONS, Status, verify
from symbp.verify.pieces import MalformedError
from symbp.verify.reading import FORMAT, VERSION, read

Certificate = dict[str, Any]
DIGITS = 20
MOST_WALKS = 12
MOST_FUNCTIONS_FOR_LATTICE = 40
NO_RELATIONS = (
    NonResidueError, NoUniqueRootError, RootOrderError, VanishedError, NoRootError, RefutedError,
    DividedError, ZeroDivisionError,
)  # fmt: skip


def certify(
    grounds: Grounds, left: sp.Basic, right: sp.Basic, verdict: Verdict
) -> Certificate:
    """The certificate of a verdict that is equal, proportional or different."""
    written = Written(grounds)
    certificate = _stated(written, grounds, left, right, verdict)
    if verdict.outcome != Outcome.different:
        _prove(certificate, written, grounds)
    return certificate


def is_exact(grounds: Grounds, left: sp.Basic, right: sp.Basic, verdict: Verdict) -> bool:
    """Whether an identity was also proved between polynomials, without chance."""
    written = Written(grounds)
    try:
        document = read(_stated(written, grounds, left, right, verdict))
    except MalformedError:
        return False
    for attempt in _attempts(document, written, grounds):
        try:
            search = attempt.search(secret_prime)
        except NO_RELATIONS:
            continue
        if search is not None and holds_exactly(search.sides):
            return True
    return False


def _stated(
    written: Written, grounds: Grounds, left: sp.Basic, right: sp.Basic, verdict: Verdict
) -> Certificate:
    """A certificate with all but its proof."""
    terms = [*grounds.sides, *grounds.given]
    left_number, right_number, *given = written.pruned([written.term(term) for term in terms])
    certificate: Certificate = {
        "format": FORMAT,
        "version": VERSION,
        "claim": {"left": str(left), "right": str(right)},
        "outcome": str(verdict.outcome),
        "assumptions": list(verdict.assumptions),
        "given": given,
        "nodes": written.nodes,
        "left": left_number,
        "right": right_number,
    }
    if verdict.outcome == Outcome.proportional:
        certificate["factor"] = _factor(verdict.factor)
    if verdict.outcome != Outcome.equal:
        certificate["witness"] = _witness(certificate, verdict)
    if verdict.outcome != Outcome.different:
        at = verdict.witness.at if verdict.witness else grounds.point
        certificate["point"] = _named(certificate, at)
        certificate["proof"] = None
    return certificate


def _factor(factor: Fraction | sp.Expr | None) -> Certificate:
    """``number · name^power``."""
    assert factor is not None
    number, rest = sp.sympify(factor).as_coeff_Mul()
    base, power = rest.as_base_exp()
    name = {"name": base.name, "power": int(power)} if isinstance(base, sp.Symbol) else {}
    return {"number": str(number), **name}


def _named(
    certificate: Certificate, at: Mapping[str, Fraction] | None
) -> dict[str, str] | None:
    """The values of the names that are free in a certificate."""
    if at is None:
        return None
    names = [node[1] for node in certificate["nodes"] if node[0] == "name"]
    return {name: str(at.get(name, Fraction(1))) for name in names}


def _witness(certificate: Certificate, verdict: Verdict) -> Certificate | None:
    """The point of a verdict, with the digits that the second program finds there."""
    if verdict.witness is None:
        return None
    witness = {"at": _named(certificate, verdict.witness.at), "left": "0", "right": "0",
               "bits": PRECISIONS[0]}  # fmt: skip
    document = read({**certificate, "outcome": "different", "factor": None, "witness": witness})
    assert document.witness is not None
    for bits in PRECISIONS:
        balls = Balls(document, document.witness.at, bits, strict=True)
        sides = [balls.values[n] for n in (document.left, document.right)]
        admitted = all(balls.values[n] > 0 for n in document.given)
        if admitted and all(v.is_finite() for v in sides) and not sides[0].overlaps(sides[1]):
            left, right = _digits(sides[0], sides[1], bits)
            return {**witness, "left": left, "right": right, "bits": bits}
    return None


def _digits(left: arb, right: arb, bits: int) -> tuple[str, str]:
    """Both values, with enough digits to show that they differ."""
    count = DIGITS
    with flint.ctx.workprec(bits):
        texts = left.str(count, radius=False), right.str(count, radius=False)
        while texts[0] == texts[1] and count < bits:
            count *= 2
            texts = left.str(count, radius=False), right.str(count, radius=False)
    return texts


def _prove(certificate: Certificate, written: Written, grounds: Grounds) -> None:
    """Adds a proof that the second program accepts, or says why there is none."""
    certificate["reason"] = "no relations were found by which it could be verified"
    try:
        document = read(certificate)
    except MalformedError as problem:
        certificate["reason"] = str(problem)
        return
    for attempt in _attempts(document, written, grounds):
        try:
            proof = attempt.proof()
        except NO_RELATIONS:
            continue
        if proof is None:
            continue
        tried = {**certificate, "proof": proof}
        if verify(tried).status == Status.verified:
            certificate["proof"] = proof
            del certificate["reason"]
            return


def _attempts(document: Document, written: Written, grounds: Grounds) -> Iterator[_Attempt]:
    """A quick search for relations, and a thorough one where there are few functions."""
    if document.point is None:
        return
    calls = sum(1 for node in document.nodes if node.operation not in PLAIN)
    for thorough in (False, True)[: 1 + (calls <= MOST_FUNCTIONS_FOR_LATTICE)]:
        yield _Attempt(document, written, grounds, thorough)


PLAIN = frozenset(["number", "name", "defined", "add", "multiply"])


@dataclass(frozen=True)
class _Attempt:
    """One search for relations, thorough or not."""

    document: Document
    written: Written
    grounds: Grounds
    thorough: bool

    def proof(self) -> Certificate | None:
        """The proof as JSON, with the values at the point of the search."""
        search = self.search(lambda: draw_prime(PRIME_BITS))
        return None if search is None else _as_json(search.sides.proof)

    def search(self, prime: Callable[[], int]) -> Search | None:
        """Walks until no root is needed that was not foreseen.

        A number such as 2 has a root modulo every other prime, so each walk asks for one.
        """
        left, right = map(self.grounds.lowering.lower, self.grounds.sides)
        first = self.grounds.prover.point(left, right, self.thorough)
        if first is None:
            return None
        rooted: frozenset[int | str] = frozenset()
        graph = self.grounds.lowering.graph
        for _ in range(MOST_WALKS):
            search = Search(self.document, self.written.lowered, graph, first, self._balls(),
                            prime(), secrets.token_bytes(SEED_BYTES), rooted,
                            self.thorough)  # fmt: skip
            try:
                search.run()
                return search
            except (NoRootError, NeedsRootError):
                rooted |= search.wanted
        return None

    def _balls(self) -> Balls:
        assert self.document.point is not None
        return Balls(self.document, self.document.point, PRECISIONS[0], strict=False)


def _as_json(proof: Proof) -> Certificate:
    return {
        "generators": [
            [g.kind, g.over, *(str(n) if isinstance(n, Fraction) else n for n in g.of)]
            for g in proof.generators
        ],
        "relations": [
            [number, [[index, str(exponent)] for index, exponent in terms]]
            for number, terms in proof.relations.items()
        ],
        "prime": f"{proof.prime:x}",
        "seed": proof.seed.hex(),
        "values": {"left": f"{proof.values[0]:x}", "right": f"{proof.values[1]:x}"},
    }
