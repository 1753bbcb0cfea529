"""Sums of letters as indices, windows, conditions on indices, derivatives of arrays by arrays."""

from __future__ import annotations

from itertools import product

import mpmath as mp
import pytest
import sympy as sp

from symbp.check.notes import read_text
from symbp.check.statement import Statement
from symbp.core.equations import Equation, Term, array, index, scalar
from symbp.core.jacobian import jacobian
from symbp.core.program import Program
from symbp.read.errors import UnreadableError
from symbp.read.sizes import size
from tests.oracle import DIGITS, evaluate, leaves_for

FILTER = r"""
```symbp
shape x (m + K - 1)
shape w (K)
shape g (m)
index i 1..m
zero outside g
```
$$y_i = \sum_k w_k x_{i+k-1}, \quad L = \sum_i g_i y_i$$
"""
STRIDE = r"""
```symbp
shape x (2m + K - 2)
shape w (K)
index i 1..m
```
$$y_i = \sum_k w_k x_{2(i-1)+k}, \quad L = \sum_i y_i^2$$
"""
PADDED = r"""
```symbp
shape x (m)
shape w (3)
index i 1..m
zero outside x
```
$$y_i = \sum_k w_k x_{i+k-2}, \quad L = \frac12 \sum_i y_i^2$$
"""
POOL = r"""
```symbp
shape x (2m)
shape g (m)
index i 1..m
index s 1..2
```
$$y_i = \max_s(x_{2i+s-2}), \quad L = \sum_i g_i y_i$$
"""
SOFTMAX = r"""
```symbp
shape z (n)
shape d (n)
```
$$p = \mathrm{softmax}(z), \quad s = \sum_k d_k, \quad L = -\sum_k d_k \log p_k$$
"""
MASK = r"""
```symbp
shape M (T, T)
shape g (T)
```
$$c_t = \sum_k M_{tk} \mathbb{1}[k \le t], \quad L = \sum_t g_t c_t^2$$
"""
PAIRS = r"""
```symbp
shape A (N, d)
shape B (N, d)
```
$$S = A B^\top, \quad P = \mathrm{softmax}(S), \quad L = -\sum_i \log P_{ii}$$
"""
WORDS = r"""
```symbp
shape t (N)
shape O (N, V)
shape E (V, d)
shape G (N, d)
```
$$x = O E, \quad L = \sum_n \sum_k G_{nk} x_{nk}$$
"""
SCALED = r"""
```symbp
shape q (d)
shape k (d)
```
$$s = \frac{1}{\sqrt d} q^\top k, \quad L = \frac12 s^2$$
"""
CENTRED = r"""
```symbp
shape x (n)
shape g (n)
```
$$\mu = \frac1n \sum_i x_i, \quad v = \frac1n \sum_i (x_i - \mu)^2, \quad s = \sqrt{v + \epsilon}$$
$$u_i = \frac{x_i - \mu}{s}, \quad L = \sum_i g_i u_i$$
"""
UNITS = r"""
```symbp
shape X (N, n)
shape W (n, m)
shape G (N, m)
```
$$Z = X W, \quad H = \mathrm{relu}(Z), \quad L = \sum_i \sum_j G_{ij} H_{ij}$$
"""
NAMED_ALIKE = r"""
```symbp
shape W (n, n)
shape w_1 (n)
shape v (n)
shape q (n)
```
$$a_j = \sum_k W_{kj} v_k$$
"""
SHARES = r"""
```symbp
shape z (n)
```
$$F = \log \sum_k e^{z_k}, \quad p = \mathrm{softmax}(z)$$
"""
TWO = r"""
```symbp
shape x (n)
shape w (n)
```
$$a = w^\top x, \quad E = \frac12 (a - t)^2, \quad b = a + t, \quad J = \log(b)$$
$$\frac{\partial E}{\partial w} = (a - t) x$$
"""

CLAIMS = [
    (FILTER, r"\frac{\partial L}{\partial w_k} = \sum_i g_i x_{i+k-1}", "equal"),
    (FILTER, r"\frac{\partial L}{\partial x_j} = \sum_k g_{j-k+1} w_k", "equal"),
    (FILTER, r"\frac{\partial L}{\partial x_j} = \sum_k g_{j+k-1} w_k", "different"),
    (FILTER, r"\frac{\partial L}{\partial w_k} = \sum_i g_i x_{i+k}", "unreadable"),
    (FILTER, r"\frac{\partial L}{\partial w_k} = \sum_i g_i x_{i-k+K}", "different"),
    (FILTER, r"\frac{\partial L}{\partial w_{K-k+1}} = \sum_i g_i x_{i+K-k}", "unreadable"),
    (STRIDE, r"\frac{\partial L}{\partial w_k} = 2 \sum_i y_i x_{2i+k-2}", "equal"),
    (STRIDE, r"\frac{\partial L}{\partial w_k} = 2 \sum_i y_i x_{i+k-1}", "different"),
    (PADDED, r"\frac{\partial L}{\partial w_k} = \sum_i y_i x_{i+k-2}", "equal"),
    (PADDED, r"\frac{\partial L}{\partial w_1} = \sum_i y_i x_{i-1}", "equal"),
    (PADDED, r"\frac{\partial L}{\partial w_1} = \sum_i y_i x_i", "different"),
    (POOL, r"\frac{\partial L}{\partial x_{2i}} = g_i \mathbb{1}[x_{2i} = y_i]", "equal"),
    (POOL, r"\frac{\partial L}{\partial x_{2i}} = g_i \mathbb{1}[x_{2i} \ge x_{2i-1}]", "equal"),
    (POOL, r"\frac{\partial L}{\partial x_{2i}} = g_i \mathbb{1}[x_{2i} < x_{2i-1}]", "different"),
    (POOL, r"\frac{\partial L}{\partial x_{2i}} = g_i", "different"),
    (SOFTMAX, r"\frac{\partial p_i}{\partial z_j} = p_i (\delta_{ij} - p_j)", "equal"),
    (SOFTMAX, r"\frac{\partial p_i}{\partial z_j} = p_i (\mathbb{1}[i = j] - p_j)", "equal"),
    (SOFTMAX, r"\frac{\partial p_i}{\partial z_j} = p_i \delta_{ij}", "different"),
    (SOFTMAX, r"\frac{\partial p_i}{\partial z_i} = p_i (1 - p_i)", "equal"),
    (SOFTMAX, r"\frac{\partial p}{\partial z} = \operatorname{diag}(p) - p p^\top", "unreadable"),
    (SOFTMAX, r"\frac{\partial p_i}{\partial z} = -p_i p", "different"),
    (SOFTMAX, r"\frac{\partial L}{\partial z_j} = s p_j - d_j", "equal"),
    (SOFTMAX, r"\frac{\partial L}{\partial z_j} = \delta_{jk} p_j", "unreadable"),
    (SOFTMAX, r"\frac{\partial^2 L}{\partial z_i \partial z_j} = s p_i (\delta_{ij} - p_j)", "equal"),
    (SOFTMAX, r"\frac{\partial^2 L}{\partial z_i \partial z_j} = s p_i (1 - p_j)", "different"),
    (SOFTMAX, r"\nabla_z^2 L = s (\operatorname{diag}(p) - p p^\top)", "equal"),
    (SOFTMAX, r"\frac{\partial^2 L}{\partial z\partial z^\top} = s\operatorname{diag}(p)", "different"),
    (SOFTMAX, r"\frac{\partial^2 L}{\partial z \partial d} = p p^\top", "unreadable"),
    (SOFTMAX, r"\nabla^2 L = s", "unreadable"),
    (SOFTMAX, r"\nabla_z^3 L = s", "unreadable"),
    (MASK, r"\frac{\partial L}{\partial M_{ts}} = 2 g_t c_t \mathbb{1}[s \le t]", "equal"),
    (MASK, r"\frac{\partial L}{\partial M_{ts}} = 2 g_t c_t", "different"),
    (MASK, r"\frac{\partial L}{\partial M_{ts}} = 2 g_t c_t [s \le t] [t \le T]", "equal"),
    (MASK, r"\frac{\partial L}{\partial M_{ts}} = 2 g_t c_t [s \le t] [t > 1]", "different"),
    (MASK, r"\frac{\partial L}{\partial M_{t1}} = 2 g_t c_t", "equal"),
    (MASK, r"\frac{\partial c_t}{\partial M_{su}} = \mathbb{1}[s = t] \mathbb{1}[u \le t]", "equal"),
    (PAIRS, r"\frac{\partial L}{\partial S_{ij}} = P_{ij} - \delta_{ij}", "equal"),
    (PAIRS, r"\frac{\partial L}{\partial S_{ij}} = P_{ij} + \delta_{ij}", "unreadable"),
    (PAIRS, r"\frac{\partial L}{\partial S_{ij}} = P_{ij} + \mathbb{1}[i = j]", "different"),
    (PAIRS, r"\frac{\partial L}{\partial S} = P - I", "equal"),
    (PAIRS, r"\frac{\partial L}{\partial S} = -\frac{I}{2} + P - \frac12 I", "equal"),
    (PAIRS, r"\frac{\partial L}{\partial A} = (P - I) B", "equal"),
    (PAIRS, r"\frac{\partial L}{\partial B} = (P^\top - I) A", "equal"),
    (PAIRS, r"\frac{\partial L}{\partial B} = (P - I) A", "unreadable"),
    (PAIRS, r"\frac{\partial L}{\partial A} = P B - I B", "unreadable"),
    (PAIRS, r"\frac{\partial L}{\partial S} = P \odot P - I", "unreadable"),
    (PAIRS, r"\frac{\partial L}{\partial A} = (P - I) B - I", "unreadable"),
    (WORDS, r"\frac{\partial L}{\partial E_{vk}} = \sum_n \mathbb{1}[t_n = v] G_{nk}", "unreadable"),
    (WORDS, r"\frac{\partial L}{\partial E_{vk}} = \sum_n \mathbb{1}[n = v] G_{nk}", "different"),
    (SCALED, r"\frac{\partial L}{\partial q} = \frac{s}{\sqrt d} k", "equal"),
    (SCALED, r"\frac{\partial L}{\partial q} = s k", "proportional"),
    (SCALED, r"\frac{\partial L}{\partial q} = \frac{s}{d} k", "proportional"),
    (SCALED, r"\frac{\partial L}{\partial q} = \frac{2s}{\sqrt d} k", "proportional"),
    (SCALED, r"\frac{\partial L}{\partial q} = \frac{s}{\sqrt d} q", "different"),
    (SCALED, r"\frac{\partial L}{\partial q} = s^2 k", "different"),
    (UNITS, r"\frac{\partial L}{\partial Z} = G \odot \mathbb{1}[Z > 0]", "equal"),
    (UNITS, r"\frac{\partial L}{\partial Z} = G \odot \mathbb{1}[H > 0]", "equal"),
    (UNITS, r"\frac{\partial L}{\partial Z} = G \odot \mathbb{1}[Z < 0]", "different"),
    (UNITS, r"\frac{\partial L}{\partial Z} = G \odot \mathbb{1}[X > 0]", "unreadable"),
    (UNITS, r"\frac{\partial L}{\partial W} = X^\top (G \odot \mathbb{1}[Z > 0])", "equal"),
    (NAMED_ALIKE, r"a_j + w_{1,j} = \sum_k W_{kj} v_k + W_{1j}", "different"),
    (NAMED_ALIKE, r"a_j + w_{1,j} = \sum_k W_{kj} v_k + w_{1,j}", "equal"),
    (NAMED_ALIKE, r"a_j = q_j", "different"),
    (SHARES, r"\frac{\partial F}{\partial z} = p", "equal"),
    (SHARES, r"\frac{\partial^2 F}{\partial z^2} = \mathrm{diag}(p) - p p^\top", "equal"),
    (SHARES, r"\frac{\partial^2 F}{\partial z^2} = \mathrm{diag}(p \odot (1 - p))", "different"),
    (TWO, r"\frac{\partial J}{\partial w} = \frac{1}{b} x", "equal"),
    (TWO, r"\frac{\partial J}{\partial w} = \frac{1}{a} x", "different"),
    (TWO, r"\frac{\partial E}{\partial w} = (a - t) x", "equal"),
    (TWO, r"\frac{\partial^2 J}{\partial w^2} = -\frac{1}{b^2} x x^\top", "equal"),
]  # fmt: skip


def last(text: str) -> Statement:
    return read_text(text).statements[-1]


@pytest.mark.parametrize(("given", "claim", "outcome"), CLAIMS, ids=[c for _, c, _ in CLAIMS])
def test_each_claim(given: str, claim: str, outcome: str) -> None:
    found = last(f"{given}\n$${claim}$$")
    assert found.outcome == outcome, found


@pytest.mark.parametrize(
    ("claim", "factor"),
    [("s k", "sqrt(d)"), (r"\frac{s}{d} k", "1/sqrt(d)"), (r"\frac{2 s}{\sqrt d} k", "2")],
)
def test_a_claim_off_by_the_root_of_a_size_names_it(claim: str, factor: str) -> None:
    found = last(f"{SCALED}\n$$\\frac{{\\partial L}}{{\\partial q}} = {claim}$$").verdict
    assert found is not None
    assert str(found.factor) == factor
    assert found.witness is not None


@pytest.mark.parametrize(
    "claim",
    [r"\frac1s (g_j - \frac1n \sum_i g_i)",
     r"\frac1s (g_j - \frac1n \sum_i g_i - \frac{u_j}{n - 1} \sum_i g_i u_i)"],
)  # fmt: skip
def test_what_explains_a_mistake_at_two_entries_alone_is_not_named(claim: str) -> None:
    """Of two entries that are centred, each is minus the other, so that too much explains too much."""
    found = last(f"{CENTRED}\n$$\\frac{{\\partial L}}{{\\partial x_j}} = {claim}$$").verdict
    assert found is not None
    assert found.outcome == "different"
    assert found.diagnosis is None


@pytest.mark.parametrize(
    ("factor", "outcome"), [("2", "proportional"), (r"(1 + \mathbb{1}[j \le 1])", "different")]
)
def test_under_an_assumption_one_factor_belongs_to_all_entries(factor: str, outcome: str) -> None:
    given = SOFTMAX.replace("shape d (n)", "shape d (n)\nassume sum(d[k], k) == 1")
    claim = rf"$$\frac{{\partial L}}{{\partial z_j}} = {factor} (p_j - d_j)$$"
    assert last(given + claim).outcome == outcome


def test_an_identity_that_is_taken_for_one_is_an_assumption() -> None:
    claims = {
        r"\frac{\partial L}{\partial S} = P - I": "where I is the identity",
        r"\frac{\partial L}{\partial S_{ij}} = P_{ij} - \delta_{ij}": "where delta is Kronecker's",
    }
    for claim, assumed in claims.items():
        found = last(f"{PAIRS}$${claim}$$").verdict
        assert found is not None
        assert found.assumptions[0] == assumed


def test_a_claim_names_the_sizes_it_has_and_no_others() -> None:
    other = FILTER.replace("L =", "J =")
    claim = r"$$\frac{\partial L}{\partial q} = \frac{s}{\sqrt d} k$$"
    found = last(SCALED + other + claim).verdict
    assert found is not None
    assert found.assumptions == ("checked at sizes d = 5",)


def test_a_penalty_on_a_gradient_is_derived_through_it() -> None:
    """Deriving a derivation: ``G = ½‖∂E/∂w‖²`` by x."""
    text = TWO + r"""
$$G = \frac12 \sum_i \left(\frac{\partial E}{\partial w_i}\right)^2$$
$$\frac{\partial G}{\partial x} = (a - t)^2 x + (a - t) (x^\top x) w$$
"""
    assert last(text).outcome == "equal"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("3", 3), ("n", "n"), ("m+K-1", "K + m - 1"), ("2m", "2*m"), ("2*m - 1", "2*m - 1")],
)
def test_a_size(text: str, expected: int | str) -> None:
    assert str(size(text)) == str(expected)


@pytest.mark.parametrize("text", ["", "0", "m+", "m n", "-3", "m*n", "n^2", "1 - 1", "(n)"])
def test_no_size(text: str) -> None:
    with pytest.raises(UnreadableError, match=r"no size.*m \+ k - 1"):
        size(text)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (r"$y_i = \max_s(x_s)$", "how many values has s?; accepted: a line: index s 1..2"),
        (r"$y_i = \min_s(x_i)$", "how many values has s?"),
        ("```symbp\nindex s 1..40\n```\n$y = \\max_s(x_s)$", "more than 32 entries"),
        (r"$y_i = x_{i+1}$", "the index i has no range; accepted: a line: index i 1..n"),
        ("```symbp\nindex i 1..n\n```\n$y_i = x_{i+1}$", "runs from 2 to n + 1 on an axis of n"),
        ("```symbp\nindex i 1..n\n```\n$y_i = x_{2 i}$", "runs from 2 to 2*n on an axis of n"),
        ("```symbp\nzero inside x\n```", "accepted: zero outside x"),
        ("```symbp\nshape M (n^2)\n```", "a size is 2, n, or m"),
    ],
)
def test_what_is_refused_says_why(line: str, reason: str) -> None:
    found = last(f"```symbp\nshape x (n)\n```\n{line}")
    assert found.outcome == "unreadable"
    assert found.verdict is not None
    assert reason in (found.verdict.reason or "")


def test_what_was_read_is_shown() -> None:
    assert last(POOL + r"$$v_i = x_{2i}$$").reading == "v[i] = x[2*i]"
    assert "max(x[2*i + 1 - 2], x[2*i + 2 - 2])" in (read_text(POOL).statements[0].reading or "")


def test_a_jacobian_meets_central_differences() -> None:
    """∂y[i, n]/∂W[j, k] of a layer with softmax over i, at numbers."""
    i, j, k, n = index("i", 3), index("j", 3), index("k", 2), index("n", 2)
    w, x, e = array("W", 3, 2), array("x", 2, 2), array("e", 3, 2)
    s, y = array("s", 2), array("y", 3, 2)
    lines = [
        Equation(array("z", 3, 2)[i, n], (Term((k,), w[i, k] * x[k, n]),)),
        Equation.of(e[i, n], sp.exp(array("z", 3, 2)[i, n])),
        Equation(s[n], (Term((j,), e[j, n]),)),
        Equation.of(y[i, n], e[i, n] / s[n]),
    ]
    whole = Equation(scalar("E"), (Term((i, n), y[i, n]),))
    program = Program.of([*lines, whole], ["W"])
    derived = Program.of([*lines, *jacobian(lines, "y", ["W", "s"], "_by"), whole], ["W"])
    leaves = leaves_for(program)
    found = evaluate(derived, leaves)["W_by"]
    assert len(found) == 3 * 2 * 3 * 2
    with mp.workdps(DIGITS):
        step = mp.mpf(10) ** -15
        for at in product(range(3), range(2)):
            ends = [
                evaluate(program, {**leaves, "W": {**leaves["W"], at: leaves["W"][at] + move}})["y"]
                for move in (step, -step)
            ]
            for place in ends[0]:
                expected = (ends[0][place] - ends[1][place]) / (2 * step)
                assert abs(found[(*place, *at)] - expected) < mp.mpf(10) ** -20
