"""The backward path for a web page: lines and circles in SVG, labels in MathML over them."""

from __future__ import annotations

from collections.abc import Callable
from math import hypot

from symbp.write.formula import Node
from symbp.write.graph import Edge, Graph, Vertex
from symbp.write.latex import TONES

STEP, DROP, MARGIN, RADIUS = 132, 78, 34, 22
"""Pixels between columns and rows, around the picture, and a circle's radius."""


def picture(graph: Graph, math: Callable[[Node], str]) -> str:
    """The picture as a box of its own size; ``math`` prints a label."""
    top = min((v.row for v in graph.vertices), default=0)
    bottom = max((v.row for v in graph.vertices), default=0)
    at = {v.name: _place(v, top) for v in graph.vertices}
    wide = 2 * MARGIN + (graph.columns - 1) * STEP
    high = 2 * MARGIN + round((bottom - top) * DROP)
    ends = (graph.vertices[0].name, graph.vertices[-1].name)
    lines = "".join(_arrow(edge, at) for edge in graph.edges)
    circles = "".join(
        f'<circle cx="{x}" cy="{y}" r="{RADIUS}" class="{"end" if name in ends else "mid"}"/>'
        for name, (x, y) in at.items()
    )
    labels = "".join(
        f'<span style="left:{at[v.name][0]}px;top:{at[v.name][1]}px">{math(v.label)}</span>'
        for v in graph.vertices
    )
    notes = "".join(_note(edge, at, math) for edge in graph.edges)
    return (
        f'<div class="graph" style="width:{wide}px;height:{high}px">'
        f'<svg width="{wide}" height="{high}" aria-hidden="true">{lines}{circles}</svg>'
        f"{labels}{notes}</div>"
    )


def _place(vertex: Vertex, top: float) -> tuple[int, int]:
    return MARGIN + vertex.column * STEP, MARGIN + round((vertex.row - top) * DROP)


def _arrow(edge: Edge, at: dict[str, tuple[int, int]]) -> str:
    (x1, y1), (x2, y2) = at[edge.start], at[edge.end]
    length = hypot(x2 - x1, y2 - y1)
    ux, uy = (x2 - x1) / length, (y2 - y1) / length
    tipx, tipy = x2 - ux * (RADIUS + 1), y2 - uy * (RADIUS + 1)
    backx, backy = tipx - ux * 11, tipy - uy * 11
    tone = edge.tone % len(TONES)
    return (
        f'<g class="t{tone}" data-t="{tone}">'
        f'<line x1="{x1 + ux * RADIUS:.1f}" y1="{y1 + uy * RADIUS:.1f}" '
        f'x2="{backx:.1f}" y2="{backy:.1f}"/>'
        f'<path d="M{tipx:.1f},{tipy:.1f} L{backx - uy * 5.5:.1f},{backy + ux * 5.5:.1f} '
        f'L{backx + uy * 5.5:.1f},{backy - ux * 5.5:.1f}z"/></g>'
    )


def _note(edge: Edge, at: dict[str, tuple[int, int]], math: Callable[[Node], str]) -> str:
    """The label of an edge, above it; beside it where it runs down."""
    (x1, y1), (x2, y2) = at[edge.start], at[edge.end]
    tone = edge.tone % len(TONES)
    side = " side" if x1 == x2 else ""
    return (
        f'<span class="note t{tone}{side}" data-t="{tone}" '
        f'style="left:{(x1 + x2) // 2}px;top:{(y1 + y2) // 2}px">{math(edge.label)}</span>'
    )
