"""What is assumed of the symbols: signs, and linear equations such as Σ y_k = 1.

A sign is used where the sign of a logarithm's or a root's argument is asked, and by choosing
points. An equation is used by eliminating one free symbol. An inequality ≥ counts as >, and ≠
says nothing, since equality is judged almost everywhere.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

import sympy as sp

from symbp.decide.graph import UnsupportedError


@dataclass(frozen=True)
class Assumptions:
    """``above_zero`` are the terms that are > 0, ``eliminated`` the symbols that equations give."""

    above_zero: tuple[sp.Expr, ...] = ()
    eliminated: dict[str, sp.Expr] = field(default_factory=dict)

    @property
    def positive_names(self) -> frozenset[str]:
        """The free symbols that are themselves > 0."""
        names = {term.name for term in self.above_zero if isinstance(term, sp.Symbol)}
        return frozenset(names - self.eliminated.keys())


def written(relation: sp.Basic) -> str:
    """A relation as a person writes it.

    >>> written(sp.Eq(sp.Symbol("a") + sp.Symbol("b"), 1))
    'a + b = 1'
    """
    return f"{relation.lhs} = {relation.rhs}" if isinstance(relation, sp.Eq) else str(relation)


def read_assumptions(relations: Iterable[sp.Basic], defined: Collection[str]) -> Assumptions:
    """Signs and equations sorted out; raises UnsupportedError for any other assumption.

    A symbol that has a definition is not eliminated.
    """
    above: list[sp.Expr] = []
    eliminated: dict[str, sp.Expr] = {}
    for relation in relations:
        if isinstance(relation, sp.StrictGreaterThan | sp.GreaterThan):
            above.append(relation.lhs - relation.rhs)
        elif isinstance(relation, sp.StrictLessThan | sp.LessThan):
            above.append(relation.rhs - relation.lhs)
        elif isinstance(relation, sp.Equality):
            name, value = _solve(relation, {*defined, *eliminated})
            eliminated[name] = value
        elif not isinstance(relation, sp.Unequality):
            raise UnsupportedError(str(relation))
    return Assumptions(tuple(above), eliminated)


def _solve(relation: sp.Equality, fixed: Collection[str]) -> tuple[str, sp.Expr]:
    """One free symbol of a linear equation with rational coefficients, and its value."""
    difference = relation.lhs - relation.rhs
    for symbol in sorted(difference.free_symbols, key=lambda s: str(s.name), reverse=True):
        slope = sp.diff(difference, symbol)
        if symbol.name not in fixed and slope.is_Rational and slope != 0:
            rest = difference.subs(symbol, 0)
            return symbol.name, -rest / slope
    raise UnsupportedError(str(relation))
