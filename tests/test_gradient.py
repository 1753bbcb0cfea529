"""Gradients of Python functions, proved or refuted by their source."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import symbp
from symbp.testing import assert_gradient, assert_vjp

SHAPES = {"W": (3, 2), "b": (3,), "x": (2,), "d": (3,)}


def sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


def loss(W: Any, b: Any, x: Any, d: Any) -> Any:  # noqa: N803
    return 0.5 * np.sum((sigmoid(W @ x + b) - d) ** 2)


def gradient(W: Any, b: Any, x: Any, d: Any) -> Any:  # noqa: N803
    o = sigmoid(W @ x + b)
    delta = (o - d) * o * (1 - o)
    return {"W": np.outer(delta, x), "b": delta}


def without_derivative(W: Any, b: Any, x: Any, d: Any) -> Any:  # noqa: N803
    delta = sigmoid(W @ x + b) - d
    return np.outer(delta, x), delta


def doubled(W: Any, b: Any, x: Any, d: Any) -> Any:  # noqa: N803
    found = gradient(W, b, x, d)
    return {"dW": 2 * found["W"], "db": found["b"]}


def test_a_gradient_is_proved() -> None:
    assert_gradient(loss, gradient, SHAPES)


@pytest.mark.parametrize(
    ("wrong", "outcomes"),
    [
        (without_derivative, {"W": "different", "b": "different"}),
        (doubled, {"W": "proportional", "b": "equal"}),
    ],
)
def test_a_wrong_one_is_told(wrong: Callable[..., Any], outcomes: dict[str, str]) -> None:
    found = symbp.check_gradient(loss, wrong, SHAPES)
    assert {name: str(v.outcome) for name, v in found.verdicts.items()} == outcomes
    with pytest.raises(AssertionError, match="not the gradient"):
        assert_gradient(loss, wrong, SHAPES)


def test_lambdas_and_labels() -> None:
    loss_fn = lambda w, y: -np.sum(np.log(softmax(w)[range(2), y]))  # noqa: E731
    assert_gradient(loss_fn, of_scores, {"w": (2, 3), "y": np.array([0, 2])})


def softmax(w: Any) -> Any:
    e = np.exp(w - np.max(w, axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def of_scores(w: Any, y: Any) -> Any:
    p = softmax(w)
    p[range(2), y] -= 1
    return p


def affine(x: Any, w: Any, b: Any) -> Any:
    return x.dot(w) + b, (x, w, b)


def affine_back(dout: Any, cache: Any) -> Any:
    x, w, _ = cache
    return dout.dot(w.T), x.T.dot(dout), dout.sum(axis=0)


def norm(x: Any, gamma: Any, beta: Any) -> Any:
    mean, var = x.mean(axis=0), x.var(axis=0)
    unit = (x - mean) / np.sqrt(var + 1e-5)
    return gamma * unit + beta, (unit, gamma, var)


def norm_back(dout: Any, cache: Any) -> Any:
    unit, gamma, var = cache
    n = dout.shape[0]
    dunit = dout * gamma
    dx = (n * dunit - dunit.sum(axis=0) - unit * np.sum(dunit * unit, axis=0)) / (
        n * np.sqrt(var + 1e-5)
    )
    return dx, np.sum(dout * unit, axis=0), dout.sum(axis=0)


@pytest.mark.parametrize(
    ("forward", "backward", "shapes"),
    [
        (affine, affine_back, {"x": (4, 3), "w": (3, 2), "b": (2,)}),
        (norm, norm_back, {"x": (3, 2), "gamma": (2,), "beta": (2,)}),
    ],
)
def test_layers(
    forward: Callable[..., Any], backward: Callable[..., Any], shapes: dict[str, Any]
) -> None:
    assert_vjp(forward, backward, shapes)


def test_a_bias_over_the_wrong_axis() -> None:
    def back(dout: Any, cache: Any) -> Any:
        x, w, _ = cache
        return dout.dot(w.T), x.T.dot(dout), dout.sum(axis=1)

    found = symbp.check_vjp(affine, back, {"x": (2, 3), "w": (3, 2), "b": (2,)})
    assert {n: str(v.outcome) for n, v in found.verdicts.items()} == {
        "x": "equal", "w": "equal", "b": "different"
    }  # fmt: skip


def test_functions_are_never_called() -> None:
    def never(w: Any) -> Any:
        raise RuntimeError

    with pytest.raises(symbp.read.code.values.CodeError, match="raises"):
        symbp.check_gradient(never, never, {"w": (2,)})
