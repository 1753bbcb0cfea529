"""A plan as straight-line code: every entry of every array is a number of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product

import sympy as sp
from sympy import Expr, Symbol

from symbp.core.names import ADJOINT
from symbp.core.optimizers import Update
from symbp.write.language import Language, LanguageWriter, starts
from symbp.write.plan import Block, Plan, adjoint, moved, shared_symbol, state_symbol


def blocks(plan: Plan) -> tuple[list[Block], list[Block]]:
    """The arrays that straight-line code takes: of a scalar program one for all parameters, and
    one for all inputs."""
    if not plan.is_scalar:
        return [*plan.parameters], [*plan.inputs]
    both = (("parameters", plan.parameters), ("inputs", plan.inputs))
    one, other = (
        [Block(name, (len(own),), tuple(s for b in own for s in b.symbols))] if own else []
        for name, own in both
    )
    return one, other


class Straight:
    """The functions of a small plan in a language."""

    def __init__(self, plan: Plan, language: Language) -> None:
        self.plan, self.language = plan, language
        self.parameters, self.inputs = blocks(plan)

    def _writer(self) -> LanguageWriter:
        names = self.language.names()
        for block in (*self.parameters, *self.inputs):
            names(f"array {block.name}", block.name)
        return LanguageWriter(names, self.language.numbers, language=self.language)

    def _entries(self, block: Block, name: str) -> Iterator[tuple[Symbol, str]]:
        """The symbol and the place of each entry of an array."""
        shape = [*map(sp.Integer, block.shape)]
        for symbol, at in zip(block.symbols, product(*map(range, block.shape)), strict=True):
            yield symbol, self.language.entry(name, [*map(sp.Integer, at)], shape, str)

    def _taken(self, writer: LanguageWriter, own: Iterable[Block], *, mutable: bool) -> list[str]:
        return [
            line for block in own
            for symbol, place in self._entries(block, writer.names(f"array {block.name}"))
            for line in (self.language.variable(writer.name(symbol), place) if mutable
                         else [self.language.constant(writer.name(symbol), place)])
        ]  # fmt: skip

    def _arguments(self, writer: LanguageWriter, *, mutable: bool) -> list[str]:
        return [
            self.language.argument(writer.names(f"array {b.name}"), mutable=own and mutable)
            for own, part in ((True, self.parameters), (False, self.inputs)) for b in part
        ]

    @property
    def length(self) -> Expr | None:
        """Straight-line code needs no room."""
        return None

    def sizes(self) -> list[str]:
        """Straight-line code needs no room."""
        return []

    def f(self, name: str) -> str:
        """The loss and its gradient."""
        writer = self._writer()
        opening = self._taken(writer, (*self.parameters, *self.inputs), mutable=False)
        for target, value in self.plan.assignments:
            writer.assign(target, value)
        arguments, stored = self._arguments(writer, mutable=False), []
        for block in self.parameters:
            own = writer.names(f"gradient {block.name}", block.name + ADJOINT)
            arguments.append(self.language.argument(own, mutable=True))
            stored += [self.language.store(place, writer.name(adjoint(symbol)))
                       for symbol, place in self._entries(block, own)]  # fmt: skip
        body = [*opening, *writer.lines, *stored,
                self.language.returned(writer.name(self.plan.loss))]  # fmt: skip
        return self.language.function(name, arguments, "The loss and its gradient.", body)

    def steps(self, update: Update) -> str:
        """One update, and n of them in one call."""
        writer, language = self._writer(), self.language
        weights = [s for b in self.parameters for s in b.symbols]
        remembered = list(self._remembered(writer, update, weights))
        opening = self._taken(writer, self.parameters, mutable=True)
        opening += self._taken(writer, self.inputs, mutable=False)
        for symbol, place in remembered:
            opening += language.variable(writer.name(symbol), place)
        lines, waiting = moved(self.plan.assignments, weights, update)
        late = {s for _, value in waiting for s in value.free_symbols}
        outer = [t for t, _ in lines if t in late or t == self.plan.loss]
        opening += [line for s in outer for line in language.variable(writer.name(s))]
        changing = [*weights, *(s for s, _ in remembered), *outer]
        writer.declared = frozenset(map(writer.name, changing))
        for target, value in lines:
            writer.assign(target, value)
        inside, writer.lines = writer.lines, []
        writer.temporaries.clear()
        for target, value in waiting:
            writer.assign(target, value)
        stored = [language.store(place, writer.name(symbol)) for block in self.parameters
                  for symbol, place in self._entries(block, writer.names(f"array {block.name}"))]
        stored += [language.store(place, writer.name(s)) for s, place in remembered]
        closing = [*writer.lines, *stored, language.returned(writer.name(self.plan.loss))]
        arguments = [*self._arguments(writer, mutable=True), language.argument("state", mutable=True)]
        return language.steps(arguments, writer.names.fresh("n"), starts(update, len(remembered)),
                              opening, inside, closing)  # fmt: skip

    def _remembered(
        self, writer: LanguageWriter, update: Update, weights: list[Symbol]
    ) -> Iterator[tuple[Symbol, str]]:
        """What the optimizer remembers, and where."""
        named = [(shared_symbol(v), v.name) for v in update.shared]
        named += [(state_symbol(v, w), f"{v.name}_{w.name}") for v in update.state for w in weights]
        for n, (symbol, like) in enumerate(named):
            writer.names(symbol.name, like)
            yield symbol, f"state[{n}]"
