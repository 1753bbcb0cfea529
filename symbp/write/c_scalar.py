"""A plan as straight-line C: every entry of every array is a number of its own."""

from __future__ import annotations

from collections.abc import Iterable

from symbp.core.names import ADJOINT
from symbp.core.optimizers import Update
from symbp.write.c_printer import KINDS, PRINTERS, CNames, CWriter, function, starts, steps
from symbp.write.plan import Block, Plan, adjoint, moved, shared_symbol, state_symbol


def arrays(plan: Plan) -> tuple[list[Block], list[Block]]:
    """What a scalar code's pointers point to: the parameters, and the inputs."""
    if not plan.is_scalar:
        return [*plan.parameters], [*plan.inputs]
    both = (("parameters", plan.parameters), ("inputs", plan.inputs))
    one, other = (
        [Block(name, (len(blocks),), tuple(s for b in blocks for s in b.symbols))] if blocks else []
        for name, blocks in both
    )
    return one, other


class ScalarC:
    """Straight-line code: every entry is a number of its own."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.kind = plan, KINDS[plan.dtype]
        self.parameters, self.inputs = arrays(plan)

    def _writer(self) -> CWriter:
        writer = CWriter(CNames(), PRINTERS[self.plan.dtype], kind=self.kind)
        for block in (*self.parameters, *self.inputs):
            writer.names(f"array {block.name}", block.name)
        return writer

    def _taken(self, writer: CWriter, blocks: Iterable[Block], kind: str) -> list[str]:
        return [
            f"{kind} {writer.name(s)} = {writer.names(f'array {b.name}')}[{n}];"
            for b in blocks for n, s in enumerate(b.symbols)
        ]  # fmt: skip

    def _arguments(self, writer: CWriter, *, mutable: bool) -> list[str]:
        own = self.kind if mutable else f"const {self.kind}"
        return [
            *(f"{own} *{writer.names(f'array {b.name}')}" for b in self.parameters),
            *(f"const {self.kind} *{writer.names(f'array {b.name}')}" for b in self.inputs),
        ]

    def sizes(self) -> list[str]:
        """Straight-line code needs no room."""
        return []

    def f(self) -> str:
        """The loss and its gradient."""
        writer = self._writer()
        taken = self._taken(writer, (*self.parameters, *self.inputs), f"const {self.kind}")
        for target, value in self.plan.assignments:
            writer.assign(target, value)
        gradients, stored = [], []
        for block in self.parameters:
            name = writer.names(f"gradient {block.name}", block.name + ADJOINT)
            gradients.append(f"{self.kind} *{name}")
            stored += [f"{name}[{n}] = {writer.name(adjoint(s))};" for n, s in enumerate(block.symbols)]
        arguments = [*self._arguments(writer, mutable=False), *gradients]
        body = [*taken, *writer.lines, *stored, f"return {writer.name(self.plan.loss)};"]
        return function(self.kind, "f", arguments, "The loss and its gradient.", body)

    def steps(self, update: Update) -> str:
        """One update, and n of them in one call."""
        writer, weights = self._writer(), [s for b in self.parameters for s in b.symbols]
        remembered = [
            *((shared_symbol(v), n) for n, v in enumerate(update.shared)),
            *((state_symbol(v, w), len(update.shared) + k * len(weights) + n)
              for k, v in enumerate(update.state) for n, w in enumerate(weights)),
        ]  # fmt: skip
        for v in update.shared:
            writer.names(shared_symbol(v).name, v.name)
        for v in update.state:
            for w in weights:
                writer.names(state_symbol(v, w).name, f"{v.name}_{w.name}")
        taken = self._taken(writer, self.parameters, self.kind)
        taken += self._taken(writer, self.inputs, f"const {self.kind}")
        taken += [f"{self.kind} {writer.name(s)} = state[{n}];" for s, n in remembered]
        lines, waiting = moved(self.plan.assignments, weights, update)
        late = {s for _, value in waiting for s in value.free_symbols}
        outer = [t for t, _ in lines if t in late or t == self.plan.loss]
        mutable = [*weights, *(s for s, _ in remembered), *outer]
        writer.declared = frozenset(map(writer.name, mutable))
        for target, value in lines:
            writer.assign(target, value)
        inside, writer.lines = writer.lines, []
        writer.temporaries.clear()
        for target, value in waiting:
            writer.assign(target, value)
        stored = [f"{writer.names(f'array {b.name}')}[{n}] = {writer.name(s)};"
                  for b in self.parameters for n, s in enumerate(b.symbols)]  # fmt: skip
        stored += [f"state[{n}] = {writer.name(s)};" for s, n in remembered]
        taken += [f"{self.kind} {writer.name(s)};" for s in outer]
        closing = [*writer.lines, *stored, f"return {writer.name(self.plan.loss)};"]
        arguments = [*self._arguments(writer, mutable=True), f"{self.kind} *state"]
        first = starts(update, len(remembered))
        return steps(self.kind, arguments, writer.names.fresh("n"), first, taken, inside, closing)
