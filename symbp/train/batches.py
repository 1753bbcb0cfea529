"""A program on samples: which axis of each input they lie on, and the step for a batch of them.

Data are given sample by sample, as people have them: the first axis of an array counts its samples.
In a program samples are the axis whose size is a letter (``N``); an input without such an axis is the
same for all samples.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import nan
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sympy import Symbol

from symbp.core.optimizers import Update
from symbp.core.program import Program
from symbp.train.descend import DescentError
from symbp.write.numpy import outputs
from symbp.write.plan import Step
from symbp.write.targets import lambdify

BEYOND = (ArithmeticError, ValueError)
"""What Python's floats raise where an array becomes inf or nan: exp(1e9), 1/0, log(-1)."""
Array = NDArray[np.float64]
State = Mapping[str, list[Any]]


@dataclass(frozen=True)
class Samples:
    """The inputs of a program on so many samples, each array laid out as the program has it."""

    program: Program
    arrays: tuple[Array, ...]
    axes: tuple[int | None, ...]
    count: int

    @classmethod
    def of(cls, program: Program, given: Mapping[str, ArrayLike]) -> Samples:
        """Arrays by the names of the program's inputs. Raises DescentError for a wrong shape."""
        letter = _letter(program)
        arrays, axes, counts = [], [], set()
        for leaf in program.inputs:
            if leaf.name not in given:
                raise DescentError(f"no data for the input {leaf.name}")
            shape = program.shapes[leaf.name]
            array = np.asarray(given[leaf.name], dtype=float)
            axis = shape.index(letter) if letter in shape else None
            if axis is not None and array.ndim == 1 and len(shape) == 2:
                array = array.reshape(-1, 1)
            expected = [s for n, s in enumerate(shape) if n != axis]
            found = list(array.shape if axis is None else array.shape[1:])
            if found != [int(s) for s in expected]:
                want = ", ".join(["N" if axis is not None else "", *map(str, expected)]).strip(", ")
                raise DescentError(f"{leaf.name}: shape {array.shape}, where ({want}) is needed")
            if axis is not None:
                counts.add(len(array))
            arrays.append(array)
            axes.append(axis)
        if len(counts) > 1:
            raise DescentError(f"the inputs have {' and '.join(map(str, sorted(counts)))} samples")
        laid = tuple(_laid(array, axis) for array, axis in zip(arrays, axes, strict=True))
        return cls(program, laid, tuple(axes), counts.pop() if counts else 1)

    def chosen(self, rows: NDArray[np.intp]) -> tuple[Array, ...]:
        """Some of the samples, in this order."""
        return tuple(
            array if axis is None else np.ascontiguousarray(array.take(rows, axis))
            for array, axis in zip(self.arrays, self.axes, strict=True)
        )

    def part(self, rows: NDArray[np.intp]) -> Samples:
        """Some of the samples as samples of their own."""
        return Samples(self.program, self.chosen(rows), self.axes, len(rows))

    @cached_property
    def loss(self) -> Any:
        """``loss(*parameters)`` on all samples."""
        f = outputs(sized(self.program, self.count), [self.program.loss])
        return lambda *parameters: float(np.asarray(f(*parameters, *self.arrays)[0]))


class Steps:
    """The update of a program for batches of every size that comes, with one state for all."""

    def __init__(self, program: Program, update: Update) -> None:
        self._program = program
        self._update = update
        self._steps: dict[int, Step] = {}
        self._shared: list[Symbol] = list(update.shared)
        self._last: Step | None = None

    def __call__(self, parameters: Mapping[str, Array], batch: tuple[Array, ...], size: int) -> float:
        """One update of the parameters, in place; the loss before it, not a number if none."""
        step = self.at(size)
        try:
            return float(step(*parameters.values(), *batch)[0])
        except BEYOND:
            return nan

    def at(self, size: int) -> Step:
        """The step for a batch of this size."""
        if size not in self._steps:
            self._steps[size] = lambdify(sized(self._program, size), update=self._update)
        step = self._steps[size]
        if self._last is not None and self._last is not step:
            for name, items in self._last.state.items():
                step.state[name][:] = items
        self._last = step
        return step

    @property
    def state(self) -> State:
        """What the optimizer remembers."""
        assert self._last is not None
        return self._last.state


def sized(program: Program, samples: int) -> Program:
    """The program for a number of samples."""
    return program.at({size: samples for size in program.sizes})


def _letter(program: Program) -> Symbol | None:
    sizes = sorted(program.sizes, key=str)
    if len(sizes) > 1:
        raise DescentError(
            f"the sizes {', '.join(map(str, sizes))} are open; one is accepted, that of the samples"
        )
    return sizes[0] if sizes else None


def _laid(array: Array, axis: int | None) -> Array:
    return np.ascontiguousarray(array if axis is None else np.moveaxis(array, 0, axis))
