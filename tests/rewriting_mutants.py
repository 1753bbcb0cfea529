"""Value-changing mutations: what slips into a formula that somebody copies or derives by hand.

A mutation is one change at one place; it counts only if the values are clearly different at two
random rational points, in 60 digits and more.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

import sympy as sp
from sympy import Abs, Add, Expr, Mul, Pow, Rational, cos, erf, exp, log, sin, tanh

from symbp.core.functions import relu, sigmoid, silu, softplus, step
from tests.rewriting_terms import changed_somewhere, minus, plus, power, raw, times
from tests.rewriting_values import Names, certainly_different

ATTEMPTS = 12
FUNCTIONS = (exp, log, sin, cos, tanh, erf, Abs, sigmoid, softplus, relu, silu, step)
SLIPS: tuple[Callable[[Expr], Expr], ...] = (
    lambda v: minus(v),
    lambda v: times(sp.Integer(2), v),
    lambda v: plus(v, sp.S.One),
    lambda v: power(v, 2),
    lambda v: raw(relu, v),
    lambda v: raw(Abs, v),
)
"""What an argument may be mistaken for."""

Mutation = Callable[[Expr, random.Random], Expr | None]


def _sign(term: Expr, rng: random.Random) -> Expr | None:
    if not isinstance(term, Add):
        return minus(term)
    at = rng.randrange(len(term.args))
    return plus(*(minus(part) if n == at else part for n, part in enumerate(term.args)))


def _constant(term: Expr, rng: random.Random) -> Expr | None:
    if not term.is_Rational:
        return None
    return rng.choice((term + 1, term - 1, term * 2, term / 2, term + Rational(1, 10**9)))


def _exponent(term: Expr, rng: random.Random) -> Expr | None:
    if not isinstance(term, Pow):
        return None
    return power(term.base, rng.choice((term.exp + 1, term.exp - 1, -term.exp, 2 * term.exp)))


def _dropped(term: Expr, rng: random.Random) -> Expr | None:
    if not isinstance(term, Add | Mul):
        return None
    parts = list(term.args)
    parts.pop(rng.randrange(len(parts)))
    return (plus if isinstance(term, Add) else times)(*parts)


def _twice(term: Expr, rng: random.Random) -> Expr | None:
    return times(rng.choice(term.args), *term.args) if isinstance(term, Mul) else None


def _other_operation(term: Expr, rng: random.Random) -> Expr | None:
    if not isinstance(term, Add | Mul):
        return None
    return (times if isinstance(term, Add) else plus)(*term.args)


def _other_function(term: Expr, rng: random.Random) -> Expr | None:
    if not isinstance(term, FUNCTIONS):
        return None
    return raw(rng.choice([f for f in FUNCTIONS if not isinstance(term, f)]), *term.args)


def _argument(term: Expr, rng: random.Random) -> Expr | None:
    return raw(term.func, rng.choice(SLIPS)(*term.args)) if isinstance(term, FUNCTIONS) else None


def _function_lost(term: Expr, rng: random.Random) -> Expr | None:
    return term.args[0] if isinstance(term, FUNCTIONS) else None


def _bracket_lost(term: Expr, rng: random.Random) -> Expr | None:
    """a·(b + c) becomes a·b + c."""
    sums = [part for part in term.args if isinstance(part, Add)] if isinstance(term, Mul) else []
    if not sums:
        return None
    chosen = rng.choice(sums)
    rest = list(term.args)
    rest.remove(chosen)
    return plus(times(*rest, chosen.args[0]), *chosen.args[1:])


def _hidden(term: Expr, rng: random.Random) -> Expr | None:
    """A difference that is small, or on one side of a plane alone."""
    small = Rational(1, 10 ** rng.randint(3, 12))
    return rng.choice(
        (
            plus(term, small),
            times(term, 1 + small),
            plus(term, raw(relu, plus(term, minus(sp.S.One)))),
            raw(sp.Max, term, minus(sp.S.One)),
        )
    )


MUTATIONS: Mapping[str, Mutation] = {
    "sign": _sign,
    "constant": _constant,
    "exponent": _exponent,
    "part dropped": _dropped,
    "factor twice": _twice,
    "+ for ·": _other_operation,
    "another function": _other_function,
    "another argument": _argument,
    "function lost": _function_lost,
    "bracket lost": _bracket_lost,
    "hidden": _hidden,
}


def _swapped(term: Expr, known: list[sp.Symbol], rng: random.Random) -> Expr | None:
    others = [symbol for symbol in known if symbol != term]
    return rng.choice(others) if term.is_Symbol and others else None


def _mutant(term: Expr, rng: random.Random, names: Names) -> Expr | None:
    choice = rng.choice(("symbol", *MUTATIONS))
    if choice != "symbol":
        return changed_somewhere(term, lambda part: MUTATIONS[choice](part, rng), rng)
    known = {s for e in (term, *names.values()) for s in e.free_symbols}
    ordered = sorted(known, key=str)
    return changed_somewhere(term, lambda part: _swapped(part, ordered, rng), rng)


def mutate(term: Expr, rng: random.Random, names: Names | None = None) -> Expr | None:
    """Another value, by one mutation; None where a dozen of them change nothing that shows."""
    for _ in range(ATTEMPTS):
        new = _mutant(term, rng, names or {})
        if new is not None and certainly_different(term, new, names or {}, rng):
            return new
    return None
