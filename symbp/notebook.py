r"""Notebooks: every public object shows itself, and ``%%symbp`` checks the notes of a cell.

    %load_ext symbp

    %%symbp
    $z = w x$, $E = \frac12 (d - z)^2$, so $\frac{\partial E}{\partial w} = (z - d)\,x$
"""

from __future__ import annotations

from math import prod
from typing import Any

from symbp.check.derivation import document
from symbp.check.files import check_notes
from symbp.check.page import CheckedFormula, checked_section
from symbp.check.report import Report
from symbp.check.review import review
from symbp.core.program import Program
from symbp.core.shown import SHOWN, Bundle
from symbp.decide import Verdict
from symbp.train.curve import sparkline
from symbp.train.fit import Run
from symbp.write.document import Document, Paragraph, say
from symbp.write.notebook import bundle

MOST_ENTRIES = 60
"""Of a program with more weights than this the equations alone are shown."""


def _program(program: Program) -> Bundle:
    sizes = [size for p in program.parameters for size in program.shapes[p.name]]
    count = sum(prod(program.shapes[p.name]) for p in program.parameters)
    if not all(size.is_Integer for size in sizes) or program.sizes or count > MOST_ENTRIES:
        return {"text/plain": str(program)}
    return bundle(document(program), str(program))


def _report(report: Report) -> Bundle:
    lines = [
        f"{s.line}: {s.verdict.outcome}" for f in report.files for s in f.statements if s.verdict
    ]
    return bundle(review(report), "\n".join(lines) or "nothing to check")


def _verdict(verdict: Verdict) -> Bundle:
    why = verdict.diagnosis.text if verdict.diagnosis else verdict.reason or ""
    factor = "" if verdict.factor is None else f", factor {verdict.factor}"
    checked = CheckedFormula("", "", str(verdict.outcome), str(why))
    plain = f"{verdict.outcome}{factor}{f': {why}' if why else ''}"
    return bundle(Document("", (checked_section((checked,)),)), plain)


def _run(run: Run) -> Bundle:
    first, last = run.history[0], run.history[-1]
    count, curve = len(run.history), sparkline(run.history)
    words = say("epochs", count=str(count), first=f"{first:.4g}", last=f"{last:.4g}")
    plain = f"{count} epochs, loss {first:.4g} → {last:.4g}\n{curve}"
    return bundle(Document("", (Paragraph(words),)), plain)


SHOWN.update({Program: _program, Report: _report, Verdict: _verdict, Run: _run})


def check_cell(line: str, cell: str) -> Report:
    """The magic ``%%symbp``: the report on the notes in the cell."""
    del line
    return check_notes(cell)


def load_ipython_extension(shell: Any) -> None:
    """Called by ``%load_ext symbp``."""
    shell.register_magic_function(check_cell, "cell", "symbp")
