"""A plan as nests of loops in C."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sympy as sp
from sympy import Dummy, Expr, Idx, Indexed

from symbp.core.equations import extent, name_of
from symbp.core.names import ADJOINT
from symbp.core.optimizers import Update
from symbp.write.c_printer import (
    KINDS,
    PRINTERS,
    CNames,
    CWriter,
    PlacePrinter,
    function,
    starts,
    steps,
)
from symbp.write.loops import Letters, Loops, Nest, Total
from symbp.write.numpy_printer import Names
from symbp.write.plan import Plan, shared_symbol


@dataclass
class LoopWriter(CWriter):
    """Writes the assignments of one nest: entries of arrays, letters and sizes beside symbols."""

    pointers: frozenset[str] = frozenset()

    def name(self, symbol: Expr) -> str:
        """A quantity as a number."""
        if isinstance(symbol, Indexed):
            return f"{self.names(name_of(symbol))}[{self.place(symbol)}]"
        if isinstance(symbol, Idx) or (symbol.is_integer and not isinstance(symbol, Dummy)):
            return f"({self.kind}){self.index(symbol)}"
        if symbol.name in self.pointers:
            return f"{self.names(symbol.name)}[0]"
        return super().name(symbol)

    def place(self, use: Indexed) -> str:
        """Where an entry lies in its array."""
        place, stride = sp.S.Zero, sp.S.One
        for at, size in zip(use.indices[::-1], use.base.shape[::-1], strict=True):
            place, stride = place + stride * at, stride * size
        return self.index(place)

    def index(self, place: sp.Basic) -> str:
        """A whole number, or a condition on some."""
        return str(PlacePrinter(self._whole).doprint(place))

    def _whole(self, symbol: Expr) -> str:
        if isinstance(symbol, Indexed):
            return f"{self.names(name_of(symbol))}[{self.place(symbol)}]"
        if isinstance(symbol, Idx):
            return letter_name(self.names, symbol)
        return self.names(f"size {symbol}", str(symbol))


def letter_name(names: Names, letter: Idx) -> str:
    """The variable of a loop."""
    return names(f"letter {letter} {extent(letter)}", str(letter.label))


class LoopC:
    """Nests of loops over arrays; intermediates lie one after another in ``work``."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.kind, self.names = plan, KINDS[plan.dtype], CNames()
        self.loops = Loops.of(plan)
        for name in (*(leaf.name for leaf in plan.leaves), *self.loops.arrays):
            self.names(name)
        for letter in self.loops.letters:
            letter_name(self.names, letter)
        self.open = [f"long {self.names(f'size {s}', str(s))}" for s in plan.program.sizes]
        self.gradients = [p.name + ADJOINT for p in plan.program.parameters]
        self.pointers = {leaf.name for leaf in plan.leaves if not plan.shapes[leaf.name]}

    def _writer(self) -> LoopWriter:
        names = CNames()
        names.given, names.taken = dict(self.names.given), set(self.names.taken)
        return LoopWriter(
            names, PRINTERS[self.plan.dtype], kind=self.kind, pointers=frozenset(self.pointers)
        )

    def _arguments(self, *, mutable: bool) -> list[str]:
        own = self.kind if mutable else f"const {self.kind}"
        kinds = {leaf.name: own for leaf in self.plan.program.parameters}
        kinds |= {leaf.name: f"const {self.kind}" for leaf in self.plan.program.inputs}
        kinds |= dict.fromkeys(self.plan.tables, "const long")
        return [f"{kinds[leaf.name]} *restrict {self.names(leaf.name)}" for leaf in self.plan.leaves]

    def _places(self, names: Iterable[str]) -> tuple[list[str], Expr]:
        """Each array's place in ``work``, and how long all of them are; scalars are locals."""
        lines, length, writer = [], sp.S.Zero, self._writer()
        for name in names:
            text, letters = self.names(name), self.loops.arrays[name]
            if letters or name in self.pointers:
                lines.append(f"{self.kind} *restrict {text} = work + {writer.index(length)};")
                length = sp.expand(length + sp.prod([extent(i) for i in letters]))
            else:
                lines.append(f"{self.kind} {text};")
        return lines, length

    def sizes(self) -> list[str]:
        """The function ``work_size``; without an update the gradients lie elsewhere."""
        names = self._intermediates if self.plan.update is None else self.loops.arrays
        body = [f"return {self._writer().index(self._places(names)[1])};"]
        return [function("long", "work_size", self.open or ["void"], "Numbers in work.", body)]

    @property
    def _intermediates(self) -> list[str]:
        return [name for name in self.loops.arrays if name not in self.gradients]

    def f(self) -> str:
        """The loss and its gradient."""
        self.pointers |= {g for g in self.gradients if not self.loops.arrays[g]}
        gradients = [f"{self.kind} *restrict {self.names(g)}" for g in self.gradients]
        arguments = [*self.open, *self._arguments(mutable=False), *gradients, f"{self.kind} *work"]
        lines = [line for nest in self.loops.nests for line in self._nest(nest)]
        opening = self._places(self._intermediates)[0]
        body = [*opening, *lines, f"return {self.names(self.plan.program.loss)};"]
        return function(self.kind, "f", arguments, "The loss and its gradient.", body)

    def steps(self, update: Update) -> str:
        """One update, and n of them in one call."""
        own = {(v, p.name): f"state {v.name} {p.name}"
               for v in update.state for p in self.plan.program.parameters}
        places, length = [], sp.S.Zero
        for v in update.shared:
            shared = shared_symbol(v).name
            self.pointers.add(shared)
            text = self.names(shared, v.name)
            places.append(f"{self.kind} *restrict {text} = state + {length};")
            length += 1
        writer = self._writer()
        for (v, leaf), name in own.items():
            text = self.names(name, f"{v.name}_{leaf}")
            places.append(f"{self.kind} *restrict {text} = state + {writer.index(length)};")
            length = sp.expand(length + sp.prod(self.plan.shapes[leaf]))
            if not self.plan.shapes[leaf]:
                self.pointers.add(name)
        nests = [*self.loops.nests, *self.loops.update(update, lambda v, name: own[v, name])]
        opening = [*places, *self._places(self.loops.arrays)[0]]
        lines = [line for nest in nests for line in self._nest(nest)]
        arguments = [*self.open, *self._arguments(mutable=True), f"{self.kind} *state",
                     f"{self.kind} *work"]  # fmt: skip
        closing = [f"return {self.names(self.plan.program.loss)};"]
        first = starts(update, length)
        return steps(self.kind, arguments, self.names.fresh("n"), first, opening, lines, closing)

    def _nest(self, nest: Nest) -> list[str]:
        writer = self._writer()
        lines = [line for total in nest.totals for line in self._total(total, writer)]
        for target, value in nest.assignments:
            text = writer.expression(value)
            writer.lines.append(f"{writer.name(target)} {'+=' if nest.adds else '='} {text};")
        lines += _guarded(nest.guard, writer.lines, writer)
        if nest.totals and not nest.letters:
            return ["{", *(f"    {line}" for line in lines), "}"]
        return _loops(nest.letters, lines, writer)

    def _total(self, total: Total, writer: LoopWriter) -> list[str]:
        name = writer.name(total.register)
        start = "0" if total.reducer == "sum" else "-INFINITY"
        inner = self._writer()
        text = inner.expression(total.body)
        if total.reducer == "sum":
            inner.lines.append(f"{name} += {text};")
        else:
            value = inner.names.fresh("t")
            inner.lines += [f"const {self.kind} {value} = {text};",
                            f"{name} = {value} > {name} ? {value} : {name};"]  # fmt: skip
        lines = _guarded(total.guard, inner.lines, inner)
        simd = f"#pragma omp simd reduction(+:{name})"
        simple = total.reducer == "sum" and total.letters and not total.guard
        return [f"{self.kind} {name} = {start};",
                *_loops(total.letters, lines, inner, simd if simple else "")]  # fmt: skip


def _loops(letters: Letters, lines: list[str], writer: LoopWriter, pragma: str = "") -> list[str]:
    """Lines inside loops, the last letter fastest."""
    for letter in reversed(letters):
        at = writer.index(letter)
        head = f"for (long {at} = 0; {at} < {writer.index(extent(letter))}; {at}++) {{"
        lines = [*([pragma] if pragma else []), head, *(f"    {line}" for line in lines), "}"]
        pragma = ""
    return lines


def _guarded(guard: Sequence[sp.Basic], lines: list[str], writer: LoopWriter) -> list[str]:
    if not guard:
        return lines
    condition = " && ".join(map(writer.index, guard))
    return [f"if ({condition}) {{", *(f"    {line}" for line in lines), "}"]
