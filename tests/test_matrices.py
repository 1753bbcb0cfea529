"""Notes in matrix and index notation: what is claimed of whole arrays, for all sizes at once."""

from __future__ import annotations

import pytest

from symbp.check.notes import read_text
from symbp.check.statement import Statement

DEEP = """
```symbp
network layers=n,m,k,c activation=sigmoid loss=half-squared
```
"""
SQUARE = DEEP.replace("n,m,k,c", "n,n,n")
CLASSES = r"""
```symbp
shape x (N, n)
shape W_1 (n, h)
shape b_1 (h)
shape W_2 (h, c)
shape b_2 (c)
shape y (N, c)
assume sum(y[i, k], k) == 1
```
$$z_1 = x W_1 + b_1, \quad a_1 = \tanh(z_1), \quad z_2 = a_1 W_2 + b_2$$
$$p = \mathrm{softmax}(z_2), \quad L = -\frac1N\sum_i\sum_k y_{ik}\log p_{ik}$$
"""
COLUMNS = r"""
```symbp
shape X (n, m)
shape W (c, n)
shape b (c)
shape y (c, m)
```
$$Z = W X + b, \quad A = \sigma(Z)$$
$$J = -\frac1m\sum_i\sum_k (y_{ki}\log A_{ki} + (1 - y_{ki})\log(1 - A_{ki}))$$
"""


FREE = """
```symbp
shape x (n)
shape M (n, n)
```
"""
ONE = r"""
```symbp
shape x (n)
shape w (n)
```
$$z = w^\top x, \quad y = \sigma(z), \quad E = -(t \log y + (1-t)\log(1-y))$$
"""


def last(text: str) -> Statement:
    return read_text(text).statements[-1]


@pytest.mark.parametrize(
    ("text", "kind", "outcome"),
    [
        (DEEP + r"$\delta^{L} = (o - d) \odot \sigma'(z^{L})$", "claim", "equal"),
        (DEEP + r"$\delta^{L} = (a^{L} - d) \odot a^{L} \odot (1 - a^{L})$", "claim", "equal"),
        (DEEP + r"$\delta^{l} = ((W^{l+1})^\top \delta^{l+1}) \odot \sigma'(z^{l})$", "claim", "equal"),
        (DEEP + r"$\delta^{l} = ((w^{l+1})^\top \delta^{l+1}) \odot \sigma'(z^{l})$", "claim", "equal"),
        (DEEP + r"$\delta^{l} = ((W^{l+1})^\top \delta^{l+1}) \odot a^{l}$", "claim", "different"),
        (DEEP + r"$\delta^{l} = (W^{l+1}\delta^{l+1}) \odot \sigma'(z^{l})$",
         "unreadable", "unreadable"),
        (SQUARE + r"$\delta^{l} = (W^{l+1}\delta^{l+1}) \odot \sigma'(z^{l})$", "claim", "different"),
        (DEEP + r"$\delta_j^{l} = \sum_k w_{kj}^{l+1} \delta_k^{l+1} \sigma'(z_j^{l})$",
         "claim", "equal"),
        (DEEP + r"$\frac{\partial E}{\partial W^{l}} = \delta^{l} (a^{l-1})^\top$", "claim", "equal"),
        (DEEP + r"$\frac{\partial E}{\partial W^{l}} = 2\delta^{l} (a^{l-1})^\top$",
         "claim", "proportional"),
        (DEEP + r"$\frac{\partial E}{\partial w^{l}_{jk}} = a^{l-1}_k \delta^{l}_j$", "claim", "equal"),
        (SQUARE + r"$\frac{\partial E}{\partial w^{l}_{jk}} = a^{l-1}_j \delta^{l}_k$",
         "claim", "different"),
        (DEEP + r"$\frac{\partial E}{\partial b^{l}} = \delta^{l}$", "claim", "equal"),
        (DEEP + r"$W^{l} = W^{l} - \eta\frac{\partial E}{\partial W^{l}}$", "update", "equal"),
        (DEEP + r"$W^{l} \gets W^{l} - \delta^{l} (a^{l-1})^\top$", "update", "equal"),
        (DEEP + r"$W^{l} = W^{l} + \eta\frac{\partial E}{\partial W^{l}}$", "update", "different"),
        (CLASSES, "definition", None),
        (CLASSES + r"$\frac{\partial L}{\partial z_2} = \frac1N(p - y)$", "claim", "equal"),
        (CLASSES + r"$\frac{\partial L}{\partial z_2} = p - y$", "claim", "proportional"),
        (CLASSES + r"$\frac{\partial L}{\partial W_2} = \frac1N a_1^\top (p - y)$", "claim", "equal"),
        (CLASSES + r"$\frac{\partial L}{\partial b_2} = \frac1N (p - y)$", "unreadable", "unreadable"),
        (CLASSES + r"$\frac{\partial L}{\partial b_{2,k}} = \frac1N\sum_i (p_{ik} - y_{ik})$",
         "claim", "equal"),
        (CLASSES + r"$\frac{\partial L}{\partial W_1} = x^\top ((1 - a_1^2) \odot "
         r"(\frac1N (p - y) W_2^\top))$", "claim", "equal"),
        (CLASSES + r"$\frac{\partial L}{\partial W_1} = x^\top ((1 - z_1^2) \odot "
         r"(\frac1N (p - y) W_2^\top))$", "claim", "different"),
        (COLUMNS + r"$\frac{\partial J}{\partial Z} = \frac1m(A - y)$", "claim", "equal"),
        (COLUMNS + r"$\frac{\partial J}{\partial W} = \frac1m(A - y)X^\top$", "claim", "equal"),
        (COLUMNS + r"$\frac{\partial J}{\partial W} = (A - y)X^\top$", "claim", "proportional"),
        (COLUMNS + r"$J = -\frac1m\sum_{i=0}^{m}\sum_k y_{ki}\log A_{ki}$", "unreadable", "unreadable"),
        (COLUMNS + r"$Z = W \cdot X + b$", "claim", "equal"),
        (COLUMNS + r"$\frac{\partial J}{\partial Z^{(i)}} = \frac1m(A^{(i)} - y^{(i)})$",
         "claim", "equal"),
        (COLUMNS + r"$\frac{\partial J}{\partial b} = \sum_i \frac{\partial J}{\partial Z^{(i)}}$",
         "claim", "equal"),
        (COLUMNS + r"$\frac{\partial J}{\partial W} = \frac{\partial J}{\partial Z^{(i)}} x^{(i)\top}$",
         "unreadable", "unreadable"),
        (COLUMNS + r"$\frac{\partial J}{\partial b} = \sum_i (A - y)$", "unreadable", "unreadable"),
        (COLUMNS + "\n```symbp\nloss J\n```\n\n" + r"$\Delta W = -\frac{\eta}{m}(A - y)X^\top$",
         "update", "equal"),
        (DEEP + r"$\Delta b^{l} = \eta\delta^{l}$", "update", "different"),
        (COLUMNS + r"$J = 0.5$", "claim", "undecided"),
        (COLUMNS + "\n```symbp\nshape q (n)\n```\n" + r"$\frac{\partial J}{\partial q} = 0 q$",
         "claim", "equal"),
        ("```symbp\nloss E\nshape x (n)\n```\n" + r"$\frac{\partial E}{\partial x_j} = 2 x_j$",
         "unreadable", "unreadable"),
        (DEEP + r"$E = o \cdot d$", "unreadable", "unreadable"),
        (FREE + r"$u_{ii} = x_i$", "unreadable", "unreadable"),
        (FREE + r"$M^{-1} = M$", "unreadable", "unreadable"),
        (FREE + r"$h = \max(0, M x)$ and $h = \mathrm{ReLU}(M x)$", "claim", "equal"),
        (FREE + r"$h = \max(0, x)$ and $h_1 = \max(0, x_1)$ and $h_1 = x_1$", "claim", "different"),
        (FREE + r"$q = \max(x)$", "unreadable", "unreadable"),
        (DEEP + r"$E = \frac12 \|d - o\|^2$", "claim", "equal"),
        (DEEP + r"$o_i = \sigma(\sum_j w^{(3)}_{ij} a^{(2)}_j + b^{(3)}_i)$", "claim", "equal"),
        (DEEP + r"$\frac{\partial E}{\partial b^{(2)}_j} = \delta^{(2)}_i$",
         "unreadable", "unreadable"),
        (DEEP + r"$\frac{\partial E}{\partial x} = (W^{(1)})^\top \delta^{(1)}$", "claim", "equal"),
        (ONE + r"$\frac{\partial E}{\partial w} = (y - t) x$", "claim", "equal"),
        (ONE + r"$\frac{\partial E}{\partial w_1} = (y - t) x_2$", "claim", "different"),
        (ONE + r"$\frac{\partial E}{\partial y} = 1$ and $w \gets w - \eta (y - t) x$",
         "update", "equal"),
        (DEEP + r"$E = \frac12 (d - o)^\top (d - o)$", "claim", "equal"),
    ],
)  # fmt: skip
def test_what_is_said_of_arrays(text: str, kind: str, outcome: str | None) -> None:
    found = last(text)
    assert (found.kind, found.outcome) == (kind, outcome), found


def test_a_claim_of_all_layers_names_them_and_holds_for_all_sizes() -> None:
    verdict = last(DEEP + r"$\frac{\partial E}{\partial b^{l}} = \delta^{l}$").verdict
    assert verdict is not None
    assert (verdict.reason, verdict.assumptions) == ("in the layers 1, 2, 3", ())


def test_an_array_that_was_set_anew_is_not_used_in_a_definition() -> None:
    text = ONE + r"$\frac{\partial E}{\partial w} = (y - t)x$ and $w \gets w - \eta(y - t)x$ and "
    found = last(text + r"$u = w^\top x$")
    assert found.verdict is not None
    assert "old value, or its new one" in (found.verdict.reason or "")
    assert last(text + r"$\frac{\partial E}{\partial w} = (y - t)x$").outcome == "equal"


def test_what_holds_under_an_assumption_says_so() -> None:
    verdict = last(CLASSES + r"$\frac{\partial L}{\partial z_2} = \frac1N(p - y)$").verdict
    assert verdict is not None
    assert verdict.assumptions[0] == "sum(y[i, k], k) = 1"
    assert verdict.assumptions[1].startswith("checked at sizes")
    bare = CLASSES.replace("assume sum(y[i, k], k) == 1\n", "")
    assert last(bare + r"$\frac{\partial L}{\partial z_2} = \frac1N(p - y)$").outcome == "different"


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        (r"$\delta^{l} = (W^{l+1}\delta^{l+1}) \odot \sigma'(z^{l})$", "shapes (k, m) and (k,)"),
        (r"$E = o \cdot d$", "entry by entry"),
        (r"$\frac{\partial E}{\partial W^{l}} = a^{l-1}(\delta^{l})^\top$", "(m, n) and (n, m)"),
    ],
)
def test_a_misfit_is_told_with_its_shapes(formula: str, words: str) -> None:
    verdict = last(DEEP + formula).verdict
    assert verdict is not None and words in (verdict.reason or "")


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        (DEEP + r"$\delta^{l} = ((W^{l+1})^\top \delta^{l+1}) \odot a^{l}$",
         "function-for-derivative", "a1_1*(1 - a1_1)"),
        (DEEP + r"$\delta^{l} = (W^{l+1})^\top \delta^{l+1}$",
         "activation-derivative-missing", "a1_1*(1 - a1_1)"),
        (DEEP + r"$\delta^{L} = (a^{L} - d) \odot \sigma'(a^{L})$",
         "derivative-at-output", "o_1*(1 - o_1)"),
        (SQUARE + r"$\delta^{l} = (W^{l+1}\delta^{l+1}) \odot \sigma'(z^{l})$", "transposed", "w2_2_1"),
        (DEEP + r"$\frac{\partial E}{\partial W^{(2)}} = \delta^{(2)} (z^{(1)})^\top$",
         "before-activation", "a1_1"),
        (ONE + r"$\frac{\partial E}{\partial w_1} = (y - t) x_2$", "wrong-index", "x_1"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_in_an_entry(text: str, kind: str, expected: str) -> None:
    verdict = last(text).verdict
    assert verdict is not None and verdict.diagnosis is not None
    assert (verdict.diagnosis.kind, verdict.diagnosis.expected) == (kind, expected)
