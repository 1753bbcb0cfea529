"""NumPy functions that put the entries of an array together, over an axis or all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

import numpy as np

from symbp.read.code.entries import reduced
from symbp.read.code.making import axis_of, constants
from symbp.read.code.numbers import Numbers
from symbp.read.code.objects import Row
from symbp.read.code.values import OPEN, CodeError, Unknown, Value, pack


def only(numbers: Numbers, named: Mapping[str, Value], *harmless: str) -> None:
    """Refuse arguments that would change what is done."""
    for name, value in named.items():
        if name not in harmless and value is not None:
            raise CodeError(f"the argument {name} is not followed", numbers.line)


def square(numbers: Numbers, a: Value) -> Value:
    """The square of each entry."""
    return numbers.operate("power", np.power, a, 2)


def total(numbers: Numbers, a: Value, axis: Value = None, dtype: Value = None, out: Value = None,
          keepdims: Value = False, **named: Value) -> Value:
    """``np.sum``."""
    only(numbers, named | {"dtype": dtype, "out": out}, "dtype")
    return numbers.total(a, axis_of(numbers, axis), bool(keepdims))


def mean(numbers: Numbers, a: Value, axis: Value = None, dtype: Value = None, out: Value = None,
         keepdims: Value = False, **named: Value) -> Value:
    """``np.mean``."""
    only(numbers, named | {"out": out})
    array, where = numbers.array(a), axis_of(numbers, axis)
    count = array.twin.size // max(np.size(np.sum(array.twin, axis=where)), 1)
    whole = numbers.total(array, where, bool(keepdims))
    return numbers.operate("divide", np.true_divide, whole, count)


def average(numbers: Numbers, a: Value, axis: Value = None, weights: Value = None,
            **named: Value) -> Value:
    """``np.average``."""
    only(numbers, named | {"weights": weights})
    return mean(numbers, a, axis)


def variance(numbers: Numbers, a: Value, axis: Value = None, keepdims: Value = False,
             ddof: Value = 0, **named: Value) -> Value:
    """``np.var``."""
    only(numbers, named | {"ddof": ddof or None})
    gap = numbers.operate("subtract", np.subtract, a, mean(numbers, a, axis, keepdims=True))
    return mean(numbers, square(numbers, gap), axis, keepdims=keepdims)


def deviation(numbers: Numbers, a: Value, axis: Value = None, keepdims: Value = False,
              **named: Value) -> Value:
    """``np.std``."""
    return numbers.operate("sqrt", np.sqrt, variance(numbers, a, axis, keepdims, **named))


def largest(numbers: Numbers, a: Value, axis: Value = None, out: Value = None,
            keepdims: Value = False, **named: Value) -> Value:
    """``np.max``."""
    only(numbers, named | {"out": out})
    return numbers.largest(a, axis_of(numbers, axis), bool(keepdims))


def smallest(numbers: Numbers, a: Value, axis: Value = None, out: Value = None,
             keepdims: Value = False, **named: Value) -> Value:
    """``np.min``."""
    negative = numbers.operate("negate", np.negative, a)
    most = largest(numbers, negative, axis, out, keepdims, **named)
    return numbers.operate("negate", np.negative, most)


def norm(numbers: Numbers, a: Value, ord: Value = None, axis: Value = None,
         keepdims: Value = False) -> Value:
    """``np.linalg.norm``: of a vector, or the Frobenius norm of a matrix."""
    if isinstance(ord, str) and str(ord) == "fro":
        ord = None
    flat = axis is not None or numbers.array(a).twin.ndim == 1
    if ord is not None and not (ord == 2 and flat):
        raise CodeError("this norm is not followed", numbers.line)
    whole = total(numbers, square(numbers, numbers.array(a)), axis, keepdims=keepdims)
    return numbers.operate("sqrt", np.sqrt, whole)


def product(numbers: Numbers, a: Value, axis: Value = None, **named: Value) -> Value:
    """``np.prod``."""
    only(numbers, named)
    if isinstance(a, list | tuple) and all(isinstance(v, int) for v in a) and axis is None:
        return reduce(lambda x, y: x * y, a, 1)
    array, where = numbers.array(a), axis_of(numbers, axis)
    result = np.prod(array.twin, axis=where)

    def rule(parts: list[Any]) -> Any:
        return reduce(numbers.graph.multiply, parts, numbers.graph.one)

    return pack(reduced(array.entries, where, rule).reshape(np.shape(result)), result)


def running_total(numbers: Numbers, a: Value, axis: Value = None) -> Value:
    """``np.cumsum``."""
    array = numbers.array(a)
    where = axis_of(numbers, axis)
    result = np.cumsum(array.twin, axis=where)
    entries = numbers.ufunc("add").accumulate(
        np.ravel(array.entries) if where is None else array.entries, axis=where or 0, dtype=object
    )
    return pack(entries, result)


def known(numbers: Numbers, a: Value) -> Any:
    """The script's own numbers of an array that only data made; pinned. None where it is open."""
    array = numbers.array(a)
    if any(n.kinds & OPEN for n in array.entries.flat):
        return None
    for node in array.entries.flat:
        numbers.graph.pin(node)
    return array.twin


def counted(function: Callable[..., Any], what: str) -> Row:
    """A function whose value must be known: a position, an order, a count."""

    def rule(numbers: Numbers, a: Value, axis: Value = None, **named: Value) -> Value:
        only(numbers, named, "kind", "keepdims")
        twin = known(numbers, a)
        if twin is None:
            return Unknown(what, numbers.line)
        return constants(numbers, function(twin) if axis is None else function(
            twin, axis=axis_of(numbers, axis)))

    return rule


def truths(function: Callable[..., Any]) -> Row:
    """``np.all`` and ``np.any``: of conditions that are known."""

    def rule(numbers: Numbers, a: Value, axis: Value = None, **named: Value) -> Value:
        only(numbers, named)
        if isinstance(a, Unknown):
            return a
        twin = known(numbers, a)
        if twin is None:
            return Unknown("a condition on an array", numbers.line)
        result = function(twin, axis=axis_of(numbers, axis))
        return bool(result) if np.ndim(result) == 0 else constants(numbers, result)

    return rule


def trace(numbers: Numbers, a: Value) -> Value:
    """``np.trace``."""
    return numbers.total(numbers.array(a).both(np.diagonal))


REDUCTIONS: Mapping[str, Row] = {
    "sum": total, "mean": mean, "average": average, "var": variance, "std": deviation,
    "max": largest, "amax": largest, "min": smallest, "amin": smallest, "linalg.norm": norm,
    "prod": product, "cumsum": running_total, "trace": trace,
    "argmax": counted(np.argmax, "the position of a maximum"),
    "argmin": counted(np.argmin, "the position of a minimum"),
    "argsort": counted(np.argsort, "an order"),
    "unique": counted(np.unique, "different values"),
    "bincount": counted(np.bincount, "a count"),
    "count_nonzero": counted(np.count_nonzero, "a count"),
    "all": truths(np.all), "any": truths(np.any),
}  # fmt: skip

