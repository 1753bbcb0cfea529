"""Who watches a script being followed, how its blocks end, and which branches do nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any, Protocol

from symbp.read.code.objects import Scope
from symbp.read.code.values import Unknown, Value

MAX_STEPS = 400_000
MAX_CALLS = 60


class Watch(Protocol):
    """Who decides what a loop does."""

    def loop(self, run: Any, node: ast.For | ast.While, scope: Scope) -> bool:
        """Take the loop over; False lets it run as written."""

    def printed(self, values: Iterable[Value], line: int) -> None:
        """What a script prints is where its loss is found."""

    def named(self, name: str, value: Value) -> None:
        """A value gets a name."""

    def depends(self, reason: str, line: int) -> None:
        """Something that is not followed decided what the script did next."""

    def forks(self, test: Value, line: int) -> None:
        """The number of the turn decided what the script did next."""

    def assumed(self, run: Any, value: Unknown, line: int) -> Value:
        """What is taken for a value that is not followed and gets a name."""

    def rate(self, run: Any, name: str, value: Value) -> Value:
        """A number that a function gets or sets under a name."""

    def __contains__(self, node: ast.AST) -> bool:
        """Whether a statement stands in the loop that is followed."""


class ReturnSignal(Exception):  # noqa: N818  # no error: how a function ends
    def __init__(self, value: Value) -> None:
        self.value = value


class BreakSignal(Exception):  # noqa: N818  # no error: a loop is left
    pass


class ContinueSignal(Exception):  # noqa: N818  # no error: the next turn
    pass


def leaves(branch: list[ast.stmt], inside: bool) -> bool:
    """Whether a branch does nothing but leave the loop: no turn that goes on takes it."""
    ways = (ast.Break, ast.Return) if inside else (ast.Break,)
    return bool(branch) and isinstance(branch[-1], ways) and harmless(branch[:-1])


def harmless(branch: list[ast.stmt]) -> bool:
    """Whether a branch only prints, plots or records."""
    return all(
        isinstance(s, ast.Pass)
        or (isinstance(s, ast.Expr) and _shows(s.value))
        or (isinstance(s, ast.If) and harmless(s.body) and harmless(s.orelse))
        for s in branch
    )


SHOWS = frozenset(
    ["append", "plot", "show", "write", "flush", "info", "pause", "draw", "scatter", "legend",
     "title", "xlabel", "ylabel", "figure", "clf", "cla", "format"]
)  # fmt: skip


def _shows(node: ast.expr) -> bool:
    """A call that prints, plots or appends, without a call of the script's inside."""
    if isinstance(node, ast.Constant):
        return True
    if not isinstance(node, ast.Call):
        return False
    function = node.func
    shown = (isinstance(function, ast.Name) and function.id == "print") or (
        isinstance(function, ast.Attribute) and function.attr in SHOWS
    )
    return shown
