"""Python's own functions and methods that are followed: one row a name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import Any

import numpy as np

from symbp.read.numpy_functions import NUMPY, reshape, transpose, unfollowed
from symbp.read.numpy_making import cast
from symbp.read.numpy_numbers import Numbers
from symbp.read.numpy_objects import Row, Text, values_in
from symbp.read.numpy_values import Array, CodeError, Number, Unknown, Value, kind_of

MAX_ITEMS = 100_000


def items(numbers: Numbers, value: Value) -> list[Value]:
    """What a loop or a list runs over."""
    if isinstance(value, Array):
        return [value.both(itemgetter(k)) for k in range(len(value.twin))]
    if isinstance(value, dict):
        return list(value)
    if isinstance(value, list | tuple | range | zip | enumerate):
        found = list(value)
        if len(found) > MAX_ITEMS:
            raise CodeError(f"more than {MAX_ITEMS:,} items", numbers.line)
        return found
    raise CodeError(f"{kind_of(value)} is nothing to run over", numbers.line)


def _range(numbers: Numbers, *bounds: Value) -> Value:
    return range(*(int(numbers.integer(b)) for b in bounds))


def _length(numbers: Numbers, value: Value) -> Value:
    return len(value.twin) if isinstance(value, Array) else len(value)


def _float(numbers: Numbers, value: Value) -> Value:
    if isinstance(value, Array):
        return Number(value.entries.item(), float(value.twin.item()))
    return value if isinstance(value, Number | Unknown) else float(value)


def _int(numbers: Numbers, value: Value) -> Value:
    return int(numbers.known(value))


def _sum(numbers: Numbers, value: Value, start: Value = 0) -> Value:
    total = start
    for item in items(numbers, value):
        total = numbers.operate("add", np.add, total, item)
    return total


def _fold(name: str, twin: Callable[..., Any]) -> Row:
    def rule(numbers: Numbers, *values: Value) -> Value:
        parts = items(numbers, values[0]) if len(values) == 1 else list(values)
        result = parts[0]
        for part in parts[1:]:
            result = numbers.operate(name, twin, result, part)
        return result

    return rule


def _text(numbers: Numbers, value: Value = "", *_: Value) -> Value:
    return Text.of("", (value, *values_in(value)))


BUILTINS: Mapping[str, Row] = {
    "range": _range,
    "xrange": _range,
    "len": _length,
    "float": _float,
    "int": _int,
    "sum": _sum,
    "max": _fold("maximum", np.maximum),
    "min": _fold("minimum", np.minimum),
    "abs": lambda numbers, value: numbers.operate("abs", np.abs, value),
    "pow": lambda numbers, a, b: numbers.operate("power", np.power, a, b),
    "list": lambda numbers, value=(): items(numbers, value),
    "tuple": lambda numbers, value=(): tuple(items(numbers, value)),
    "zip": lambda numbers, *values: list(zip(*(items(numbers, v) for v in values), strict=False)),
    "enumerate": lambda numbers, value, start=0: list(enumerate(items(numbers, value), start)),
    "reversed": lambda numbers, value: items(numbers, value)[::-1],
    "str": _text,
    "repr": _text,
    "round": lambda numbers, value, *_: _text(numbers, value),
    "input": unfollowed("input()"),
    "open": unfollowed("a file"),
    "isinstance": unfollowed("a test of a type"),
    "super": unfollowed("super()"),
}

METHODS: Mapping[str, Row] = {
    "T": transpose,
    "dot": NUMPY["dot"],
    "sum": NUMPY["sum"],
    "mean": NUMPY["mean"],
    "max": NUMPY["max"],
    "min": NUMPY["min"],
    "argmax": NUMPY["argmax"],
    "copy": NUMPY["copy"],
    "reshape": reshape,
    "transpose": transpose,
    "ravel": NUMPY["ravel"],
    "flatten": lambda numbers, a: numbers.array(a).both(lambda v: v.flatten()),
    "squeeze": NUMPY["squeeze"],
    "astype": cast,
    "item": lambda numbers, a: Number(numbers.array(a).entries.item(), a.twin.item()),
    "tolist": lambda numbers, a: items(numbers, a),
    "clip": NUMPY["clip"],
}
"""Methods of arrays; ``T`` is an attribute that computes."""

LISTS: Mapping[str, Callable[..., Any]] = {
    "append": list.append, "pop": list.pop, "insert": list.insert, "extend": list.extend,
    "reverse": list.reverse,
}  # fmt: skip
DICTS: Mapping[str, Callable[..., Any]] = {
    "keys": lambda d: list(d.keys()), "values": lambda d: list(d.values()),
    "items": lambda d: list(d.items()), "get": dict.get,
}  # fmt: skip
