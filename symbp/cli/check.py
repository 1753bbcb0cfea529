"""``symbp check`` and ``symbp verify``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from symbp.check.code.said import Said
from symbp.check.files import check_file, found
from symbp.check.report import combined, corrections
from symbp.check.review import review
from symbp.check.table import tables
from symbp.check.watch import versions
from symbp.cli.console import Lang, check_language, command, fail, made_as, out
from symbp.verify import Status, read_certificates
from symbp.verify import verify as verified
from symbp.write.save import save

FINDINGS = {Status.rejected: 1, Status.open: 3, Status.verified: 0}
"""The exit code of the first of these that was found."""
REPORTS = (".html", ".md")

Paths = Annotated[list[Path], typer.Argument(help="Notes, scripts, or folders of them.")]


def check(
    paths: Paths,
    json: Annotated[bool, typer.Option("--json", help="One JSON object instead of tables.")] = False,
    lang: Lang = "en",
    script_loss: Annotated[
        str | None, typer.Option("--script-loss", help="The loss a script descends.")
    ] = None,
    params: Annotated[
        str | None, typer.Option(help="What a script trains: W1,b1; else it is found.")
    ] = None,
    data: Annotated[
        str | None, typer.Option(help="What a script does not train: X,y; else it is found.")
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
    check_language(lang)
    if report_file is not None and report_file.suffix not in REPORTS:
        fail(f"{report_file}: accepted are {', '.join(REPORTS)}")

    said = Said(script_loss, _names(params), _names(data))

    def once() -> int:
        report = combined(
            check_file(path, said, certificates=certificates is not None)
            for path in found(paths)
        )
        if certificates is not None:
            save(certificates, report.certificates_to_json().encode())
        if report_file is not None:
            page = review(report, command())
            save(report_file, made_as(report_file, page, lang))
        if json:
            out.print(report.to_json(), markup=False, soft_wrap=True)
        else:
            out.print(tables(report, lang, readings))
            for line in corrections(report) if fix else ():
                out.print(line, markup=False, soft_wrap=True)
        return report.exit_code

    raise typer.Exit(_watched(paths, once) if watch else once())


def _names(listed: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in listed.split(",")) if listed else ()


def verify(
    certificate: Annotated[Path, typer.Argument(help="What check --certificates wrote.")],
) -> None:
    """Verdicts verified again by a second program, which shares no code with the first.

    Exit code 0: all verified; 1: something is rejected; 3: nothing is, but something cannot be
    verified; 2: the file could not be read.
    """
    findings = [verified(each) for each in read_certificates(certificate.read_bytes())]
    for number, finding in enumerate(findings, start=1):
        line = f"{number}. {finding.claim or '?'}: {finding}"
        out.print(line, markup=False, soft_wrap=True)
    counts = Counter(finding.status for finding in findings)
    out.print(" · ".join(f"{counts[status]} {status}" for status in Status if counts[status]))
    raise typer.Exit(next(code for status, code in FINDINGS.items() if counts[status]))


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
