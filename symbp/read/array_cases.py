r"""Cases between arrays: ``z`` where z > 0 and 0 otherwise; ``p_i`` where i = j.

A condition on numbers chooses entry by entry. One on indices says which terms count: it becomes the
guard of the one value, and its opposite that of the other, so a mask over the future
(``\mathbb{1}[k \le t]``) is a sum of fewer terms.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import sympy as sp

from symbp.core.equations import Term
from symbp.read.array_algebra import Value
from symbp.read.array_places import Places
from symbp.read.errors import UnreadableError
from symbp.read.tree import Cases, Comparison, Tree

Relation = Callable[..., sp.Basic]

RELATIONS: Mapping[str, tuple[Relation, Relation]] = {
    "<": (sp.Lt, sp.Ge), "<=": (sp.Le, sp.Gt), ">": (sp.Gt, sp.Le), ">=": (sp.Ge, sp.Lt),
    "==": (sp.Eq, sp.Ne), "!=": (sp.Ne, sp.Eq),
}  # fmt: skip
"""What holds, and what holds where it does not."""


def chosen(tree: Cases, places: Places, read: Callable[[Tree], Value]) -> Value:
    """The array that the cases mean. Raises UnreadableError where no last case is left over."""
    *branches, (value, last) = tree.branches
    if last is not None:
        raise UnreadableError("and otherwise?", *tree.span, "a last case without a condition")
    found = read(value)
    for then, condition in reversed(branches):
        if not isinstance(condition, Comparison):
            raise UnreadableError("this is no condition", *tree.span, "z > 0, or i = j")
        first = read(then)
        if places.are_indices(condition.left, condition.right):
            axes = max((first.axes, found.axes), key=len)
            both = places.spread(first, axes, tree), places.spread(found, axes, tree)
            found = Value(axes, _by_index(condition, places, *both))
        else:
            sides = tuple(map(read, (condition.left, condition.right)))
            found = _by_number(condition.relation, places, tree, first, found, *sides)
    return found


def _by_index(
    condition: Comparison, places: Places, then: Value, other: Value
) -> tuple[Term, ...]:
    left, right = places.counted(condition.left), places.counted(condition.right)
    relations = RELATIONS[condition.relation]
    return tuple(
        replace(term, guard=(*term.guard, relation(left, right, evaluate=False)))
        for value, relation in zip((then, other), relations, strict=True)
        for term in value.terms if term.body != 0
    )  # fmt: skip


def _by_number(relation: str, places: Places, tree: Tree, *values: Value) -> Value:
    """Entry by entry: ``values`` are what holds then, what holds otherwise, and the two compared."""
    axes = max((value.axes for value in values), key=len)
    then, other, left, right = (places.body(places.spread(value, axes, tree)) for value in values)
    body = sp.Piecewise((then, _between(relation, left, right)), (other, True))
    return Value(axes, (Term((), body),))


def _between(relation: str, left: sp.Expr, right: sp.Expr) -> sp.Basic:
    """Of numbers, the one is the other where neither is larger: the largest of some is one of them."""
    if relation == "==":
        return sp.And(left >= right, left <= right)
    if relation == "!=":
        return sp.Or(left > right, left < right)
    holds, _ = RELATIONS[relation]
    return holds(left, right)
