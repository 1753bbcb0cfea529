"""What a relation between arrays is about: the name it defines, the derivatives in it."""

from __future__ import annotations

from collections.abc import Iterator

from symbp.read.array_names import NoLayerError, Table
from symbp.read.arrays import Arrays
from symbp.read.errors import UnreadableError
from symbp.read.tree import Number, Partial, Quantity, Tree, quantities, walk


def partials(*sides: Tree) -> Iterator[Partial]:
    """The derivatives that stand in a formula."""
    return (node for side in sides for node in walk(side) if isinstance(node, Partial))


def is_decimal(tree: Tree) -> bool:
    """Whether a side is a number of a hand calculation: arrays have no values here."""
    nodes = list(walk(tree))
    printed = any(isinstance(n, Number) and n.unit is not None for n in nodes)
    return printed and not any(isinstance(n, Quantity) for n in nodes)


def is_update(left: Tree, relation: str, right: Tree) -> bool:
    """Whether an array is set anew: by an arrow, or from itself."""
    again = any(q == left for q in quantities(right))
    return isinstance(left, Quantity) and (again or relation in ("<-", ":="))


def is_array(table: Table, quantity: Quantity) -> bool:
    """Whether a name is that of an array, in some layer."""
    try:
        found = table.find(quantity)
    except (NoLayerError, UnreadableError):
        return bool(table.depth and quantity.upper)
    if found is None:
        return False
    return bool(table.shape(found[0]))


def head(left: Quantity, table: Table, right: Tree) -> tuple[str, tuple[str, ...]]:
    """The name that is defined, and the letters of its entry: ``p_i = …`` defines p."""
    if left.indices:
        letters = tuple(i.name for i in left.indices if isinstance(i, Quantity))
        return left.name, letters
    base, *parts = left.name.split("_")
    used = {letter for letter, _ in Arrays(table).extents(right)}
    last = tuple(parts[-1]) if parts else ()
    if last and set(last) <= used and all(c.isalpha() for c in last):
        return "_".join([base, *parts[:-1]]), last
    return left.name, ()


def are_between_entries(*sides: Tree) -> bool:
    """Whether a formula has derivatives between entries: one of an entry, or a second one."""
    return any(
        len(p.by) > 1 or (isinstance(p.of, Quantity) and (p.of.indices or "_" in p.of.name))
        for p in partials(*sides)
    )
