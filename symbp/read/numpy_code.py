"""A training script followed through single turns of its loop: what happens to each parameter.

The script is followed from its start up to its training loop (``numpy_loop``). There the places
that the loop changes become symbols, in place, so that views and aliases stay what they are, and one
turn is followed: the first, the second (after the first), and one more for every way in which the
iteration decides branches. So an update that is another one in a later epoch is seen.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from symbp.read.numpy_builtins import items
from symbp.read.numpy_heap import Place, by_path, entries, places
from symbp.read.numpy_interpreter import Interpreter
from symbp.read.numpy_loop import Finder, FoundSignal, integers
from symbp.read.numpy_losses import losses, standard
from symbp.read.numpy_nodes import Graph, GraphError, Kind, Leaf, Node
from symbp.read.numpy_numbers import Numbers
from symbp.read.numpy_objects import Scope, values_in
from symbp.read.numpy_parameters import Parameter, more_rates, name_numbers, parameters_of
from symbp.read.numpy_parse import parse
from symbp.read.numpy_values import Array, Broadcast, CodeError, Count, Number, Value

MAX_TURNS = 100_000
MAX_WAYS = 8
LIKE_PARAMETERS = re.compile(
    r"(w|b|u|v)(_?[a-z]?[\dhioxyz]*)|w[a-z]{1,2}|(weight|bias|syn|theta|kernel|param).*", re.I
)
"""Names whose values are taken for parameters even where the loop never changes them."""


@dataclass(frozen=True, eq=False)
class Pass:
    """One turn of the training loop."""

    graph: Graph
    parameters: tuple[Parameter, ...]
    losses: Mapping[str, Node]
    rates: tuple[Node, ...]
    broadcasts: tuple[Broadcast, ...]
    doubts: tuple[tuple[str, int], ...]
    assigned: Mapping[str, int]
    line: int
    iteration: int = 0
    standard: Mapping[str, Node] = field(default_factory=dict)
    """The standard losses, for a script that shows none of its own."""


class _DoneSignal(Exception):  # noqa: N818  # no error: the end of a turn
    """The turn is complete; the rest of the script does not matter."""


def passes(source: str) -> tuple[Pass, ...]:
    """The turns of a script's training loop that differ. Raises :class:`CodeError`."""
    tree = parse(source)
    finder = Finder()
    _follow(tree, finder)
    if finder.loop_found is None:
        raise CodeError(
            "no loop that updates an array from its own old value", 0, 0,
            "a script that trains: for …: W -= eta * gradient",
        )  # fmt: skip
    found: list[Pass] = []
    forks: list[Callable[[int], Any]] = []
    count: int | None = None
    todo = [0, 1]
    covered: set[tuple[Any, ...]] = set()
    while todo:
        iteration = todo.pop(0)
        if any(turn.iteration == iteration for turn in found):
            continue
        watch = _Follower(finder.loop_found, finder.changed, finder.steps, iteration)
        _follow(tree, watch)
        if watch.result is None:
            continue
        found.append(watch.result)
        count, forks = watch.count, [*forks, *watch.rules]
        if len(found) == 2 and _rests_on_counter(watch.result) and count is not None:
            todo.append(min(count, MAX_TURNS) - 1)
        if not todo and forks:
            done = [turn.iteration for turn in found]
            covered = {_way(forks, j) for j in done}
            todo = _uncovered(forks, count, covered)
            if (len(found) >= MAX_WAYS and todo) or count is None:
                reason = "the iteration decides branches in more ways than are followed"
                return tuple(_doubted(turn, reason) for turn in found)
    if not found:
        raise CodeError("the training loop makes no turn", finder.loop_found.lineno)
    return tuple(found)


def _rests_on_counter(turn: Pass) -> bool:
    """Whether the number of the turn is in what it computed."""
    return any(leaf.kind & Kind.counter for leaf in turn.graph.leaves.values())


def _way(forks: Sequence[Callable[[int], Any]], iteration: int) -> tuple[Any, ...]:
    return tuple(bool(fork(iteration)) for fork in forks)


def _uncovered(
    forks: Sequence[Callable[[int], Any]], count: int | None, covered: set[tuple[Any, ...]]
) -> list[int]:
    """The first iteration that goes a way none of the followed ones went."""
    for iteration in range(min(count or 0, MAX_TURNS)):
        if _way(forks, iteration) not in covered:
            return [iteration]
    return []


def _doubted(turn: Pass, reason: str) -> Pass:
    return Pass(
        turn.graph, turn.parameters, turn.losses, turn.rates, turn.broadcasts,
        (*turn.doubts, (reason, turn.line)), turn.assigned, turn.line, turn.iteration,
        turn.standard,
    )  # fmt: skip


def _follow(tree: ast.Module, watch: Any) -> None:
    run = Interpreter(Numbers(Graph()), watch)
    try:
        run.run(tree.body, run.scope)
    except (_DoneSignal, FoundSignal):
        return
    except GraphError as error:
        raise CodeError(str(error), run.numbers.line) from None


@dataclass
class _Follower:
    """A watch that follows one turn of the loop that was found."""

    target: ast.For | ast.While
    changed: set[str]
    steps: Mapping[str, int | None]
    turn: int
    result: Pass | None = None
    count: int | None = None
    rules: list[Callable[[int], Any]] = field(default_factory=list)
    doubts: list[tuple[str, int]] = field(default_factory=list)
    shown: list[tuple[Value, int]] = field(default_factory=list)
    names: dict[str, Value] = field(default_factory=dict)

    def printed(self, values: Iterable[Value], line: int) -> None:
        """Remember what was printed."""
        for value in values:
            for each in (value, *values_in(value)):
                if isinstance(each, Array | Number):
                    self.shown.append((each, line))

    def named(self, name: str, value: Value) -> None:
        """Remember what got a name in this turn."""
        if isinstance(value, Array | Number):
            self.names[name] = value

    def depends(self, reason: str, line: int) -> None:
        """Remember what was not followed."""
        self.doubts.append((reason, line))

    def forks(self, test: Value, line: int) -> None:
        """Remember how the iteration decided."""
        rule = getattr(test, "rule", None)
        if rule is None:
            self.depends("the iteration decides this branch", line)
        else:
            self.rules.append(rule)

    def loop(self, run: Interpreter, node: ast.For | ast.While, scope: Scope) -> bool:
        """Let other loops run; follow one turn of this one."""
        if node is not self.target:
            return False
        items_ = None if isinstance(node, ast.While) else items(
            run.numbers, run.value(node.iter, scope)
        )
        self.count = None if items_ is None else len(items_)
        start = integers(scope)
        if self.turn and not (
            self._bind(run, node, scope, items_, 0) and run.turn(node.body, scope)
        ):
            raise _DoneSignal
        self._count(scope, start)
        if not self._bind(run, node, scope, items_, self.turn):
            raise _DoneSignal
        self._turn(run, node, scope)
        raise _DoneSignal

    def _bind(
        self, run: Interpreter, node: ast.For | ast.While, scope: Scope,
        values: Sequence[Value] | None, place: int,
    ) -> bool:  # fmt: skip
        """The loop's variable at a turn; False where there is no such turn."""
        if isinstance(node, ast.While):
            test = run.value(node.test, scope)
            self.count = _turns_of(test)
            return run.truth(test)
        assert values is not None
        if place >= len(values):
            return False
        run.store(node.target, _counted(values, place, ()), scope)
        return True

    def _count(self, scope: Scope, start: Mapping[str, int]) -> None:
        """Integers that the loop changes are counters: each turn takes the step of the others."""
        for place in places(scope):
            if place.path not in start or place.path not in self.steps:
                continue
            step = self.steps[place.path]
            if step is None:
                place.put(Count.of(place.value, None, ("counter", place.path)))
            elif step:
                rule = partial(_linear, start[place.path], step)
                place.put(Count.of(rule(self.turn), rule, ("counter", place.path)))

    def _turn(self, run: Interpreter, node: ast.For | ast.While, scope: Scope) -> None:
        numbers = run.numbers
        numbers.symbolic = False
        numbers.counters.clear()
        old = self._become_symbols(run, scope)
        rates = name_numbers(run, scope)
        self.names.clear()
        for kept in (self.shown, self.doubts, self.rules, numbers.broadcasts, numbers.stores,
                     numbers.forks, numbers.differences):
            kept.clear()
        numbers.graph.forget()
        lengths = {id(v): len(v) for v in _lists(scope)}
        if not run.turn(node.body, scope):
            self.doubts.append(("the loop ends in this turn", node.lineno))
        for test, line in numbers.forks:
            self.forks(test, line)
        after = by_path(places(scope))
        candidates = losses(run, scope, self.shown, self.names, lengths)
        guesses = standard(run)
        parameters = tuple(parameters_of(run, old, after, candidates | guesses))
        self.result = Pass(
            numbers.graph, parameters, candidates,
            (*rates, *more_rates(after, candidates | guesses, parameters)), tuple(numbers.broadcasts),
            tuple(self.doubts), dict(run.assigned), node.lineno, self.turn, guesses,
        )  # fmt: skip

    def _become_symbols(
        self, run: Interpreter, scope: Scope
    ) -> dict[str, tuple[tuple[int, ...], tuple[Node, ...]]]:
        """What the loop changes, and what has a parameter's name, gets fresh symbols, in place."""
        mine: set[Node] = set()
        old: dict[str, tuple[tuple[int, ...], tuple[Node, ...]]] = {}
        for place in _in_order(places(scope), self.changed):
            value = place.value
            if place.fixed or isinstance(value, int):
                continue
            if isinstance(value, Array):
                for at in np.ndindex(value.shape):
                    if value.entries[at] not in mine:
                        node = _leaf(run, place.path, at, value.twin[at])
                        value.entries[at] = node
                        mine.add(node)
            else:
                twin = value.twin if isinstance(value, Number) else value
                place.put(Number(_leaf(run, place.path, (), twin), twin))
                mine.add(place.value.node)
            old[place.path] = (np.shape(place.value.twin), entries(place.value))
        return old


def _in_order(found: Iterable[Place], changed: set[str]) -> Iterator[Place]:
    """The places that are to vary: those that the loop changes first."""
    kept = list(found)
    yield from (p for p in kept if p.path in changed)
    for place in kept:
        value = place.value
        number = isinstance(value, Number | float) and bool(value if isinstance(value, float) else 1)
        array = isinstance(value, Array) and value.twin.dtype.kind == "f"
        if place.path not in changed and LIKE_PARAMETERS.fullmatch(place.name) and (array or (
            number and re.fullmatch(r"[wb]\d*|bias\d*", place.name, re.I)
        )):
            yield place


def _leaf(run: Interpreter, path: str, at: tuple[int, ...], twin: Any) -> Node:
    plain = re.sub(r"\W+", "_", path).strip("_")
    label = plain + "".join(f"_{k + 1}" for k in at)
    return run.numbers.graph.leaf(Leaf(Kind.state, label, float(twin), run.numbers.line))


def _counted(values: Sequence[Value], place: int, path: tuple[int, ...]) -> Value:
    """An item of the loop in which each integer knows what it is in any turn."""

    def at(k: int) -> Value:
        item = values[k]
        for step in path:
            item = item[step]
        return item

    item = at(place)
    if isinstance(item, int) and not isinstance(item, bool):
        return Count.of(item, at, ("turn", *path))
    if isinstance(item, tuple):
        return tuple(_counted(values, place, (*path, k)) for k in range(len(item)))
    return item


def _turns_of(test: Value) -> int | None:
    """How many turns a counted condition allows; None where that is not known."""
    rule = getattr(test, "rule", None)
    if rule is None:
        return None
    return next((k for k in range(MAX_TURNS) if not rule(k)), None)


def _linear(start: int, step: int, turn: int) -> int:
    return start + step * turn


def _lists(scope: Scope) -> Iterator[list[Any]]:
    for each in _chain(scope):
        yield from (v for v in each.names.values() if isinstance(v, list))


def _chain(scope: Scope) -> Iterator[Scope]:
    here: Scope | None = scope
    while here is not None:
        yield here
        here = here.parent
