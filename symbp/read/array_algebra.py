"""Arrays with a letter for each axis, and the products of linear algebra between them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import count

import sympy as sp
from sympy import Expr, Idx

from symbp.core.equations import Equation, Term, array, extent, index, letters_of, scalar
from symbp.read.errors import UnreadableError
from symbp.read.tree import Tree


@dataclass(frozen=True)
class Value:
    """An array: a sum of terms in the letters of its axes. A ``row`` is a vector lying down."""

    axes: tuple[Idx, ...]
    terms: tuple[Term, ...]
    row: bool = False

    @property
    def shape(self) -> tuple[Expr, ...]:
        """The extents of the axes."""
        return tuple(map(extent, self.axes))

    def along(self, axes: tuple[Idx, ...]) -> Value:
        """The same with other letters, maybe along more axes."""
        rule = dict(zip(self.axes, axes, strict=True))
        return Value(axes, tuple(t.xreplace(rule) for t in self.terms), self.row)

    def scaled(self, factor: Expr) -> Value:
        """Each term times a number."""
        return replace(self, terms=tuple(replace(t, body=factor * t.body) for t in self.terms))


class Algebra:
    """Operations between arrays; ``equations`` are those that they needed."""

    def __init__(self, start: int = 1) -> None:
        self.equations: list[Equation] = []
        self._fresh = count(start)

    def axis(self, size: Expr) -> Idx:
        """A letter that nothing else uses."""
        return index(f"axis{next(self._fresh)}", size)

    def name(self, word: str) -> str:
        """A name that nothing else has."""
        return f"{word}{next(self._fresh)}"

    def spread(self, value: Value, axes: tuple[Idx, ...], tree: Tree) -> Value:
        """A value repeated along axes: a number, a column or a row of a matrix, or a vector.

        Of a vector, only one axis may have the size.
        """
        sizes = tuple(map(extent, axes))
        if not value.axes:
            return value
        if value.shape == sizes:
            return value.along(axes)
        if len(sizes) == len(value.shape):
            pairs = zip(value.axes, axes, value.shape, sizes, strict=True)
            rule = {own: sp.S.Zero if one == 1 else axis for own, axis, one, size in pairs
                    if one in (1, size)}  # fmt: skip
            if len(rule) == len(axes):
                return Value(axes, tuple(t.xreplace(rule) for t in value.terms), value.row)
        places = [axis for axis in axes if (extent(axis),) == value.shape]
        if len(places) == 1:
            return value.along((places[0],))
        raise UnreadableError(f"shapes {value.shape} and {sizes} do not fit", *tree.span)

    def entrywise(self, left: Value, right: Value, tree: Tree) -> Value:
        """Arrays of one shape, entry by entry; a number with anything."""
        if left.axes and right.axes:
            if left.shape != right.shape:
                raise UnreadableError(
                    f"shapes {left.shape} and {right.shape} do not fit", *tree.span, "equal shapes"
                )
            right = right.along(left.axes)
        return self._multiplied(left.axes or right.axes, left, right, left.row or right.row)

    def times(self, left: Value, right: Value, tree: Tree) -> Value:
        """The matrix product, the inner or the outer one: the shapes decide."""
        if not left.axes or not right.axes:
            return self.entrywise(left, right, tree)
        ranks = len(left.axes), len(right.axes)
        if ranks == (1, 1) and right.row and not left.row:
            return self._multiplied((*left.axes, *right.axes), left, right)
        if ranks == (1, 1) and not left.row:
            raise UnreadableError(
                "entry by entry, or the inner product?", *tree.span, r"a \odot b, or a^\top b"
            )
        inner, middle = left.axes[-1], right.axes[0]
        fits = extent(inner) == extent(middle)
        if not fits or (ranks == (2, 1) and right.row):
            raise UnreadableError(f"shapes {left.shape} and {right.shape} do not fit", *tree.span)
        right = right.along((inner, *right.axes[1:]))
        free = (*left.axes[:-1], *right.axes[1:])
        return self.summed(self._multiplied(free, left, right, row=ranks == (1, 2)), inner)

    def _multiplied(
        self, axes: tuple[Idx, ...], left: Value, right: Value, row: bool = False
    ) -> Value:
        terms = []
        for a in left.terms:
            for b in map(self._renamed, right.terms):
                guard = (*a.guard, *b.guard)
                terms.append(Term((*a.indices, *b.indices), a.body * b.body, guard))
        return Value(axes, tuple(terms), row)

    def _renamed(self, term: Term) -> Term:
        """The term with letters of its own under its sums."""
        rule = {old: self.axis(extent(old)) for old in term.indices}
        return term.xreplace(rule) if rule else term

    def summed(self, value: Value, letter: Idx) -> Value:
        """The sum over a letter."""
        rule = {letter: self.axis(extent(letter))}
        terms = tuple(
            replace(t.xreplace(rule), indices=(*t.indices, rule[letter])) for t in value.terms
        )
        return replace(value, terms=terms)

    def body(self, value: Value) -> Expr:
        """The value as one expression; where it sums, a name with an equation of its own."""
        if not any(t.indices or t.guard for t in value.terms):
            return sp.Add(*(t.body for t in value.terms))
        free = {
            i for t in value.terms for part in (t.body, *t.guard)
            for i in letters_of(part) - set(t.indices)
        }  # fmt: skip
        letters = sorted(free, key=str)
        return self.defined(self.name("inner"), tuple(letters), value.terms)

    def defined(self, name: str, axes: tuple[Idx, ...], terms: tuple[Term, ...]) -> Expr:
        """A new quantity with its equation."""
        target = array(name, *map(extent, axes))[axes] if axes else scalar(name)
        self.equations.append(Equation(target, terms))
        return target
