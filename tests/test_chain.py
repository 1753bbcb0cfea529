"""The chain rule against central differences in 50 digits, on programs of every kind."""

from __future__ import annotations

import mpmath as mp
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Rational, Sum, exp, log, sqrt

from symbp.core.chain import derive
from symbp.core.equations import Equation, Term, array, index, scalar
from symbp.core.functions import LOSSES
from symbp.core.networks import LAYERS, mlp
from symbp.core.program import Program, ProgramError
from tests.oracle import assert_gradients, evaluate, leaves_for

E = scalar("E")
SMOOTH = ["identity", "sigmoid", "tanh", "softplus", "silu", "gelu", "gelu_tanh", "softmax"]
KINKED = ["relu", "leaky_relu", "elu"]


def convolution(stride: int) -> Program:
    i, k = index("i", 3), index("k", 2)
    x, w, y = array("x", 2 * stride + 2), array("w", 2), array("y", 3)
    return Program.of(
        [
            Equation.of(y[i], Sum(w[k] * x[stride * i + k], k)),
            Equation.of(E, Sum(y[i] ** 2, i)),
        ],
        ["w", "x"],
    )


def trace_of_square() -> Program:
    i, j = index("i", 3), index("j", 3)
    a, b = array("A", 3, 3), array("B", 3, 3)
    return Program.of(
        [
            Equation.of(b[i, j], a[i, j] * a[j, i]),
            Equation.of(E, Sum(b[i, i] * a[i, i], i)),
        ],
        ["A"],
    )


def constant_index() -> Program:
    t, j = index("t", 3), index("j", 2)
    h, u = array("h", 3, 2), array("u", 3, 2)
    return Program.of(
        [
            Equation.of(h[t, j], sp.tanh(u[t, j])),
            Equation.of(E, Sum(h[0, j] * h[2, j] ** 2, j) + h[1, 1]),
        ],
        ["u"],
    )


def embedding() -> Program:
    n, k = index("n", 4), index("k", 2)
    table, words, y = array("T", 3, 2), array("t", 4), array("y", 4, 2)
    return Program.of(
        [
            Equation.of(y[n, k], table[words[n], k]),
            Equation.of(E, Sum(y[n, k] ** 3, (n, n.lower, n.upper), (k, k.lower, k.upper))),
        ],
        ["T"],
    )


def captured() -> Program:
    """A sum over j whose operand is itself indexed by j in its own definition."""
    i, j = index("i", 2), index("j", 2)
    w, a, b = array("W", 2, 2), array("a", 2), array("b", 2)
    return Program.of(
        [
            Equation.of(a[j], Sum(w[j, i] * w[i, j], i)),
            Equation.of(b[i], Sum(w[i, j] * a[j], j)),
            Equation.of(E, Sum(b[j] * a[j], j)),
        ],
        ["W"],
    )


def attention() -> Program:
    """One head, layer norm with gain and offset, affine, softmax cross-entropy."""
    s, t = index("s", 3), index("t", 3)
    i, k, q, r = index("i", 2), index("k", 2), index("q", 3), index("r", 3)
    x, g, be = array("x", 3, 2), array("g", 2), array("be", 2)
    wq, wk, wv, wo = (array(n, 2, 2) for n in ("Wq", "Wk", "Wv", "Wo"))
    wl, y = array("Wl", 2, 3), array("y", 3, 3)
    names = "Q K V A H c h"
    qq, kk, vv, aa, hh, c, h = (array(n, 3, 2) for n in names.split())
    score, p, l_, e = (array(n, 3, 3) for n in ("S", "P", "L", "e"))
    z, mu, v, total = (array(n, 3) for n in ("Z", "mu", "v", "zz"))
    return Program.of(
        [
            Equation.of(qq[t, k], Sum(x[t, i] * wq[i, k], i)),
            Equation.of(kk[t, k], Sum(x[t, i] * wk[i, k], i)),
            Equation.of(vv[t, k], Sum(x[t, i] * wv[i, k], i)),
            Equation.of(score[s, t], Sum(qq[s, k] * kk[t, k] / sqrt(2), k)),
            Equation.of(p[s, t], exp(score[s, t])),
            Equation.of(z[s], Sum(p[s, t], t)),
            Equation.of(aa[s, k], Sum(p[s, t] / z[s] * vv[t, k], t)),
            Equation.of(hh[s, k], Sum(aa[s, i] * wo[i, k], i) + x[s, k]),
            Equation.of(mu[s], Sum(hh[s, k] / 2, k)),
            Equation.of(c[s, k], hh[s, k] - mu[s]),
            Equation.of(v[s], Sum(c[s, k] ** 2 / 2, k)),
            Equation.of(h[s, k], g[k] * c[s, k] / sqrt(v[s] + Rational(1, 100)) + be[k]),
            Equation.of(l_[s, q], Sum(h[s, k] * wl[k, q], k)),
            Equation.of(e[s, q], exp(l_[s, q])),
            Equation.of(total[s], Sum(e[s, r], r)),
            Equation(E, (Term((s, q), -y[s, q] * log(e[s, q] / total[s])),)),
        ],
        ["Wq", "Wk", "Wv", "Wo", "g", "be", "Wl"],
    )


@pytest.mark.parametrize(
    "program",
    [
        pytest.param(convolution(1), id="affine index"),
        pytest.param(convolution(2), id="affine index, stride 2"),
        pytest.param(trace_of_square(), id="repeated index"),
        pytest.param(constant_index(), id="constant index"),
        pytest.param(captured(), id="no capture"),
        pytest.param(attention(), id="attention, layer norm, softmax cross-entropy"),
    ],
)
def test_each_bracket_meets_central_differences(program: Program) -> None:
    leaves = leaves_for(program)
    assert_gradients(program, derive(program), leaves)
    assert_gradients(program, derive(program, [x.name for x in program.inputs]), leaves)


@pytest.mark.parametrize("program", [convolution(2), trace_of_square(), constant_index()])
def test_the_scalar_form_has_the_same_values(program: Program) -> None:
    derivation, leaves = derive(program), leaves_for(program)
    entries = derivation.entries
    flat = {
        entries.symbol(n, at).name: {(): v} for n, row in leaves.items() for at, v in row.items()
    }
    whole, parts = evaluate(derivation, leaves), evaluate(derivation.scalars(), flat)
    for name, row in whole.items():
        for at, value in row.items():
            assert abs(value - parts[entries.symbol(name, at).name][()]) < mp.mpf(10) ** -40


def test_a_gather_keeps_its_delta() -> None:
    program = embedding()
    leaves = leaves_for(program)
    leaves["t"] = {(0,): mp.mpf(2), (1,): mp.mpf(0), (2,): mp.mpf(2), (3,): mp.mpf(1)}
    derivation = derive(program)
    assert derivation["T"].terms[0].body.has(sp.KroneckerDelta)
    assert_gradients(program, derivation, leaves)


@settings(max_examples=30, deadline=None)
@given(
    widths=st.lists(st.integers(1, 3), min_size=2, max_size=4),
    activations=st.lists(st.sampled_from(SMOOTH + KINKED), min_size=3, max_size=3),
    loss=st.sampled_from(["half-squared", "squared", "mse", "huber", "absolute", "hinge"]),
    bias=st.booleans(),
    samples=st.sampled_from([None, 1, 2]),
    reduction=st.sampled_from(["mean", "sum"]),
    seed=st.integers(0, 96),
)
def test_random_networks_meet_central_differences(
    widths: list[int], activations: list[str], loss: str, bias: bool, samples: int | None,
    reduction: str, seed: int,
) -> None:
    program = mlp(widths, activations[: len(widths) - 1], loss, bias, samples, reduction)
    leaves = leaves_for(program, seed)
    derivation = derive(program)
    assert_gradients(program, derivation, leaves)
    scalar_form = derivation.scalars()
    flat = {
        program.entries.symbol(n, at).name: {(): v}
        for n, row in leaves.items()
        for at, v in row.items()
    }
    assert_gradients(program.scalars(), scalar_form, flat)


@pytest.mark.parametrize(
    ("activation", "loss"),
    [
        ("softmax", "cross-entropy"),
        ("sigmoid", "binary-cross-entropy"),
    ],
)
@pytest.mark.parametrize("samples", [None, 2])
def test_lemmas_hold(activation: str, loss: str, samples: int | None) -> None:
    program = mlp([2, 2, 2], ["tanh", activation], loss, samples=samples)
    leaves = leaves_for(program)
    short = derive(program).with_lemmas()
    assert len(short) < len(derive(program)) or activation == "sigmoid"
    assert_gradients(program, short, leaves)


def test_a_second_derivative_is_derive_applied_twice() -> None:
    x, y = scalar("x"), scalar("y")
    first = derive(Program.of([Equation.of(E, x**3 * y)], ["x", "y"]))
    again = first.with_loss("x_bar")
    assert derive(again)["y"].terms[0].body == 3 * x**2


def test_every_loss_and_layer_derives() -> None:
    for loss in LOSSES:
        for activation in LAYERS:
            derivation = derive(mlp([2, 3, 2], ["tanh", activation], loss))
            assert set(derivation.adjoints) >= {"W1", "b1", "W2", "b2"}


def test_the_backward_list_is_linear_in_the_forward_list() -> None:
    def operations(depth: int) -> tuple[int, int]:
        program = mlp([3] * (depth + 1), "tanh")
        derivation = derive(program)
        count = [sum(int(sp.count_ops(t.body)) for t in e.terms) for e in derivation]
        return sum(count[: len(program)]), sum(count[len(program) :])

    (forward, backward), (forward2, backward2) = operations(8), operations(16)
    assert backward <= 2.5 * forward
    assert backward2 - backward <= 2.5 * (forward2 - forward)


@pytest.mark.parametrize("name", ["W3", "loss"])
def test_an_unknown_name_is_said(name: str) -> None:
    with pytest.raises(ProgramError, match=name):
        derive(mlp([2, 2, 1]), [name])


def test_an_adjoint_that_was_not_derived_is_said() -> None:
    with pytest.raises(KeyError, match="no adjoint of x; there are those of o, z2"):
        derive(mlp([2, 2, 1]))["x"]
