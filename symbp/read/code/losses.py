"""What may be the loss of a turn: what was printed, recorded, or has a loss's name.

Where none of these is a loss whose gradient the update follows, the standard losses of the
differences ``target − output`` that the turn computed are at hand (``standard``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from symbp.read.code.graph import Graph
from symbp.read.code.heap import entries, places
from symbp.read.code.interpreter import Interpreter
from symbp.read.code.nodes import Kind, Node, below
from symbp.read.code.objects import Scope
from symbp.read.code.values import Array, Number, Value

NAMES = re.compile(r".*(loss|cost|error|mse|objective).*|e|j|l|err", re.I)


def losses(
    run: Interpreter, scope: Scope, shown: Sequence[tuple[Value, int]],
    named: Mapping[str, Value], lengths: Mapping[int, int],
) -> dict[str, Node]:  # fmt: skip
    """Candidates by name: what has a loss's name (inside functions too), what was printed."""
    graph = run.numbers.graph
    found: dict[str, Value] = {n: v for n, v in named.items() if NAMES.fullmatch(n)}
    for place in places(scope):
        if NAMES.fullmatch(place.name) and isinstance(place.value, Array | Number):
            found[place.path] = place.value
    for name, value in recorded(scope, lengths):
        if not any(_same(v, value) for v in found.values()):
            found[name] = value
    for value, line in shown:
        if not any(_same(v, value) for v in found.values()):
            found.setdefault(f"printed in line {line}", value)
    totals = {name: graph.add(*entries(value)) for name, value in found.items()}
    return {name: node for name, node in totals.items() if node.kinds & Kind.state}


def before_the_step(
    graph: Graph, root: Node, parameters: Iterable[tuple[tuple[Node, ...], tuple[Node, ...]]]
) -> Node:
    """A loss that was computed from new values, as the function of the old ones that it is."""
    read = set(below([root]))
    own: dict[Node, Node] = {}
    assigned: dict[Node, Node] = {}
    for old, new in parameters:
        for was, now in zip(old, new, strict=True):
            if now is not was and now in read and now.number is None:
                (own if was in set(below([now])) else assigned)[now] = was
    return graph.replaced(root, own | assigned) if own else root


def of_this_turn(graph: Graph, root: Node, name: str) -> Node:
    """A loss without what earlier turns had added to it."""
    if root.operation != "add":
        return root
    word = re.sub(r"\W+", "_", name).strip("_")
    rest = [a for a in root.arguments if a not in graph.leaves or graph.leaves[a].name != word]
    return graph.add(*rest) if rest and len(rest) < len(root.arguments) else root


def standard(run: Interpreter) -> dict[str, tuple[Node, int]]:
    """The standard losses of the turn's differences between data and outputs, with their counts.

    Differences that one place in the script made, sample by sample or unit by unit, belong together.
    """
    found: dict[str, tuple[Node, int]] = {}
    for where, targets, outputs in grouped(run.numbers.differences):
        pairs = list(zip(targets, outputs, strict=True))
        for name, rule in STANDARD.items():
            total = run.numbers.graph.add(*(rule(run.numbers.graph, d, o) for d, o in pairs))
            found.setdefault(name.format(where), (total, len(pairs)))
    return found


def grouped(
    differences: Iterable[tuple[Any, str, tuple[Node, ...], tuple[Node, ...]]],
) -> list[tuple[str, list[Node], list[Node]]]:
    """Differences by the place that made them, each pair once."""
    groups: dict[Any, tuple[str, dict[tuple[Node, Node], None]]] = {}
    for place, text, targets, outputs in differences:
        _, pairs = groups.setdefault(place, (text, {}))
        pairs.update(dict.fromkeys(zip(targets, outputs, strict=True)))
    return [(text, [d for d, _ in pairs], [o for _, o in pairs]) for text, pairs in groups.values()]


def _half_square(graph: Graph, d: Node, o: Node) -> Node:
    square = graph.power(graph.subtract(d, o), graph.constant(2))
    return graph.multiply(graph.constant(Fraction(1, 2)), square)


def _binary(graph: Graph, d: Node, o: Node) -> Node:
    rest = graph.multiply(graph.subtract(graph.one, d),
                          graph.apply("log", graph.subtract(graph.one, o)))  # fmt: skip
    return graph.negate(graph.add(graph.multiply(d, graph.apply("log", o)), rest))


def _cross(graph: Graph, d: Node, o: Node) -> Node:
    return graph.negate(graph.multiply(d, graph.apply("log", o)))


STANDARD: Mapping[str, Callable[[Graph, Node, Node], Node]] = {
    "½Σ({})²": _half_square,
    "binary cross-entropy of {}": _binary,
    "cross-entropy of {}": _cross,
}


def _same(a: Value, b: Value) -> bool:
    return a is b or entries(a) == entries(b)


def recorded(scope: Scope, lengths: Mapping[int, int]) -> list[tuple[str, Value]]:
    """What the turn appended to a list."""
    found: list[tuple[str, Any]] = []
    for here in scope.chain:
        for name, value in here.names.items():
            grown = isinstance(value, list) and len(value) == lengths.get(id(value), -9) + 1
            if grown and isinstance(value[-1], Array | Number):
                found.append((f"{name}[-1]", value[-1]))
    return found
