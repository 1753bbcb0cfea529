"""NumPy, math and scipy functions that are followed: one row a function.

A row takes the :class:`Numbers` of the trace and the arguments, and does to entries and twins what
NumPy does. A name that has no row is not followed.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from symbp.read.code.heap import entries
from symbp.read.code.making import (
    DTYPES,
    arange,
    axis_of,
    cast,
    eye,
    filled,
    filled_with,
    like_filled_with,
    linspace,
    make_array,
    shape_of,
)
from symbp.read.code.maths import (
    ELEMENTWISE,
    elementwise,
    exp_minus_one,
    log_of,
    natural_log,
    shifted_log,
    sigmoid,
    softplus,
)
from symbp.read.code.numbers import Numbers
from symbp.read.code.objects import Native, Row
from symbp.read.code.products import dot, einsum, kron, outer, tensordot
from symbp.read.code.reductions import REDUCTIONS, only, square
from symbp.read.code.values import Array, CodeError, Number, Unknown, Value, check_size, pack


def _where(numbers: Numbers, condition: Value, yes: Value = None, no: Value = None) -> Value:
    if yes is None:
        raise CodeError("np.where with one argument is not followed", numbers.line)
    array = condition
    if isinstance(condition, list | tuple):
        array = numbers.array(condition)
    if not isinstance(array, Array | Number) or np.asarray(array.twin).dtype != bool:
        array = numbers.compare("different", np.not_equal, array, 0)
    return numbers.operate("choose", np.where, array, yes, no)


def _clip(numbers: Numbers, a: Value, a_min: Value = None, a_max: Value = None, out: Value = None,
          **named: Value) -> Value:
    only(numbers, named)
    result = a
    if a_min is not None:
        result = numbers.operate("maximum", np.maximum, result, a_min)
    if a_max is not None:
        result = numbers.operate("minimum", np.minimum, result, a_max)
    if isinstance(a, Array | Number) and isinstance(result, Array | Number):
        numbers.graph.clipped |= dict(zip(entries(result), entries(a), strict=False))
    if out is None:
        return result
    numbers.store(out, Ellipsis, result)
    return out


def _ordered(numbers: Numbers, order: Value) -> Any:
    """The order of entries in memory, C or F."""
    if order is not None and str(order) not in ("C", "F"):
        raise CodeError(f"the order {order} is not followed", numbers.line)
    return "C" if order is None else str(order)


def reshape(numbers: Numbers, a: Value, *shape: Value, order: Value = None,
            newshape: Value = None) -> Value:  # fmt: skip
    """A view of another shape where NumPy gives one."""
    wanted = newshape if not shape else shape[0] if len(shape) == 1 else shape
    extents, way = shape_of(numbers, wanted), _ordered(numbers, order)
    return numbers.array(a).both(lambda v: v.reshape(extents, order=way))


def transpose(numbers: Numbers, a: Value, *axes: Value, **named: Value) -> Value:
    """Axes exchanged; a view."""
    axes = (named["axes"],) if "axes" in named else axes
    order = axis_of(numbers, axes[0] if len(axes) == 1 else axes) if axes else None
    return numbers.array(a).both(lambda v: np.transpose(v, order))


def _flattened(name: str) -> Row:
    def rule(numbers: Numbers, a: Value, order: Value = None) -> Value:
        way = _ordered(numbers, order)
        return numbers.array(a).both(lambda v: getattr(v, name)(order=way))

    return rule


def _moved(function: Callable[..., Any]) -> Row:
    def rule(numbers: Numbers, a: Value, *arguments: Value, axis: Value = None) -> Value:
        more = [axis_of(numbers, v) for v in arguments]
        if axis is not None:
            more.append(axis_of(numbers, axis))
        return numbers.array(a).both(lambda v: function(v, *more))

    return rule


def _joined(function: Callable[..., Any]) -> Row:
    def rule(numbers: Numbers, arrays: Value, axis: Value = None) -> Value:
        numbers.needs(arrays)
        parts = [numbers.array(a) for a in arrays]
        where = {} if axis is None else {"axis": axis_of(numbers, axis)}
        return pack(function([p.entries for p in parts], **where),
                    function([p.twin for p in parts], **where))  # fmt: skip

    return rule


def _split(numbers: Numbers, a: Value, parts: Value, axis: Value = 0) -> Value:
    array, where = numbers.array(a), axis_of(numbers, axis)
    cuts = int(numbers.integer(parts)) if isinstance(parts, int | Number) else axis_of(numbers, parts)
    both = zip(np.array_split(array.entries, cuts, where), np.array_split(array.twin, cuts, where),
               strict=True)  # fmt: skip
    return [pack(entries, twin) for entries, twin in both]


def matrix(numbers: Numbers, a: Value, *_: Value) -> Value:
    """``np.asmatrix``: an array whose ``*`` is the matrix product."""
    array = numbers.array(make_array(numbers, a) if isinstance(a, list | tuple) else a)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        return array.both(np.asmatrix)


def unfollowed(what: str) -> Row:
    """A function whose value is not followed."""
    return lambda numbers, *_, **__: Unknown(what, numbers.line)


def _diagonal(numbers: Numbers, a: Value) -> Value:
    vector = numbers.array(a)
    if vector.twin.ndim == 2:
        return vector.both(np.diag)
    size = len(vector.twin)
    check_size((size, size))
    entries = np.full((size, size), numbers.graph.zero, dtype=object)
    np.fill_diagonal(entries, vector.entries)
    return Array(entries, np.diag(vector.twin))


def _grid(numbers: Numbers, *axes: Value, **named: Value) -> Value:
    parts = [numbers.array(a) for a in axes]
    check_size([p.twin.size for p in parts])
    grid: Any = np.meshgrid
    way = str(named.get("indexing", "xy"))
    twins = grid(*(p.twin for p in parts), indexing=way)
    entries = grid(*(p.entries for p in parts), indexing=way)
    return [Array(e, t) for e, t in zip(entries, twins, strict=True)]


def _mapped(numbers: Numbers, function: Value, *_: Value, **__: Value) -> Value:
    """``np.vectorize``: a function applied to each entry."""

    def rule(numbers: Numbers, a: Value) -> Value:
        array = numbers.array(a)
        parts = [numbers.apply(function, Number(n, t.item())) for n, t in zip(
            array.entries.flat, array.twin.flat, strict=True)]  # fmt: skip
        result = numbers.array(parts)
        return result.both(lambda v: v.reshape(array.shape))

    return Native("vectorize", rule)


NUMPY: Mapping[str, Row] = {
    **REDUCTIONS,
    **{name: elementwise(*row) for name, row in ELEMENTWISE.items()},
    "square": square, "log1p": shifted_log, "expm1": exp_minus_one, "logaddexp": softplus,
    "reciprocal": lambda numbers, a: numbers.operate("divide", np.true_divide, 1, a),
    "log2": log_of("log2", 2), "log10": log_of("log10", 10),
    "array": make_array, "asarray": lambda numbers, value, dtype=None: (
        value if isinstance(value, Array) and dtype is None else make_array(numbers, value, dtype)),
    "asmatrix": matrix, "mat": matrix, "matrix": lambda numbers, a: matrix(
        numbers, make_array(numbers, a)),
    "zeros": filled_with(0.0), "ones": filled_with(1.0), "empty": filled_with(0.0),
    "full": lambda numbers, shape, fill_value, dtype=None: filled(numbers, shape, fill_value, dtype),
    "zeros_like": like_filled_with(0.0), "ones_like": like_filled_with(1.0),
    "empty_like": like_filled_with(0.0), "full_like": lambda numbers, a, value: filled(
        numbers, numbers.array(a).shape, value, str(numbers.array(a).twin.dtype)),
    "eye": eye, "identity": eye, "arange": arange, "linspace": linspace, "meshgrid": _grid,
    "dot": lambda numbers, a, b: dot(numbers, a, b),
    "matmul": lambda numbers, a, b: dot(numbers, a, b, np.matmul),
    "vdot": lambda numbers, a, b: dot(numbers, numbers.array(a).both(np.ravel),
                                              numbers.array(b).both(np.ravel)),
    "inner": lambda numbers, a, b: dot(numbers, a, numbers.array(b).both(np.transpose)),
    "outer": outer, "einsum": einsum, "kron": kron, "tensordot": tensordot,
    "where": _where, "clip": _clip, "reshape": reshape, "transpose": transpose,
    "ravel": _flattened("ravel"), "flatten": _flattened("flatten"), "diagonal": _moved(np.diagonal),
    "squeeze": _moved(np.squeeze), "expand_dims": _moved(np.expand_dims),
    "swapaxes": _moved(np.swapaxes), "moveaxis": _moved(np.moveaxis), "flip": _moved(np.flip),
    "fliplr": _moved(np.fliplr), "flipud": _moved(np.flipud), "rot90": _moved(np.rot90),
    "tile": _moved(np.tile), "repeat": _moved(np.repeat), "roll": _moved(np.roll),
    "broadcast_to": lambda numbers, a, shape: numbers.array(a).both(
        lambda v: np.broadcast_to(v, shape_of(numbers, shape)).copy()),
    "atleast_2d": _moved(np.atleast_2d), "atleast_1d": _moved(np.atleast_1d), "diag": _diagonal,
    "copy": lambda numbers, a, **_: numbers.array(a).both(lambda v: v.copy()),
    "concatenate": _joined(np.concatenate), "vstack": _joined(np.vstack),
    "hstack": _joined(np.hstack), "stack": _joined(np.stack), "dstack": _joined(np.dstack),
    "column_stack": _joined(np.column_stack), "c_": _joined(np.column_stack),
    "r_": _joined(np.concatenate), "row_stack": _joined(np.vstack),
    "split": _split, "array_split": _split,
    "append": lambda numbers, a, b, axis=None: NUMPY["concatenate"](
        numbers, [a, b] if axis is not None else [
            numbers.array(a).both(np.ravel), numbers.array(b).both(np.ravel)],
        axis=0 if axis is None else axis),
    "vectorize": _mapped,
    "shape": lambda numbers, a: () if a is None else numbers.array(a).shape,
    "size": lambda numbers, a: numbers.array(a).twin.size,
    "ndim": lambda numbers, a: numbers.array(a).twin.ndim,
    "logical_and": lambda numbers, a, b: numbers.logical("and", a, b),
    "logical_or": lambda numbers, a, b: numbers.logical("or", a, b),
    "logical_not": lambda numbers, a: numbers.compare("equal", np.equal, numbers.truths(a), 0),
    "greater": lambda numbers, a, b: numbers.compare("above", np.greater, a, b),
    "less": lambda numbers, a, b: numbers.compare("below", np.less, a, b),
    "equal": lambda numbers, a, b: numbers.compare("equal", np.equal, a, b),
    "heaviside": unfollowed("np.heaviside"),
    "round": unfollowed("a rounded number"), "around": unfollowed("a rounded number"),
    "rint": unfollowed("a rounded number"),
    "set_printoptions": lambda *_, **__: None, "seterr": lambda *_, **__: None,
    "isnan": unfollowed("a test for nan"), "allclose": unfollowed("a test of closeness"),
    "isclose": unfollowed("a test of closeness"), "nan_to_num": unfollowed("np.nan_to_num"),
    "array_equal": unfollowed("a comparison of arrays"),
    **{name: partial(lambda kind, numbers, value=0: (
        cast(numbers, value, kind) if isinstance(value, Array) else value), name)
       for name in DTYPES if hasattr(np, name)},
    "ndarray": unfollowed("np.ndarray"),
}  # fmt: skip
"""``np.…``, each with the Numbers first."""


CONSTANTS: Mapping[str, Value] = {
    "newaxis": None, "pi": math.pi, "e": math.e, "inf": math.inf, "nan": math.nan, "Inf": math.inf,
}  # fmt: skip

MATH: Mapping[str, Row] = {
    **{name: NUMPY[name] for name in (
        "exp", "tanh", "sqrt", "sin", "cos", "sinh", "cosh", "fabs", "log1p", "expm1",
        "log2", "log10")},
    "log": natural_log,
    "pow": NUMPY["power"],
    "floor": lambda numbers, x: math.floor(numbers.known(x)),
    "ceil": lambda numbers, x: math.ceil(numbers.known(x)),
}  # fmt: skip

SCIPY: Mapping[str, Row] = {
    "special.expit": lambda numbers, x: numbers.operate("sigmoid", sigmoid, x),
    "expit": lambda numbers, x: numbers.operate("sigmoid", sigmoid, x),
}

FAMILIAR: Mapping[str, Row] = {
    "sigmoid": SCIPY["expit"],
    "relu": lambda numbers, x: numbers.operate("maximum", np.maximum, 0, x),
    "tanh": NUMPY["tanh"],
}
"""Functions imported from a module that is not at hand, taken for what their names say."""

LIBRARIES: Mapping[str, Mapping[str, Row]] = {
    "numpy": NUMPY, "math": MATH, "scipy": SCIPY, "scipy.special": SCIPY,
    "cmath": {}, "functools": {}, "random": {}, "copy": {}, "itertools": {}, "collections": {},
}  # fmt: skip


def names_of(module: str) -> tuple[str, ...]:
    """What ``from module import *`` brings, where the library is followed."""
    return tuple(n for n in LIBRARIES.get(module, ()) if "." not in n)


def member(module: str, name: str) -> Value | None:
    """A followed function or constant of a library; None where there is none."""
    library, _, inside = module.partition(".")
    table = LIBRARIES.get(module) or LIBRARIES.get(library, {})
    path = f"{inside}.{name}" if inside and module not in LIBRARIES else name
    if path in table:
        return Native(f"{module}.{name}", table[path])
    return None
