"""What can be told of nodes by their form alone: their sign, and what they contain.

A logarithm or a root is taken of what is positive: by its form, or because both sides have a value
only where it is. The latter is no reason inside a step, whose other side may be the one that counts.
"""

from __future__ import annotations

from fractions import Fraction

from symbp.verify.document import Document, Node, needs_relation

POSITIVE = frozenset(["exp", "sigmoid", "cosh", "sech", "pi"])
NONNEGATIVE = frozenset(["abs", "step"])
BELOW_ONE = frozenset(["sigmoid", "tanh"])
STEP, DOMAIN, BRANCH, POLE = 1, 2, 4, 8
KINKS = frozenset(
    ["step", "sign", "abs", "max", "min", "heaviside", ">", ">=", "<", "<=", "piecewise"]
)
MOST_NAMES = 8
"""How many names, each defined by the next, are followed."""
UNKNOWN, AT_LEAST_ZERO, ABOVE_ZERO = 0, 1, 2


class Shape:
    """Signs and contents of the nodes of one document.

    ``domain`` are the nodes that are positive wherever both sides have a value.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self.signs: list[int] = []
        self.contents: list[int] = []
        given = set(document.given)
        self._convex = all(document.nodes[n].operation == "name" for n in given)
        for number, node in enumerate(document.nodes):
            self.signs.append(ABOVE_ZERO if number in given else self._sign(node))
            self.contents.append(self._contents(node))
        sides = reach(document, (document.left, document.right))
        self.whole = self.contents[document.left] | self.contents[document.right]
        self.domain = frozenset(
            node.operands[0] for n in sides if _takes_positive(node := document.nodes[n])
        )

    @property
    def guarded(self) -> bool:
        """Whether a logarithm or root may exist in one piece alone."""
        return bool(self.whole & STEP and self.whole & DOMAIN)

    def is_positive(self, number: int | Fraction) -> bool:
        """Whether a node or number is positive wherever both sides have a value."""
        if isinstance(number, Fraction):
            return number > 0
        return self.signs[number] == ABOVE_ZERO or (number in self.domain and not self.guarded)

    def is_nonnegative(self, number: int | Fraction) -> bool:
        """Whether a node or number is by its form nowhere below 0."""
        return number >= 0 if isinstance(number, Fraction) else self.signs[number] != UNKNOWN

    def is_analytic(self, number: int | Fraction) -> bool:
        """Whether a function that is not 0 at one point is 0 on no open set.

        Sums, products and entire functions, with denominators, are analytic on a connected set of
        complex points; logarithms and roots of what is positive, without poles, on all real ones (that
        have the signs that are given).
        """
        if isinstance(number, Fraction):
            return True
        contents = self.contents[number]
        entire = not contents & BRANCH or (self._convex and not contents & POLE)
        return entire and not contents & (STEP | DOMAIN)

    def _sign(self, node: Node) -> int:
        if node.operation in POSITIVE:
            return ABOVE_ZERO
        if node.operation in NONNEGATIVE:
            return AT_LEAST_ZERO
        signs = [self.signs[n] for n in node.operands]
        if node.operation == "number":
            return ABOVE_ZERO if node.payload > 0 else int(node.payload == 0)
        if node.operation == "add":
            return max(signs) if min(signs) else self._sign_of_sum(node)
        if node.operation in ("multiply", "defined"):
            return min(signs)
        return self._sign_of_power(node, signs[0]) if node.operation == "power" else UNKNOWN

    def _sign_of_sum(self, node: Node) -> int:
        """1 − σ(u) is positive, and so is what is larger."""
        rest = [n for n in node.operands if self.signs[n] == UNKNOWN]
        nodes = [self.document.nodes[n] for n in node.operands]
        numbers = sum(n.payload for n in nodes if n.operation == "number" and n.payload > 0)
        enough = len(rest) == 1 and numbers >= 1 and self._is_above_minus_one(rest[0])
        return ABOVE_ZERO if enough else UNKNOWN

    def _is_above_minus_one(self, number: int) -> bool:
        """Whether a node is tanh(u), −tanh(u) or −σ(u), perhaps by name."""
        nodes = self.document.nodes
        node = nodes[number]
        if node.operation == "multiply" and len(node.operands) == 2:
            minus, number = node.operands
            inner = self._named(number)
            negative = nodes[minus].operation == "number" and nodes[minus].payload == -1
            return bool(negative and inner.operation in BELOW_ONE)
        return self._named(number).operation == "tanh"

    def _named(self, number: int) -> Node:
        """The node, or what its name stands for."""
        node = self.document.nodes[number]
        for _ in range(MOST_NAMES):
            if node.operation == "defined":
                node = self.document.nodes[node.operands[0]]
        return node

    def _sign_of_power(self, node: Node, base: int) -> int:
        exponent: Fraction = node.payload
        if base == ABOVE_ZERO or exponent == 0:
            return ABOVE_ZERO
        even = exponent.numerator % 2 == 0 or exponent.denominator == 2
        if even or base == AT_LEAST_ZERO:
            return ABOVE_ZERO if exponent < 0 else AT_LEAST_ZERO
        return UNKNOWN

    def _contents(self, node: Node) -> int:
        contents = 0
        for operand in node.operands:
            contents |= self.contents[operand]
        if node.operation in KINKS:
            certain = len(node.operands) == 1 and self.signs[node.operands[0]] == ABOVE_ZERO
            return contents if certain else contents | STEP
        if _takes_positive(node):
            sign = self.signs[node.operands[0]]
            contents |= BRANCH if sign == ABOVE_ZERO else BRANCH | DOMAIN
        if node.operation == "power" and node.payload < 0:
            contents |= 0 if self.signs[node.operands[0]] == ABOVE_ZERO else POLE
        return contents | (POLE if node.operation == "tan" else 0)


def _takes_positive(node: Node) -> bool:
    return node.operation == "log" or (node.operation == "power" and needs_relation(node))


def reach(document: Document, roots: tuple[int, ...]) -> frozenset[int]:
    """The nodes that some nodes are made of."""
    seen, stack = set(roots), list(roots)
    while stack:
        for operand in document.nodes[stack.pop()].operands:
            if operand not in seen:
                seen.add(operand)
                stack.append(operand)
    return frozenset(seen)
