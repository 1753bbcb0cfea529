"""The derivation page: what stands in it, for networks of every kind, with and without numbers."""

from __future__ import annotations

import shutil
import subprocess
from fractions import Fraction
from pathlib import Path

import pytest
import sympy as sp

import symbp
from symbp.check.page import CheckedFormula, page
from symbp.check.values import Given, ValuesError, evaluate, shown
from symbp.core.equations import Equation, scalar
from symbp.core.functions import sigmoid
from symbp.core.program import Program
from symbp.write.document import Boxed, Document, Section, Steps, Table
from symbp.write.graph import Graph, backward
from symbp.write.lines import Lines
from symbp.write.notation import Notation
from symbp.write.terminal import terminal
from symbp.write.tex import tex
from symbp.write.text import text

N = sp.Symbol("N", integer=True, positive=True)


def notes() -> Program:
    """The network of the article under the names of its notes."""
    names = "x_1 x_2 w_31 w_32 w_41 w_42 w_53 w_54 z_3 z_4 z_5 y_3 y_4 y_5 y_out C"
    (x1, x2, w31, w32, w41, w42, w53, w54, z3, z4, z5, y3, y4, y5, out, cost) = map(
        scalar, names.split()
    )
    lines = [
        (z3, w31 * x1 + w32 * x2), (z4, w41 * x1 + w42 * x2), (y3, sigmoid(z3)),
        (y4, sigmoid(z4)), (z5, w53 * y3 + w54 * y4), (y5, sigmoid(z5)),
        (cost, (out - y5) ** 2 / 2),
    ]  # fmt: skip
    return Program.of([Equation.of(*line) for line in lines], names.split()[2:8])


GIVEN: Given = {
    "x_1": Fraction(35, 100), "x_2": "0.9", "w_31": 0.1, "w_32": 0.8, "w_41": 0.4, "w_42": 0.6,
    "w_53": 0.3, "w_54": 0.9, "y_out": 0.5,
}  # fmt: skip


def parts(document: Document | Section, kind: type) -> list[object]:
    """All blocks of a kind, in order."""
    found: list[object] = []
    for block in document.blocks:
        if isinstance(block, Section):
            found += parts(block, kind)
        elif isinstance(block, kind):
            found.append(block)
    return found


def titles(document: Document) -> list[str]:
    return [b.title.key for b in document.blocks if isinstance(b, Section)]


def test_the_page_of_somebodys_notes() -> None:
    document = page(symbp.derive(notes()), values=GIVEN, rate=1)
    assert titles(document) == [
        "network", "symbols", "derivatives", "local derivatives", "delta", "update"
    ]  # fmt: skip
    boxes = [b for b in parts(document, Boxed) if isinstance(b, Boxed)]
    assert [f"{text(b.left)} = {text(b.products[0])}" for b in boxes] == [
        "∂C/∂w₃₁ = (y₅ − yₒᵤₜ) · y₅(1 − y₅) · w₅₃ · y₃(1 − y₃) · x₁",
        "∂C/∂w₃₂ = (y₅ − yₒᵤₜ) · y₅(1 − y₅) · w₅₃ · y₃(1 − y₃) · x₂",
        "∂C/∂w₄₁ = (y₅ − yₒᵤₜ) · y₅(1 − y₅) · w₅₄ · y₄(1 − y₄) · x₁",
        "∂C/∂w₄₂ = (y₅ − yₒᵤₜ) · y₅(1 − y₅) · w₅₄ · y₄(1 − y₄) · x₂",
        "∂C/∂w₅₃ = (y₅ − yₒᵤₜ) · y₅(1 − y₅) · y₃",
        "∂C/∂w₅₄ = (y₅ − yₒᵤₜ) · y₅(1 − y₅) · y₄",
    ]
    lines = terminal(document)
    assert "δ₃ = δ₅w₅₃y₃(1 − y₃)" in lines
    assert "w ← w − η·∂C/∂w" in lines


def test_numbers_are_rounded_from_unrounded_ones() -> None:
    values = evaluate(symbp.derive(notes()), GIVEN)
    names = ["z_3", "y_3", "y_5", "C", "w_31_bar", "w_53_bar"]
    assert [shown(values[name], 10) for name in names] == [
        "0.755", "0.6802671967", "0.6902834929", "0.01810390384", "0.0009290711608",
        "0.02767403494",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "message"),
    [({"x_1": 1}, "no value for w_31, "), ({**GIVEN, "q": 1}, "q is no quantity of the network")],
)
def test_values_that_do_not_fit(given: Given, message: str) -> None:
    with pytest.raises(ValuesError, match=message):
        page(symbp.derive(notes()), values=given)


NUMBERS = [
    (sp.Rational(7, 20), 6, "0.35"),
    (sp.Rational(2, 3), 4, "0.6667"),
    (sp.Rational(-1, 8), 6, "-0.125"),
    (sp.Integer(1200), 6, "1200"),
    (sp.Integer(0), 6, "0"),
    (sp.Float("0.00092907117"), 6, "0.000929071"),
    (sp.Float("1.25e-9"), 3, "1.25e-9"),
    (sp.Float("123456789.5"), 4, "1.235e+8"),
]


@pytest.mark.parametrize(("value", "digits", "expected"), NUMBERS)
def test_how_a_number_is_shown(value: sp.Expr, digits: int, expected: str) -> None:
    assert shown(value, digits) == expected


def test_a_large_network_shows_one_entry_of_each_array() -> None:
    document = page(symbp.derive(symbp.mlp([4, 8, 8, 3])))
    assert len(parts(document, Steps)) == 6


def test_chosen_entries() -> None:
    document = page(symbp.derive(symbp.mlp([4, 8, 8, 3])), entries=["w1_2_3", "b3_1"])
    steps = [s for s in parts(document, Steps) if isinstance(s, Steps)]
    assert [text(s.left) for s in steps] == ["∂E/∂w₂₃⁽¹⁾", "∂E/∂b₁⁽³⁾"]
    with pytest.raises(KeyError, match="no entry w9"):
        page(symbp.derive(symbp.mlp([2, 1])), entries=["w9"])


def test_a_symbolic_size_leaves_the_index_and_matrix_forms() -> None:
    derivation = symbp.derive(
        symbp.mlp([784, 128, 10], ["relu", "softmax"], "cross-entropy", samples=N)
    )
    document = page(derivation)
    assert titles(document) == ["network", "symbols", "local derivatives", "delta", "update"]
    assert "δᵢₙ⁽²⁾ = 1/N·(pᵢₙ − dᵢₙ)" in terminal(document)


def test_the_graph_of_two_paths_is_a_fork() -> None:
    derivation = symbp.derive(symbp.mlp([2, 2, 2], bias=False))
    graph = backward(derivation.steps("w1_1_1")[-1], Lines(Notation.of(derivation)))
    assert places(graph) == {
        "E": (5, 0), "o_1": (4, -0.5), "o_2": (4, 0.5), "z2_1": (3, -0.5), "z2_2": (3, 0.5),
        "a1_1": (2, 0), "z1_1": (1, 0), "w1_1_1": (0, 0),
    }  # fmt: skip
    assert len(graph.edges) == 8


def test_a_long_path_is_folded_into_rows() -> None:
    derivation = symbp.derive(symbp.mlp([1] * 6))
    graph = backward(derivation.steps("w1_1_1")[-1], Lines(Notation.of(derivation)))
    assert graph.columns <= 7
    assert len({v.row for v in graph.vertices}) == 2


def places(graph: Graph) -> dict[str, tuple[int, float]]:
    return {v.name: (v.column, v.row) for v in graph.vertices}


def test_a_verdict_is_shown_with_its_formula_and_place() -> None:
    checks = [
        CheckedFormula(r"\frac{\partial C}{\partial w_{53}} = y_3", "n.md:3", "different", "why"),
        CheckedFormula("z_3 = 0.755", "n.md:9", "equal"),
    ]
    lines = terminal(page(symbp.derive(notes()), checks=checks)).splitlines()
    assert [line.strip() for line in lines[-2:]] == [
        r"✗  n.md:3  different  \frac{\partial C}{\partial w_{53}} = y_3  why",
        "✓  n.md:9  equal  z_3 = 0.755",
    ]


def test_every_table_has_as_many_cells_as_heads() -> None:
    document = page(symbp.derive(symbp.mlp([2, 2, 2])), values=None)
    for table in parts(document, Table):
        assert isinstance(table, Table)
        assert {len(row) for row in table.rows} == {len(table.head)}


PROGRAMS = {
    "notes": notes(),
    "article": symbp.mlp([2, 2, 1], bias=False),
    "forks": symbp.mlp([2, 2, 2]),
    "deep": symbp.mlp([1] * 9),
    "classes": symbp.mlp([4, 8, 8, 3], ["tanh", "relu", "softmax"], "cross-entropy"),
    "batch": symbp.mlp([784, 128, 10], ["leaky_relu", "softmax"], "cross-entropy", samples=N),
    "cases": symbp.mlp([2, 2, 1], ["gelu", "identity"], "huber", samples=2),
}
PROBLEMS = ("\n!", "Overfull", "Missing character")


@pytest.mark.program
@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_xelatex_sets_it_without_a_complaint(name: str, lang: str, tmp_path: Path) -> None:
    values = GIVEN if name == "notes" else None
    made = tex(page(symbp.derive(PROGRAMS[name]), values=values), lang)
    assert problems(made, tmp_path) == []


@pytest.mark.program
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_xelatex_sets_the_article_without_a_complaint(lang: str, tmp_path: Path) -> None:
    gallery = Path(__file__).parent.parent / "derivations"
    made = (gallery / "article" / f"derivation.{lang}.tex").read_text(encoding="utf-8")
    assert problems(made, tmp_path) == []


def problems(made: str, tmp_path: Path) -> list[str]:
    """What xelatex complains of."""
    xelatex = shutil.which("xelatex")
    assert xelatex is not None
    (tmp_path / "page.tex").write_text(made, encoding="utf-8")
    command = [xelatex, "-interaction=nonstopmode", "-no-shell-escape", "page.tex"]
    for _ in range(2):
        subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=120, check=True)
    log = (tmp_path / "page.log").read_text(errors="replace")
    return [problem for problem in PROBLEMS if problem in log]
