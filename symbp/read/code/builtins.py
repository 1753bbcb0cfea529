"""Python's own functions that are followed: one row a name; and the methods of arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import Any

import numpy as np

from symbp.read.code.containers import key
from symbp.read.code.functions import NUMPY, reshape, transpose, unfollowed
from symbp.read.code.making import cast
from symbp.read.code.numbers import Numbers
from symbp.read.code.objects import Class, Instance, Native, Produced, Row
from symbp.read.code.texts import text_of
from symbp.read.code.values import Array, CodeError, Count, Number, Unknown, Value, kind_of

MAX_ITEMS = 100_000


def items(numbers: Numbers, value: Value) -> list[Value]:
    """What a loop or a list runs over."""
    if isinstance(value, Array):
        return [value.both(itemgetter(k)) for k in range(len(value.twin))]
    if isinstance(value, dict | str):
        return list(value)
    if isinstance(value, Produced):
        found = list(value)
        value.clear()
        return found
    if isinstance(value, list | tuple | range | set | frozenset):
        found = list(value)
        if len(found) > MAX_ITEMS:
            raise CodeError(f"more than {MAX_ITEMS:,} items", numbers.line)
        return found
    if isinstance(value, Instance) and value.of.find("__iter__") is not None:
        return items(numbers, numbers.method(value, "__iter__"))
    numbers.needs(value)
    raise CodeError(f"{kind_of(value)} is nothing to run over", numbers.line)


def _range(numbers: Numbers, *bounds: Value) -> Value:
    return range(*(int(numbers.integer(b)) for b in bounds))


def _length(numbers: Numbers, value: Value) -> Value:
    numbers.needs(value)
    if isinstance(value, Instance):
        return numbers.method(value, "__len__")
    return len(value.twin) if isinstance(value, Array) else len(value)


def _float(numbers: Numbers, value: Value = 0.0) -> Value:
    if isinstance(value, Array):
        return Number(value.entries.item(), float(value.twin.item()))
    if isinstance(value, Number):
        return Number(value.node, float(value.twin))
    if isinstance(value, Count):
        return Number(numbers.node(value), float(value))
    return value if isinstance(value, Unknown) else float(value)


def _int(numbers: Numbers, value: Value = 0, *base: Value) -> Value:
    if isinstance(value, int):
        return value if isinstance(value, Count) else int(value)
    if isinstance(value, str):
        return int(value, *base)
    return value if isinstance(value, Unknown) else int(numbers.known(value))


def _bool(numbers: Numbers, value: Value = False) -> Value:
    if isinstance(value, Unknown | Count):
        return value
    return bool(numbers.known(value) if isinstance(value, Number | Array) else value)


def _sum(numbers: Numbers, value: Value, start: Value = 0) -> Value:
    total = start
    for item in items(numbers, value):
        total = numbers.operate("add", np.add, total, item)
    return total


def _fold(name: str, twin: Callable[..., Any]) -> Row:
    def rule(numbers: Numbers, *values: Value, **named: Value) -> Value:
        if named:
            raise CodeError("max and min with a key are not followed", numbers.line)
        parts = items(numbers, values[0]) if len(values) == 1 else list(values)
        result = parts[0]
        for part in parts[1:]:
            if isinstance(result, int) and isinstance(part, int):
                result = (max if name == "maximum" else min)(result, part)
            else:
                result = numbers.operate(name, twin, result, part)
        return result

    return rule


def _map(numbers: Numbers, function: Value, *values: Value) -> Value:
    rows = zip(*(items(numbers, v) for v in values), strict=False)
    return Produced(numbers.apply(function, *row) for row in rows)


def _filter(numbers: Numbers, function: Value, value: Value) -> Value:
    kept = []
    for item in items(numbers, value):
        test = item if function is None else numbers.apply(function, item)
        if numbers.decided(test):
            kept.append(item)
    return Produced(kept)


def _reduce(numbers: Numbers, function: Value, value: Value, *start: Value) -> Value:
    parts = [*start, *items(numbers, value)]
    result = parts[0]
    for part in parts[1:]:
        result = numbers.apply(function, result, part)
    return result


def _every(numbers: Numbers, value: Value) -> Value:
    return all(numbers.decided(v) for v in items(numbers, value))


def _any(numbers: Numbers, value: Value) -> Value:
    return any(numbers.decided(v) for v in items(numbers, value))


def _sorted(numbers: Numbers, value: Value, key: Value = None, reverse: Value = False) -> Value:
    parts = items(numbers, value)
    ranks = [p if key is None else numbers.apply(key, p) for p in parts]
    known = [r if isinstance(r, str | tuple) else numbers.known(r) for r in ranks]
    order = sorted(range(len(parts)), key=lambda k: known[k], reverse=bool(reverse))
    return [parts[k] for k in order]


def _dict(numbers: Numbers, value: Value = (), **named: Value) -> Value:
    pairs = value.items() if isinstance(value, dict) else (
        items(numbers, pair) for pair in items(numbers, value))  # fmt: skip
    return {key(k): v for k, v in pairs} | named


def _set(numbers: Numbers, value: Value = ()) -> Value:
    parts = items(numbers, value)
    return {key(v) if isinstance(v, int | str | tuple) else numbers.known(v) for v in parts}


def _next(numbers: Numbers, value: Value, *default: Value) -> Value:
    if isinstance(value, Produced) and value:
        return value.pop(0)
    if default:
        return default[0]
    raise CodeError("next() of what is no generator with items left", numbers.line)


TYPES: Mapping[str, Any] = {
    "int": (int, bool), "float": (Number, float), "list": list, "tuple": tuple, "dict": dict,
    "str": str, "bool": bool, "set": set, "ndarray": Array, "object": object,
}


def _isinstance(numbers: Numbers, value: Value, kinds: Value) -> Value:
    for kind in kinds if isinstance(kinds, tuple) else (kinds,):
        if isinstance(kind, Class) and isinstance(value, Instance):
            if kind in value.of.line_of_descent or kind.name == "object":
                return True
        elif isinstance(kind, Native) and kind.name.rsplit(".", 1)[-1] in TYPES:
            if isinstance(value, TYPES[kind.name.rsplit(".", 1)[-1]]):
                return True
        elif not isinstance(kind, Class):
            return Unknown("a test of a type", numbers.line)
    return False


def _hasattr(numbers: Numbers, value: Value, name: Value) -> Value:
    if not isinstance(value, Instance) or value.of.open:
        return Unknown("hasattr", numbers.line)
    return name in value.attributes or value.of.find(name) is not None


BUILTINS: Mapping[str, Row] = {
    "range": _range,
    "xrange": _range,
    "len": _length,
    "float": _float,
    "int": _int,
    "long": _int,
    "bool": _bool,
    "sum": _sum,
    "max": _fold("maximum", np.maximum),
    "min": _fold("minimum", np.minimum),
    "abs": lambda numbers, value: numbers.operate("abs", np.abs, value),
    "pow": lambda numbers, a, b: numbers.operate("power", np.power, a, b),
    "list": lambda numbers, value=(): items(numbers, value),
    "tuple": lambda numbers, value=(): tuple(items(numbers, value)),
    "set": _set,
    "dict": _dict,
    "iter": lambda numbers, value: Produced(items(numbers, value)),
    "next": _next,
    "zip": lambda numbers, *values, strict=False: Produced(
        zip(*(items(numbers, v) for v in values), strict=bool(strict))),
    "enumerate": lambda numbers, value, start=0: Produced(
        enumerate(items(numbers, value), numbers.integer(start))),
    "reversed": lambda numbers, value: Produced(items(numbers, value)[::-1]),
    "map": _map,
    "filter": _filter,
    "reduce": _reduce,
    "all": _every,
    "any": _any,
    "sorted": _sorted,
    "str": text_of,
    "repr": text_of,
    "round": lambda numbers, value, *_: text_of(numbers, value),
    "isinstance": _isinstance,
    "hasattr": _hasattr,
    "input": unfollowed("input()"),
    "raw_input": unfollowed("input()"),
    "open": unfollowed("a file"),
    "type": unfollowed("a type"),
    "id": unfollowed("id()"),
    "callable": unfollowed("callable()"),
    "getattr": unfollowed("getattr()"),
}  # fmt: skip


def _item(numbers: Numbers, a: Value, *place: Value) -> Value:
    if place:
        raise CodeError(".item with a place is not followed", numbers.line)
    return Number(numbers.array(a).entries.item(), np.asarray(a.twin).item())


def _fill(numbers: Numbers, a: Value, value: Value) -> None:
    numbers.store(a, Ellipsis, value)


METHODS: Mapping[str, Row] = {
    "T": transpose,
    **{name: NUMPY[name] for name in (
        "dot", "sum", "mean", "max", "min", "argmax", "argmin", "copy", "ravel", "squeeze", "clip",
        "var", "std", "repeat", "swapaxes", "prod", "all", "any", "round", "cumsum", "diagonal",
        "argsort", "trace", "flatten")},
    "reshape": reshape,
    "transpose": transpose,
    "astype": cast,
    "item": _item,
    "tolist": lambda numbers, a: _nested(a),
    "fill": _fill,
}  # fmt: skip
"""Methods of arrays; ``T`` is an attribute that computes."""


def _nested(value: Value) -> Value:
    if isinstance(value, Array):
        return [_nested(value.both(itemgetter(k))) for k in range(len(value.twin))]
    return value
