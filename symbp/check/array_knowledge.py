"""The arrays that a document has established, as a program, and claims about them under assumptions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import sympy as sp
from sympy import Expr

from symbp.core.chain import Derivation, derive
from symbp.core.equations import Equation, extent, name_of, scalar
from symbp.core.names import ADJOINT
from symbp.core.program import Program
from symbp.core.scalars import write_out
from symbp.decide import Context, Outcome, Verdict
from symbp.read.array_names import Table

NOTHING = scalar("nothing")
SMALLEST = 2
WORST = (Outcome.different, Outcome.proportional, Outcome.undecided, Outcome.equal)
"""Outcomes of many comparisons: the first of these that was found is that of all."""


@dataclass(frozen=True)
class Known:
    """The arrays of a document: shapes that were declared, equations, and what the loss is."""

    declared: tuple[tuple[str, tuple[Expr, ...]], ...] = ()
    equations: tuple[Equation, ...] = ()
    loss: str | None = None
    depth: int = 0
    output: str = ""
    given: tuple[Equation, ...] = ()
    stated: tuple[str, ...] = ()

    @cached_property
    def table(self) -> Table:
        """The names that a formula may use."""
        shapes = dict(self.declared)
        shapes |= {e.name: tuple(extent(i) for i in e.indices) for e in self.equations}
        deltas = {
            f"delta{n}": f"z{n}{ADJOINT}" for n in range(1, self.depth + 1)
            if f"delta{n}" not in shapes
        }  # fmt: skip
        adjoints = frozenset(self.derivation.adjoints if self.derivation else ())
        return Table(
            shapes, self.loss, self.depth, self.output, deltas=deltas, samples=self._samples(),
            adjoints=adjoints,
        )  # fmt: skip

    def _samples(self) -> Expr | None:
        """The size that every defined matrix has and no vector; None where that is not one size."""
        matrices = [{extent(i) for i in e.indices} for e in self.equations if len(e.indices) == 2]
        vectors = {shape[0] for _, shape in self.declared if len(shape) == 1}
        common = set.intersection(*matrices) - vectors - {sp.S.One} if matrices else set()
        return common.pop() if len(common) == 1 else None

    @cached_property
    def derivation(self) -> Derivation | None:
        """The adjoints of everything the loss depends on; None without a loss."""
        needed = _upstream(self.equations, self.loss)
        if self.loss is None or not needed:
            return None
        program = Program.of(needed, (), self.loss)
        return derive(program, [name for name in program.shapes if name != self.loss])

    def program(self, more: Iterable[Equation]) -> Program:
        """All that is known, adjoints included, and what a claim adds."""
        derived = self.derivation.equations if self.derivation else ()
        names = {e.name for e in derived}
        rest = [e for e in self.equations if e.name not in names]
        return Program.of([*derived, *rest, *more, Equation(NOTHING, ())], (), NOTHING.name)


def _upstream(equations: Iterable[Equation], loss: str | None) -> list[Equation]:
    wanted, kept = {loss}, []
    for equation in reversed(tuple(equations)):
        if equation.name in wanted:
            kept.append(equation)
            wanted.update(map(name_of, equation.operands))
    return kept[::-1]


def at_small_sizes(known: Known, more: Iterable[Equation], claim: Equation) -> Verdict:
    """The claim entry by entry, where what is given holds."""
    program = known.program((*known.given, *more))
    sizes = {symbol: SMALLEST + k for k, symbol in enumerate(program.sizes)}
    rule = {symbol: sp.Integer(number) for symbol, number in sizes.items()}
    small = program.at(sizes)
    assumed = {name_of(e.target) for e in known.given if name_of(e.target).startswith("given")}
    lines = small.written_out(small.entries).equations
    owner = {s.name: base for base, row in small.entries.symbols.items() for s in row.values()}
    context = Context(
        sp.Eq(_right(line), 0) for line in lines if owner.get(line.name, line.name) in assumed
    )
    for line in lines:
        context.define(line.target, _right(line))
    verdicts = [
        context.decide(line.target, _right(line))
        for line in write_out((claim.xreplace(rule),), small.entries)
    ]
    worst = min(verdicts, key=lambda verdict: WORST.index(verdict.outcome))
    checked = ", ".join(f"{symbol} = {number}" for symbol, number in sizes.items())
    note = (f"checked at sizes {checked}",) if sizes else ()
    stated = known.stated if any(verdict.assumptions for verdict in verdicts) else ()
    return replace(worst, assumptions=(*stated, *note))


def _right(equation: Equation) -> Expr:
    return sp.Add(*(term.body for term in equation.terms))
