"""The commands. This is the only file that reads arguments, prints or exits."""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, NoReturn

import numpy as np
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from symbp.check.derivation import document
from symbp.check.files import check_file, first_notes, found
from symbp.check.notes import Notes
from symbp.check.report import combined, corrections
from symbp.check.review import review
from symbp.check.table import tables
from symbp.check.values import ValuesError
from symbp.check.watch import versions
from symbp.core.networks import NetworkError, mlp
from symbp.core.program import Program, ProgramError
from symbp.core.scalars import ScalarError
from symbp.read.directives import Network
from symbp.read.errors import UnreadableError
from symbp.read.fragments import FileError
from symbp.read.numpy_values import CodeError
from symbp.read.values import AssignmentError, read_values
from symbp.train.data import DataError, read_table
from symbp.train.descend import DescentError
from symbp.train.network import SettingError, Settings, train_network
from symbp.train.show import compared, descended, trained
from symbp.verify import MalformedError, Status, read_certificates, verify
from symbp.write.document import Document
from symbp.write.html import html
from symbp.write.markdown import markdown
from symbp.write.phrases import LANGUAGES
from symbp.write.save import save
from symbp.write.terminal import terminal
from symbp.write.tex import tex

COMMAND_ERROR = 2
FINDINGS = {Status.rejected: 1, Status.open: 3, Status.verified: 0}
"""The exit code of the first of these that was found."""
FORMATS: Mapping[str, Callable[[Document, str], str]] = {
    ".tex": tex, ".md": markdown, ".html": html,
}  # fmt: skip
REPORTS = (".html", ".md")
PLANNED = {".pdf": "PDF", ".ipynb": "notebooks"}
EXPECTED_ERRORS = (
    FileError, UnreadableError, NetworkError, ProgramError, ScalarError, ValuesError, AssignmentError,
    DataError, DescentError, SettingError, CodeError, MalformedError, KeyError,
)  # fmt: skip

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    help="Is this backpropagation right? Derives, checks and trains.",
)  # fmt: skip
out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

Paths = Annotated[list[Path], typer.Argument(help="Notes, scripts, or folders of them.")]
Source = Annotated[Path | None, typer.Argument(help="Notes that define a network, or their folder.")]
Lang = Annotated[str, typer.Option(help="en or zh.")]
Layers = Annotated[str | None, typer.Option(help="Layer sizes instead of notes: 2,2,1.")]
Activation = Annotated[str, typer.Option(help="One activation, or one a layer: tanh,softmax.")]
LossName = Annotated[str, typer.Option("--loss", help="half-squared, cross-entropy, …")]
Bias = Annotated[bool, typer.Option(help="Whether the layers have biases.")]
Output = Annotated[Path | None, typer.Option("-o", "--output", help="Where to write.")]


def main() -> None:
    """Run a command; what is wrong with its input is one message and exit code 2."""
    try:
        app()
    except EXPECTED_ERRORS as error:
        _fail(str(error.args[0]) if isinstance(error, KeyError) else str(error))
    except OSError as error:
        _fail(f"{error.filename or ''}: {error.strerror or error}")


def _fail(message: str) -> NoReturn:
    err.print(f"symbp: {message}", markup=False, soft_wrap=True)
    sys.exit(COMMAND_ERROR)


@app.command()
def check(
    paths: Paths,
    json: Annotated[bool, typer.Option("--json", help="One JSON object instead of tables.")] = False,
    lang: Lang = "en",
    script_loss: Annotated[
        str | None, typer.Option("--script-loss", help="The loss a script descends.")
    ] = None,
    fix: Annotated[
        bool, typer.Option("--fix", help="Print the corrected lines of scripts, each proved.")
    ] = False,
    certificates: Annotated[
        Path | None, typer.Option(help="Where to write what symbp verify verifies.")
    ] = None,
    report_file: Annotated[
        Path | None, typer.Option("--report", help="The verdicts as a page: .html or .md.")
    ] = None,
    readings: Annotated[bool, typer.Option(help="Also what was written, beside its reading.")] = False,
    watch: Annotated[bool, typer.Option(help="Check again whenever a file is saved.")] = False,
) -> None:
    """Verdicts on formulas, hand calculations and NumPy training code.

    Exit code 0: all equal or as marked; 1: something is different; 3: nothing is, but something is
    undecided or unreadable; 2: the command could not be understood.
    """
    _check_language(lang)
    if report_file is not None and report_file.suffix not in REPORTS:
        _fail(f"{report_file}: accepted are {', '.join(REPORTS)}")

    def once() -> int:
        report = combined(
            check_file(path, script_loss, certificates=certificates is not None)
            for path in found(paths)
        )
        if certificates is not None:
            save(certificates, report.certificates_to_json().encode())
        if report_file is not None:
            page = review(report, "symbp " + " ".join(_shown(sys.argv[1:])))
            save(report_file, FORMATS[report_file.suffix](page, lang).encode())
        if json:
            out.print(report.to_json(), markup=False, soft_wrap=True)
        else:
            out.print(tables(report, lang, readings))
            for line in corrections(report) if fix else ():
                out.print(line, markup=False, soft_wrap=True)
        return report.exit_code

    raise typer.Exit(_watched(paths, once) if watch else once())


@app.command("verify")
def verify_(
    certificate: Annotated[Path, typer.Argument(help="What check --certificates wrote.")],
) -> None:
    """Verdicts verified again by a second program, which shares no code with the first.

    Exit code 0: all verified; 1: something is rejected; 3: nothing is, but something cannot be
    verified; 2: the file could not be read.
    """
    findings = [verify(each) for each in read_certificates(certificate.read_bytes())]
    for number, finding in enumerate(findings, start=1):
        line = f"{number}. {finding.claim or '?'}: {finding}"
        out.print(line, markup=False, soft_wrap=True)
    counts = Counter(finding.status for finding in findings)
    out.print(" · ".join(f"{counts[status]} {status}" for status in Status if counts[status]))
    raise typer.Exit(next(code for status, code in FINDINGS.items() if counts[status]))


@app.command()
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
    _check_language(lang)
    if output is not None and output.suffix not in FORMATS:
        planned = PLANNED.get(output.suffix)
        note = f"{planned} are not there yet; " if planned else ""
        _fail(f"{output}: {note}accepted are {', '.join(FORMATS)}")
    program, notes, path = _program(source, layers, activation, loss, bias, samples)
    values = read_values(at) if at else None
    command = "symbp " + " ".join(_shown(sys.argv[1:]))
    made = document(
        program, notes=notes, path=path, values=values, wrt=wrt or None, command=command
    )
    if output is None:
        out.print(terminal(made, lang), markup=False, soft_wrap=True)
    else:
        save(output, FORMATS[output.suffix](made, lang).encode())
        out.print(f"{output}", markup=False)


@app.command()
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
    optimizer: Annotated[str | None, typer.Option(help="sgd or momentum.")] = None,
    lr: Annotated[float | None, typer.Option(help="The learning rate.")] = None,
    seed: Annotated[int | None, typer.Option(help="For the weights and the order.")] = None,
    lang: Lang = "en",
    output: Output = None,
) -> None:
    """Train with the derived gradients: a network on data, or the numbers of notes."""
    _check_language(lang)
    if output is not None and output.suffix != ".npz":
        _fail(f"{output}: accepted is .npz")
    chosen = {"epochs": epochs, "batch": batch_size, "optimizer": optimizer, "lr": lr, "seed": seed}
    words = {key: str(value) for key, value in chosen.items() if value is not None}
    if layers is not None:
        network = Network(_sizes(layers), tuple(activation.split(",")), loss, bias)
        _train_network(network, data, target or [], Settings.of(words), lang, output)
        return
    if source is None:
        _fail("train needs notes (symbp train PATH), or --layers and --data")
    _, notes, path = _program(source, None, activation, loss, bias, None)
    assert notes is not None and path is not None
    settings = Settings.of(_merged(notes.training, words))
    if notes.network_words is not None:
        table = data or path.parent / "data.csv"
        _train_network(notes.network_words, table, target or [], settings, lang, output)
        return
    descent = descended(notes, settings)
    scripts = [p for p in found([source]) if p.suffix == ".py"] if source.is_dir() else []
    out.print(compared(descent, scripts, settings, lang))


@app.command("compile")
def compile_(source: Source = None) -> None:
    """A module that stands alone, without symbp (not there yet)."""
    _fail("compile is not there yet; in Python, symbp.lambdify(program).source is its text")


def _watched(paths: Sequence[Path], once: Callable[[], int]) -> int:
    """Check now and after each change until the user interrupts; the last exit code."""
    code = 0
    try:
        for _ in versions(paths):
            out.clear()
            code = once()
    except KeyboardInterrupt:
        return code
    return code


def _train_network(
    network: Network, data: Path | None, targets: Sequence[str], settings: Settings, lang: str,
    output: Path | None,
) -> None:  # fmt: skip
    if data is None:
        _fail("train needs data: --data FILE.csv")
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


def _program(
    source: Path | None, layers: str | None, activation: str, loss: str, bias: bool,
    samples: int | None,
) -> tuple[Program, Notes | None, Path | None]:  # fmt: skip
    """The network of the notes, or of the words of the command."""
    if (source is None) == (layers is None):
        _fail("say either notes that define a network, or --layers")
    if layers is not None:
        names = activation.split(",")
        chosen = names[0] if len(names) == 1 else names
        return mlp(_sizes(layers), chosen, loss, bias, samples), None, None
    assert source is not None
    notes = first_notes([source])
    if notes is None or notes[1].program is None:
        _fail(f"{source}: no notes in it define a loss and derive it by its weights")
    return notes[1].program, notes[1], notes[0]


def _sizes(layers: str) -> tuple[int, ...]:
    parts = layers.split(",")
    if not all(part.isdigit() for part in parts):
        _fail(f"--layers {layers}: sizes are accepted, as in 2,2,1")
    return tuple(map(int, parts))


def _merged(written: Mapping[str, str], said: Mapping[str, str]) -> dict[str, str]:
    """What the command says goes before what the notes say; steps are epochs."""
    renamed = {("epochs" if key == "steps" else key): value for key, value in written.items()}
    return renamed | dict(said)


def _check_language(lang: str) -> None:
    if lang not in LANGUAGES:
        _fail(f"--lang {lang}: accepted are {', '.join(LANGUAGES)}")


def _shown(arguments: Sequence[str]) -> list[str]:
    """The command without where it wrote, so that a document does not depend on it."""
    kept = list(arguments)
    for flag in ("-o", "--output", "--report"):
        if flag in kept:
            at = kept.index(flag)
            del kept[at : at + 2]
    return kept
