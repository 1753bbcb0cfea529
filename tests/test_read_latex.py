"""How formulas are read: one row a formula, its canonical plain text, or what is refused."""

from __future__ import annotations

import re
import time
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symbp.read.errors import UnreadableError
from symbp.read.latex import read
from symbp.read.latex_print import latex
from symbp.read.plain import plain
from symbp.read.scope import Names
from symbp.read.text import read as read_text
from tests.reading import formulas, outcomes

NAMES = Names().with_function("f", 1).with_function("g", 1)
LAYERED = Names().with_quantity("w1_1_1", "w2_1_1", "a1_1", "z2", "o", "d", "E")

READ = [
    (
        r"\frac{\partial E}{\partial w_{11}} = (o-d)\,o(1-o)\,x_1",
        "diff(E, w_11) = (o - d)*o*(1 - o)*x_1",
    ),
    (r"E = \frac12(d-O)^2", "E = 1/2*(d - O)**2"),
    (r"\frac{dE}{dw} = 2x", "diff(E, w) = 2*x"),
    (r"\dfrac{\mathrm{d}f}{\mathrm{d}x} = 1", "diff(f, x) = 1"),
    (r"z_3 = w_{31}x_1 + w_{32}x_2", "z_3 = w_31*x_1 + w_32*x_2"),
    (r"w_{11}^{(1)} = 0.1", "w1_1_1 = 0.1"),
    (r"z^{(2)} = \delta^{(2)}_1", "z2 = delta2_1"),
    (r"y_{\text{out}} = \hat y", "y_out = yhat"),
    (r"w_{53}^{+} = w_{53} - \eta q_0", "w_53_new = w_53 - eta*q_0"),
    (r"w' = w", "w_new = w"),
    (r"w \gets w - \eta v", "w <- w - eta*v"),
    (r"y = \frac{1}{1+e^{-z}}", "y = 1/(1 + exp(-z))"),
    (r"y = \sigma(z)(1-\sigma(z))", "y = sigmoid(z)*(1 - sigmoid(z))"),
    (r"y = \sigma'(z)", "y = sigmoid'(z)"),
    (r"y = 1 - \tanh^2(z)", "y = 1 - tanh(z)**2"),
    (r"f'(x) = f(x)", "f'(x) = f(x)"),
    (r"y = -\log \sigma(-t)", "y = -log(sigmoid(-t))"),
    (r"y = x \ln\cosh x + 1", "y = x*log(cosh(x)) + 1"),
    (r"y = \exp\log f(x)", "y = exp(log(f(x)))"),
    (r"y = \log \sum_k e^{z_k}", "y = log(sum(exp(z[k]), k))"),
    (r"y = 2 \log \sum_k \sum_j a_k b_j - x", "y = 2*log(sum(sum(a[k]*b[j], j), k)) - x"),
    (r"y = \log(\sum_k e^{z_k}) + z_k", "y = log(sum(exp(z[k]), k)) + z[k]"),
    (r"\frac{d}{dx} \log \sigma(x) = 1", "diff(log(sigmoid(x)), x) = 1"),
    (r"\frac{d}{dx} \log x = 1", "diff(log(x), x) = 1"),
    (r"y = f(g(x))", "y = f(g(x))"),
    (r"y = o(1-o)", "y = o*(1 - o)"),
    (r"y = \max(0, z)", "y = max(0, z)"),
    (r"y = \left(a + b\right)^2", "y = (a + b)**2"),
    (r"y = \sqrt{x^2 + 1}", "y = sqrt(x**2 + 1)"),
    (r"y = |x|", "y = abs(x)"),
    (r"y = a \cdot b \times c", "y = a*b*c"),
    (r"y = -2.406\times 10^{-3}", "y = -2.406e-3"),
    (r"y=5.70025e-1", "y = 5.70025e-1"),
    (r"y = -.5E+3 x", "y = -.5E+3*x"),
    (r"y = 2.5e - 1", "y = 2.5*e - 1"),
    (r"y = 2.5e^{-1}", "y = 2.5*exp(-1)"),
    (r"y \approx 0.680", "y ≈ 0.680"),
    (r"y = \begin{cases} z & z > 0 \\ 0 & \text{otherwise}\end{cases}", "y = where(z > 0, z, 0)"),
    (r"y = \underbrace{a}_{\text{first}} b", "y = a*b"),
    (r"y = \sum_{k=1}^{3} c", "y = sum(c, k, 1, 3)"),
    ("y = x² + ½", "y = x**2 + 1/2"),
    ("y = α·β", "y = alpha*beta"),
    (r"\nabla_w E = 0", "grad(E, w) = 0"),
]

REFUSED = [
    (r"x_12 = 3", "one digit"),
    (r"y = 2e-1", "a power of ten, or times e"),
    (r"y = 2e3", "a number right after a factor"),
    (r"a/b c = 1", "below the line"),
    (r"\ln x y = 2", "reach over"),
    (r"y = \log\sigma(s) t", "does log reach over"),
    (r"y = \log\sigma(s)^2", "the power after log"),
    (r"y = \log\sum_k e^{z_k} x", "does log reach over this"),
    (r"y = \log\sum_k e^{z_k} + z_k", "still in the sum over k"),
    (r"y = \log\sum e^z", "does log reach over this"),
    (r"y = \frac{d}{dx} \log \sigma(x) x", "does the derivative reach over"),
    (r"\frac{1}{", "never closed"),
    (r"y = }", "closes nothing"),
    (r"y = (a + b", "breaks off"),
    (r"y = a + ", "breaks off"),
    (r"y = \foo x", "not known"),
    (r"y = \frac{\partial^2 E}{\partial w}", "2 derivations"),
    (r"y = x^{2}^{3}", "has no place"),
    (r"= 3", "continues nothing"),
    ("", "no formula"),
    (r"y = [a + b)", "do not match"),
    (r"y = 2 3", "number right after"),
]


@pytest.mark.parametrize(("source", "expected"), READ)
def test_a_formula_is_read(source: str, expected: str) -> None:
    assert [plain(chain) for chain in read(source, NAMES)] == [expected]


@pytest.mark.parametrize(("source", "reason"), REFUSED)
def test_what_has_no_single_reading_is_refused(source: str, reason: str) -> None:
    with pytest.raises(UnreadableError, match=reason) as caught:
        read(source, NAMES)
    assert 0 <= caught.value.start <= caught.value.end <= max(len(source), 1)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (r"o = w^{(2)}_{11}", ["o = w2_1_1"]),
        (r"a = b, \quad c = d", ["a = b", "c = d"]),
        (r"\begin{aligned} a &= b \\ &= c \\ d &= e^x \end{aligned}", ["a = b = c", "d = exp(x)"]),
        (r"a = b \Rightarrow c = d", ["a = b", "c = d"]),
        (r"a = b \quad\Rightarrow\quad c = d", ["a = b", "c = d"]),
    ],
)
def test_chains(source: str, expected: list[str]) -> None:
    assert [plain(chain) for chain in read(source, LAYERED)] == expected


def test_an_upper_number_may_be_a_layer() -> None:
    with pytest.raises(UnreadableError, match="layer 2, or a power"):
        read(r"o = w^2", LAYERED)
    assert [plain(c) for c in read(r"o = q^2", LAYERED)] == ["o = q**2"]


@pytest.mark.parametrize(
    ("source", "declared", "expected"),
    [
        ("dE/dw", (), "diff(E, w)"),
        ("dE/(dw)", (), "diff(E, w)"),
        ("(dE)/(dw)", (), "diff(E, w)"),
        ("dE/(dw[1, 2])", (), "diff(E, w[1, 2])"),
        ("-dE/(do)*do/(dw)*2", (), "-diff(E, o)*diff(o, w)*2"),
        ("(a*dE)/dw", (), "a*diff(E, w)"),
        ("dE/(dw)", ("dE",), "dE/(dw)"),
        ("a*dE/(dw)", ("dw",), "a*dE/(dw)"),
        ("delta/(dw)", (), "delta/(dw)"),
        ("dE/(dw*x)", (), "dE/(dw*x)"),
    ],
)
def test_a_derivative_in_plain_text_reads_back(
    source: str, declared: tuple[str, ...], expected: str
) -> None:
    names = Names().with_quantity(*declared)
    chains = read_text(source, names)
    assert [plain(chain) for chain in chains] == [expected]
    assert read_text(expected, names) == chains


@pytest.mark.parametrize(
    "source",
    ["(" * 3000 + "x" + ")" * 3000, "x^" * 900 + "2", "{" * 500, "+".join(["x"] * 4000),
     "9" * 5000, r"\frac" * 2000, "x_{" * 60 + "1" + "}" * 60],
)  # fmt: skip
def test_a_refusal_takes_no_time(source: str) -> None:
    begin = time.perf_counter()
    with pytest.raises(UnreadableError):
        read("y = " + source)
    assert time.perf_counter() - begin < 5


@pytest.mark.parametrize(("source", "expected"), [
    ("E = ½·(y − a)²", "E = 1/2*(y - a)**2"),
    ("a₁ = σ(z₁₂)", "a_1 = sigmoid(z_12)"),
    ("∂E/∂w₁ = δ·x₁", "diff(E, w_1) = delta*x_1"),
    ("α₂ ← α₂ − η×δ2", "alpha_2 <- alpha_2 - eta*delta2"),
    ("y = Wᵀ @ x", "y = W.T @ x"),
    ("sigma(x) = 1/(1 + exp(-x))", "sigma(x) = 1/(1 + exp(-x))"),
])  # fmt: skip
def test_signs_of_pages_in_plain_text(source: str, expected: str) -> None:
    (chain,) = read_text(source)
    assert plain(chain) == expected
    assert [source[slice(*side.span)] for side in chain.sides] == [
        part.strip() for part in re.split("[=←]", source)
    ]


@pytest.mark.parametrize(("source", "piece"), [("y = ηx", "η"), ("y = ηδ", "η"), ("y = β ? 1", "?")])
def test_a_refusal_of_plain_text_stands_at_its_sign(source: str, piece: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        read_text(source)
    assert source[caught.value.start : caught.value.end] == piece


@pytest.mark.parametrize("source", [*(s for s, _ in READ), *formulas()])
def test_a_reading_as_latex_reads_as_itself(source: str) -> None:
    """Where the document's names let it be read at all; together, since letters are shared."""
    try:
        chains = read(source, NAMES)
    except UnreadableError:
        assert source not in dict(READ)
        return
    again = read(r" \qquad ".join(map(latex, chains)), NAMES)
    assert [plain(chain) for chain in again] == [plain(chain) for chain in chains]


def test_damaged_formulas_are_read_or_refused() -> None:
    found = Counter(outcome for outcome, _ in outcomes(1000, seed=2))
    assert found["read"] > 50 and found["refused"] > 50 and set(found) <= {"read", "refused"}


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from([s for s, _ in READ]),
    st.integers(0, 200),
    st.sampled_from("{}^_\\&()[]=+,'|1x "),
)
def test_a_mutated_formula_is_read_or_refused(source: str, place: int, sign: str) -> None:
    at = place % (len(source) + 1)
    for text in (source[:at] + sign + source[at:], source[:at] + source[at + 1 :]):
        try:
            for chain in read(text, NAMES):
                assert plain(chain)
        except UnreadableError as error:
            assert str(error)
