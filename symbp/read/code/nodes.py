"""The entries of traced arrays: nodes of one shared graph, in the order they were computed.

Each scalar operation of a script adds at most one node; equal operations on equal nodes are one
node. Numbers are exact (the decimal 0.1 is 1/10), so a trace says what the formula says and not
what rounding made of it. Nothing is ever substituted into anything else: the graph read in order
is a list of scalar equations (``equations``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntFlag
from fractions import Fraction

from symbp.read.code.exact import square_part, value_of

MAX_NODES = 400_000
MAX_BITS = 2_048
MAX_POWER = 64


class GraphError(ValueError):
    """A trace that is larger than its bounds."""


class Kind(IntFlag):
    """What a leaf stands for; a node carries the kinds of all leaves below it."""

    constant = 0
    data = 1
    random = 2
    state = 4
    """A value that the training loop changes, as it is when the pass begins."""
    named = 8
    """A number to which the script gives a name: a learning rate, a decay."""
    counter = 16
    shift = 32
    """The largest of several entries, taken as a free number (softmax does not depend on it)."""
    opaque = 64
    """A value that is not followed; whatever depends on it is undecided."""


@dataclass(frozen=True)
class Leaf:
    """Where a leaf comes from: its kind, a name, the script's own number, the line."""

    kind: Kind
    name: str
    value: float
    line: int
    reason: str = ""


class Node:
    """One entry: an operation on earlier entries. Made by :class:`Graph` alone."""

    __slots__ = ("arguments", "kinds", "number", "operation", "place")

    def __init__(
        self, operation: str, arguments: tuple[Node, ...], kinds: Kind, place: int,
        number: Fraction | None = None,
    ) -> None:
        self.operation = operation
        self.arguments = arguments
        self.kinds = kinds
        self.place = place
        self.number = number

    def __repr__(self) -> str:
        if self.number is not None:
            return str(self.number)
        inside = ", ".join(f"#{a.place}" for a in self.arguments)
        return f"#{self.place} {self.operation}({inside})"


class Graph:
    """All nodes of one trace, hash-consed, in the order of their making.

    >>> graph = Graph()
    >>> x = graph.leaf(Leaf(Kind.data, "x", 0.5, 1))
    >>> graph.add(x, x) is graph.add(x, x), graph.add(graph.constant(1), graph.constant(2))
    (True, 3)
    """

    def __init__(self, limit: int = MAX_NODES) -> None:
        self.limit = limit
        self.nodes: list[Node] = []
        self.leaves: dict[Node, Leaf] = {}
        self.pinned: set[Node] = set()
        self.clipped: dict[Node, Node] = {}
        """What was clipped, by what came of it."""
        self._known: dict[tuple[object, ...], Node] = {}
        self.zero, self.one = self.constant(0), self.constant(1)
        self.minus_one = self.constant(-1)

    def _node(
        self, operation: str, arguments: tuple[Node, ...], number: Fraction | None = None
    ) -> Node:
        key = (operation, number, *(a.place for a in arguments))
        node = self._known.get(key)
        if node is None:
            kinds = Kind.constant
            for argument in arguments:
                kinds |= argument.kinds
            node = self._known[key] = self._append(operation, arguments, kinds, number)
        return node

    def _append(
        self, operation: str, arguments: tuple[Node, ...], kinds: Kind, number: Fraction | None
    ) -> Node:
        if len(self.nodes) >= self.limit:
            raise GraphError(f"the pass has more than {self.limit:,} scalar operations")
        node = Node(operation, arguments, kinds, len(self.nodes), number)
        self.nodes.append(node)
        return node

    def constant(self, value: int | Fraction) -> Node:
        """An exact number."""
        number = Fraction(value)
        if max(abs(number.numerator), number.denominator).bit_length() > MAX_BITS:
            raise GraphError(f"a number of more than {MAX_BITS:,} bits")
        return self._node("constant", (), number)

    def leaf(self, leaf: Leaf) -> Node:
        """A new symbol."""
        node = self._append("leaf", (), leaf.kind, None)
        self.leaves[node] = leaf
        return node

    def opaque(self, reason: str, line: int, value: float = 0.5) -> Node:
        """An entry that is not followed, with the reason."""
        return self.leaf(Leaf(Kind.opaque, "unknown", value, line, reason))

    def add(self, *terms: Node) -> Node:
        """The sum; numbers are gathered into one."""
        constant = Fraction(0)
        rest = []
        for term in terms:
            if term.number is None:
                rest.append(term)
            else:
                constant += term.number
        if not rest:
            return self.constant(constant)
        if constant:
            rest.append(self.constant(constant))
        return rest[0] if len(rest) == 1 else self._node("add", tuple(rest))

    def multiply(self, a: Node, b: Node) -> Node:
        """The product."""
        if a.number is not None and b.number is not None:
            return self.constant(a.number * b.number)
        if b.number is not None:
            a, b = b, a
        if a.number is not None and a.number in (0, 1):
            return b if a.number else self.zero
        for one, other in ((a, b), (b, a)):
            # A step is its own square.
            if one.operation == "step" and (other is one or (
                other.operation == "multiply" and one in other.arguments
            )):
                return other
        return self._node("multiply", (a, b))

    def negate(self, a: Node) -> Node:
        """−a."""
        return self.multiply(self.minus_one, a)

    def subtract(self, a: Node, b: Node) -> Node:
        """a − b."""
        return self.add(a, self.negate(b))

    def divide(self, a: Node, b: Node) -> Node:
        """a / b; by zero it is no number."""
        if b.number is not None:
            if b.number == 0:
                return self.opaque("a division by zero", 0)
            return self.multiply(self.constant(1 / b.number), a)
        return self._node("divide", (a, b))

    def power(self, a: Node, b: Node) -> Node:
        """a to the b."""
        n = b.number
        if n is None:
            return self._node("power", (a, b))
        if n in (0, 1):
            return a if n else self.one
        if n == Fraction(1, 2):
            return self.apply("sqrt", a)
        if a.number is not None and n.denominator == 1 and (a.number or n > 0):
            if abs(n) > MAX_POWER and a.number not in (0, 1, -1):
                raise GraphError(f"an exponent of more than {MAX_POWER}")
            return self.constant(a.number**n.numerator)
        return self._node("power", (a, b))

    def apply(self, name: str, a: Node) -> Node:
        """A function of one number (``exp log tanh sqrt abs sign step sin cos sigmoid …``)."""
        if a.number is not None:
            known = value_of(name, a.number)
            if known is not None:
                return self.constant(known)
            if name == "sqrt" and a.number > 0 and (part := square_part(a.number)) != 1:
                rest = self.constant(a.number / part**2)  # √12 is 2·√3, so that equal roots are one
                return self.multiply(self.constant(part), self._node(name, (rest,)))
        return self._step(a) if name == "step" else self._node(name, (a,))

    def _step(self, a: Node) -> Node:
        """1 where a > 0: one node for a and its positive multiples, its complement for −a.

        Where a = 0 both sides of a kink meet; that is almost nowhere, and no verdict rests on it.
        """
        if a.operation == "step":
            return a
        if a.operation == "multiply":
            for one, other in (a.arguments, a.arguments[::-1]):
                if one.number is not None:
                    step = self._step(other)
                    return step if one.number > 0 else self.complement(step)
                if one.operation == "step":
                    return self.multiply(one, self._step(other))
        return self._node("step", (a,))

    def complement(self, condition: Node) -> Node:
        """1 where a condition (0 or 1) does not hold."""
        if condition.operation == "add" and len(condition.arguments) == 2:
            first, one = condition.arguments
            if one.number == 1 and first.operation == "multiply" and (
                first.arguments[0].number == -1
            ):
                return first.arguments[1]
        return self.subtract(self.one, condition)

    def maximum(self, a: Node, b: Node) -> Node:
        """The larger one, b + (a − b)·step(a − b)."""
        if a is b:
            return a
        return self.choose(self.above(a, b), a, b)

    def minimum(self, a: Node, b: Node) -> Node:
        """The smaller one."""
        if a is b:
            return a
        return self.choose(self.above(a, b), b, a)

    def above(self, a: Node, b: Node) -> Node:
        """1 where a > b, else 0."""
        (x, p), (y, q) = _scaled(a), _scaled(b)
        if x is y:
            return self.apply("step", self.multiply(self.constant(p - q), x))
        return self.apply("step", self.subtract(a, b))

    def choose(self, condition: Node, yes: Node, no: Node) -> Node:
        """yes where the condition (0 or 1) holds, else no."""
        if yes is no:
            return yes
        if condition.number is not None:
            return yes if condition.number else no
        if yes.number == 0:
            return self.multiply(self.complement(condition), no)
        if no.number == 0 or (no.operation == "multiply" and condition in no.arguments):
            return self.multiply(condition, yes)
        return self.add(no, self.multiply(condition, self.subtract(yes, no)))

    def replaced(self, root: Node, by: Mapping[Node, Node]) -> Node:
        """The same computation from other nodes."""
        new: dict[Node, Node] = {}
        for node in below([root]):
            if node in by:
                new[node] = by[node]
            elif any(new[a] is not a for a in node.arguments):
                new[node] = self._again(node, [new[a] for a in node.arguments])
            else:
                new[node] = node
        return new[root]

    def _again(self, node: Node, arguments: list[Node]) -> Node:
        rules: dict[str, Callable[..., Node]] = {
            "add": self.add, "multiply": self.multiply, "divide": self.divide, "power": self.power,
        }
        if node.operation in rules:
            return rules[node.operation](*arguments)
        return self.apply(node.operation, *arguments)

    def forget(self) -> None:
        """Make what follows anew, even where it was computed before."""
        self._known.clear()

    def pin(self, node: Node) -> None:
        """Use the script's own numbers for all leaves below: they decided an index or a branch."""
        self.pinned.update(leaf for leaf in below([node]) if leaf in self.leaves)


def below(roots: Iterable[Node]) -> Iterator[Node]:
    """The nodes that the roots depend on, themselves included, in the order of their making."""
    found: set[Node] = set()
    todo = list(roots)
    while todo:
        node = todo.pop()
        if node not in found:
            found.add(node)
            todo.extend(node.arguments)
    return iter(sorted(found, key=lambda node: node.place))


def _scaled(a: Node) -> tuple[Node, Fraction]:
    """A node as another one times a number."""
    if a.operation == "multiply" and a.arguments[0].number is not None:
        return a.arguments[1], a.arguments[0].number
    return a, Fraction(1)
