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

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from fractions import Fraction

import numpy as np
import sympy as sp
from flint import arb, fmpq
from numpy.typing import NDArray

from symbp.decide.assumptions import Assumptions
from symbp.decide.ball import Value, bounds, disjoint, is_finite
from symbp.decide.decimals import telling_apart
from symbp.decide.evaluator import Evaluator
from symbp.decide.graph import HAS_DOMAIN, HAS_STEP, HAS_SYMBOL, SYMBOL, Node
from symbp.decide.lower import Lowering, operands
from symbp.decide.points import sample
from symbp.decide.proof import Proof, Prover
from symbp.decide.regions import CaseProver
from symbp.decide.screen import candidates, evaluate, near
from symbp.decide.verdict import Method, Outcome, Point, Verdict, Witness

PRECISIONS = (128, 1024, 4096)
POINTS = 12
FIRST_POINTS = 3
SCANS = ((0, 512), (1, 512), (2, 4096), (3, 4096))
LARGEST_FACTOR = 10**6
SHARP_BITS = 40
SECONDS_FOR_CASES = 3.0


class DisagreementError(Exception):
    """The two evaluators contradict each other: a fault in this package, never a verdict."""


class Ladder:
    """Decides pairs over one list of definitions under one set of assumptions."""

    def __init__(self, assumptions: Assumptions) -> None:
        self._assumptions = assumptions
        self._written: dict[str, sp.Basic] = {}
        self._lowering = Lowering()
        self._prover = Prover(self._lowering.graph)
        self._cases = CaseProver(self._lowering.functions, self._prover, SECONDS_FOR_CASES)
        self._evaluators: dict[tuple[int, int, bool], Evaluator] = {}
        for name, value in assumptions.eliminated.items():
            self.define(name, value)
        for term in assumptions.above_zero:
            self._lowering.functions.bounds.assume_positive(self._lowering.lower(term))

    def define(self, name: str, expression: sp.Basic) -> None:
        """The name is the expression from now on."""
        self._lowering.define(name, expression)
        self._written[name] = expression

    def decide(self, left: sp.Basic, right: sp.Basic) -> Verdict:
        """Equal, proportional, different or undecided."""
        nodes = self._lowering.lower(left), self._lowering.lower(right)
        index = self._apart(left, right, PRECISIONS[0], range(1))
        if index is not None:
            return self._different(left, right, nodes, self._evaluator(index, PRECISIONS[0]))
        proof = self._prove(*nodes)
        if proof is not None:
            return self._equal(left, right, nodes, proof)
        for precision in PRECISIONS:
            index = self._apart(left, right, precision, range(FIRST_POINTS))
            if index is not None:
                return self._different(left, right, nodes, self._evaluator(index, precision))
        return self._decide_hard(left, right, nodes)

    def lanes(self, terms: Sequence[sp.Basic], count: int) -> list[NDArray[np.float64]]:
        """The terms in double precision at so many points, to screen by; not a number where a
        term has no value."""
        graph, positive = self._lowering.graph, self._assumptions.positive_names
        nodes = [self._lowering.lower(term) for term in terms]
        with np.errstate(all="ignore"):
            values = evaluate(
                graph, graph.reach(nodes), lambda name: near(name, count, name in positive)
            )
        return [np.broadcast_to(np.asarray(values[n], dtype=float), (count,)) for n in nodes]

    def _decide_hard(
        self, left: sp.Basic, right: sp.Basic, nodes: tuple[Node, Node]
    ) -> Verdict:
        for attempt, lanes in SCANS[:2]:
            found = self._scan(left, right, nodes, attempt, lanes)
            if found is not None:
                return found
        proof = self._prove_hard(*nodes)
        if proof is not None:
            return self._equal(left, right, nodes, proof)
        for attempt, lanes in SCANS[2:]:
            found = self._scan(left, right, nodes, attempt, lanes)
            if found is not None:
                return found
        if self._common_point(left, right) is None:
            return Verdict(Outcome.undecided, reason=NOWHERE)
        return Verdict(Outcome.undecided, reason="neither a proof nor a counterexample was found")

    def _prove(self, left: Node, right: Node) -> Proof | None:
        if left == right:
            return Proof(0.0)
        return None if self._has_guards(left, right) else self._prover.prove(left, right)

    def _prove_hard(self, left: Node, right: Node) -> Proof | None:
        proof = None
        if not self._has_guards(left, right):
            proof = self._prover.prove_with_relations(left, right)
        if proof is None and self._traits(left, right) & HAS_STEP:
            proof = self._cases.prove(left, right)
        return proof

    def _traits(self, left: Node, right: Node) -> int:
        return self._lowering.graph.traits[left] | self._lowering.graph.traits[right]

    def _has_guards(self, left: Node, right: Node) -> bool:
        """Whether a piece may hold a logarithm that exists in that piece alone."""
        both = HAS_STEP | HAS_DOMAIN
        return self._traits(left, right) & both == both

    def _evaluator(self, index: int, precision: int, strict: bool = True) -> Evaluator:
        key = (index, precision, strict)
        if key not in self._evaluators:
            positive = self._assumptions.positive_names
            self._evaluators[key] = Evaluator(
                self._written, lambda name: sample(name, index, positive), precision, strict
            )
        return self._evaluators[key]

    def _admits(self, evaluator: Evaluator) -> bool:
        """Whether the assumptions hold at the point of the evaluator."""
        return all(evaluator.value(term) > 0 for term in self._assumptions.above_zero)

    def _apart(
        self, left: sp.Basic, right: sp.Basic, precision: int, indices: range
    ) -> int | None:
        """The number of a point at which the sides are certainly different."""
        for index in indices:
            evaluator = self._evaluator(index, precision)
            if disjoint(evaluator.value(left), evaluator.value(right)) and self._admits(evaluator):
                return index
        return None

    def _scan(
        self,
        left: sp.Basic,
        right: sp.Basic,
        nodes: tuple[Node, Node],
        attempt: int,
        lanes: int,
    ) -> Verdict | None:
        positive = self._assumptions.positive_names
        for point in candidates(self._lowering.graph, *nodes, positive, attempt, lanes):
            for precision in PRECISIONS[:2]:
                evaluator = Evaluator(
                    self._written, _at(point), precision
                )
                a, b = evaluator.value(left), evaluator.value(right)
                if disjoint(a, b) and self._admits(evaluator):
                    return self._different(left, right, nodes, evaluator)
        return None

    def _different(
        self, left: sp.Basic, right: sp.Basic, nodes: tuple[Node, Node], evaluator: Evaluator
    ) -> Verdict:
        values = evaluator.value(left), evaluator.value(right)
        texts = telling_apart(*values)
        # A name may be written and yet not reached: x in x - x.
        written = {symbol.name for symbol in left.free_symbols | right.free_symbols}
        free = written - self._written.keys()
        witness = Witness(Point(lambda: self._coordinates(nodes, free, evaluator)), *texts)
        factor = self._factor(left, right, nodes, values)
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
        self, nodes: tuple[Node, Node], free: Set[str], evaluator: Evaluator
    ) -> Mapping[str, Fraction]:
        graph = self._lowering.graph
        reached = graph.reach(nodes)
        names = free | {graph.payloads[node] for node in reached if graph.kinds[node] == SYMBOL}
        at = {name: bounds(evaluator.name(name))[0] for name in sorted(names)}
        for name, value in self._assumptions.eliminated.items():
            at[name] = bounds(evaluator.value(value))[0]
        return at

    def _factor(
        self,
        left: sp.Basic,
        right: sp.Basic,
        nodes: tuple[Node, Node],
        values: tuple[Value, Value],
    ) -> tuple[Fraction, Proof] | None:
        """A rational c with right = c·left, read from the values and proved."""
        constant = _simple_ratio(*values)
        graph = self._lowering.graph
        if constant is None or not graph.traits[nodes[0]] & HAS_SYMBOL:
            return None
        scaled = graph.product(graph.constant(constant), nodes[0])
        scale = fmpq(constant.numerator, constant.denominator)
        for index in range(FIRST_POINTS):
            evaluator = self._evaluator(index, PRECISIONS[0])
            if disjoint(scale * evaluator.value(left), evaluator.value(right)):
                return None
        proof = self._prove(scaled, nodes[1]) or self._prove_hard(scaled, nodes[1])
        return None if proof is None else (constant, proof)

    def _equal(
        self, left: sp.Basic, right: sp.Basic, nodes: tuple[Node, Node], proof: Proof
    ) -> Verdict:
        conditions = tuple(self._conditions(left, right)) if self._needs_domain(nodes) else ()
        if self._common_point(left, right) is None:
            # Every point may be a tie: step(relu(z)) is one wherever z < 0.
            if not self._traits(*nodes) & HAS_STEP or not self._common_tie(left, right):
                return Verdict(Outcome.undecided, reason=NOWHERE)
            conditions = (*conditions, TIES)
        return Verdict(
            Outcome.equal,
            method=_method(proof),
            error_bound=proof.error_bound,
            assumptions=conditions,
        )

    def _common_tie(self, left: sp.Basic, right: sp.Basic) -> bool:
        """Whether both sides have the same value at a point where comparisons are ties."""
        return self._common_point(left, right, strict=False) is not None

    def _common_point(
        self, left: sp.Basic, right: sp.Basic, strict: bool = True
    ) -> int | None:
        """A point at which both sides have a value that is well known, and the same."""
        for index in range(POINTS):
            for precision in PRECISIONS[:2]:
                evaluator = self._evaluator(index, precision, strict)
                a, b = evaluator.value(left), evaluator.value(right)
                if not (is_finite(a) and is_finite(b) and self._admits(evaluator)):
                    break
                if disjoint(a, b):
                    raise DisagreementError
                if _is_sharp(a) and _is_sharp(b):
                    return index
        return None

    def _needs_domain(self, nodes: tuple[Node, Node]) -> bool:
        return bool(self._traits(*nodes) & HAS_DOMAIN)

    def _conditions(self, left: sp.Basic, right: sp.Basic) -> Iterator[str]:
        """The arguments of logarithms and roots that are not positive by their form."""
        seen: set[sp.Basic] = set()
        told: set[str] = set()
        stack = [right, left]
        while stack:
            term = stack.pop()
            if term in seen:
                continue
            seen.add(term)
            condition = self._condition(term)
            if condition is not None and condition not in told:
                told.add(condition)
                yield condition
            stack.extend(operands(term))
            if isinstance(term, sp.Symbol) and term.name in self._written:
                stack.append(self._written[term.name])

    def _condition(self, term: sp.Basic) -> str | None:
        if isinstance(term, sp.log):
            bounds_of = self._lowering.functions.bounds.of(self._lowering.lower(term.args[0]))
            return None if bounds_of.positive else f"{term.args[0]} > 0"
        if isinstance(term, sp.Pow) and not term.exp.is_Integer:
            bounds_of = self._lowering.functions.bounds.of(self._lowering.lower(term.base))
            return None if bounds_of.nonnegative else f"{term.base} >= 0"
        return None


TIES = "step(0) = 0"
NOWHERE = "undefined: no point was found at which both sides have a value"


def _method(proof: Proof) -> Method:
    return Method.modular if proof.error_bound else Method.exact


def _is_sharp(value: Value) -> bool:
    if isinstance(value, fmpq):
        return True
    return bool(value.rel_accuracy_bits() >= SHARP_BITS or abs(value).upper() < arb(2) ** -64)


def _simple_ratio(left: Value, right: Value) -> Fraction | None:
    """The one small fraction c with right = c·left at a point, if there is one."""
    if 0 in (left, right) or not is_finite(1 / arb(left)):
        return None
    try:
        lower, upper = bounds(right / left)
    except OverflowError:
        return None
    guess = ((lower + upper) / 2).limit_denominator(LARGEST_FACTOR)
    narrow = (upper - lower) * LARGEST_FACTOR**2 * 4 < 1
    inside = lower <= guess <= upper and 0 < abs(guess.numerator) <= LARGEST_FACTOR
    return guess if narrow and inside else None


def _at(point: Mapping[str, int]) -> Callable[[str], fmpq]:
    """The values of a candidate point, in 128ths; a name it does not have is one 128th."""
    return lambda name: fmpq(point.get(name, 1), 128)
