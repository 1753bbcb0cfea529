"""Each row of the function tables against SymPy's diff and against 50-digit differences."""

from __future__ import annotations

from collections.abc import Callable

import mpmath as mp
import pytest
import sympy as sp
from sympy import Expr

from symbp.core.functions import ACTIVATIONS, FUNCTIONS, LOSSES, OUTPUT, ROWS, TARGET, Loss
from symbp.core.functions import book_derivative as book
from tests.oracle import DIGITS, number

Z = sp.Symbol("z", real=True)
POINTS = ["-7/2", "-1", "-1/3", "1/100", "2/5", "1", "9/2"]
M = sp.Integer(3)


def at(expression: Expr, **values: object) -> mp.mpf:
    return number(expression, {}, {name: {(): mp.mpf(v)} for name, v in values.items()})


@pytest.mark.parametrize("function", ROWS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("point", POINTS)
def test_a_derivative_meets_a_central_difference(function: type, point: str) -> None:
    row = ROWS[function]
    with mp.workdps(DIGITS):
        p = sp.Rational(point)
        z, h = mp.mpf(p.p) / p.q, mp.mpf(10) ** -15
        value = row.value(Z)
        slope = (at(value, z=z + h) - at(value, z=z - h)) / (2 * h)
        printed = row.derivative(Z, sp.Symbol("a", real=True))
        got = at(printed, z=z, a=at(value, z=z))
        assert abs(got - slope) < mp.mpf(10) ** -25 * (1 + abs(slope))


@pytest.mark.parametrize("function", ROWS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("point", POINTS)
def test_a_derivative_is_that_of_sympy(function: type, point: str) -> None:
    row = ROWS[function]
    with mp.workdps(DIGITS):
        p = sp.Rational(point)
        z = mp.mpf(p.p) / p.q
        expected = at(sp.diff(row.value(Z), Z), z=z)
        got = at(row.derivative(Z, row.value(Z)), z=z)
        assert abs(got - expected) < mp.mpf(10) ** -40 * (1 + abs(expected))


@pytest.mark.parametrize("function", ROWS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("point", POINTS)
def test_the_stable_form_is_the_function(function: type, point: str) -> None:
    row = ROWS[function]
    with mp.workdps(DIGITS):
        p = sp.Rational(point)
        z = mp.mpf(p.p) / p.q
        code = row.code(Z).replace(sp.codegen.cfunctions.log1p, lambda x: sp.log(1 + x))
        code = code.replace(sp.codegen.cfunctions.expm1, lambda x: sp.exp(x) - 1)
        expected = at(row.value(Z), z=z)
        assert abs(at(code, z=z) - expected) < mp.mpf(10) ** -40 * (1 + abs(expected))


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "step"])
def test_a_kink_has_a_convention(name: str) -> None:
    function = FUNCTIONS[name]
    row = ROWS[function]  # type: ignore[index]
    assert row.kink
    claimed = row.kink.split(" = ")[1]
    slope = row.value(Z) if name == "step" else row.derivative(Z, Z)
    expected = sp.Rational(claimed)
    assert at(slope, z=0) == mp.mpf(expected.p) / expected.q


@pytest.mark.parametrize("loss", LOSSES.values(), ids=lambda row: row.name)
@pytest.mark.parametrize(("d", "o"), [("0.25", "0.75"), ("0.9", "0.2"), ("1", "0.4"), ("0", "0.3")])
def test_a_loss_meets_a_central_difference(loss: Loss, d: str, o: str) -> None:
    with mp.workdps(DIGITS):
        target, output, h = mp.mpf(d), mp.mpf(o), mp.mpf(10) ** -15
        value = loss.value(TARGET, OUTPUT, M)
        sides = [at(value, d=target, o=output + s * h) for s in (1, -1)]
        slope = (sides[0] - sides[1]) / (2 * h)
        got = at(loss.derivative(TARGET, OUTPUT, M), d=target, o=output)
        assert abs(got - slope) < mp.mpf(10) ** -25 * (1 + abs(slope))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ((TARGET - OUTPUT) ** 2 / 2, OUTPUT - TARGET),
        (5 * (TARGET - OUTPUT) ** 2, 10 * (OUTPUT - TARGET)),
        (-TARGET * sp.log(OUTPUT) / 7, -TARGET / OUTPUT / 7),
        (OUTPUT**3 * TARGET, None),
    ],
)
def test_a_loss_is_known_by_its_primitive_part(body: Expr, expected: Expr | None) -> None:
    found = book(body)
    assert (found and sp.expand(found[1])) == (expected and sp.expand(expected))


def test_every_activation_is_a_function_a_formula_may_call() -> None:
    names: dict[str, Callable[..., Expr]] = {k: v for k, v in ACTIVATIONS.items()}
    assert set(names) - {"identity"} <= set(FUNCTIONS)
