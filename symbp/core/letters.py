"""Index letters as a book writes them: i over examples here and there, j and k where i is taken."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from sympy import Expr, Idx, Symbol

from symbp.core.equations import Equation, extent, index, letters_of, name_of, operands

LETTERS = "ijklmnpqrstuv"
MADE = re.compile(r"[a-z]+_?\d+")
"""The name of a letter that no person chose: ``axis1003``."""


def lettered(equations: Iterable[Equation]) -> tuple[Equation, ...]:
    """The equations with letters of a book for made ones; an extent keeps its letter where it can.

    >>> from symbp.core.equations import Term, array
    >>> i, j = index("axis1", 3), index("axis2", 2)
    >>> W, x, z = array("W", 3, 2), array("x", 2), array("z", 3)
    >>> print(*lettered([Equation(z[i], (Term((j,), W[i, j] * x[j]),))]))
    z[i] = Σ_{j} W[i, j]*x[j]
    """
    lines = tuple(equations)
    taken = {name for line in lines for name in _names(line)}
    free = [letter for letter in LETTERS if letter not in taken]
    kept: dict[Expr, list[str]] = {}
    return tuple(_lettered(line, free, kept) for line in lines)


def _lettered(equation: Equation, free: list[str], kept: dict[Expr, list[str]]) -> Equation:
    own = dict.fromkeys([i for i in equation.indices if isinstance(i, Idx)])
    for term in equation.terms:
        own |= dict.fromkeys([*term.indices, *sorted(letters_of(term.body), key=str)])
    rule: dict[Idx, Idx] = {}
    used = {letter.name for letter in own if not MADE.fullmatch(letter.name)}
    for letter in own:
        if not MADE.fullmatch(letter.name):
            continue
        known = kept.setdefault(extent(letter), [])
        fresh = [name for name in free if not any(name in names for names in kept.values())]
        name = next((n for n in (*known, *fresh, *free) if n not in used), None)
        if name is None:
            continue  # more letters than a book has
        known += [] if name in known else [name]
        used.add(name)
        rule[letter] = index(name, extent(letter))
    return equation.xreplace(rule)


def _names(equation: Equation) -> Iterator[str]:
    """The names that a letter may not take: quantities and sizes."""
    yield name_of(equation.target)
    for use in (term.body for term in equation.terms):
        yield from map(name_of, operands(use))
        yield from (s.name for s in use.free_symbols if isinstance(s, Symbol))
    for letter in {*equation.indices, *(i for term in equation.terms for i in term.indices)}:
        yield from (s.name for s in extent(letter).free_symbols)
