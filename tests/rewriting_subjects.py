"""What the corpus is made of: gradients of small networks, and random nests of functions.

The multilayer perceptrons come from ``symbp``; recurrent networks, layer norm and attention are
written here as a textbook writes them, and differentiated by SymPy, definition by definition.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import sympy as sp
from sympy import Abs, Expr, Max, Rational, Symbol, cos, erf, exp, log, sin, sqrt, tanh

from symbp.core.chain import derive
from symbp.core.functions import relu, sigmoid, softplus
from symbp.core.networks import mlp
from symbp.decide import Context

ACTIVATIONS = ("sigmoid", "tanh", "relu", "softplus", "silu")
SHAPES = ((2, 2, 1), (3, 2, 2))
LETTERS = sp.symbols("x y z", real=True)
CONSTANTS = (sp.Integer(2), sp.Integer(3), sp.Integer(-1), Rational(1, 2), Rational(-3, 7))

NOT_REAL = (sp.zoo, sp.nan, sp.oo, -sp.oo, sp.I, sp.re, sp.im, sp.arg, sp.conjugate)
"""What SymPy makes of a division by zero, and of a function it does not know to be real."""

Definitions = list[tuple[Symbol, Expr]]


@dataclass(frozen=True)
class Subject:
    """A problem: definitions in order up to the loss E, and gradients, by ``parameters`` in turn."""

    name: str
    definitions: Definitions
    gradients: tuple[Expr, ...]
    parameters: tuple[Symbol, ...] = ()

    @cached_property
    def names(self) -> Mapping[str, Expr]:
        """From a name to its definition."""
        return {symbol.name: term for symbol, term in self.definitions}

    def context(self) -> Context:
        """What decides over these definitions."""
        context = Context()
        for symbol, term in self.definitions:
            context.define(symbol, term)
        return context


def _real(names: str) -> tuple[Symbol, ...]:
    return tuple(sp.symbols(names, real=True, seq=True))


def _perceptron(name: str, sizes: Sequence[int], activation: str | list[str], loss: str) -> Subject:
    """The book's chain of adjoints, and each gradient with all adjoints put in as well."""
    derivation = derive(mlp(list(sizes), activation, loss)).scalars()
    lines = [(e.target, sp.Add(*(t.body for t in e.terms))) for e in derivation.equations]
    leaves = {f"{p.name}_bar": p for p in derivation.parameters}
    adjoints = {s: e for s, e in lines if s.name.endswith("_bar")}
    gradients = {leaves[s.name]: e for s, e in lines if s.name in leaves and not e.is_Symbol}
    whole = [_put_in(e, adjoints) for e in gradients.values()]
    kept = [(s, e) for s, e in lines if s.name not in leaves]
    return Subject(name, kept, (*gradients.values(), *whole), tuple(gradients) * 2)


def _put_in(term: Expr, named: Mapping[Symbol, Expr]) -> Expr:
    while found := term.free_symbols & named.keys():
        term = term.xreplace({symbol: named[symbol] for symbol in found})
    return term


def _written(name: str, definitions: Definitions, parameters: Sequence[Symbol]) -> Subject:
    """Gradients of the last definition: over the names, and with nothing but leaves."""
    slopes = [_slope(definitions, parameter) for parameter in parameters]
    loss = _put_in(definitions[-1][0], dict(definitions))
    flat = [loss.diff(parameter) for parameter in parameters[::2]]
    return Subject(name, definitions, (*slopes, *flat), (*parameters, *parameters[::2]))


def _slope(definitions: Definitions, parameter: Symbol) -> Expr:
    """The derivative of the last definition, carried forward from line to line."""
    slopes: dict[Symbol, Expr] = {parameter: sp.S.One}
    for symbol, term in definitions:
        moving = [s for s in slopes if s in term.free_symbols]
        if moving:
            slopes[symbol] = sp.Add(*(term.diff(s) * slopes[s] for s in moving))
    return slopes[definitions[-1][0]]


def _recurrent(steps: int) -> Subject:
    """h_t = tanh(u·x_t + w·h_{t−1} + b), o = v·h + c, E = (d − o)²/2."""
    u, w, b, v, c, d, o, loss, state = _real("u w b v c d o E h_0")
    definitions: Definitions = []
    for step in range(1, steps + 1):
        x, after = _real(f"x_{step} h_{step}")
        definitions.append((after, tanh(u * x + w * state + b)))
        state = after
    definitions += [(o, v * state + c), (loss, (d - o) ** 2 / 2)]
    return _written(f"rnn of {steps}", definitions, (u, w, b, v, c))


def _layer_norm() -> Subject:
    """y = g·(x − μ)/√(s + ε) + b of three numbers, E = Σ (d − y)²/2."""
    x, g, b, d, y = (_real(" ".join(f"{n}_{i}" for i in (1, 2, 3))) for n in "xgbdy")
    mean, variance, root, loss = _real("m s r E")
    definitions = [
        (mean, sp.Add(*x) / 3),
        (variance, sp.Add(*((n - mean) ** 2 for n in x)) / 3),
        (root, sqrt(variance + Rational(1, 100000))),
        *((y[i], g[i] * (x[i] - mean) / root + b[i]) for i in range(3)),
        (loss, sp.Add(*((d[i] - y[i]) ** 2 for i in range(3))) / 2),
    ]
    return _written("layer norm", definitions, (x[0], g[1], x[2], b[0]))


def _attention() -> Subject:
    """Σ_i (d_i − Σ_j p_ij·v_j)²/2, p_i the softmax of q_i·k_j/√2: two queries, two keys in 2D."""
    q, k = _real("q_1_1 q_1_2 q_2_1 q_2_2"), _real("k_1_1 k_1_2 k_2_1 k_2_2")
    v, d, total, loss = _real("v_1 v_2"), _real("d_1 d_2"), _real("t_1 t_2"), _real("E")[0]
    e, p, out = _real("e_1_1 e_1_2 e_2_1 e_2_2"), _real("p_1_1 p_1_2 p_2_1 p_2_2"), _real("o_1 o_2")
    definitions: Definitions = []
    for i in (0, 1):
        row = (2 * i, 2 * i + 1)
        scores = [(q[2 * i] * k[2 * j] + q[2 * i + 1] * k[2 * j + 1]) / sqrt(2) for j in (0, 1)]
        definitions += [(e[n], exp(score)) for n, score in zip(row, scores, strict=True)]
        definitions.append((total[i], e[row[0]] + e[row[1]]))
        definitions += [(p[n], e[n] / total[i]) for n in row]
        definitions.append((out[i], p[row[0]] * v[0] + p[row[1]] * v[1]))
    definitions.append((loss, ((d[0] - out[0]) ** 2 + (d[1] - out[1]) ** 2) / 2))
    return _written("attention", definitions, (q[0], k[0], v[0], k[3]))


def subjects() -> list[Subject]:
    """All problems."""
    perceptrons = [
        _perceptron(f"{activation} {sizes}", sizes, activation, "half-squared")
        for sizes in SHAPES
        for activation in ACTIVATIONS
    ]
    classes = _perceptron("softmax", (2, 3), "softmax", "cross-entropy")
    hidden = _perceptron("tanh and softmax", (2, 2, 2), ["tanh", "softmax"], "cross-entropy")
    written = (_recurrent(1), _recurrent(2), _layer_norm(), _attention())
    return [*perceptrons, classes, hidden, *written]


def _above_zero(term: Expr) -> Expr:
    return 1 + term**2


def _largest(u: Expr, v: Expr) -> Expr:
    """SymPy compares no numbers that a function of ours makes."""
    return Max(u, v) if u.free_symbols and v.free_symbols else u * v


ONE_ARGUMENT: tuple[Callable[[Expr], Expr], ...] = (
    exp, sigmoid, tanh, softplus, relu, Abs, sin, cos, erf, sigmoid, tanh,
    lambda u: -u, lambda u: u**2, lambda u: u**3,
    lambda u: 1 / u,
    lambda u: log(_above_zero(u)), lambda u: sqrt(_above_zero(u)), lambda u: log(exp(u) + 2),
    lambda u: 1 / sqrt(_above_zero(u)), lambda u: sqrt(softplus(u)), lambda u: log(sigmoid(u)),
)  # fmt: skip
TWO_ARGUMENTS: tuple[Callable[[Expr, Expr], Expr], ...] = (
    lambda u, v: u + v, lambda u, v: u - v, lambda u, v: u * v, lambda u, v: u + v,
    lambda u, v: u * v, lambda u, v: u / v, lambda u, v: u / _above_zero(v), _largest,
)  # fmt: skip


def nest(rng: random.Random, depth: int) -> Expr:
    """A random term with a real value at almost every point where no denominator vanishes."""
    while True:
        term = _nest(rng, depth)
        if term.free_symbols and not term.has(*NOT_REAL):
            return term


def _nest(rng: random.Random, depth: int) -> Expr:
    if depth == 0 or rng.random() < 0.1:
        return rng.choice((*LETTERS, *LETTERS, rng.choice(CONSTANTS)))
    if rng.random() < 0.5:
        return rng.choice(ONE_ARGUMENT)(_nest(rng, depth - 1))
    return rng.choice(TWO_ARGUMENTS)(_nest(rng, depth - 1), _nest(rng, depth - 1))
