"""What becomes a symbol before a turn is followed: what the loop changes, and what a name tells.

Symbols are put in place, so that views and aliases stay what they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set
from typing import Any

import numpy as np

from symbp.read.code.heap import Place, entries, places
from symbp.read.code.interpreter import Interpreter
from symbp.read.code.nodes import Kind, Leaf, Node
from symbp.read.code.objects import Scope
from symbp.read.code.values import Array, Count, Number

LIKE_PARAMETERS = re.compile(
    r"(w|b|u|v)(_?[a-z]?[\dhioxyz]*)|w[a-z]{1,2}|(weight|bias|syn|theta|kernel|param).*", re.I
)
"""Names whose values are taken for parameters even where the loop never changes them."""
RATE_NAMES = re.compile(r"(lr|eta|alpha|learning_?rate|rate|step_?size|epsilon|l_?rate|gamma)", re.I)
Shaped = tuple[tuple[int, ...], tuple[Node, ...], Place]
"""The shape of an array or a number, its nodes, and where it was kept."""


def become_symbols(run: Interpreter, scope: Scope, changed: Set[str]) -> dict[str, Shaped]:
    """What the loop changes, and what has a parameter's name, gets fresh symbols, in place."""
    mine: set[Node] = set()
    old: dict[str, Shaped] = {}
    for place in _in_order(places(scope), changed):
        value = place.value
        if place.fixed or isinstance(value, int):
            continue
        if isinstance(value, Array):
            for at in np.ndindex(value.shape):
                if value.entries[at] not in mine:
                    node = _symbol(run, place.path, at, value.twin[at])
                    value.entries[at] = node
                    mine.add(node)
        else:
            twin = value.twin if isinstance(value, Number) else value
            place.put(Number(_symbol(run, place.path, (), twin), twin))
            mine.add(place.value.node)
        old[place.path] = (np.shape(place.value.twin), entries(place.value), place)
    return old


def _in_order(found: Iterable[Place], changed: Set[str]) -> Iterator[Place]:
    """The places that are to vary: those that the loop changes first."""
    kept = list(found)
    still = [p.value.entries for p in kept if p.path not in changed and isinstance(p.value, Array)]
    for place in kept:
        # A view of what the loop leaves alone, as x = X[i], is looked at anew in each turn.
        view = isinstance(place.value, Array) and any(
            place.value.entries.size < other.size
            and np.may_share_memory(place.value.entries, other)
            for other in still
        )
        if place.path in changed and not view:
            yield place
    for place in kept:
        value = place.value
        number = isinstance(value, Number | float)
        array = isinstance(value, Array) and value.twin.dtype.kind == "f"
        if place.path not in changed and LIKE_PARAMETERS.fullmatch(place.name) and (array or (
            number and re.fullmatch(r"[wb]\d*|bias\d*", place.name, re.I)
        )):
            yield place


def _symbol(run: Interpreter, path: str, at: tuple[int, ...], twin: Any) -> Node:
    label = _plain(path) + "".join(f"_{k + 1}" for k in at)
    return run.numbers.graph.leaf(Leaf(Kind.state, label, float(twin), run.numbers.line))


def name_numbers(run: Interpreter, scope: Scope) -> tuple[Node, ...]:
    """Plain decimals that have a name become symbols: one of them is the learning rate."""
    rates: dict[tuple[str, float], Node] = {}
    for place in places(scope):
        value = place.value
        if place.fixed or not isinstance(place.key, str) or isinstance(value, Array):
            continue
        if isinstance(value, Number) and value.node.number is not None:
            value = float(value.twin)
        whole = isinstance(value, int) and RATE_NAMES.fullmatch(place.name) is not None
        if value and (isinstance(value, float) or whole) and not isinstance(value, Count):
            # Objects that keep one number under one name keep the same number.
            key = (place.name, float(value))
            if key not in rates:
                leaf = Leaf(Kind.named, _plain(place.path), float(value), run.numbers.line)
                rates[key] = run.numbers.graph.leaf(leaf)
            place.put(Number(rates[key], float(value)))
    return tuple(rates.values())


def _plain(path: str) -> str:
    """A path as a plain name."""
    return re.sub(r"\W+", "_", path).strip("_")
