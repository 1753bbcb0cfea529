"""The arrays that a document has established, as a program, and claims about them under assumptions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import sympy as sp
from sympy import Expr, Symbol

from symbp.core.chain import derive
from symbp.core.equations import Equation, extent, name_of, scalar
from symbp.core.jacobian import jacobian
from symbp.core.letters import lettered
from symbp.core.names import ADJOINT
from symbp.core.program import Program
from symbp.core.scalars import write_out
from symbp.decide import Context, Verdict
from symbp.decide.sizes import together
from symbp.read.array_names import Table

NOTHING = scalar("nothing")
SMALLEST = 2
ASSUMED = 3
"""The first size for claims under assumptions: of two entries with a given sum, too much holds."""


@dataclass(frozen=True)
class Known:
    """The arrays of a document: shapes that were declared, and lines, in order.

    Lines are the author's equations and, from where a derivative was first asked for, those of the
    derivatives, so that what is defined by a derivative can be derived itself. ``loss`` is what is
    derived first, ``derived`` maps what was derived to the names of its derivatives, ``asked`` holds
    what somebody derived by.
    """

    declared: tuple[tuple[str, tuple[Expr, ...]], ...] = ()
    lines: tuple[Equation, ...] = ()
    loss: str | None = None
    depth: int = 0
    output: str = ""
    given: tuple[Equation, ...] = ()
    stated: tuple[str, ...] = ()
    derived: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    ranges: Mapping[str, Expr] = field(default_factory=dict)
    zeros: frozenset[str] = frozenset()
    asked: frozenset[str] = frozenset()

    @cached_property
    def equations(self) -> tuple[Equation, ...]:
        """What the author wrote."""
        made = {name for names in self.derived.values() for name in names.values()}
        return tuple(e for e in self.lines if e.name not in made)

    @cached_property
    def table(self) -> Table:
        """The names that a formula may use."""
        shapes = dict(self.declared)
        shapes |= {e.name: tuple(extent(i) for i in e.indices) for e in self.equations}
        of_loss = self.derived.get(self.loss or "", {})
        deltas = {
            f"delta{n}": of_loss[f"z{n}"] for n in range(1, self.depth + 1)
            if f"delta{n}" not in shapes and f"z{n}" in of_loss
        }  # fmt: skip
        return Table(
            shapes, self.loss, self.depth, self.output, deltas=deltas, samples=self._samples(),
            derived=self.derived, ranges=self.ranges, zeros=self.zeros,
        )  # fmt: skip

    def _samples(self) -> Expr | None:
        """The size that every defined matrix has and no vector; None where that is not one size."""
        matrices = [{extent(i) for i in e.indices} for e in self.equations if len(e.indices) == 2]
        vectors = {shape[0] for _, shape in self.declared if len(shape) == 1}
        common = set.intersection(*matrices) - vectors - {sp.S.One} if matrices else set()
        return common.pop() if len(common) == 1 else None

    def deriving(self, of: str) -> Known:
        """With the derivatives of a defined quantity by all that it depends on."""
        needed = _upstream(self.lines, of)
        if of in self.derived or not needed:
            return self
        suffix = f"{ADJOINT}{len(self.derived) + 1}" if self.derived else ADJOINT
        names = {name_of(use) for e in needed for use in e.operands}
        wrt = [name for name in self.table.shapes if name in names and name != of]
        if self.table.shape(of):
            made = jacobian(needed, of, wrt, suffix)
        else:
            program = Program.of(needed, (), of)
            made = derive(program, wrt, suffix).equations[len(needed) :]
        found = {e.name.removesuffix(suffix): e.name for e in made}
        return replace(self, lines=(*self.lines, *made), derived={**self.derived, of: found})

    def network(self) -> Program | None:
        """The lines that lead to the loss; parameters are the leaves that somebody derived by."""
        if self.loss is None or not (lines := _upstream(self.lines, self.loss)):
            return None
        needed = lettered(lines)
        leaves = [leaf.name for leaf in Program.of(needed, (), self.loss).inputs]
        parameters = [name for name in leaves if name in self.asked]
        return Program.of(needed, parameters, self.loss) if parameters else None

    def program(self, more: Iterable[Equation]) -> Program:
        """All that is known, derivatives included, and what a claim adds."""
        return _ending_in_nothing([*self.lines, *more])

    def about(self, claim: Equation, more: Iterable[Equation], *others: str) -> Program:
        """What both sides of a claim are made of, and others; ``more`` is what the claim adds."""
        names = (claim.name, *map(name_of, claim.operands), *(e.name for e in self.given), *others)
        return _ending_in_nothing(_upstream([*self.lines, *more], *names), claim)

    def sizes(self, equations: Iterable[Equation]) -> tuple[Symbol, ...]:
        """The letters for sizes that stand anywhere in some equations, in the order of declaration."""
        found = set[sp.Basic]().union(*map(_symbols, equations))
        return tuple(symbol for symbol in self.table.sizes.values() if symbol in found)


def _symbols(equation: Equation) -> set[sp.Basic]:
    parts = [equation.target, *(p for t in equation.terms for p in (*t.indices, t.body, *t.guard))]
    return set[sp.Basic]().union(*(part.atoms(Symbol) for part in parts))


def _ending_in_nothing(lines: Iterable[Equation], *about: Equation) -> Program:
    return Program.of([*lines, Equation(NOTHING, ())], (), NOTHING.name, about)


def _upstream(equations: Iterable[Equation], *of: str) -> list[Equation]:
    """The equations that some quantities depend on, their own included, in order."""
    wanted, kept = set(of), []
    for equation in reversed(tuple(equations)):
        if equation.name in wanted:
            kept.append(equation)
            wanted.update(map(name_of, equation.operands))
    return kept[::-1]


def at_small_sizes(known: Known, more: Iterable[Equation], claim: Equation) -> Verdict:
    """The claim entry by entry, where what is given holds."""
    program = known.about(claim, (*known.given, *more))
    sizes = {symbol: ASSUMED + k for k, symbol in enumerate(known.sizes((*program, claim)))}
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
    checked = ", ".join(f"{symbol} = {number}" for symbol, number in sizes.items())
    note = (f"checked at sizes {checked}",) if sizes else ()
    stated = known.stated if any(verdict.assumptions for verdict in verdicts) else ()
    return replace(together(verdicts), assumptions=(*stated, *note))


def _right(equation: Equation) -> Expr:
    return sp.Add(*(term.body for term in equation.terms))
