"""The backward path as a picture in data: the quantities from the weight to the loss, and the
local derivative on each edge.

A quantity stands in the column of its longest way from the loss, which is on the right; the
quantities of one column stand one below the other. Renderers draw it with TikZ or SVG.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from symbp.core.steps import Factor, Step
from symbp.write.formula import Node
from symbp.write.lines import Lines, key, tones
from symbp.write.text import text

IN_A_ROW = 7
"""How many quantities of a path without forks stand in one row."""
WIDE = 18
"""The longest value of a factor, in characters, that stands on an edge; else ∂o/∂z does."""


@dataclass(frozen=True)
class Vertex:
    """A quantity and its place: columns count from the weight, rows are centred on 0."""

    name: str
    label: Node
    column: int
    row: float


@dataclass(frozen=True)
class Edge:
    """From a quantity back to one that it is computed from, with ∂start/∂end."""

    start: str
    end: str
    label: Node
    tone: int


@dataclass(frozen=True)
class Graph:
    """Vertices and edges; the first vertex is the loss, the last the weight."""

    vertices: tuple[Vertex, ...]
    edges: tuple[Edge, ...]

    @property
    def columns(self) -> int:
        """How many columns there are."""
        return 1 + max((v.column for v in self.vertices), default=0)


def backward(step: Step, lines: Lines) -> Graph:
    """The graph of the paths of a finished derivation."""
    depth: dict[str, int] = {}
    labels: dict[str, Node] = {}
    for path in step.paths:
        for place, end in enumerate([path[0].of, *(f.by for f in path)]):
            depth[end.name] = max(depth.get(end.name, 0), place)
            labels[end.name] = lines.notation.quantity(end)
    last = max(depth.values(), default=0)
    columns = {c: [n for n in depth if depth[n] == c] for c in range(last + 1)}
    if len(depth) == last + 1 > IN_A_ROW:
        vertices = _folded(list(depth), labels)
    else:
        vertices = tuple(
            Vertex(name, labels[name], last - column, place - (len(names) - 1) / 2)
            for column, names in columns.items()
            for place, name in enumerate(names)
        )
    tone = tones(step)
    factors = {key(f): f for path in step.paths for f in path}
    edges = tuple(
        Edge(f.of.name, f.by.name, _label(f, lines), tone[k]) for k, f in factors.items()
    )
    return Graph(vertices, edges)


def _folded(names: list[str], labels: Mapping[str, Node]) -> tuple[Vertex, ...]:
    """A long path in rows, back and forth, as an ox ploughs."""
    rows = -(-len(names) // IN_A_ROW)
    each = -(-len(names) // rows)
    found: list[Vertex] = []
    for place, name in enumerate(names):
        row, column = divmod(place, each)
        found.append(Vertex(name, labels[name], column if row % 2 else each - 1 - column, row))
    return tuple(found)


def _label(factor: Factor, lines: Lines) -> Node:
    value = lines.set(factor.value)
    return value if len(text(value)) <= WIDE else lines.local(factor, flat=True)


def paths(graph: Graph) -> list[list[Edge]]:
    """Every way from the loss to the weight."""
    done: list[list[Edge]] = []
    open_: list[list[Edge]] = [[e] for e in graph.edges if e.start == graph.vertices[0].name]
    while open_:
        path = open_.pop(0)
        more = [e for e in graph.edges if e.start == path[-1].end]
        open_ += [[*path, edge] for edge in more]
        if not more:
            done.append(path)
    return done
