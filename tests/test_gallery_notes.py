"""The notes of the gallery: what holds in them, what is marked as wrong, and what explains it."""

from __future__ import annotations

from pathlib import Path

import pytest

from symbp.check.files import check_file
from symbp.check.report import FileReport, Report
from symbp.check.statement import Statement

GALLERY = Path(__file__).parent.parent / "derivations"
NAMES = ("layers", "numbers", "delta", "softmax", "recurrent")

RIGHT = {"layers": 32, "numbers": 71, "delta": 10, "softmax": 24, "recurrent": 24}
"""How many statements hold in each of the notes."""

WRONG = [
    ("layers", "delta1_1 = delta2*w2_1_1", "different", "activation-derivative-missing"),
    ("layers", "diff(E, w1_1_2) = delta1_2*x_1", "different", "gradient-transposed"),
    ("layers", "diff(E, w2_1_1) = 2*(o - d)*o*(1 - o)*a1_1", "proportional", "factor"),
    ("numbers", "diff(E, p_1) = diff(E, q_1)*v_11 + diff(E, q_2)*v_21*h_1*(1 - h_1)", "different",
     None),
    ("numbers", "diff(E, u_11) = diff(E, q_1)*v_11*h_1*(1 - h_1)*x_1", "different", "path-missing"),
    ("numbers", "Ehat = 0.11652748", "different", "updated-early"),
    ("delta", "delta[:l] = (W[:l + 1]*delta[:l + 1]) .* sigmoid'(z[:l])", "unreadable", None),
    ("delta", "delta[:l] = (W[:l + 1].T*delta[:l + 1]) .* a[:l]", "different",
     "function-for-derivative"),
    ("delta", "delta[:L] = (a[:L] - d) .* sigmoid'(a[:L])", "different",
     "derivative-at-output"),
    ("delta", "b[:l] <- b[:l] + eta*delta[:l]", "different", "sign"),
    ("softmax", "diff(L, z_1) = diff(L, p_1)*diff(p_1, z_1)", "different", "sum-missing"),
    ("softmax", "diff(L, z_1) = (p_1 - d_1)*p_1*(1 - p_1)", "different", None),
    ("softmax", "diff(J, W_2) = A_1.T*(P - Y)", "proportional", "sum-for-mean"),
    ("softmax", "diff(J, Z_1) = (1/N*(P - Y)*W_2.T) .* (1 - Z_1 .* Z_1)", "different", None),
    ("softmax", "diff(J, b_2) = 1/N*(P - Y)", "unreadable", None),
    ("recurrent", "diff(E, w) = delta_3*h_2", "different", None),
    ("recurrent", "diff(E, w) = delta_1*h_1 + delta_2*h_2 + delta_3*h_3", "different", None),
    ("recurrent", "diff(E, z_3) = (y - d)*v*h_3*(1 - h_3)", "different", "wrong-activation"),
    ("recurrent", "diff(J, Z_2) = (W*diff(J, Z_3)) .* (1 - H_2 .* H_2)", "different", None),
]  # fmt: skip
"""What is marked as wrong, with the mistake that is named where one is known for certain."""


@pytest.fixture(scope="module")
def reports() -> dict[str, FileReport]:
    return {name: check_file(GALLERY / name / "notes.md") for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_every_verdict_is_the_expected_one(name: str, reports: dict[str, FileReport]) -> None:
    report = Report((reports[name],))
    assert [(s.line, s.outcome) for s in report.unexpected] == []
    assert report.exit_code == 0
    assert report.summary["equal"] == RIGHT[name]


@pytest.mark.parametrize("name", NAMES)
def test_what_is_marked_is_all_that_is_wrong(name: str, reports: dict[str, FileReport]) -> None:
    found = [_read(s) for s in reports[name].statements if s.outcome not in (None, "equal")]
    assert found == [reading for where, reading, _, _ in WRONG if where == name]


@pytest.mark.parametrize(("name", "reading", "outcome", "kind"), WRONG)
def test_each_mistake(
    name: str, reading: str, outcome: str, kind: str | None, reports: dict[str, FileReport]
) -> None:
    (found,) = [s for s in reports[name].statements if _read(s) == reading and s.expected]
    assert found.outcome == outcome
    assert found.verdict is not None
    if kind is not None:
        assert found.verdict.diagnosis is not None
        assert found.verdict.diagnosis.kind == kind
    if outcome != "unreadable":
        assert found.verdict.witness is not None


def test_the_delta_rule_holds_for_all_widths(reports: dict[str, FileReport]) -> None:
    for statement in reports["delta"].statements:
        if statement.outcome == "equal":
            assert statement.verdict is not None
            assert statement.verdict.assumptions == ()


def test_the_two_notations_have_the_same_numbers(reports: dict[str, FileReport]) -> None:
    article = check_file(GALLERY / "article" / "notes.md")
    assert _values(article) == _values(reports["layers"])


def _read(statement: Statement) -> str:
    """The reading; a product of matrices may be told from one of numbers in it."""
    return (statement.reading or "").replace(" @ ", "*")


def _values(report: FileReport) -> list[str]:
    """The numbers that were given, in order of size."""
    return sorted(_number(s) for s in report.statements if s.kind == "value" and _number(s) != "1")


def _number(statement: Statement) -> str:
    return (statement.reading or "").split(" = ")[1]
