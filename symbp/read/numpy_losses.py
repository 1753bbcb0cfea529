"""What may be the loss of a turn: what was printed, recorded, or has a loss's name.

Where none of these is a loss whose gradient the update follows, the standard losses of the
differences ``target − output`` that the turn computed are at hand (``standard``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from symbp.read.numpy_heap import entries, places
from symbp.read.numpy_interpreter import Interpreter
from symbp.read.numpy_nodes import Kind, Node
from symbp.read.numpy_objects import Scope
from symbp.read.numpy_values import Array, Number, Value

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


def standard(run: Interpreter) -> dict[str, Node]:
    """The standard losses of the turn's differences between data and outputs."""
    graph, found = run.numbers.graph, dict[str, Node]()
    for where, targets, outputs in run.numbers.differences:
        half = graph.constant(Fraction(1, 2))
        pairs = list(zip(targets, outputs, strict=True))
        squares = [graph.power(graph.subtract(d, o), graph.constant(2)) for d, o in pairs]
        found.setdefault(f"½Σ({where})²", graph.multiply(half, graph.add(*squares)))
        logs = [
            graph.add(
                graph.multiply(d, graph.apply("log", o)),
                graph.multiply(graph.subtract(graph.one, d),
                               graph.apply("log", graph.subtract(graph.one, o))),
            )
            for d, o in pairs
        ]  # fmt: skip
        found.setdefault(f"binary cross-entropy of {where}", graph.negate(graph.add(*logs)))
    return found


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
