"""What every target prints: the lines of a program in order, in stable form, and the update.

A plan is a program's derivation with the lines that nothing reads left out, the forms that keep
all digits, and a learning rate folded into the adjoints next to the loss. A target is a printer of
a plan: of its lines in index notation, or of its assignments, one for each entry of each line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any, Protocol

import sympy as sp
from sympy import Expr, Indexed, KroneckerDelta, Symbol

from symbp.core.chain import derive
from symbp.core.equations import Equation, Leaf, Term, extent
from symbp.core.names import ADJOINT
from symbp.core.optimizers import G, Optimizer, Update, W
from symbp.core.program import Program
from symbp.core.scalars import Entries
from symbp.write.numpy_stable import Line, folded, scaled, stable_lines, written_out

MOST_OPERATIONS = 400
"""Up to this many scalar products and functions a step, scalar code is the faster one."""
DTYPES = ("float64", "float32")
TOLERANCES = {"float64": (1e-5, 1e-6), "float32": (1e-2, 2e-2)}
"""The step of a self-test's central differences, and how far the gradient may be from them."""
Assignment = tuple[Expr, Expr]
"""A symbol and its value."""


class TargetError(RuntimeError):
    """A target that this machine cannot compile for; the message says what it needs."""


class Function(Protocol):
    """``f(*parameters, *inputs) -> (loss, *gradients)``."""

    source: str

    def __call__(self, *arguments: Any) -> tuple[Any, ...]:
        """The loss and its gradients by the parameters, in their order."""


class Step(Protocol):
    """``step(*parameters, *inputs) -> (loss, *parameters)``, in place on arrays."""

    source: str
    state: Mapping[str, list[Any]]
    loop: Callable[..., tuple[Any, ...]]

    def __call__(self, *arguments: Any) -> tuple[Any, ...]:
        """One update; the loss before it and the parameters after it."""


@dataclass(frozen=True)
class Block:
    """A leaf of the program: its name, its shape, and the symbols of its entries."""

    name: str
    shape: tuple[int, ...]
    symbols: tuple[Symbol, ...]


@dataclass(frozen=True)
class Plan:
    """The lines to compute, in order, and what a step does with the gradient."""

    program: Program
    lines: tuple[Line, ...]
    update: Update | None
    dtype: str

    @classmethod
    def of(
        cls, program: Program, update: Optimizer | Update | None = None, dtype: str = "float64",
        *, fold: bool = True, wrt: Iterable[str] | None = None,
    ) -> Plan:  # fmt: skip
        """The plan of a program. Raises ValueError for a dtype that is not there.

        Where the same lines are to give the gradient as well, ``fold`` is False: no learning rate
        is in them. ``wrt`` are the leaves whose adjoints are wanted; all parameters by default.
        """
        if dtype not in DTYPES:
            raise ValueError(f"dtype {dtype!r}: {' or '.join(DTYPES)} is accepted")
        lines = stable_lines(derive(program, wrt).with_lemmas())
        rule = update if update is None or isinstance(update, Update) else update.update()
        if rule is not None and fold:
            factor, rule = folded(rule)
            lines = scaled(lines, factor)
        return cls(program, lines, rule, dtype)

    @cached_property
    def leaves(self) -> tuple[Leaf, ...]:
        """The parameters, then the inputs."""
        return (*self.program.parameters, *self.program.inputs)

    @cached_property
    def shapes(self) -> Mapping[str, tuple[Expr, ...]]:
        """From a name to its shape, that of every line included."""
        lines = {line.name: tuple(map(extent, line.equation.indices)) for line in self.lines}
        return {**self.program.shapes, **lines}

    @cached_property
    def is_scalar(self) -> bool:
        """Whether every quantity of the program is one number."""
        return is_scalar(self.program)

    @cached_property
    def tables(self) -> frozenset[str]:
        """The inputs that stand inside an index: arrays of whole numbers."""
        places = (p for line in self.lines for t in line.equation.terms for p in _places(t))
        return frozenset(str(a.base.label) for place in places for a in place.atoms(Indexed))

    @cached_property
    def is_small(self) -> bool:
        """Whether scalar code is the faster one; a symbolic size or an index that is data is not."""
        if self.is_scalar:
            return True
        if self.program.sizes or self.tables:
            return False
        return sum(_operations(line.equation) for line in self.lines) <= MOST_OPERATIONS

    @cached_property
    def entries(self) -> Entries:
        """The names of all entries."""
        return Entries.of(self.shapes)

    @cached_property
    def loss(self) -> Symbol:
        """The symbol of the loss among the assignments."""
        return self.entries.symbol(self.program.loss, ())

    @cached_property
    def assignments(self) -> tuple[Assignment, ...]:
        """The lines written out, one assignment for each entry."""
        return tuple(written_out(self.lines, self.entries))

    @cached_property
    def parameters(self) -> tuple[Block, ...]:
        """The parameters with their entries."""
        return self._blocks(self.program.parameters)

    @cached_property
    def inputs(self) -> tuple[Block, ...]:
        """The inputs with their entries."""
        return self._blocks(self.program.inputs)

    def _blocks(self, leaves: Iterable[Leaf]) -> tuple[Block, ...]:
        entries = self.entries
        return tuple(
            Block(leaf.name, entries.shapes[leaf.name], entries.all(leaf.name)) for leaf in leaves
        )


def equations(program: Program, made_by: str, mark: str) -> list[str]:
    """The program and its derivation as comments of a module that stands alone.

    Raises ValueError where a size is open.
    """
    if program.sizes:
        raise ValueError(f"the size {program.sizes[0]} is open: numbers are accepted")
    derivation = derive(program).with_lemmas()
    count = len(derivation.forward)
    parts = [
        [f"Made by: {' '.join(made_by.split())}", ""] if made_by else [],
        ["The program:", "", *map(str, derivation.equations[:count])],
        ["", "The gradient, by the chain rule, from the loss backward:", ""],
        map(str, derivation.equations[count:]),
    ]
    return [f"{mark} {line}".rstrip() for part in parts for text in part
            for line in text.splitlines() or [""]]  # fmt: skip


def is_scalar(program: Program) -> bool:
    """Whether every quantity of a program is one number."""
    return not any(program.shapes.values())


def adjoint(weight: Symbol) -> Symbol:
    """The symbol of a weight's gradient among the assignments."""
    return Symbol(weight.name + ADJOINT, real=True)


def shared_symbol(variable: Symbol) -> Symbol:
    """The local of a number that all weights share."""
    return Symbol(f"shared {variable.name}")


def state_symbol(variable: Symbol, weight: Symbol) -> Symbol:
    """What an optimizer remembers of one weight."""
    return Symbol(f"state {variable.name} {weight.name}")


def moved(
    assignments: Sequence[Assignment], weights: Sequence[Symbol], update: Update
) -> tuple[list[Assignment], list[Assignment]]:
    """The assignments of one update, and those of the loss, which may wait until after a loop.

    First the gradients, then new state and new weights: all from the old weights.
    """
    old, gradients = {*weights}, {adjoint(w) for w in weights}
    inlined = {
        target: value for target, value in assignments
        if target in gradients and not value.free_symbols & old
    }  # fmt: skip
    used = _reached(assignments, gradients)
    waiting = [
        (target, value) for target, value in assignments
        if target not in used and not value.free_symbols & old
    ]  # fmt: skip
    aside = {*inlined, *(target for target, _ in waiting)}
    lines = [a for a in assignments if a[0] not in aside]
    shared = {v: shared_symbol(v) for v in update.shared}
    lines += [(shared[v], number.value.xreplace(shared))
              for v, number in update.shared.items() if number.value != v]
    for weight in weights:
        own = {v: state_symbol(v, weight) for v in update.state}
        gradient = inlined.get(adjoint(weight), adjoint(weight))
        rule = {W: weight, G: gradient, **own, **shared}
        lines += [(own[v], value.xreplace(rule)) for v, value in update.state.items()]
        lines.append((weight, update.weight.xreplace(rule)))
    return lines, waiting


def _reached(assignments: Iterable[Assignment], wanted: Iterable[Expr]) -> set[Expr]:
    """What the wanted symbols are computed from, themselves included."""
    reached = set(wanted)
    for target, value in reversed(tuple(assignments)):
        if target in reached:
            reached |= value.free_symbols
    return reached


def _places(term: Term) -> Iterator[sp.Basic]:
    """What stands inside an index, a delta or a condition."""
    for use in term.body.atoms(Indexed):
        yield from use.indices
    for delta in term.body.atoms(KroneckerDelta):
        yield from delta.args
    yield from term.guard


def _operations(equation: Equation) -> int:
    return sum(
        prod(int(extent(i)) for i in (*equation.indices, *term.indices))
        for term in equation.terms
    )
