"""How formulas print: a book's order, from the same tree in LaTeX and in plain text."""

from __future__ import annotations

import pytest
import sympy as sp
from sympy import Expr, exp, log, sqrt, tanh

import symbp
from symbp.core.equations import Equation, array, index, scalar
from symbp.core.functions import ACTIVATIONS, LOSSES, relu, sigmoid
from symbp.core.names import Name
from symbp.core.networks import LAYERS
from symbp.core.program import Program
from symbp.write.expressions import Typesetter
from symbp.write.formula import Fraction, Number, Product, Sign, children
from symbp.write.latex import GITHUB, TEX, latex
from symbp.write.lines import Lines, tones
from symbp.write.matrix import matrix_form
from symbp.write.notation import Notation, name_node
from symbp.write.text import text

d, o, p, x, y, z, w, g = (scalar(n) for n in ["d", "o", "p", "x", "y", "z", "w", "g"])
N = sp.Symbol("N", integer=True, positive=True)
ADJOINT = scalar("o_bar")

EXPRESSIONS = [
    (o - d, "o - d", "o − d"),
    (1 - o, "1 - o", "1 − o"),
    (o * (1 - o), "o(1 - o)", "o(1 − o)"),
    ((d - o) ** 2 / 2, r"\frac{1}{2}(d - o)^{2}", "½(d − o)²"),
    (2 * o - 2 * d, "2(o - d)", "2(o − d)"),
    (2 * (o - d) / N, r"\frac{2}{N}(o - d)", "2/N·(o − d)"),
    (-d / o, r"-\frac{d}{o}", "−d/o"),
    ((o - d) / (o * (1 - o)), r"\frac{o - d}{o(1 - o)}", "(o − d)/(o(1 − o))"),
    (x**3 + 3 * x + 4, "x^{3} + 3x + 4", "x³ + 3x + 4"),
    (3 * x**2 + 3, "3x^{2} + 3", "3x² + 3"),
    (1 / (1 + exp(-z)), r"\frac{1}{1 + e^{-z}}", "1/(1 + e⁻ᶻ)"),
    (sigmoid(z), r"\sigma(z)", "σ(z)"),
    (1 - tanh(z) ** 2, r"1 - \tanh^{2} z", "1 − tanh² z"),
    (-d * log(p), r"-d\log p", "−d log p"),
    (relu(1 - d * o), r"\mathrm{ReLU}(1 - do)", "ReLU(1 − do)"),
    (z / sqrt(2), r"\frac{z}{\sqrt{2}}", "z/√2"),
    (ADJOINT * o * (1 - o), r"\frac{\partial E}{\partial o}o(1 - o)", "∂E/∂o·o(1 − o)"),
    (sp.Abs(d - o), "|d - o|", "|d − o|"),
    (-x - y, "-(x + y)", "−(x + y)"),
    (sp.Rational(-3, 4) * x, r"-\frac{3}{4}x", "−3/4·x"),
    (sp.Piecewise((x, x > 0), (0, True)),
     r"\begin{cases} x & x > 0 \\ 0 & x \leq 0 \end{cases}", "{x [x > 0]; 0 [x ≤ 0]}"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "as_latex", "as_text"), EXPRESSIONS)
def test_an_expression_prints_as_in_a_book(value: Expr, as_latex: str, as_text: str) -> None:
    node = Typesetter()(value)
    assert (latex(node), text(node)) == (as_latex, as_text)


def test_a_weight_stands_before_what_it_multiplies() -> None:
    notation = Notation(weights=frozenset(["w"]))
    assert latex(Typesetter(notation)(o * w * scalar("z_bar"))) == (
        r"\frac{\partial E}{\partial z}wo"
    )


NAMES = [
    "w1_1_1", "w_11", "z2", "y_out", "delta2_1", "yhat", "w_53_new", "W1", "alpha", "net_h1",
    "w1_1_10", "eta", "xbar_3", "w1_2_1_new",
]  # fmt: skip


@pytest.mark.parametrize("plain", NAMES)
def test_a_name_prints_as_the_table_of_names_says(plain: str) -> None:
    name = Name.parse(plain)
    assert latex(name_node(name)) == name.latex()


MLP = symbp.mlp([2, 2, 1], bias=False)


def notes() -> Program:
    """A network under the names of somebody's notes."""
    z5, y5, w53, y3, out, cost = (scalar(n) for n in ["z_5", "y_5", "w_53", "y_3", "y_out", "C"])
    lines = [Equation.of(z5, w53 * y3), Equation.of(y5, sigmoid(z5)),
             Equation.of(cost, (out - y5) ** 2 / 2)]
    return Program.of(lines, ["w_53"])


EQUATIONS = [
    (MLP, "z1", r"z_{j}^{(1)} = \sum_{k=1}^{2} W_{jk}^{(1)}x_{k}"),
    (MLP, "E", r"E = \frac{1}{2}\sum_{i=1}^{1} (d_{i} - o_{i})^{2}"),
    (MLP, "z2_bar", r"\delta_{i}^{(2)} = \frac{\partial E}{\partial o_{i}}o_{i}(1 - o_{i})"),
    (MLP, "a1_bar",
     r"\frac{\partial E}{\partial a_{j}^{(1)}} = \sum_{i=1}^{1} \delta_{i}^{(2)}W_{ij}^{(2)}"),
    (MLP, "W1_bar", r"\frac{\partial E}{\partial W_{jk}^{(1)}} = \delta_{j}^{(1)}x_{k}"),
    (notes(), "w_53_bar", r"\frac{\partial C}{\partial w_{53}} = \delta_{5}y_{3}"),
    (notes(), "C", r"C = \frac{1}{2}(y_{\mathrm{out}} - y_{5})^{2}"),
]  # fmt: skip


@pytest.mark.parametrize(("program", "name", "expected"), EQUATIONS)
def test_an_equation_in_index_form(program: Program, name: str, expected: str) -> None:
    derivation = symbp.derive(program)
    lines = Lines(Notation.of(derivation), ranges=True)
    (equation,) = (e for e in derivation if e.name == name)
    assert latex(lines.equation(equation)) == expected


def test_a_line_keeps_the_order_of_its_path() -> None:
    derivation = symbp.derive(MLP)
    lines = Lines(Notation.of(derivation))
    steps = derivation.steps("w1_1_1")
    shown = [text(product) for step in steps for product in lines.step(step, tones(step))]
    assert shown == [
        "∂E/∂o · ∂o/∂z⁽²⁾ · ∂z⁽²⁾/∂a₁⁽¹⁾ · ∂a₁⁽¹⁾/∂z₁⁽¹⁾ · ∂z₁⁽¹⁾/∂w₁₁⁽¹⁾",
        "(o − d) · ∂o/∂z⁽²⁾ · ∂z⁽²⁾/∂a₁⁽¹⁾ · ∂a₁⁽¹⁾/∂z₁⁽¹⁾ · ∂z₁⁽¹⁾/∂w₁₁⁽¹⁾",
        "(o − d) · o(1 − o) · ∂z⁽²⁾/∂a₁⁽¹⁾ · ∂a₁⁽¹⁾/∂z₁⁽¹⁾ · ∂z₁⁽¹⁾/∂w₁₁⁽¹⁾",
        "(o − d) · o(1 − o) · w₁₁⁽²⁾ · ∂a₁⁽¹⁾/∂z₁⁽¹⁾ · ∂z₁⁽¹⁾/∂w₁₁⁽¹⁾",
        "(o − d) · o(1 − o) · w₁₁⁽²⁾ · a₁⁽¹⁾(1 − a₁⁽¹⁾) · ∂z₁⁽¹⁾/∂w₁₁⁽¹⁾",
        "(o − d) · o(1 − o) · w₁₁⁽²⁾ · a₁⁽¹⁾(1 − a₁⁽¹⁾) · x₁",
    ]


def test_the_result_names_its_factors_underneath_in_colour() -> None:
    derivation = symbp.derive(MLP)
    last = derivation.steps("w2_1_1")[-1]
    (node,) = Lines(Notation.of(derivation)).results(last, tones(last))
    assert latex(node, TEX).startswith(
        r"{\color{symbpA}\underbrace{(o - d)}_{\partial E/\partial o}}"
    )
    assert "color" not in latex(node, GITHUB)


MATRICES = [
    ("z1", "z⁽¹⁾ = W⁽¹⁾x + b⁽¹⁾"),
    ("a1", "a⁽¹⁾ = σ(z⁽¹⁾)"),
    ("E", "E = ½‖d − o‖²"),
    ("z2_bar", "δ⁽²⁾ = ∂E/∂o ⊙ o ⊙ (1 − o)"),
    ("a1_bar", "∂E/∂a⁽¹⁾ = (W⁽²⁾)ᵀδ⁽²⁾"),
    ("W1_bar", "∂E/∂W⁽¹⁾ = δ⁽¹⁾xᵀ"),
    ("b1_bar", "∂E/∂b⁽¹⁾ = δ⁽¹⁾"),
]
BATCHES = [
    ("z1", "z⁽¹⁾ = W⁽¹⁾x + b⁽¹⁾1ᵀ"),
    ("W1_bar", "∂E/∂W⁽¹⁾ = δ⁽¹⁾xᵀ"),
    ("b1_bar", "∂E/∂b⁽¹⁾ = δ⁽¹⁾1"),
]


@pytest.mark.parametrize(
    ("samples", "name", "expected"),
    [*((None, *row) for row in MATRICES), *((N, *row) for row in BATCHES)],
)
def test_an_equation_in_matrix_form(samples: Expr | None, name: str, expected: str) -> None:
    derivation = symbp.derive(symbp.mlp([3, 2, 2], samples=samples))
    (equation,) = (e for e in derivation if e.name == name)
    form = matrix_form(equation, Notation.of(derivation))
    assert form is not None
    assert f"{text(form[0])} = {text(form[1])}" == expected


def test_what_is_no_matrix_product_has_no_matrix_form() -> None:
    i, j, k = index("i", 2), index("j", 2), index("k", 2)
    t, a, b, c = array("t", 2, 2), array("a", 2, 2), array("b", 2, 2), array("c", 2, 2)
    product = Equation.of(t[i, j], sp.Sum(a[i, k] * b[k, j] * c[i, j], k))
    assert matrix_form(product, Notation()) is None


def test_indices_are_printed_from_one() -> None:
    i, k = index("i", 3), index("k", 2)
    y_, x_, v, h = array("y", 3), array("x", 7), array("v", 2), array("h", 4)
    convolution = Equation.of(y_[i], sp.Sum(v[k] * x_[2 * i + k], k))
    assert text(Lines().equation(convolution)) == "yᵢ = Σₖ vₖx₂ᵢ₊ₖ₋₂"
    assert text(Lines().equation(Equation.of(scalar("s"), h[0] + h[3]))) == "s = h₁ + h₄"


def test_deltas_that_would_share_a_name_stay_derivatives() -> None:
    z1, s1, a, b, c = (scalar(n) for n in ["z_1", "s_1", "a", "b", "c"])
    program = Program.of(
        [Equation.of(z1, w * x), Equation.of(s1, w * y), Equation.of(a, sigmoid(z1)),
         Equation.of(b, sigmoid(s1)), Equation.of(c, a * b)], ["w"],
    )
    assert Notation.of(program).deltas == {}


def test_numbers_side_by_side_get_a_dot() -> None:
    product = Product((Number("2"), Fraction(Number("1"), Number("3")), Sign("∂")))
    assert latex(product) == r"2 \cdot \frac{1}{3}\partial"


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", [n for n in LAYERS if n in ACTIVATIONS] + ["softmax"])
def test_every_network_prints_whole_in_both_printers(activation: str, loss: str) -> None:
    derivation = symbp.derive(symbp.mlp([2, 2], activation=activation, loss=loss, samples=2))
    lines = Lines(Notation.of(derivation), ranges=True)
    for equation in (*derivation, *derivation.scalars()):
        node = lines.equation(equation)
        assert latex(node).count("{") == latex(node).count("}")
        assert "_bar" not in latex(node) + text(node)
        assert "operatorname" not in latex(node)
        assert list(children(node))
