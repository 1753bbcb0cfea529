"""One turn of the training loop, followed: what happens to each parameter, and what may be the loss.

The places that the loop changes become symbols first (``symbols``), integers that it changes
become counters, and the body is followed once.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from symbp.read.code.assumptions import Assumptions
from symbp.read.code.builtins import items
from symbp.read.code.graph import Graph
from symbp.read.code.heap import by_path, entries, places
from symbp.read.code.interpreter import Interpreter
from symbp.read.code.loop import integers
from symbp.read.code.losses import before_the_step, grouped, losses, of_this_turn, standard
from symbp.read.code.nodes import Kind, Leaf, Node
from symbp.read.code.objects import Scope, bound_names, own, values_in
from symbp.read.code.parameters import Parameter, memories_of, more_rates, parameters_of
from symbp.read.code.parse import Script
from symbp.read.code.symbols import RATE_NAMES, become_symbols, name_numbers
from symbp.read.code.values import Array, Broadcast, Count, Number, Unknown, Value

MAX_TURNS = 100_000
SAYS_LOSS = re.compile(r"loss|cost|error|损失|误差|代价", re.I)


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
    standard: Mapping[str, tuple[Node, int]] = field(default_factory=dict)
    """The standard losses, for a script that shows none of its own."""
    shown: frozenset[str] = frozenset()
    """The losses that are printed as such."""
    assumed: str = ""
    """What was assumed, in words."""
    strange: bool = False
    """Whether assumed data meet outputs of another shape, or decide an index."""
    outputs: tuple[tuple[Node, ...], ...] = ()
    """What was compared with data."""
    assumptions: Assumptions = field(default_factory=Assumptions)
    script: Script | None = None
    """The script that was followed, with the calls and sizes that it was given."""
    watch: Follower | None = None
    """Who followed it."""
    memories: tuple[Parameter, ...] = ()
    """What moves from its own old value and is not read by a loss: what an optimizer remembers."""


class DoneSignal(Exception):  # noqa: N818  # no error: the end of a turn
    """The turn is complete; the rest of the script does not matter."""


@dataclass
class Follower:
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
    assumptions: Assumptions = field(default_factory=Assumptions)

    first: frozenset[str] = frozenset()
    """The places that there were before the first turn."""
    told: set[int] = field(default_factory=set)
    earlier: frozenset[Node] = frozenset()
    """What was pinned before the turn that is followed, by turns alone."""
    following: bool = False
    inner: dict[tuple[str, float], Number] = field(default_factory=dict)
    """Numbers with a learning rate's name that functions get or set in the turn."""

    def __post_init__(self) -> None:
        self.inside = set(own(self.target.body))

    def assumed(self, run: Interpreter, value: Unknown, line: int) -> Value:
        """What is taken for what the script leaves open."""
        return self.assumptions.take(run.numbers, value, line)

    def rate(self, run: Interpreter, name: str, value: Value) -> Value:
        """A plain number with a learning rate's name inside a function becomes a symbol."""
        if not self.following or not isinstance(value, float) or not RATE_NAMES.fullmatch(name):
            return value
        if (name, value) not in self.inner:
            leaf = Leaf(Kind.named, name, value, run.numbers.line)
            self.inner[name, value] = Number(run.numbers.graph.leaf(leaf), value)
        return self.inner[name, value]

    def __contains__(self, node: ast.AST) -> bool:
        return node in self.inside

    def printed(self, values: Iterable[Value], line: int) -> None:
        """Remember what was printed, and whether a word said that it is a loss."""
        values = list(values)
        if any(isinstance(v, str) and SAYS_LOSS.search(v) for v in values):
            self.told.add(line)
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
        self.first = frozenset(place.path for place in places(scope))
        pinned = set(run.numbers.graph.pinned)
        if self.turn and not (
            self._bind(run, node, scope, items_, 0) and run.turn(node.body, scope)
        ):
            raise DoneSignal
        self.earlier = frozenset(run.numbers.graph.pinned - pinned)
        self._count(scope, start)
        if not self._bind(run, node, scope, items_, self.turn):
            raise DoneSignal
        self._turn(run, node, scope)
        raise DoneSignal

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
        scope.targets |= bound_names(node.target)
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

    def _assumed(self, run: Interpreter) -> str:
        words = [f"{name} is what its name says" for name in sorted(run.familiar)]
        return ", ".join([w for w in (str(self.assumptions), *words) if w])

    def _strange(self, run: Interpreter) -> bool:
        """What earlier turns pinned, as where a loop ended, does not count."""
        graph, names = run.numbers.graph, set(self.assumptions.taken)
        decided = any(graph.leaves[leaf].name in names for leaf in graph.pinned - self.earlier)
        return bool(names) and (decided or run.numbers.uneven)

    def _turn(self, run: Interpreter, node: ast.For | ast.While, scope: Scope) -> None:
        numbers = run.numbers
        numbers.symbolic = False
        numbers.counters.clear()
        numbers.uneven = False
        run.indices.clear()
        old = become_symbols(run, scope, self.changed)
        rates = name_numbers(run, scope)
        self.names.clear()
        for kept in (self.shown, self.doubts, self.rules, numbers.broadcasts, numbers.stores,
                     numbers.forks, numbers.differences):
            kept.clear()
        numbers.graph.forget()
        lengths = {id(v): len(v) for each in scope.chain
                   for v in each.names.values() if isinstance(v, list)}
        self.following = True
        if not run.turn(node.body, scope):
            self.doubts.append(("the loop ends in this turn", node.lineno))
        for test, line in numbers.forks:
            self.forks(test, line)
        after = by_path(places(scope))
        candidates = {
            name: of_this_turn(numbers.graph, node, name)
            for name, node in losses(run, scope, self.shown, self.names, lengths).items()
        }
        told = [numbers.graph.add(*entries(v)) for v, line in self.shown if line in self.told]
        shown = frozenset(name for name, node in candidates.items() if node in told)
        guesses = standard(run)
        known = candidates | {name: node for name, (node, _) in guesses.items()}
        parameters = tuple(parameters_of(run, old, after, known, self.first))
        moves = [(p.old, p.new) for p in parameters]
        candidates = {
            name: before_the_step(numbers.graph, node, moves) for name, node in candidates.items()
        }
        inner = (number.node for number in self.inner.values())
        self.result = Pass(
            numbers.graph, parameters, candidates,
            (*rates, *inner, *more_rates(after, known, parameters)), tuple(numbers.broadcasts),
            tuple(self.doubts), dict(run.assigned), node.lineno, self.turn, guesses,
            shown, self._assumed(run), self._strange(run),
            tuple(tuple(o) for _, _, o in grouped(numbers.differences)),
            self.assumptions, memories=tuple(memories_of(run, old, after, known)),
        )  # fmt: skip


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
