"""The mistake that explains a wrong claim between arrays, found in one of its entries.

The arrays are written out at small sizes, and the first entry that differs is diagnosed as a claim
between numbers is: what is wrong there is wrong in all of them.
"""

from __future__ import annotations

from collections.abc import Iterable

import sympy as sp
from sympy import Expr, Symbol

from symbp.check.array_knowledge import SMALLEST, Known
from symbp.check.diagnosis import diagnosed
from symbp.check.knowledge import Knowledge
from symbp.core.equations import Equation, name_of
from symbp.core.names import ADJOINT
from symbp.core.program import Program
from symbp.core.scalars import write_out
from symbp.core.steps import partial
from symbp.decide import Diagnosis, Outcome, UnsupportedError

MOST_ENTRIES = 200
WRONG = (Outcome.different, Outcome.proportional)


def diagnosed_entry(
    known: Known, more: Iterable[Equation], claim: Equation
) -> Diagnosis | None:
    """What is wrong with a claim; None where no known mistake explains it."""
    whole = known.program(more)
    # two sizes in turn: neighbouring layers differ, and there are few entries
    sizes = {symbol: SMALLEST + k % 2 for k, symbol in enumerate(whole.sizes)}
    small = whole.at(sizes)
    if known.derivation is None or sum(map(len, small.entries.symbols.values())) > MOST_ENTRIES:
        return None
    try:
        return _first(known, small, claim.xreplace({s: sp.Integer(n) for s, n in sizes.items()}))
    except UnsupportedError:
        return None


def _first(known: Known, small: Program, claim: Equation) -> Diagnosis | None:
    knowledge = Knowledge()
    bars = _adjoints(known, small)
    derived = {e.name for e in known.derivation.adjoints.values()} if known.derivation else set()
    owner = {s.name: base for base, row in small.entries.symbols.items() for s in row.values()}
    truths: dict[str, Expr] = {}
    for line in small.written_out(small.entries):
        name = owner.get(line.name, line.name)
        value = _right(line).xreplace(bars)
        if name == name_of(claim.target):
            truths[line.name] = value
        elif name not in derived:
            knowledge.know(*(s.name for s in value.free_symbols))
            knowledge.define(line.name, value)
    knowledge.loss = known.loss
    for line in write_out((claim,), small.entries):
        left, right = (
            knowledge.resolve(side) for side in (truths[line.name], _right(line).xreplace(bars))
        )
        if knowledge.context.decide(left, right).outcome in WRONG:
            return diagnosed(knowledge, left, right)
    return None


def _adjoints(known: Known, small: Program) -> dict[Symbol, Expr]:
    """For the name of each derivative of an entry, the derivative."""
    symbols = small.entries.symbols
    loss = Symbol(known.loss or "", real=True)
    return {
        symbol: partial(loss, symbols[base.removesuffix(ADJOINT)][place])
        for base, row in symbols.items()
        if base.endswith(ADJOINT) and base.removesuffix(ADJOINT) in symbols
        for place, symbol in row.items()
    }


def _right(equation: Equation) -> Expr:
    return sp.Add(*(term.body for term in equation.terms))
