"""Proofs of identities in a prime field, with all that can go wrong at a point.

Square roots need care. A radicand that has been seen as a non-residue at a point where all
earlier roots exist is no square in the field built so far, so m such radicands make an extension
of degree 2^m in which all choices of signs are conjugate: one choice proves the identity for all.
A radicand for which that is never seen may be a square (√x² is x *or* −x), and then every choice
of signs is tried, all of them at the same point.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from symbp.decide.constants import NonResidueError, NoUniqueRootError
from symbp.decide.degree import Degrees
from symbp.decide.field import FieldPoint
from symbp.decide.graph import CALL, HAS_DOMAIN, HAS_ROOT, Graph, Node
from symbp.decide.residue import (
    COEFFICIENT_BOUND,
    PRIME_BITS,
    draw_prime,
    prime_for_relations,
    secret_prime,
)
from symbp.decide.tower import RootOrderError, VanishedError
from symbp.decide.vanishing import Vanishing

ORDER = 12
MAX_ORDER = 5000
MAX_VANISHED = 20
MAX_POINTS = 4000
MAX_SIGN_CHOICES = 8
POINTS_FOR_INDEPENDENCE = 40
MAX_ERROR_BITS = 100
RATIONAL_ERROR_BITS = PRIME_BITS - 1 - 83
"""A random residue is a small fraction with a probability of 2⁻¹⁷²."""


@dataclass(frozen=True)
class Proof:
    """An identity holds, but for a chance of at most ``error_bound``."""

    error_bound: float


CERTAIN = Proof(0.0)


@dataclass
class _Search:
    """What is learned about one pair while points are tried."""

    lattice: bool
    prime: int
    order: int = ORDER
    not_squares: set[int] = field(default_factory=set)


class Prover:
    """Proves identities between nodes of one graph.

    Pairs whose functions exist everywhere share one point that grows with the graph. A pair with
    a logarithm or a root of something that may be negative gets a point of its own: what such a
    function tells about signs must not reach other statements.
    """

    def __init__(self, graph: Graph, vanishing: Vanishing | None = None) -> None:
        self.graph = graph
        self._vanishing = vanishing or Vanishing(graph)
        self._shared = FieldPoint(graph, secret_prime(), vanishing=self._vanishing)
        self._degrees = Degrees(graph, call=(2 * ORDER, 2 * ORDER))

    def prove(self, left: Node, right: Node) -> Proof | None:
        """A proof with relations from the table of multiples, None if there is none."""
        traits = self.graph.traits[left] | self.graph.traits[right]
        if not traits & (HAS_DOMAIN | HAS_ROOT):
            shared = self._shared
            try:
                same = shared.value(left) == shared.value(right)
            except (VanishedError, RootOrderError, NonResidueError, NoUniqueRootError):
                return self._prove_apart(left, right, lattice=False)
            if not shared.tower.roots:
                degree = self._degrees.of(left) + self._degrees.of(right) + 1
                return self._proof(degree, shared) if same else None
            # exp(½·log u) is a root, too: with one of its two signs nothing is proved.
            self._shared = FieldPoint(self.graph, shared.prime, vanishing=self._vanishing)
        return self._prove_apart(left, right, lattice=False)

    def prove_with_relations(self, left: Node, right: Node) -> Proof | None:
        """A proof with relations found by lattice reduction."""
        return self._prove_apart(left, right, lattice=True)

    def values(self, nodes: Sequence[Node], lattice: bool) -> tuple[FieldPoint, Proof] | None:
        """A new point at which all nodes have a value, where equal values prove equal functions.

        Also the chance that one of them is there, by accident, equal to another one, or to the
        quotient of two. None if there is no such point, or if a radicand may be a square, so that
        one choice of signs is not enough.
        """
        calls = sum(self.graph.kinds[node] == CALL for node in nodes)
        search = _Search(lattice, prime_for_relations(calls) if lattice else secret_prime())
        point = self._find_point(search, *nodes)
        if point is None or (point.tower.roots and not self._independent(search, point, *nodes)):
            return None
        degree = 3 * max(map(self._degrees_apart(search, calls).of, nodes)) + 1
        proof = self._proof(4 * len(nodes) ** 3 * degree, point)
        return None if proof is None else (point, proof)

    def point(self, left: Node, right: Node, lattice: bool) -> FieldPoint | None:
        """A new point of a new field at which both nodes have a value, None if none is found."""
        calls = [n for n in self.graph.reach((left, right)) if self.graph.kinds[n] == CALL]
        bits = prime_for_relations(len(calls)).bit_length() if lattice else PRIME_BITS
        return self._find_point(_Search(lattice, secret_prime(bits)), left, right)

    def _prove_apart(self, left: Node, right: Node, lattice: bool) -> Proof | None:
        calls = [n for n in self.graph.reach((left, right)) if self.graph.kinds[n] == CALL]
        prime = prime_for_relations(len(calls)) if lattice else secret_prime()
        search = _Search(lattice, prime)
        point = self._find_point(search, left, right)
        if point is None or point.values[left] != point.values[right]:
            return None
        if point.tower.roots and not self._independent(search, point, left, right):
            count = point.tower.roots
            if count > MAX_SIGN_CHOICES:
                return None
            for flips in range(1, 1 << count):
                if not self._holds_with(search, point, flips, left, right):
                    return None
        degrees = self._degrees_apart(search, len(calls))
        return self._proof(degrees.of(left) + degrees.of(right) + 1, point)

    def _degrees_apart(self, search: _Search, calls: int = 0) -> Degrees:
        exponents = COEFFICIENT_BOUND * max(1, calls) if search.lattice else 2
        call = search.order * exponents
        return Degrees(self.graph, call=(call, call))

    def _find_point(self, search: _Search, *nodes: Node) -> FieldPoint | None:
        vanished = 0
        for _ in range(MAX_POINTS):
            point = FieldPoint(self.graph, search.prime, lattice=search.lattice,
                               order=search.order, vanishing=self._vanishing)  # fmt: skip
            try:
                for node in nodes:
                    point.value(node)
            except NonResidueError as problem:
                search.not_squares.add(problem.index)
                if problem.constant:
                    search.prime = draw_prime(search.prime.bit_length())
            except RootOrderError as problem:
                search.order = problem.order
                if search.order > MAX_ORDER:
                    return None
            except VanishedError:
                vanished += 1
                if vanished > MAX_VANISHED:
                    return None
            except NoUniqueRootError:
                search.prime = draw_prime(search.prime.bit_length())
            else:
                return point
        return None

    def _independent(self, search: _Search, point: FieldPoint, *nodes: Node) -> bool:
        wanted = set(range(point.tower.roots))
        for _ in range(POINTS_FOR_INDEPENDENCE):
            if wanted <= search.not_squares:
                return True
            if self._find_point(search, *nodes) is None:
                return False
        return wanted <= search.not_squares

    def _holds_with(
        self, search: _Search, point: FieldPoint, flips: int, left: Node, right: Node
    ) -> bool:
        other = FieldPoint(
            self.graph,
            point.prime,
            lattice=search.lattice,
            order=point.tower.order,
            flips=flips,
            seed=point.seed,
            vanishing=self._vanishing,
        )
        try:
            return other.value(left) == other.value(right)
        except (NonResidueError, NoUniqueRootError, VanishedError, RootOrderError):
            return False

    def _proof(self, degree: int, point: FieldPoint) -> Proof | None:
        """With the error of the identity and of every relation that was accepted on the way."""
        error = 4 * degree * (1 + point.tower.relations)
        bits = RATIONAL_ERROR_BITS - error.bit_length()
        return Proof(2.0**-bits) if bits >= MAX_ERROR_BITS else None
