"""Scalar code as Python functions: what stands around the assignments.

Of a scalar program the functions take and return Python floats; of an index program that is small
enough for scalar code they take arrays, whose entries are unpacked once and packed once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from textwrap import indent

from sympy import Expr, Float, Symbol

from symbp.core.optimizers import Update
from symbp.write.numpy_printer import MATH, ArrayPrinter, FloatPrinter, Names
from symbp.write.numpy_scalar import Writer
from symbp.write.plan import Assignment, Block, adjoint, moved, shared_symbol, state_symbol


@dataclass(frozen=True)
class ScalarCode:
    """A program's assignments, forward and backward, and what the functions around them take."""

    loss: Symbol
    assignments: tuple[Assignment, ...]
    parameters: tuple[Block, ...]
    inputs: tuple[Block, ...]
    arrays: bool
    dtype: str = "float64"

    @cached_property
    def weights(self) -> tuple[Symbol, ...]:
        """The entries of the parameters."""
        return tuple(s for block in self.parameters for s in block.symbols)

    def function(self) -> str:
        """The source of ``f(*parameters, *inputs) -> (loss, *gradients)``."""
        return self._module(self._function())

    def whole(self, update: Update | None) -> str:
        """The source of all of it in one module."""
        parts = [] if update is None else self._steps(update)
        others = [] if self.arrays else [self._broadcast("broadcast")]
        return self._module(*parts[:1], *others, self._function(), *parts[1:])

    def _function(self) -> str:
        frame = _Frame(self, FloatPrinter)
        opening = frame.unpacked(strict=False) if self.arrays else frame.dispatch()
        frame.assign(self.assignments)
        returned = [frame.writer.name(self.loss)]
        for block in self.parameters:
            entries = [frame.writer.name(adjoint(s)) for s in block.symbols]
            nested = _nested(entries, block.shape)
            returned.append(f"np.array({nested}, dtype)" if self.arrays else nested)
        body = [*opening, *frame.writer.lines, f"return {', '.join(returned)}"]
        return _def("f", frame.arguments, "The loss and its gradient.", body)

    def broadcast(self) -> str:
        """The source of a scalar program's function on arrays that broadcast together."""
        return self._module(self._broadcast("f"))

    def _broadcast(self, name: str) -> str:
        frame = _Frame(self, ArrayPrinter)
        frame.assign(self.assignments)
        returned = map(frame.writer.name, (self.loss, *map(adjoint, self.weights)))
        body = [*frame.writer.lines, f"return {', '.join(returned)}"]
        return _def(name, frame.arguments, "The same for each element.", body)

    def step(self, update: Update) -> str:
        """The source of ``step`` and ``loop``, which update the parameters."""
        return self._module(*self._steps(update))

    def _steps(self, update: Update) -> list[str]:
        frame = _Frame(self, FloatPrinter)
        opening = [*frame.checks(), *frame.unpacked(strict=True), *frame.states(update)]
        lines, last = frame.update(update)
        returned = [frame.writer.name(self.loss), *(frame.argument[b] for b in self.parameters)]
        closing = [*frame.packed(update), f"return {', '.join(returned)}"]
        count, each = frame.writer.names.fresh("n"), frame.writer.names.fresh("k")
        fused = [f"for {each} in range({count}):", *(f"    {line}" for line in lines)]
        return [
            "\n".join([*frame.packers(), *frame.state(update)]),
            _def("step", frame.arguments, "One update; the loss before it.",
                 [*opening, *lines, *last, *closing]),
            _def("loop", [count, *frame.arguments], f"{count} updates; the loss before the last.",
                 [*opening, *fused, *last, *closing]),
        ]

    def _module(self, *parts: str) -> str:
        parts = tuple(part for part in parts if part)
        text = "\n\n\n".join(parts)
        used = [name for name in sorted({*MATH.values(), "sqrt"} - {"abs"}) if f"{name}(" in text]
        standard = [f"from math import {', '.join(used)}"] if used else []
        standard += ["from struct import Struct"] if "Struct(" in text else []
        numpy = ["import numpy as np"] if self.arrays or "np." in text else []
        dtype = [f"dtype = np.dtype(np.{self.dtype})"] if self.arrays else []
        head = "\n\n".join("\n".join(lines) for lines in (standard, numpy, dtype) if lines)
        return f"{head}\n\n\n{text}\n" if head else f"{text}\n"


class _Frame:
    """The names of one source, and the lines that take its arguments apart."""

    def __init__(self, code: ScalarCode, printer: type[FloatPrinter]) -> None:
        self.code = code
        names = Names()
        # An array first: of the array d and its only entry d, the array keeps the name.
        key = "array {}" if code.arrays else "{}"
        blocks = (*code.parameters, *code.inputs)
        self.argument = {block: names(key.format(block.name), block.name) for block in blocks}
        self.writer = Writer(names, printer)

    @property
    def arguments(self) -> list[str]:
        """The arguments of the function, parameters first."""
        return list(self.argument.values())

    def assign(self, assignments: Iterable[Assignment]) -> None:
        """Write assignments."""
        for target, value in assignments:
            self.writer.assign(target, Float(value) if value.is_number else value)

    def dispatch(self) -> list[str]:
        """Arrays go to the function that broadcasts them."""
        return [f"if isinstance({' + '.join(self.arguments)}, np.ndarray):",
                f"    return broadcast({', '.join(self.arguments)})"]

    def unpacked(self, *, strict: bool) -> list[str]:
        """``(w11, w12), (w21, w22) = W.tolist()``: a wrong shape is an error here."""
        if not self.code.arrays:
            return []
        return [
            self._taken(block, name if strict else f"np.asarray({name})", block.symbols)
            for block, name in self.argument.items()
        ]

    def _taken(self, block: Block, array: str, symbols: Sequence[Expr]) -> str:
        entries = [self.writer.name(s) for s in symbols]
        return f"{_nested(entries, block.shape)} = {array}.tolist()"

    def checks(self) -> list[str]:
        """What is updated in place must be able to hold the result."""
        names = [self.argument[block] for block in self.code.parameters]
        if not self.code.arrays or not names:
            return []
        same = " is ".join(f"{name}.dtype" for name in names)
        return [f"if not {same} is dtype:",
                f'    raise TypeError("{", ".join(names)}: {self.code.dtype} arrays are accepted, '
                'for they are updated in place")']

    def states(self, update: Update) -> list[str]:
        """The optimizer's state, taken apart: floats, or arrays shaped as the parameters."""
        lines = [f"({self.writer.name(shared_symbol(v))},) = {self._list(v)}" for v in update.shared]
        for variable in update.state:
            names, own = self._state(variable)
            lines.append(f"({', '.join(names)},) = {self._list(variable)}")
            if self.code.arrays:
                for block, name in zip(self.code.parameters, names, strict=True):
                    lines.append(self._taken(block, name, own[block]))
        return lines

    def packed(self, update: Update) -> list[str]:
        """The parameters and the state written back."""
        lines = [f"{self._list(v)}[0] = {self.writer.name(shared_symbol(v))}" for v in update.shared]
        if not self.code.arrays:
            items = ((v, ", ".join(self._state(v)[0])) for v in update.state)
            return [*lines, *(f"{self._list(v)}[:] = {names}" for v, names in items)]
        lines += [self._packed(b, self.argument[b], b.symbols) for b in self.code.parameters]
        for variable in update.state:
            names, own = self._state(variable)
            for block, name in zip(self.code.parameters, names, strict=True):
                lines.append(self._packed(block, name, own[block]))
        return lines

    def _packed(self, block: Block, array: str, symbols: Sequence[Expr]) -> str:
        entries = ", ".join(map(self.writer.name, symbols))
        return f"{self._packer(block)}({array}, 0, {entries})"

    def state(self, update: Update) -> list[str]:
        """What the optimizer remembers, zero at first."""
        zeros = [
            f"np.zeros({block.shape}, dtype)" if self.code.arrays else "0.0"
            for block in self.code.parameters
        ]
        lists = [f"{self._list(v)} = [{', '.join(zeros)}]" for v in update.state]
        lists += [f"{self._list(v)} = [{float(s.start)!r}]" for v, s in update.shared.items()]
        both = (*update.state, *update.shared)
        names = ", ".join(f"{v.name!r}: {self._list(v)}" for v in both)
        return [*lists, f"state = {{{names}}}"]

    def packers(self) -> list[str]:
        """What writes all entries of an array at once."""
        if not self.code.arrays:
            return []
        letter = {"float64": "d", "float32": "f"}[self.code.dtype]
        return [
            f'{self._packer(block)} = Struct("{len(block.symbols)}{letter}").pack_into'
            for block in self.code.parameters
        ]

    def _packer(self, block: Block) -> str:
        return self.writer.names(f"pack {block.name}", f"pack_{block.name}")

    def _list(self, variable: Symbol) -> str:
        return self.writer.names(f"state {variable.name}", variable.name)

    def _state(self, variable: Symbol) -> tuple[list[str], dict[Block, list[Symbol]]]:
        """The names of a state variable's items, and the symbols of each block's entries."""
        own = {
            block: [self._of(variable, w) for w in block.symbols]
            for block in self.code.parameters
        }
        if not self.code.arrays:
            return [self.writer.name(s) for symbols in own.values() for s in symbols], own
        return [
            self.writer.names(f"state array {variable.name} {b.name}", f"{variable.name}_{b.name}")
            for b in self.code.parameters
        ], own

    def _of(self, variable: Symbol, weight: Symbol) -> Symbol:
        symbol = state_symbol(variable, weight)
        self.writer.names(symbol.name, f"{variable.name}_{weight.name}")
        return symbol

    def update(self, update: Update) -> tuple[list[str], list[str]]:
        """The lines of one update, and those of the loss, which may wait until after a loop."""
        lines, waiting = moved(self.code.assignments, self.code.weights, update)
        self.assign(lines)
        count = len(self.writer.lines)
        self.assign(waiting)
        return self.writer.lines[:count], self.writer.lines[count:]


def moving_source(
    assignments: Sequence[Assignment], loss: Symbol, moves: Mapping[Symbol, Expr],
    inputs: Sequence[Symbol],
) -> str:
    """The source of a step that is given as equations: what each quantity becomes.

    ``step(*old, *inputs) -> (loss, *new)``, in the order of ``moves``.
    """
    code = ScalarCode(loss, tuple(assignments), (), (), arrays=False)
    frame = _Frame(code, FloatPrinter)
    arguments = [frame.writer.name(s) for s in (*moves, *inputs)]
    frame.assign(assignments)
    returned = [frame.writer.name(loss), *map(frame.writer.expression, moves.values())]
    body = [*frame.writer.lines, f"return {', '.join(returned)}"]
    return code._module(_def("step", arguments, "The loss, and what each quantity becomes.", body))


def _nested(entries: Sequence[str], shape: tuple[int, ...]) -> str:
    """Entries, row-major, as nested tuples: ``((a, b), (c, d))``."""
    if not shape:
        return entries[0]
    size = len(entries) // shape[0]
    rows = [_nested(entries[n * size : (n + 1) * size], shape[1:]) for n in range(shape[0])]
    return f"({', '.join(rows)}{',' if len(rows) == 1 else ''})"


def _def(name: str, arguments: Iterable[str], text: str, body: Iterable[str]) -> str:
    lines = indent("\n".join((f'"""{text}"""', *body)), "    ")
    return f"def {name}({', '.join(arguments)}):\n{lines}"
