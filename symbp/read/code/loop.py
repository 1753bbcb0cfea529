"""Finding the training loop: the loop that moves values by what the same turn made of them.

At a loop of the module's level every number becomes a symbol of its own, and the turns are followed.
A place is *moved* when its new value is ``c·old + rest``; a loop trains when the rest of a moved
place was made, in the same turn, from the old value of a moved place: the forward pass read it. A
sum over samples moves its total too, but nothing reads the total; a loop over layers or units moves
weights, but by numbers that were made before its turn. Where the turns of an inner loop move the
same entries again, the inner loop (over samples) is the one that trains.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from symbp.read.code.assumptions import Assumptions
from symbp.read.code.builtins import items
from symbp.read.code.heap import Place, by_path, entries, places
from symbp.read.code.interpreter import Interpreter
from symbp.read.code.nodes import Kind, Leaf, Node
from symbp.read.code.objects import Scope, bound_names
from symbp.read.code.values import Array, Number, Unknown, Value

TURNS = 3
"""How many turns of an outermost loop are looked at."""
MAX_NESTED = 3
"""Epochs, batches, samples: how deep a loop that trains may stand in others."""
STEADY = Kind.named | Kind.counter


class FoundSignal(Exception):  # noqa: N818  # no error: the search is over
    """The training loop was found."""


@dataclass
class Finder:
    """A watch that looks for the training loop."""

    loop_found: ast.For | ast.While | None = None
    changed: set[str] = field(default_factory=set)
    steps: dict[str, int | None] = field(default_factory=dict)
    """What each turn adds to an integer; None where the turns do not agree."""
    assumptions: Assumptions = field(default_factory=Assumptions)
    _depth: int = 0

    def loop(self, run: Interpreter, node: ast.For | ast.While, scope: Scope) -> bool:
        """Follow the turns of a loop and look at what each of them moved."""
        if self._depth >= MAX_NESTED:
            return False
        if self._depth == 0:
            self._mark(run, scope)
            run.numbers.cuts = False
        self._depth += 1
        try:
            self._turns(run, node, scope)
        finally:
            self._depth -= 1
        return True

    def _turns(self, run: Interpreter, node: ast.For | ast.While, scope: Scope) -> None:
        changed: set[str] = set()
        written: set[tuple[str, int]] = set()
        steps: dict[str, int | None] = {}
        trains, count = False, 0
        for _ in turns(run, node, scope):
            if count >= TURNS:
                if not run.turn(node.body, scope):
                    break
                continue
            turn, before = _Turn(run, scope), integers(scope)
            goes_on = run.turn(node.body, scope)
            _step(steps, before, integers(scope))
            moved, reads = turn.moved(scope)
            changed |= turn.changed(scope)
            trains = trains or reads
            if trains and moved & written:
                self._found(node, changed, steps)
            written |= moved
            count += 1
            if not goes_on:
                break
        if trains and count == 1 and self._depth == 1:
            self._found(node, changed, steps)

    def _found(
        self, node: ast.For | ast.While, changed: set[str], steps: dict[str, int | None]
    ) -> None:
        self.loop_found, self.changed, self.steps = node, changed, steps
        raise FoundSignal

    def _mark(self, run: Interpreter, scope: Scope) -> None:
        """Each number becomes a symbol that decides as the number does."""
        marked: set[Node] = set()

        def fresh(twin: Any, kind: Kind) -> Node:
            node = run.numbers.graph.leaf(Leaf(kind, "probe", float(twin), 0))
            marked.add(node)
            return node

        for place in places(scope):
            value = place.value
            if isinstance(value, Array) and value.twin.dtype.kind in "if":
                for at in np.ndindex(value.shape):
                    if value.entries[at] not in marked:
                        value.entries[at] = fresh(value.twin[at], Kind.data)
            elif isinstance(value, Number | float) and not place.fixed:
                twin = value.twin if isinstance(value, Number) else value
                place.put(Number(fresh(twin, Kind.named), twin))

    def printed(self, values: Iterable[Value], line: int) -> None:
        """Prints do not matter here."""

    def named(self, name: str, value: Value) -> None:
        """Nor do names."""

    def depends(self, reason: str, line: int) -> None:
        """Nor does what is not followed."""

    def forks(self, test: Value, line: int) -> None:
        """Nor do conditions."""

    def assumed(self, run: Interpreter, value: Unknown, line: int) -> Value:
        """What is taken for what the script leaves open."""
        return self.assumptions.take(run.numbers, value, line)

    def rate(self, run: Interpreter, name: str, value: Value) -> Value:
        """Numbers stay what they are."""
        return value

    def __contains__(self, node: ast.AST) -> bool:
        return False


class _Turn:
    """What one turn of a loop does, told from how things are at its start."""

    def __init__(self, run: Interpreter, scope: Scope) -> None:
        graph = run.numbers.graph
        graph.forget()
        self.first = len(graph.nodes)
        self.before = {p.path: _state(p) for p in places(scope)}

    def changed(self, scope: Scope) -> set[str]:
        """The places that were there and hold something else now."""
        now = {p.path: _state(p) for p in places(scope)}
        return {
            path for path, old in self.before.items()
            if path in now and (len(old) != len(now[path]) or any(
                a is not b and a != b for a, b in zip(old, now[path], strict=True)))
        }  # fmt: skip

    def moved(self, scope: Scope) -> tuple[set[tuple[str, int]], bool]:
        """The entries that are ``c·old + rest``, and whether a rest was made from them."""
        now = by_path(places(scope))
        steps: list[tuple[tuple[str, int], Node, tuple[Node, ...]]] = []
        for path, old in self.before.items():
            place = now.get(path)
            if place is None or not isinstance(place.value, Array | Number):
                continue
            for at, (was, new) in enumerate(zip(old, entries(place.value), strict=False)):
                if isinstance(was, Node) and new is not was:
                    rest = _rest(new, was)
                    if rest is not None:
                        steps.append(((path, at), was, rest))
        olds = {was for _, was, _ in steps if was.number is None}
        reads = any(
            node in olds
            for _, _, rest in steps for node in _made(rest, self.first)
        )  # fmt: skip
        return {key for key, was, _ in steps if was.number is None}, reads


def _step(
    steps: dict[str, int | None], before: dict[str, int], after: dict[str, int]
) -> None:
    for path, value in before.items():
        step = after.get(path, value) - value
        steps[path] = step if steps.get(path, step) == step else None


def integers(scope: Scope) -> dict[str, int]:
    """The plain integers that a scope can reach."""
    return {
        p.path: int(p.value) for p in places(scope) if isinstance(p.value, int) and not p.fixed
    }


def _state(place: Place) -> tuple[object, ...]:
    value = place.value
    return entries(value) if isinstance(value, Array | Number) else (value,)


def _rest(new: Node, old: Node) -> tuple[Node, ...] | None:
    """What was added to ``c·old``; None where the new value is not of this form."""
    if new.operation != "add":
        return None
    rest: list[Node] = []
    met = False
    for part in new.arguments:
        if part is old or _scaled(part, old):
            met = True
        else:
            inner = _rest(part, old) if part.operation == "add" else None
            met = met or inner is not None
            rest += [part] if inner is None else inner
    return tuple(rest) if met else None


def _scaled(part: Node, old: Node) -> bool:
    """Whether a term is the old value times a steady number."""
    return (
        part.operation == "multiply"
        and old in part.arguments
        and any(not other.kinds & ~STEADY for other in part.arguments)
    )


def _made(roots: Iterable[Node], first: int) -> Iterator[Node]:
    """What this turn made the roots from, and the older values that it read."""
    seen: set[Node] = set()
    todo = list(roots)
    while todo:
        node = todo.pop()
        if node in seen:
            continue
        seen.add(node)
        yield node
        if node.place >= first:
            todo.extend(node.arguments)


def turns(run: Interpreter, node: ast.For | ast.While, scope: Scope) -> Iterator[None]:
    """The turns of a loop, its target bound."""
    if isinstance(node, ast.While):
        while run.truth(run.value(node.test, scope)):
            yield
        return
    for item in items(run.numbers, run.value(node.iter, scope)):
        scope.targets |= bound_names(node.target)
        run.store(node.target, item, scope)
        yield
