"""From paths to reports: a folder stands for its notes and scripts, a file for itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from symbp.check.code.record import from_json, to_json
from symbp.check.code.said import Said
from symbp.check.code.script import check_script
from symbp.check.isolation import LimitError, in_child
from symbp.check.notes import Notes, read_notes, read_text
from symbp.check.report import FileReport, Report
from symbp.check.statement import Kind, Statement
from symbp.decide import Outcome, Verdict
from symbp.read.code.parse import code_cells
from symbp.read.code.values import CodeError
from symbp.read.fragments import FileError, read_source
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


def check_file(
    path: Path, said: Said | None = None, *, certificates: bool = True
) -> FileReport:
    """The verdicts on one file; a script is followed in a child process, within limits."""
    if path.suffix.lower() in SCRIPTS:
        return _of_script(path, read_source(path), said, certificates)
    statements = tuple(read_notes(path).statements)
    cells = code_cells(read_source(path)) if path.suffix.lower() == ".ipynb" else None
    if cells and not generated(read_source(path)):
        report = _of_script(path, cells, said, certificates)
        if report.parameters or not statements:
            return FileReport(str(path), (*statements, *report.statements), report.parameters)
    return FileReport(str(path), statements)


def _of_script(
    path: Path, source: str, said: Said | None, certificates: bool
) -> FileReport:
    """A script's parameters; one that cannot be followed is one statement that says why."""

    def work() -> Any:
        try:
            found = check_script(source, str(path), said, causes=True)
            return to_json(found, certificates)
        except CodeError as error:
            return {"text": error.message, "accepted": error.accepted, "line": error.line,
                    "column": error.column}  # fmt: skip

    try:
        found = in_child(work)
    except LimitError as error:
        verdict = Verdict(Outcome.undecided, reason=str(error))
        return FileReport(
            str(path), (Statement(1, 1, path.name, None, Kind.claim, verdict),)
        )
    if isinstance(found, list):
        return FileReport(str(path), (), from_json(found))
    text = found["text"] + (f"; accepted: {found['accepted']}" if found["accepted"] else "")
    line = _line(source, found["line"], path)
    verdict = Verdict(Outcome.unreadable, reason=text)
    place = found["line"], max(found["column"], 1)
    return FileReport(str(path), (Statement(*place, line, None, Kind.unreadable, verdict),))


def _line(source: str, number: int, path: Path) -> str:
    """A line of a script; its name where the place is in a module beside it, or nowhere."""
    lines = source.splitlines()
    return lines[number - 1].strip() if 0 < number <= len(lines) else path.name


def check_code(
    source: str | Path, script_loss: str | None = None, *, params: Iterable[str] = (),
    data: Iterable[str] = (),
) -> Report:  # fmt: skip
    """The verdicts on a training script: a path, or its text.

    ``script_loss`` names the loss that it descends, ``params`` what it trains and ``data`` what it
    does not; what is not said is found.
    """
    said = Said(script_loss, tuple(params), tuple(data))
    if isinstance(source, Path) or source.endswith(".py"):
        return Report((check_file(Path(source), said),))
    return Report((_of_script(Path("<script>"), source, said, certificates=True),))


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
