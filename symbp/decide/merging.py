"""Parts of two sides that have equal values are made one, so that what is known of one helps all.

relu(log(2 + sinh x + cosh x)) is no step away from log(2 + eˣ) once its argument is seen to be that
same logarithm, which is positive by its form. Equality of the parts is found as it is for the sides:
by their values at one secret point of a prime field. A part is also made a constant it is equal to,
or the negative of another part; a step the step of an argument that differs by a positive part; and
the root of a part's square its absolute value.
"""

from collections.abc import Sequence

from symbp.decide.field import FieldPoint
from symbp.decide.functions import Functions
from symbp.decide.graph import HAS_DOMAIN, HAS_ROOT, HAS_STEP, HAS_SYMBOL, Node, UndefinedError
from symbp.decide.proof import Prover

MOST_NODES = 2000
ROUNDS = 4


class Merging:
    """Makes equal parts of a pair one."""

    def __init__(self, functions: Functions, prover: Prover) -> None:
        self._functions = functions
        self._graph = functions.graph
        self._prover = prover

    def merge(self, left: Node, right: Node) -> tuple[tuple[Node, Node], float]:
        """Both sides with their equal parts made one, and the chance that two were not equal."""
        error = 0.0
        for _ in range(ROUNDS):
            merged, chance = self._merged_once(left, right, lattice=False)
            if merged == (left, right):
                merged, chance = self._merged_once(left, right, lattice=True)
            if merged == (left, right):
                break
            (left, right), error = merged, error + chance
        return (left, right), error

    def _merged_once(self, left: Node, right: Node, lattice: bool) -> tuple[tuple[Node, Node], float]:
        known, chance = self._equal_parts(left, right, lattice)
        try:
            new_left, new_right = self._functions.rebuilt((left, right), known)
        except UndefinedError:
            return (left, right), 0.0
        return (new_left, new_right), chance

    def _equal_parts(self, left: Node, right: Node, lattice: bool) -> tuple[dict[Node, Node], float]:
        """What each part is to be replaced by."""
        graph = self._graph
        nodes = graph.reach((left, right, graph.zero, graph.one))
        if len(nodes) > MOST_NODES:
            return {}, 0.0
        traits = graph.traits[left] | graph.traits[right]
        plain = [n for n in nodes if not graph.traits[n] & (HAS_DOMAIN | HAS_ROOT)]
        guarded = traits & HAS_STEP and traits & HAS_DOMAIN
        for parts in (plain,) if guarded else (nodes, plain):
            found = self._prover.values(parts, lattice)
            if found is not None:
                point, proof = found
                known = self._steps(parts, point) | self._representatives(parts, point)
                return self._roots(nodes, plain, point) | known, proof.error_bound
        return {}, 0.0

    def _representatives(self, parts: Sequence[Node], point: FieldPoint) -> dict[Node, Node]:
        """For each part the best one that has its value, or the negative value."""
        graph, best = self._graph, dict[int, Node]()
        for node in sorted(parts, key=self._rank):
            best.setdefault(point.values[node], node)
        known = {}
        for node in parts:
            value = point.values[node]
            same, mirrored = best[value], best.get(-value % point.prime)
            if same == node and mirrored is not None and self._rank(mirrored) < self._rank(node):
                same = graph.negative(mirrored)
            if same != node:
                known[node] = same
        return known

    def _roots(
        self, nodes: Sequence[Node], plain: Sequence[Node], point: FieldPoint
    ) -> dict[Node, Node]:
        """√(u²) = |u| for each root whose radicand is the square of a part without a root."""
        graph, values = self._graph, point.values
        squares = {values[node] ** 2 % point.prime: node for node in plain}
        known = {}
        for root in nodes:
            if graph.is_call(root, "sqrt"):
                part = squares.get(values.get(graph.children[root][0], -1))
                if part is not None and graph.traits[root] & HAS_SYMBOL:
                    known[root] = self._functions.absolute(part)
        return known

    def _steps(self, parts: Sequence[Node], point: FieldPoint) -> dict[Node, Node]:
        """For each step another one whose argument has always the same sign, or the other sign."""
        graph, values, prime = self._graph, point.values, point.prime
        positive = {values[node] for node in parts if self._functions.bounds.of(node).positive}
        steps = [node for node in parts if graph.is_call(node, "step")]
        known: dict[Node, Node] = {}
        for index, later in enumerate(steps):
            (x,) = graph.children[later]
            for earlier in steps[:index]:
                (y,) = graph.children[earlier]
                if earlier in known or 0 in (values[x], values[y]):
                    continue
                ratio = values[x] * pow(values[y], -1, prime) % prime
                if not positive.isdisjoint((ratio, pow(ratio, -1, prime))):
                    known[later] = earlier
                elif self._functions.vanishing.never(x) and not positive.isdisjoint(
                    (-ratio % prime, -pow(ratio, -1, prime) % prime)
                ):
                    known[later] = graph.difference(graph.one, earlier)
        return known

    def _rank(self, node: Node) -> tuple[bool, bool, Node]:
        bounds = self._functions.bounds.of(node)
        return not bounds.positive, not bounds.nonnegative, node
