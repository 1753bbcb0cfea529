r"""Where an entry stands: what the indices of ``x_{2i+k-1}`` mean on the axes of x.

Written indices count from 1, those of equations from 0. A place is a letter that covers its axis, a
number, or a sum of letters with whole factors; it may not leave its axis, unless the array was
declared to be zero outside of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import sympy as sp
from sympy import Expr, Idx

from symbp.core.equations import extent
from symbp.core.program import corners
from symbp.read.array_algebra import Algebra
from symbp.read.array_names import WHOLE, Table
from symbp.read.errors import UnreadableError
from symbp.read.tree import Join, Negation, Number, Product, Quantity, Sum, Tree, walk

SURE = 2
"""Up to which index a size that is a letter is sure to reach."""


class Places(Algebra):
    r"""Reads indices over a table of names and the letters in force.

    ``kronecker`` says that ``\delta_{ij}`` is Kronecker's where nothing is called delta.
    """

    def __init__(
        self, table: Table, letters: Mapping[str, Idx] | None = None, start: int = 1,
        kronecker: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(start)
        self.table = table
        self.kronecker = kronecker
        self.letters = dict(letters or {})

    def places(
        self, indices: Sequence[Tree], shape: Sequence[Expr], zero_outside: bool
    ) -> tuple[tuple[Expr, ...], tuple[sp.Basic, ...]]:
        """The places on the axes of a shape, and the conditions under which they are on them."""
        places = tuple(map(self._place, indices, shape))
        guards: list[sp.Basic] = []
        for place, size, tree in zip(places, shape, indices, strict=True):
            if isinstance(place, Idx) or place.is_Integer:
                continue
            low, high = corners(place)
            if zero_outside:
                guards += [] if low.is_nonnegative else [sp.Ge(place, 0, evaluate=False)]
                over = sp.expand(size - 1 - high).is_nonnegative
                guards += [] if over else [sp.Lt(place, size, evaluate=False)]
            elif not low.is_nonnegative or not sp.expand(size - 1 - high).is_nonnegative:
                raise UnreadableError(
                    f"this index runs from {low + 1} to {high + 1} on an axis of {size}", *tree.span,
                    "an index that stays on it, or a line that says zero outside of it",
                )  # fmt: skip
        return places, tuple(guards)

    def _place(self, tree: Tree, size: Expr) -> Expr:
        if tree == WHOLE:
            return self.axis(size)
        if isinstance(tree, Number):
            most = int(size) if size.is_Integer else SURE
            if tree.value.denominator != 1 or not 1 <= tree.value <= most:
                raise UnreadableError(f"an index from 1 to {size} stands here", *tree.span, "1")
            return sp.Integer(int(tree.value) - 1)
        if isinstance(tree, Quantity):
            letter = self._letter(tree)
            if extent(letter) != size:
                raise UnreadableError(
                    f"{tree.name} runs to {extent(letter)} and to {size}", *tree.span,
                    "another letter",
                )  # fmt: skip
            return letter
        return sp.expand(self.counted(tree) - 1)

    def are_indices(self, *trees: Tree) -> bool:
        """Whether they are made of index letters, sizes and whole numbers, at least one letter."""
        leaves = [n for tree in trees for n in walk(tree) if isinstance(n, Quantity | Number)]
        named = [leaf.name for leaf in leaves if isinstance(leaf, Quantity)]
        return any(n in self.letters for n in named) and all(
            n in self.letters or n in self.table.sizes for n in named
        )

    def counted(self, tree: Tree) -> Expr:
        """A sum of letters and numbers, counted from 1."""
        match tree:
            case Number() if tree.value.denominator == 1:
                return sp.Integer(int(tree.value))
            case Quantity() if tree.name in self.letters:
                return self._letter(tree) + 1
            case Quantity() if tree.name in self.table.sizes:
                return self.table.sizes[tree.name]
            case Sum():
                return sp.Add(*map(self.counted, tree.terms))
            case Negation():
                return -self.counted(tree.of)
            case Product() if all(join in (Join.IMPLIED, Join.CDOT) for join in tree.joins):
                *numbers, _ = tree.factors
                if all(isinstance(number, Number) for number in numbers):
                    return sp.expand(sp.Mul(*map(self.counted, tree.factors)))
        raise UnreadableError("this is no index", *tree.span, "a letter or a number from 1 on")

    def _letter(self, tree: Quantity) -> Idx:
        if tree.name in self.letters:
            return self.letters[tree.name]
        if len(tree.name) == 1:
            raise UnreadableError(
                f"the index {tree.name} stands on this side alone", *tree.span, "a sum over it"
            )
        raise UnreadableError("this is no index", *tree.span, "a letter or a number from 1 on")

    def extents(self, tree: Tree) -> Iterator[tuple[str, Expr]]:
        """Every index letter of a tree with the size of its axis, or with its declared range."""
        for node in walk(tree):
            found = self.table.find(node) if isinstance(node, Quantity) else None
            indices, shape = (found[1], self.table.shape(found[0])) if found else ((), ())
            for place, size in zip(indices, shape, strict=False):
                if isinstance(place, Quantity) and place != WHOLE:
                    yield place.name, self.table.ranges.get(place.name, size)
                    continue
                for inner in walk(place):
                    if isinstance(inner, Quantity) and inner.name in self.table.ranges:
                        yield inner.name, self.table.ranges[inner.name]
