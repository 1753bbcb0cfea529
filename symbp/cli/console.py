"""What the commands share: the terminal, one message for what is wrong, and common options."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from symbp.check.files import first_notes
from symbp.check.notes import Notes
from symbp.core.networks import mlp
from symbp.core.program import Program
from symbp.write.document import Document
from symbp.write.html import html
from symbp.write.markdown import markdown
from symbp.write.notebook import notebook
from symbp.write.phrases import LANGUAGES
from symbp.write.save import save
from symbp.write.tex import tex
from symbp.write.typst import pdf, typst

COMMAND_ERROR = 2
FORMATS: Mapping[str, Callable[[Document, str], str | bytes]] = {
    ".tex": tex, ".md": markdown, ".html": html, ".pdf": pdf, ".typ": typst, ".ipynb": notebook,
}  # fmt: skip
"""By the ending of the file that is written."""
SINKS = ("-o", "--output", "--report")

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

Source = Annotated[Path | None, typer.Argument(help="Notes that define a network, or their folder.")]
Lang = Annotated[str, typer.Option(help="en or zh.")]
Layers = Annotated[str | None, typer.Option(help="Layer sizes instead of notes: 2,2,1.")]
Activation = Annotated[str, typer.Option(help="One activation, or one a layer: tanh,softmax.")]
LossName = Annotated[str, typer.Option("--loss", help="half-squared, cross-entropy, …")]
Bias = Annotated[bool, typer.Option(help="Whether the layers have biases.")]
Output = Annotated[Path | None, typer.Option("-o", "--output", help="Where to write.")]


def fail(message: str) -> NoReturn:
    """Say what is wrong with the command, and leave."""
    err.print(f"symbp: {message}", markup=False, soft_wrap=True)
    sys.exit(COMMAND_ERROR)


def check_language(lang: str) -> None:
    """Leave unless documents can be written in it."""
    if lang not in LANGUAGES:
        fail(f"--lang {lang}: accepted are {', '.join(LANGUAGES)}")


def program_of(
    source: Path | None, layers: str | None, activation: str, loss: str, bias: bool,
    samples: int | None,
) -> tuple[Program, Notes | None, Path | None]:  # fmt: skip
    """The network of the notes, or of the words of the command."""
    if (source is None) == (layers is None):
        fail("say either notes that define a network, or --layers")
    if layers is not None:
        names = activation.split(",")
        chosen = names[0] if len(names) == 1 else names
        return mlp(sizes(layers), chosen, loss, bias, samples), None, None
    assert source is not None
    notes = first_notes([source])
    if notes is None or notes[1].program is None:
        fail(f"{source}: no notes in it define a loss and derive it by its weights")
    return notes[1].program, notes[1], notes[0]


def sizes(layers: str) -> tuple[int, ...]:
    """The widths of the layers, as 2,2,1."""
    parts = layers.split(",")
    if not all(part.isdigit() for part in parts):
        fail(f"--layers {layers}: sizes are accepted, as in 2,2,1")
    return tuple(map(int, parts))


def made_as(path: Path, document: Document, lang: str) -> bytes:
    """A document in the format of the file's ending."""
    made = FORMATS[path.suffix](document, lang)
    return made if isinstance(made, bytes) else made.encode()


def written(path: Path, document: Document, lang: str) -> None:
    """Write a document in the format of the file's ending, and say where it is."""
    save(path, made_as(path, document, lang))
    out.print(f"{path}", markup=False)


def command() -> str:
    """The command without where it wrote, so that a document does not depend on it."""
    kept = sys.argv[1:]
    for flag in SINKS:
        if flag in kept:
            at = kept.index(flag)
            del kept[at : at + 2]
    return "symbp " + " ".join(kept)
