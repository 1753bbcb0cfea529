"""Methods of lists, dicts and sets, as Python has them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from symbp.read.code.objects import is_open
from symbp.read.code.values import CodeError, Value


def key(value: Value) -> Value:
    """A key of a dict or an item of a set: known in every turn."""
    if is_open(value):
        raise CodeError("a key that is not known")
    return value


def _index(items: list[Value], wanted: Value) -> int:
    return next(k for k, item in enumerate(items) if item is wanted or item == wanted)


def _update(owner: dict[Value, Value], other: Value = (), **named: Value) -> None:
    owner.update(other)
    owner.update(named)


LISTS: Mapping[str, Callable[..., Any]] = {
    "append": list.append, "pop": list.pop, "insert": list.insert, "extend": list.extend,
    "reverse": list.reverse, "clear": list.clear, "copy": lambda v: list(v),
    "index": _index, "remove": lambda v, item: v.pop(_index(v, item)) and None,
}  # fmt: skip
DICTS: Mapping[str, Callable[..., Any]] = {
    "keys": lambda d: list(d.keys()), "values": lambda d: list(d.values()),
    "items": lambda d: list(d.items()), "get": lambda d, k, v=None: d.get(key(k), v),
    "iteritems": lambda d: list(d.items()), "itervalues": lambda d: list(d.values()),
    "iterkeys": lambda d: list(d.keys()), "has_key": lambda d, k: key(k) in d,
    "update": _update, "pop": lambda d, k, *v: d.pop(key(k), *v),
    "setdefault": lambda d, k, v=None: d.setdefault(key(k), v), "clear": dict.clear,
    "copy": lambda d: dict(d),
}  # fmt: skip
SETS: Mapping[str, Callable[..., Any]] = {
    "add": lambda s, v: s.add(key(v)), "discard": set.discard, "remove": set.remove,
}  # fmt: skip
