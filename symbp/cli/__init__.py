"""The commands. This room alone reads arguments, prints or exits."""

from __future__ import annotations

import typer

from symbp.check.values import ValuesError
from symbp.cli.check import check, verify
from symbp.cli.console import fail
from symbp.cli.derive import compile_, derive
from symbp.cli.serve import serve
from symbp.cli.train import predict, train
from symbp.core.networks import NetworkError
from symbp.core.program import ProgramError
from symbp.core.scalars import ScalarError
from symbp.read.code.values import CodeError
from symbp.read.errors import UnreadableError
from symbp.read.fragments import FileError
from symbp.read.values import AssignmentError
from symbp.train.curve import PlotError
from symbp.train.data import DataError
from symbp.train.descend import DescentError
from symbp.train.network import SettingError
from symbp.verify import MalformedError
from symbp.write.typst import PdfError

EXPECTED_ERRORS = (
    FileError, UnreadableError, NetworkError, ProgramError, ScalarError, ValuesError, AssignmentError,
    DataError, DescentError, PlotError, SettingError, CodeError, MalformedError, PdfError, KeyError,
)  # fmt: skip

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    help="Is this backpropagation right? Derives, checks and trains.",
)  # fmt: skip
app.command()(check)
app.command()(verify)
app.command()(derive)
app.command()(train)
app.command()(predict)
app.command("compile")(compile_)
app.command()(serve)


def main() -> None:
    """Run a command; what is wrong with its input is one message and exit code 2."""
    try:
        app()
    except EXPECTED_ERRORS as error:
        fail(str(error.args[0]) if isinstance(error, KeyError) else str(error))
    except OSError as error:
        fail(f"{error.filename or ''}: {error.strerror or error}")
