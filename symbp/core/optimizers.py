"""Optimizers: an update is equations too, in a weight w, its gradient g and the optimizer's state.

Each row is one textbook line: gradient descent (Cauchy 1847), the heavy ball (Polyak 1964),
Nesterov's accelerated gradient (1983, in the form of Sutskever et al. 2013), RMSprop (Tieleman &
Hinton 2012), Adam (Kingma & Ba 2015) and AdamW (Loshchilov & Hutter 2019).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from sympy import Expr, Float, Rational, Symbol, sqrt

W, G = Symbol("w", real=True), Symbol("g", real=True)
"""The weight and its gradient, in which an update is written."""
ETA = Symbol("eta", positive=True)
"""The learning rate, where a schedule changes it from step to step."""
_V, _M = Symbol("v", real=True), Symbol("m", real=True)
_M_SUM, _V_SUM = Symbol("m_sum", real=True), Symbol("v_sum", real=True)


class Shared(NamedTuple):
    """A number that all weights share: its first value, and its next one from the present one."""

    start: float
    value: Expr


@dataclass(frozen=True)
class Update:
    """New state and new weight as expressions in w, g and the old state, in this order.

    ``shared`` numbers change first, once a step. ``state`` maps each weight's own state variable to
    its next value; it starts at zero. ``weight`` may use the next value of both by their names,
    since they are updated before it.
    """

    weight: Expr
    state: Mapping[Symbol, Expr]
    shared: Mapping[Symbol, Shared] = field(default_factory=dict)


class Optimizer(Protocol):
    """What a step does with a gradient."""

    @property
    def lr(self) -> float:
        """The learning rate η."""

    def update(self, rate: Expr | None = None) -> Update:
        """The update as equations; a schedule's ``rate`` stands for η."""


@dataclass(frozen=True)
class SGD:
    """Gradient descent, ``w ← w − η·(g + λ·w)``, for η = ``lr`` and λ = ``weight_decay``.

    >>> SGD(lr=1).update().weight
    -g + w
    """

    lr: float = 0.1
    weight_decay: float = 0.0

    def update(self, rate: Expr | None = None) -> Update:
        """The update as equations."""
        eta, shared = _rate(self.lr, rate)
        return Update(W - eta * _decayed(self.weight_decay), {}, shared)


@dataclass(frozen=True)
class Momentum:
    """The heavy ball, ``v ← μ·v − η·g``, ``w ← w + v``, for η = ``lr`` and μ = ``momentum``."""

    lr: float = 0.1
    momentum: float = 0.9
    weight_decay: float = 0.0

    def update(self, rate: Expr | None = None) -> Update:
        """The update as equations."""
        eta, shared = _rate(self.lr, rate)
        ball = _exact(self.momentum) * _V - eta * _decayed(self.weight_decay)
        return Update(W + _V, {_V: ball}, shared)


@dataclass(frozen=True)
class Nesterov:
    """Nesterov's accelerated gradient, ``v ← μ·v − η·g``, ``w ← w + μ·v − η·g``.

    The weights are those at which the gradient is taken: Sutskever's w + μ·v.
    """

    lr: float = 0.1
    momentum: float = 0.9
    weight_decay: float = 0.0

    def update(self, rate: Expr | None = None) -> Update:
        """The update as equations."""
        eta, shared = _rate(self.lr, rate)
        mu, pull = _exact(self.momentum), eta * _decayed(self.weight_decay)
        return Update(W + mu * _V - pull, {_V: mu * _V - pull}, shared)


@dataclass(frozen=True)
class RMSprop:
    """``v ← ρ·v + (1 − ρ)·g²``, ``w ← w − η·g/(√v + ε)``, for ρ = ``decay`` and ε = ``epsilon``."""

    lr: float = 0.001
    decay: float = 0.9
    epsilon: float = 1e-8
    weight_decay: float = 0.0

    def update(self, rate: Expr | None = None) -> Update:
        """The update as equations."""
        eta, shared = _rate(self.lr, rate)
        g = _decayed(self.weight_decay)
        step = eta * g / (sqrt(_V) + _exact(self.epsilon))
        return Update(W - step, {_V: _mean(_V, g**2, self.decay)}, shared)


@dataclass(frozen=True)
class Adam:
    """``m ← β₁m + (1 − β₁)g``, ``v ← β₂v + (1 − β₂)g²``, ``w ← w − η·m̂/(√v̂ + ε)``.

    m̂ = m/(1 − β₁ᵗ) and v̂ = v/(1 − β₂ᵗ) at step t; 1 − βᵗ is itself the running mean of ones,
    ``s ← β·s + (1 − β)``, which all weights share.
    """

    lr: float = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    weight_decay: float = 0.0

    def update(self, rate: Expr | None = None) -> Update:
        """The update as equations."""
        eta, shared = _rate(self.lr, rate)
        return _adam(self, W, _decayed(self.weight_decay), eta, shared)


@dataclass(frozen=True)
class AdamW:
    """Adam with the decay beside the gradient, ``w ← (1 − η·λ)·w − η·m̂/(√v̂ + ε)``."""

    lr: float = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    weight_decay: float = 0.01

    def update(self, rate: Expr | None = None) -> Update:
        """The update as equations."""
        eta, shared = _rate(self.lr, rate)
        return _adam(self, (1 - eta * _exact(self.weight_decay)) * W, G, eta, shared)


OPTIMIZERS: Mapping[str, Callable[..., Optimizer]] = {
    "sgd": SGD, "momentum": Momentum, "nesterov": Nesterov, "rmsprop": RMSprop, "adam": Adam,
    "adamw": AdamW,
}  # fmt: skip
"""By the name a command takes."""


def optimizer_of(name: str, lr: float | None = None) -> Optimizer:
    """An optimizer by its name, with a learning rate or its own. Raises ValueError.

    >>> optimizer_of("adam", lr=0.5).lr
    0.5
    """
    if name not in OPTIMIZERS:
        raise ValueError(f"optimizer {name!r}: accepted are {', '.join(OPTIMIZERS)}")
    return OPTIMIZERS[name]() if lr is None else OPTIMIZERS[name](lr=lr)


def _adam(
    rule: Adam | AdamW, weight: Expr, g: Expr, eta: Expr, shared: Mapping[Symbol, Shared]
) -> Update:
    one = Rational(1)
    sums = {_M_SUM: Shared(0.0, _mean(_M_SUM, one, rule.beta1)),
            _V_SUM: Shared(0.0, _mean(_V_SUM, one, rule.beta2))}  # fmt: skip
    step = eta * (_M / _M_SUM) / (sqrt(_V / _V_SUM) + _exact(rule.epsilon))
    state = {_M: _mean(_M, g, rule.beta1), _V: _mean(_V, g**2, rule.beta2)}
    return Update(weight - step, state, {**shared, **sums})


def _mean(old: Expr, new: Expr, decay: float) -> Expr:
    """The running mean β·old + (1 − β)·new."""
    beta = _exact(decay)
    return beta * old + (1 - beta) * new


def _decayed(weight_decay: float) -> Expr:
    """The gradient of the loss and of ½λw² beside it."""
    return G + _exact(weight_decay) * W


def _rate(lr: float, rate: Expr | None) -> tuple[Expr, Mapping[Symbol, Shared]]:
    """η as a number, or the symbol that a schedule sets."""
    return (_exact(lr), {}) if rate is None else (rate, {ETA: Shared(lr, ETA)})


def _exact(value: float) -> Expr:
    """0.1 is 1/10 in a derivation; a number that is no short decimal stays a float."""
    exact = Rational(str(value))
    return exact if exact.q <= 10**9 else Float(value)
