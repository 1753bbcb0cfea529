"""NumPy, math and scipy functions that are followed: one row a function.

A row takes the :class:`Numbers` of the trace and the arguments, and does to entries and twins what
NumPy does. A name that has no row is not followed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from symbp.read.numpy_making import (
    DTYPES,
    arange,
    axis_of,
    cast,
    constants,
    eye,
    filled,
    filled_with,
    like_filled_with,
    linspace,
    make_array,
    shape_of,
)
from symbp.read.numpy_numbers import Numbers
from symbp.read.numpy_objects import Native, Row
from symbp.read.numpy_values import OPEN, Array, CodeError, Number, Unknown, Value, check_size, pack


def _elementwise(name: str, twin: Callable[..., Any]) -> Row:
    return lambda numbers, *values, **_: numbers.operate(name, twin, *values)


def _square(numbers: Numbers, a: Value) -> Value:
    return numbers.operate("power", np.power, a, 2)


def _sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-np.asarray(x, dtype=float)))


def _sum(numbers: Numbers, a: Value, axis: Value = None, keepdims: Value = False,
         **_: Value) -> Value:
    return numbers.total(a, axis_of(numbers, axis), bool(keepdims))


def _mean(numbers: Numbers, a: Value, axis: Value = None, keepdims: Value = False,
          **_: Value) -> Value:
    array, where = numbers.array(a), axis_of(numbers, axis)
    total = numbers.total(array, where, bool(keepdims))
    count = array.twin.size // max(np.size(np.sum(array.twin, axis=where)), 1)
    return numbers.operate("divide", np.true_divide, total, count)


def _var(numbers: Numbers, a: Value, axis: Value = None, keepdims: Value = False) -> Value:
    centre = _mean(numbers, a, axis, True)
    gap = numbers.operate("subtract", np.subtract, a, centre)
    return _mean(numbers, _square(numbers, gap), axis, keepdims)


def _std(numbers: Numbers, a: Value, axis: Value = None, keepdims: Value = False) -> Value:
    return numbers.operate("sqrt", np.sqrt, _var(numbers, a, axis, keepdims))


def _max(numbers: Numbers, a: Value, axis: Value = None, keepdims: Value = False,
         **_: Value) -> Value:
    return numbers.largest(a, axis_of(numbers, axis), bool(keepdims))


def _min(numbers: Numbers, a: Value, axis: Value = None, keepdims: Value = False) -> Value:
    negative = numbers.operate("negate", np.negative, a)
    return numbers.operate("negate", np.negative, _max(numbers, negative, axis, keepdims))


def _norm(numbers: Numbers, a: Value, *_: Value, axis: Value = None,
          keepdims: Value = False) -> Value:
    total = _sum(numbers, _square(numbers, numbers.array(a)), axis, keepdims)
    return numbers.operate("sqrt", np.sqrt, total)


def _outer(numbers: Numbers, a: Value, b: Value) -> Value:
    left, right = numbers.array(a).both(np.ravel), numbers.array(b).both(np.ravel)
    return numbers.operate("multiply", np.multiply,
                           numbers.array(left).both(lambda v: v[:, None]), right)


def _where(numbers: Numbers, condition: Value, yes: Value = None, no: Value = None) -> Value:
    if yes is None:
        raise CodeError("np.where with one argument is not followed", numbers.line)
    array = condition
    if not isinstance(condition, Array) or condition.twin.dtype != bool:
        array = numbers.compare("different", np.not_equal, condition, 0)
    return numbers.operate("choose", np.where, array, yes, no)


def _clip(numbers: Numbers, a: Value, low: Value = None, high: Value = None, **_: Value) -> Value:
    if low is not None:
        a = numbers.operate("maximum", np.maximum, a, low)
    return a if high is None else numbers.operate("minimum", np.minimum, a, high)


def reshape(numbers: Numbers, a: Value, *shape: Value, **_: Value) -> Value:
    """A view of another shape where NumPy gives one."""
    wanted = shape[0] if len(shape) == 1 else shape
    extents = shape_of(numbers, wanted)
    return numbers.array(a).both(lambda v: v.reshape(extents))


def transpose(numbers: Numbers, a: Value, *axes: Value) -> Value:
    """Axes exchanged; a view."""
    order = axis_of(numbers, axes[0] if len(axes) == 1 else axes) if axes else None
    return numbers.array(a).both(lambda v: np.transpose(v, order))


def _moved(function: Callable[..., Any]) -> Row:
    def rule(numbers: Numbers, a: Value, *arguments: Value, axis: Value = None) -> Value:
        more = [axis_of(numbers, v) for v in arguments]
        if axis is not None:
            more.append(axis_of(numbers, axis))
        return numbers.array(a).both(lambda v: function(v, *more))

    return rule


def _joined(function: Callable[..., Any]) -> Row:
    def rule(numbers: Numbers, arrays: Value, axis: Value = None) -> Value:
        parts = [numbers.array(a) for a in arrays]
        where = {} if axis is None else {"axis": axis_of(numbers, axis)}
        return pack(function([p.entries for p in parts], **where),
                    function([p.twin for p in parts], **where))

    return rule


def _einsum(numbers: Numbers, subscripts: Value, *arrays: Value) -> Value:
    """The sum of products, entry by entry: the pairs are found by einsum of the letters."""
    inputs, arrow, output = str(subscripts).replace(" ", "").partition("->")
    parts = [numbers.array(a) for a in arrays]
    result = np.einsum(str(subscripts), *(p.twin for p in parts))
    if not arrow or "." in inputs:
        raise CodeError("np.einsum without '->' or with '...' is not followed", numbers.line)
    sizes = {c: n for names, p in zip(inputs.split(","), parts, strict=True)
             for c, n in zip(names, p.shape, strict=True)}
    letters = output + "".join(c for c in sizes if c not in output)
    check_size(sizes[c] for c in letters)
    spread = []
    for names, part in zip(inputs.split(","), parts, strict=True):
        if len(set(names)) != len(names):
            raise CodeError("np.einsum with a repeated letter is not followed", numbers.line)
        ordered = part.entries.transpose([names.index(c) for c in letters if c in names])
        spread.append(ordered[tuple(slice(None) if c in names else None for c in letters)])
    product = spread[0]
    for more in spread[1:]:
        product = numbers.ufunc("multiply")(product, more)
    product = np.broadcast_to(product, [sizes[c] for c in letters])
    summed = tuple(range(len(output), len(letters)))
    if not summed:
        return pack(product.copy(), result)
    flat = product.reshape(*np.shape(result), -1)
    entries = np.empty(np.shape(result), dtype=object)
    for at in np.ndindex(entries.shape):
        entries[at] = numbers.graph.add(*np.atleast_1d(flat[at]))
    return pack(entries, result)


def unfollowed(what: str) -> Row:
    """A function whose value is not followed."""
    return lambda numbers, *_, **__: Unknown(what, numbers.line)


def _argmax(numbers: Numbers, a: Value, axis: Value = None, **_: Value) -> Value:
    array = numbers.array(a)
    if any(n.kinds & OPEN for n in array.entries.flat):
        return Unknown("the position of a maximum", numbers.line)
    for node in array.entries.flat:
        numbers.graph.pin(node)
    return constants(numbers, np.argmax(array.twin, axis=axis_of(numbers, axis)))


def _log(name: str, base: int) -> Row:
    def rule(numbers: Numbers, a: Value) -> Value:
        value = numbers.operate("log", getattr(np, name), a)
        scale = Number(numbers.graph.apply("log", numbers.graph.constant(base)), 1.0)
        return numbers.operate("divide", np.true_divide, value, scale)

    return rule


def _shifted_log(numbers: Numbers, a: Value) -> Value:
    return numbers.operate("log", np.log, numbers.operate("add", np.add, a, 1))


def _exp_minus_one(numbers: Numbers, a: Value) -> Value:
    return numbers.operate("subtract", np.subtract, numbers.operate("exp", np.exp, a), 1)


def _diagonal(numbers: Numbers, a: Value) -> Value:
    vector = numbers.array(a)
    size = len(vector.twin)
    check_size((size, size))
    entries = np.full((size, size), numbers.graph.zero, dtype=object)
    np.fill_diagonal(entries, vector.entries)
    return Array(entries, np.diag(vector.twin))


ELEMENTWISE: Mapping[str, tuple[str, Callable[..., Any]]] = {
    **{name: (name, getattr(np, name)) for name in (
        "exp", "log", "tanh", "sqrt", "sign", "sin", "cos", "sinh", "cosh", "add", "subtract",
        "multiply", "maximum", "minimum", "power")},
    "abs": ("abs", np.abs), "absolute": ("abs", np.abs), "fabs": ("abs", np.fabs),
    "negative": ("negate", np.negative), "divide": ("divide", np.true_divide),
    "true_divide": ("divide", np.true_divide),
}  # fmt: skip

NUMPY: Mapping[str, Row] = {
    **{name: _elementwise(*row) for name, row in ELEMENTWISE.items()},
    "square": _square, "log1p": _shifted_log, "expm1": _exp_minus_one,
    "log2": _log("log2", 2), "log10": _log("log10", 10),
    "array": make_array, "asarray": lambda numbers, value, dtype=None: (
        value if isinstance(value, Array) and dtype is None else make_array(numbers, value, dtype)),
    "zeros": filled_with(0.0), "ones": filled_with(1.0), "empty": filled_with(0.0),
    "full": lambda numbers, shape, value, dtype=None: filled(numbers, shape, value, dtype),
    "zeros_like": like_filled_with(0.0), "ones_like": like_filled_with(1.0),
    "empty_like": like_filled_with(0.0),
    "eye": eye, "identity": eye, "arange": arange, "linspace": linspace,
    "dot": lambda numbers, a, b: numbers.dot(a, b),
    "matmul": lambda numbers, a, b: numbers.dot(a, b, np.matmul),
    "outer": _outer, "einsum": _einsum,
    "sum": _sum, "mean": _mean, "average": _mean, "var": _var, "std": _std,
    "max": _max, "amax": _max, "min": _min, "amin": _min, "linalg.norm": _norm,
    "where": _where, "clip": _clip, "reshape": reshape, "transpose": transpose,
    "ravel": lambda numbers, a: numbers.array(a).both(np.ravel),
    "squeeze": _moved(np.squeeze), "expand_dims": _moved(np.expand_dims),
    "swapaxes": _moved(np.swapaxes), "flip": _moved(np.flip), "tile": _moved(np.tile),
    "repeat": _moved(np.repeat), "atleast_2d": _moved(np.atleast_2d), "diag": lambda n, a: (
        n.array(a).both(np.diag) if n.array(a).twin.ndim == 2 else _diagonal(n, a)),
    "copy": lambda numbers, a: numbers.array(a).both(lambda v: v.copy()),
    "concatenate": _joined(np.concatenate), "vstack": _joined(np.vstack),
    "hstack": _joined(np.hstack), "stack": _joined(np.stack),
    "column_stack": _joined(np.column_stack),
    "append": lambda numbers, a, b, axis=None: NUMPY["concatenate"](
        numbers, [a, b] if axis is not None else [
            numbers.array(a).both(np.ravel), numbers.array(b).both(np.ravel)],
        axis=0 if axis is None else axis),
    "shape": lambda numbers, a: numbers.array(a).shape,
    "size": lambda numbers, a: numbers.array(a).twin.size,
    "ndim": lambda numbers, a: numbers.array(a).twin.ndim,
    "argmax": _argmax, "argmin": lambda numbers, a, axis=None: _argmax(
        numbers, numbers.operate("negate", np.negative, a), axis),
    "round": unfollowed("a rounded number"), "around": unfollowed("a rounded number"),
    "set_printoptions": lambda *_, **__: None, "seterr": lambda *_, **__: None,
    "isnan": unfollowed("a test for nan"), "allclose": unfollowed("a test of closeness"),
    "array_equal": unfollowed("a comparison of arrays"),
    **{name: partial(lambda kind, numbers, value=0: (
        cast(numbers, value, kind) if isinstance(value, Array) else value), name)
       for name in DTYPES if hasattr(np, name)},
}
"""``np.…``, each with the Numbers first."""


CONSTANTS: Mapping[str, Value] = {
    "newaxis": None, "pi": math.pi, "e": math.e, "inf": math.inf, "nan": math.nan,
}

MATH: Mapping[str, Row] = {
    **{name: NUMPY[name] for name in (
        "exp", "log", "tanh", "sqrt", "sin", "cos", "sinh", "cosh", "fabs", "log1p", "expm1",
        "log2", "log10")},
    "pow": NUMPY["power"],
    "floor": lambda numbers, x: math.floor(numbers.known(x)),
    "ceil": lambda numbers, x: math.ceil(numbers.known(x)),
}  # fmt: skip

SCIPY: Mapping[str, Row] = {
    "special.expit": lambda numbers, x: numbers.operate("sigmoid", _sigmoid, x),
    "expit": lambda numbers, x: numbers.operate("sigmoid", _sigmoid, x),
}

LIBRARIES: Mapping[str, Mapping[str, Row]] = {
    "numpy": NUMPY, "math": MATH, "scipy": SCIPY, "scipy.special": SCIPY,
}


def member(module: str, name: str) -> Value | None:
    """A followed function or constant of a library; None where there is none."""
    library, _, inside = module.partition(".")
    table = LIBRARIES.get(module) or LIBRARIES.get(library, {})
    path = f"{inside}.{name}" if inside and module not in LIBRARIES else name
    if path in table:
        return Native(f"{module}.{name}", table[path])
    return None
