"""A trained network in a file: its words, its weights, and what the columns of the data are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from symbp.core.networks import mlp
from symbp.core.program import Program
from symbp.read.directives import Network
from symbp.train import store
from symbp.train.batches import Array
from symbp.train.data import Columns, DataError, Matrix, Table
from symbp.train.fit import SAMPLES, Run, predict

KIND = "model"


@dataclass(frozen=True)
class Model:
    """A network with its parameters, which takes the columns that it was trained on."""

    network: Network
    columns: Columns
    parameters: Mapping[str, Array]

    @classmethod
    def of(cls, network: Network, columns: Columns, run: Run) -> Model:
        """What a training run made."""
        return cls(network, columns, run.parameters)

    def write(self, path: Path) -> None:
        """Save it; the file holds numbers and a JSON text. Raises OSError."""
        facts = {"network": asdict(self.network), "columns": asdict(self.columns)}
        store.write(path, KIND, dict(self.parameters), facts)

    @classmethod
    def read(cls, path: Path) -> Model:
        """Load it. Raises :class:`DataError` for a file that is no whole model."""
        arrays, facts = store.read(path, KIND)
        try:
            words = facts["network"]
            network = Network(
                tuple(map(int, words["layers"])), tuple(map(str, words["activation"])),
                str(words["loss"]), bool(words["bias"]), None, str(words["reduction"]),
            )  # fmt: skip
            columns = _columns(facts["columns"])
            program = program_of(network)
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(f"{path}: no model that symbp wrote: {error}") from None
        shapes = {p.name: tuple(map(int, program.shapes[p.name])) for p in program.parameters}
        if {name: array.shape for name, array in arrays.items()} != shapes:
            raise DataError(f"{path}: the weights do not fit the network")
        return cls(network, columns, {name: arrays[name] for name in shapes})

    def predict(self, x: Matrix) -> Matrix:
        """The outputs for inputs as the table has them, a row a sample."""
        return predict(program_of(self.network), self.parameters, self.columns.standardised(x))

    def answers(self, path: Path) -> tuple[list[str], list[list[str]]]:
        """A header and a row of answers for each row of a table, which may have other columns."""
        outputs = self.predict(Table.read(path).numbers(self.columns.inputs))
        numbers = [[f"{value:.6g}" for value in row] for row in outputs]
        targets = list(self.columns.targets)
        if not self.columns.classes:
            return targets, numbers
        wide = outputs.shape[1] > 1
        head = [f"p({c})" for c in (self.columns.classes if wide else self.columns.classes[1:])]
        labels = self.columns.labels(outputs)
        return [*targets, *head], [[name, *row] for name, row in zip(labels, numbers, strict=True)]


def program_of(network: Network) -> Program:
    """The program of a network on any number of samples."""
    activation: str | Sequence[str] = network.activation
    if len(activation) == 1:
        activation = activation[0]
    return mlp(
        network.widths, activation, network.loss, network.bias, SAMPLES, network.reduction
    )


def _columns(words: Mapping[str, Any]) -> Columns:
    inputs, targets, classes = (tuple(map(str, words[k])) for k in ("inputs", "targets", "classes"))
    mean, scale = (tuple(map(float, words[k])) for k in ("mean", "scale"))
    if not np.all(np.isfinite([*mean, *scale])) or any(s <= 0 for s in scale):
        raise ValueError("the scale of an input is no positive number")
    return Columns(inputs, targets, classes, mean, scale)
