"""The commands: exit codes, one message for what is wrong, nothing half-written."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from symbp.cli import main

GOOD = "$y = x^2$ and $\\frac{dy}{dx} = 2x$\n"


def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str
) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["symbp", *arguments])
    try:
        main()
        code = 0
    except SystemExit as end:
        code = int(end.code or 0)
    written = capsys.readouterr()
    return code, written.out, written.err


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (GOOD, 0),
        (GOOD.replace("2x", "3x + x^2"), 1),
        (GOOD.replace("2x", "2x + x_12"), 3),
        (GOOD.replace("2x", "2x + q"), 3),
        ("```symbp\nexpect different\n```\n\n" + GOOD.replace("2x", "x"), 1),
        ("```symbp\nexpect proportional\n```\n\n$\\frac{d}{dx}(x^2) = x$", 3),
        ("no formula here", 0),
    ],
)
def test_exit_codes(
    text: str, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    notes = tmp_path / "notes.md"
    notes.write_text(text)
    assert run(monkeypatch, capsys, "check", str(notes))[0] == code


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check", "nowhere.md"], "nowhere.md: no such file"),
        (["check", "pyproject.toml"], "accepted are .md, .tex"),
        (["check", "README.md", "--lang", "fr"], "accepted are en, zh"),
        (["derive"], "notes that define a network, or --layers"),
        (["derive", "--layers", "2,x"], "sizes are accepted, as in 2,2,1"),
        (["derive", "--layers", "2,2,1", "--activation", "sigmoidal"], "accepted are identity"),
        (["derive", "--layers", "2,2,1", "--loss", "l2"], "accepted are half-squared"),
        (["derive", "--layers", "2,2,1", "-o", "x.doc"], "accepted are .tex, .md, .html"),
        (["derive", "--layers", "2,2,1", "-o", "nowhere/x.tex"], "no such folder as nowhere"),
        (["derive", "--layers", "2,2,1", "--wrt", "w_11"], "no entry w_11; there are w1_1_1"),
        (["derive", "--layers", "2,2,1", "--at", "w=big"], "accepted is w1_1_1=0.1"),
        (["derive", "--layers", "2,2,1", "--at", "w1_1_1=1"], "no value for w1_1_2"),
        (["train", "--layers", "2,2,1"], "train needs data"),
        (["train", "derivations/xor", "--optimizer", "adamant"], "accepted are sgd, momentum"),
        (["train", "derivations/xor", "--lr", "-1"], "a positive number is accepted"),
        (["train", "derivations/article", "--lr", "1e9"], "accepted"),
        (["compile"], "say either notes that define a network, or --layers"),
        (["compile", "--layers", "2,1", "-o", "net.txt"], "accepted is .py"),
        (["compile", "--layers", "2,1", "--target", "c", "-o", "net.py"], "accepted is .c"),
        (["compile", "--layers", "2,1", "--target", "ada"], "accepted are numpy, c"),
        (["compile", "--layers", "2,1", "--dtype", "float16"], "accepted are float64, float32"),
        (["compile", "--layers", "2,1", "--lr", "1"], "--lr needs --optimizer"),
    ],
)
def test_what_is_wrong_is_one_message(
    arguments: list[str], message: str, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(Path(__file__).parent.parent)
    code, out, err = run(monkeypatch, capsys, *arguments)
    assert code == 2
    assert message in err
    assert "Traceback" not in err
    assert not out


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("x1,x2\n1,2\n", "row 1: 1 inputs (x1) and 1 targets (x2)"),
        ("x1,x2,d\n1,2\n", "row 2: 2 cells, where the header has 3"),
        ("x1,x2,d\n1,two,3\n", "row 2, column x2: 'two' is no number"),
        ("x1,x2,d\n1,nan,3\n", "row 2, column x2: nan is not finite"),
        ("x1,x2,d\n", "at least one row"),
        ("", "at least one row"),
    ],
)
def test_bad_data_gets_its_place(
    table: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    data = tmp_path / "data.csv"
    data.write_text(table)
    code, _, err = run(monkeypatch, capsys, "train", "--layers", "2,2,1", "--data", str(data))
    assert code == 2
    assert message in err and "data.csv" in err


def test_a_target_column_may_be_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data.csv"
    data.write_text("d,x\n0,0\n2,1\n4,2\n")
    arguments = ["train", "--layers", "1,1", "--activation", "identity", "--data", str(data)]
    result = run(monkeypatch, capsys, *arguments, "--target", "d", "--epochs", "500", "--lr", "0.3",
                 "-o", str(tmp_path / "net.npz"))  # fmt: skip
    assert result[0] == 0, result[2]
    assert "largest error" in result[1]
    assert (tmp_path / "net.npz").exists()
    assert run(monkeypatch, capsys, *arguments, "--target", "y")[2].count("no column 'y'") == 1


def test_a_document_of_a_network_and_of_its_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    values = tmp_path / "values.txt"
    values.write_text("w1_1_1 = 2  # the weight\nx = 3\nd = 5\n")
    arguments = ["derive", "--layers", "1,1", "--activation", "identity", "--no-bias"]
    code, out, _ = run(monkeypatch, capsys, *arguments, "--at", str(values))
    assert code == 0
    assert "∂E/∂w" in out and "chain rule" in out
    made = tmp_path / "net.tex"
    assert run(monkeypatch, capsys, *arguments, "--lang", "zh", "-o", str(made))[0] == 0
    assert made.read_text().startswith("% Generated by symbp")
    assert [p.name for p in tmp_path.iterdir()].count("net.tex") == 1
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("name", ["article", "xor", "sine"])
def test_training_shows_a_curve(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(Path(__file__).parent.parent)
    code, out, _ = run(monkeypatch, capsys, "train", f"derivations/{name}")
    assert code == 0
    assert "▁" in out
    expected = {"article": "3.266878922e-07", "xor": "4 of 4 right", "sine": "largest error 0.00"}
    assert expected[name] in out
