"""How arrays come to be: the arguments of shape, axis and dtype, and the functions that make arrays."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from symbp.read.code.nodes import Kind, Leaf
from symbp.read.code.numbers import Numbers
from symbp.read.code.objects import Row
from symbp.read.code.subscripts import cut
from symbp.read.code.values import Array, Unknown, Value, check_size, pack


def shape_of(numbers: Numbers, value: Value) -> tuple[int, ...]:
    """A shape argument: one integer or several."""
    parts = value if isinstance(value, tuple | list) else (value,)
    if isinstance(value, Array):
        parts = tuple(value.twin.tolist())
    shape = tuple(int(numbers.integer(p)) for p in parts)
    check_size(shape)
    return shape


def axis_of(numbers: Numbers, axis: Value) -> Any:
    """An axis argument."""
    if axis is None:
        return None
    if isinstance(axis, tuple | list):
        return tuple(int(numbers.integer(a)) for a in axis)
    return int(numbers.integer(axis))


def dtype_of(value: Value) -> Any:
    """A dtype argument: float unless it names another of the known ones."""
    name = value if isinstance(value, str) else getattr(value, "name", "")
    return DTYPES.get(str(name).rsplit(".", 1)[-1])


DTYPES: Mapping[str, Any] = {
    "int": np.int64, "int64": np.int64, "int32": np.int32, "int_": np.int64, "uint8": np.uint8,
    "int8": np.int8, "int16": np.int16, "i": np.int32,
    "float": np.float64, "float64": np.float64, "float32": np.float32, "float16": np.float16,
    "double": np.float64, "f": np.float32, "d": np.float64, "bool": np.bool_, "bool_": np.bool_,
}


def cast(numbers: Numbers, value: Value, dtype: Value) -> Value:
    """The same array with another dtype; integers cut decimals off."""
    array, wanted = numbers.array(value), dtype_of(dtype)
    if wanted is None:
        return array.both(lambda a: a.copy())
    twin = array.twin.astype(wanted)
    entries = array.entries.copy()
    if twin.dtype.kind in "iu" and array.twin.dtype.kind == "f":
        entries = cut(numbers, entries)
    if twin.dtype.kind == "b" and array.twin.dtype.kind != "b":
        return numbers.compare("different", np.not_equal, array, 0)
    return pack(entries, twin)


def make_array(numbers: Numbers, value: Value, dtype: Value = None, **_: Value) -> Value:
    """``np.array``: a copy; an array of numerals becomes data."""
    if isinstance(value, Unknown):
        return value
    made = numbers.array(value)
    array = Array(made.entries.copy(), made.twin.copy())
    if dtype_of(dtype) is not None:
        array = numbers.array(cast(numbers, array, dtype))
    if array.twin.ndim == 0:
        return array
    if numbers.symbolic and isinstance(value, list | tuple) and array.twin.size:
        for at in np.ndindex(array.shape):
            node: Any = array.entries[at]
            if node.number is not None:
                array.entries[at] = numbers.datum(array.twin[at])
    return array


def filled(numbers: Numbers, shape: Value, value: Value, dtype: Value = None) -> Value:
    """``np.full``."""
    extents = shape_of(numbers, shape)
    wanted = dtype_of(dtype) or (np.asarray(numbers.pair(value)[1]).dtype)
    twin = np.full(extents, numbers.pair(value)[1], dtype=wanted)
    entries = np.full(extents, numbers.pair(value)[0], dtype=object)
    return Array(entries, twin) if extents else pack(entries, twin)


def filled_with(value: float) -> Row:
    """``np.zeros``, ``np.ones``."""
    return lambda numbers, shape, dtype=None, order=None: filled(numbers, shape, value, dtype)


def like_filled_with(value: float) -> Row:
    """``np.zeros_like``, ``np.ones_like``."""
    def rule(numbers: Numbers, like: Value, dtype: Value = None) -> Value:
        twin = numbers.array(like).twin
        wanted = dtype_of(dtype) or twin.dtype
        return Array(
            np.full(twin.shape, numbers.graph.constant(int(value)), dtype=object),
            np.full(twin.shape, value, dtype=wanted),
        )

    return rule


def constants(numbers: Numbers, twin: Any) -> Value:
    """An array of numerals that is made by counting: not data."""
    array = np.asarray(twin)
    check_size(array.shape)
    return pack(np.frompyfunc(numbers.node, 1, 1)(array.astype(object)), array)


def arange(numbers: Numbers, *arguments: Value, dtype: Value = None) -> Value:
    """``np.arange``: counted, so no data."""
    parts = [numbers.known(a) for a in arguments]
    check_size([math.ceil(max(np.subtract(*reversed(parts[:2])) if parts[1:] else parts[0], 0))])
    return constants(numbers, np.arange(*parts))


def linspace(numbers: Numbers, low: Value, high: Value, num: Value = 50) -> Value:
    """``np.linspace``: sample points, so data."""
    count = int(numbers.integer(num))
    check_size([count])
    twin = np.linspace(numbers.known(low), numbers.known(high), count)
    entries = np.frompyfunc(numbers.datum, 1, 1)(twin)
    return Array(entries, twin)


def eye(numbers: Numbers, n: Value, *_: Value, **__: Value) -> Value:
    """``np.eye``."""
    size = int(numbers.integer(n))
    check_size((size, size))
    return constants(numbers, np.eye(size))


def random_array(numbers: Numbers, twin: Any) -> Value:
    """Random numbers are symbols; their twin is what the script's own seed gives."""
    array = np.asarray(twin)
    check_size(array.shape)

    def fresh(value: float) -> Any:
        return numbers.graph.leaf(Leaf(Kind.random, "random", float(value), numbers.line))

    return pack(np.frompyfunc(fresh, 1, 1)(array.astype(object)), array)
