"""From paths to reports: a folder stands for its notes and scripts, a file for itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from symbp.check.notes import Notes, read_notes, read_text
from symbp.check.report import FileReport, Report
from symbp.check.script import check_script
from symbp.check.statement import Kind, Statement
from symbp.decide import Outcome, Verdict
from symbp.read.fragments import FileError, read_source
from symbp.read.numpy_values import CodeError
from symbp.write.document import generated

NOTES = (".md", ".tex", ".txt", ".ipynb")
SCRIPTS = (".py",)


def found(paths: Iterable[Path]) -> Iterator[Path]:
    """The files that paths stand for, in order; what symbp generated is passed over.

    Raises FileError where a path is not there or a folder holds nothing to check.
    """
    for path in paths:
        if path.is_dir():
            inside = [p for p in sorted(path.iterdir()) if p.suffix.lower() in (*NOTES, *SCRIPTS)]
            kept = [p for p in inside if not generated(read_source(p))]
            if not kept:
                raise FileError(path, f"no notes or scripts in it ({', '.join((*NOTES, *SCRIPTS))})")
            yield from kept
        elif path.suffix.lower() in (*NOTES, *SCRIPTS) or not path.exists():
            read_source(path)
            yield path
        else:
            raise FileError(path, f"accepted are {', '.join((*NOTES, *SCRIPTS))}")


def check_file(path: Path, script_loss: str | None = None) -> FileReport:
    """The verdicts on one file."""
    if path.suffix.lower() in SCRIPTS:
        return _check_script(path, script_loss)
    return FileReport(str(path), tuple(read_notes(path).statements))


def _check_script(path: Path, script_loss: str | None) -> FileReport:
    """A script's parameters; one that cannot be followed is one unreadable statement."""
    source = read_source(path)
    try:
        return FileReport(str(path), (), check_script(source, str(path), script_loss))
    except CodeError as error:
        text = error.message + (f"; accepted: {error.accepted}" if error.accepted else "")
        verdict = Verdict(Outcome.unreadable, reason=text)
        line = source.splitlines()[error.line - 1].strip() if error.line else path.name
        statement = Statement(
            error.line, max(error.column, 1), line, None, Kind.unreadable, verdict
        )
        return FileReport(str(path), (statement,))


def check_code(source: str | Path, script_loss: str | None = None) -> Report:
    """The verdicts on a training script: a path, or its text."""
    if isinstance(source, Path) or source.endswith(".py"):
        return Report((check_file(Path(source), script_loss),))
    return Report((FileReport("<script>", (), check_script(source, "<script>", script_loss)),))


def check_notes(source: str | Path) -> Report:
    """The verdicts on notes: a path, or their text.

    >>> check_notes("$y = x^2$ and $\\\\frac{dy}{dx} = 2x$").summary
    {'equal': 1}
    """
    path = Path(source) if isinstance(source, Path) or _is_path(source) else None
    if path is not None:
        return Report((check_file(path),))
    return Report((FileReport("<text>", tuple(read_text(str(source)).statements)),))


def first_notes(paths: Iterable[Path]) -> tuple[Path, Notes] | None:
    """The first notes among the files of the paths that declare a network; None without any."""
    for path in found(paths):
        if path.suffix.lower() in NOTES:
            notes = read_notes(path)
            if notes.program is not None:
                return path, notes
    return None


def _is_path(source: str) -> bool:
    return "\n" not in source and "$" not in source and Path(source).suffix.lower() in NOTES
