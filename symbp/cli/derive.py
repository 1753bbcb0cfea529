"""``symbp derive`` and ``symbp compile``."""

from __future__ import annotations

from typing import Annotated

import typer

from symbp.check.derivation import document
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
)
from symbp.read.values import read_values
from symbp.write.save import save
from symbp.write.terminal import terminal

PLANNED = {".pdf": "PDF", ".ipynb": "notebooks"}


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
    """Every partial derivative, step by step, as a document (.tex, .md, .html) or in the terminal."""
    check_language(lang)
    if output is not None and output.suffix not in FORMATS:
        planned = PLANNED.get(output.suffix)
        note = f"{planned} are not there yet; " if planned else ""
        fail(f"{output}: {note}accepted are {', '.join(FORMATS)}")
    program, notes, path = program_of(source, layers, activation, loss, bias, samples)
    values = read_values(at) if at else None
    made = document(
        program, notes=notes, path=path, values=values, wrt=wrt or None, command=command()
    )
    if output is None:
        out.print(terminal(made, lang), markup=False, soft_wrap=True)
    else:
        save(output, FORMATS[output.suffix](made, lang).encode())
        out.print(f"{output}", markup=False)


def compile_(source: Source = None) -> None:
    """A module that stands alone, without symbp (not there yet)."""
    fail("compile is not there yet; in Python, symbp.lambdify(program).source is its text")
