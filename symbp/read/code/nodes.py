"""The nodes of a traced computation: leaves and operations, in the order they were computed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntFlag
from fractions import Fraction

KINKED = frozenset({"step", "abs", "sign"})
"""What makes functions of pieces. One without pieces is zero everywhere or almost nowhere."""


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

    __slots__ = ("arguments", "kinds", "kinked", "number", "operation", "place")

    def __init__(
        self, operation: str, arguments: tuple[Node, ...], kinds: Kind, place: int,
        number: Fraction | None = None,
    ) -> None:
        self.operation = operation
        self.arguments = arguments
        self.kinds = kinds
        self.place = place
        self.number = number
        self.kinked: bool = operation in KINKED or any(a.kinked for a in arguments)

    def __repr__(self) -> str:
        if self.number is not None:
            return str(self.number)
        inside = ", ".join(f"#{a.place}" for a in self.arguments)
        return f"#{self.place} {self.operation}({inside})"


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


def scaled(a: Node) -> tuple[Fraction, Node]:
    """A node as a number times another one."""
    if a.operation == "multiply" and a.arguments[0].number is not None:
        return a.arguments[0].number, a.arguments[1]
    return Fraction(1), a
