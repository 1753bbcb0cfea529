r"""Notation of courses: layers in square brackets or below, ``dZ^{[2]}``, columns of biases."""

from __future__ import annotations

import pytest

from symbp.check.notes import read_text

LAYERS = r"""
```symbp
shape X (n, m)
shape Y (1, m)
shape W1 (h, n)
shape b1 (h, 1)
shape W2 (1, h)
shape b2 (1, 1)
```
$$Z^{[1]} = W^{[1]} X + b^{[1]}, \quad A^{[1]} = \tanh(Z^{[1]})$$
$$Z^{[2]} = W^{[2]} A^{[1]} + b^{[2]}, \quad A^{[2]} = \sigma(Z^{[2]})$$
$$J = -\frac{1}{m} \sum_{i} (Y_{1i} \log A^{[2]}_{1i} + (1 - Y_{1i}) \log(1 - A^{[2]}_{1i}))$$
"""
BATCH = r"""
```symbp
network layers=2,4,1 activation=tanh,sigmoid loss=binary-cross-entropy samples=5
```
"""
UNIT = r"""
$z = w x + b$, $a = \sigma(z)$, $L = -(y \ln a + (1 - y) \ln (1 - a))$

"""


def outcomes(notes: str, *formulas: str) -> list[tuple[str, str]]:
    made = read_text(notes + "".join(f"\n$${formula}$$\n" for formula in formulas)).statements
    return [(str(s.kind), str(s.outcome)) for s in made[-len(formulas) :]]


def test_each_differential_is_judged_and_then_used_as_it_was_written() -> None:
    formulas = [
        r"dZ^{[2]} = \frac1m (A^{[2]} - Y)",
        r"dW^{[2]} = dZ^{[2]} A^{[1]T}",
        r"dA^{[1]} = W^{[2]T} dZ^{[2]}",
        r"dZ^{[1]} = W^{[2]T} dZ^{[2]} * (1 - (A^{[1]})^2)",
        r"dW^{[1]} = dZ^{[1]} X^T",
    ]
    assert outcomes(LAYERS, *formulas) == [("claim", "equal")] * 5


def test_a_mean_that_comes_late_is_found_where_it_is_missing() -> None:
    formulas = [r"dZ^{[2]} = A^{[2]} - Y", r"dW^{[2]} = \frac1m dZ^{[2]} A^{[1]T}"]
    assert outcomes(LAYERS, *formulas) == [("claim", "proportional"), ("claim", "equal")]


def test_a_wrong_differential_is_different() -> None:
    formulas = [
        r"dZ^{[2]} = \frac1m (A^{[2]} - Y)",
        r"dZ^{[1]} = W^{[2]T} dZ^{[2]} * (1 - (Z^{[1]})^2)",
        r"dW^{[1]} = dZ^{[1]} X^T",
    ]
    wanted = [("claim", "equal"), ("claim", "different"), ("claim", "different")]
    assert outcomes(LAYERS, *formulas) == wanted


@pytest.mark.parametrize("claim", [
    r"\frac{\partial E}{\partial z_{1}^{(i)}} = W_2^T \frac{\partial E}{\partial z_{2}^{(i)}}"
    r" * (1 - a^{[1] (i) 2})",
    r"\frac{\partial E}{\partial W_1} = \frac{\partial E}{\partial z_1} X^T",
    r"\frac{\partial E}{\partial W^{[1]}} = \frac{\partial E}{\partial Z^{[1]}} A^{[0]T}",
    r"dA^{[l-1]} = W^{[l]T} dZ^{[l]}",
])  # fmt: skip
def test_layers_of_a_declared_network(claim: str) -> None:
    assert outcomes(BATCH, claim) == [("claim", "equal")]


@pytest.mark.parametrize("claim", [
    r"\frac{\partial E}{\partial z_{1}^{(i)}} = W_2^T \frac{\partial E}{\partial z_{2}^{(i)}}"
    r" * (1 - a^{[1] (i)})",
    r"\frac{\partial E}{\partial W_2} = \frac{\partial E}{\partial z_1} X^T",
    r"dA^{[l-1]} = W^{[l]T} dA^{[l]}",
])  # fmt: skip
def test_wrong_layers_of_a_declared_network(claim: str) -> None:
    ((kind, outcome),) = outcomes(BATCH, claim)
    assert (kind, outcome) in [("claim", "different"), ("unreadable", "unreadable")]


def test_differentials_of_numbers() -> None:
    formulas = ["dz = a - y", "dw = x \\, dz", "db = dz", "dx = w \\, dz"]
    assert outcomes(UNIT, *formulas) == [("claim", "equal")] * 4
    assert outcomes(UNIT, "dz = y - a", "dw = x \\, dz")[0] == ("claim", "proportional")


def test_before_a_loss_a_differential_is_a_name() -> None:
    assert outcomes("$z = w x$\n", "dz = 2 z") == [("definition", "None")]


def test_a_name_with_an_underscore_is_that_of_a_program() -> None:
    notes = r"""
$$z\_h_1 = w_1 i_1, \quad a\_h_1 = \sigma(z\_h_1), \quad E = \frac12 (t_1 - a\_h_1)^2$$
"""
    right = r"\frac{\partial E}{\partial w_1} = (a\_h_1 - t_1) a\_h_1 (1 - a\_h_1) i_1"
    assert outcomes(notes, right) == [("claim", "equal")]
    assert outcomes(notes, right.replace(r"a\_h_1 (1", "(1")) == [("claim", "different")]
    spelled = right.replace(r"a\_h_1", "a_{h1}")
    assert outcomes(notes, spelled) == [("claim", "equal")]


@pytest.mark.parametrize("terms", [r"c + r", r"r + c"])
def test_a_column_and_a_row_have_no_sum(terms: str) -> None:
    notes = "```symbp\nshape c (2, 1)\nshape r (1, 2)\n```\n"
    assert outcomes(notes, f"M = {terms}") == [("unreadable", "unreadable")]


PLANE = r"""
```symbp
shape x (n)
shape d (m)
shape W (m, n)
```
$$z = W x, \quad E = \frac12 \|z - d\|^2, \quad \delta = z - d$$
"""


def test_the_outer_product_of_vectors_that_only_it_fits() -> None:
    assert outcomes(PLANE, r"\frac{\partial E}{\partial W} = \delta \otimes x") == [("claim", "equal")]
    assert outcomes(PLANE, r"\frac{\partial E}{\partial W} = x \otimes \delta")[0][0] == "unreadable"
    assert outcomes(PLANE, r"q = \delta \otimes d")[0][0] == "unreadable"
