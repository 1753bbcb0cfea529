"""The entries of traced arrays: nodes of one shared graph, in the order they were computed.

Each scalar operation of a script adds at most one node; equal operations on equal nodes are one
node. Numbers are exact (the decimal 0.1 is 1/10), so a trace says what the formula says and not
what rounding made of it. Nothing is ever substituted into anything else: the graph read in order
is a list of scalar equations (``equations``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from symbp.read.code.exact import square_part, value_of
from symbp.read.code.nodes import GraphError, Kind, Leaf, Node, below, scaled

MAX_NODES = 400_000
MAX_BITS = 2_048
MAX_POWER = 64


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
        if a.number is not None:
            if a.number in (0, 1):
                return b if a.number else self.zero
            factor, rest = scaled(b)
            if rest is not b:
                return self.multiply(self.constant(a.number * factor), rest)
        for one, other in ((a, b), (b, a)):
            # A step is its own square, and no condition holds with its complement.
            if one.operation == "step":
                if other is one or (other.operation == "multiply" and one in other.arguments):
                    return other
                if _complemented(other) is one:
                    return self.zero
        return self._node("multiply", (a, b))

    def negate(self, a: Node) -> Node:
        """−a."""
        return self.multiply(self.minus_one, a)

    def subtract(self, a: Node, b: Node) -> Node:
        """a − b."""
        return self.zero if a is b else self.add(a, self.negate(b))

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
        if name == "sign" and a.kinked:
            return self.subtract(self._step(a), self._step(self.negate(a)))
        return self._step(a) if name == "step" else self._node(name, (a,))

    def _step(self, a: Node) -> Node:
        """1 where a > 0: one node for a and its positive multiples, and its complement for −a.

        The complement differs where a = 0, so it is taken where that is almost nowhere.
        """
        if a.operation == "step":
            return a
        factor, rest = scaled(a)
        if rest.operation == "multiply":
            for one, other in (rest.arguments, rest.arguments[::-1]):
                if one.operation == "step":
                    return self.multiply(one, self._step(self.multiply(self.constant(factor), other)))
        if factor > 0:
            return self._step(rest) if rest is not a else self._node("step", (a,))
        return self._node("step", (a,)) if self.may_vanish(rest) else self.complement(self._step(rest))

    def may_vanish(self, a: Node) -> bool:
        """Whether a may be zero on an open set, as relu(z) is: it has pieces, and no free term."""
        if a.number is not None or not a.kinked:
            return a.number == 0
        if a.operation != "add":
            return True
        for term in a.arguments:
            leaf = scaled(term)[1]
            if leaf in self.leaves and leaf not in self.pinned and all(
                leaf not in below([other]) for other in a.arguments if other is not term
            ):
                return False
        return True

    def complement(self, condition: Node) -> Node:
        """1 where a condition (0 or 1) does not hold."""
        held = _complemented(condition)
        return held if held is not None else self.subtract(self.one, condition)

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
        (p, x), (q, y) = scaled(a), scaled(b)
        if x is y:
            return self.apply("step", self.multiply(self.constant(p - q), x))
        return self.apply("step", self.subtract(a, b))

    def differ(self, a: Node, b: Node) -> Node:
        """1 where a ≠ b, else 0: almost everywhere, unless the two agree on an open set."""
        _, rest = scaled(self.subtract(a, b))
        if rest.number is not None or not self.may_vanish(rest):
            return self.constant(int(rest.number != 0))
        if rest.operation == "step":
            return rest
        if rest.operation == "multiply":
            for one, other in (rest.arguments, rest.arguments[::-1]):
                if one.operation == "step":
                    return self.multiply(one, self.differ(other, self.zero))
        return self.add(self.apply("step", rest), self.apply("step", self.negate(rest)))

    def leans(self, a: Node, kind: Kind) -> bool:
        """Whether a is a sum with a term that is a leaf of this kind, times a number."""
        terms = a.arguments if a.operation == "add" else (a,)
        return any(
            leaf in self.leaves and bool(leaf.kinds & kind) for leaf in (scaled(t)[1] for t in terms)
        )

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


def _complemented(a: Node) -> Node | None:
    """The condition of which a is the complement, where it is written as one."""
    if a.operation == "add" and len(a.arguments) == 2 and a.arguments[1].number == 1:
        factor, held = scaled(a.arguments[0])
        return held if factor == -1 else None
    return None
