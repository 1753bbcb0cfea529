"""Training data from CSV and NPZ files, with one clear message for whatever is wrong in them."""

from __future__ import annotations

import csv
import math
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

MAX_BYTES = 500_000_000
Matrix = NDArray[np.float64]


class DataError(ValueError):
    """Data that cannot be used: file, row and column, and what would be accepted."""


@dataclass(frozen=True)
class Columns:
    """What the columns of a table are, as the model that was trained on it keeps them.

    ``classes`` are the values of a target that is a word, one output for each (two of them: one
    output that is 0 or 1). ``mean`` and ``scale`` standardise the inputs, ``(x − mean)/scale``;
    they are empty where the inputs are taken as they are.
    """

    inputs: tuple[str, ...]
    targets: tuple[str, ...]
    classes: tuple[str, ...] = ()
    mean: tuple[float, ...] = ()
    scale: tuple[float, ...] = ()

    def standardised(self, x: Matrix) -> Matrix:
        """The inputs as the network takes them."""
        return (x - np.array(self.mean)) / np.array(self.scale) if self.mean else x

    def fitted(self, x: Matrix) -> Columns:
        """With mean and standard deviation of these inputs; a constant column keeps its scale."""
        deviation = x.std(axis=0)
        scale = np.where(deviation > 0, deviation, 1.0)
        return replace(self, mean=tuple(map(float, x.mean(axis=0))), scale=tuple(map(float, scale)))

    def labels(self, outputs: Matrix) -> list[str]:
        """The class of each row of outputs."""
        if outputs.shape[1] == 1:
            return [self.classes[int(value > 0.5)] for value in outputs[:, 0]]
        return [self.classes[number] for number in outputs.argmax(axis=1)]


@dataclass(frozen=True)
class Data:
    """Inputs and targets, a row a sample: shapes (N, inputs) and (N, targets)."""

    x: Matrix
    d: Matrix
    columns: Columns

    def standardised(self) -> Data:
        """With inputs of mean 0 and standard deviation 1, and columns that remember how."""
        columns = self.columns.fitted(self.x)
        return Data(columns.standardised(self.x), self.d, columns)


@dataclass(frozen=True)
class Table:
    """A CSV file: its header, and the cells of each row with the row's number in the file."""

    path: Path
    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]

    @classmethod
    def read(cls, path: Path) -> Table:
        """A table with a header line. Raises :class:`DataError`."""
        _check_size(path)
        try:
            with path.open(newline="", encoding="utf-8-sig") as file:
                lines = [(n, row) for n, row in enumerate(csv.reader(file), 1) if any(row)]
        except (UnicodeDecodeError, csv.Error) as error:
            raise DataError(f"{path}: no CSV text: {error}") from None
        if len(lines) < 2:
            raise DataError(f"{path}: a header line and at least one row are needed")
        header = tuple(name.strip() for name in lines[0][1])
        twice = next((name for name in header if header.count(name) > 1), None)
        if twice is not None:
            raise DataError(f"{path}, row 1: two columns are called {twice!r}")
        for number, row in lines[1:]:
            if len(row) != len(header):
                raise DataError(
                    f"{path}, row {number}: {len(row)} cells, where the header has {len(header)}"
                )
        return cls(path, header, tuple((n, tuple(row)) for n, row in lines[1:]))

    def numbers(self, names: Sequence[str]) -> Matrix:
        """Columns of finite numbers. Raises :class:`DataError` with row and column."""
        places = [(self.place(name), name) for name in names]
        return np.array([
            [self._number(number, name, row[place]) for place, name in places]
            for number, row in self.rows
        ])  # fmt: skip

    def is_numeric(self, name: str) -> bool:
        """Whether a column has a number in its first row: then all are to be numbers."""
        try:
            float(self.rows[0][1][self.place(name)])
        except ValueError:
            return False
        return True

    def words(self, name: str) -> list[str]:
        """A column as it is written."""
        place = self.place(name)
        found = [row[place].strip() for _, row in self.rows]
        if "" in found:
            number = self.rows[found.index("")][0]
            raise DataError(f"{self.path}, row {number}, column {name}: the cell is empty")
        return found

    def place(self, name: str) -> int:
        """Where a column stands. Raises :class:`DataError` with the names that there are."""
        if name not in self.header:
            raise DataError(f"{self.path}: no column {name!r}; there are {', '.join(self.header)}")
        return self.header.index(name)

    def _number(self, row: int, name: str, text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            raise DataError(
                f"{self.path}, row {row}, column {name}: {text!r} is no number"
            ) from None
        if not math.isfinite(value):
            raise DataError(f"{self.path}, row {row}, column {name}: {text} is not finite")
        return value


def read_table(
    path: Path, inputs: int, targets: int, target_columns: Sequence[str] = (),
    input_columns: Sequence[str] = (),
) -> Data:  # fmt: skip
    """The data of a network with so many inputs and targets.

    CSV with a header line: the columns named as targets, or else the last ones, are the targets; the
    columns named as inputs, or else all others, in their order, the inputs. A single target column
    for several outputs, or one of words, holds classes: one for each output, or two for a single
    output; they are sorted and coded one-hot. NPZ: arrays ``x`` and ``d``, a row a sample. Raises
    :class:`DataError`.
    """
    _check_size(path)
    if path.suffix.lower() == ".npz":
        return _npz(path, inputs, targets)
    if path.suffix.lower() != ".csv":
        raise DataError(f"{path}: accepted are .csv with a header line, and .npz with x and d")
    table = Table.read(path)
    single = len(table.header) == inputs + 1
    wanted = list(target_columns) or list(table.header[-(1 if single else targets) :])
    chosen = list(input_columns) or [name for name in table.header if name not in wanted]
    for name in (*wanted, *chosen):
        table.place(name)
    classes = len(wanted) == 1 and (targets > 1 or not table.is_numeric(wanted[0]))
    if len(chosen) != inputs or not (classes or len(wanted) == targets):
        raise DataError(
            f"{path}, row 1: {len(chosen)} inputs ({', '.join(chosen)}) and {len(wanted)} targets "
            f"({', '.join(wanted)}), where the network needs {inputs} inputs and {targets} targets"
        )
    both = next((name for name in chosen if name in wanted), None)
    if both is not None:
        raise DataError(f"{path}: column {both!r} is both an input and a target")
    columns = Columns(tuple(chosen), tuple(wanted))
    x = table.numbers(chosen)
    if not classes:
        return Data(x, table.numbers(wanted), columns)
    words = table.words(wanted[0])
    columns = replace(columns, classes=_classes(path, wanted[0], words, targets))
    return Data(x, _one_hot(words, columns.classes, targets), columns)


def _classes(path: Path, name: str, words: Sequence[str], outputs: int) -> tuple[str, ...]:
    found = sorted(set(words), key=_by_number)
    if len(found) != max(2, outputs):
        raise DataError(
            f"{path}, column {name}: {len(found)} classes ({', '.join(found[:8])}), where the network "
            f"tells {max(2, outputs)} apart"
        )
    return tuple(found)


def _by_number(word: str) -> tuple[float, str]:
    try:
        return float(word), word
    except ValueError:
        return math.inf, word


def _one_hot(words: Sequence[str], classes: Sequence[str], outputs: int) -> Matrix:
    numbers = np.array([classes.index(word) for word in words])
    return numbers[:, None].astype(float) if outputs == 1 else np.eye(outputs)[numbers]


def _check_size(path: Path) -> None:
    if not path.is_file():
        raise DataError(f"{path}: no such file")
    if path.stat().st_size > MAX_BYTES:
        raise DataError(f"{path}: larger than {MAX_BYTES} bytes")


def _npz(path: Path, inputs: int, targets: int) -> Data:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except (ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise DataError(f"{path}: no NPZ archive of numbers: {error}") from None
    for name, width in (("x", inputs), ("d", targets)):
        if name not in arrays:
            raise DataError(f"{path}: no array {name!r}; there are {', '.join(arrays)}")
        array = arrays[name]
        if array.ndim != 2 or array.shape[1] != width:
            raise DataError(f"{path}, {name}: shape {array.shape}, where (N, {width}) is needed")
        if array.dtype.kind not in "fiub":
            raise DataError(f"{path}, {name}: {array.dtype}, where numbers are needed")
        bad = np.argwhere(~np.isfinite(np.asarray(array, dtype=float)))
        if len(bad):
            row, column = bad[0] + 1
            raise DataError(f"{path}, {name}, row {row}, column {column}: not finite")
    x, d = (np.asarray(arrays[name], dtype=float) for name in ("x", "d"))
    if len(x) != len(d) or not len(x):
        raise DataError(f"{path}: {len(x)} rows of x, {len(d)} of d")
    names = [tuple(f"{a}{k + 1}" for k in range(n)) for a, n in (("x", inputs), ("d", targets))]
    return Data(x, d, Columns(names[0], names[1]))
