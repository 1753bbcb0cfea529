"""What a training script really does, for tests: it is run for one turn from drawn weights.

The scripts are the tests' own. A script counts its turns with ``STEPS``; its parameters and its
loss are expressions that hold after the turn. The outcome comes from central differences of the
loss against the step that the run took.
"""

from __future__ import annotations

import ast
import contextlib
import io
import runpy
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

H = 1e-5
CLOSE = 1e-5


@dataclass(frozen=True)
class Run:
    """One turn: the loss before the step, and each parameter after it."""

    loss: float
    after: Mapping[str, np.ndarray]


class Runner:
    """Runs one turn of a script from given weights."""

    def __init__(
        self, source: str, parameters: tuple[str, ...], loss: str, folder: Path, turn: int = 0
    ) -> None:
        self.parameters, self.loss = parameters, loss
        self.path = folder / "script.py"
        self.path.write_text(_instrumented(source, parameters, loss, turn), encoding="utf-8")

    def __call__(self, start: Mapping[str, np.ndarray] | None) -> Run:
        with contextlib.redirect_stdout(io.StringIO()):
            names = runpy.run_path(str(self.path), {"START": start})
        return Run(names["LOSS"], names["AFTER"])

    def start(self) -> dict[str, np.ndarray]:
        """The script's own weights, moved a little so that nothing rests on special numbers."""
        chance = np.random.default_rng(5)
        own = runpy_start(self)
        return {
            name: np.asarray(value, dtype=float) + chance.uniform(0.05, 0.3, np.shape(value))
            for name, value in own.items()
        }


def runpy_start(runner: Runner) -> dict[str, Any]:
    """The weights when the loop begins."""
    with contextlib.redirect_stdout(io.StringIO()):
        names = runpy.run_path(str(runner.path), {"START": None})
    return dict(names["BEFORE"])


def _instrumented(source: str, parameters: tuple[str, ...], loss: str, turn: int) -> str:
    """The script with one turn of its loop, from START where that is given."""
    tree = ast.parse(source)
    loop = next(
        n for n in ast.walk(tree)
        if isinstance(n, ast.For) and "STEPS" in ast.unparse(n.iter)
    )  # fmt: skip
    loop.iter = ast.parse(f"[list({ast.unparse(loop.iter)})[{turn}]]", mode="eval").body
    keep = "import numpy as _np\n" + "BEFORE = {}\n" + "".join(
        f"BEFORE[{p!r}] = _np.array({python(p)}, dtype=float)\n"
        f"if START is not None: {_store(p)}\n"
        for p in parameters
    )
    final = "AFTER = {}\n" + "".join(
        f"AFTER[{p!r}] = _np.array({python(p)}, dtype=float)\n" for p in parameters
    ) + f"LOSS = float(_np.sum({loss}))\n"  # fmt: skip
    place = tree.body.index(loop)
    tree.body[place:place] = ast.parse(keep).body
    tree.body.extend(ast.parse(final).body)
    return ast.unparse(ast.fix_missing_locations(tree))


def python(parameter: str) -> str:
    """A parameter's path as Python says it: ``model.W1`` of a dict is ``model['W1']``."""
    name, _, key = parameter.partition(".")
    return f"{name}[{key!r}]" if name == "model" else parameter


def _store(parameter: str) -> str:
    here, value = python(parameter), f"START[{parameter!r}]"
    return (
        f"{here} = {value}.tolist() if isinstance({here}, list) else "
        f"{value}.copy() if _np.ndim({here}) else float({value})"
    )


def outcomes(runner: Runner, rate: float) -> dict[str, tuple[str, float | None]]:
    """From each parameter to its true outcome, and the factor of a proportional one."""
    start = runner.start()
    base = runner(start)
    found = {}
    for name, value in start.items():
        gradient = np.empty(value.shape)
        for at in np.ndindex(value.shape):
            ends = []
            for sign in (1, -1):
                moved = {n: np.array(v) for n, v in start.items()}
                moved[name][at] += sign * H
                ends.append(runner(moved).loss)
            gradient[at] = (ends[0] - ends[1]) / (2 * H)
        found[name] = _outcome(np.asarray(base.after[name]) - value, -rate * gradient)
    return found


def _outcome(step: np.ndarray, wanted: np.ndarray) -> tuple[str, float | None]:
    size = float(np.abs(wanted).max())
    if not np.abs(step).max():
        return ("not-updated" if size > CLOSE**2 else "equal"), None
    if np.allclose(step, wanted, rtol=1e-4, atol=CLOSE * max(size, 1e-3)):
        return "equal", None
    factor = float((step * wanted).sum() / (wanted * wanted).sum())
    if factor > 0 and np.allclose(step, factor * wanted, rtol=1e-4, atol=CLOSE * factor * size):
        return "proportional", factor
    return "different", None
