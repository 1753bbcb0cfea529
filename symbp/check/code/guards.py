"""Small numbers that guard a logarithm, a root or a denominator: 1e-7 in ``log(p + 1e-7)``.

With one in the loss alone, a gradient that is right without it is off by a millionth. Where the
verdict is *equal* once guards are zero, it says so among its assumptions. So it is with a clip that
keeps an exponential from an overflow: outside of it the loss does not move, while the steps do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from symbp.check.code.steps import Judged
from symbp.read.code.graph import Graph
from symbp.read.code.nodes import Kind, Node, below
from symbp.read.code.turn import Pass

LARGEST = Fraction(1, 100_000)
CLIP = "no value of the forward pass is so large that it is clipped"
GUARDED = frozenset(["log", "sqrt"])


def without_guards(found: Pass, root: Node) -> tuple[Pass, Node, tuple[str, ...]] | None:
    """The turn and its loss with guards taken for zero; None where there are none."""
    graph = found.graph
    roots = [root, *(n for p in found.parameters for n in p.new)]
    plain: dict[Node, Node] = {}
    sizes = set()
    clips = {n for n in below([root]) if n in graph.clipped and n.kinds & Kind.state}
    for node in below(roots):
        if node in clips:
            plain[node] = graph.replaced(graph.clipped[node], plain)
            continue
        for argument in _guarded(node):
            guard = next((a for a in argument.arguments if _small(a)), None)
            if argument.operation == "add" and guard is not None and guard.number is not None:
                rest = graph.add(*(a for a in argument.arguments if a is not guard))
                plain[argument] = graph.replaced(rest, plain)
                sizes.add(float(guard.number))
    if not plain:
        return None
    new = _rewritten(graph, plain)
    parameters = tuple(replace(p, new=tuple(map(new, p.new))) for p in found.parameters)
    told = tuple(f"{size:g}, which guards a logarithm or a denominator, is 0" for size in sorted(sizes))
    told += (CLIP,) if clips else ()
    return replace(found, parameters=parameters), new(root), told


def _guarded(node: Node) -> tuple[Node, ...]:
    if node.operation in GUARDED:
        return node.arguments
    return node.arguments[1:] if node.operation == "divide" else ()


def _small(node: Node) -> bool:
    return node.number is not None and 0 < abs(node.number) <= LARGEST


def _rewritten(graph: Graph, by: dict[Node, Node]) -> Callable[[Node], Node]:
    known: dict[Node, Node] = {}

    def new(root: Node) -> Node:
        if root not in known:
            known[root] = graph.replaced(root, by)
        return known[root]

    return new


def with_assumptions(result: Judged, told: tuple[str, ...]) -> Judged:
    """The verdicts with what they rest on."""
    verdicts = tuple(replace(v, assumptions=(*v.assumptions, *told)) for v in result.verdicts)
    return replace(result, verdicts=verdicts)
