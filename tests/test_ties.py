"""Random nests of pieces whose comparisons are ties on open sets, against exact evaluation."""

from __future__ import annotations

import random
from fractions import Fraction
from math import prod

import pytest
import sympy as sp
from sympy import Abs, Expr, Max, Piecewise, cos, exp, log, sign, sin, sqrt, tanh

from symbp.core.functions import relu, sigmoid, softplus, step
from symbp.decide import Outcome, decide
from tests.rewriting_terms import minus, plus, power, raw, times, where

LETTERS = sp.symbols("a b c", real=True)
POINTS, PAIRS = 40, 60


def linear(rng: random.Random) -> Expr:
    return sp.Add(*(rng.randint(-2, 2) * v for v in LETTERS), rng.choice((0, 0, 0, 1)))


def piece(rng: random.Random, depth: int) -> Expr:
    kind = rng.random()
    if depth == 0 or kind < 0.15:
        return rng.choice((linear(rng), *LETTERS))
    first, second, third = (piece(rng, depth - 1) for _ in range(3))
    if kind < 0.45:
        return relu(first)
    if kind < 0.55:
        return first * second
    if kind < 0.75:
        return first + second
    if kind < 0.85:
        return step(first)
    if kind < 0.9:
        return Max(first, second)
    return Piecewise((first, second >= 0), (third, True))


def claims(g: Expr) -> tuple[tuple[Expr, Expr], ...]:
    return (
        (step(-g), 1 - step(g)),
        (sign(g), 2 * step(g) - 1),
        (Piecewise((1, g >= 0), (0, True)), step(g)),
        (Piecewise((1, g <= 0), (0, True)), 1 - step(g)),
        (relu(g), g * step(g)),
        (Abs(g), relu(g) + relu(-g)),
        (sign(g), step(g) - step(-g)),
    )


def exact(e: Expr, at: dict[Expr, Fraction]) -> Fraction:
    """The value with the conventions step(0) = sign(0) = 0."""
    if isinstance(e, Piecewise):
        return next(exact(v, at) for v, c in e.args if c == sp.true or holds(c, at))
    if e.is_Symbol:
        return at[e]
    if e.is_Rational:
        return Fraction(int(e.p), int(e.q))
    parts = [exact(part, at) for part in e.args]
    rules = {
        "Add": sum, "Mul": prod, "Max": max, "Min": min,
        "Pow": lambda p: p[0] ** int(p[1]), "relu": lambda p: max(p[0], Fraction(0)),
        "step": lambda p: Fraction(p[0] > 0), "Abs": lambda p: abs(p[0]),
        "sign": lambda p: Fraction((p[0] > 0) - (p[0] < 0)),
    }  # fmt: skip
    return rules[type(e).__name__](parts)


def holds(condition: Expr, at: dict[Expr, Fraction]) -> bool:
    left, right = (exact(side, at) for side in condition.args)
    return {
        "StrictGreaterThan": left > right, "GreaterThan": left >= right,
        "StrictLessThan": left < right, "LessThan": left <= right,
    }[type(condition).__name__]  # fmt: skip


@pytest.mark.parametrize("seed", range(6))
def test_equal_is_equal_at_ties_too(seed: int) -> None:
    rng = random.Random(seed)
    decided = 0
    for _ in range(PAIRS):
        left, right = rng.choice(claims(piece(rng, 2)))
        outcome = decide(left, right).outcome
        if outcome == Outcome.equal:
            decided += 1
            for _ in range(POINTS):
                # A prime denominator of its own for each letter: no tie by accident.
                at = {
                    v: Fraction(rng.randrange(-5000, 5000) * 2 + 1, p)
                    for v, p in zip(LETTERS, (1009, 1013, 1019), strict=True)
                }
                assert exact(left, at) == exact(right, at), (left, right, at)
        else:
            assert outcome == Outcome.undecided
    assert decided > PAIRS / 3


x, y = sp.symbols("x y", real=True)
ONE_SIDED = [
    sqrt(x**2 + 2 * x * y + y**2) - x - y,
    sqrt(x**2 + 2 + x**-2) - x - 1 / x,
    raw(exp, times(sp.S.Half, raw(log, x**2 + 2 * x + 1))) - x - 1,
    plus(power(sin(x), 2), power(cos(x), 2), sp.S.NegativeOne),
    times(x, plus(log(1 + sqrt(2)), log(sqrt(2) - 1))),
]
"""Without a piece, and 0 on an open set: on one side of a branch or a pole, or everywhere."""


@pytest.mark.parametrize("g", ONE_SIDED, ids=str)
@pytest.mark.parametrize("far", [True, False])
def test_what_is_zero_on_an_open_set_has_no_sign_there(g: Expr, far: bool) -> None:
    s, h, opposite = raw(sign, g), raw(step, g), raw(step, minus(g))
    wrong = ((power(s, 2), sp.S.One), (s, 2 * h - 1), (opposite, 1 - h), (s, sp.S.NegativeOne))
    for claim in wrong:
        sides = [where(side, x > 10**4, sp.S.Zero) for side in claim] if far else claim
        assert decide(*sides).outcome != Outcome.equal, claim


@pytest.mark.parametrize(
    "g",
    [
        sin(x) - x / 2,
        softplus(x) - x * y - 1,
        1 / x - exp(y),
        log(x) - 1,
        sqrt(x**2 + 1) - x - y * exp(x),
        sigmoid(x) ** 2 - sigmoid(x) * tanh(x / 3),
    ],
    ids=str,
)
def test_what_is_analytic_and_not_zero_has_one_of_two_signs(g: Expr) -> None:
    assert decide(step(-g), 1 - step(g)).outcome == Outcome.equal
    assert decide(sign(g) ** 2, sp.S.One).outcome == Outcome.equal
