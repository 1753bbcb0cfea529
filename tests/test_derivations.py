"""The gallery: its verdicts, its numbers, and documents that are what the command writes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from typer.testing import CliRunner

from symbp.check.code.script import traced
from symbp.check.files import check_file, check_notes, first_notes, found
from symbp.check.report import combined
from symbp.cli import app
from symbp.read.directives import Network
from symbp.train.data import read_table
from symbp.train.descend import descend_update
from symbp.train.network import Settings, train_network
from symbp.train.show import descended

GALLERY = Path(__file__).parent.parent / "derivations"
ARTICLE = GALLERY / "article"

PUBLISHED: Mapping[str, tuple[str, str | None]] = {
    "f'(x) = 2": ("equal", None),
    "f'(x) = 2*x": ("equal", None),
    "f'(x) = 3*x**2 + 3": ("equal", None),
    "diff(f, x) = 4*x": ("equal", None),
    "diff(f, y) = 3": ("equal", None),
    "6*g(x) = 18*x": ("equal", None),
    "g'(d) = 0": ("equal", None),
    "E = 1/2*(y_5 - y_out)": ("different", None),
    "diff(E, w_53) = (y_5 - y_out)*f'(z_5)*(1 - f(z_5))*y_3": ("different", None),
    "y_3 = 0.68": ("equal", "rounded"),
    "y_4 = 0.6637": ("equal", "rounded"),
    "z_5 = 0.80133": ("equal", "carried"),
    "y_5 = 0.69": ("equal", "rounded"),
    "-diff(E, z_5) = -0.0406": ("equal", "truncated"),
    "w_53 + delta_5*y_3 = 0.272392": ("equal", "carried"),
    "w_54 + delta_5*y_4 = 0.87305": ("equal", "carried"),
    "delta_3 = -2.406e-3": ("equal", "carried"),
    "delta_4 = -7.916e-3": ("different", None),
    "y_4 = 0.663": ("equal", "truncated"),
    "0.3*0.680 + 0.9*0.663 = 0.801": ("equal", "rounded"),
    "E = 1/2*(0.690 - 0.5)**2": ("equal", "carried"),
    "(0.690 - 0.5)*0.690*(1 - 0.690)*0.680 = 0.02763": ("equal", "truncated"),
    "(0.690 - 0.5)*0.690*(1 - 0.690)*0.663 = 0.02711": ("different", None),
    "w_31_new = 0.09661944": ("different", None),
    "Ehat = 0.0165": ("equal", "truncated"),
    "Ehat = 0.165": ("different", None),
}


@pytest.fixture(scope="module")
def outcomes() -> dict[str, tuple[str, str | None]]:
    return {
        s.reading or "": (str(s.outcome), str(s.verdict.method) if s.verdict.method else None)
        for s in check_file(ARTICLE / "notes.md").statements
        if s.verdict
    }


@pytest.mark.parametrize("reading", PUBLISHED)
def test_each_published_formula_and_number(
    reading: str, outcomes: Mapping[str, tuple[str, str | None]]
) -> None:
    outcome, method = PUBLISHED[reading]
    assert outcomes[reading][0] == outcome
    assert method is None or outcomes[reading][1] == method


def test_all_six_partials_hold(outcomes: Mapping[str, tuple[str, str | None]]) -> None:
    for weight in ("w_53", "w_54", "w_31", "w_32", "w_41", "w_42"):
        claims = [o for r, (o, _) in outcomes.items() if r.startswith(f"diff(E, {weight}) =")]
        held = "equal" in claims
        assert held, weight


def test_the_updated_weight_is_named() -> None:
    statements = check_file(ARTICLE / "notes.md").statements
    (found_,) = [s for s in statements if (s.reading or "").startswith("-diff(E, z_3)")]
    assert found_.verdict is not None and found_.verdict.diagnosis is not None
    assert found_.verdict.diagnosis.kind == "updated-weight"
    assert found_.verdict.diagnosis.expected == "w_53"


def test_the_program_is_wrong_in_the_hidden_weights() -> None:
    first, second = check_file(ARTICLE / "train.py").parameters
    source = (ARTICLE / "train.py").read_text().splitlines()
    assert (first.name, first.outcome, second.name, second.outcome) == (
        "W0", "different", "W1", "equal",
    )  # fmt: skip
    assert source[first.line - 1].strip().startswith("l1_error =")
    assert first.verdict.witness is not None
    diagnosis = first.verdict.diagnosis
    assert diagnosis is not None and diagnosis.kind == "broadcast"
    assert all(shape in diagnosis.text for shape in ("(1, 2)", "(2, 1)", "(2, 2)"))


def test_the_run_ends_well_and_would_not_without_the_marks(tmp_path: Path) -> None:
    assert combined(check_file(p) for p in found([ARTICLE])).exit_code == 0
    for name in ("notes.md", "train.py"):
        text = (ARTICLE / name).read_text()
        bare = text.replace("expect different", "").replace("expect unreadable", "")
        (tmp_path / name).write_text(bare.replace("# symbp: expect W0 different", ""))
    assert combined(check_file(p) for p in found([tmp_path])).exit_code == 1


def test_json_has_the_contract_s_keys() -> None:
    result = CliRunner().invoke(app, ["check", str(ARTICLE), "--json"])
    assert result.exit_code == 0
    report = json.loads(result.output)
    assert set(report) == {"version", "files", "summary"}
    notes, script = report["files"]
    keys = (
        "line column source reading kind outcome expected method error_bound witness diagnosis "
        "assumptions"
    )
    assert set(keys.split()) <= set(notes["statements"][0])
    wrong = next(s for s in notes["statements"] if s["outcome"] == "different")
    assert set(wrong["witness"]) == {"at", "left", "right"}
    assert [p["outcome"] for p in script["parameters"]] == ["different", "equal"]


def test_the_losses_are_those_of_the_article() -> None:
    _, notes = first_notes([ARTICLE]) or pytest.fail("no notes")
    true = descended(notes, Settings.of({"steps": "100", "lr": "1"})).losses
    script = traced(ARTICLE / "train.py")
    wrong = descend_update(script.equations, script.loss, script.moves, script.values, 100).losses
    assert true[0] == pytest.approx(0.01810390384, rel=1e-9)
    assert true[99] == pytest.approx(3.266878922e-07, rel=1e-9)
    assert wrong[99] == pytest.approx(5.929448177e-07, rel=1e-9)


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("suffix", ["tex", "md"])
def test_the_documents_are_what_the_command_writes(
    lang: str, suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = ARTICLE / f"derivation.{lang}.{suffix}"
    arguments = ["derive", "derivations/article", "--lang", lang]
    monkeypatch.chdir(GALLERY.parent)
    monkeypatch.setattr("sys.argv", ["symbp", *arguments])
    made = tmp_path / kept.name
    result = CliRunner().invoke(app, [*arguments, "-o", str(made)])
    assert result.exit_code == 0, result.output
    assert made.read_text() == kept.read_text()


@pytest.mark.parametrize(("name", "inputs"), [("xor", 2), ("sine", 1)])
def test_what_networks_can_represent(name: str, inputs: int) -> None:
    notes = first_notes([GALLERY / name])
    assert notes is not None
    network = notes[1].network_words
    assert isinstance(network, Network)
    table = read_table(GALLERY / name / "data.csv", inputs, 1)
    run = train_network(network, table, Settings.of(notes[1].training))
    error = abs(run.predict(table.x) - table.d).max()
    assert error <= (0.5 if name == "xor" else 0.05)


def test_notes_in_a_string() -> None:
    assert check_notes("$y = x^2$\n\n$\\frac{dy}{dx} = 3x$").summary == {"proportional": 1}


@pytest.mark.parametrize("command", ["check", "train"])
def test_the_readme_shows_what_is_printed(
    command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(GALLERY.parent)
    monkeypatch.setenv("COLUMNS", "96")
    printed = CliRunner().invoke(app, [command, "derivations/article"]).stdout
    lines = [line.rstrip() for line in printed.splitlines()]
    readme = Path("README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```\w*\n(.*?)\n```$", readme, re.M | re.S)
    shown = next(b.splitlines() for b in blocks if b.endswith(lines[-1]))
    assert shown == lines[-len(shown):]
