"""Where a derivation comes from: notes that define a network, or the words of a command."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from pathlib import Path

from symbp.check.notes import Notes
from symbp.check.page import CheckedFormula, page
from symbp.check.report import as_expected
from symbp.check.statement import Kind, Statement
from symbp.core.chain import derive
from symbp.core.program import Program
from symbp.write.document import Document, Say, say
from symbp.write.phrases import Told

CHECKED = frozenset([Kind.claim, Kind.update, Kind.unreadable])


def document(
    program: Program,
    *,
    notes: Notes | None = None,
    path: Path | None = None,
    values: Mapping[str, Fraction] | None = None,
    wrt: Iterable[str] | None = None,
    command: str = "",
) -> Document:
    """The page of a program's derivation; with notes, their numbers and their checked formulas."""
    derivation = derive(program)
    checks: tuple[CheckedFormula, ...] = ()
    rate = None
    if notes is not None and path is not None:
        values = values or known_values(program, notes)
        checks = tuple(
            _checked(s, path.name) for s in notes.statements if s.verdict and s.kind in CHECKED
        )
        rate = notes.training.get("lr")
    return page(
        derivation, values=values, checks=checks, entries=wrt, rate=rate, command=command
    )


def known_values(program: Program, notes: Notes) -> Mapping[str, Fraction] | None:
    """The numbers that notes give for every weight and input; None where one is missing."""
    given = notes.knowledge.values
    wanted = [leaf.name for leaf in (*program.parameters, *program.inputs)]
    return {n: given[n] for n in wanted} if all(n in given for n in wanted) else None


def _checked(statement: Statement, name: str) -> CheckedFormula:
    verdict = statement.verdict
    assert verdict is not None
    why = verdict.diagnosis.text if verdict.diagnosis else verdict.reason or ""
    explanation: Say | str = say(why.key, **why.slots) if isinstance(why, Told) else why
    if not explanation and statement.expected is not None and as_expected(statement):
        explanation = say("as marked")
    return CheckedFormula(
        source=" ".join(statement.source.replace("&", " ").split()),
        place=f"{name}:{statement.line}",
        outcome=str(verdict.outcome),
        explanation=explanation,
    )
