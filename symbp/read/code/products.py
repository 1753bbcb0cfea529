"""Products of arrays: dot, outer, Kronecker, einsum, tensordot; each entry is one sum of products."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from symbp.read.code.entries import reduced
from symbp.read.code.making import axis_of
from symbp.read.code.numbers import Numbers
from symbp.read.code.values import Array, CodeError, Value, check_size, first_unknown, pack


def dot(
    numbers: Numbers, a: Value, b: Value, twin: Callable[..., Any] = np.dot
) -> Value:
    """The matrix product; each entry is one sum of products."""
    if (unknown := first_unknown((a, b))) is not None:
        return unknown
    (left, x), (right, y) = numbers.pair(a), numbers.pair(b)
    with np.errstate(all="ignore"):
        result = twin(x, y)
    if not np.ndim(x) or not np.ndim(y):
        return pack(numbers.ufunc("multiply")(left, right), result)
    check_size(np.shape(result))
    return pack(_products(numbers, left, right, np.shape(result), twin), result)


def _products(
    numbers: Numbers, left: Any, right: Any, shape: tuple[int, ...], twin: Callable[..., Any]
) -> Any:
    """Entries of the product: which pairs meet is asked of NumPy itself, by positions."""
    left, right = np.asarray(left), np.asarray(right)
    graph = numbers.graph
    if left.ndim <= 2 and right.ndim <= 2:
        rows = left.reshape(-1, left.shape[-1])
        columns = right.reshape(right.shape[0], -1).T
        entries = np.empty((len(rows), len(columns)), dtype=object)
        for i, row in enumerate(rows):
            for j, column in enumerate(columns):
                entries[i, j] = graph.add(
                    *(graph.multiply(p, q) for p, q in zip(row, column, strict=True))
                )
        return entries.reshape(shape)
    if twin is not np.matmul:
        raise CodeError("a dot product of arrays with more than two axes", numbers.line)
    products = numbers.ufunc("multiply")(left[..., :, :, None], right[..., None, :, :])
    return reduced(products, -2, lambda parts: graph.add(*parts))


def outer(numbers: Numbers, a: Value, b: Value) -> Value:
    """``np.outer``."""
    left, right = numbers.array(a).both(np.ravel), numbers.array(b).both(np.ravel)
    column = numbers.array(left).both(lambda v: np.asarray(v).reshape(-1, 1))
    row = numbers.array(right).both(lambda v: np.asarray(v).reshape(1, -1))
    return numbers.product(column, row)


def kron(numbers: Numbers, a: Value, b: Value) -> Value:
    """``np.kron``, by outer products of the axes."""
    left, right = numbers.array(a), numbers.array(b)
    axes = max(left.twin.ndim, right.twin.ndim)
    shapes = [(1,) * (axes - s.twin.ndim) + s.shape for s in (left, right)]
    wide = [
        _spread(side, shape, k)
        for k, (side, shape) in enumerate(zip((left, right), shapes, strict=True))
    ]
    extents = [m * n for m, n in zip(*shapes, strict=True)]
    return numbers.array(numbers.product(*wide)).both(lambda v: v.reshape(extents))


def _spread(side: Array, shape: tuple[int, ...], k: int) -> Value:
    """Each axis doubled by one of extent 1, after it for the left factor, before it for the right."""
    extents = [n for extent in shape for n in ((extent, 1) if k == 0 else (1, extent))]
    return side.both(lambda v: v.reshape(extents))


def tensordot(numbers: Numbers, a: Value, b: Value, axes: Value = 2) -> Value:
    """``np.tensordot``."""
    left, right = numbers.array(a), numbers.array(b)
    if isinstance(axes, int):
        pairs = ([left.twin.ndim - axes + k for k in range(axes)], list(range(axes)))
    else:
        first, second = (axis_of(numbers, part) for part in axes)
        pairs = ([first], [second]) if isinstance(first, int) else (list(first), list(second))
    ones, twos = ([k % n for k in part] for part, n in zip(
        pairs, (left.twin.ndim, right.twin.ndim), strict=True))  # fmt: skip
    kept = [k for k in range(left.twin.ndim) if k not in ones]
    free = [k for k in range(right.twin.ndim) if k not in twos]
    shape = [left.shape[k] for k in kept] + [right.shape[k] for k in free]
    inner = int(np.prod([left.shape[k] for k in ones], dtype=int))
    rows = left.both(lambda v: v.transpose(kept + ones).reshape(-1, inner))
    columns = right.both(lambda v: v.transpose(twos + free).reshape(inner, -1))
    result = dot(numbers, rows, columns)
    return numbers.array(result).both(lambda v: v.reshape(shape))


def einsum(numbers: Numbers, subscripts: Value, *arrays: Value) -> Value:
    """The sum of products, entry by entry: the pairs are found by einsum of the letters."""
    inputs, arrow, output = str(subscripts).replace(" ", "").partition("->")
    parts = [numbers.array(a) for a in arrays]
    result = np.einsum(str(subscripts), *(p.twin for p in parts))
    if not arrow or "." in inputs:
        raise CodeError("np.einsum without '->' or with '...' is not followed", numbers.line)
    sizes = {c: n for names, p in zip(inputs.split(","), parts, strict=True)
             for c, n in zip(names, p.shape, strict=True)}  # fmt: skip
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
