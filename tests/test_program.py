"""A program is checked when it is built, and its errors name the equation."""

from __future__ import annotations

import pytest
import sympy as sp
from sympy import Sum, Symbol

from symbp.core.equations import Equation, Term, array, index, operands, scalar
from symbp.core.networks import NetworkError, mlp
from symbp.core.program import Program, ProgramError

J, K, L = index("j", 3), index("k", 2), index("l", 4)
W, X, B, Z = array("W", 3, 2), array("x", 2), array("b", 3), array("z", 3)
E, C = scalar("E"), scalar("c")
LAYER = Equation.of(Z[J], Sum(W[J, K] * X[K], K) + B[J])
LOSS = Equation.of(E, Sum(Z[J] ** 2, J))


def test_a_layer_is_a_program() -> None:
    program = Program.of([LAYER, LOSS], ["W", "b"])
    assert [p.name for p in program.parameters] == ["W", "b"]
    assert [p.name for p in program.inputs] == ["x"]
    assert program.shapes == {"W": (3, 2), "b": (3,), "x": (2,), "z": (3,), "E": ()}
    assert program.loss == "E"
    assert str(program) == "z[j] = Σ_{k} W[j, k]*x[k] + b[j]\nE = Σ_{j} z[j]**2"


@pytest.mark.parametrize(
    ("equations", "message"),
    [
        ([], "at least one equation"),
        ([Equation(Z[J], (Term((), W[J, K]),))], r"equation 1, z\[j\]: index k is bound nowhere"),
        ([LAYER, LAYER, LOSS], r"equation 2, z\[j\]: z is defined twice"),
        ([LOSS, LAYER], r"z is used before it is defined|z is defined twice"),
        ([LAYER], r"the loss z is no scalar"),
        ([Equation(Z[J], (Term((J,), B[J]),)), LOSS], "an index is bound twice"),
        ([Equation(W[J, J], (Term((), B[J]),)), LOSS], "distinct plain indices"),
        ([LAYER, Equation(E, (Term((L,), Z[L]),))], "leaves the axis of extent 3"),
        ([LAYER, Equation(E, (Term((), Z[3]),))], "leaves the axis of extent 3"),
        ([LAYER, Equation(E, (Term((K,), Z[K + 2]),))], "leaves the axis of extent 3"),
    ],
)
def test_what_is_no_program_is_said(equations: list[Equation], message: str) -> None:
    with pytest.raises(ProgramError, match=message):
        Program.of(equations, [])


def test_a_loss_or_parameter_that_is_not_there_is_said() -> None:
    with pytest.raises(ProgramError, match="no equation defines the loss F"):
        Program.of([LAYER, LOSS], ["W"], loss="F")
    with pytest.raises(ProgramError, match="parameter V is used in no equation"):
        Program.of([LAYER, LOSS], ["V"])


def test_operands_leave_out_letters_sizes_and_gathers() -> None:
    n = index("n", Symbol("N", integer=True, positive=True))
    t = array("t", n.upper + 1)
    assert operands(C * X[t[n]] / (n.upper + 1) + sp.pi) == (C, X[t[n]])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (dict(layers=[2]), "two or more positive sizes"),
        (dict(layers=[2, 0]), "two or more positive sizes"),
        (dict(layers=[2, 1], activation="sigmoidal"), "accepted are identity, sigmoid"),
        (dict(layers=[2, 1], activation=["relu", "relu"]), "2 activations for 1 layers"),
        (dict(layers=[2, 1], loss="l2"), "accepted are half-squared"),
        (dict(layers=[2, 1], reduction="max"), "mean or sum"),
        (dict(layers=[2, 1], samples=0), "at least one sample"),
    ],
)
def test_a_network_that_is_none_is_said(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(NetworkError, match=message):
        mlp(**arguments)  # type: ignore[arg-type]


def test_parameters_and_inputs_in_order() -> None:
    program = mlp([3, 4, 2], samples=5)
    assert [p.name for p in program.parameters] == ["W1", "b1", "W2", "b2"]
    assert [p.name for p in program.inputs] == ["x", "d"]
    assert program.shapes["W2"] == (2, 4)
    assert program.shapes["x"] == (3, 5)
    assert program.shapes["d"] == (2, 5)


def test_a_symbolic_size_is_made_concrete() -> None:
    n = Symbol("N", integer=True, positive=True)
    program = mlp([3, 2], samples=n)
    assert program.sizes == (n,)
    assert program.at({n: 4}) == mlp([3, 2], samples=4)


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        ("half-squared", "(d - o)**2/2"),
        ("squared", "(d - o)**2"),
        ("cross-entropy", "-d*log(p)"),
        ("binary-cross-entropy", "-d*log(p) - (1 - d)*log(1 - p)"),
        ("absolute", "Abs(d - o)"),
    ],
)
def test_the_loss_of_one_output(loss: str, expected: str) -> None:
    (term,) = mlp([1, 1], loss=loss).scalars().equations[-1].terms
    names = {s: Symbol(s) for s in "dop"}
    assert str(term.body.xreplace({scalar(s): names[s] for s in names})) == str(
        sp.parse_expr(expected, names)
    )


def test_mse_is_over_outputs_and_mean_over_samples() -> None:
    body = mlp([2, 3], "identity", "mse", samples=5).equations[-1].terms[0].body
    assert body.as_coeff_Mul()[0] == sp.Rational(1, 15)
