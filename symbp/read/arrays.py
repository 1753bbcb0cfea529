r"""From matrix notation and index notation to equations with indices.

``W x + b`` becomes ``Σ_k W[j,k]·x[k] + b[j]``: every array gets a letter for each of its axes, a matrix
product sums over the letter in the middle, ``\odot`` and functions work entry by entry, and what stands
inside a function after a sum gets an equation of its own. The shapes decide; what does not fit, or
fits in two ways, is unreadable, with the shapes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import reduce

import sympy as sp
from sympy import Expr, Idx, Rational

from symbp.core.equations import Term, array, extent, scalar
from symbp.core.functions import FUNCTIONS
from symbp.core.slopes import slope
from symbp.read.array_algebra import Value
from symbp.read.array_cases import chosen
from symbp.read.array_identity import IDENTITY, UnmetIdentityError, multiple
from symbp.read.array_names import WHOLE
from symbp.read.array_places import Places
from symbp.read.errors import UnreadableError
from symbp.read.tree import (
    Call,
    Cases,
    Component,
    Join,
    Negation,
    Number,
    Partial,
    Power,
    Product,
    Quantity,
    Quotient,
    Sum,
    Summation,
    Transpose,
    Tree,
)

LARGEST = ("max", "min")
PAIR = 2
SECOND = 2
"""How often a quantity may be derived."""
ENTRYWISE = (Join.ODOT, Join.STAR)


class Arrays(Places):
    """Reads trees over a table of names."""

    def __call__(self, tree: Tree) -> Value:
        """The array that a tree means. Raises UnreadableError, or NoLayerError for a layer."""
        rule = _RULES.get(type(tree))
        if rule is None:
            kind = type(tree).__name__.lower()
            raise UnreadableError(f"a {kind} has no meaning between arrays", *tree.span)
        return rule(self, tree)

    # -- names and letters ---------------------------------------------------------------------

    def quantity(self, tree: Quantity) -> Value:
        """A whole array, or an entry of it."""
        found = self.table.find(tree)
        if found is None and tree.name in self.table.sizes:
            return Value((), (Term((), self.table.sizes[tree.name]),))
        if found is None and (pair := self._kronecker(tree)) is not None:
            if not (self.kronecker or self.identity):
                accepted = rf"its definition, or for Kronecker's \mathbb{{1}}[{pair[0]} = {pair[1]}]"
                raise UnmetIdentityError("delta", tree.span, "kronecker", accepted)
            return Value((), (Term((), sp.KroneckerDelta(*pair)),))
        if found is None:
            raise UnreadableError(
                f"{tree.name} has not been met before", *tree.span,
                "a definition or a shape of it first",
            )  # fmt: skip
        return self.entry(*found, tree)

    def entry(self, name: str, indices: tuple[Tree, ...], tree: Tree) -> Value:
        """The entries of a known array at indices, or all of it."""
        shape = self.table.shape(name)
        if indices and not shape:
            raise UnreadableError(f"{name} is a number and has no index", *tree.span)
        zero = name in self.table.zeros
        return self.at(name, shape, indices or [WHOLE] * len(shape), tree, zero)

    def at(
        self, name: str, shape: tuple[Expr, ...], indices: Sequence[Tree], tree: Tree, zero: bool
    ) -> Value:
        """The entries of an array of a shape at indices, some of them maybe all of an axis."""
        if not shape:
            return Value((), (Term((), scalar(name)),))
        if len(indices) != len(shape):
            raise UnreadableError(
                f"{name} has {len(shape)} axes, not {len(indices)}", *tree.span,
                f"{len(shape)} indices, or none",
            )  # fmt: skip
        places, guards = self.places(indices, shape, zero)
        axes = tuple(p for p, i in zip(places, indices, strict=True) if i == WHOLE)
        return Value(axes, (Term((), array(name, *shape)[places], guards),))

    def _kronecker(self, tree: Quantity) -> tuple[Idx, Idx] | None:
        r"""The letters of ``\delta_{ij}``, where both run alike."""
        stem, _, below = tree.name.partition("_")
        names = [*below, *(i.name for i in tree.indices if isinstance(i, Quantity))]
        letters = [self.letters[name] for name in names if name in self.letters]
        if stem != "delta" or not len(letters) == len(names) == len(set(names)) == PAIR:
            return None
        first, second = letters
        return (first, second) if extent(first) == extent(second) else None

    # -- operations ----------------------------------------------------------------------------

    def sum(self, tree: Sum) -> Value:
        """Terms of one shape; a number or, where only one axis fits, a vector is repeated."""
        unmet = self.table.find(IDENTITY) is None and IDENTITY.name not in self.table.sizes
        scales = [multiple(t) if unmet else None for t in tree.terms]
        values = [self(t if c is None else c) for t, c in zip(tree.terms, scales, strict=True)]
        widest = max(values, key=lambda value: (len(value.axes), -value.shape.count(sp.S.One)))
        fitted = [
            self.spread(value, widest.axes, t) if c is None else self._diagonal(value, widest, t)
            for value, t, c in zip(values, tree.terms, scales, strict=True)
        ]
        return Value(widest.axes, tuple(t for v in fitted for t in v.terms), widest.row)

    def _diagonal(self, value: Value, among: Value, tree: Tree) -> Value:
        """A number times the identity, in a sum with a square matrix."""
        if value.axes or len(among.axes) != PAIR or len(set(among.shape)) != 1 or not self.identity:
            raise UnmetIdentityError("I", tree.span, "identity", "its definition, or indices")
        return Value(among.axes, value.scaled(sp.KroneckerDelta(*among.axes)).terms)

    def product(self, tree: Product) -> Value:
        """Matrix products first, then entry by entry; or else from the left, where only that fits."""
        try:
            return self._tight(tree)
        except UnreadableError as error:
            if not any(join in ENTRYWISE for join in tree.joins):
                raise
            try:
                return self._from_left(tree)
            except UnreadableError:
                raise error from None

    def _tight(self, tree: Product) -> Value:
        groups: list[list[Tree]] = [[tree.factors[0]]]
        for join, factor in zip(tree.joins, tree.factors[1:], strict=True):
            if join in ENTRYWISE:
                groups.append([factor])
            else:
                groups[-1].append(factor)
        parts = [reduce(lambda a, b: self.times(a, b, tree), map(self, group)) for group in groups]
        return reduce(lambda a, b: self.entrywise(a, b, tree), parts)

    def _from_left(self, tree: Product) -> Value:
        value = self(tree.factors[0])
        for join, factor in zip(tree.joins, tree.factors[1:], strict=True):
            rule = self.entrywise if join in ENTRYWISE else self.times
            value = rule(value, self(factor), tree)
        return value

    def power(self, tree: Power) -> Value:
        """Entry by entry; of a square matrix it could be its product with itself."""
        base, exponent = self(tree.base), self(tree.exponent)
        power = self.body(exponent)
        inverse = bool(base.axes) and power.is_positive is not True
        if exponent.axes or inverse or (len(base.axes) == 2 and len(set(base.shape)) == 1):
            raise UnreadableError("a power of an array", *tree.span, r"a \odot a")
        return Value(base.axes, (Term((), self.body(base) ** power),), base.row)

    def quotient(self, tree: Quotient) -> Value:
        """Entry by entry."""
        above, below = self(tree.above), self(tree.below)
        inverse = Value(below.axes, (Term((), 1 / self.body(below)),), below.row)
        return self.entrywise(above, inverse, tree)

    def call(self, tree: Call) -> Value:
        """A function, entry by entry; softmax and the norm of a vector."""
        if len(tree.arguments) > 1 and tree.function in LARGEST and not tree.primes:
            return self._largest(tree)
        argument = self(tree.arguments[0])
        if tree.function == "softmax" and not tree.primes:
            return self._softmax(argument, tree)
        if tree.function == "diag" and len(argument.axes) == 1:
            other = self.axis(argument.shape[0])
            value = argument.scaled(sp.KroneckerDelta(argument.axes[0], other))
            return Value((*argument.axes, other), value.terms)
        if tree.function == "norm" and len(argument.axes) == 1:
            squares = Value((), (Term(argument.axes, self.body(argument) ** 2),))
            return Value((), (Term((), sp.sqrt(self.body(squares))),))
        function = FUNCTIONS.get(tree.function)
        if function is None or len(tree.arguments) != 1 or tree.function in LARGEST:
            raise UnreadableError(f"{tree.function} is no function of one array", *tree.span)
        z = sp.Dummy(real=True)
        value = slope(function(z), z, tree.primes) if tree.primes else function(z)
        body = value.xreplace({z: self.body(argument)})
        return Value(argument.axes, (Term((), body),), argument.row)

    def _largest(self, tree: Call) -> Value:
        """The larger of two, entry by entry: ``max(0, z)``."""
        values = [self(t) for t in tree.arguments]
        axes = max((v.axes for v in values), key=len)
        fitted = [self.spread(v, axes, t) for v, t in zip(values, tree.arguments, strict=True)]
        return Value(axes, (Term((), FUNCTIONS[tree.function](*map(self.body, fitted))),))

    def _softmax(self, argument: Value, tree: Call) -> Value:
        """exp(z)/Σ exp(z) over the units; of a matrix its last axis, where rows are samples."""
        if not argument.axes:
            raise UnreadableError("softmax of a number", *tree.span, "a vector")
        powers = self.defined(
            self.name("exponential"), argument.axes,
            (Term((), sp.exp(self.body(argument))),),
        )
        *samples, unit = argument.axes
        other = self.axis(extent(unit))
        term = Term((other,), powers.xreplace({unit: other}))
        total = self.defined(self.name("total"), tuple(samples), (term,))
        return Value(argument.axes, (Term((), powers / total),), argument.row)

    def partial(self, tree: Partial) -> Value:
        """The derivative of a quantity, the axes of what is derived first, then those of ``by``."""
        below = [t.of if isinstance(t, Transpose) and len(tree.by) > 1 else t for t in tree.by]
        found = [self.table.find(t) if isinstance(t, Quantity) else None for t in (tree.of, *below)]
        known = [each for each in found if each is not None]
        if len(known) < len(found) or len(found) > SECOND + 1:
            raise UnreadableError(
                "between arrays, a known quantity is derived once or twice by known ones", *tree.span,
                rf"\frac{{\partial {self.table.loss or 'E'}}}{{\partial W}}",
            )  # fmt: skip
        name = known[0][0]
        if name not in self.table.derived:
            raise UnreadableError(
                f"{name} has not been defined between arrays", *tree.span, "its formula first",
            )  # fmt: skip
        self._check_layout(tree, known)
        sizes = [self.table.shape(each) for each, _ in known]
        places = [i for (_, indices), size in zip(known, sizes, strict=True)
                  for i in indices or [WHOLE] * len(size)]
        shape = tuple(size for each in sizes for size in each)
        for by, _ in known[1:]:
            name = self.table.derived.get(name, {}).get(by, "")
        zero = any(by in self.table.zeros for by, _ in known)
        value = self.at(name, shape, places, tree, zero)
        return value if name else replace(value, terms=())

    def _check_layout(self, tree: Partial, known: Sequence[tuple[str, tuple[Tree, ...]]]) -> None:
        """Of two whole arrays, books put the one or the other in the rows."""
        whole = [name for name, indices in known if not indices and self.table.shape(name)]
        if len(whole) > 1 and not (whole[1:] == whole[:1] and len(known) > SECOND):
            raise UnreadableError(
                f"does a row of this belong to {whole[0]}, or to {whole[1]}?", *tree.span,
                r"indices, as in \frac{\partial p_i}{\partial z_j}",
            )  # fmt: skip

    def summation(self, tree: Summation) -> Value:
        """Over all of an axis."""
        sizes = {size for letter, size in self.extents(tree.body) if letter == tree.index}
        if tree.index is None or len(sizes) != 1:
            raise UnreadableError(
                f"the index {tree.index or ''} of this sum has {len(sizes)} ranges", *tree.span,
                f"an index that stands at one axis, or a line: index {tree.index or 'i'} 1..n",
            )  # fmt: skip
        (size,) = sizes
        self._check_range(tree, size)
        outer = self.letters.get(tree.index)
        self.letters[tree.index] = letter = self.axis(size)
        value = self.summed(self(tree.body), letter)
        del self.letters[tree.index]
        if outer is not None:
            self.letters[tree.index] = outer
        return value

    def _check_range(self, tree: Summation, size: Expr) -> None:
        for bound, expected in ((tree.low, sp.S.One), (tree.high, size)):
            if bound is not None and sp.Add(*(t.body for t in self(bound).terms)) != expected:
                raise UnreadableError(
                    f"the index runs from 1 to {size}", *bound.span, f"the whole of 1 to {size}"
                )

    def transpose(self, tree: Transpose) -> Value:
        """Axes exchanged; a vector lies down."""
        value = self(tree.of)
        return replace(value, axes=value.axes[::-1], row=len(value.axes) == 1 and not value.row)

    def component(self, tree: Component) -> Value:
        """An entry of an array expression."""
        value = self(tree.of)
        if len(value.axes) != len(tree.indices):
            raise UnreadableError(f"this has {len(value.axes)} axes", *tree.span)
        places, _ = self.places(tree.indices, value.shape, zero_outside=False)
        rule = dict(zip(value.axes, places, strict=True))
        return Value((), tuple(t.xreplace(rule) for t in value.terms))


_RULES: Mapping[type, Callable[..., Value]] = {
    Number: lambda arrays, tree: Value((), (Term((), Rational(tree.value)),)),
    Quantity: Arrays.quantity,
    Sum: Arrays.sum,
    Negation: lambda arrays, tree: arrays(tree.of).scaled(sp.S.NegativeOne),
    Product: Arrays.product,
    Quotient: Arrays.quotient,
    Power: Arrays.power,
    Call: Arrays.call,
    Partial: Arrays.partial,
    Summation: Arrays.summation,
    Transpose: Arrays.transpose,
    Component: Arrays.component,
    Cases: lambda arrays, tree: chosen(tree, arrays, arrays),
}
