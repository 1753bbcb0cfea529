"""The state of a training run in a file, from which it goes on bit for bit."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from symbp.core.program import Program
from symbp.train import store as files
from symbp.train.batches import Array, Steps
from symbp.train.data import DataError

if TYPE_CHECKING:
    from symbp.train.fit import _State


class Copy(NamedTuple):
    """Parameters and optimizer state as they were."""

    parameters: dict[str, Array]
    state: dict[str, list[Any]]


def copied(state: _State, steps: Steps) -> Copy:
    """What an epoch starts from."""
    return Copy(
        {name: array.copy() for name, array in state.parameters.items()},
        {name: [_copy(item) for item in items] for name, items in steps.state.items()},
    )


def put_back(copy: Copy, parameters: Mapping[str, Array], steps: Steps) -> None:
    """Parameters and optimizer state are as they were; the arrays stay the same objects."""
    for name, array in copy.parameters.items():
        parameters[name][...] = array
    for name, items in copy.state.items():
        for number, item in enumerate(items):
            if isinstance(item, np.ndarray):
                steps.state[name][number][...] = item
            else:
                steps.state[name][number] = item


def mark(program: Program, given: Mapping[str, ArrayLike], settings: str) -> str:
    """What a run is recognised by: the program, the data and the settings, as a digest."""
    digest = hashlib.sha256(f"{program.equations} {settings}".encode())
    for name in sorted(given):
        array = np.ascontiguousarray(given[name], dtype=float)
        digest.update(f"{name} {array.shape}".encode() + array.tobytes())
    return digest.hexdigest()


def store(path: Path, run: str, state: _State, steps: Steps) -> None:
    """Write the state after an epoch; raises OSError."""
    arrays: dict[str, Array] = {f"parameter {n}": a for n, a in state.parameters.items()}
    arrays |= {f"best {n}": a for n, a in state.best.items()}
    for name, items in steps.state.items():
        arrays |= {f"state {name} {k}": np.asarray(v, float) for k, v in enumerate(items)}
    arrays["history"] = np.array(state.history)
    arrays["validation"] = np.array(state.validation)
    facts = {"run": run, "rng": state.rng.bit_generator.state}
    files.write(path, "checkpoint", arrays, facts)


def restore(path: Path, run: str, state: _State, steps: Steps) -> None:
    """Go on from a file. Raises DataError for a damaged one, or one of another run."""
    arrays, facts = files.read(path, "checkpoint")
    if facts.get("run") != run:
        raise DataError(
            f"{path}: of a training with another network, data, optimizer, batch size or seed"
        )
    for name, array in state.parameters.items():
        array[...] = arrays[f"parameter {name}"]
    for name, items in steps.state.items():
        saved = [arrays[f"state {name} {k}"] for k in range(len(items))]
        before = [v if isinstance(items[k], np.ndarray) else float(v) for k, v in enumerate(saved)]
        put_back(Copy({}, {name: before}), state.parameters, steps)
    state.best = {n[5:]: a for n, a in arrays.items() if n.startswith("best ")}
    state.history[:] = arrays["history"].tolist()
    state.validation[:] = arrays["validation"].tolist()
    state.rng.bit_generator.state = facts["rng"]


def _copy(item: Any) -> Any:
    return item.copy() if isinstance(item, np.ndarray) else item
