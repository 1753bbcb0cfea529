"""Where a script keeps its numbers: every place from which an array or a number can be reached.

A place has a path (``net.W1``, ``weights[0]``), the container that holds it and the key under which
it does. A loop changes places; those that it changes from their own old value are parameters.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from symbp.read.code.nodes import Node
from symbp.read.code.objects import Bound, Class, Closure, Instance, Scope
from symbp.read.code.values import Array, CodeError, Number, Value

MAX_PLACES = 20_000
MAX_PATH = 12


@dataclass(frozen=True, eq=False)
class Place:
    """One array or number of the script."""

    path: str
    container: Any
    key: Any

    @property
    def value(self) -> Value:
        """What is kept there now."""
        return self.container[self.key]

    def put(self, value: Value) -> None:
        """Keep something else there."""
        self.container[self.key] = value

    @property
    def fixed(self) -> bool:
        """Whether a number here cannot be exchanged, because a tuple holds it."""
        return isinstance(self.container, tuple)

    @property
    def name(self) -> str:
        """The last word of the path."""
        return re.sub(r"(\[\d+\])+$", "", self.path).rsplit(".", 1)[-1]


def places(scope: Scope) -> tuple[Place, ...]:
    """All places that a scope can reach, the module's names first; each path once."""
    later = [
        {name: value for name, value in each.names.items() if name in each.targets or name == "self"}
        for each in scope.chain
    ]
    return _walked([each.names for each in scope.chain], later)


def inside(owner: Instance) -> tuple[Place, ...]:
    """All places that an object can reach."""
    return _walked([owner.attributes], [])


def _walked(containers: list[Any], later: list[dict[str, Any]]) -> tuple[Place, ...]:
    """Breadth first, so that a path is the shortest; what only ``later`` names reach comes last."""
    found: dict[str, Place] = {}
    seen: set[int] = set()
    skipped = {(id(each), name) for each, names in zip(containers, later, strict=False)
               for name, value in names.items() if _contents(value) is not None}  # fmt: skip
    waiting = [(name, value) for names in later for name, value in names.items()]
    # An inner name hides an outer one of the same path.
    todo: deque[tuple[str, Any, int]] = deque(("", each, 0) for each in containers)
    while todo or waiting:
        if not todo:
            name, value = waiting.pop(0)
            inner = _contents(value)
            todo.extend([(name, inner, 1)] if inner is not None else [])
            continue
        path, container, depth = todo.popleft()
        if id(container) in seen or depth > MAX_PATH:
            continue
        seen.add(id(container))
        pairs = container.items() if isinstance(container, dict) else enumerate(container)
        for key, value in list(pairs):
            if isinstance(value, Array | Number | float) or (
                isinstance(value, int) and not isinstance(value, bool)
            ):
                name = _path(path, key)
                found.setdefault(name, Place(name, container, key))
                if len(found) > MAX_PLACES:
                    raise CodeError(f"more than {MAX_PLACES:,} arrays and numbers")
                continue
            inner = None if (id(container), key) in skipped else _contents(value)
            if inner is not None:
                todo.append((_path(path, key), inner, depth + 1))
    return tuple(found.values())


def _contents(value: Value) -> Any:
    """What a value holds: the entries of a list or dict, the attributes of an object."""
    if isinstance(value, list | dict | tuple):
        return value
    if isinstance(value, Instance):
        return value.attributes
    if isinstance(value, Bound):
        return value.first.attributes if isinstance(value.first, Instance) else None
    if isinstance(value, Class):
        return value.members
    if isinstance(value, Closure) and value.scope.parent is not None:
        return value.scope.names
    return None


def _path(path: str, key: Any) -> str:
    step = f".{key}" if isinstance(key, str) else f"[{key}]"
    return step.removeprefix(".") if not path else path + step


def entries(value: Value) -> tuple[Node, ...]:
    """The nodes of an array or a number, row by row."""
    return tuple(np.asarray(value.entries).ravel()) if isinstance(value, Array) else (value.node,)


def by_path(found: Iterable[Place]) -> dict[str, Place]:
    """From paths to places."""
    return {place.path: place for place in found}
