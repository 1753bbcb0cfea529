"""What cannot be read leaves holes; no verdict is built over one."""

from __future__ import annotations

import pytest

from symbp.check.notes import read_text

LOSS = "$$E = \\frac12 (y - a)^2$$\n"
SUM = "$$z = w x + b$$\n"
CLAIM = "$$\\frac{\\partial E}{\\partial w} = (a - y) a (1 - a) x$$\n"


def last(notes: str) -> tuple[str, str]:
    statement = read_text(notes).statements[-1]
    assert statement.verdict is not None
    return str(statement.outcome), str(statement.verdict.reason or "")


@pytest.mark.parametrize("hole", [
    r"a = \foo{z}", r"a = \sigma(z", r"a = \frac{1}{1 + e^{-z}", r"a = z 2", r"a = x_12",
    r"a = \sigma(z), \quad q = \foo", r"\begin{aligned} a &= \foo z \end{aligned}",
    r"a = \sigma(V z_3)",
])  # fmt: skip
def test_a_claim_over_a_hole_is_undecided(hole: str) -> None:
    outcome, reason = last(f"{SUM}\n$${hole}$$\n\n{LOSS}\n{CLAIM}")
    assert outcome == "undecided"
    assert "line 3" in reason or "depend" in reason


def test_what_does_not_rest_on_the_hole_is_decided() -> None:
    start = f"{SUM}\n$$a = \\foo z$$\n\n{LOSS}\n"
    assert last(start + "$$\\frac{\\partial E}{\\partial a} = a - y$$")[0] == "equal"
    assert last(start + "$$\\frac{\\partial E}{\\partial a} = y - a$$")[0] == "proportional"
    assert last(start + "$$\\frac{\\partial z}{\\partial w} = x$$")[0] == "equal"
    assert last(start + "$$E = \\frac12 (a - y)^2$$")[0] == "equal"


def test_a_hole_is_closed_by_a_definition_that_is_read() -> None:
    notes = f"{SUM}\n$$a = \\foo z$$\n\n$$a = \\sigma(z)$$\n\n{LOSS}\n{CLAIM}"
    assert last(notes)[0] == "equal"


def test_a_broken_claim_is_no_hole() -> None:
    broken = "$$\\frac{\\partial E}{\\partial w = (a$$\n\n"
    assert last(f"{SUM}\n$$a = \\sigma(z)$$\n\n{LOSS}\n{broken}{CLAIM}")[0] == "equal"


def test_an_undefined_function_is_a_hole() -> None:
    outcome, _ = last(f"$$g(x) = \\foo x$$\n\n{SUM}\n$$a = g(z)$$\n\n{LOSS}\n{CLAIM}")
    assert outcome in ("undecided", "unreadable")


def test_a_loss_that_no_definition_joins_to_the_weight() -> None:
    assert last(f"{SUM}\n{LOSS}\n{CLAIM}") == ("undecided", "E does not depend on w")
