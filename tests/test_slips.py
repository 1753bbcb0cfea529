"""Numbers of hand calculations: how each stands for its value, and why a wrong one is wrong."""

from __future__ import annotations

from fractions import Fraction

import pytest

from symbp.check.notes import read_text
from symbp.check.precision import decimal, printed_as, to_unit
from symbp.check.slips import HYPOTHESES
from symbp.check.statement import Statement
from symbp.write.phrases import PHRASES

TWO_LAYERS = r"""
$$h = \sigma(v x), \quad o = \sigma(w h), \quad E = \frac12 (t - o)^2$$
$$x = 0.5, \quad t = 0.1, \quad v = 0.4, \quad w = 0.7, \quad \eta = 2$$
$$w^{+} = w - \eta\frac{\partial E}{\partial w}, \quad v^{+} = v - \eta\frac{\partial E}{\partial v}$$
$$\hat o = \sigma(w^{+}\sigma(v^{+} x)), \quad \hat E = \frac12 (t - \hat o)^2$$
"""


def last(text: str) -> Statement:
    return read_text(text).statements[-1]


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        # w becomes 0.5688 first, and the slope of v is taken with it
        (TWO_LAYERS + r"$\frac{\partial E}{\partial v} = 0.008398$", "updated-early", "0.010334"),
        (TWO_LAYERS + r"$v^{+} x = 0.1916$", "updated-early", "0.1897"),
        (TWO_LAYERS + r"$\hat E = 0.113893$", "updated-early", "0.113861"),
        (TWO_LAYERS + r"$w h = 0.3128$", "updated-weight", "0.3849"),
        (TWO_LAYERS + r"$\frac{\partial E}{\partial v} = 0.1033$", "decimal-place", "0.0103"),
        (TWO_LAYERS + r"$\frac{\partial E}{\partial v} = -0.01033$", "sign", "0.01033"),
        (TWO_LAYERS + r"$E = 0.2475$", "square-dropped", "0.1225"),
        (TWO_LAYERS + r"$E = 0.1252$", "digit", "0.1225"),
        (TWO_LAYERS + r"$E = 0.1525$", "digit", "0.1225"),
        (TWO_LAYERS + r"$E = 0.5724$", "digits", "0.1225"),
        (TWO_LAYERS + r"$0.1 - 0.2\cdot 0.3 = 0.34$", "another-number", "0.04"),
    ],
)
def test_why_a_number_is_wrong(text: str, kind: str, expected: str) -> None:
    found = last(text)
    assert found.verdict is not None and found.verdict.diagnosis is not None
    assert found.outcome == "different"
    assert (found.verdict.diagnosis.kind, found.verdict.diagnosis.expected) == (kind, expected)


def test_the_last_place_may_follow_from_a_rounded_intermediate() -> None:
    text = r"$x = 0.1234, \quad y = \frac{x}{3}, \quad z = \frac{3}{2} y$"
    found = last(text + r" and $z = 0.0617$")
    assert found.outcome == "equal"
    text = r"$x = 2, \quad y = \frac{x}{7}, \quad z = 2.5 y$"
    carried = last(text + r" and $z = 0.715$")  # y = 0.286, and 2.5 · 0.286 = 0.715
    assert carried.verdict is not None
    assert (carried.outcome, carried.verdict.method) == ("equal", "carried")
    assert "y = 0.286" in (carried.verdict.reason or "")
    assert last(text + r" and $z = 0.716$").outcome == "different"


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (Fraction(1, 3), Fraction(1, 1000), "0.333"),
        (Fraction(-5, 10000), Fraction(1, 1000), "-0.001"),
        (Fraction(3, 1000), Fraction(1, 10000), "0.0030"),
        (Fraction(12), Fraction(1, 10), "12.0"),
        (Fraction(123, 10**9), Fraction(1, 10**9), "1.23e-7"),
    ],
)
def test_a_value_is_printed_to_its_unit(value: Fraction, unit: Fraction, text: str) -> None:
    assert printed_as(value, unit) == text


def test_halves_go_away_from_zero() -> None:
    assert to_unit(Fraction(-1, 2), Fraction(1)) == -1
    assert decimal(Fraction(1, 4)) == "0.25"


def test_every_hypothesis_has_its_sentence() -> None:
    said = {"updated-weight": "updated number"}
    assert all(said.get(kind, f"mistake {kind}") in PHRASES for kind in HYPOTHESES)
