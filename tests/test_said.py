"""What is said about a script: its loss, its parameters, its data."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from symbp.check.files import check_code, check_notes
from symbp.cli import app

SCRIPT = """
import numpy as np
X = np.array([[0.0, 1.0], [1.0, 1.0], [1.0, 0.0]])
y = np.array([[1.0], [0.0], [1.0]])
W1 = np.random.randn(2, 3)
W2 = np.random.randn(3, 1)
lr = 0.1
for epoch in range(100):
    a = np.tanh(X.dot(W1))
    o = a.dot(W2)
    E = 0.5 * np.sum((o - y) ** 2)
    sure = np.sum(o ** 2)
    d2 = o - y
    d1 = d2.dot(W2.T) * (1 - a ** 2)
    W2 -= lr * a.T.dot(d2)
    W1 -= lr * 0.5 * X.T.dot(d1)
    print(E, sure)
"""


def judged(source: str, **said: object) -> dict[str, str]:
    report = check_code(source, **said)  # type: ignore[arg-type]
    (file,) = report.files
    return {p.name: str(p.outcome) for p in file.parameters} or {
        s.kind: str(s.verdict.reason) for s in file.statements if s.verdict
    }


def test_all_parameters_are_found() -> None:
    assert judged(SCRIPT) == {"W2": "equal", "W1": "proportional"}


def test_only_what_is_meant_is_judged() -> None:
    assert judged(SCRIPT, params=["W1"]) == {"W1": "proportional"}
    assert judged(SCRIPT, data=["W1"]) == {"W2": "equal"}
    assert judged("# symbp: parameters W2\n" + SCRIPT) == {"W2": "equal"}
    assert judged("# symbp: data W2\n" + SCRIPT) == {"W1": "proportional"}
    assert judged("# symbp: parameters W2\n" + SCRIPT, params=["W1"]) == {"W1": "proportional"}


def test_the_loss_of_a_comment() -> None:
    assert judged("# symbp: loss E\n" + SCRIPT) == judged(SCRIPT)
    (reason,) = judged("# symbp: loss F\n" + SCRIPT).values()
    assert "no loss F" in reason and "E" in reason
    assert judged("# symbp: loss F\n" + SCRIPT, script_loss="E") == judged(SCRIPT)


def test_a_name_that_is_no_parameter_is_refused() -> None:
    (reason,) = judged(SCRIPT, params=["W7"]).values()
    assert "W7 is no parameter" in reason and "W1, W2" in reason


@pytest.mark.parametrize("order", ["parameters", "parameters W1;", "data 3"])
def test_a_comment_without_names_is_refused(order: str) -> None:
    found = check_code(f"# symbp: {order}\n{SCRIPT}").files[0].statements
    assert [(str(s.outcome), s.line) for s in found] == [("unreadable", 1)]


def test_notes_train_nothing_by_name() -> None:
    (statement,) = check_notes("```symbp\nparameters W1\n```\n").files[0].statements
    assert str(statement.outcome) == "unreadable"


def test_the_command(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(SCRIPT)
    result = CliRunner().invoke(app, ["check", str(tmp_path / "net.py"), "--params", "W2"])
    assert result.exit_code == 0 and "W1" not in result.stdout
