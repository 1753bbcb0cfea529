"""The form of an expression of a script: sums of terms, numbers in disguise, proofs of equality."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction

from symbp.check.code.entries import define
from symbp.decide import Context, Outcome
from symbp.decide.graph import UndefinedError, UnsupportedError
from symbp.read.code.equations import Equations
from symbp.read.code.floats import values
from symbp.read.code.graph import Graph
from symbp.read.code.nodes import Kind, Leaf, Node, below

Nodes = tuple[Node, ...]
STEADY = Kind.named | Kind.counter
"""What a learning rate and its schedule are made of."""
MOST_DENOMINATOR = 10**9
SEEDS = (3, 4)


def terms(graph: Graph, node: Node, factor: Node) -> Iterator[tuple[Node, Node]]:
    """A node as a sum of terms, each with a factor that is made of named numbers and counters."""
    if node.operation == "add":
        for argument in node.arguments:
            yield from terms(graph, argument, factor)
    elif node.operation == "multiply" and any(map(is_steady, node.arguments)):
        one, other = node.arguments if is_steady(node.arguments[0]) else node.arguments[::-1]
        yield from terms(graph, other, graph.multiply(factor, one))
    elif node.operation == "divide" and is_steady(node.arguments[1]):
        yield from terms(graph, node.arguments[0], graph.divide(factor, node.arguments[1]))
    else:
        yield factor, node


def is_steady(node: Node) -> bool:
    """Whether a node is made of numbers that the script names and of counters alone."""
    return not node.kinds & ~STEADY


def outermost(graph: Graph, roots: Sequence[Node], held: set[Node]) -> dict[Node, Node]:
    """Free names for whatever the roots are made of that does not rest on what is held.

    What changes with the turn has one, too, so that a form that is proved holds in every turn.
    """
    resting = set(held)
    names: dict[Node, Node] = {}
    for node in below(roots):
        if not resting & set(node.arguments):
            continue
        resting.add(node)
        free = (
            a for a in node.arguments
            if a.arguments and a not in resting and (a.kinds & Kind.counter or not is_steady(a))
        )
        for argument in free:
            if argument not in names:
                names[argument] = graph.leaf(Leaf(Kind.data, f"part_{len(names)}", 0.5, 0))
    return {name: argument for argument, name in names.items()}


def common(graph: Graph, one: Sequence[Node], other: Sequence[Node]) -> dict[Node, Node]:
    """Free names for what both are made of."""
    shared = {n for n in set(below(one)) & set(below(other)) if n.arguments and not is_steady(n)}
    outer = {
        a for n in below([*one, *other]) if n not in shared for a in n.arguments if a in shared
    } | {n for n in (*one, *other) if n in shared}
    ordered = sorted(outer, key=lambda n: n.place)
    return {n: graph.leaf(Leaf(Kind.data, f"part_{k}", 0.5, 0)) for k, n in enumerate(ordered)}


def same_nodes(graph: Graph, pairs: Sequence[tuple[Node, Node]]) -> bool:
    """Whether the nodes of each pair are equal for all values of data and weights: one proof.

    As a polynomial in free ρ the sum Σ ρ·left is Σ ρ·right if and only if every pair is equal.
    """
    pairs = [(a, b) for a, b in pairs if a is not b]
    if not pairs:
        return True
    near = values(graph, [n for pair in pairs for n in pair])
    if not all(math.isclose(near[a], near[b], rel_tol=1e-6, abs_tol=1e-12) for a, b in pairs):
        return False  # what is plainly apart needs no proof
    free = [graph.leaf(Leaf(Kind.data, f"rho_{k}", 0.5, 0)) for k in range(len(pairs))]
    sides = [
        graph.add(*(graph.multiply(r, pair[side]) for r, pair in zip(free, pairs, strict=True)))
        for side in (0, 1)
    ]
    leaves = {n for n in below(sides) if n in graph.leaves and graph.leaves[n].kind & STEADY}
    equations = Equations(graph, sides, leaves)
    context = Context()
    try:
        define(context, equations.lines)
    except (UndefinedError, UnsupportedError):
        return False
    left, right = map(equations.of, sides)
    return context.decide(left, right).outcome == Outcome.equal


def number_of(graph: Graph, node: Node) -> Fraction | None:
    """The short number that a node is, whatever data and weights are; None where it is none."""
    if node.number is not None:
        return node.number
    near = near_number(graph, node)
    if near is None:
        return None
    guess = Fraction(near).limit_denominator(MOST_DENOMINATOR)
    return guess if same_nodes(graph, [(node, graph.constant(guess))]) else None


def near_number(graph: Graph, node: Node) -> float | None:
    """The number that a node seems to be, the same at two points."""
    one, other = (values(graph, [node], seed)[node] for seed in SEEDS)
    near = math.isfinite(one) and math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-15)
    return one if near else None
