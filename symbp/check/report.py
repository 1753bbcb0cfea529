"""The report on files of notes and code: verdicts, the summary, JSON, and what the exit code says."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sympy import Expr

from symbp.check.statement import Parameter, Statement
from symbp.core.shown import Shown
from symbp.decide import Diagnosis, Outcome, Verdict, Witness

VERSION = 1
ALL_AS_EXPECTED, WRONG, UNDECIDED = 0, 1, 3
OPEN = frozenset([Outcome.undecided, Outcome.unreadable])


@dataclass(frozen=True)
class FileReport:
    """One file's statements and, for a script, its parameters; or why it could not be followed."""

    path: str
    statements: tuple[Statement, ...] = ()
    parameters: tuple[Parameter, ...] = ()

    @property
    def judged(self) -> tuple[Statement | Parameter, ...]:
        """What has a verdict."""
        return (*(s for s in self.statements if s.verdict), *self.parameters)


@dataclass(frozen=True)
class Report(Shown):
    """All files of a run."""

    files: tuple[FileReport, ...]

    @property
    def statements(self) -> tuple[Statement, ...]:
        """The statements of all files."""
        return tuple(s for f in self.files for s in f.statements)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The parameters of all scripts."""
        return tuple(p for f in self.files for p in f.parameters)

    @property
    def judged(self) -> tuple[Statement | Parameter, ...]:
        """What has a verdict."""
        return tuple(item for f in self.files for item in f.judged)

    @property
    def summary(self) -> Mapping[str, int]:
        """How often each outcome came."""
        return dict(Counter(str(item.outcome) for item in self.judged))

    @property
    def unexpected(self) -> tuple[Statement | Parameter, ...]:
        """Where the outcome is neither equal nor the expected one, or was expected and is not.

        A definition that was expected to be different is among them: it claims nothing.
        """
        claims = [s for s in self.statements if s.verdict or s.expected]
        items: list[Statement | Parameter] = [*claims, *self.parameters]
        return tuple(item for item in items if not as_expected(item))

    @property
    def exit_code(self) -> int:
        """0 all as expected; 1 something different; 3 nothing different, something open."""
        outcomes = [item.outcome for item in self.unexpected]
        if not outcomes:
            return ALL_AS_EXPECTED
        return UNDECIDED if all(outcome in OPEN for outcome in outcomes) else WRONG

    def to_json(self) -> str:
        """The report as one JSON object; keys that do not apply are null."""
        return json.dumps(
            {
                "version": VERSION,
                "files": [_file(f) for f in self.files],
                "summary": dict(self.summary),
            },
            ensure_ascii=False,
            indent=1,
        )

    def certificates_to_json(self) -> str:
        """What a second program needs to verify the verdicts that can be."""
        return json.dumps([c for f in self.files for c in _certificates(f)], ensure_ascii=False)


def _certificates(report: FileReport) -> Iterator[dict[str, Any]]:
    """Those of one file, each with its line."""
    for item in report.judged:
        for write in item.verdict.certificates if item.verdict else ():
            yield {"path": report.path, "line": item.line, **write()}


def as_expected(item: Statement | Parameter) -> bool:
    """Whether the outcome is the one the author expected; equal where nothing was said."""
    return item.outcome == (item.expected or Outcome.equal)


def corrections(report: Report) -> Iterator[str]:
    """The corrected lines of scripts, each once; with them the steps are proved right."""
    told = dict.fromkeys(
        f"{file.path}: {p.verdict.diagnosis.expected}"
        for file in report.files for p in file.parameters
        if p.verdict.diagnosis is not None and p.verdict.diagnosis.expected
    )  # fmt: skip
    yield from told


def combined(reports: Iterable[FileReport]) -> Report:
    """One report on many files."""
    return Report(tuple(reports))


def _file(report: FileReport) -> dict[str, Any]:
    return {
        "path": report.path,
        "statements": [_statement(s) for s in report.statements],
        "parameters": [_parameter(p) for p in report.parameters],
    }


def _statement(statement: Statement) -> dict[str, Any]:
    return {
        "line": statement.line,
        "column": statement.column,
        "source": statement.source,
        "reading": statement.reading,
        "kind": str(statement.kind),
        **_outcome(statement.verdict, statement.expected),
    }


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "line": parameter.line,
        "column": parameter.column,
        "shape": list(parameter.shape),
        "loss": parameter.loss,
        **_outcome(parameter.verdict, parameter.expected),
    }


def _outcome(verdict: Verdict | None, expected: Outcome | None) -> dict[str, Any]:
    return {
        "outcome": str(verdict.outcome) if verdict else None,
        "expected": str(expected) if expected else None,
        "method": str(verdict.method) if verdict and verdict.method else None,
        "error_bound": verdict.error_bound if verdict else None,
        "witness": _witness(verdict.witness) if verdict and verdict.witness else None,
        "factor": _factor(verdict.factor) if verdict and verdict.factor is not None else None,
        "reason": verdict.reason if verdict else None,
        "diagnosis": _diagnosis(verdict.diagnosis) if verdict and verdict.diagnosis else None,
        "assumptions": list(verdict.assumptions) if verdict else [],
    }


def _witness(witness: Witness) -> dict[str, Any]:
    at = {name: _ratio(value) for name, value in witness.at.items()}
    return {"at": at, "left": witness.left, "right": witness.right}


def _diagnosis(diagnosis: Diagnosis) -> dict[str, Any]:
    return {
        "kind": diagnosis.kind,
        "text": diagnosis.text,
        "expected": diagnosis.expected,
        "line": diagnosis.line,
    }


def _factor(value: Fraction | Expr) -> str:
    return _ratio(value) if isinstance(value, Fraction) else str(value)


def _ratio(value: Fraction) -> str:
    return f"{value.numerator}/{value.denominator}"
