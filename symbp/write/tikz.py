r"""The backward path drawn with TikZ: circles from the weight to the loss, an arrow for each local
derivative in the colour of its factor."""

from __future__ import annotations

from collections.abc import Callable

from symbp.write.formula import Node
from symbp.write.graph import Graph
from symbp.write.latex import TONES

STEP, DROP = 2.95, 1.6
"""Centimetres between columns and between rows."""


def tikz(graph: Graph, math: Callable[[Node], str]) -> str:
    """The picture; ``math`` prints a label."""
    places = {v.name: f"v{n}" for n, v in enumerate(graph.vertices)}
    places_of = {v.name: (v.column, v.row) for v in graph.vertices}
    ends = {graph.vertices[0].name, graph.vertices[-1].name}
    parts = [
        r"\begin{tikzpicture}[>=latex,every node/.style={inner sep=1.5pt},"
        r"q/.style={circle,draw=black!75,line width=.8pt,minimum size=10mm,inner sep=0pt}]"
    ]
    for vertex in graph.vertices:
        name, label = places[vertex.name], math(vertex.label)
        width = ",line width=1.3pt" if vertex.name in ends else ""
        where = f"({vertex.column * STEP:.2f},{-vertex.row * DROP:.2f})"
        parts.append(rf"\node[q{width}] ({name}) at {where} {{${label}$}};")
    for edge in graph.edges:
        side = _side(places_of[edge.start], places_of[edge.end])
        colour = TONES[edge.tone % len(TONES)]
        parts.append(
            rf"\draw[->,line width=1.2pt,{colour}] ({places[edge.start]}) -- "
            rf"node[{side}]{{\footnotesize${math(edge.label)}$}} ({places[edge.end]});"
        )
    return "".join(parts) + r"\end{tikzpicture}"


def _side(from_: tuple[int, float], to: tuple[int, float]) -> str:
    """Where the label of an edge stands: on the outer side of a fork, off the line."""
    start, end = from_[1], to[1]
    if from_[0] == to[0]:
        return "right"
    if start == end:
        return "above"
    outer = "above" if start + end < 0 else "below"
    rising = end < start
    return f"{outer} {'right' if rising == (outer == 'above') else 'left'}"
