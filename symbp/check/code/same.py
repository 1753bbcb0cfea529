"""Whether two turns compute the same thing: one graph with other names for its symbols.

Then what is proved of the one holds for the other, and it is not proved twice.
"""

from __future__ import annotations

from collections.abc import Sequence

from symbp.read.code.nodes import Node
from symbp.read.code.turn import Pass


def same(first: Pass, second: Pass) -> bool:
    """Whether the steps, the losses and the rates of two turns are the same, symbol for symbol."""
    if first.doubts or second.doubts or first.strange or second.strange:
        return False
    if first.shown != second.shown or [(p.name, p.shape) for p in first.parameters] != [
        (p.name, p.shape) for p in second.parameters
    ]:
        return False
    if [*first.losses, *first.standard] != [*second.losses, *second.standard]:
        return False
    return _isomorphic(first, second, _roots(first), _roots(second))


def _roots(turn: Pass) -> list[Node]:
    return [
        *turn.losses.values(), *(root for root, _ in turn.standard.values()), *turn.rates,
        *(n for p in turn.parameters for n in (*p.old, *p.new)),
    ]  # fmt: skip


def _isomorphic(
    first: Pass, second: Pass, left: Sequence[Node], right: Sequence[Node]
) -> bool:
    if len(left) != len(right):
        return False
    there: dict[Node, Node] = {}
    back: dict[Node, Node] = {}
    todo = list(zip(left, right, strict=True))
    while todo:
        a, b = todo.pop()
        if there.setdefault(a, b) is not b or back.setdefault(b, a) is not a:
            return False
        if a.operation != b.operation or a.number != b.number or a.kinds != b.kinds or (
            len(a.arguments) != len(b.arguments)
        ):
            return False
        if not a.arguments and a.number is None and not _alike(first, second, a, b):
            return False
        todo += [
            pair for pair in zip(a.arguments, b.arguments, strict=True)
            if there.get(pair[0]) is not pair[1]
        ]  # fmt: skip
    return True


def _alike(first: Pass, second: Pass, a: Node, b: Node) -> bool:
    """Whether two symbols are of one kind; where their numbers count, of one number."""
    x, y = first.graph.leaves[a], second.graph.leaves[b]
    fixed = a in first.graph.pinned, b in second.graph.pinned
    counts = any(fixed) or x.kind.name in ("named", "counter", "opaque")
    return x.kind == y.kind and fixed[0] == fixed[1] and (not counts or x.value == y.value)
