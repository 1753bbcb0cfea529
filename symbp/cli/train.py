"""``symbp train`` and ``symbp predict``."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from symbp.check.files import found
from symbp.cli.console import (
    Activation,
    Bias,
    Lang,
    Layers,
    LossName,
    Output,
    Source,
    check_language,
    err,
    fail,
    out,
    program_of,
    sizes,
)
from symbp.core.optimizers import OPTIMIZERS
from symbp.read.directives import Network
from symbp.train.curve import plotted
from symbp.train.data import Data, read_table
from symbp.train.fit import Epoch, Run
from symbp.train.model import Model
from symbp.train.network import Settings, train_network
from symbp.train.schedules import ACCEPTED
from symbp.train.show import compared, descended, trained
from symbp.write.save import save

PLOTS = (".png", ".svg", ".pdf")


@dataclass(frozen=True)
class _Files:
    """What a training on data reads and writes beside the table."""

    model: Path | None
    plot: Path | None
    checkpoint: Path | None
    resume: bool

    def check(self) -> None:
        """Leave where a file has an ending that cannot be written, before anything is trained."""
        if self.model is not None and self.model.suffix != ".npz":
            fail(f"{self.model}: accepted is .npz")
        if self.plot is not None and self.plot.suffix not in PLOTS:
            fail(f"{self.plot}: accepted are {', '.join(PLOTS)}")
        if self.resume and self.checkpoint is None:
            fail("--resume needs --checkpoint FILE")


def train(
    source: Source = None,
    data: Annotated[Path | None, typer.Option(help="A .csv with a header line, or .npz.")] = None,
    target: Annotated[list[str] | None, typer.Option(help="Columns that are targets.")] = None,
    feature: Annotated[list[str] | None, typer.Option(help="Columns that are inputs.")] = None,
    standardise: Annotated[bool, typer.Option(help="Inputs of mean 0 and deviation 1.")] = False,
    layers: Layers = None,
    activation: Activation = "sigmoid",
    loss: LossName = "half-squared",
    bias: Bias = True,
    epochs: Annotated[int | None, typer.Option(help="Passes over the data, or steps.")] = None,
    batch_size: Annotated[int | None, typer.Option(help="Samples a step; all by default.")] = None,
    optimizer: Annotated[str | None, typer.Option(help=f"{', '.join(OPTIMIZERS)}.")] = None,
    lr: Annotated[float | None, typer.Option(help="The learning rate.")] = None,
    schedule: Annotated[str | None, typer.Option(help=f"{ACCEPTED}.")] = None,
    weight_decay: Annotated[float | None, typer.Option(help="λ of ½λ‖w‖².")] = None,
    validation: Annotated[float | None, typer.Option(help="A share of the samples.")] = None,
    patience: Annotated[
        int | None, typer.Option(help="Epochs without a smaller loss before it stops.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="For the weights and the order.")] = None,
    checkpoint: Annotated[Path | None, typer.Option(help="Written after each epoch.")] = None,
    resume: Annotated[bool, typer.Option(help="Go on from the checkpoint, bit for bit.")] = False,
    plot: Annotated[Path | None, typer.Option(help="The loss curve: .png, .svg or .pdf.")] = None,
    lang: Lang = "en",
    output: Output = None,
) -> None:
    """Train with the derived gradients: a network on data, or the numbers of notes."""
    check_language(lang)
    files = _Files(output, plot, checkpoint, resume)
    files.check()
    chosen = {
        "epochs": epochs, "batch": batch_size, "optimizer": optimizer, "lr": lr, "seed": seed,
        "schedule": schedule, "decay": weight_decay, "validation": validation, "patience": patience,
    }  # fmt: skip
    words = {key: str(value) for key, value in chosen.items() if value is not None}
    notes, path = None, Path()
    if layers is not None:
        network: Network | None = Network(sizes(layers), tuple(activation.split(",")), loss, bias)
        settings = Settings.of(words)
        if data is None:
            fail("train needs data: --data FILE.csv")
    elif source is None:
        fail("train needs notes (symbp train PATH), or --layers and --data")
    else:
        _, notes, found_at = program_of(source, None, activation, loss, bias, None)
        assert notes is not None and found_at is not None
        path, network = found_at, notes.network_words
        settings = Settings.of(_merged(notes.training, words))
    if network is None:
        assert notes is not None and source is not None
        descent = descended(notes, settings)
        scripts = [p for p in found([source]) if p.suffix == ".py"] if source.is_dir() else []
        out.print(compared(descent, scripts, settings, lang))
        return
    widths = network.widths
    table = read_table(data or path.parent / "data.csv", widths[0], widths[-1], target or [],
                       feature or [])  # fmt: skip
    table = table.standardised() if standardise else table
    run = _trained(network, table, settings, files)
    out.print(trained(run, table, lang))
    if files.model is not None:
        Model.of(network, table.columns, run).write(files.model)
        out.print(f"{files.model}", markup=False)
    if files.plot is not None:
        save(files.plot, plotted(run.history, run.validation, files.plot.suffix[1:]))
        out.print(f"{files.plot}", markup=False)


def _trained(network: Network, table: Data, settings: Settings, files: _Files) -> Run:
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[speed]}"),
        TimeRemainingColumn(), console=err, transient=True,
    ) as progress:  # fmt: skip
        task = progress.add_task("E", total=settings.epochs, speed="")
        every = max(1, settings.epochs // 200)

        def advance(epoch: Epoch) -> None:
            if epoch.number % every == 0:
                speed = progress.tasks[task].finished_speed or progress.tasks[task].speed or 0.0
                progress.update(
                    task, completed=epoch.number, description=f"E {epoch.loss:.4g}",
                    speed=f"{speed:.0f}/s",
                )  # fmt: skip

        return train_network(network, table, settings, [advance], files.checkpoint, files.resume)


def predict(
    model: Annotated[Path, typer.Argument(help="What train -o MODEL.npz wrote.")],
    data: Annotated[Path, typer.Argument(help="A .csv that has the columns of the inputs.")],
    output: Output = None,
) -> None:
    """Answer with a trained network: a row for each row of the data, as CSV."""
    if output is not None and output.suffix != ".csv":
        fail(f"{output}: accepted is .csv")
    header, rows = Model.read(model).answers(data)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    if output is None:
        typer.echo(text.getvalue(), nl=False)
    else:
        save(output, text.getvalue().encode())


def _merged(written: Mapping[str, str], said: Mapping[str, str]) -> dict[str, str]:
    """What the command says goes before what the notes say; steps are epochs."""
    renamed = {("epochs" if key == "steps" else key): value for key, value in written.items()}
    return renamed | dict(said)
