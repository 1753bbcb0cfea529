"""A training script followed through one pass of its loop: what happens to each parameter.

The script is followed from its start. Its training loop is the first one whose turn gives an array
that was there before a new value made from its old one and from other arrays; where an inner loop
does so to the same entries again and again (sample by sample), the inner loop is it. Then the script
is followed afresh up to that loop, the arrays it changes become symbols in place (views and aliases
stay what they are), numbers with a name become symbols too, and one turn is followed: the first, the
second and the last, so that nothing rests on one iteration.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from symbp.read.numpy_builtins import items
from symbp.read.numpy_interpreter import Interpreter
from symbp.read.numpy_nodes import Graph, GraphError, Kind, Leaf, Node, below
from symbp.read.numpy_objects import Bound, Closure, Instance, Scope, values_in
from symbp.read.numpy_values import (
    Array,
    Broadcast,
    CodeError,
    Count,
    Number,
    Numbers,
    Value,
)

MAX_SOURCE = 200_000
MAX_DEPTH = 90
LOSS_NAMES = ("loss", "error", "cost", "mse", "e", "j", "l", "total_loss", "total_error")


@dataclass(frozen=True, eq=False)
class Parameter:
    """An array, or a number, that the pass changes: entries before and after."""

    name: str
    line: int
    shape: tuple[int, ...]
    old: tuple[Node, ...]
    new: tuple[Node, ...]


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


class _DoneSignal(Exception):  # noqa: N818  # no error: the end of a pass
    """The pass is complete; the rest of the script does not matter."""


def passes(source: str) -> tuple[Pass, ...]:
    """The first, second and last turn of a script's training loop. Raises :class:`CodeError`."""
    tree = parse(source)
    finder = _Finder()
    try:
        _follow(tree, finder)
    except CodeError:
        if finder.found is None:
            raise
    if finder.found is None:
        raise CodeError(
            "no loop that updates an array from its own old value", 0, 0,
            "a script that trains: for …: W -= eta * gradient",
        )  # fmt: skip
    found = []
    for turn in range(3):
        watch = _Follower(finder.found, finder.changed, turn)
        _follow(tree, watch)
        if watch.result is None:
            break
        found.append(watch.result)
    if not found:
        raise CodeError("the training loop makes no turn", finder.found.lineno)
    return tuple(found)


def parse(source: str) -> ast.Module:
    """The syntax tree, within bounds. Raises :class:`CodeError` with line and column."""
    if len(source) > MAX_SOURCE:
        raise CodeError(f"a script of {len(source):,} characters", 1, 1, f"at most {MAX_SOURCE:,}")
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        raise CodeError(
            f"no Python 3: {error.msg}", error.lineno or 0, error.offset or 0, "Python 3"
        ) from None
    except (ValueError, MemoryError, RecursionError):
        raise CodeError("a script that Python cannot parse", 1, 1, "Python 3") from None
    _check_depth(tree)
    return tree


def _check_depth(tree: ast.AST) -> None:
    todo: list[tuple[ast.AST, int]] = [(tree, 0)]
    while todo:
        node, depth = todo.pop()
        if depth > MAX_DEPTH:
            raise CodeError("nested too deep", getattr(node, "lineno", 1), 1, f"{MAX_DEPTH} levels")
        todo += [(child, depth + 1) for child in ast.iter_child_nodes(node)]


def _follow(tree: ast.Module, watch: Any) -> None:
    run = Interpreter(Numbers(Graph()), watch)
    watch.run = run
    try:
        run.run(tree.body, run.scope)
    except _DoneSignal:
        return
    except GraphError as error:
        raise CodeError(str(error), run.numbers.line) from None


# --- what a script holds ----------------------------------------------------------------------


def holders(scope: Scope) -> Iterator[tuple[str, Any, Any]]:
    """Every place from which a number or array can be reached: its path, container and key."""
    seen: set[int] = set()
    here: Scope | None = scope
    while here is not None:
        yield from _inside("", here.names, seen)
        here = here.parent


def _inside(path: str, container: Any, seen: set[int]) -> Iterator[tuple[str, Any, Any]]:
    if id(container) in seen:
        return
    seen.add(id(container))
    pairs = container.items() if isinstance(container, dict) else enumerate(container)
    for key, value in list(pairs):
        name = _path(path, key, container)
        if isinstance(value, Array | Number | float):
            yield name, container, key
        elif isinstance(value, Bound):
            yield from _inside(name, value.first.attributes, seen)
        elif isinstance(value, Instance):
            yield from _inside(name, value.attributes, seen)
        elif isinstance(value, list | dict | tuple):
            yield from _inside(name, value, seen)
        elif isinstance(value, Closure) and value.scope.parent is not None:
            yield from _inside(path, value.scope.names, seen)


def _path(path: str, key: Any, container: Any) -> str:
    if not path:
        return str(key)
    return f"{path}.{key}" if isinstance(container, dict) and isinstance(key, str) else f"{path}[{key}]"


def _entries(value: Value) -> tuple[Node, ...]:
    return tuple(value.entries.ravel()) if isinstance(value, Array) else (value.node,)


@dataclass
class _Watch:
    """What finding and following have in common."""

    run: Interpreter = field(init=False)
    doubts: list[tuple[str, int]] = field(default_factory=list)
    shown: list[tuple[Value, int]] = field(default_factory=list)
    losses: dict[str, Value] = field(default_factory=dict)

    def printed(self, values: Iterable[Value], line: int) -> None:
        """Remember what was printed."""
        for value in values:
            for each in (value, *values_in(value)):
                if isinstance(each, Array | Number):
                    self.shown.append((each, line))

    def named(self, name: str, value: Value) -> None:
        """Remember what has the name of a loss."""
        if name.lower() in LOSS_NAMES and isinstance(value, Array | Number):
            self.losses[name] = value

    def depends(self, reason: str, line: int) -> None:
        """Remember what was not followed."""
        self.doubts.append((reason, line))


@dataclass
class _Finder(_Watch):
    """Looks for the training loop."""

    found: ast.For | ast.While | None = None
    changed: frozenset[str] = frozenset()
    _outer: dict[str, Array] = field(default_factory=dict)
    _depth: int = 0

    def loop(self, run: Interpreter, node: ast.For | ast.While, scope: Scope) -> bool:
        """Follow each turn, and look at what it did to arrays that were there before the loop."""
        if self._depth == 0:
            self._outer = _arrays(scope)
        watched = self._outer
        inner = self._depth > 0
        self._depth += 1
        written: dict[int, int] = {}
        try:
            for _ in _turns(run, node, scope):
                before = _arrays_now(watched, run)
                numbers = {
                    name: (c, k) for name, c, k in holders(scope) if not isinstance(c[k], Array)
                }
                old = {name: c[k] for name, (c, k) in numbers.items()}
                if not run.turn(node.body, scope):
                    break
                changed, trains = self._changed(node, watched, before)
                moved = {n for n, (c, k) in numbers.items() if _number_changed(old[n], c, k)}
                trains = trains or bool(moved & _updated(node))
                if trains and (not inner or self._again(watched, before, written)):
                    stored = _stored(node) & set(watched)
                    self.found, self.changed = node, frozenset(changed | moved | stored)
                    if self.losses or self.shown:
                        raise _DoneSignal
        finally:
            self._depth -= 1
        return True

    def _changed(
        self, loop: ast.AST, watched: Mapping[str, Array], before: Mapping[str, tuple[Node, ...]]
    ) -> tuple[set[str], bool]:
        """The arrays with new entries; and whether one was made from its old ones, as in training."""
        current = _arrays_now(watched, self.run)
        changed, trains = set(), False
        for name, old in before.items():
            pairs = [(n, o) for n, o in zip(current[name], old, strict=False) if n is not o]
            if pairs:
                changed.add(name)
                own = name.split(".")[-1].split("[")[0] in _updated(loop)
                trains = trains or own or any(_made_from(new, old) for new, _ in pairs)
        return changed, trains

    def _again(
        self, watched: Mapping[str, Array], before: Mapping[str, tuple[Node, ...]],
        written: dict[int, int],
    ) -> bool:  # fmt: skip
        """Whether an inner loop writes entries that an earlier turn of it wrote."""
        repeated = False
        current = _arrays_now(watched, self.run)
        for name, old in before.items():
            for at, (new, was) in enumerate(zip(current[name], old, strict=False)):
                if new is not was:
                    key = hash((name, at))
                    repeated = repeated or key in written
                    written[key] = 1
        return repeated


def _stored(loop: ast.AST) -> set[str]:
    """The names that a loop's body stores into, whatever comes of it."""
    targets = [
        target
        for node in ast.walk(loop)
        if isinstance(node, ast.Assign | ast.AugAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(node, ast.AugAssign) or isinstance(target, ast.Subscript)
    ]
    bases = [t.value if isinstance(t, ast.Subscript) else t for t in targets]
    return {base.id for base in bases if isinstance(base, ast.Name)}


def _updated(loop: ast.AST) -> set[str]:
    """The last names of what a loop's body updates from itself: ``w -= …``, ``w = w - …``."""
    found = set()
    for node in ast.walk(loop):
        if isinstance(node, ast.AugAssign):
            found.add(_last_name(node.target))
        elif isinstance(node, ast.Assign):
            used = {_last_name(n) for n in ast.walk(node.value) if isinstance(n, ast.expr)}
            found |= {_last_name(t) for t in node.targets} & used
    return found - {""}


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Subscript):
        return _last_name(node.value)
    return getattr(node, "attr", getattr(node, "id", ""))


def _number_changed(old: Value, container: Any, key: Any) -> bool:
    """Whether a turn gave a number a value that rests on its old one, or on arrays."""
    new = container[key] if not isinstance(container, dict) or key in container else None
    if not isinstance(new, Number):
        return False
    if isinstance(old, Number):
        return _made_from(new.node, (old.node,))
    return old is not None and any(
        not n.arguments and n.number is None for n in below([new.node])
    )


def _made_from(new: Node, old: Iterable[Node]) -> bool:
    """Whether a value rests on an old value and on something else besides."""
    leaves = {n for n in below([new]) if not n.arguments and n.number is None}
    own = {n for o in old for n in below([o]) if not n.arguments and n.number is None}
    return bool(leaves & own) and (bool(leaves - own) or len(own) > 1)


def _arrays(scope: Scope) -> dict[str, Array]:
    return {name: c[k] for name, c, k in holders(scope) if isinstance(c[k], Array)}


def _arrays_now(watched: Mapping[str, Array], run: Interpreter) -> dict[str, tuple[Node, ...]]:
    """The entries that each path leads to now: the same array, or one that took its name."""
    now = {name: _entries(a) for name, a in watched.items()}
    for name, container, key in holders(run.scope):
        value = container[key]
        if name in watched and isinstance(value, Array) and value.shape == watched[name].shape:
            now[name] = _entries(value)
    return now


def _turns(run: Interpreter, node: ast.For | ast.While, scope: Scope) -> Iterator[None]:
    """The turns of a loop, its target bound."""
    if isinstance(node, ast.While):
        while run.truth(run.value(node.test, scope)):
            yield
        return
    for item in items(run.numbers, run.value(node.iter, scope)):
        run.store(node.target, item, scope)
        yield


@dataclass
class _Follower(_Watch):
    """Follows one turn of the loop that was found."""

    target: ast.For | ast.While | None = None
    changed: frozenset[str] = frozenset()
    turn: int = 0
    result: Pass | None = None

    def __init__(self, target: ast.For | ast.While, changed: frozenset[str], turn: int) -> None:
        super().__init__()
        self.target, self.changed, self.turn, self.result = target, changed, turn, None

    def loop(self, run: Interpreter, node: ast.For | ast.While, scope: Scope) -> bool:
        """Let other loops run; follow one turn of this one."""
        if node is not self.target:
            return False
        if not self._bind(run, node, scope):
            raise _DoneSignal
        run.numbers.symbolic = False
        _count_turns(scope, node)
        parameters = self._become_symbols(run, scope)
        rates = _name_numbers(run, scope)
        self.shown.clear()
        self.losses.clear()
        self.doubts.clear()
        run.numbers.broadcasts.clear()
        run.turn(node.body, scope)
        self.result = Pass(
            run.numbers.graph,
            tuple(self._after(run, scope, parameters)),
            self._losses(run, scope),
            rates,
            tuple(run.numbers.broadcasts),
            tuple(self.doubts),
            dict(run.assigned),
            node.lineno,
        )
        raise _DoneSignal

    def _bind(self, run: Interpreter, node: ast.For | ast.While, scope: Scope) -> bool:
        """The loop's variable at this turn: the first, the second, the last."""
        if isinstance(node, ast.While):
            return self.turn == 0 and run.truth(run.value(node.test, scope))
        values = items(run.numbers, run.value(node.iter, scope))
        place = (0, 1, len(values) - 1)[self.turn]
        if place >= len(values) or (self.turn and place < self.turn):
            return False
        item = values[place]
        counted = isinstance(item, int) and not isinstance(item, bool)
        run.store(node.target, Count.of(item, lambda k: k) if counted else item, scope)
        return True

    def _become_symbols(self, run: Interpreter, scope: Scope) -> dict[str, tuple[Any, ...]]:
        """Every array that the loop changes gets fresh symbols, in place."""
        found: dict[str, tuple[Any, ...]] = {}
        for name, container, key in holders(scope):
            value = container[key]
            if name not in self.changed or name in found:
                continue
            if isinstance(value, Array):
                for at in np.ndindex(value.shape):
                    value.entries[at] = self._leaf(run, name, at, value.twin[at])
                found[name] = (container, key, value.shape, value)
            elif isinstance(value, Number | float):
                twin = value.twin if isinstance(value, Number) else value
                container[key] = Number(self._leaf(run, name, (), twin), twin)
                found[name] = (container, key, (), container[key])
        return {n: (*rest[:3], _entries(rest[3]), run.assigned.get(n, 0)) for n, rest in found.items()}

    def _leaf(self, run: Interpreter, name: str, at: tuple[int, ...], twin: Any) -> Node:
        plain = "".join(c if c.isalnum() or c == "_" else "_" for c in name).strip("_")
        label = plain + "".join(f"_{k + 1}" for k in at)
        return run.numbers.graph.leaf(Leaf(Kind.state, label, float(twin), run.numbers.line))

    def _after(
        self, run: Interpreter, scope: Scope, parameters: Mapping[str, tuple[Any, ...]]
    ) -> Iterator[Parameter]:
        for name, (container, key, shape, old, line) in parameters.items():
            value = container[key]
            if not isinstance(value, Array | Number):
                raise CodeError(f"{name} is no array any more after a turn", run.numbers.line)
            now = value
            if isinstance(now, Array) and now.shape != shape:
                self.doubts.append((f"{name} changes its shape from {shape} to {now.shape}", line))
                continue
            yield Parameter(name, run.assigned.get(name, line), shape, old, _entries(now))

    def _losses(self, run: Interpreter, scope: Scope) -> dict[str, Node]:
        """What may be the loss: what was printed in the pass, and what has a loss's name."""
        named = self.losses | {
            name: container[key]
            for name, container, key in holders(scope)
            if "." in name and name.lower().split(".")[-1] in LOSS_NAMES
            and isinstance(container[key], Array | Number)
        }
        candidates: dict[str, Node] = {}
        graph = run.numbers.graph
        for value, line in self.shown:
            label = next((n for n, v in named.items() if v is value), f"printed in line {line}")
            candidates[label] = graph.add(*_entries(value))
        for name, value in named.items():
            if isinstance(value, Array | Number):
                candidates.setdefault(name, graph.add(*_entries(value)))
        return {
            name: node for name, node in candidates.items() if node.kinds & Kind.state
        }


def _count_turns(scope: Scope, loop: ast.AST) -> None:
    """Integers that the loop's body sets differ from turn to turn: they become counts."""
    targets = [
        target
        for node in ast.walk(loop)
        if isinstance(node, ast.Assign | ast.AugAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
    ]
    names = {t.id for t in targets if isinstance(t, ast.Name)}
    here: Scope | None = scope
    while here is not None:
        for name in names & set(here.names):
            value = here.names[name]
            if isinstance(value, int) and not isinstance(value, bool | Count):
                here.names[name] = Count.of(value, lambda k: k)
        here = here.parent


def _name_numbers(run: Interpreter, scope: Scope) -> tuple[Node, ...]:
    """Plain decimals that have a name become symbols: one of them is the learning rate."""
    rates = []
    for name, container, key in holders(scope):
        value = container[key]
        if isinstance(value, float) and isinstance(container, dict) and value != 0:
            leaf = Leaf(Kind.named, name.replace(".", "_"), value, run.numbers.line)
            node = run.numbers.graph.leaf(leaf)
            container[key] = Number(node, value)
            rates.append(node)
    return tuple(rates)
