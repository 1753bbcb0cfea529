"""Which arrays of a script are its parameters, and which numbers its learning rate."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from symbp.read.code.heap import Place, entries
from symbp.read.code.interpreter import Interpreter
from symbp.read.code.nodes import Kind, Node, below
from symbp.read.code.symbols import Shaped
from symbp.read.code.values import Array, CodeError, Number, Value


@dataclass(frozen=True, eq=False)
class Parameter:
    """An array, or numbers under one name, before and after the turn."""

    name: str
    line: int
    shape: tuple[int, ...]
    old: tuple[Node, ...]
    new: tuple[Node, ...]


def more_rates(
    after: Mapping[str, Place], candidates: Mapping[str, Node], parameters: Sequence[Parameter]
) -> Iterator[Node]:
    """Numbers made of named ones and counters alone: a learning rate with a schedule."""
    read = set(below(candidates.values()))
    moved = {n for p in parameters for n in p.old}
    seen: set[Node] = set()
    for place in after.values():
        value = place.value
        if not isinstance(value, Number) or value.node.number is not None or value.node in seen:
            continue
        leaves = [n for n in below([value.node]) if not n.arguments and n.number is None]
        steady = all(
            n.kinds & (Kind.named | Kind.counter) or (n.kinds & Kind.state and n not in read
                                                      and n not in moved)
            for n in leaves
        )  # fmt: skip
        if steady and (value.node.arguments or value.node.kinds & Kind.state):
            seen.add(value.node)
            yield value.node


def parameters_of(
    run: Interpreter, old: Mapping[str, Shaped],
    after: Mapping[str, Place], candidates: Mapping[str, Node], first: Collection[str],
) -> Iterator[Parameter]:  # fmt: skip
    """What the loss reads, or what moved from its own old value; aliases once; numbers of one
    list together."""
    read = set(below(candidates.values()))
    named: dict[tuple[Node, ...], list[Parameter]] = {}
    held = {id(place.container): place for place in after.values()}
    for path, (shape, was, before) in old.items():
        place = _again(before, after, held)
        if place is None or not isinstance(place.value, Array | Number | int | float):
            if set(was) & read:
                raise CodeError(f"{path} is no array any more after a turn", run.numbers.line)
            continue
        value: Value = place.value
        plain = isinstance(value, int | float)
        new = (run.numbers.node(value),) if plain else entries(value)
        now = () if plain else np.shape(value.twin)
        line = _line_of(run, place)
        if now != shape:
            if set(was) & read:
                raise CodeError(f"{path} changes its shape from {shape} to {now}", line)
            continue
        used = bool(set(was) & read)
        own = any(a is not b and a in set(below([b])) for a, b in zip(was, new, strict=True))
        if used or (own and not candidates):
            named.setdefault(was, []).append(Parameter(path, line, shape, was, new))
    chosen = [
        _moved_first(sorted(group, key=lambda p: p.name not in first)) for group in named.values()
    ]
    yield from _grouped([p for p in chosen if not _only_views(p, chosen)])


def memories_of(
    run: Interpreter, old: Mapping[str, Shaped], after: Mapping[str, Place],
    candidates: Mapping[str, Node],
) -> Iterator[Parameter]:  # fmt: skip
    """What no loss reads and what moves from its own old value, as an optimizer's state does."""
    read = set(below(candidates.values()))
    held = {id(place.container): place for place in after.values()}
    for path, (shape, was, before) in old.items():
        place = _again(before, after, held)
        if place is None or not isinstance(place.value, Array | Number) or set(was) & read:
            continue
        new = entries(place.value)
        if np.shape(place.value.twin) == shape and any(
            a is not b and a in set(below([b])) for a, b in zip(was, new, strict=True)
        ):
            yield Parameter(path, _line_of(run, place), shape, was, new)


def _again(before: Place, after: Mapping[str, Place], held: Mapping[int, Place]) -> Place | None:
    """A place after the turn: in what held it, while that is in use, else under the same path."""
    if id(before.container) in held and (
        before.key in before.container if isinstance(before.container, dict)
        else before.key < len(before.container)
    ):
        return before
    return after.get(before.path)


def _moved_first(group: Sequence[Parameter]) -> Parameter:
    return next((p for p in group if p.old != p.new), group[0])


def _only_views(parameter: Parameter, others: Sequence[Parameter]) -> bool:
    """Whether all entries belong to another, larger array."""
    mine = set(parameter.old)
    return any(mine < set(o.old) for o in others if o is not parameter)


def _grouped(found: Sequence[Parameter]) -> Iterator[Parameter]:
    """Numbers that differ by their places in lists alone, together."""
    groups: dict[str, list[Parameter]] = {}
    for parameter in found:
        root = "" if parameter.shape else re.sub(r"(\[\d+\])+$", "", parameter.name)
        root = re.sub(r"\[\d+\](?!.*\[\d+\])", "[*]", root)
        groups.setdefault(root or parameter.name, []).append(parameter)
    for name, group in groups.items():
        if len(group) == 1:
            yield group[0]
            continue
        ends = [re.search(r"((?:\[\d+\])*)$", p.name) for p in group]
        at = [tuple(map(int, re.findall(r"\d+", end[1]))) for end in ends if end]
        shape = tuple(max(k) + 1 for k in zip(*at, strict=False))
        whole = bool(shape) and int(np.prod(shape)) == len(group)
        yield Parameter(
            name, max(p.line for p in group), shape if whole else (len(group),),
            tuple(n for p in group for n in p.old), tuple(n for p in group for n in p.new),
        )  # fmt: skip


def _line_of(run: Interpreter, place: Place) -> int:
    """The line that gave a place its value."""
    value = place.value
    if isinstance(value, Array):
        stored = [line for array, line in run.numbers.stores
                  if np.may_share_memory(array, value.entries)]  # fmt: skip
        if stored:
            return stored[-1]
    known = run.written.get((id(place.container), place.key))
    return known or run.assigned.get(place.path, run.assigned.get(place.name, 0))
