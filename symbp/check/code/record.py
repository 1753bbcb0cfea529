"""Verdicts on scripts as JSON and back, for what a child process found out."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import partial
from typing import Any

from symbp.check.statement import Parameter
from symbp.decide import Diagnosis, Method, Outcome, Verdict, Witness


def to_json(parameters: Sequence[Parameter], certificates: bool) -> list[dict[str, Any]]:
    """Parameters as plain data; with certificates, which take time to write."""
    return [
        {
            "name": p.name, "line": p.line, "column": p.column, "expected": p.expected,
            "loss": p.loss, "shape": list(p.shape), "verdict": _verdict(p.verdict, certificates),
        }
        for p in parameters
    ]  # fmt: skip


def _verdict(verdict: Verdict, certificates: bool) -> dict[str, Any]:
    witness, cause = verdict.witness, verdict.diagnosis
    return {
        "outcome": verdict.outcome, "method": verdict.method, "error_bound": verdict.error_bound,
        "witness": None if witness is None else {
            "at": {name: str(value) for name, value in witness.at.items()},
            "left": witness.left, "right": witness.right,
        },
        "factor": None if verdict.factor is None else str(verdict.factor),
        "reason": verdict.reason, "assumptions": list(verdict.assumptions),
        "diagnosis": None if cause is None else [cause.kind, cause.text, cause.expected, cause.line],
        "certificates": [write() for write in verdict.certificates] if certificates else [],
    }  # fmt: skip


def from_json(data: Sequence[dict[str, Any]]) -> tuple[Parameter, ...]:
    """The parameters again."""
    return tuple(
        Parameter(
            p["name"], p["line"], p["column"], _read(p["verdict"]),
            None if p["expected"] is None else Outcome(p["expected"]), p["loss"], tuple(p["shape"]),
        )
        for p in data
    )  # fmt: skip


def _read(data: dict[str, Any]) -> Verdict:
    witness, cause = data["witness"], data["diagnosis"]
    return Verdict(
        Outcome(data["outcome"]), None if data["method"] is None else Method(data["method"]),
        data["error_bound"],
        None if witness is None else Witness(
            {name: Fraction(value) for name, value in witness["at"].items()},
            witness["left"], witness["right"]),
        None if data["factor"] is None else Fraction(data["factor"]),
        data["reason"], None if cause is None else Diagnosis(*cause), tuple(data["assumptions"]),
        tuple(partial(dict, written) for written in data["certificates"]),
    )  # fmt: skip
