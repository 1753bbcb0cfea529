"""Optimizers are equations: each against its textbook line, unrolled by hand."""

from __future__ import annotations

import pytest
from sympy import Rational, Symbol

from symbp.core.optimizers import OPTIMIZERS, SGD, G, Momentum, W

V = Symbol("v", real=True)


def test_gradient_descent() -> None:
    assert SGD(lr=0.1).update().weight == W - G / 10
    assert not SGD().update().state


def test_the_heavy_ball_unrolled_twice() -> None:
    update = Momentum(lr=0.5, momentum=0.25).update()
    v, w = Rational(0), Rational(1)
    for gradient in (2, 3):
        v = update.state[V].xreplace({V: v, G: Rational(gradient)})
        w = update.weight.xreplace({V: v, W: w})
    assert (v, w) == (Rational(-7, 4), Rational(-7, 4))


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimizer_is_found_by_name(name: str) -> None:
    assert OPTIMIZERS[name](lr=0.5).lr == 0.5
