r"""Products of arrays: the declared shapes decide what a juxtaposition, a ``\cdot`` or a ``*`` means.

A vector is a column (n,), its transpose a row (1, n). A juxtaposition binds tighter than a sign and is
the matrix product; ``\odot`` is entry by entry; a ``\cdot`` or ``\times`` between vectors could be
either and is refused, as is a product whose shapes do not fit. A size that is not known (None) fits
anything; a shape that is not known (None) decides nothing, and a sign beside ``W^\top x`` then has no
single reading.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from symbp.core.names import Name, PlainNameError
from symbp.read.errors import UnreadableError
from symbp.read.index_factors import merged
from symbp.read.joins import UNKNOWN, MisfitError, Shape, Shaped, broadcast, decided, outer
from symbp.read.latex_tables import FUNCTION_LETTERS
from symbp.read.scope import Names, Size
from symbp.read.tree import (
    Application,
    Call,
    Cases,
    Chain,
    Change,
    Comparison,
    Component,
    Join,
    Negation,
    Number,
    Partial,
    Power,
    Product,
    Quantity,
    Quotient,
    Span,
    Sum,
    Summation,
    Transpose,
    Tree,
    mapped,
    walk,
)

_SIGNS = (Join.CDOT, Join.TIMES, Join.STAR, Join.ODOT, Join.OTIMES)


def shaped(chain: Chain, names: Names) -> Chain:
    """The chain with its products of arrays decided.

    Raises :class:`UnreadableError` where none fits, or two do.
    """
    if any(names.shapes.values()):
        reader = _Shapes(names)
        chain = replace(chain, sides=tuple(reader.of(side)[0] for side in chain.sides))
    else:
        chain = replace(chain, sides=tuple(mapped(side, _of_entries) for side in chain.sides))
    for side in chain.sides:
        for node in walk(side):
            if isinstance(node, Product):
                _check_signs(node)
    return chain


def _of_entries(tree: Tree) -> Tree | None:
    """Between numbers, ⊗ is their product."""
    if not isinstance(tree, Product) or Join.OTIMES not in tree.joins:
        return None
    joins = tuple(Join.ODOT if join is Join.OTIMES else join for join in tree.joins)
    return Product(tuple(mapped(f, _of_entries) for f in tree.factors), joins, span=tree.span)


def _check_signs(tree: Product) -> None:
    r"""``W^\top d \cdot g``, the shapes unknown: the sign is entry by entry, or the matrix product."""
    for k, join in enumerate(tree.joins):
        if join not in (Join.CDOT, Join.TIMES, Join.STAR):
            continue
        left, right = tree.factors[k], tree.factors[k + 1]
        before, after = _run(tree, k, -1), _run(tree, k + 1, 1)
        turned = any(isinstance(f, Transpose) for f in before) and len(before) > 1
        called = isinstance(left, Call | Application) and isinstance(right, Transpose)
        if (turned and not isinstance(right, Number)) or (called and len(after) > 1):
            raise UnreadableError(
                "is this sign entry by entry, or the matrix product?", left.span[0], right.span[1],
                r"\odot or a juxtaposition, or declared shapes",
            )  # fmt: skip


def _run(tree: Product, place: int, step: int) -> list[Tree]:
    """The juxtaposed factors around a place, to one side."""
    found = [tree.factors[place]]
    join = place - 1 if step < 0 else place
    while 0 <= join < len(tree.joins) and tree.joins[join] is Join.IMPLIED:
        place += step
        join += step
        found.append(tree.factors[place])
    return found


@dataclass(frozen=True)
class _Shapes:
    """Walks a tree once, from the leaves."""

    names: Names

    def of(self, tree: Tree) -> Shaped:
        """The tree with its joins decided, and its shape."""
        rule = _RULES.get(type(tree))
        return rule(self, tree) if rule is not None else (tree, None)

    def quantity(self, tree: Quantity) -> Shaped:
        shape = self.declared(tree)
        if shape and tree.indices:
            tree = replace(tree, indices=merged(tree.indices, len(shape)))
            shape = () if len(tree.indices) >= len(shape) else None
        return tree, shape

    def declared(self, tree: Quantity) -> Shape:
        """The shape of a name, or the rank that its letter has in every layer."""
        if not tree.upper and tree.name in self.names.shapes:
            return tuple(None if s == UNKNOWN else s for s in self.names.shapes[tree.name])
        try:
            name = Name.parse(tree.name)
        except PlainNameError:
            return None
        if tree.name not in self.names.quantities and (layered := self._of_layer(name)):
            samples = sum(isinstance(upper, Quantity) for upper in tree.upper)
            return (None,) * (len(layered) - samples)
        if name.base in self.names.shapes and not name.subscripts:
            return (None,) * len(self.names.shapes[name.base])
        return () if tree.name in self.names.quantities else None

    def _of_layer(self, name: Name) -> tuple[Size, ...]:
        """The shape of ``W_2`` or ``a^{[1]}`` in a network with W2 and a1; none where it has none."""
        number = name.layer or (name.subscripts[0] if len(name.subscripts) == 1 else "")
        names = (f"{base}{number}" for base in (name.base, name.base.swapcase()))
        return next((self.names.shapes[n] for n in names if number and n in self.names.shapes), ())

    def sum(self, tree: Sum) -> Shaped:
        terms = [self.of(term) for term in tree.terms]
        found: Shape = ()
        for term, shape in terms:
            found = broadcast(found, shape, term.span)
        return replace(tree, terms=tuple(t for t, _ in terms)), found

    def negation(self, tree: Negation) -> Shaped:
        of, shape = self.of(tree.of)
        return replace(tree, of=of), shape

    def transpose(self, tree: Transpose) -> Shaped:
        of, shape = self.of(tree.of)
        turned = shape if not shape else (1, shape[0]) if len(shape) == 1 else shape[::-1]
        return replace(tree, of=of), turned[:1] if turned and turned[1:] == (1,) else turned

    def quotient(self, tree: Quotient) -> Shaped:
        (above, shape), (below, under) = self.of(tree.above), self.of(tree.below)
        return replace(tree, above=above, below=below), shape if under == () else None

    def power(self, tree: Power) -> Shaped:
        base, shape = self.of(tree.base)
        return replace(tree, base=base), shape

    def call(self, tree: Call | Application) -> Shaped:
        arguments = [self.of(a) for a in tree.arguments]
        made = replace(tree, arguments=tuple(a for a, _ in arguments))
        shape = arguments[0][1] if len(arguments) == 1 else None
        if isinstance(tree, Call):
            if tree.function == "norm":
                return made, ()
            if tree.function == "diag":
                return made, (shape[0], shape[0]) if shape and len(shape) == 1 else None
            return made, shape
        entrywise = tree.primes or tree.function in FUNCTION_LETTERS
        return made, shape if entrywise else None

    def partial(self, tree: Partial) -> Shaped:
        (of, shape), by = self.of(tree.of), [self.of(each) for each in tree.by]
        made = replace(tree, of=of, by=tuple(each for each, _ in by))
        return made, by[0][1] if shape == () and len(by) == 1 else None

    def summation(self, tree: Summation) -> Shaped:
        body, shape = self.of(tree.body)
        return replace(tree, body=body), shape

    def cases(self, tree: Cases) -> Shaped:
        found = [(self.of(value), condition) for value, condition in tree.branches]
        branches = tuple((value, c and self.of(c)[0]) for (value, _), c in found)
        shapes = [shape for (_, shape), _ in found]
        known = None if None in shapes else max(shapes, key=lambda shape: len(shape or ()))
        return replace(tree, branches=branches), known

    def comparison(self, tree: Comparison) -> Shaped:
        return replace(tree, left=self.of(tree.left)[0], right=self.of(tree.right)[0]), ()

    def product(self, tree: Product) -> Shaped:
        factors = [self.of(factor) for factor in tree.factors]
        try:
            return _by_runs(factors, tree.joins, tree.span)
        except MisfitError:
            joined = factors[0]
            for join, factor in zip(tree.joins, factors[1:], strict=True):
                joined = _joined(joined, join, factor, tree.joins)
            return joined[0], joined[1]


def _by_runs(factors: Sequence[Shaped], joins: Sequence[Join], span: Span) -> Shaped:
    """Juxtaposed factors first, then the signs from left to right."""
    runs, signs = [factors[0]], list[Join]()
    for join, factor in zip(joins, factors[1:], strict=True):
        if join in _SIGNS:
            signs.append(join)
            runs.append(factor)
        else:
            runs[-1] = _joined(runs[-1], join, factor, joins)
    found = runs[0]
    for join, run in zip(signs, runs[1:], strict=True):
        found = _joined(found, join, run, joins)
    return replace(found[0], span=span), found[1]


def _joined(left: Shaped, join: Join, right: Shaped, joins: Sequence[Join]) -> Shaped:
    """Two factors with the join that their shapes decide."""
    span = (left[0].span[0], right[0].span[1])
    if join is Join.OTIMES:
        join, right = outer(left[1], right, span)
    join, shape = decided(left[1], join, right[1], span, Join.IMPLIED in joins)
    first = left[0]
    if isinstance(first, Product) and first.span[1] <= right[0].span[0] and not _inner(left[0], span):
        grown = replace(first, factors=(*first.factors, right[0]), joins=(*first.joins, join))
        return replace(grown, span=span), shape
    return Product((first, right[0]), (join,), span=span), shape



def _inner(tree: Tree, span: Span) -> bool:
    """Whether a product stood in brackets of its own: its span is wider than its factors'."""
    assert isinstance(tree, Product)
    return tree.span[0] < tree.factors[0].span[0]









_RULES: Mapping[type, Callable[..., Shaped]] = {
    Number: lambda reader, tree: (tree, ()),
    Quantity: _Shapes.quantity,
    Sum: _Shapes.sum,
    Negation: _Shapes.negation,
    Product: _Shapes.product,
    Quotient: _Shapes.quotient,
    Power: _Shapes.power,
    Call: _Shapes.call,
    Cases: _Shapes.cases,
    Comparison: _Shapes.comparison,
    Application: _Shapes.call,
    Partial: _Shapes.partial,
    Summation: _Shapes.summation,
    Transpose: _Shapes.transpose,
    Component: lambda reader, tree: (tree, ()),
    Change: lambda reader, tree: (tree, reader.of(tree.of)[1]),
}
