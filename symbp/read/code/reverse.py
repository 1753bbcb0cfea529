"""The chain rule on a traced graph: what each node adds to some others, from given seeds.

``x̄ += ȳ · ∂y/∂x`` over the nodes in reverse order (Griewank & Walther 2008, §3.2).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from symbp.read.code.graph import Graph
from symbp.read.code.nodes import Node, below


def adjoints(graph: Graph, seeds: Mapping[Node, Node]) -> dict[Node, Node] | None:
    """The adjoint of every node below the seeds; None where a function has no rule here."""
    found: dict[Node, list[Node]] = {node: [seed] for node, seed in seeds.items()}
    totals: dict[Node, Node] = {}
    for node in reversed(list(below(seeds))):
        total = totals[node] = graph.add(*found[node]) if node in found else graph.zero
        if not node.arguments or total is graph.zero:
            continue
        slopes = _slopes(graph, node)
        if slopes is None:
            return None
        for argument, slope in zip(node.arguments, slopes, strict=True):
            found.setdefault(argument, []).append(graph.multiply(total, slope))
    return totals


def _slopes(graph: Graph, node: Node) -> list[Node] | None:
    """∂node/∂argument for each argument."""
    one = graph.one
    if node.operation == "add":
        return [one for _ in node.arguments]
    if node.operation == "multiply":
        return list(node.arguments[::-1])
    if node.operation == "divide":
        a, b = node.arguments
        return [graph.divide(one, b), graph.negate(graph.divide(node, b))]
    if node.operation == "power":
        a, n = node.arguments
        if n.number is None:
            return None
        return [graph.multiply(n, graph.power(a, graph.constant(n.number - 1))), graph.zero]
    rule = SLOPES.get(node.operation)
    return None if rule is None else [rule(graph, node.arguments[0], node)]


def _square_root(graph: Graph, _: Node, y: Node) -> Node:
    return graph.divide(graph.constant(Fraction(1, 2)), y)


SLOPES: Mapping[str, Callable[[Graph, Node, Node], Node]] = {
    "exp": lambda graph, x, y: y,
    "log": lambda graph, x, y: graph.divide(graph.one, x),
    "tanh": lambda graph, x, y: graph.subtract(graph.one, graph.multiply(y, y)),
    "sigmoid": lambda graph, x, y: graph.multiply(y, graph.subtract(graph.one, y)),
    "sin": lambda graph, x, y: graph.apply("cos", x),
    "cos": lambda graph, x, y: graph.negate(graph.apply("sin", x)),
    "sinh": lambda graph, x, y: graph.apply("cosh", x),
    "cosh": lambda graph, x, y: graph.apply("sinh", x),
    "sqrt": _square_root,
    "abs": lambda graph, x, y: graph.apply("sign", x),
    "sign": lambda graph, x, y: graph.zero,
    "step": lambda graph, x, y: graph.zero,
}
"""The derivative of each function of one number, from its argument and its value."""
