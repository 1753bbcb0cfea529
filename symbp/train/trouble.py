"""Where a training run left the finite numbers: the equation and the sample."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from symbp.core.program import Program
from symbp.train.batches import BEYOND, Array, Samples, Steps, sized
from symbp.train.checkpoint import Copy, put_back
from symbp.write.numpy import outputs
from symbp.write.targets import lambdify


def trouble(
    samples: Samples, steps: Steps, before: Copy, order: NDArray[np.intp] | None, size: int,
    epoch: int,
) -> str:  # fmt: skip
    """Repeats an epoch from its start and says what is no finite number first."""
    parameters = {name: array.copy() for name, array in before.parameters.items()}
    put_back(Copy({}, before.state), parameters, steps)
    place = np.arange(samples.count) if order is None else order
    for begin in range(0, samples.count, size):
        rows = place[begin : begin + size]
        batch = samples.arrays if order is None else samples.chosen(rows)
        found = _first(sized(samples.program, len(rows)), parameters, batch, rows)
        if found is not None:
            return f"epoch {epoch + 1}: {found}; a smaller learning rate may be needed"
        steps(parameters, batch, len(rows))
    return f"epoch {epoch + 1}: {samples.program.loss} is no finite number"


def _first(
    program: Program, parameters: dict[str, Array], batch: tuple[Array, ...],
    rows: NDArray[np.intp],
) -> str | None:  # fmt: skip
    names = [equation.name for equation in program.equations]
    arguments = (*parameters.values(), *batch)
    for name, value in zip(names, outputs(program, names)(*arguments), strict=True):
        where = _where(np.asarray(value), rows)
        if where is not None:
            return f"{name} is {where}"
    try:
        _, *gradients = lambdify(program)(*arguments)
    except BEYOND:
        return f"the gradient of {program.loss} is no finite number"
    for name, gradient in zip(parameters, gradients, strict=True):
        if not np.all(np.isfinite(gradient)):
            return f"the gradient of {program.loss} by {name} is no finite number"
    return None


def _where(value: Array, rows: NDArray[np.intp]) -> str | None:
    bad = np.argwhere(~np.isfinite(value))
    if not len(bad):
        return None
    place = tuple(bad[0])
    word = str(value[place])
    # Samples lie on the last axis of what a network computes.
    on_samples = bool(place) and value.shape[-1] == len(rows)
    return f"{word} at sample {rows[place[-1]] + 1}" if on_samples else word
