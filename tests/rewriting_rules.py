"""Rules that keep the value: what one who knows algebra may write for a formula.

A rule makes another term of one term, or None where it does not fit; what it makes is not reduced
by SymPy. A rewriting is one to five rules, each at a random place.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import sympy as sp
from sympy import Abs, Add, Expr, Mul, Pow, Symbol, exp, log, tanh

from symbp.core.functions import sigmoid, softplus
from tests.rewriting_forms import FORMS, OF_POSITIVE, ONES, SIGMOID_SLOPES, TANH_SLOPES, ZEROS
from tests.rewriting_terms import (
    changed_somewhere,
    minus,
    over,
    places,
    plus,
    positive,
    power,
    raw,
    size,
    times,
)
from tests.rewriting_values import Names

MOST_RULES = 5
SMALL, LARGE = 7, 60
"""Sizes: of a term that is put in, and of one that SymPy itself may rearrange."""
ONE, TWO = sp.S.One, sp.Integer(2)


@dataclass(frozen=True)
class Scene:
    """What a rule may draw from: chance, the definitions and small terms of the formula."""

    rng: random.Random
    names: Names
    pool: Sequence[Expr]

    @classmethod
    def of(cls, term: Expr, rng: random.Random, names: Names) -> Scene:
        """The scene of a formula."""
        pool = [part for _, part in places(term) if part.free_symbols and size(part) <= SMALL]
        return cls(rng, names, pool or [ONE])

    def small(self) -> Expr:
        """A small term of the formula, or a symbol of it."""
        term = self.rng.choice(self.pool)
        symbols = sorted(term.free_symbols, key=str)
        return self.rng.choice(symbols) if symbols and self.rng.random() < 0.6 else term

    def positive(self) -> Expr:
        """A small term above zero."""
        t = self.small()
        return self.rng.choice(
            (raw(exp, t), raw(sigmoid, t), raw(softplus, t), plus(ONE, power(t, 2)),
             plus(TWO, raw(Abs, t)))
        )


Rule = Callable[[Expr, Scene], Expr | None]


def _another_form(term: Expr, scene: Scene) -> Expr | None:
    forms = FORMS.get(type(term))
    return scene.rng.choice(forms)(*term.args) if forms else None


def _put_in(term: Expr, scene: Scene) -> Expr | None:
    return scene.names.get(term.name) if isinstance(term, Symbol) else None


def _named(term: Expr, scene: Scene) -> Expr | None:
    for name, definition in scene.names.items():
        if term == definition and not term.is_Symbol:
            return Symbol(name, real=True)
    return None


def _distributed(term: Expr, scene: Scene) -> Expr | None:
    if not isinstance(term, Mul):
        return None
    index = next((n for n, part in enumerate(term.args) if isinstance(part, Add)), None)
    if index is None:
        return None
    rest = term.args[:index] + term.args[index + 1 :]
    return plus(*(times(*rest, part) for part in term.args[index].args))


def _collected(term: Expr, scene: Scene) -> Expr | None:
    if not isinstance(term, Add):
        return None
    factors = [list(Mul.make_args(part)) for part in term.args]
    shared = [f for f in chain(*factors) if sum(f in row for row in factors) > 1 and not f.is_Number]
    if not shared:
        return None
    factor = scene.rng.choice(shared)
    inside = [row for row in factors if factor in row]
    outside = [times(*row) for row in factors if factor not in row]
    for row in inside:
        row.remove(factor)
    return plus(*outside, times(factor, plus(*(times(*row) if row else ONE for row in inside))))


def _drawn_out(term: Expr, scene: Scene) -> Expr | None:
    """a + b = p·(a/p + b/p)."""
    if not isinstance(term, Add):
        return None
    p = scene.positive()
    return times(p, plus(*(over(part, p) for part in term.args)))


def _turned(term: Expr, scene: Scene) -> Expr | None:
    return minus(plus(*map(minus, term.args))) if isinstance(term, Add) else None


def _rearranged(term: Expr, scene: Scene) -> Expr | None:
    if not isinstance(term, Add | Mul | Pow) or size(term) > LARGE:
        return None
    if term.has(sp.Piecewise, sp.Max):  # SymPy would fold the one, and refuse numbers in the other
        return None
    return scene.rng.choice((sp.expand_mul, sp.together, sp.expand_power_base))(term)


def _power(term: Expr, scene: Scene) -> Expr | None:
    if not isinstance(term, Pow) or not term.exp.is_Rational:
        return None
    base, n = term.args
    if positive(base) and scene.rng.random() < 0.4:
        return raw(exp, times(n, raw(log, base)))
    if not n.is_Integer:
        return over(base, power(base, 1 - n)) if positive(base) else None
    if n < 0:
        return power(power(base, -n), -1)
    return times(base, power(base, n - 1)) if n % 2 else power(raw(Abs, base), n)


def _exponential(term: Expr, scene: Scene) -> Expr | None:
    if isinstance(term, exp) and isinstance(term.args[0], Add):
        return times(*(raw(exp, part) for part in term.args[0].args))
    if isinstance(term, Mul) and sum(isinstance(f, exp) for f in term.args) > 1:
        rest = [f for f in term.args if not isinstance(f, exp)]
        return times(*rest, raw(exp, plus(*(f.args[0] for f in term.args if isinstance(f, exp)))))
    return None


def _logarithm(term: Expr, scene: Scene) -> Expr | None:
    if not isinstance(term, log) or not positive(term.args[0]):
        return None
    inner = term.args[0]
    if isinstance(inner, Mul):
        return plus(*(raw(log, factor) for factor in inner.args))
    if isinstance(inner, Pow) and positive(inner.base):
        return times(inner.exp, raw(log, inner.base))
    return scene.rng.choice(
        (minus(raw(log, power(inner, -1))), times(TWO, raw(log, power(inner, sp.S.Half))))
    )


def _written(term: Expr, function: type, scene: Scene) -> Expr | None:
    """The argument, if the term is such a function value or the name of one."""
    written: Expr = scene.names.get(term.name, term) if term.is_Symbol else term
    return written.args[0] if issubclass(type(written), function) else None


def _sigmoid_slope(term: Expr, scene: Scene) -> Expr | None:
    """s·(1 − s)."""
    for s in term.args if isinstance(term, Mul) else ():
        v = _written(s, sigmoid, scene)
        other = [f for f in term.args if isinstance(f, Add) and set(f.args) == {ONE, minus(s)}]
        if v is not None and other:
            rest = [f for f in term.args if f != other[0]]
            rest.remove(s)
            return times(*rest, scene.rng.choice(SIGMOID_SLOPES)(v))
    return None


def _tanh_slope(term: Expr, scene: Scene) -> Expr | None:
    """1 − t²."""
    squares = term.atoms(Pow) if isinstance(term, Add) and len(term.args) == 2 else ()
    for square in squares:
        v = _written(square.base, tanh, scene)
        if v is not None and set(term.args) == {ONE, minus(square)} and square.exp == 2:
            return scene.rng.choice(TANH_SLOPES)(v)
    return None


RULES: Mapping[str, tuple[int, Rule]] = {
    "another form": (6, _another_form),
    "a name's definition": (4, _put_in),
    "a definition's name": (1, _named),
    "sigmoid's slope": (3, _sigmoid_slope),
    "tanh's slope": (3, _tanh_slope),
    "brackets opened": (2, _distributed),
    "a factor collected": (2, _collected),
    "a factor drawn out": (1, _drawn_out),
    "signs turned": (1, _turned),
    "rearranged": (1, _rearranged),
    "a power": (2, _power),
    "exponents": (2, _exponential),
    "a logarithm": (2, _logarithm),
    "a positive term": (
        2, lambda e, scene: scene.rng.choice(OF_POSITIVE)(e) if positive(e) else None,
    ),
    "zero added": (
        2, lambda e, scene: plus(e, scene.rng.choice(ZEROS)(scene.small(), scene.positive())),
    ),
    "times one": (
        2, lambda e, scene: times(e, scene.rng.choice(ONES)(scene.small(), scene.positive())),
    ),
}  # fmt: skip
"""By name: how often a rule is drawn, and what it makes of a term (None where it does not fit)."""
_DRAWN = [name for name, (weight, _) in RULES.items() for _ in range(weight)]


def apply(name: str, term: Expr, rng: random.Random, names: Names) -> Expr | None:
    """The formula after one rule at a random place; None if there is no place for it."""
    scene, rule = Scene.of(term, rng, names), RULES[name][1]
    return changed_somewhere(term, lambda part: rule(part, scene), rng)


def rewrite(term: Expr, rng: random.Random, names: Names | None = None) -> Expr:
    """The same value after one to five rules."""
    for _ in range(rng.randint(1, MOST_RULES)):
        new = None
        while new is None:
            new = apply(rng.choice(_DRAWN), term, rng, names or {})
        term = new
    return term
