"""Optimizers: an update is equations too, in a weight w, its gradient g and the optimizer's state.

Each row is one textbook line: gradient descent (Cauchy 1847) and the heavy ball (Polyak 1964).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sympy import Expr, Float, Rational, Symbol

W, G = Symbol("w", real=True), Symbol("g", real=True)
"""The weight and its gradient, in which an update is written."""


@dataclass(frozen=True)
class Update:
    """New state and new weight as expressions in w, g and the old state, in this order.

    ``state`` maps each state variable to its next value; it starts at zero. ``weight`` may use the
    state's next value by its name, since the state is updated first.
    """

    weight: Expr
    state: Mapping[Symbol, Expr]


@dataclass(frozen=True)
class SGD:
    """Gradient descent, ``w ← w − η·g``, for η = ``lr``.

    >>> SGD(lr=1).update().weight
    -g + w
    """

    lr: float = 0.1

    def update(self) -> Update:
        """The update as equations."""
        return Update(W - _exact(self.lr) * G, {})


@dataclass(frozen=True)
class Momentum:
    """The heavy ball, ``v ← μ·v − η·g``, ``w ← w + v``, for η = ``lr`` and μ = ``momentum``."""

    lr: float = 0.1
    momentum: float = 0.9

    def update(self) -> Update:
        """The update as equations."""
        v = Symbol("v", real=True)
        return Update(W + v, {v: _exact(self.momentum) * v - _exact(self.lr) * G})


Optimizer = SGD | Momentum

OPTIMIZERS: Mapping[str, type[SGD] | type[Momentum]] = {"sgd": SGD, "momentum": Momentum}
"""By the name a command takes."""


def _exact(value: float) -> Expr:
    """0.1 is 1/10 in a derivation; a number that is no short decimal stays a float."""
    exact = Rational(str(value))
    return exact if exact.q <= 10**9 else Float(value)
