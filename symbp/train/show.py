"""What a training run shows: the curve, the table of steps, the answers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from symbp.check.code.script import Traced, traced
from symbp.check.notes import Notes
from symbp.train.curve import sparkline
from symbp.train.data import Columns, Data, Matrix
from symbp.train.descend import Descent, DescentError, descend, descend_update
from symbp.train.fit import Run
from symbp.train.network import Settings
from symbp.write.phrases import fill, plain

SHOWN = (1, 2, 3, 5, 10, 20, 30, 50, 70, 100)
MOST_ANSWERS = 8
MOST_CLASSES = 12


def descended(notes: Notes, settings: Settings) -> Descent:
    """The notes' network trained from the notes' numbers."""
    program = notes.program
    if program is None:
        raise DescentError("these notes define no loss")
    values = {name: float(value) for name, value in notes.knowledge.values.items()}
    return descend(program, values, settings.epochs, settings.rule)


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
    """The curve, how well the answers meet the targets, and the answers of a small table."""
    history = run.history
    words = fill(
        "epochs", lang, count=len(history), first=f"{history[0]:.4g}", last=f"{history[-1]:.4g}"
    )
    answers = run.predict(data.x)
    parts: list[RenderableType] = [Text(f"{sparkline(history)}  {words}")]
    if run.validation:
        best = min(run.validation)
        words = fill("validated", lang, best=f"{best:.4g}", epoch=run.validation.index(best) + 1)
        parts.append(Text(f"{sparkline(run.validation)}  {words}"))
    if len(data.x) <= MOST_ANSWERS:
        parts.append(_answers(data, answers))
    held = np.zeros(len(data.d), dtype=bool)
    held[list(run.held)] = True
    for rows in (~held, held) if run.held else (~held,):
        title = plain("on validation" if rows is held else "on training", lang) if run.held else ""
        parts += _met(data.columns, data.d[rows], answers[rows], title, lang)
    return Group(*parts)


def _met(
    columns: Columns, targets: Matrix, answers: Matrix, title: str, lang: str
) -> list[RenderableType]:
    """How well answers meet their targets."""
    if set(np.unique(targets)) <= {0.0, 1.0}:
        parts = _classified(columns, targets, answers, title, lang)
        if columns.classes:
            return parts
    else:
        worth = ", ".join(f"{value:.4f}" for value in determined(targets, answers))
        parts = [Text(title + fill("determined", lang, worth=worth))]
    error = float(np.max(np.abs(answers - targets)))
    return [*parts, Text(title + fill("largest error", lang, error=f"{error:.3g}"))]


def determined(targets: Matrix, answers: Matrix) -> Matrix:
    """R² of each target: 1 − Σ(d − o)²/Σ(d − mean)²; one where a constant target is met."""
    left = ((targets - answers) ** 2).sum(axis=0)
    all_of_it = ((targets - targets.mean(axis=0)) ** 2).sum(axis=0)
    return np.asarray(1 - left / np.where(all_of_it > 0, all_of_it, np.where(left > 0, left, 1.0)))


def confusion(targets: Matrix, answers: Matrix) -> NDArray[np.intp]:
    """How often a sample of class j (row) was taken for class k (column)."""
    true, told = (_class_of(each) for each in (targets, answers))
    count = max(2, targets.shape[1])
    table = np.zeros((count, count), dtype=np.intp)
    np.add.at(table, (true, told), 1)
    return table


def _class_of(outputs: Matrix) -> NDArray[np.intp]:
    if outputs.shape[1] == 1:
        return (outputs[:, 0] > 0.5).astype(np.intp)
    return np.asarray(outputs.argmax(axis=1), dtype=np.intp)


def _classified(
    columns: Columns, targets: Matrix, answers: Matrix, title: str, lang: str
) -> list[RenderableType]:
    """How many answers are right: of classes with a table who was taken for whom."""
    if not columns.classes:
        right = int(np.all((answers > 0.5) == (targets > 0.5), axis=1).sum())
        return [Text(title + fill("classified", lang, right=right, count=len(targets)))]
    counts = confusion(targets, answers)
    right, count = int(counts.trace()), len(targets)
    words = fill("classified", lang, right=right, count=count)
    parts: list[RenderableType] = [Text(f"{title}{words} ({right / count:.2%})")]
    if right < count and len(counts) <= MOST_CLASSES:
        table = Table(pad_edge=False)
        table.add_column(plain("taken for", lang), style="bold")
        for name in columns.classes:
            table.add_column(Text(name), justify="right")
        for row, (name, numbers) in enumerate(zip(columns.classes, counts, strict=True)):
            cells = (_cell(int(n), row == column) for column, n in enumerate(numbers))
            table.add_row(Text(name), *cells)
        parts.append(table)
    return parts


def _cell(count: int, right: bool) -> Text:
    return Text(str(count) if count else "·", style="green" if right else "red" if count else "dim")


def _answers(data: Data, answers: Matrix) -> Table:
    table = Table(pad_edge=False)
    inputs, targets = data.columns.inputs, data.columns.targets
    one_hot = data.columns.classes if data.d.shape[1] > 1 else targets
    for name in (*inputs, *one_hot):
        table.add_column(Text(name), justify="right")
    for name in one_hot:
        table.add_column(Text(f"{name}?"), justify="right")
    for x, d, o in zip(data.x, data.d, answers, strict=True):
        table.add_row(*(f"{v:g}" for v in (*x, *d)), *(f"{v:.3f}" for v in o))
    return table
