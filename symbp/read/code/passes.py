"""The turns of a script's training loop that differ: what a script is followed through.

The script is followed from its start up to its training loop (``loop``), and there through
one turn (``turn``): the first, the second (after the first), and one more for every way in
which the iteration decides branches. So an update that is another one in a later epoch is seen.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from symbp.read.code.assumptions import Assumptions, known_shapes
from symbp.read.code.control import Watch
from symbp.read.code.drivers import drivers
from symbp.read.code.graph import Graph
from symbp.read.code.interpreter import Interpreter
from symbp.read.code.loop import Finder, FoundSignal
from symbp.read.code.neighbours import Neighbours, alone
from symbp.read.code.nodes import GraphError, Kind
from symbp.read.code.numbers import Numbers
from symbp.read.code.parse import Script, parse
from symbp.read.code.search import Budget, Search, in_order
from symbp.read.code.shrink import shrunk
from symbp.read.code.turn import MAX_TURNS, DoneSignal, Follower, Pass
from symbp.read.code.values import CodeError, SizeError

MAX_WAYS = 8
LIMIT = 150_000
MANY_NODES = 25_000
"""From so many operations on a script is followed with smaller sizes, where it can be."""


def passes(
    source: str, neighbours: Neighbours = alone, given: Mapping[str, Sequence[int | str]] | None = None
) -> tuple[Pass, ...]:
    """The turns of a script's training loop that differ. Raises :class:`CodeError`.

    What the script leaves open is assumed, with the shapes that are ``given``, and a class or function
    that is never called is called.
    """
    script = replace(parse(source), given=known_shapes(given or {}))
    try:
        found = _followed(script, neighbours, Assumptions(script.given))
    except SizeError:
        smaller = _smaller(script, neighbours)
        if smaller is None:
            raise
        return smaller
    except CodeError as error:
        searched = _searched(script, neighbours)
        if searched is None:
            raise error from None
        return searched
    if sum(len(turn.graph.nodes) for turn in found) > MANY_NODES:
        return _smaller(script, neighbours) or found
    return found


def _smaller(script: Script, neighbours: Neighbours) -> tuple[Pass, ...] | None:
    """The turns with smaller sizes; None where they do not train."""
    made = shrunk(script.tree)
    if made is None:
        return None
    small = replace(script, tree=made[0])
    try:
        return _told(_followed(small, neighbours, Assumptions(script.given)), made[1])
    except CodeError:
        searched = _driven(small, neighbours, Budget())
        return None if searched is None else _told(searched, made[1])


def _told(found: tuple[Pass, ...], told: str) -> tuple[Pass, ...]:
    """The turns, and the sizes that were made smaller for them."""
    return tuple(
        replace(turn, assumed=f"{turn.assumed}, {told}" if turn.assumed else told) for turn in found
    )


def _searched(script: Script, neighbours: Neighbours) -> tuple[Pass, ...] | None:
    """The turns with assumptions or called, with smaller sizes where they train with them too."""
    budget, small = Budget(), shrunk(script.tree)
    if small is not None:
        found = _driven(replace(script, tree=small[0]), neighbours, budget)
        if found is not None:
            return _told(found, small[1])
    return _driven(script, neighbours, budget)


def _driven(script: Script, neighbours: Neighbours, budget: Budget) -> tuple[Pass, ...] | None:
    """The turns of the script as it is with assumptions, or called."""
    for tree in in_order(script.tree, drivers(script.tree)):
        trial = partial(_followed, replace(script, tree=tree), neighbours)
        result = Search(trial, budget, script.given).found()
        if result is not None:
            return result
    return None


def again(turn: Pass, tree: ast.Module, neighbours: Neighbours) -> tuple[Pass, ...]:
    """The turns of an edited script under the assumptions of a turn. Raises :class:`CodeError`."""
    assert turn.script is not None
    return _followed(replace(turn.script, tree=tree), neighbours, turn.assumptions)


def once_more(turn: Pass, tree: ast.Module, neighbours: Neighbours) -> Pass | None:
    """The same turn of an edited script, which has its loop where the script has it."""
    assert turn.script is not None and turn.watch is not None
    old = turn.watch.target
    loop = next(
        (n for n in ast.walk(tree) if isinstance(n, ast.For | ast.While)
         and (n.lineno, n.col_offset) == (old.lineno, old.col_offset)), None)  # fmt: skip
    if loop is None:
        return None
    watch = Follower(loop, turn.watch.changed, turn.watch.steps, turn.iteration,
                     assumptions=turn.assumptions)  # fmt: skip
    _follow(replace(turn.script, tree=tree), neighbours, watch)
    return watch.result


def _followed(
    script: Script, neighbours: Neighbours, assumptions: Assumptions
) -> tuple[Pass, ...]:
    """The turns under assumptions."""
    finder = Finder(assumptions=assumptions)
    _follow(script, neighbours, finder)
    if finder.loop_found is None:
        raise CodeError(
            "no loop that updates an array from its own old value", 0, 0,
            "a script that trains: for …: W -= eta * gradient",
        )  # fmt: skip
    found: list[Pass] = []
    forks: list[Callable[[int], Any]] = []
    count: int | None = None
    todo = [0, 1]
    while todo:
        iteration = todo.pop(0)
        if any(turn.iteration == iteration for turn in found):
            continue
        watch = Follower(
            finder.loop_found, finder.changed, finder.steps, iteration, assumptions=assumptions
        )
        _follow(script, neighbours, watch)
        if watch.result is None:
            continue
        found.append(replace(watch.result, script=script, watch=watch))
        count, forks = watch.count, [*forks, *watch.rules]
        if len(found) == 2 and _rests_on_counter(watch.result) and count is not None:
            todo.append(min(count, MAX_TURNS) - 1)
        if not todo and forks:
            covered = {_way(forks, turn.iteration) for turn in found}
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
    return replace(turn, doubts=(*turn.doubts, (reason, turn.line)))


def _follow(script: Script, neighbours: Neighbours, watch: Watch) -> None:
    run = Interpreter(Numbers(Graph(LIMIT)), watch, neighbours)
    run.old_division = script.old_division
    try:
        run.run(script.tree.body, run.scope)
    except (DoneSignal, FoundSignal):
        return
    except GraphError as error:
        raise SizeError(str(error), run.numbers.line) from None
