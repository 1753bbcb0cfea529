"""A plan as nests of loops over arrays; the intermediates lie one after another in ``work``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast

import sympy as sp
from sympy import Dummy, Expr, Idx, Indexed, Symbol

from symbp.core.equations import extent, indices_of, name_of
from symbp.core.names import ADJOINT
from symbp.core.optimizers import Update
from symbp.write.language import Language, LanguageWriter, starts
from symbp.write.loops import Letters, Loops, Nest, Product, Stage, Total
from symbp.write.numpy_printer import Names
from symbp.write.plan import Plan, shared_symbol


@dataclass
class NestWriter(LanguageWriter):
    """Writes the assignments of one nest: entries of arrays, letters and sizes beside symbols."""

    places: frozenset[str] = frozenset()
    """The scalars that lie in an array."""

    def name(self, symbol: Expr) -> str:
        """A quantity as a number."""
        if isinstance(symbol, Idx) or (symbol.is_integer and not isinstance(symbol, Indexed | Dummy)):
            return self.language.number(self.index(symbol))
        if isinstance(symbol, Indexed):
            return self._entry(symbol)
        if symbol.name in self.places:
            return self.language.entry(self.names(symbol.name), (), (), self.index)
        return super().name(symbol)

    def index(self, place: sp.Basic) -> str:
        """A whole number, or a condition on some."""
        return str(self.language.places(self._whole).doprint(place))

    def _entry(self, use: Indexed) -> str:
        return self.language.entry(self.names(name_of(use)), use.indices, use.base.shape, self.index)

    def _whole(self, symbol: Expr) -> str:
        if isinstance(symbol, Indexed):
            return self._entry(symbol)
        if isinstance(symbol, Idx):
            return letter_name(self.names, symbol)
        return self.names(f"size {symbol}", str(symbol))


def letter_name(names: Names, letter: Idx) -> str:
    """The variable of a loop."""
    return names(f"letter {letter} {extent(letter)}", str(letter.label))


class Nests:
    """The functions of a plan in a language."""

    def __init__(self, plan: Plan, language: Language) -> None:
        self.plan, self.language, self.names = plan, language, language.names()
        self.loops = Loops.of(plan, products=bool(language.product))
        for name in (*(leaf.name for leaf in plan.leaves), *self.loops.arrays):
            self.names(name)
        for letter in self.loops.letters:
            letter_name(self.names, letter)
        self.open = [language.argument(self.names(f"size {s}", str(s)), "size")
                     for s in plan.program.sizes]  # fmt: skip
        self.gradients = [p.name + ADJOINT for p in plan.program.parameters]
        self.places = {leaf.name for leaf in plan.leaves if not plan.shapes[leaf.name]}

    def _writer(self) -> NestWriter:
        names = self.language.names()
        names.given, names.taken = dict(self.names.given), set(self.names.taken)
        return NestWriter(names, self.language.numbers, language=self.language,
                          places=frozenset(self.places))  # fmt: skip

    def _arguments(self, *, mutable: bool) -> list[str]:
        own = {p.name for p in self.plan.program.parameters}
        return [
            self.language.argument(
                self.names(leaf.name), "table" if leaf.name in self.plan.tables else "real",
                mutable=mutable and leaf.name in own,
            )
            for leaf in self.plan.leaves
        ]  # fmt: skip

    def _views(
        self, source: str, arrays: Iterable[tuple[str, Sequence[Expr]]]
    ) -> tuple[list[str], Expr]:
        """Arrays one after another in a longer one, and how long all are."""
        lines, length, writer = [], sp.S.Zero, self._writer()
        for name, shape in arrays:
            end = sp.expand(length + sp.prod(shape))
            ends = writer.index(length), writer.index(end)
            lines.append(self.language.view(name, source, *ends, [*map(writer.index, shape)]))
            length = end
        return lines, length

    def _intermediates(self, *, gradients: bool) -> tuple[list[str], Expr]:
        """Views of ``work``; a scalar is a local."""
        names = [name for name in self.loops.arrays if gradients or name not in self.gradients]
        shapes = {name: [*map(extent, self.loops.arrays[name])] for name in names}
        views = ((self.names(n), shape) for n, shape in shapes.items() if shape or n in self.places)
        lines, length = self._views("work", views)
        locals_ = [n for n, shape in shapes.items() if not shape and n not in self.places]
        return [*lines, *(t for n in locals_ for t in self.language.variable(self.names(n)))], length

    @property
    def length(self) -> Expr:
        """How many numbers ``work`` holds; without an update the gradients lie elsewhere."""
        return self._intermediates(gradients=self.plan.update is not None)[1]

    def sizes(self) -> list[str]:
        """The function ``work_size``."""
        body = [self.language.returned(self._writer().index(self.length))]
        return [self.language.function("work_size", self.open, "Numbers in work.", body, whole=True)]

    def f(self, name: str) -> str:
        """The loss and its gradient."""
        before = self.places
        self.places = before | {g for g in self.gradients if not self.loops.arrays[g]}
        arguments = [*self.open, *self._arguments(mutable=False)]
        arguments += [self.language.argument(self.names(g), mutable=True) for g in self.gradients]
        arguments.append(self.language.argument("work", mutable=True))
        lines = [line for nest in self.loops.nests for line in self._nest(nest)]
        opening, _ = self._intermediates(gradients=False)
        self.places = before
        body = [*opening, *lines, self._loss]
        return self.language.function(name, arguments, "The loss and its gradient.", body)

    @property
    def _loss(self) -> str:
        return self.language.returned(self.names(self.plan.program.loss))

    def steps(self, update: Update) -> str:
        """One update, and n of them in one call."""
        shared = [(shared_symbol(v).name, v.name, ()) for v in update.shared]
        own = [(_state(v, p.name), f"{v.name}_{p.name}", self.plan.shapes[p.name])
               for v in update.state for p in self.plan.program.parameters]  # fmt: skip
        self.places |= {name for name, _, shape in (*shared, *own) if not shape}
        arrays = [(self.names(name, like), shape) for name, like, shape in (*shared, *own)]
        views, length = self._views("state", cast(list[tuple[str, Sequence[Expr]]], arrays))
        nests = self.loops.with_update(update, _state)
        opening = [*views, *self._intermediates(gradients=True)[0]]
        lines = [line for nest in nests for line in self._nest(nest)]
        arguments = [*self.open, *self._arguments(mutable=True),
                     *(self.language.argument(n, mutable=True) for n in ("state", "work"))]  # fmt: skip
        return self.language.steps(arguments, self.names.fresh("n"), starts(update, length), opening,
                                   lines, [self._loss])  # fmt: skip

    def _nest(self, nest: Nest | Product) -> list[str]:
        if isinstance(nest, Product):
            return [self._product(nest)]
        writer = self._writer()
        lines = [line for stage in nest.stages for line in self._stage(stage, nest, writer)]
        lines = self._guarded(nest.guard, lines, writer)
        if not nest.letters and any(stage.totals for stage in nest.stages):
            return self.language.scope(lines)
        return self._loops(nest.letters, lines, writer)

    def _stage(self, stage: Stage, nest: Nest, writer: NestWriter) -> list[str]:
        lines = [line for total in stage.totals for line in self._total(total, writer)]
        writer.lines = []
        for target, value in stage.assignments:
            text = writer.expression(value)
            sign = "+=" if nest.adds else "="
            writer.lines.append(self.language.store(writer.name(target), text, sign))
            writer.temporaries = {v: t for v, t in writer.temporaries.items() if not v.has(target)}
        return [*lines, *writer.lines]

    def _total(self, total: Total, writer: NestWriter) -> list[str]:
        name, adds = writer.name(total.register), total.reducer == "sum"
        inner = self._writer()
        inner.names.given, inner.names.taken = dict(writer.names.given), set(writer.names.taken)
        text = inner.expression(total.body)
        if adds:
            inner.lines.append(self.language.store(name, text, "+="))
        else:
            value = Dummy("t", real=True)
            inner.lines.append(self.language.constant(inner.name(value), text))
            greater = inner.expression(sp.Max(value, total.register, evaluate=False))
            inner.lines.append(self.language.store(name, greater))
        lines = self._guarded(total.guard, inner.lines, inner)
        start = inner.expression(sp.S.Zero) if adds else self.language.least
        alone = name if adds and not total.guard else ""
        return [*self.language.variable(name, start), *self._loops(total.letters, lines, inner, alone)]

    def _loops(
        self, letters: Letters, lines: list[str], writer: NestWriter, total: str = ""
    ) -> list[str]:
        """Lines inside loops, the last letter fastest."""
        for letter in reversed(letters):
            at, count = writer.index(letter), writer.index(extent(letter))
            lines, total = self.language.loop(at, count, lines, total), ""
        return lines

    def _guarded(
        self, guard: Sequence[sp.Basic], lines: list[str], writer: NestWriter
    ) -> list[str]:
        return self.language.guarded([*map(writer.index, guard)], lines) if guard else lines

    def _product(self, nest: Product) -> str:
        """``target[i,j] = Σ_k left·right``, the axes turned so that k is inside."""
        rows = [i for i in indices_of(nest.left) if i != nest.summed]
        columns = [i for i in indices_of(nest.right) if i != nest.summed]
        left = _turned(self.names(name_of(nest.left)), nest.left, (*rows, nest.summed))
        right = _turned(self.names(name_of(nest.right)), nest.right, (nest.summed, *columns))
        target = self.names(name_of(nest.target))
        return self.language.product.format(target=target, left=left, right=right)


def _turned(name: str, use: Indexed, letters: Letters) -> str:
    return name if tuple(use.indices) == letters else f"{name}.T"


def _state(variable: Symbol, leaf: str) -> str:
    """The name of what the optimizer remembers of a parameter."""
    return f"state {variable.name} {leaf}"
