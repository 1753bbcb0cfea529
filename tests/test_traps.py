"""Formulas that a symbolic package answers wrongly without a word: here right, or refused.

The names of the rows are those under which the traps of SymPy, of its parsers and of its code
printers were collected for this project.
"""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from sympy import Add, Integer, Max, Mul, Piecewise, Pow, Rational, cosh, exp, log, sin

import symbp
from symbp.check.files import check_notes
from symbp.check.statement import Statement
from symbp.core.functions import relu
from symbp.decide import decide
from symbp.read import latex, text
from symbp.read.errors import UnreadableError
from symbp.read.plain import plain
from symbp.read.scope import Names

REFUSED = None
"""A row may be refused as well as read."""

TEXT: list[tuple[str, str, set[str | None]]] = [
    # names that are something else in SymPy's namespace
    ("N01", "E", {"E"}),
    ("N03", "S", {"S"}),
    ("N05", "O", {"O"}),
    ("N06", "Q+1", {"Q + 1"}),
    ("N08", "gamma*(x-mu)+beta", {"gamma*(x - mu) + beta"}),
    ("N15", "Chi*x", {"Chi*x"}),
    ("N17", "rf+1", {"rf + 1"}),
    ("N20", "re*im", {"re*im"}),
    ("N14", "test(x)", {REFUSED}),
    # operators
    ("N22", "x=1", {"x = 1"}),
    ("N23", "a < b < c", {REFUSED}),
    ("O01", "x^2", {"x**2"}),
    ("O04", "100*2^-1", {"100*2**(-1)", REFUSED}),
    ("O07", "1/2(x-y)^2", {REFUSED}),
    ("O11", "x(y+1)", {REFUSED}),
    ("O14", "o1(1-o1)(t1-o1)", {"o1*(1 - o1)*(t1 - o1)", REFUSED}),
    ("O16", "0.1+0.2 == 0.3", {"0.1 + 0.2 = 0.3"}),
    ("O31", "x²", {"x**2", REFUSED}),
    ("O38", "x # + 1", {REFUSED}),
    # functions
    ("N29", "log10(x)", {"log(x)/log(10)", REFUSED}),
    ("N32", "sigmoid(x)", {"sigmoid(x)"}),
    ("O23", "e^x", {"exp(x)", REFUSED}),
    ("O25", "1/(1+e^(-x))", {"1/(1 + exp(-x))"}),
    ("O28", "σ(x)", {"sigmoid(x)", REFUSED}),
]

LATEX: list[tuple[str, str, set[str | None]]] = [
    ("L01a", "e^{x}", {"exp(x)"}),
    ("L04a", "w_11", {"w_1*1", REFUSED}),
    ("L06a", r"\sigma'(z)", {"sigmoid'(z)"}),
    ("L08k", r"\sigma(z)", {"sigmoid(z)"}),
    ("L11a", "o(1-o)", {"o*(1 - o)"}),
    ("L12k", r"\delta_k o_k(1-o_k)", {"delta_k*o_k*(1 - o_k)"}),
    ("L13a", "a^{(l)}", {"a[:l]"}),
    ("L15a", "W^T x", {"W.T*x"}),
    ("L17a", r"\hat{y}", {"yhat"}),
    ("L20a", r"\mathbf{W}", {"W"}),
    ("L22a", r"\text{net}", {"net"}),
    ("L24a", "out_{o1}(1-out_{o1})", {"out_o1*(1 - out_o1)"}),
    ("L26a", r"\frac{\partial E}{\partial w_5}", {"diff(E, w_5)"}),
    ("L30a", r"\frac{\partial^2 f}{\partial x \partial y}", {"diff(f, x, y)"}),
    ("L36a", r"x \circ y", {"x .* y", REFUSED}),
    ("L40a", r"\log x y", {REFUSED}),
    ("L42a", r"\sin x^2", {"sin(x**2)", REFUSED}),
    ("L46a", "x ( x + 1", {REFUSED}),
    ("L53a", r"\|x\|^2", {"norm(x)**2", REFUSED}),
    ("L57a", "1{,}000", {"1000", REFUSED}),
    ("L60a", "a/bc", {REFUSED}),
    ("L63a", r"\eta \left(\sqrt{2-\eta^2}+\eta\right)", {"eta*(sqrt(2 - eta**2) + eta)"}),
    ("L68a", r"\Delta w", {"change(w)", REFUSED}),
    ("L70a", r"\operatorname{sigmoid}(x)", {"sigmoid(x)"}),
    ("L76a", "x^2_1", {"x_1**2"}),
    ("L80a", "w_5^{*}", {"w_5_star"}),
    ("L84a", r"y \in \{0,1\}", {REFUSED}),
    ("L86k", r"x \gets y", {"x <- y", REFUSED}),
    ("L89k", "b d e", {"b*d*e"}),
    ("T07s", "a^{L}_{j}", {"a_j[:L]"}),
    ("T18e", r"d \cdot 2", {"d*2", "2*d"}),
    ("T20e", "f'(x)", {"f'(x)"}),
    ("T22d", "y = x, z", {REFUSED}),
    ("T23s", r"x + 1 \\ y + 2", {REFUSED}),
    ("T24e", r"\gamma\hat{x}+\beta", {"gamma*xhat + beta"}),
    ("T27d", r"x \to y", {REFUSED}),
    ("T29s", r"\color{red}{x}", {"x", REFUSED}),
    ("T31d", "x^{-}", {REFUSED}),
    ("T33s", r"\begin{aligned} E &= x \end{aligned}", {"E = x"}),
    ("T34e", "w_{ij}^{(2)}", {"w2_ij"}),
    ("P07", r"\write18{id}(x)", {REFUSED}),
]
ROWS = [(name, text.read, source, may) for name, source, may in TEXT]
ROWS += [(name, latex.read, source, may) for name, source, may in LATEX]


@pytest.mark.parametrize(("name", "read", "source", "may"), ROWS, ids=[row[0] for row in ROWS])
def test_a_reading(name: str, read: type, source: str, may: set[str | None]) -> None:
    try:
        (chain,) = read(source, Names())
        got = plain(chain)
    except UnreadableError:
        got = REFUSED
    assert got in may


x, y = sp.symbols("x y", real=True)
a, b = sp.symbols("a b", positive=True)
X_OVER_X = Mul(x, Pow(x, -1, evaluate=False), evaluate=False)
ZERO_OVER_ZERO = Mul(0, Pow(0, -1, evaluate=False), evaluate=False)
OVER_NOTHING = Pow(Add(x, -x, evaluate=False), -1, evaluate=False)
SINC = Piecewise((sin(x) / x, sp.Ne(x, 0)), (1, True))


@pytest.mark.parametrize(
    ("name", "left", "right", "outcome"),
    [
        ("D02", Piecewise((x, x > 0), (0, True)), Max(x, 0), "equal"),
        ("D02", relu(x), Max(0, x), "equal"),
        ("D04", SINC, sin(x) / x, "undecided"),
        ("D08", x - sp.Symbol("x"), Integer(0), "equal"),
        ("E03", X_OVER_X, Integer(1), "equal"),
        ("E05", ZERO_OVER_ZERO, Add(sp.oo, -sp.oo, evaluate=False), "undecided"),
        ("E05", ZERO_OVER_ZERO, ZERO_OVER_ZERO, "undecided"),
        ("E07", OVER_NOTHING, sp.zoo, "undecided"),
        ("E07", OVER_NOTHING, x, "undecided"),
        ("E10", log(x**2), 2 * log(x), "equal"),
        ("E10", log(sp.exp(x) * y), x + log(y), "equal"),
        ("E10", sp.sqrt(x**2), x, "different"),
        ("E15", x + log(2 * cosh(x) / (exp(2 * x) + 1)), Integer(0), "equal"),
        ("E20", Rational("0.35") * Rational("0.1") + Rational("0.9") * Rational("0.8"),
         Rational("0.755"), "equal"),
        ("E22", (a * exp(-a * x) + b * exp(-b * x)) * exp(b * x), b + 0 * a, "different"),
    ],
)  # fmt: skip
def test_a_claim(name: str, left: sp.Expr, right: sp.Expr, outcome: str) -> None:
    assert decide(left, right).outcome == outcome


def test_what_was_divided_by_is_named() -> None:
    assert decide(X_OVER_X, Integer(1)).assumptions == ("x != 0",)
    assert "x > 0" in " ".join(decide(log(x**2), 2 * log(x)).assumptions)


def statement(notes: str) -> Statement:
    return check_notes(notes).statements[-1]


SUM_OF_X = "```symbp\nshape x (n)\n```\n" + r"Let $s = \sum_{i=1}^{n} x_i$. Then "


@pytest.mark.parametrize(
    ("name", "notes", "outcome"),
    [
        ("D06", r"$u = 3x$, $v = 2x$, $\frac{\partial u}{\partial v} = 0$", "equal"),
        ("D06", r"$u = 3x$, $v = 2x$, $\frac{\partial u}{\partial v} = 1$", "undecided"),
        ("D10", SUM_OF_X + r"$\frac{\partial s}{\partial x_i} = 1$", "equal"),
        ("D10", SUM_OF_X + r"$\frac{\partial s}{\partial x_i} = n$", "different"),
        ("E26", SUM_OF_X + r"$n s = \sum_{i=1}^{n} n x_i$", "equal"),
        ("D14", r"$y = \mathrm{sign}(x)$ and $\frac{\partial y}{\partial x} = 0$", "equal"),
        ("D19", r"$m = \max(x, y, z)$ and $\frac{\partial m}{\partial x} + "
         r"\frac{\partial m}{\partial y} + \frac{\partial m}{\partial z} = 1$", "equal"),
        ("P05", r"$</script><script>alert(1)</script> = 1$", "unreadable"),
    ],
)  # fmt: skip
def test_a_note(name: str, notes: str, outcome: str) -> None:
    assert statement(notes).outcome == outcome


def test_a_quantity_that_does_not_depend_is_said_so() -> None:
    """D06: two names that share an input, neither of which is made of the other."""
    verdict = statement(r"$u = 3x$, $v = 2x$, $\frac{\partial u}{\partial v} = 0$").verdict
    assert verdict is not None and verdict.assumptions == ("u does not depend on v",)


def test_what_a_function_gives_has_the_kind_of_its_input() -> None:
    """G04, G14: a constant is as long as the batch, and a number gives a number."""
    net = symbp.mlp([1, 1], activation="relu").scalars()
    assert all(isinstance(value, float) for value in symbp.lambdify(net)(1.0, 1.0, 1.0, 1.0))
    batch = symbp.lambdify(symbp.mlp([1, 1], activation="identity").scalars())
    ones = np.ones(5)
    assert all(np.shape(value) == (5,) for value in batch(ones, ones, ones, ones))


def test_a_name_of_the_generated_code_is_no_danger() -> None:
    """G17: a quantity may have the name of a function that the code calls."""
    e, y_ = sp.Symbol("exp", real=True), sp.Symbol("np", real=True)
    equation = symbp.Equation.of(symbp.scalar("E"), exp(e) * y_)
    program = symbp.Program.of([equation], ["exp", "np"])
    assert symbp.lambdify(program)(0.0, 2.0) == (2.0, 2.0, 1.0)
