"""Training data from CSV and NPZ files, with one clear message for whatever is wrong in them."""

from __future__ import annotations

import csv
import math
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

MAX_BYTES = 500_000_000
Matrix = NDArray[np.float64]


class DataError(ValueError):
    """Data that cannot be used: file, row and column, and what would be accepted."""


@dataclass(frozen=True)
class Data:
    """Inputs and targets, a row a sample: shapes (N, inputs) and (N, targets)."""

    x: Matrix
    d: Matrix
    input_names: tuple[str, ...]
    target_names: tuple[str, ...]


def read_table(path: Path, inputs: int, targets: int, target_columns: Sequence[str] = ()) -> Data:
    """The data of a network with so many inputs and targets.

    CSV with a header line: the columns named as targets, or else the last ones, are the targets;
    the others, in their order, the inputs. NPZ: arrays ``x`` and ``d``, a row a sample. Raises
    :class:`DataError`.
    """
    if not path.is_file():
        raise DataError(f"{path}: no such file")
    if path.stat().st_size > MAX_BYTES:
        raise DataError(f"{path}: larger than {MAX_BYTES} bytes")
    if path.suffix.lower() == ".npz":
        return _npz(path, inputs, targets)
    if path.suffix.lower() != ".csv":
        raise DataError(f"{path}: accepted are .csv with a header line, and .npz with x and d")
    return _csv(path, inputs, targets, target_columns)


def _csv(path: Path, inputs: int, targets: int, target_columns: Sequence[str]) -> Data:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = [(n, row) for n, row in enumerate(csv.reader(file), 1) if any(row)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path}: no CSV text: {error}") from None
    if len(rows) < 2:
        raise DataError(f"{path}: a header line and at least one row are needed")
    header = [name.strip() for name in rows[0][1]]
    if len(header) != inputs + targets:
        raise DataError(
            f"{path}, row 1: {len(header)} columns ({', '.join(header)}), where the network needs "
            f"{inputs} inputs and {targets} targets"
        )
    wanted = list(target_columns) or header[inputs:]
    for name in wanted:
        if name not in header:
            raise DataError(f"{path}: no column {name!r}; there are {', '.join(header)}")
    if len(wanted) != targets:
        raise DataError(f"{path}: {len(wanted)} target columns, where the network has {targets}")
    table = np.array([_row(path, header, number, row) for number, row in rows[1:]])
    chosen = [header.index(name) for name in wanted]
    others = [k for k in range(len(header)) if k not in chosen]
    return Data(
        table[:, others], table[:, chosen],
        tuple(header[k] for k in others), tuple(header[k] for k in chosen),
    )  # fmt: skip


def _row(path: Path, header: Sequence[str], number: int, row: Sequence[str]) -> list[float]:
    if len(row) != len(header):
        raise DataError(f"{path}, row {number}: {len(row)} cells, where the header has {len(header)}")
    return [
        _cell(path, number, name, text) for name, text in zip(header, row, strict=True)
    ]


def _cell(path: Path, number: int, name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise DataError(f"{path}, row {number}, column {name}: {text!r} is no number") from None
    if not math.isfinite(value):
        raise DataError(f"{path}, row {number}, column {name}: {text} is not finite")
    return value


def _npz(path: Path, inputs: int, targets: int) -> Data:
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except (ValueError, OSError, zipfile.BadZipFile) as error:
        raise DataError(f"{path}: no NPZ archive of numbers: {error}") from None
    for name, width in (("x", inputs), ("d", targets)):
        if name not in arrays:
            raise DataError(f"{path}: no array {name!r}; there are {', '.join(arrays)}")
        array = arrays[name]
        if array.ndim != 2 or array.shape[1] != width:
            raise DataError(f"{path}, {name}: shape {array.shape}, where (N, {width}) is needed")
        bad = np.argwhere(~np.isfinite(np.asarray(array, dtype=float)))
        if len(bad):
            raise DataError(f"{path}, {name}, row {bad[0][0]}, column {bad[0][1]}: not finite")
    x, d = (np.asarray(arrays[name], dtype=float) for name in ("x", "d"))
    if len(x) != len(d):
        raise DataError(f"{path}: {len(x)} rows of x, {len(d)} of d")
    names = [tuple(f"{a}{k + 1}" for k in range(n)) for a, n in (("x", inputs), ("d", targets))]
    return Data(x, d, names[0], names[1])
