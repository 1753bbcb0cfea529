"""A shared graph of terms: every different term once, children before parents.

A node is a number. Three lists tell what it is: ``kinds`` (one of the six kinds below),
``payloads`` (the value of a constant, the name of a symbol or of a function, the exponent of a
power) and ``children``; ``traits`` tells whether it holds a step, a logarithm or root whose
argument is not known to be positive, a root at all, or a symbol. Because equal terms are the same
node (hash-consing, Ershov 1958), a gradient that would be written with 33,037 operations is 452,
and a name that stands for an intermediate is simply its node: it is never substituted.

The graph is trusted code, so its constructors do little: they fold constants, drop neutral
elements, order the operands, and know that a step h has h² = h and a sign s has s² = 1. All other
algebra is left to the evaluation in a prime field.
"""

from collections.abc import Container, Iterable
from fractions import Fraction
from typing import Any

CONSTANT, SYMBOL, SUM, PRODUCT, POWER, CALL = range(6)

# What a node contains anywhere below it, as bits of ``Graph.traits``.
HAS_STEP, HAS_DOMAIN, HAS_ROOT, HAS_SYMBOL, HAS_POLE = 1, 2, 4, 8, 16

Node = int


class UnsupportedError(Exception):
    """A term is outside the class of functions that can be decided; ``name`` says which."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is outside the functions that can be decided")
        self.name = name


class UndefinedError(Exception):
    """A term has no value anywhere, such as 1/0 or log(0)."""


class Graph:
    """Nodes of a growing graph; equal terms get equal numbers.

    >>> g = Graph()
    >>> x, two = g.symbol("x"), g.constant(2)
    >>> g.product(x, two) == g.product(two, x)
    True
    """

    def __init__(self) -> None:
        self.kinds: list[int] = []
        self.payloads: list[Any] = []
        self.children: list[tuple[Node, ...]] = []
        self.traits: list[int] = []
        self._numbers: dict[tuple[Any, ...], Node] = {}
        self._steps: set[Node] = set()
        self._signs: set[Node] = set()
        self.zero = self.constant(0)
        self.one = self.constant(1)

    def __len__(self) -> int:
        return len(self.kinds)

    def _node(
        self, kind: int, payload: Any, children: tuple[Node, ...] = (), traits: int = 0
    ) -> Node:
        key = (kind, payload, children)
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self.kinds)
            self.kinds.append(kind)
            self.payloads.append(payload)
            self.children.append(children)
            for child in children:
                traits |= self.traits[child]
            self.traits.append(traits)
        return number

    def constant(self, value: Fraction | int) -> Node:
        """The rational number itself."""
        return self._node(CONSTANT, Fraction(value))

    def symbol(self, name: str) -> Node:
        """A free real variable, known by its name alone."""
        return self._node(SYMBOL, name, traits=HAS_SYMBOL)

    def call(self, name: str, *arguments: Node, traits: int = 0) -> Node:
        """A function value as it stands; ``functions.build`` knows the special values."""
        number = self._node(CALL, name, arguments, traits)
        if name == "step":
            self._steps.add(number)
        return number

    def value(self, node: Node) -> Fraction | None:
        """The number a constant node stands for, None for every other node."""
        return self.payloads[node] if self.kinds[node] == CONSTANT else None

    def is_call(self, node: Node, name: str) -> bool:
        """Whether a node is a value of the named function."""
        return self.kinds[node] == CALL and self.payloads[node] == name

    def sum(self, *terms: Node) -> Node:
        """The sum of the terms, constants folded into one."""
        constant, rest = self._constants(terms)
        total = sum(constant, Fraction(0))
        if not rest:
            return self.constant(total)
        if total:
            rest.append(self.constant(total))
        return rest[0] if len(rest) == 1 else self._node(SUM, None, tuple(sorted(rest)))

    def product(self, *factors: Node) -> Node:
        """The product of the factors, constants folded into one; h·h = h and s·s = 1.

        A constant goes into the one product that it multiplies: 2·(x·y) is the node of 2·x·y.
        """
        constants, rest = self._constants(factors)
        if constants and len(rest) == 1 and self.kinds[rest[0]] == PRODUCT:
            more, rest = self._constants(self.children[rest[0]])
            constants += more
        elif not constants and not self._steps and len(rest) > 1:
            return self._node(PRODUCT, None, tuple(sorted(rest)))
        total = Fraction(1)
        for value in constants:
            total *= value
        if not total:
            return self.zero
        if self._steps:
            rest = self._without_repeats(rest)
        if not rest:
            return self.constant(total)
        if total != 1:
            rest.append(self.constant(total))
        return rest[0] if len(rest) == 1 else self._node(PRODUCT, None, tuple(sorted(rest)))

    def power(self, base: Node, exponent: int) -> Node:
        """The base to an integer exponent; raises UndefinedError for a power of zero below 0."""
        if exponent == 1:
            return base
        if exponent == 0:
            return self.one
        if base in self._signs:
            return base if exponent % 2 else self.one
        if base in self._steps and exponent > 0:
            return base
        if self.kinds[base] == POWER:
            return self.power(self.children[base][0], self.payloads[base] * exponent)
        value = self.value(base)
        if value is not None and (value or exponent > 0) and _is_small(value, exponent):
            return self.constant(value**exponent)
        if value == 0:
            raise UndefinedError("a division by zero")
        return self._node(POWER, exponent, (base,), HAS_POLE if exponent < 0 else 0)

    def negative(self, node: Node) -> Node:
        """−node."""
        return self.product(self.constant(-1), node)

    def difference(self, left: Node, right: Node) -> Node:
        """left − right."""
        return self.sum(left, self.negative(right))

    def quotient(self, left: Node, right: Node) -> Node:
        """left / right."""
        return self.product(left, self.power(right, -1))

    def sign_of(self, step: Node) -> Node:
        """2h − 1 for a step h: −1 or 1."""
        value = self.value(step)
        if value is not None:
            return self.constant(2 * value - 1)
        sign = self.sum(self.product(self.constant(2), step), self.constant(-1))
        if step in self._steps:
            self._signs.add(sign)
        return sign

    def factors(self, node: Node) -> tuple[Fraction, dict[Node, int]]:
        """A node as a rational number times powers of nodes that are no products or powers."""
        total, powers = Fraction(1), dict[Node, int]()
        stack = [(node, 1)]
        while stack:
            current, exponent = stack.pop()
            kind, value = self.kinds[current], self.value(current)
            if kind == PRODUCT:
                stack.extend((child, exponent) for child in self.children[current])
            elif kind == POWER:
                stack.append((self.children[current][0], exponent * self.payloads[current]))
            elif value is not None and (value or exponent > 0) and _is_small(value, exponent):
                total *= value**exponent
            else:
                powers[current] = powers.get(current, 0) + exponent
        return total, {base: exponent for base, exponent in powers.items() if exponent}

    def with_common_factor(self, total: Node) -> Node:
        """A sum as the product of what all its summands share and the rest: x + x³ = x·(1 + x²).

        A denominator of one of them counts as shared: 1 + y/x = x⁻¹·(x + y).
        """
        parts = [self.factors(part) for part in self.children[total]]
        bases = dict.fromkeys(base for _, powers in parts for base in powers)
        least = {base: min(powers.get(base, 0) for _, powers in parts) for base in bases}
        shared = [self.power(base, n) for base, n in least.items() if n]
        if not shared:
            return total
        rest = (
            self.product(
                self.constant(constant),
                *(self.power(base, powers.get(base, 0) - n) for base, n in least.items()),
            )
            for constant, powers in parts
        )
        return self.product(*shared, self.sum(*rest))

    def reach(self, roots: Iterable[Node], known: Container[Node] = ()) -> list[Node]:
        """The nodes that the roots are made of and that are not known yet, children first."""
        seen = {root for root in roots if root not in known}
        stack, children = list(seen), self.children
        while stack:
            for child in children[stack.pop()]:
                if child not in seen and child not in known:
                    seen.add(child)
                    stack.append(child)
        return sorted(seen)

    def pattern(self, roots: Iterable[Node]) -> tuple[Any, ...]:
        """The terms up to the names of their symbols: roots with the same pattern are the same
        functions of renamed variables.

        >>> g = Graph()
        >>> x, y = g.symbol("x"), g.symbol("y")
        >>> g.pattern([g.power(x, 2), x]) == g.pattern([g.power(y, 2), y])
        True
        >>> g.pattern([g.power(x, 2), x]) == g.pattern([g.power(y, 2), x])
        False
        """
        met: dict[Node, int] = {}
        found: list[Any] = []
        stack = list(roots)[::-1]
        while stack:
            node = stack.pop()
            known = node in met
            number = met.setdefault(node, len(met))
            if known:
                found.append(number)
                continue
            payload = None if self.kinds[node] == SYMBOL else self.payloads[node]
            found.append((self.kinds[node], payload, len(self.children[node])))
            stack.extend(reversed(self.children[node]))
        return tuple(found)

    def _constants(self, nodes: tuple[Node, ...]) -> tuple[list[Fraction], list[Node]]:
        kinds, payloads = self.kinds, self.payloads
        constants, rest = [], []
        for node in nodes:
            if kinds[node] == CONSTANT:
                constants.append(payloads[node])
            else:
                rest.append(node)
        return constants, rest

    def _without_repeats(self, nodes: list[Node]) -> list[Node]:
        kept: list[Node] = []
        for node in nodes:
            if node in self._steps and node in kept:
                continue
            if node in self._signs and node in kept:
                kept.remove(node)
            else:
                kept.append(node)
        return kept


def _is_small(value: Fraction, exponent: int) -> bool:
    """Whether a power of a constant is worth writing out (0.5**10**9 is not)."""
    bits = max(value.numerator.bit_length(), value.denominator.bit_length())
    return bits <= 1 or bits * abs(exponent) <= 4096
