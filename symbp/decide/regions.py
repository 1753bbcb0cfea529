"""Proofs by cases: a step is 0 or 1, and in each case the pieces it chooses are formulas.

A step is replaced by its value, innermost first, and the two sides are compared in what remains.
A case in which they differ does no harm if it is empty: then the arguments of its steps, as
rational combinations of a few of them, form a linear system without a solution.
"""

import time
from collections.abc import Mapping
from fractions import Fraction

from symbp.decide.constants import NonResidueError, NoUniqueRootError
from symbp.decide.field import FieldPoint
from symbp.decide.functions import Functions
from symbp.decide.graph import CONSTANT, HAS_DOMAIN, HAS_STEP, Node, UndefinedError
from symbp.decide.inequalities import Inequality, is_empty
from symbp.decide.merging import Merging
from symbp.decide.proof import CERTAIN, Proof, Prover
from symbp.decide.residue import prime_for_relations, rational, residue, short_relation
from symbp.decide.tower import RootOrderError, VanishedError

MOST_STEPS = 24
POINTS_TO_TRY = 60
Case = Mapping[Node, bool]


class BudgetError(Exception):
    """The cases are too many, or the time for them is over."""


class CaseProver:
    """Proves identities of functions with steps; ``seconds`` of processor time for one proof."""

    def __init__(self, functions: Functions, prover: Prover, seconds: float) -> None:
        self._functions = functions
        self._graph = functions.graph
        self._prover = prover
        self._merging = Merging(functions, prover)
        self._seconds = seconds
        self._deadline = 0.0

    def prove(self, left: Node, right: Node) -> Proof | None:
        """A proof in all cases, None if one of them has none; raises BudgetError."""
        self._deadline = time.process_time() + self._seconds
        return self._prove(left, right, {})

    def _prove(self, left: Node, right: Node, case: Case) -> Proof | None:
        try:
            left, right = self._in_case(left, right, case)
        except UndefinedError:  # one side has no value in this case, and nothing is claimed of it
            return CERTAIN if self._is_empty(case) else None
        proof = self._identity(left, right)
        if proof is not None:
            return proof
        if len(case) >= MOST_STEPS or time.process_time() > self._deadline:
            raise BudgetError
        has_step = self._traits(left, right) & HAS_STEP
        if not (case and has_step):  # at the first and at the last the equal parts are sought
            merged, chance = self._merging.merge(left, right)
            if merged != (left, right):
                proof = self._prove(*merged, case)
                return None if proof is None else Proof(proof.error_bound + chance)
        if not has_step:
            return CERTAIN if self._is_empty(case) else None
        return self._split(left, right, case)

    def _identity(self, left: Node, right: Node) -> Proof | None:
        if left == right:
            return CERTAIN
        traits = self._traits(left, right)
        if traits & HAS_STEP and traits & HAS_DOMAIN:
            return None
        proof = self._prover.prove(left, right)
        return proof or self._prover.prove_with_relations(left, right)

    def _traits(self, left: Node, right: Node) -> int:
        return self._graph.traits[left] | self._graph.traits[right]

    def _split(self, left: Node, right: Node, case: Case) -> Proof | None:
        step = self._innermost_step(left, right)
        total = 0.0
        for value in (True, False):
            extended = {**case, step: value}
            proof = self._prove(left, right, extended)
            if proof is None and not self._is_empty(extended):
                return None
            total += proof.error_bound if proof is not None else 0.0
        return Proof(total)

    def _innermost_step(self, left: Node, right: Node) -> Node:
        graph = self._graph
        return next(n for n in graph.reach((left, right)) if graph.is_call(n, "step"))

    def _in_case(self, left: Node, right: Node, case: Case) -> tuple[Node, Node]:
        """Both sides with the decided steps replaced, until none of them is left."""
        while True:
            reached = self._graph.reach((left, right))
            known = {n: self._graph.constant(int(case[n])) for n in reached if n in case}
            if not known:
                return left, right
            left, right = self._functions.rebuilt((left, right), known)

    def _is_empty(self, case: Case) -> bool:
        """True only if no point has this pattern of signs."""
        arguments = [self._graph.children[step][0] for step in case]
        point = self._point(arguments)
        if point is None:
            return False
        system = linear_system(point, dict(zip(arguments, case.values(), strict=True)))
        return system is not None and is_empty(system)

    def _point(self, nodes: list[Node]) -> FieldPoint | None:
        prime = prime_for_relations(len(nodes) + 6)
        for _ in range(POINTS_TO_TRY):
            point = FieldPoint(self._graph, prime, vanishing=self._functions.vanishing)
            try:
                for node in nodes:
                    point.dual(node)
            except (VanishedError, NonResidueError, NoUniqueRootError, RootOrderError):
                continue
            return point
        return None


def linear_system(point: FieldPoint, signs: Mapping[Node, bool]) -> list[Inequality] | None:
    """The arguments as combinations of independent ones, each > 0 or < 0 as given.

    A step is also 0 where its argument is zero. That set is left out where it has no interior; an
    argument that may be zero on an open set says nothing by a step of 0.
    """
    prime = point.prime
    basis: list[Node] = []
    rows: list[tuple[dict[int, Fraction], Fraction]] = []
    for node in signs:
        if point.graph.kinds[node] == CONSTANT:
            rows.append(({}, point.graph.payloads[node]))
            continue
        duals = [point.dual(other) for other in basis]
        relation = short_relation(duals, point.dual(node), prime) if duals else None
        if point.dual(node) == 0:
            relation = ()
        constant = None
        if relation is not None:
            rest = point.value(node) - sum(
                point.value(basis[k]) * residue(q, prime) for k, q in relation
            )
            constant = rational(rest % prime, prime)
        if relation is None or constant is None:
            basis.append(node)
            rows.append(({len(basis) - 1: Fraction(1)}, Fraction(0)))
        else:
            rows.append((dict(relation), constant))
    return [
        Inequality(
            tuple((1 if sign else -1) * row.get(k, Fraction(0)) for k in range(len(basis))),
            (1 if sign else -1) * constant,
        )
        for (row, constant), (node, sign) in zip(rows, signs.items(), strict=True)
        if sign or not point.vanishing.may(node)
    ]
