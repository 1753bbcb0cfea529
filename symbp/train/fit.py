"""Training a network program on data, with the derived gradients compiled to NumPy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sympy import Symbol

from symbp.core.optimizers import Optimizer, optimizer_of
from symbp.core.program import Program
from symbp.train.descend import DescentError
from symbp.write.numpy import lambdify, outputs

Array = NDArray[np.float64]
SAMPLES = Symbol("N", integer=True, positive=True)


@dataclass(frozen=True)
class Run:
    """A trained network: its parameters, and the loss before each epoch."""

    program: Program
    parameters: Mapping[str, Array]
    history: tuple[float, ...] = field(repr=False)

    def loss(self, x: ArrayLike, d: ArrayLike) -> float:
        """The loss on samples given row by row."""
        inputs, targets = _columns(x), _columns(d)
        function = lambdify(_sized(self.program, inputs.shape[1]))
        return float(function(*self.parameters.values(), inputs, targets)[0])

    def predict(self, x: ArrayLike) -> Array:
        """The network's outputs, a row a sample."""
        return predict(self.program, self.parameters, x)


def fit(
    program: Program,
    x: ArrayLike,
    d: ArrayLike,
    optimizer: str | Optimizer = "sgd",
    epochs: int = 100,
    batch_size: int | None = None,
    lr: float | None = None,
    seed: int = 0,
    report: Callable[[int, float], None] | None = None,
) -> Run:
    """Train a network on samples given row by row; x is (N, inputs), d is (N, outputs).

    The program has samples (``mlp(…, samples=…)``); its number of samples is exchanged for the
    batch's. Weights start uniform in ±√(6/(in + out)) (Glorot & Bengio 2010), biases at zero; the
    samples are shuffled anew each epoch where there are batches; all from ``seed``. ``report`` is
    called with the epoch and its loss. Raises DescentError where the loss is no finite number.
    """
    inputs, targets = _columns(x), _columns(d)
    count = inputs.shape[1]
    size = min(batch_size or count, count)
    rule = optimizer_of(optimizer, lr) if isinstance(optimizer, str) else optimizer
    rng = np.random.default_rng(seed)
    parameters = initial(program, rng)
    step = lambdify(_sized(program, size), update=rule)
    history = []
    for epoch in range(epochs):
        losses = []
        order = rng.permutation(count) if size < count else np.arange(count)
        for begin in range(0, count - size + 1, size):
            chosen = order[begin : begin + size]
            batch = inputs[:, chosen], targets[:, chosen]
            losses.append(float(step(*parameters.values(), *batch)[0]))
        loss = float(np.mean(losses))
        if not np.isfinite(loss):
            raise DescentError(
                f"{program.loss} is {loss} in epoch {epoch + 1}: a smaller learning rate is needed"
            )
        history.append(loss)
        if report is not None:
            report(epoch + 1, loss)
    return Run(program, parameters, tuple(history))


def initial(program: Program, rng: np.random.Generator) -> dict[str, Array]:
    """Glorot's uniform weights and zero biases for the parameters of a program."""
    values = {}
    for leaf in program.parameters:
        shape = tuple(int(size) for size in program.shapes[leaf.name])
        bound = np.sqrt(6.0 / sum(shape)) if len(shape) > 1 else 0.0
        values[leaf.name] = rng.uniform(-bound, bound, shape) if bound else np.zeros(shape)
    return values


def predict(program: Program, parameters: Mapping[str, Array], x: ArrayLike) -> Array:
    """The array that feeds the loss, a row a sample."""
    inputs = _columns(x)
    sized = _sized(program, inputs.shape[1])
    output = sized.equations[-2].name
    targets = np.zeros([int(size) for size in sized.shapes[sized.inputs[1].name]])
    found: Array = outputs(sized, [output])(*parameters.values(), inputs, targets)[0]
    return found.T


def _columns(rows: ArrayLike) -> Array:
    array = np.asarray(rows, dtype=float)
    return np.ascontiguousarray(np.atleast_2d(array).T)


def _sized(program: Program, samples: int) -> Program:
    return program.at({size: samples for size in program.sizes})
