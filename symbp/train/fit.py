"""Training a program on data, with the derived gradients compiled to NumPy."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike
from sympy import Symbol

from symbp.core.optimizers import ETA, Optimizer, optimizer_of
from symbp.core.program import Program
from symbp.core.shown import Shown
from symbp.train import checkpoint
from symbp.train.batches import Array, Samples, Steps, sized
from symbp.train.descend import DescentError
from symbp.train.schedules import Schedule, schedule_of
from symbp.train.trouble import trouble
from symbp.write.numpy import outputs
from symbp.write.plan import is_scalar

SAMPLES = Symbol("N", integer=True, positive=True)

Given = ArrayLike | Mapping[str, ArrayLike]
"""The arrays of all inputs by their names, or that of the first input alone."""


@dataclass(frozen=True)
class Epoch:
    """What a callback is told after an epoch: its number from 1, the losses, the rate's factor."""

    number: int
    loss: float
    validation: float | None
    rate: float
    parameters: Mapping[str, Array]


Callback = Callable[[Epoch], object]
"""Called after each epoch; training ends when it returns True."""


@dataclass(frozen=True)
class Run(Shown):
    """A trained program: its parameters, and the loss of each epoch before its updates.

    With mini-batches an epoch's loss is the mean over its samples, each taken when its batch came.
    ``validation`` are the losses on the validation data after each epoch, and ``held`` the rows of
    the data that were kept for it.
    """

    program: Program
    parameters: Mapping[str, Array]
    history: tuple[float, ...] = field(repr=False)
    validation: tuple[float, ...] = field(default=(), repr=False)
    held: tuple[int, ...] = field(default=(), repr=False)

    def loss(self, x: Given, d: ArrayLike | None = None) -> float:
        """The loss on samples given row by row."""
        samples = Samples.of(self.program, named(self.program, x, d))
        return float(samples.loss(*self.parameters.values()))

    def predict(self, x: ArrayLike) -> Array:
        """The program's outputs, a row a sample."""
        return predict(self.program, self.parameters, x)


@dataclass
class _State:
    """All that the next epoch depends on."""

    parameters: dict[str, Array]
    rng: np.random.Generator
    history: list[float] = field(default_factory=list)
    validation: list[float] = field(default_factory=list)
    best: dict[str, Array] = field(default_factory=dict)


def fit(
    program: Program,
    x: Given,
    d: ArrayLike | None = None,
    optimizer: str | Optimizer = "sgd",
    epochs: int = 100,
    batch_size: int | None = None,
    lr: float | None = None,
    seed: int = 0,
    *,
    schedule: str | Schedule = "constant",
    validation: tuple[Given, ArrayLike | None] | float | None = None,
    patience: int | None = None,
    callbacks: Iterable[Callback] = (),
    parameters: Mapping[str, ArrayLike] | None = None,
    save: Path | None = None,
    resume: bool = False,
) -> Run:
    """Train a program on samples given row by row: for a network x is (N, inputs), d (N, outputs).

    The program has an open number of samples (``mlp(…, samples=N)``), which is exchanged for the
    batch's; a program without samples takes the whole arrays at each step. ``x`` may be a mapping
    from the names of all inputs. Weights start uniform in ±√(6/(in + out)) (Glorot & Bengio 2010),
    others at zero, or as ``parameters`` says; the samples are shuffled anew each epoch where there
    are batches; all from ``seed``.

    ``schedule`` gives the rate's factor in each epoch. ``validation`` is data, or the share of the
    samples to be kept for it; with ``patience`` training ends after so many epochs without a smaller
    loss there (or of training, without validation), and the parameters of the best epoch are
    returned. ``save`` is written after each epoch, and with ``resume`` continued bit for bit.

    Raises DescentError where the loss is no finite number, with the equation and the sample, and
    for data that do not fit; DataError for a file that is not whole or of another training.
    """
    if is_scalar(program):
        raise DescentError("a program on arrays is accepted; this one is on numbers alone")
    given = named(program, x, d)
    rng = np.random.default_rng(seed)
    samples, held, rows = _parted(Samples.of(program, given), validation, rng)
    rule = optimizer_of(optimizer, lr) if isinstance(optimizer, str) else optimizer
    rate = schedule_of(schedule) if isinstance(schedule, str) else schedule
    size = min(batch_size or samples.count, samples.count)
    steps = Steps(program, rule.update(None if schedule == "constant" else ETA))
    state = _State(_started(program, parameters, rng), rng)
    mark = checkpoint.mark(program, given, repr((rule, str(schedule), size, seed)))
    steps.at(size)
    if resume and save is not None and save.exists():
        checkpoint.restore(save, mark, state, steps)
    told = tuple(callbacks)
    while len(state.history) < epochs:
        epoch = len(state.history)
        factor = rate(epoch, epochs)
        if ETA.name in steps.state:
            steps.state[ETA.name][0] = rule.lr * factor
        with np.errstate(all="ignore"):  # what is not finite is found and told below
            state.history.append(_epoch(steps, state, samples, size))
            if held is not None:
                state.validation.append(float(held.loss(*state.parameters.values())))
        ended = _is_over(state, patience)
        if save is not None:
            checkpoint.store(save, mark, state, steps)
        last = state.validation[-1] if held is not None else None
        news = Epoch(epoch + 1, state.history[-1], last, factor, state.parameters)
        if any([callback(news) is True for callback in told]) or ended:
            break
    best = state.best if patience is not None and state.best else state.parameters
    return Run(program, best, tuple(state.history), tuple(state.validation), rows)


def _epoch(steps: Steps, state: _State, samples: Samples, size: int) -> float:
    """One pass over the samples; the mean of the loss over them."""
    before = checkpoint.copied(state, steps)
    order = state.rng.permutation(samples.count) if size < samples.count else None
    total = 0.0
    for begin in range(0, samples.count, size):
        rows = np.arange(samples.count) if order is None else order[begin : begin + size]
        batch = samples.arrays if order is None else samples.chosen(rows)
        loss = steps(state.parameters, batch, len(rows))
        if not np.isfinite(loss):
            raise DescentError(trouble(samples, steps, before, order, size, len(state.history)))
        total += loss * len(rows)
    return total / samples.count


def _is_over(state: _State, patience: int | None) -> bool:
    if patience is None:
        return False
    losses = state.validation or state.history
    best = int(np.argmin(losses))
    if best == len(losses) - 1 and state.validation:
        state.best = {name: array.copy() for name, array in state.parameters.items()}
    return len(losses) - 1 - best >= patience


def named(program: Program, x: Given, d: ArrayLike | None) -> dict[str, ArrayLike]:
    """The arrays by the names of the program's inputs."""
    if isinstance(x, Mapping):
        return dict(x)
    names = [leaf.name for leaf in program.inputs]
    arrays = [x] if d is None else [x, d]
    if len(names) != len(arrays):
        raise DescentError(
            f"the inputs are {', '.join(names)}: their arrays by name are accepted, {{name: array}}"
        )
    return dict(zip(names, arrays, strict=True))


def _parted(
    samples: Samples, validation: tuple[Given, ArrayLike | None] | float | None,
    rng: np.random.Generator,
) -> tuple[Samples, Samples | None, tuple[int, ...]]:  # fmt: skip
    """The samples to train on, those to validate with, and the rows of the latter."""
    if validation is None:
        return samples, None, ()
    if not isinstance(validation, float):
        given = named(samples.program, *validation)
        return samples, Samples.of(samples.program, given), ()
    held = round(validation * samples.count)
    if not 0 < held < samples.count:
        raise DescentError(f"validation {validation:g} of {samples.count} samples leaves none")
    order = rng.permutation(samples.count)
    rows = np.sort(order[:held])
    return samples.part(np.sort(order[held:])), samples.part(rows), tuple(rows.tolist())


def _started(
    program: Program, parameters: Mapping[str, ArrayLike] | None, rng: np.random.Generator
) -> dict[str, Array]:
    values = initial(program, rng)
    for name, value in (parameters or {}).items():
        if name not in values or values[name].shape != np.shape(value):
            found = ", ".join(f"{n} {v.shape}" for n, v in values.items())
            raise DescentError(f"{name} {np.shape(value)} is no parameter: there are {found}")
        values[name] = np.array(value, dtype=float)
    return values


def initial(program: Program, rng: np.random.Generator) -> dict[str, Array]:
    """Glorot's uniform weights and zero biases for the parameters of a program."""
    values = {}
    for leaf in program.parameters:
        shape = tuple(int(size) for size in program.shapes[leaf.name])
        bound = np.sqrt(6.0 / sum(shape)) if len(shape) > 1 else 0.0
        values[leaf.name] = rng.uniform(-bound, bound, shape) if bound else np.zeros(shape)
    return values


def predict(program: Program, parameters: Mapping[str, Array], x: ArrayLike) -> Array:
    """The array that feeds the loss of a network, a row a sample."""
    rows = np.asarray(x, dtype=float)
    rows = rows.reshape(len(rows), -1)
    given = sized(program, len(rows))
    output = given.equations[-2].name
    target = np.zeros([int(size) for size in given.shapes[given.inputs[1].name]])
    inputs = np.ascontiguousarray(rows.T)
    found: Array = outputs(given, [output])(*parameters.values(), inputs, target)[0]
    return found.T
