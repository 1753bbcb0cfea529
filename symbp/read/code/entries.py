"""What an operation does to the nodes of an array: the rule of one entry, and entries put together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from symbp.read.code.graph import Graph
from symbp.read.code.nodes import Node


def rule_of(graph: Graph, name: str) -> tuple[Callable[..., Node], int]:
    """The rule of an operation on nodes, and how many it takes."""
    binary: dict[str, Callable[..., Node]] = {
        "add": graph.add, "subtract": graph.subtract, "multiply": graph.multiply,
        "divide": graph.divide, "power": graph.power, "maximum": graph.maximum,
        "minimum": graph.minimum,
    }
    if name in binary:
        return binary[name], 2
    if name == "choose":
        return graph.choose, 3
    if name == "negate":
        return graph.negate, 1
    return (lambda a: graph.apply(name, a)), 1


def reduced(entries: NDArray[Any], axis: Any, rule: Callable[[list[Node]], Node]) -> NDArray[Any]:
    """Entries over an axis (or axes, or all), put together by a rule."""
    entries = np.asarray(entries)
    if axis is None:
        return boxed(rule(list(entries.ravel())))
    axes = axis if isinstance(axis, tuple) else (axis,)
    moved = np.moveaxis(entries, axes, range(-len(axes), 0))
    kept = moved.shape[: moved.ndim - len(axes)]
    result = np.empty(kept, dtype=object)
    for at in np.ndindex(kept):
        result[at] = rule(list(np.ravel(moved[at])))
    return result


def boxed(node: Any) -> NDArray[Any]:
    """A node as an array without axes."""
    box = np.empty((), dtype=object)
    box[()] = node
    return box


def kept(keepdims: bool) -> dict[str, Any]:
    """The argument keepdims, which a matrix does not take."""
    return {"keepdims": True} if keepdims else {}
