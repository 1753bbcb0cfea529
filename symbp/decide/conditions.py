"""Under which conditions both sides have a value: the arguments of logarithms and roots."""

from collections.abc import Iterator

import sympy as sp

from symbp.decide.lower import Lowering
from symbp.decide.terms import Term, Terms


def conditions_of(
    lowering: Lowering, terms: Terms, sides: tuple[Term, Term]
) -> Iterator[str]:
    """The arguments of logarithms and roots that are not positive by their form."""
    seen: set[Term] = set()
    told: set[str] = set()
    stack = [*reversed(sides)]
    while stack:
        term = stack.pop()
        if term in seen:
            continue
        seen.add(term)
        condition = _condition(lowering, terms.expressions[term], terms.parts[term])
        if condition is not None and condition not in told:
            told.add(condition)
            yield condition
        stack.extend(terms.parts[term])


def _condition(lowering: Lowering, term: sp.Basic, parts: tuple[Term, ...]) -> str | None:
    if isinstance(term, sp.log):
        known = lowering.functions.bounds.of(lowering.lower(parts[0]))
        return None if known.positive else f"{term.args[0]} > 0"
    if isinstance(term, sp.Pow) and not term.exp.is_Integer:
        known = lowering.functions.bounds.of(lowering.lower(parts[0]))
        return None if known.nonnegative else f"{term.base} >= 0"
    return None
