"""A traced graph in floating point: it tells which edits are worth a proof, and is no verdict."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Mapping

from symbp.read.code.graph import Graph
from symbp.read.code.nodes import Kind, Node, below

OWN = Kind.named | Kind.counter | Kind.opaque


def values(
    graph: Graph, roots: Iterable[Node], seed: int = 3, lowest: float = 0.2,
    given: Mapping[Node, float] | None = None,
) -> dict[Node, float]:  # fmt: skip
    """The value of each node below the roots at one random point; rates are what the script says.

    Parameters are drawn from ``lowest`` on, data between zero and one; some leaves may be given.
    """
    chance, found = random.Random(seed), dict[Node, float]()
    told = given or {}
    for node in below(roots):
        if node in told:
            found[node] = told[node]
        elif node.number is not None:
            found[node] = float(node.number)
        elif node in graph.leaves:
            leaf = graph.leaves[node]
            own = node in graph.pinned or leaf.kind & OWN
            low = lowest if leaf.kind & Kind.state else 0.2
            found[node] = leaf.value if own else chance.uniform(low, 0.9)
        else:
            inner = [found[a] for a in node.arguments]
            try:
                found[node] = VALUES[node.operation](*inner)
            except (ValueError, OverflowError, ZeroDivisionError, KeyError):
                found[node] = math.nan
    return found


def slopes(root: Node, at: Mapping[Node, float]) -> dict[Node, float]:
    """∂root/∂node for each node below the root."""
    found: dict[Node, float] = {root: 1.0}
    for node in reversed(list(below([root]))):
        seed = found.get(node, 0.0)
        if not seed or not node.arguments:
            continue
        y, inner = at[node], [at[a] for a in node.arguments]
        for argument, slope in zip(node.arguments, _slopes(node.operation, y, inner), strict=True):
            found[argument] = found.get(argument, 0.0) + seed * slope
    return found


def _slopes(operation: str, y: float, x: list[float]) -> list[float]:
    try:
        if operation == "add":
            return [1.0] * len(x)
        if operation == "multiply":
            return [x[1], x[0]]
        if operation == "divide":
            return [1 / x[1], -y / x[1]]
        if operation == "power":
            return [x[1] * x[0] ** (x[1] - 1), 0.0]
        return [SLOPES[operation](x[0], y)]
    except (ValueError, OverflowError, ZeroDivisionError, KeyError):
        return [math.nan] * len(x)


VALUES: Mapping[str, Callable[..., float]] = {
    "add": lambda *x: math.fsum(x), "multiply": lambda a, b: a * b, "divide": lambda a, b: a / b,
    "power": lambda a, b: a**b, "exp": math.exp, "log": math.log, "tanh": math.tanh,
    "sqrt": math.sqrt, "sin": math.sin, "cos": math.cos, "sinh": math.sinh, "cosh": math.cosh,
    "abs": abs, "sign": lambda x: math.copysign(1.0, x), "step": lambda x: float(x > 0),
    "sigmoid": lambda x: 1 / (1 + math.exp(-x)),
}  # fmt: skip
SLOPES: Mapping[str, Callable[[float, float], float]] = {
    "exp": lambda x, y: y, "log": lambda x, y: 1 / x, "tanh": lambda x, y: 1 - y * y,
    "sqrt": lambda x, y: 0.5 / y, "sin": lambda x, y: math.cos(x), "cos": lambda x, y: -math.sin(x),
    "sinh": lambda x, y: math.cosh(x), "cosh": lambda x, y: math.sinh(x),
    "abs": lambda x, y: math.copysign(1.0, x), "sign": lambda x, y: 0.0, "step": lambda x, y: 0.0,
    "sigmoid": lambda x, y: y * (1 - y),
}  # fmt: skip
