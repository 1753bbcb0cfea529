"""Entries of arrays: what a subscript is, and storing in place as NumPy does it, dtype and all."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from symbp.read.code.nodes import Node
from symbp.read.code.numbers import Numbers
from symbp.read.code.values import OPEN, Array, Broadcast, CodeError, Count, Number, Unknown, Value


def index(numbers: Numbers, key: Value) -> Any:
    """A subscript with plain integers in it, as both arrays take it."""
    numbers.needs(key)
    if isinstance(key, tuple):
        return tuple(index(numbers, k) for k in key)
    if isinstance(key, slice):
        return slice(*(None if p is None else _counted(numbers, numbers.integer(p))
                       for p in (key.start, key.stop, key.step)))
    if key is None or key is Ellipsis or isinstance(key, int):
        return _counted(numbers, key) if isinstance(key, Count) else key
    if isinstance(key, list | range):
        key = numbers.array(key)
    if isinstance(key, Array):
        for node in key.entries.flat:
            if node.kinds & OPEN:
                raise CodeError("an index that depends on the weights", numbers.line)
            numbers.graph.pin(node)
        return key.twin.astype(bool) if key.twin.dtype == bool else key.twin
    return numbers.integer(key)


def _counted(numbers: Numbers, key: int) -> int:
    """A counted position; whether it meets another counted one is a fork: it may in some turns."""
    if isinstance(key, Count):
        known = numbers.run.indices
        for other in known.values() if key.key not in known else ():
            numbers.forks.append((_meeting(key, other), numbers.line))
        known[key.key] = key
    return int(key)


def _meeting(a: Count, b: Count) -> Count:
    """Whether two counted positions are one."""
    x, y = a.rule, b.rule
    rule = None if x is None or y is None else (lambda turn: x(turn) == y(turn))
    return Count.of(int(int(a) == int(b)), rule, ("meet", a.key, b.key), test=True)


def open_mask(key: Value) -> bool:
    """Whether a mask depends on more than data."""
    return isinstance(key, Array) and key.twin.dtype == bool and any(
        n.kinds & OPEN for n in key.entries.flat
    )


def store_where(numbers: Numbers, array: Array, mask: Array, value: Value) -> None:
    """``array[mask] = value[mask]`` for a mask that the weights decide."""
    numbers.stores.append((array.entries, numbers.line))
    entries, twin = numbers.pair(value)
    array.entries[...] = numbers.ufunc("choose")(mask.entries, entries, array.entries)
    array.twin[...] = np.where(mask.twin, twin, array.twin)


def store(numbers: Numbers, array: Array, key: Value, value: Value) -> None:
    """``array[key] = value`` as NumPy does it, dtype and all."""
    if isinstance(value, Unknown):
        value = Number(numbers.graph.opaque(value.reason, value.line), 0.5)
    entries, twin = numbers.pair(value)
    if open_mask(key) and np.shape(twin) == () and key.shape == array.shape:
        store_where(numbers, array, key, value)
        return
    numbers.stores.append((array.entries, numbers.line))
    where = index(numbers, key)
    if key is Ellipsis and np.ndim(twin) and np.shape(twin) != array.shape:
        numbers.broadcasts.append(
            Broadcast(numbers.line, None, np.shape(twin), array.shape, array.shape, array)
        )
    with np.errstate(all="ignore"):
        array.twin[where] = twin
    kept = _kept(numbers, entries, twin, array.twin.dtype)
    target = array.entries[where]
    if isinstance(target, np.ndarray):
        # Fill through a copy: NumPy then refuses and broadcasts exactly as for the twin.
        filled = np.empty(target.shape, dtype=object)
        filled[...] = kept
        array.entries[where] = filled
    else:
        array.entries[where] = kept.item() if isinstance(kept, np.ndarray) else kept


def _kept(numbers: Numbers, entries: Any, twin: Any, dtype: Any) -> Any:
    """What is left of entries when they are stored with a dtype: integers cut decimals off."""
    if dtype.kind not in "iu" or np.asarray(twin).dtype.kind in "iub":
        return entries
    return cut(numbers, entries)


def cut(numbers: Numbers, entries: Any) -> Any:
    """The integer parts of entries."""
    return np.frompyfunc(partial(_integer_part, numbers), 1, 1)(entries)


def _integer_part(numbers: Numbers, node: Node) -> Node:
    if not numbers.cuts:
        return node
    if node.number is not None:
        return numbers.graph.constant(int(node.number))
    return numbers.graph.opaque("an array of integers cuts the decimals off", numbers.line)
