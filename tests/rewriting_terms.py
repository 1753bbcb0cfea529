"""SymPy terms that are taken as they are written: places in them, and building without reduction."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence

import sympy as sp
from sympy import Add, Expr, Mul, Pow, exp
from sympy.functions.elementary.piecewise import ExprCondPair

from symbp.core.functions import sigmoid, softplus

Place = tuple[int, ...]
Change = Callable[[Expr], Expr | None]
ALWAYS_POSITIVE = (exp, sigmoid, softplus, sp.cosh, sp.sech)


def plus(*parts: Expr) -> Expr:
    """A sum that SymPy leaves alone."""
    return Add(*parts, evaluate=False) if len(parts) > 1 else parts[0]


def times(*parts: Expr) -> Expr:
    """A product that SymPy leaves alone."""
    return Mul(*parts, evaluate=False) if len(parts) > 1 else parts[0]


def power(base: Expr, exponent: Expr | int) -> Expr:
    """A power that SymPy leaves alone."""
    return Pow(base, sp.sympify(exponent), evaluate=False)


def minus(term: Expr) -> Expr:
    """The negative, as a product with −1."""
    return times(sp.S.NegativeOne, term)


def over(top: Expr, bottom: Expr) -> Expr:
    """A quotient that SymPy leaves alone."""
    return times(top, power(bottom, -1))


def raw(function: Callable[..., Expr], *arguments: Expr) -> Expr:
    """A function value that SymPy leaves alone."""
    return function(*arguments, evaluate=False)


def rebuilt(term: sp.Basic, parts: Sequence[sp.Basic]) -> sp.Basic:
    """The same kind of term over other parts, not reduced."""
    if isinstance(term, ExprCondPair | sp.Piecewise):
        return sp.Basic.__new__(type(term), *parts)
    return term.func(*parts, evaluate=False)


def where(value: Expr, condition: sp.Basic, other: Expr) -> Expr:
    """A choice that SymPy leaves alone: it would fold a choice inside of the condition."""
    pairs = ((value, condition), (other, sp.true))
    return sp.Basic.__new__(sp.Piecewise, *(sp.Basic.__new__(ExprCondPair, *pair) for pair in pairs))


def places(term: sp.Basic, at: Place = ()) -> Iterator[tuple[Place, Expr]]:
    """Every part that is a number, with its place; exponents stay as they are."""
    if isinstance(term, Expr) and not isinstance(term, ExprCondPair):
        yield at, term
    parts = term.args[:1] if isinstance(term, Pow) else term.args
    for index, part in enumerate(parts):
        yield from places(part, (*at, index))


def exchanged(term: sp.Basic, at: Place, new: Expr) -> sp.Basic:
    """The term with another part at the place."""
    if not at:
        return new
    parts = list(term.args)
    parts[at[0]] = exchanged(parts[at[0]], at[1:], new)
    return rebuilt(term, parts)


def changed_somewhere(term: Expr, change: Change, rng: random.Random) -> Expr | None:
    """The term after a change at a random one of the places where the change is possible."""
    known = list(places(term))
    rng.shuffle(known)
    for at, part in known:
        new = change(part)
        if new is not None:
            return exchanged(term, at, new)
    return None


def shown(term: sp.Basic) -> str:
    """The term as it is written; SymPy's own printers reduce it."""
    inside = ", ".join(map(shown, term.args))
    return f"{term.func.__name__}({inside})" if term.args else str(term)


def size(term: sp.Basic) -> int:
    """How many parts a term has."""
    return 1 + sum(map(size, term.args))


def positive(term: Expr) -> bool:
    """Whether a real value is above zero by the form of the term alone."""
    if term.is_Rational:
        return bool(term > 0)
    if isinstance(term, Add):
        return any(map(positive, term.args)) and all(map(nonnegative, term.args))
    if isinstance(term, Mul):
        return all(map(positive, term.args))
    if isinstance(term, Pow):
        return positive(term.base)
    return isinstance(term, ALWAYS_POSITIVE)


def nonnegative(term: Expr) -> bool:
    """Whether a real value is not below zero by the form of the term alone."""
    square = isinstance(term, Pow) and term.exp.is_Integer and term.exp % 2 == 0 and term.exp > 0
    product = isinstance(term, Mul) and all(map(nonnegative, term.args))
    return bool(square or product or term == 0 or isinstance(term, sp.Abs) or positive(term))
