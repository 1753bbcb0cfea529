"""How notes are read, a test for each sentence of the rules: fragments, order, names, scopes, marks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from symbp.check.files import check_notes
from symbp.check.notes import read_notes, read_text
from symbp.check.statement import Statement

NET = r"$z = w x + b$, $o = \sigma(z)$, $E = \frac12(d-o)^2$, "
SLOPE = r"$\frac{\partial E}{\partial w} = (o-d)o(1-o)x$, "
STEP = r"w - \eta\frac{\partial E}{\partial w}"


def statements(text: str, suffix: str = ".md") -> list[Statement]:
    return read_text(text, suffix).statements


def last(text: str) -> Statement:
    return statements(text)[-1]


def kinds(text: str, suffix: str = ".md") -> list[tuple[str, str | None]]:
    return [(str(s.kind), s.outcome) for s in statements(text, suffix)]


# -- where formulas stand ----------------------------------------------------------------------

PLACES = [
    ("$y = 2x$", [(1, 2)]),
    ("$$\ny = 2x\n$$", [(2, 1)]),
    ("\\[ y = 2x \\]", [(1, 4)]),
    ("so \\(y = 2x\\)", [(1, 6)]),
    ("```math\ny = 2x\n```", [(2, 1)]),
    ("so $`y = 2x`$ and $`y = x + x`$", [(1, 6), (1, 21)]),
    ("```symbp\ny = 2*x  # a remark\n```", [(2, 1)]),
    ("- in a list $y = 2x$\n\n> quoted $y = x + x$", [(1, 14), (3, 11)]),
    ("| $y = 2x$ | $y = x + x$ |\n|---|---|", [(1, 4), (1, 15)]),
    ("It costs $5 and $6, or 5$ = 6$.", []),
    ("No relation in $x$ and $x + 1$.", []),
    ("`$y = 2x$` and\n\n```\n$y = 2x$\n```\n\n    $y = 2x$", []),
    ("```python\ny = 2*x\n```", []),
]


@pytest.mark.parametrize(("text", "places"), PLACES)
def test_formulas_in_markdown_are_found_where_they_stand(
    text: str, places: list[tuple[int, int]]
) -> None:
    assert [(s.line, s.column) for s in statements(text)] == places


TEX = r"""\documentclass{article}
\begin{document}
\section{A square}
% $q = 5$ is a comment
Let $f(x) = x^2$ cost \$5 and \$6.
\begin{equation}\label{eq}
\begin{split}
y &= x^2 + 1 \\
  &= 1 + x^2
\end{split}
\end{equation}
% symbp: expect proportional
\begin{align*}
\frac{dy}{dx} &= 2x \\
\frac{dy}{dx} &= 3x \notag
\end{align*}
\begin{gather}
u = 2 y \\ v = u^2
\end{gather}
\[ \frac{\partial v}{\partial u} = 2u \]
\section{A cube}
\(f(x) = x^3\) and $f'(x) = 3x^2$
\begin{verbatim}
$q = q + 1$
\end{verbatim}
\end{document}
"""


def test_latex_files_have_environments_comments_and_sections() -> None:
    found = statements(TEX, ".tex")
    assert [(s.line, s.kind, s.outcome) for s in found] == [
        (5, "definition", None), (8, "definition", None), (9, "claim", "equal"),
        (14, "claim", "equal"), (15, "claim", "proportional"), (18, "definition", None),
        (18, "definition", None), (20, "claim", "equal"), (22, "definition", None),
        (22, "claim", "equal"),
    ]  # fmt: skip


def test_notebooks_have_markdown_cells(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# A\n", "\n", "$y = x^2$"]},
        {"cell_type": "code", "source": ["$y = 7$"], "outputs": []},
        {"cell_type": "markdown", "source": "$\\frac{dy}{dx} = 2x$"},
    ]
    path = tmp_path / "n.ipynb"
    path.write_text(json.dumps({"cells": cells, "nbformat": 4}))
    assert [(s.kind, s.outcome) for s in read_notes(path).statements] == [
        ("definition", None), ("claim", "equal"),
    ]  # fmt: skip


def test_plain_text_follows_the_same_rules() -> None:
    text = "# a net\nz = w*x\ndz/dw = x\nexpect different\ndz/dw = 2  # on purpose\nx = 3\n"
    assert kinds(text, ".txt") == [
        ("definition", None), ("claim", "equal"), ("claim", "different"), ("value", None),
    ]  # fmt: skip


# -- what a relation is ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "left", ["w^{+} =", "w' =", "w_{new} =", r"w \leftarrow", r"w \gets", "w :=", "w ="]
)
def test_a_marked_name_or_one_that_stands_on_the_right_is_updated(left: str) -> None:
    found = last(NET + SLOPE + f"${left} {STEP}$")
    assert (found.kind, found.outcome) == ("update", "equal")


def test_an_update_claims_the_step_so_a_wrong_sign_is_different() -> None:
    found = last(NET + SLOPE + f"$w^{{+}} = {STEP.replace('-', '+')}$")
    assert (found.kind, found.outcome) == ("update", "different")
    assert found.verdict is not None and found.verdict.diagnosis is not None
    assert found.verdict.diagnosis.kind == "sign"


def test_later_uses_of_the_marked_name_mean_the_new_value() -> None:
    text = NET + SLOPE + f"$w^{{+}} = {STEP}$, $u = w^{{+}} x$, "
    assert last(text + rf"$u = ({STEP}) x$").outcome == "equal"
    assert last(text + "$u = w x$").outcome == "different"


def test_where_the_same_name_is_reused_the_line_says_so() -> None:
    found = statements(NET + SLOPE + f"$w = {STEP}$, $u = w x$, $u = w^{{+}} x$")
    assert found[-1].outcome == "equal"
    assert found[-3].verdict is not None
    assert found[-3].verdict.reason == "from here on w is the new value"


def test_a_plain_name_that_no_formula_defines_is_set_to_a_numeral() -> None:
    assert kinds("$x_1 = 0.35$, $w_{11} = -2$") == [("value", None)] * 2
    assert kinds("$y = 2x$, $y = 0.35$")[1][0] == "claim"


def test_a_value_given_twice_is_a_claim_the_second_time() -> None:
    assert kinds("$x = 0.5$, $x = 0.5$") == [("value", None), ("claim", "equal")]
    assert kinds("$x = 0.5$, $x = 0.7$") == [("value", None), ("claim", "different")]


@pytest.mark.parametrize(
    "formula", ["z_1 = w_{11}x_1 + w_{12}x_2", r"E=\frac12(d-o)^2", "f(x) = x^3+3x+4"]
)
def test_a_name_not_met_before_or_a_function_of_arguments_is_defined(formula: str) -> None:
    assert kinds(f"${formula}$") == [("definition", None)]


def test_a_name_is_not_defined_by_itself() -> None:
    assert last("$q = q + 1$").kind == "unreadable"


def test_a_heading_closes_the_scope_of_functions() -> None:
    one, two = "# A\n\n$f(x) = x^2$\n\n", "$f(x) = x^3$ and $f'(x) = 3x^2$"
    assert kinds(one + "# B\n\n" + two)[1:] == [("definition", None), ("claim", "equal")]
    assert last(one + "$f(x) = x^3$").kind == "unreadable"
    assert last(one + "# B\n\n$y = f(2)$").kind != "claim"


def test_a_second_relation_for_a_known_name_is_a_claim() -> None:
    assert kinds("$z = w x$, $z = x w$, $z = x$")[1:] == [("claim", "equal"), ("claim", "different")]


NETWORK = "```symbp\nnetwork layers=2,2,1 activation=sigmoid loss=half-squared\n```\n\n"


def test_delta_is_a_claim_with_a_network_and_a_definition_without_one() -> None:
    assert last(NETWORK + r"$\delta^{(2)} = (o-d)o(1-o)$").outcome == "equal"
    assert last(NETWORK + r"$\delta^{(2)} = (d-o)o(1-o)$").outcome == "proportional"
    text = NET + r"$\delta = (o-d)o(1-o)$"
    assert last(text).kind == "definition"
    assert last(text + r", $\frac{\partial E}{\partial w} = \delta x$").outcome == "equal"


# -- names -------------------------------------------------------------------------------------


def test_a_name_met_first_in_a_claim_is_unreadable_with_the_nearest_known_one() -> None:
    found = last("$z_1 = w_{11} x_1$, $z_1 = w_{12} x_1$")
    assert found.verdict is not None
    assert found.outcome == "unreadable"
    assert "w_12 has not been met" in (found.verdict.reason or "")
    assert "w_11" in (found.verdict.reason or "")


def test_a_bare_name_is_unreadable_where_two_layers_have_one() -> None:
    found = last(NETWORK + r"$\frac{\partial E}{\partial w_{11}} = 1$")
    assert found.verdict is not None
    assert "w1_1_1 or w2_1_1" in (found.verdict.reason or "")


def test_printed_and_plain_names_are_the_same() -> None:
    text = NETWORK + r"$\frac{\partial E}{\partial w^{(1)}_{12}} = \delta^{(1)}_1 x_2$"
    assert last(text).reading == "diff(E, w1_1_2) = delta1_1*x_2"
    plain = NETWORK + "```symbp\ndiff(E, w1_1_2) = delta1_1*x_2\n```"
    assert last(plain).outcome == "equal"


# -- chains, marks, directives -----------------------------------------------------------------


def test_each_link_of_a_chain_has_its_own_column_and_verdict() -> None:
    found = statements(r"$y = x^2$ and $\frac{dy}{dx} = 2x = x + x = x^2$")[1:]
    assert [s.outcome for s in found] == ["equal", "equal", "different"]
    assert [s.column for s in found] == [16, 37, 45]


@pytest.mark.parametrize(
    ("printed", "method"),
    [
        ("0.570025", "exact"), ("0.5700", "rounded"), ("0.57003", "rounded"), ("0.57", "rounded"),
        (r"5.7\times 10^{-1}", "rounded"), (r"57.0025\cdot 10^{-2}", "exact"), ("0.58", None),
    ],
)  # fmt: skip
@pytest.mark.parametrize("relation", ["=", r"\approx"])
def test_decimals_are_judged_as_they_are_printed(
    printed: str, method: str | None, relation: str
) -> None:
    found = last(f"$x = 0.755$, $y = x^2$, $y {relation} {printed}$")
    assert found.verdict is not None
    assert (found.outcome, found.verdict.method) == ("equal" if method else "different", method)


def test_what_a_block_says_for_formulas() -> None:
    text = """
```symbp
index j 1..2
shape x (2)
loss E
```

$s = \\sum_j x_j$ and $s = x_1 + x_2$ and $E = s^2$ and $\\frac{\\partial E}{\\partial x_j} = 2s$
"""
    assert [s.outcome for s in statements(text)] == [None, "equal", None, "equal"]


def test_an_assumption_is_used_and_listed() -> None:
    text = "```symbp\nassume x + y == 1\n```\n\n$u = x^2 + x y$ and $u = x$"
    found = last(text)
    assert found.outcome == "equal"
    assert found.verdict is not None and found.verdict.assumptions != ()


def test_an_ignored_statement_is_not_checked() -> None:
    assert kinds("$y = x$\n\n```symbp\nignore\n```\n\n$y = 7q$") == [
        ("definition", None), ("ignored", None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("$y = x$\n\n```symbp\nexpect different\n```\n\n$y = 2x + 1$", 0),
        ("$y = x$\n\n```symbp\nexpect different\n```\n\n$y = x$", 1),
        ("```symbp\nexpect different\n```\n\n$y = x$", 1),
        ("$y = x$\n\n```symbp\nexpect unreadable\n```\n\n$y = q$", 0),
    ],
)
def test_an_expectation_has_to_be_met(text: str, code: int) -> None:
    assert check_notes(text).exit_code == code


def test_primes_of_defined_functions() -> None:
    text = r"$f(x) = \frac{1}{1+e^{-x}}$, $f'(x) = f(x)(1-f(x))$, $f''(0) = 0$, $f'(2) = 0.105$"
    assert [s.outcome for s in statements(text)[1:]] == ["equal"] * 3
