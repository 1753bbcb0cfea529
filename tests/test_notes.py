"""Each rule by which notes are read, a row each: what a statement is, and its verdict."""

from __future__ import annotations

import pytest

from symbp.check.notes import read_text
from symbp.check.statement import Statement

NET = r"""
$$z = w x + b$$
$$o = \sigma(z)$$
$$E = \frac12(d-o)^2$$
"""


def statements(text: str) -> list[Statement]:
    return read_text(text).statements


def last(text: str) -> Statement:
    return statements(text)[-1]


@pytest.mark.parametrize(
    ("text", "kind", "outcome"),
    [
        ("$x_1 = 0.35$", "value", None),
        ("$z = w x$", "definition", None),
        ("$f(x) = x^2$", "definition", None),
        (NET + r"$\frac{\partial E}{\partial o} = o - d$", "claim", "equal"),
        (NET + r"$\frac{\partial E}{\partial o} = d - o$", "claim", "proportional"),
        (NET + r"$\frac{\partial E}{\partial w} = (o-d)o(1-o)x$", "claim", "equal"),
        (NET + r"$\frac{\partial E}{\partial w} = (o-d)o(1-o)$", "claim", "different"),
        (NET + r"$\frac{\partial E}{\partial w} = (o-d)\sigma'(z)x$", "claim", "equal"),
        (NET + r"$w^{+} = w - \eta\frac{\partial E}{\partial w}$", "update", "equal"),
        (NET + r"$w^{+} = w + \eta\frac{\partial E}{\partial w}$", "update", "different"),
        (NET + r"$\frac{\partial E}{\partial w} = (o-d)o(1-o)x$ and $\Delta w = -\eta (o-d)o(1-o)x$",
         "update", "equal"),
        (NET + r"$\frac{\partial E}{\partial w} = (o-d)o(1-o)x$ and $\Delta w = \eta (o-d)o(1-o)x$",
         "update", "different"),
        (NET + r"$w^{new} = w - \eta (o-d)o(1-o)x$ and $\frac{\partial E}{\partial w} = 1$",
         "claim", "different"),
        (NET + r"$\frac{\partial E}{\partial v} = 0$", "unreadable", "unreadable"),
        (NET + r"$\frac{\partial E}{\partial d} = d - o$", "claim", "equal"),
        ("$z = w x$\n\n$z = x w$", "claim", "equal"),
        ("$z = w x$\n\n$z = w + x$", "claim", "different"),
        ("$f(x) = x^2$\n\n$f(x) = x^3$", "unreadable", "unreadable"),
        ("# a\n\n$f(x) = x^2$\n\n# b\n\n$f(x) = x^3$\n\n$f'(x) = 3x^2$", "claim", "equal"),
        ("# a\n\n$f(x) = x^2$\n\n# b\n\n$f(3) = 9$", "unreadable", "unreadable"),
        ("# a\n\n$f(x) = x^2$\n\n## b\n\n$f(3) = 9$", "claim", "equal"),
        ("$x = 0.5$\n\n$y = x^2$\n\n$y = 0.25$", "claim", "equal"),
        ("$x = 0.5$\n\n$y = x^2$\n\n$y = 0.26$", "claim", "different"),
        ("$y = x^2$\n\n$y = 0.25$", "claim", "undecided"),
        ("$h = \\max(0, x)$\n\n$x = 2$\n\n$h = 2$", "claim", "equal"),
        ("$y = x_12$", "unreadable", "unreadable"),
        ("$1/0 = x$", "unreadable", "unreadable"),
        ("```symbp\nignore\n```\n\n$y = y + 1$", "ignored", None),
        ("```symbp\nz = w*x\ndiff(z, w) = x\n```", "claim", "equal"),
        ("```symbp\nz = w*x\ndz/dw = w\n```", "claim", "different"),
        ("```math\nz = w x\n```\n\n```math\n\\frac{\\partial z}{\\partial w} = x\n```",
         "claim", "equal"),
    ],
)  # fmt: skip
def test_what_a_statement_is_and_its_verdict(text: str, kind: str, outcome: str | None) -> None:
    found = last(text)
    assert (found.kind, found.outcome) == (kind, outcome), found


@pytest.mark.parametrize(
    ("printed", "method"),
    [
        ("0.6802671967", "rounded"),
        ("0.680", "rounded"),
        ("0.6802", "truncated"),
        ("0.68", "rounded"),
        ("0.7", "rounded"),
        ("0.6", "truncated"),
        ("0.681", None),
        ("0.5", None),
        ("-0.68", None),
        (r"6.80\times 10^{-1}", "rounded"),
        ("0.6803", "rounded"),
        ("0.6804", None),
    ],
)
def test_a_number_is_judged_at_its_printed_precision(printed: str, method: str | None) -> None:
    found = last(rf"$z = 0.755$ and $y = \sigma(z)$ and $y = {printed}$")
    assert found.verdict is not None
    assert found.outcome == ("equal" if method else "different")
    assert found.verdict.method == method


def test_a_number_may_follow_from_printed_ones() -> None:
    text = r"$x = 0.755$, $y = \sigma(x)$ and $u = y^2$; $y = 0.68$; $u = 0.4624$"
    found = last(text)
    assert found.verdict is not None
    assert (found.outcome, found.verdict.method) == ("equal", "carried")
    assert "y = 0.68" in (found.verdict.reason or "")


def test_a_chain_is_read_link_by_link() -> None:
    found = statements(NET + r"$\frac{\partial E}{\partial w} = (o-d)o(1-o)x = (o-d)o x = 0 o$")
    assert [s.outcome for s in found[-3:]] == ["equal", "different", "different"]
    assert len({s.column for s in found[-3:]}) == 3


def test_an_expectation_goes_to_the_first_link_that_has_it() -> None:
    text = NET + "```symbp\nexpect different\n```\n\n" + (
        r"$\frac{\partial E}{\partial w} = (o-d)o(1-o)x = (o-d)o x$"
    )
    found = statements(text)
    assert [s.expected for s in found[-2:]] == [None, "different"]


def test_positions_are_those_of_the_file() -> None:
    text = "# t\n\n$$\n\\begin{aligned}\nz &= w x \\\\\ny &= z^2\n\\end{aligned}\n$$\n\nsee $q = 3$"
    assert [(s.line, s.column) for s in statements(text)] == [(5, 1), (6, 1), (10, 6)]


def test_a_chain_that_sets_a_name_anew_is_about_the_old_values() -> None:
    text = (
        r"$y = w x$, $E = y^2$, $w = 0.5$, $x = 1$, $\eta = 0.1$ and "
        r"$w = w - \eta\frac{\partial E}{\partial w} = w - 2\eta y x = 0.4$ and then $w x = 0.4$"
    )
    assert [(s.kind, s.outcome) for s in statements(text)[-4:]] == [
        ("update", "equal"), ("claim", "equal"), ("claim", "equal"), ("claim", "equal"),
    ]  # fmt: skip


def test_an_updated_weight_in_a_gradient_is_named() -> None:
    text = r"""
$$h = v x, \quad z = w h, \quad E = \frac12 (d - z)^2$$
$$w^{+} = w - \eta \frac{\partial E}{\partial w}$$
$$\frac{\partial E}{\partial v} = (z - d) w^{+} x$$
"""
    found = last(text)
    assert found.outcome == "different"
    assert found.verdict is not None and found.verdict.diagnosis is not None
    assert (found.verdict.diagnosis.kind, found.verdict.diagnosis.expected) == ("updated-weight", "w")


def test_a_declared_network_gives_delta_its_meaning() -> None:
    text = (
        "```symbp\nnetwork layers=2,2,1 activation=sigmoid loss=half-squared bias=no\n```\n\n"
        r"$\delta^{(2)} = (o - d)o(1-o)$ and "
        r"$\delta^{(1)}_1 = \delta^{(2)}w^{(2)}_{11}a^{(1)}_1(1-a^{(1)}_1)$ and "
        r"$\frac{\partial E}{\partial w^{(1)}_{12}} = \delta^{(1)}_1 x_2$ and "
        r"$\frac{\partial E}{\partial w^{(1)}_{12}} = \delta^{(1)}_2 x_2$"
    )
    assert [s.outcome for s in statements(text)] == ["equal"] * 3 + ["different"]


def test_money_is_no_mathematics() -> None:
    assert statements("It costs $5 and not $6, x = 3 or not.") == []


def test_every_different_has_a_witness() -> None:
    found = last(NET + r"$\frac{\partial E}{\partial w} = (o-d)o(1+o)x$")
    assert found.verdict is not None and found.verdict.witness is not None
    assert found.verdict.witness.left != found.verdict.witness.right
    assert set(found.verdict.witness.at) >= {"w", "x", "b", "d"}


@pytest.mark.parametrize(("claimed", "outcome"), [("0", "equal"), (r"\frac{1}{o(1-o)}", "undecided")])
def test_a_derivative_against_the_flow_says_what_it_rests_on(claimed: str, outcome: str) -> None:
    found = last(NET + rf"$\frac{{\partial z}}{{\partial o}} = {claimed}$")
    assert found.outcome == outcome and found.verdict is not None
    said = found.verdict.assumptions[0] if outcome == "equal" else found.verdict.reason
    assert said == "z does not depend on o"


def test_a_jump_has_no_impulse_in_its_slope() -> None:
    found = last(r"$f(x) = x^2\,\mathrm{sign}(x)$ and $f'(x) = 2x\,\mathrm{sign}(x)$")
    assert found.outcome == "equal"
