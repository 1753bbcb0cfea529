"""Every target that is installed here: its gradients against 50 digits, its steps against NumPy's."""

from __future__ import annotations

import shutil
from importlib.util import find_spec

import numpy as np
import pytest
import sympy as sp
from numpy.testing import assert_allclose

import symbp.write.plan as plan
from symbp.core.chain import derive
from symbp.core.equations import Equation, Term, array, index, scalar
from symbp.core.networks import LAYERS, mlp
from symbp.core.optimizers import ETA, SGD, Adam, Optimizer
from symbp.core.program import Program
from symbp.write.targets import TARGETS, lambdify
from tests import test_chain as programs
from tests.oracle import evaluate, leaves_for
from tests.test_write_numpy import (
    ARTICLE,
    FORMS,
    HOSTILE,
    RULES,
    N,
    arguments,
    batched,
    dense,
    weighted_positions,
)

NEEDS = {"numpy": "numpy", "c": "cffi", "numba": "numba", "jax": "jax", "torch": "torch"}
HERE = [
    name for name in TARGETS
    if find_spec(NEEDS[name]) is not None and (name != "c" or shutil.which("cc"))
]  # fmt: skip
OTHERS = [name for name in HERE if name != "numpy"]
PROGRAMS = {
    "affine index": programs.convolution(1), "stride 2": programs.convolution(2),
    "repeated index": programs.trace_of_square(), "constant index": programs.constant_index(),
    "no capture": programs.captured(), "attention": programs.attention(),
    "positions": weighted_positions(), "batched": batched(),
}  # fmt: skip


@pytest.fixture(params=FORMS)
def form(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each program is compiled to scalar code and to array code, whatever its size."""
    monkeypatch.setattr(plan, "MOST_OPERATIONS", FORMS[request.param])
    return str(request.param)


def assert_meets_oracle(program: Program, target: str) -> None:
    leaves = leaves_for(program)
    loss, *gradients = lambdify(program, target=target)(*arguments(program, leaves))
    expected = evaluate(derive(program), leaves)
    assert_allclose(float(loss), float(expected[program.loss][()]), rtol=1e-12, atol=1e-13)
    for leaf, gradient in zip(program.parameters, gradients, strict=True):
        want = dense(expected[leaf.name + "_bar"])
        assert np.shape(gradient) == want.shape
        assert_allclose(np.asarray(gradient), want, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("target", OTHERS)
@pytest.mark.parametrize("name", PROGRAMS)
def test_any_index_program_compiles(name: str, target: str, form: str) -> None:
    assert_meets_oracle(PROGRAMS[name], target)


@pytest.mark.parametrize("target", OTHERS)
def test_a_scalar_program(target: str) -> None:
    program = mlp([2, 2, 1], bias=False).scalars()
    floats = [0.1, 0.8, 0.4, 0.6, 0.3, 0.9, 0.35, 0.9, 0.5]
    want = lambdify(program)(*floats)
    assert_allclose([*map(float, lambdify(program, target=target)(*floats))], want, rtol=1e-14)
    steps = [lambdify(program, update=Adam(lr=0.1), target=t) for t in ("numpy", target)]
    one, other = ([*map(float, step.loop(3, *floats))] for step in steps)
    assert_allclose(other, one, rtol=1e-13)


@pytest.mark.parametrize("target", OTHERS)
def test_symbolic_sizes_come_with_the_arrays(target: str) -> None:
    program = mlp([2, 3, 2], ["tanh", "softmax"], "cross-entropy", samples=N)
    f = lambdify(program, target=target)
    for samples in (1, 4):
        fixed = mlp([2, 3, 2], ["tanh", "softmax"], "cross-entropy", samples=samples)
        values = arguments(fixed, leaves_for(fixed))
        for own, want in zip(f(*values), lambdify(fixed)(*values), strict=True):
            assert_allclose(np.asarray(own), want, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("target", OTHERS)
def test_a_gather(target: str) -> None:
    program = programs.embedding()
    table, _ = arguments(program, leaves_for(program))
    words = np.array([2, 0, 2, 1])
    loss, gradient = lambdify(program, target=target)(table, words)
    expected, slope = lambdify(program)(table, words)
    assert_allclose(float(loss), expected)
    assert_allclose(np.asarray(gradient), slope)


@pytest.mark.parametrize("target", OTHERS)
@pytest.mark.parametrize("optimizer", RULES, ids=repr)
def test_a_step_is_that_of_numpy(optimizer: Optimizer, target: str, form: str) -> None:
    program = mlp([2, 3, 2], ["tanh", "sigmoid"], samples=2)
    values = arguments(program, leaves_for(program))
    count, inputs = len(program.parameters), values[len(program.parameters) :]
    mine: list[object] = [v.copy() for v in values[:count]]
    own: list[object] = [v.copy() for v in values[:count]]
    rule = optimizer.update(ETA)
    reference = lambdify(program, update=rule)
    step = lambdify(program, update=rule, target=target)
    assert {*step.state} == {*reference.state}
    for rate, n in ((optimizer.lr, 1), (0.25, 2), (0.01, 3)):
        for each in (reference, step):
            each.state["eta"][0] = rate
        want, *mine = reference.loop(n, *mine, *inputs)
        loss, *own = step(*own, *inputs) if n == 1 else step.loop(n, *own, *inputs)
        assert float(loss) == pytest.approx(want, rel=1e-12)
        for w, changed in zip(mine, own, strict=True):
            assert_allclose(np.asarray(changed), w, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("target", OTHERS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_dtype_is_kept(dtype: str, target: str, form: str) -> None:
    program = mlp([2, 3, 2], ["gelu", "softmax"], "cross-entropy", samples=2)
    values = [a.astype(dtype) for a in arguments(program, leaves_for(program))]
    loss, *gradients = lambdify(program, dtype=dtype, target=target)(*values)
    want, *slopes = lambdify(program, dtype=dtype)(*values)
    assert {np.asarray(g).dtype.name for g in gradients} == {dtype}
    tolerance = 1e-12 if dtype == "float64" else 1e-5
    assert_allclose(float(loss), want, rtol=tolerance)
    for own, slope in zip(gradients, slopes, strict=True):
        assert_allclose(np.asarray(own), slope, rtol=10 * tolerance, atol=tolerance)


@pytest.mark.parametrize("target", OTHERS)
def test_a_wrong_shape_is_refused(target: str, form: str) -> None:
    with pytest.raises(ValueError):
        lambdify(mlp([2, 1], bias=False), target=target)(np.ones((1, 2)), np.ones(3), np.ones(1))


@pytest.mark.parametrize("target", OTHERS)
def test_large_values_stay_finite(target: str) -> None:
    for activation in LAYERS:
        f = lambdify(mlp([1, 1, 1], [activation, "sigmoid"], bias=False), target=target)
        for z in (-740.0, 0.0, 740.0):
            values = f(np.array([[z]]), np.array([[1.0]]), np.array([1.0]), np.array([0.0]))
            assert all(np.isfinite(np.asarray(v)).all() for v in values), (activation, z)


@pytest.mark.parametrize("target", OTHERS)
def test_any_name_of_a_symbol_compiles(target: str) -> None:
    j = index("j", 2)
    names = [*HOSTILE, "int", "for", "INFINITY", "work", "n", "s", "jax", "torch", "prange"]
    bases = [array(name, 2) for name in names]
    loss = Equation(scalar("E"), tuple(Term((j,), sp.tanh(base[j])) for base in bases))
    f = lambdify(Program.of([loss], names), target=target)
    _, *gradients = f(*(np.zeros(2) for _ in names))
    for gradient in gradients:
        assert_allclose(np.asarray(gradient), [1, 1])


@pytest.mark.parametrize("target", HERE)
def test_the_article_in_every_target(target: str) -> None:
    """The published run: 100 steps of the 2-2-1 network."""
    step = lambdify(mlp([2, 2, 1], bias=False), update=SGD(lr=1.0), target=target)
    *weights, x, d = (a.copy() for a in ARTICLE)
    loss, *weights = step(*weights, x, d)
    assert float(loss) == pytest.approx(0.01810390384, rel=1e-9)
    loss, *weights = step.loop(99, *weights, x, d)
    assert float(loss) == pytest.approx(3.266878922e-07, rel=1e-9)
