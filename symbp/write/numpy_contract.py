"""One term of an equation on NumPy arrays: matrix products where it has any, else broadcasting.

A term ``Σ_K body`` at the letters I is a product of factors, each over some letters. A letter that
is summed and stands in one factor alone is summed there first; factors without a summed letter
wait until after the sum; two factors that remain are ``np.dot``, or ``np.matmul`` where they share
a letter that stays; anything else is ``np.einsum``, whose path NumPy plans.
"""

# SymPy dispatches on the names of a printer's methods.
# ruff: noqa: N802, N815

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import sympy as sp
from sympy import Expr, Idx, Indexed, KroneckerDelta

from symbp.core.equations import Term, extent, indices_of, letters_of, name_of
from symbp.write.numpy_printer import ArrayPrinter, Names

Letters = tuple[Idx, ...]


@dataclass(frozen=True)
class Factor:
    """The text of an array and the letters of its axes; ``atom`` where it needs no parentheses."""

    text: str
    axes: Letters
    atom: bool = True

    def to(self, letters: Sequence[Idx]) -> Factor:
        """The same with its axes in the order of ``letters``, which holds them all."""
        axes = tuple(i for i in letters if i in self.axes)
        if axes == self.axes:
            return self
        if len(axes) == 2:
            return Factor(f"{self.closed}.T", axes)
        order = ", ".join(str(self.axes.index(i)) for i in axes)
        return Factor(f"{self.closed}.transpose({order})", axes)

    def within(self, letters: Letters) -> str:
        """The same, to be broadcast to the axes ``letters``: ``b[:, None]``."""
        here = self.to(letters)
        missing = [i in here.axes for i in letters[letters.index(here.axes[0]) :]] if here.axes \
            else []
        if all(missing):
            return here.text
        return f"{here.closed}[{', '.join(':' if there else 'None' for there in missing)}]"

    @property
    def closed(self) -> str:
        """The text, in parentheses where an operator would take it apart."""
        return self.text if self.atom else f"({self.text})"


class Terms:
    """Writes terms; what its functions need is collected in ``functions``."""

    def __init__(self, names: Names, shapes: Callable[[str], tuple[Expr, ...]]) -> None:
        self.names = names
        self.shapes = shapes
        self.functions: dict[type, None] = {}

    def size(self, value: Expr) -> str:
        """A size: a number, or the name of a symbol."""
        return str(ArrayPrinter(lambda s: self.names(f"size {s}", str(s))).doprint(value))

    def elementwise(self, body: Expr, letters: Letters, *, guarded: bool = False) -> Factor:
        """A body at all values of some letters, by broadcasting; its axes are those it has."""
        axes = tuple(i for i in letters if i in letters_of(body))
        if isinstance(body, Indexed):
            return self.operand(body, guarded)

        def operand(use: Expr) -> str:
            if isinstance(use, Idx):
                return self._range(use, axes, "dtype")
            return self.operand(use, guarded).within(axes)

        printer = _Printer(operand, self, axes)
        return Factor(printer.doprint(body), axes, atom=body.is_Symbol or body.is_Function)

    def operand(self, use: Expr, guarded: bool = False) -> Factor:
        """One use of a quantity: the array itself, a slice of it, or a gather."""
        name, places = self.names(name_of(use)), indices_of(use)
        letters = tuple(i for i in places if isinstance(i, Idx))
        if len(set(letters)) == len(letters) and all(p.is_Integer or p in letters for p in places):
            if len(letters) == len(places):
                return Factor(name, letters)
            return Factor(f"{name}[{', '.join(_slice(p) for p in places)}]", letters)
        axes = tuple(sorted(letters_of(use), key=str))
        shape = self.shapes(name_of(use))
        parts = [self._place(p, s, axes, guarded) for p, s in zip(places, shape, strict=True)]
        return Factor(f"{name}[{', '.join(parts)}]", axes)

    def _place(self, place: Expr, size: Expr, axes: Letters, guarded: bool) -> str:
        text = self.index(place, axes)
        return f"np.clip({text}, 0, {self.size(size - 1)})" if guarded and place.args else text

    def index(self, place: Expr, axes: Letters) -> str:
        """An index expression as an integer array over some axes."""
        def operand(use: Expr) -> str:
            if isinstance(use, Idx):
                return self._range(use, axes)
            if isinstance(use, Indexed):
                return self.operand(use).within(axes)
            return self.names(f"size {use}", str(use))

        return str(ArrayPrinter(operand).doprint(place))

    def _range(self, letter: Idx, axes: Letters, dtype: str = "") -> str:
        kind = f", dtype={dtype}" if dtype else ""
        text = f"np.arange({self.size(extent(letter))}{kind})"
        return Factor(text, (letter,)).within(axes)

    def term(self, term: Term, letters: Letters) -> list[Factor]:
        """A term as factors to be multiplied; what is summed has been summed."""
        body, guards = term.body, [self._mask(g, (*letters, *term.indices)) for g in term.guard]
        if not term.indices and not guards:
            return [self.elementwise(body, letters)]
        number, rest = body.as_coeff_Mul()
        present = letters_of(body).union(*(letters_of(g) for g in term.guard))
        for absent in [i for i in term.indices if i not in present]:
            number *= extent(absent)
        summed = tuple(i for i in term.indices if i in present)
        order = (*letters, *summed)
        factors = [self._factor(f, order, bool(guards)) for f in sp.Mul.make_args(rest)]
        factors = [f for f in factors if f.text not in ("1", "1.0")]
        products = self.contracted([*factors, *guards], letters, summed)
        return products if number == 1 and products else [
            Factor(ArrayPrinter(lambda s: self.size(s)).doprint(number), (), number.is_Atom),
            *products,
        ]

    def _factor(self, body: Expr, order: Letters, guarded: bool) -> Factor:
        if isinstance(body, Indexed) or (body.is_Symbol and not body.is_integer):
            return self.operand(body, guarded)
        if isinstance(body, KroneckerDelta):
            axes = tuple(i for i in order if i in letters_of(body))
            one, other = (self.index(a, axes) for a in body.args)
            return Factor(f"({one} == {other}).astype(dtype)", axes)
        return self.elementwise(body, order, guarded=guarded)

    def _mask(self, guard: sp.Basic, order: Letters) -> Factor:
        axes = tuple(i for i in order if i in letters_of(guard))
        text = self.index(guard, axes)
        return Factor(f"({text}).astype(dtype)" if text[0] != "(" else f"{text}.astype(dtype)",
                      axes)

    def contracted(
        self, factors: Sequence[Factor], letters: Letters, summed: Letters
    ) -> list[Factor]:
        """``Σ_summed`` of a product, as factors over ``letters``."""
        outside = [f for f in factors if not set(f.axes) & {*summed}]
        inside = [f for f in factors if set(f.axes) & {*summed}]
        inside = self._merged(inside, (*letters, *summed))
        inside = [self._alone(f, [g for g in inside if g is not f], summed) for f in inside]
        left = tuple(i for i in summed if any(i in f.axes for f in inside))
        if not left:
            return [*outside, *inside]
        kept = tuple(i for i in letters if any(i in f.axes for f in inside))
        if len(inside) == 2:
            return [*outside, self._pair(inside[0], inside[1], kept, left)]
        return [*outside, self._einsum(inside, kept)]

    def _merged(self, factors: list[Factor], order: Letters) -> list[Factor]:
        """Factors over the same letters become one, as long as two are left."""
        merged: list[Factor] = []
        for factor in factors:
            same = [f for f in merged if set(f.axes) == set(factor.axes)]
            if same and len(factors) > 2:
                one = same[0].to(order)
                merged[merged.index(same[0])] = Factor(
                    f"{one.closed}*{factor.to(order).closed}", one.axes, atom=False
                )
            else:
                merged.append(factor)
        return merged

    def _alone(self, factor: Factor, others: Iterable[Factor], summed: Letters) -> Factor:
        """A factor with the letters summed that stand in no other."""
        shared = {i for other in others for i in other.axes}
        own = [n for n, i in enumerate(factor.axes) if i in summed and i not in shared]
        return reduced("np.sum", factor, own)

    def _pair(self, one: Factor, other: Factor, kept: Letters, summed: Letters) -> Factor:
        """Two factors: a matrix product in the order of the letters kept."""
        batch = [i for i in kept if i in one.axes and i in other.axes]
        if set(one.axes) == set(other.axes) == {*summed} and len(summed) > 1:
            return Factor(f"np.vdot({one.text}, {other.to(one.axes).text})", ())
        rows = [i for i in kept if i in one.axes and i not in batch]
        columns = [i for i in kept if i in other.axes and i not in batch]
        if len(summed) != 1 or len(rows) > 1 or len(columns) > 1:
            return self._einsum([one, other], kept)
        if batch and not (rows and columns):
            return self._einsum([one, other], kept)
        if [*batch, *rows, *columns] != [*kept]:
            if [*batch, *columns, *rows] != [*kept]:
                return self._einsum([one, other], kept)
            one, other, rows, columns = other, one, columns, rows
        left = one.to((*batch, *rows, *summed)).text
        right = other.to((*batch, *summed, *columns)).text
        return Factor(f"np.{'matmul' if batch else 'dot'}({left}, {right})", kept)

    def _einsum(self, factors: Iterable[Factor], kept: Letters) -> Factor:
        factors = list(factors)
        every = list(dict.fromkeys(i for f in factors for i in f.axes))
        letter = {i: chr(ord("a") + n) for n, i in enumerate(every)}
        sides = ",".join("".join(letter[i] for i in f.axes) for f in factors)
        target = "".join(letter[i] for i in kept)
        texts = ", ".join(f.text for f in factors)
        return Factor(f'np.einsum("{sides}->{target}", {texts}, optimize=True)', kept)


def reduced(function: str, factor: Factor, axes: Sequence[int]) -> Factor:
    """A factor with some axes summed, or whatever the function does to them."""
    if not axes:
        return factor
    kept = tuple(i for n, i in enumerate(factor.axes) if n not in axes)
    over = str(axes[0]) if len(axes) == 1 else str(tuple(axes))
    return Factor(f"{function}({factor.text}, {over})" if kept else f"{function}({factor.text})",
                  kept)


def _slice(place: Expr) -> str:
    return str(place) if place.is_Integer else ":"


class _Printer(ArrayPrinter):
    """Prints bodies: a function of the table is a function of the source."""

    def __init__(self, operand: Callable[[Expr], str], terms: Terms, axes: Letters) -> None:
        super().__init__(operand)
        self.terms, self.axes = terms, axes

    def _print_Symbol(self, expr: Expr) -> str:
        if expr.is_integer and not isinstance(expr, (Idx, Indexed)):
            return self.terms.size(expr)
        return self.operand(expr)

    _print_Indexed = _print_Idx = _print_Symbol

    def _print_KroneckerDelta(self, expr: Expr) -> str:
        one, other = (self.terms.index(a, self.axes) for a in expr.args)
        return f"({one} == {other})"

    def _print_Function(self, expr: Expr) -> str:
        if type(expr) in self.functions:
            return super()._print_Function(expr)
        self.terms.functions.setdefault(type(expr))
        return f"{self.terms.names(type(expr).__name__)}({self._print(expr.args[0])})"
