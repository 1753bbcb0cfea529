"""The steps from a pair of terms to a verdict, cheapest first.

1. Both sides at a rational point, as balls: if they are apart there, they are *different*.
2. Both sides at a secret point of a prime field: if they agree, they are equal as functions of
   independent generators, hence *equal*, if there is a point at which both have a value.
3. Else more bits; points that a scan in double precision proposes; relations found by lattice
   reduction; the cases of the steps; and *undecided* if nothing of this tells.

Every *equal* has been evaluated once more by ``ball``, from the expressions as they were written;
a *different* rests on ``ball`` alone. Points at which a comparison is a tie are passed over, so
with steps, too, the sides of a *different* differ on an open set.
"""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import sympy as sp
from flint import arb, fmpq
from numpy.typing import NDArray

from symbp.decide.assumptions import Assumptions
from symbp.decide.ball import Value, bounds, disjoint, is_finite, simple_ratio
from symbp.decide.conditions import conditions_of
from symbp.decide.decimals import telling_apart
from symbp.decide.evaluator import Evaluator
from symbp.decide.graph import HAS_DOMAIN, HAS_POLE, HAS_STEP, HAS_SYMBOL, Node
from symbp.decide.lower import Lowering
from symbp.decide.points import sample
from symbp.decide.proof import CERTAIN, Proof, Prover
from symbp.decide.regions import CaseProver
from symbp.decide.screen import candidates, evaluate, near
from symbp.decide.terms import Term, Terms
from symbp.decide.verdict import Method, Outcome, Point, Verdict, Witness
from symbp.decide.written import Grounds

PRECISIONS = (128, 1024, 4096)
POINTS = 12
FIRST_POINTS = 3
POINTS_FOR_PIECES = 24
SCANS = ((0, 512), (1, 512), (2, 4096), (3, 4096))
SHARP_BITS = 40
SECONDS_FOR_CASES = 3.0


class DisagreementError(Exception):
    """The two evaluators contradict each other: a fault in this package, never a verdict."""


class RedefinedError(Exception):
    """A name gets a second definition, or a first one after it was used without."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is already defined or used")
        self.name = name


class _Pair(NamedTuple):
    """Two sides, each as a term (as it was written) and as a node (what the field sees)."""

    left: Term
    right: Term
    nodes: tuple[Node, Node]


class Ladder:
    """Decides pairs over one list of definitions under one set of assumptions."""

    def __init__(self, assumptions: Assumptions) -> None:
        self._written: dict[str, sp.Basic] = dict(assumptions.eliminated)
        self._terms = Terms(self._written)
        self._lowering = Lowering(self._terms)
        self._prover = Prover(self._lowering.graph, self._lowering.functions.vanishing)
        self._cases = CaseProver(self._lowering.functions, self._prover, SECONDS_FOR_CASES)
        self._evaluators: dict[tuple[int, int, bool], Evaluator] = {}
        self._hard: dict[tuple[Any, ...], Proof | None] = {}
        self._positive = assumptions.positive_names
        self._eliminated = {
            name: self._terms.number(value) for name, value in assumptions.eliminated.items()
        }
        self._above_zero = [self._terms.number(term) for term in assumptions.above_zero]
        for term in self._above_zero:
            self._lowering.functions.bounds.assume_positive(self._lowering.lower(term))

    def define(self, name: str, expression: sp.Basic) -> None:
        """The name is the expression from now on; it must not have been met before."""
        if name in self._terms.free:
            raise RedefinedError(name)
        self._lowering.lower(self._terms.number(expression))
        self._written[name] = expression

    def decide(self, left: sp.Basic, right: sp.Basic) -> Verdict:
        """Equal, proportional, different or undecided."""
        pair = self._pair(left, right)
        if pair.nodes[0] == pair.nodes[1]:
            return self._equal(pair, CERTAIN)
        evaluator = self._apart(pair, PRECISIONS[0], range(1))
        if evaluator is not None:
            return self._different(pair, evaluator)
        proof = self._prove(*pair.nodes)
        if proof is not None:
            return self._equal(pair, proof)
        for precision in PRECISIONS:
            evaluator = self._apart(pair, precision, range(FIRST_POINTS))
            if evaluator is not None:
                return self._different(pair, evaluator)
        return self._decide_hard(pair)

    def lanes(self, terms: Sequence[sp.Basic], count: int) -> list[NDArray[np.float64]]:
        """The terms in double precision at so many points, to screen by; not a number where a
        term has no value."""
        graph, positive = self._lowering.graph, self._positive
        nodes = [self._lowering.lower(self._terms.number(term)) for term in terms]
        with np.errstate(all="ignore"):
            values = evaluate(
                graph, graph.reach(nodes), lambda name: near(name, count, name in positive)
            )
        return [np.broadcast_to(np.asarray(values[n], dtype=float), (count,)) for n in nodes]

    def grounds(self, left: sp.Basic, right: sp.Basic, same: bool) -> Grounds:
        """What a certificate is made of, on a pair whose sides have the same values or not."""
        pair = self._pair(left, right)
        point = None
        for strict in (True, False) if same else ():
            index = self._common_point(pair, strict)
            if index is not None:
                evaluator = self._evaluator(index, PRECISIONS[0], strict)
                point = self._coordinates((pair.left, pair.right, *self._above_zero), evaluator)
                break
        return Grounds(self._terms, self._lowering, self._prover, (pair.left, pair.right),
                       tuple(self._above_zero), point)  # fmt: skip

    def _pair(self, left: sp.Basic, right: sp.Basic) -> _Pair:
        terms, lower = self._terms, self._lowering.lower
        a, b = terms.number(left), terms.number(right)
        return _Pair(a, b, (lower(a), lower(b)))

    def _decide_hard(self, pair: _Pair) -> Verdict:
        if self._traits(*pair.nodes) & HAS_STEP:
            # The pieces that differ may be away from the first points, and differ by little.
            evaluator = self._apart(pair, PRECISIONS[0], range(FIRST_POINTS, POINTS_FOR_PIECES))
            if evaluator is not None:
                return self._different(pair, evaluator)
        for attempt, lanes in SCANS[:2]:
            found = self._scan(pair, attempt, lanes)
            if found is not None:
                return found
        proof = self._prove_hard(*pair.nodes)
        if proof is not None:
            return self._equal(pair, proof)
        for attempt, lanes in SCANS[2:]:
            found = self._scan(pair, attempt, lanes)
            if found is not None:
                return found
        for precision in PRECISIONS[:2]:
            evaluator = self._apart(pair, precision, range(FIRST_POINTS, POINTS))
            if evaluator is not None:
                return self._different(pair, evaluator)
        if self._common_point(pair) is None:
            return Verdict(Outcome.undecided, reason=NOWHERE)
        return Verdict(Outcome.undecided, reason="neither a proof nor a counterexample was found")

    def _prove(self, left: Node, right: Node) -> Proof | None:
        if left == right:  # where a side was scaled
            return CERTAIN
        return None if self._has_guards(left, right) else self._prover.prove(left, right)

    def _prove_hard(self, left: Node, right: Node) -> Proof | None:
        """Entries of one array often say the same of other variables, and that is proved once."""
        if self._positive or self._above_zero:
            return self._prove_anew(left, right)
        pattern = self._lowering.graph.pattern((left, right))
        if pattern not in self._hard:
            self._hard[pattern] = self._prove_anew(left, right)
        return self._hard[pattern]

    def _prove_anew(self, left: Node, right: Node) -> Proof | None:
        proof = None
        if not self._has_guards(left, right):
            proof = self._prover.prove_with_relations(left, right)
        return proof or self._cases.prove(left, right)

    def _traits(self, left: Node, right: Node) -> int:
        return self._lowering.graph.traits[left] | self._lowering.graph.traits[right]

    def _has_guards(self, left: Node, right: Node) -> bool:
        """Whether a piece may hold a logarithm that exists in that piece alone."""
        both = HAS_STEP | HAS_DOMAIN
        return self._traits(left, right) & both == both

    def _evaluator(self, index: int, precision: int, strict: bool = True) -> Evaluator:
        key = (index, precision, strict)
        if key not in self._evaluators:
            positive = self._positive
            self._evaluators[key] = Evaluator(
                self._terms, lambda name: sample(name, index, positive), precision, strict
            )
        return self._evaluators[key]

    def _admits(self, evaluator: Evaluator) -> bool:
        """Whether the assumptions hold at the point of the evaluator."""
        return all([evaluator.value(term) > 0 for term in self._above_zero])

    def _apart(self, pair: _Pair, precision: int, indices: range) -> Evaluator | None:
        """Values at a point at which the sides are certainly different."""
        for index in indices:
            evaluator = self._evaluator(index, precision)
            if self._differ(pair, evaluator):
                return evaluator
        return None

    def _differ(self, pair: _Pair, evaluator: Evaluator) -> bool:
        return disjoint(*evaluator.pair(pair.left, pair.right)) and self._admits(evaluator)

    def _scan(self, pair: _Pair, attempt: int, lanes: int) -> Verdict | None:
        graph, positive = self._lowering.graph, self._positive
        for point in candidates(graph, *pair.nodes, positive, attempt, lanes):
            for precision in PRECISIONS[:2]:
                evaluator = Evaluator(self._terms, _at(point), precision)
                if self._differ(pair, evaluator):
                    return self._different(pair, evaluator)
        return None

    def _different(self, pair: _Pair, evaluator: Evaluator) -> Verdict:
        values = evaluator.pair(pair.left, pair.right)
        at = Point(lambda: self._coordinates((pair.left, pair.right), evaluator))
        witness = Witness(at, *telling_apart(*values))
        factor = self._factor(pair, values)
        if factor is None:
            return Verdict(Outcome.different, witness=witness)
        constant, proof = factor
        return Verdict(
            Outcome.proportional,
            method=_method(proof),
            error_bound=proof.error_bound,
            witness=witness,
            factor=constant,
        )

    def _coordinates(
        self, roots: Sequence[Term], evaluator: Evaluator
    ) -> Mapping[str, Fraction]:
        """The value of every name that stands in the terms and in their definitions."""
        terms = self._terms
        reached = {term for root in roots for term in terms.reach(root)}
        names = {
            terms.expressions[term].name
            for term in reached
            if isinstance(terms.expressions[term], sp.Symbol) and not terms.parts[term]
        }
        at = {name: bounds(evaluator.name(name))[0] for name in sorted(names)}
        for name, value in self._eliminated.items():
            at[name] = bounds(evaluator.value(value))[0]
        return at

    def _factor(
        self, pair: _Pair, values: tuple[Value, Value]
    ) -> tuple[Fraction, Proof] | None:
        """A rational c with right = c·left, read from the values and proved."""
        constant = simple_ratio(*values)
        graph, (left, right) = self._lowering.graph, pair.nodes
        if constant is None or not graph.traits[left] & HAS_SYMBOL:
            return None
        scaled = graph.product(graph.constant(constant), left)
        proof = self._prove(scaled, right)
        if proof is None and not self._refuted(pair, constant):
            proof = self._prove_hard(scaled, right)
        return None if proof is None else (constant, proof)

    def _refuted(self, pair: _Pair, constant: Fraction) -> bool:
        """Whether right = constant·left fails at one of the first points."""
        scale = fmpq(constant.numerator, constant.denominator)
        evaluators = (self._evaluator(index, PRECISIONS[0]) for index in range(FIRST_POINTS))
        return any(disjoint(scale * e.value(pair.left), e.value(pair.right)) for e in evaluators)

    def _equal(self, pair: _Pair, proof: Proof) -> Verdict:
        traits = self._traits(*pair.nodes)
        conditions: tuple[str, ...] = ()
        if traits & (HAS_DOMAIN | HAS_POLE):
            conditions = tuple(conditions_of(self._lowering, self._terms, (pair.left, pair.right)))
        if self._common_point(pair) is None:
            # Every point may be a tie: step(relu(z)) is one wherever z < 0.
            if not traits & HAS_STEP or self._common_point(pair, strict=False) is None:
                return Verdict(Outcome.undecided, reason=NOWHERE)
            conditions = (*conditions, TIES)
        return Verdict(
            Outcome.equal,
            method=_method(proof),
            error_bound=proof.error_bound,
            assumptions=conditions,
        )

    def _common_point(self, pair: _Pair, strict: bool = True) -> int | None:
        """A point at which both sides have a value that is well known, and the same."""
        for index in range(POINTS):
            for precision in PRECISIONS[:2]:
                evaluator = self._evaluator(index, precision, strict)
                a, b = evaluator.pair(pair.left, pair.right)
                if not (is_finite(a) and is_finite(b) and self._admits(evaluator)):
                    break
                if disjoint(a, b):
                    raise DisagreementError
                if _is_sharp(a) and _is_sharp(b):
                    return index
        return None


TIES = "step(0) = 0"
NOWHERE = "undefined: no point was found at which both sides have a value"


def _method(proof: Proof) -> Method:
    return Method.modular if proof.error_bound else Method.exact


def _is_sharp(value: Value) -> bool:
    if isinstance(value, fmpq):
        return True
    return bool(value.rel_accuracy_bits() >= SHARP_BITS or abs(value).upper() < arb(2) ** -64)


def _at(point: Mapping[str, int]) -> Callable[[str], fmpq]:
    """The values of a candidate point, in 128ths; a name it does not have is one 128th."""
    return lambda name: fmpq(point.get(name, 1), 128)
