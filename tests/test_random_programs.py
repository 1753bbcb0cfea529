"""A hundred random networks: every target's gradients against those of JAX, written by hand.

JAX differentiates its own forward pass, in which nothing of symbp stands. Differences are measured
against the largest entry of each gradient, in float64.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from symbp.core.functions import LOSSES
from symbp.core.networks import LAYERS, mlp
from symbp.core.program import Program
from symbp.write.plan import Plan
from symbp.write.targets import lambdify
from tests.test_targets import HERE

COUNT = 100
TOLERANCE = 1e-12

OWN_LAYERS: Mapping[str, Callable[[Any], Any]] = {
    "identity": lambda z: z, "sigmoid": jax.nn.sigmoid, "tanh": jnp.tanh, "relu": jax.nn.relu,
    "leaky_relu": lambda z: jax.nn.leaky_relu(z, 0.01), "elu": jax.nn.elu,
    "softplus": jax.nn.softplus, "silu": jax.nn.silu,
    "gelu": lambda z: jax.nn.gelu(z, approximate=False),
    "gelu_tanh": lambda z: jax.nn.gelu(z, approximate=True),
    "softmax": lambda z: jax.nn.softmax(z, axis=0),
}  # fmt: skip
OWN_LOSSES: Mapping[str, Callable[[Any, Any], Any]] = {
    "half-squared": lambda o, d: (d - o) ** 2 / 2,
    "squared": lambda o, d: (d - o) ** 2,
    "mse": lambda o, d: (d - o) ** 2 / o.shape[0],
    "cross-entropy": lambda o, d: -d * jnp.log(o),
    "binary-cross-entropy": lambda o, d: -d * jnp.log(o) - (1 - d) * jnp.log1p(-o),
    "absolute": lambda o, d: jnp.abs(d - o),
    "huber": lambda o, d: jnp.where(abs(d - o) <= 1, (d - o) ** 2 / 2, abs(d - o) - 0.5),
    "hinge": lambda o, d: jax.nn.relu(1 - d * o),
}


@dataclass(frozen=True)
class Case:
    """A random network: what it is made of, and where its gradient is taken."""

    widths: list[int]
    layers: list[str]
    loss: str
    bias: bool
    samples: int | None
    reduction: str

    @classmethod
    def of(cls, seed: int) -> Case:
        """Every loss and every activation comes up; one case in three is too large for scalar code."""
        rng = Random(seed)
        loss = [*LOSSES][seed % len(LOSSES)]
        most = 9 if seed % 3 == 0 else 3
        widths = [rng.randint(1, most) for _ in range(rng.randint(2, 4))]
        layers = [rng.choice([*LAYERS]) for _ in widths[1:]]
        layers[0] = [*LAYERS][seed % len(LAYERS)]
        if "entropy" in loss:
            layers[-1] = "softmax" if loss == "cross-entropy" else "sigmoid"
        samples = rng.choice([None, 1, 4]) if most == 3 else 12
        return cls(widths, layers, loss, rng.random() < 0.7, samples, rng.choice(["mean", "sum"]))

    def program(self) -> Program:
        """The network in symbp."""
        return mlp(self.widths, self.layers, self.loss, self.bias, self.samples, self.reduction)

    def own_loss(self, parameters: list[Any], x: Any, d: Any) -> Any:
        """The network in JAX."""
        a, rest = x, [*parameters]
        for layer in self.layers:
            z = rest.pop(0) @ a
            if self.bias:
                b = rest.pop(0)
                z = z + (b if self.samples is None else b[:, None])
            a = OWN_LAYERS[layer](z)
        mean = self.samples if self.samples and self.reduction == "mean" else 1
        return jnp.sum(OWN_LOSSES[self.loss](a, d)) / mean

    def values(self, program: Program, seed: int) -> tuple[list[Any], Any, Any]:
        """Random parameters, inputs and targets that the loss is made for."""
        rng = np.random.default_rng(seed)
        *parameters, x, d = (rng.normal(size=[int(n) for n in program.shapes[leaf.name]])
                             for leaf in (*program.parameters, *program.inputs))  # fmt: skip
        if self.loss == "cross-entropy":
            d = np.exp(d) / np.exp(d).sum(axis=0)
        elif self.loss in ("binary-cross-entropy", "hinge"):
            d = np.where(d > 0, 1.0, 0.0 if self.loss != "hinge" else -1.0)
        return parameters, x, d


@pytest.mark.parametrize("seed", range(COUNT))
def test_gradients_are_those_of_jax(seed: int) -> None:
    case = Case.of(seed)
    program = case.program()
    parameters, x, d = case.values(program, seed)
    with jax.enable_x64(True):
        want, slopes = jax.jit(jax.value_and_grad(case.own_loss))(
            [*map(jnp.asarray, parameters)], jnp.asarray(x), jnp.asarray(d)
        )
    # Numba takes seconds for loops: one such network in ten is enough of them.
    slow = not Plan.of(program).is_small and seed % 10
    for target in (t for t in HERE if t != "numba" or not slow):
        loss, *gradients = lambdify(program, target=target)(*parameters, x, d)
        assert float(loss) == pytest.approx(float(want), rel=TOLERANCE), target
        for leaf, gradient, slope in zip(program.parameters, gradients, slopes, strict=True):
            error = np.abs(np.asarray(gradient) - np.asarray(slope)).max()
            assert error <= TOLERANCE * np.abs(slope).max(), (target, leaf, case)


def test_the_cases_are_many() -> None:
    cases = [Case.of(seed) for seed in range(COUNT)]
    assert {layer for case in cases for layer in case.layers} == {*LAYERS}
    assert {case.loss for case in cases} == {*LOSSES}
    small = sum(Plan.of(case.program()).is_small for case in cases[:30])
    assert 10 < small < 25
