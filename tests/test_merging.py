"""Equal parts of two sides are found, whatever they are written with, and near misses are not."""

from __future__ import annotations

import pytest
import sympy as sp
from sympy import Abs, Expr, Max, cos, cosh, erf, exp, log, sin, sinh, sqrt, tanh

from symbp.core.functions import relu, sigmoid, softplus, step
from symbp.decide import Context, Outcome
from tests.rewriting_terms import raw

X, Y, Z = sp.symbols("x y z", real=True)

EQUAL = [
    (relu(log(2 + exp(X)) ** 3), log(2 + raw(sp.Add, sinh(X), cosh(X))) ** 3),
    (softplus(cos(X)), Max(0, cos(X) + softplus(-cos(X)))),
    (relu(-3 - X - Z / Y), relu(raw(sp.Mul, -1, 3 + X + Z / Y))),
    (Max(Y, X * Y**2), Max(Y, X * raw(sp.Pow, Abs(Y), 2))),
    (Max(2 * X, sigmoid(log(2 + exp(Z)))), Max(2 * X, (2 + exp(Z)) / (3 + exp(Z)))),
    (tanh(Y), sinh(Y) * exp(-raw(log, cosh(Y)))),
    (Y, Y * step(softplus(X) + raw(sp.Add, erf(X), erf(raw(sp.Mul, -1, X))))),
    (sqrt(softplus(X) ** 2), X + softplus(-X)),
    (Z**-3, (Z * step(sigmoid(Z) + raw(sp.Add, relu(Z), -relu(-Z), -Z))) ** -3),
]
EQUAL += [
    (sqrt(1 - tanh(X) ** 2), 1 / cosh(X)),
    (sqrt(1 - sin(X) ** 2), Abs(cos(X))),
    (sqrt(exp(2 * X) + 2 * exp(X) + 1), 1 + exp(X)),
    (sqrt(exp(2 * X) - 2 * exp(X) + 1), Max(exp(X) - 1, 1 - exp(X))),
]
DIFFERENT = [
    (sqrt(1 - sin(X) ** 2), cos(X)),
    (sqrt(exp(2 * X) - 2 * exp(X) + 1), exp(X) - 1),
    (relu(X - 1000), sp.S.Zero),
    (Max(X, Y, X + Y - 300), Max(X, Y)),
    (Y * step(-X - 70), sp.S.Zero),
    (relu(log(2 + exp(X)) - 1), log(2 + raw(sp.Add, sinh(X), cosh(X))) - 1),
    (softplus(cos(X)), Max(0, cos(X) - softplus(-cos(X)))),
    (Max(2 * X, sigmoid(log(2 + exp(Z)))), Max(2 * X, (2 + exp(Z)) / (4 + exp(Z)))),
    (Y, Y * step(softplus(X) - raw(sp.Add, 1, erf(X), erf(raw(sp.Mul, -1, X))))),
    (sqrt((X - 1) ** 2), X - 1),
    (sqrt((softplus(X) - 1) ** 2), X + softplus(-X) - 1),
]


@pytest.mark.parametrize(("left", "right"), EQUAL, ids=str)
def test_equal_parts_are_one(left: Expr, right: Expr) -> None:
    verdict = Context().decide(left, right)
    assert verdict.outcome == Outcome.equal, verdict.reason
    assert verdict.error_bound is not None
    assert verdict.error_bound <= 2.0**-100


@pytest.mark.parametrize(("left", "right"), DIFFERENT, ids=str)
def test_near_misses_are_different(left: Expr, right: Expr) -> None:
    assert Context().decide(left, right).outcome == Outcome.different
