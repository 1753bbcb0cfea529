"""What a training run shows: the curve, the table of steps, the answers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from symbp.check.notes import Notes
from symbp.check.script import Traced, traced
from symbp.core.optimizers import optimizer_of
from symbp.train.curve import sparkline
from symbp.train.data import Data
from symbp.train.descend import Descent, DescentError, descend, descend_update
from symbp.train.fit import Run
from symbp.train.network import Settings
from symbp.write.phrases import fill, plain

SHOWN = (1, 2, 3, 5, 10, 20, 30, 50, 70, 100)
MOST_ANSWERS = 8


def descended(notes: Notes, settings: Settings) -> Descent:
    """The notes' network trained from the notes' numbers."""
    program = notes.program
    if program is None:
        raise DescentError("these notes define no loss")
    optimizer = optimizer_of(settings.optimizer, settings.lr)
    values = {name: float(value) for name, value in notes.knowledge.values.items()}
    return descend(program, values, settings.epochs, optimizer)


def compared(
    descent: Descent, scripts: Sequence[Path], settings: Settings, lang: str
) -> RenderableType:
    """The loss before each step, beside that of the update which each script makes."""
    columns = [(plain("true gradient", lang), descent.losses)]
    for path in scripts:
        found: Traced = traced(path)
        run = descend_update(
            found.equations, found.loss, found.moves, found.values, settings.epochs
        )
        columns.append((fill("script update", lang, script=path.name), run.losses))
    table = Table(pad_edge=False)
    table.add_column(plain("turn", lang), justify="right", style="dim")
    for title, _ in columns:
        table.add_column(title, justify="right")
    for number in _numbers(len(descent.losses)):
        table.add_row(str(number), *(f"{losses[number - 1]:.10g}" for _, losses in columns))
    curves = [Text(f"{sparkline(losses)}  {title}") for title, losses in columns]
    parts: list[RenderableType] = [table, *curves]
    if len(columns) > 1:
        parts.append(Text(plain("falls anyway", lang)))
    return Group(*parts)


def _numbers(count: int) -> list[int]:
    return sorted({n for n in (*SHOWN, count) if n <= count})


def trained(run: Run, data: Data, lang: str) -> RenderableType:
    """The curve and the answers of a network that was trained on data."""
    history = run.history
    words = fill(
        "epochs", lang, count=len(history), first=f"{history[0]:.4g}", last=f"{history[-1]:.4g}"
    )
    answers = run.predict(data.x)
    parts: list[RenderableType] = [Text(f"{sparkline(history)}  {words}")]
    if len(data.x) <= MOST_ANSWERS:
        parts.append(_answers(data, answers))
    if set(np.unique(data.d)) <= {0.0, 1.0}:
        right = int(np.all((answers > 0.5) == (data.d > 0.5), axis=1).sum())
        parts.append(Text(fill("classified", lang, right=right, count=len(data.d))))
    error = float(np.max(np.abs(answers - data.d)))
    parts.append(Text(fill("largest error", lang, error=f"{error:.3g}")))
    return Group(*parts)


def _answers(data: Data, answers: NDArray[np.float64]) -> Table:
    table = Table(pad_edge=False)
    for name in (*data.input_names, *data.target_names):
        table.add_column(name, justify="right")
    for name in data.target_names:
        table.add_column(f"{name}?", justify="right")
    for x, d, o in zip(data.x, data.d, answers, strict=True):
        table.add_row(*(f"{v:g}" for v in (*x, *d)), *(f"{v:.3f}" for v in o))
    return table
