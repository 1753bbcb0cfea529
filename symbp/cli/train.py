"""``symbp train``."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
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
from symbp.train.data import read_table
from symbp.train.network import Settings, train_network
from symbp.train.show import compared, descended, trained
from symbp.write.save import save


def train(
    source: Source = None,
    data: Annotated[Path | None, typer.Option(help="A .csv with a header line, or .npz.")] = None,
    target: Annotated[list[str] | None, typer.Option(help="Columns that are targets.")] = None,
    layers: Layers = None,
    activation: Activation = "sigmoid",
    loss: LossName = "half-squared",
    bias: Bias = True,
    epochs: Annotated[int | None, typer.Option(help="Passes over the data, or steps.")] = None,
    batch_size: Annotated[int | None, typer.Option(help="Samples a step; all by default.")] = None,
    optimizer: Annotated[str | None, typer.Option(help=f"{', '.join(OPTIMIZERS)}.")] = None,
    lr: Annotated[float | None, typer.Option(help="The learning rate.")] = None,
    seed: Annotated[int | None, typer.Option(help="For the weights and the order.")] = None,
    lang: Lang = "en",
    output: Output = None,
) -> None:
    """Train with the derived gradients: a network on data, or the numbers of notes."""
    check_language(lang)
    if output is not None and output.suffix != ".npz":
        fail(f"{output}: accepted is .npz")
    chosen = {"epochs": epochs, "batch": batch_size, "optimizer": optimizer, "lr": lr, "seed": seed}
    words = {key: str(value) for key, value in chosen.items() if value is not None}
    if layers is not None:
        network = Network(sizes(layers), tuple(activation.split(",")), loss, bias)
        _train_network(network, data, target or [], Settings.of(words), lang, output)
        return
    if source is None:
        fail("train needs notes (symbp train PATH), or --layers and --data")
    _, notes, path = program_of(source, None, activation, loss, bias, None)
    assert notes is not None and path is not None
    settings = Settings.of(_merged(notes.training, words))
    if notes.network_words is not None:
        table = data or path.parent / "data.csv"
        _train_network(notes.network_words, table, target or [], settings, lang, output)
        return
    descent = descended(notes, settings)
    scripts = [p for p in found([source]) if p.suffix == ".py"] if source.is_dir() else []
    out.print(compared(descent, scripts, settings, lang))


def _train_network(
    network: Network, data: Path | None, targets: Sequence[str], settings: Settings, lang: str,
    output: Path | None,
) -> None:  # fmt: skip
    if data is None:
        fail("train needs data: --data FILE.csv")
    table = read_table(data, network.widths[0], network.widths[-1], targets)
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn(), console=err,
        transient=True,
    ) as progress:  # fmt: skip
        task = progress.add_task("E", total=settings.epochs)
        every = max(1, settings.epochs // 200)

        def advance(epoch: int, value: float) -> None:
            if epoch % every == 0:
                progress.update(task, completed=epoch, description=f"E {value:.4g}")

        run = train_network(network, table, settings, advance)
    out.print(trained(run, table, lang))
    if output is not None:
        with tempfile.TemporaryFile() as file:
            np.savez(file, **dict(run.parameters))  # type: ignore[arg-type]  # the stubs take keywords for the flag
            file.seek(0)
            save(output, file.read())
        out.print(f"{output}", markup=False)


def _merged(written: Mapping[str, str], said: Mapping[str, str]) -> dict[str, str]:
    """What the command says goes before what the notes say; steps are epochs."""
    renamed = {("epochs" if key == "steps" else key): value for key, value in written.items()}
    return renamed | dict(said)
