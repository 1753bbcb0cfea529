"""The numbers of a traced script: each array is two arrays of one shape and one memory layout.

``entries`` holds the nodes, ``twin`` the script's own numbers with their dtype. Every operation
runs on both, so broadcasting, views, aliasing, in-place rules, dtypes and errors are NumPy's own
and not a description of them.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from symbp.read.code.nodes import Kind, Node

MAX_ELEMENTS = 100_000
OPEN = Kind.state | Kind.opaque | Kind.shift | Kind.counter
"""What no branch and no index may depend on: it is another number in each pass."""
Value = Any
"""Whatever a script can hold: int, bool, str, None, list, tuple, dict, Array, Number, …"""


class CodeError(ValueError):
    """A script that cannot be followed: what, where, and what would be accepted."""

    def __init__(
        self, message: str, line: int = 0, column: int = 0, accepted: str = "", end: int = 0
    ) -> None:
        super().__init__(message)
        self.message, self.line, self.column, self.accepted = message, line, column, accepted
        self.end = end
        self.unknown: Unknown | None = None

    def __str__(self) -> str:
        place = f"line {self.line}, column {self.column}: " if self.line else ""
        return f"{place}{self.message}" + (f"; accepted: {self.accepted}" if self.accepted else "")


class SizeError(CodeError):
    """A script that is followed no further because it is too large."""


@dataclass(frozen=True, eq=False)
class Array:
    """An array of nodes and its twin of numbers."""

    entries: NDArray[Any]
    twin: NDArray[Any]

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape both have."""
        return self.twin.shape

    def both(self, function: Callable[[NDArray[Any]], NDArray[Any]]) -> Value:
        """The same rearrangement of entries and twin."""
        return pack(function(self.entries), function(self.twin))


@dataclass(frozen=True, eq=False)
class Number:
    """A scalar that is no plain integer: a node and its twin."""

    node: Node
    twin: Any

    @property
    def shape(self) -> tuple[int, ...]:
        """No axes."""
        return ()


class Count(int):
    """An integer that depends on which turn of the loop this is.

    ``rule`` gives it for any turn, or is None where that is not known; equal ``key`` means equal in
    every turn. ``test`` marks a condition.
    """

    rule: Callable[[int], Any] | None
    key: tuple[Any, ...]
    test: bool

    @classmethod
    def of(
        cls, value: int, rule: Callable[[int], Any] | None, key: tuple[Any, ...], test: bool = False
    ) -> Count:
        """The value in this turn with its rule."""
        count = cls(value)
        count.rule, count.key, count.test = rule, key, test
        return count


def key_of(value: Value) -> tuple[Any, ...]:
    """What tells one counted number from another."""
    return value.key if isinstance(value, Count) else ("number", value)


def at_turn(value: Value, turn: int) -> Any:
    """The number that a counted one is in some turn."""
    if isinstance(value, Count):
        if value.rule is None:
            raise CodeError("a counter whose other values are not known")
        return value.rule(turn)
    return value


@dataclass(frozen=True, eq=False)
class Unknown:
    """A value that is not followed: a file, a plot, a library. Harmless until a number needs it."""

    reason: str
    line: int
    hole: str = ""
    """The name under which it was stored, as the place of an assumption."""
    source: str = ""
    """The name of what it was made from."""

    def made(self, reason: str = "") -> Unknown:
        """What is made from it: it has no name yet."""
        return Unknown(reason or self.reason, self.line, "", self.hole or self.source)


@dataclass(frozen=True, eq=False)
class Broadcast:
    """An operation whose result has the shape of neither side: both were stretched."""

    line: int
    where: ast.AST | None
    left: tuple[int, ...]
    right: tuple[int, ...]
    result: tuple[int, ...]
    value: Value


def pack(entries: Any, twin: Any) -> Value:
    """An Array, or a Number where there are no axes."""
    if isinstance(twin, np.matrix):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", PendingDeprecationWarning)
            return Array(np.asmatrix(np.asarray(entries, dtype=object).reshape(twin.shape)), twin)
    if isinstance(twin, np.ndarray) and twin.ndim:
        return Array(np.asarray(entries, dtype=object), twin)
    node = entries.item() if isinstance(entries, np.ndarray) else entries
    return Number(node, twin.item() if isinstance(twin, np.ndarray) else twin)


def check_size(shape: Iterable[int]) -> None:
    """Refuse arrays beyond the bound before they are made."""
    size = 1
    for extent in shape:
        size *= max(int(extent), 0)
    if size > MAX_ELEMENTS:
        raise SizeError(f"an array of {size:,} entries; at most {MAX_ELEMENTS:,} are followed")


def first_unknown(values: Iterable[Value]) -> Unknown | None:
    """The first value that is not followed."""
    return next((v for v in values if isinstance(v, Unknown)), None)


def kind_of(value: Value) -> str:
    """What a value is, in words for a message."""
    if isinstance(value, Array):
        return f"an array of shape {value.shape}"
    return {"NoneType": "None", "str": "a text", "list": "a list", "dict": "a dict",
            "tuple": "a tuple"}.get(type(value).__name__, f"a {type(value).__name__.lower()}")
