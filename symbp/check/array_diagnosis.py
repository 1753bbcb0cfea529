"""The mistake that explains a wrong claim between arrays, found in one of its entries.

The arrays are written out at small sizes, and the first entry that differs is diagnosed as a claim
between numbers is: what is wrong there is wrong in all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import sympy as sp
from sympy import Expr, Symbol

from symbp.check.array_knowledge import SMALLEST, Known
from symbp.check.diagnosis import diagnosed
from symbp.check.knowledge import Knowledge
from symbp.core.equations import Equation, name_of
from symbp.core.program import Program
from symbp.core.scalars import write_out
from symbp.core.steps import partial
from symbp.decide import Diagnosis, Outcome, UnsupportedError

MOST_ENTRIES = 400
WRONG = (Outcome.different, Outcome.proportional)


def diagnosed_entry(
    known: Known, loss: str | None, more: Iterable[Equation], claim: Equation
) -> Diagnosis | None:
    """What is wrong with a claim about derivatives of a loss; None where no known mistake is it.

    One that explains the claim at the smallest sizes alone is a coincidence of few entries.
    """
    if loss is None or loss not in known.derived:
        return None
    whole = known.about(claim, more, loss)
    letters = known.sizes((*whole, claim))
    why: Diagnosis | None = None
    for smallest in (SMALLEST, SMALLEST + 1) if letters else (SMALLEST,):
        # two sizes in turn: neighbouring layers differ, and there are few entries
        sizes = {letter: smallest + k % 2 for k, letter in enumerate(letters)}
        small = whole.at(sizes)
        if sum(map(len, small.entries.symbols.values())) > MOST_ENTRIES:
            return why
        try:
            here = claim.xreplace({s: sp.Integer(n) for s, n in sizes.items()})
            found = _first(loss, known.derived[loss], small, here)
        except UnsupportedError:
            return None
        if found is None or (why is not None and why.kind != found.kind):
            return None
        why = why or found
    return why


def _first(
    loss: str, derived: Mapping[str, str], small: Program, claim: Equation
) -> Diagnosis | None:
    knowledge = Knowledge()
    bars = _adjoints(loss, derived, small)
    owner = {s.name: base for base, row in small.entries.symbols.items() for s in row.values()}
    truths: dict[str, Expr] = {}
    for line in small.written_out(small.entries):
        name = owner.get(line.name, line.name)
        value = _right(line).xreplace(bars)
        if name == name_of(claim.target):
            truths[line.name] = value
        elif name not in derived.values():
            knowledge.know(*(s.name for s in value.free_symbols))
            knowledge.define(line.name, value)
    knowledge.loss = loss
    for line in write_out((claim,), small.entries):
        left, right = (
            knowledge.resolve(side) for side in (truths[line.name], _right(line).xreplace(bars))
        )
        if knowledge.context.decide(left, right).outcome in WRONG:
            return diagnosed(knowledge, left, right)
    return None


def _adjoints(loss: str, derived: Mapping[str, str], small: Program) -> dict[Symbol, Expr]:
    """For the name of each derivative of an entry, the derivative."""
    symbols = small.entries.symbols
    return {
        symbol: partial(Symbol(loss, real=True), symbols[by][place])
        for by, name in derived.items() if name in symbols
        for place, symbol in symbols[name].items()
    }


def _right(equation: Equation) -> Expr:
    return sp.Add(*(term.body for term in equation.terms))
