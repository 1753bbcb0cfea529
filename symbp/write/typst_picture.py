"""The backward path drawn with Typst: circles from the weight to the loss, an arrow for each local
derivative in the colour of its factor."""

from __future__ import annotations

from collections.abc import Callable
from math import hypot

from symbp.write.formula import Node
from symbp.write.graph import Edge, Graph, Vertex
from symbp.write.latex import TONES
from symbp.write.tikz import DROP, STEP

RADIUS, HEAD, HALF = 0.5, 0.24, 0.085
"""Centimetres: a circle's radius, the length of an arrow's head and half its width."""
MARGIN = 0.75
LABEL = 4.0, 0.9
"""Width and height of the box that holds the label of an edge."""
LINE = 16.4
"""The width of the text; a wider picture is scaled to it."""


def typst_picture(graph: Graph, math: Callable[[Node], str]) -> str:
    """The picture; ``math`` prints a label."""
    rows = [v.row for v in graph.vertices]
    width = (graph.columns - 1) * STEP + 2 * MARGIN
    height = (max(rows) - min(rows)) * DROP + 2 * MARGIN
    places = {
        v.name: (MARGIN + v.column * STEP, MARGIN + (v.row - min(rows)) * DROP)
        for v in graph.vertices
    }
    rows_of = {v.name: (v.column, v.row) for v in graph.vertices}
    ends = {graph.vertices[0].name, graph.vertices[-1].name}
    parts = [_edge(e, places, rows_of, math) for e in graph.edges]
    parts += [_vertex(v, places[v.name], v.name in ends, math) for v in graph.vertices]
    drawing = f"box(width: {width:.2f}cm, height: {height:.2f}cm)[\n{chr(10).join(parts)}\n]"
    scale = min(1.0, LINE / width)
    return f"#scale(x: {scale:.2%}, y: {scale:.2%}, reflow: true, {drawing})"


def _vertex(
    vertex: Vertex, at: tuple[float, float], is_end: bool, math: Callable[[Node], str]
) -> str:
    x, y = at
    circle = (
        f"circle(radius: {RADIUS}cm, fill: white, stroke: {1.3 if is_end else 0.8}pt + luma(60), "
        f"align(center + horizon)[${math(vertex.label)}$])"
    )
    return f"#place(dx: {x - RADIUS:.2f}cm, dy: {y - RADIUS:.2f}cm, {circle})"


def _edge(
    edge: Edge, places: dict[str, tuple[float, float]],
    rows: dict[str, tuple[int, float]], math: Callable[[Node], str],
) -> str:  # fmt: skip
    (x, y), (to_x, to_y) = places[edge.start], places[edge.end]
    length = hypot(to_x - x, to_y - y)
    u, v = (to_x - x) / length, (to_y - y) / length
    start = x + RADIUS * u, y + RADIUS * v
    tip = to_x - RADIUS * u, to_y - RADIUS * v
    neck = tip[0] - HEAD * u, tip[1] - HEAD * v
    colour = TONES[edge.tone % len(TONES)]
    corners = (tip, (neck[0] - HALF * v, neck[1] + HALF * u), (neck[0] + HALF * v, neck[1] - HALF * u))
    head = ", ".join(f"({a:.3f}cm, {b:.3f}cm)" for a, b in corners)
    line = (
        f"#place(line(start: ({start[0]:.3f}cm, {start[1]:.3f}cm), "
        f"end: ({neck[0]:.3f}cm, {neck[1]:.3f}cm), stroke: 1.2pt + {colour}))"
    )
    middle = (x + to_x) / 2, (y + to_y) / 2
    return f"{line}\n#place(polygon(fill: {colour}, {head}))\n" + _label(
        f"#text(size: 9pt, fill: {colour})[${math(edge.label)}$]", middle,
        rows[edge.start], rows[edge.end],
    )  # fmt: skip


def _label(
    content: str, middle: tuple[float, float], start: tuple[int, float], end: tuple[int, float]
) -> str:
    """The label beside the middle of an edge: above a level one, on the outer side of a fork."""
    wide, high = LABEL
    x, y = middle
    if start[0] == end[0]:
        return _placed(content, x + 0.15, y - high / 2, "left + horizon")
    upper = start[1] + end[1] < 0 or start[1] == end[1]
    gap = 0.12 if start[1] == end[1] else 0.3
    top = y - high - gap if upper else y + gap
    return _placed(content, x - wide / 2, top, f"center + {'bottom' if upper else 'top'}")


def _placed(content: str, x: float, y: float, where: str) -> str:
    wide, high = LABEL
    box = f"box(width: {wide}cm, height: {high}cm, align({where})[{content}])"
    return f"#place(dx: {x:.3f}cm, dy: {y:.3f}cm, {box})"
