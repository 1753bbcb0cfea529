"""``symbp derive`` and ``symbp compile``."""

from __future__ import annotations

from typing import Annotated

import typer

from symbp.check.derivation import document
from symbp.check.gallery import index, is_gallery, read_gallery
from symbp.cli.console import (
    FORMATS,
    Activation,
    Bias,
    Lang,
    Layers,
    LossName,
    Output,
    Source,
    check_language,
    command,
    fail,
    out,
    program_of,
    written,
)
from symbp.core.optimizers import OPTIMIZERS, optimizer_of
from symbp.read.values import read_values
from symbp.write.plan import DTYPES
from symbp.write.save import save
from symbp.write.targets import TARGETS
from symbp.write.terminal import terminal


def derive(
    source: Source = None,
    layers: Layers = None,
    activation: Activation = "sigmoid",
    loss: LossName = "half-squared",
    bias: Bias = True,
    samples: Annotated[int | None, typer.Option(help="Samples in a batch.")] = None,
    wrt: Annotated[list[str] | None, typer.Option(help="Parameters whose steps to show.")] = None,
    at: Annotated[list[str] | None, typer.Option(help="Numbers: w1_1_1=0.1, or a file.")] = None,
    lang: Lang = "en",
    output: Output = None,
) -> None:
    """Every partial derivative, step by step: in the terminal, or .pdf, .html, .tex, .md.

    Of a folder of such folders, an index of what each derives, with its verdicts.
    """
    check_language(lang)
    if output is not None and output.suffix not in FORMATS:
        fail(f"{output}: accepted are {', '.join(FORMATS)}")
    if source is not None and layers is None and is_gallery(source):
        made = index(read_gallery(source), command())
    else:
        program, notes, path = program_of(source, layers, activation, loss, bias, samples)
        values = read_values(at) if at else None
        made = document(
            program, notes=notes, path=path, values=values, wrt=wrt or None, command=command()
        )
    if output is None:
        out.print(terminal(made, lang), markup=False, soft_wrap=True)
    else:
        written(output, made, lang)


def compile_(
    source: Source = None,
    layers: Layers = None,
    activation: Activation = "sigmoid",
    loss: LossName = "half-squared",
    bias: Bias = True,
    samples: Annotated[int | None, typer.Option(help="Samples in a batch.")] = None,
    optimizer: Annotated[
        str | None, typer.Option(help=f"With a training step: {', '.join(OPTIMIZERS)}.")
    ] = None,
    lr: Annotated[float | None, typer.Option(help="The learning rate of the step.")] = None,
    dtype: Annotated[str, typer.Option(help=f"{' or '.join(DTYPES)}.")] = "float64",
    target: Annotated[str, typer.Option(help=f"{', '.join(TARGETS)}.")] = "numpy",
    output: Output = None,
) -> None:
    """The loss and its gradient as a file that stands alone, with a self-test."""
    if target not in TARGETS:
        fail(f"--target {target}: accepted are {', '.join(TARGETS)}")
    if output is not None and output.suffix != TARGETS[target].ending:
        fail(f"{output}: accepted is {TARGETS[target].ending}")
    if dtype not in DTYPES:
        fail(f"--dtype {dtype}: accepted are {', '.join(DTYPES)}")
    if optimizer is not None and optimizer not in OPTIMIZERS:
        fail(f"--optimizer {optimizer}: accepted are {', '.join(OPTIMIZERS)}")
    if optimizer is None and lr is not None:
        fail("--lr needs --optimizer")
    program, _, _ = program_of(source, layers, activation, loss, bias, samples)
    if program.sizes:
        fail(f"the size {program.sizes[0]} is open: a module needs numbers")
    update = None if optimizer is None else optimizer_of(optimizer, lr)
    text = TARGETS[target].module(program, update, dtype, command())
    if output is None:
        typer.echo(text, nl=False)
    else:
        save(output, text.encode())
        out.print(f"{output}", markup=False)
