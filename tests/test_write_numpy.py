"""Compiled programs against evaluation and central differences in 50 digits, in every form."""

from __future__ import annotations

import runpy
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from math import isfinite
from pathlib import Path

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from sympy import Sum, exp, log

import symbp.write.plan as writer
from symbp.core.chain import derive
from symbp.core.equations import Equation, Term, array, index, scalar
from symbp.core.functions import ACTIVATIONS, LOSSES
from symbp.core.networks import LAYERS, mlp
from symbp.core.optimizers import (
    ETA,
    SGD,
    Adam,
    AdamW,
    Momentum,
    Nesterov,
    Optimizer,
    RMSprop,
)  # fmt: skip
from symbp.core.program import Program
from symbp.write.numpy_module import module
from symbp.write.numpy_printer import Names
from symbp.write.targets import lambdify
from tests import oracle
from tests import test_chain as programs
from tests.oracle import Array, evaluate, leaves_for, slope

FORMS = {"scalar": 10**9, "array": -1}
N = sp.Symbol("N", integer=True, positive=True)


@pytest.fixture(params=FORMS)
def form(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each program is compiled to scalar code and to array code, whatever its size."""
    monkeypatch.setattr(writer, "MOST_OPERATIONS", FORMS[request.param])
    return str(request.param)


def dense(entries: Array) -> np.ndarray:
    shape = tuple(max(axis) + 1 for axis in zip(*entries, strict=True))
    values = np.zeros(shape)
    for at, value in entries.items():
        values[at] = float(value)
    return values


def arguments(program: Program, leaves: Mapping[str, Array]) -> list[np.ndarray]:
    return [dense(leaves[leaf.name]) for leaf in (*program.parameters, *program.inputs)]


def assert_meets_oracle(program: Program, leaves: Mapping[str, Array]) -> None:
    loss, *gradients = lambdify(program)(*arguments(program, leaves))
    expected = evaluate(derive(program), leaves)
    assert_allclose(loss, float(expected[program.loss][()]), rtol=1e-12, atol=1e-13)
    for leaf, gradient in zip(program.parameters, gradients, strict=True):
        assert_allclose(gradient, dense(expected[leaf.name + "_bar"]), rtol=1e-11, atol=1e-12)


def weighted_positions() -> Program:
    """Index letters as numbers, an absent summed letter, a delta, an outer product, a transpose."""
    i, j, k = index("i", 3), index("j", 2), index("k", 4)
    u, v, m, w = array("u", 3), array("v", 2), array("m", 3, 2), array("w", 2, 3)
    return Program.of(
        [
            Equation.of(m[i, j], u[i] * v[j] + sp.KroneckerDelta(i, j) * u[i] ** 2),
            Equation.of(w[j, i], (i + 2) * m[i, j] + v[j]),
            Equation(scalar("E"), (
                Term((i, j, k), w[j, i] * sp.tanh(u[i]) * v[j] * m[i, j]),
                Term((i, j), (u[i] - v[j]) ** 2),
            )),
        ],
        ["u", "v"],
    )


def batched() -> Program:
    """A product with a letter that stays in both factors, and one of three factors."""
    n, i, j, k = index("n", 2), index("i", 3), index("j", 2), index("k", 4)
    a, b, c, y = array("a", 2, 3, 4), array("b", 4, 2, 2), array("c", 3), array("y", 3, 2, 2)
    return Program.of(
        [
            Equation.of(y[i, n, j], Sum(a[n, i, k] * b[k, j, n], k)),
            Equation(scalar("E"), (Term((i, j, k, n), y[i, n, j] * a[n, i, k] * c[i] * b[k, j, n]),
                                   Term((n, i, k), c[i] * a[n, i, k]))),
        ],
        ["a", "b", "c"],
    )


@pytest.mark.parametrize(
    "program",
    [
        pytest.param(programs.convolution(1), id="affine index"),
        pytest.param(programs.convolution(2), id="affine index, stride 2"),
        pytest.param(programs.trace_of_square(), id="repeated index"),
        pytest.param(programs.constant_index(), id="constant index"),
        pytest.param(programs.captured(), id="no capture"),
        pytest.param(programs.attention(), id="attention"),
        pytest.param(weighted_positions(), id="positions"),
        pytest.param(batched(), id="batched"),
    ],
)
def test_any_index_program_compiles(program: Program, form: str) -> None:
    assert_meets_oracle(program, leaves_for(program))


def test_a_gather_is_array_code_at_any_size() -> None:
    program = programs.embedding()
    leaves = leaves_for(program)
    leaves["t"] = {(0,): 2, (1,): 0, (2,): 2, (3,): 1}
    table, words = arguments(program, leaves)
    expected = evaluate(derive(program), leaves)
    loss, gradient = lambdify(program)(table, words.astype(int))
    assert_allclose(loss, float(expected["E"][()]))
    assert_allclose(gradient, dense(expected["T_bar"]))


@pytest.mark.parametrize("samples", [None, 3])
@pytest.mark.parametrize("activation", LAYERS)
def test_each_activation(activation: str, samples: int | None, form: str) -> None:
    program = mlp([2, 3, 2], [activation, "tanh"], "half-squared", samples=samples)
    assert_meets_oracle(program, leaves_for(program))


@pytest.mark.parametrize("samples", [None, 3])
@pytest.mark.parametrize("loss", LOSSES)
def test_each_loss(loss: str, samples: int | None, form: str) -> None:
    last = "softmax" if loss == "cross-entropy" else "sigmoid"
    program = mlp([2, 3, 2], ["tanh", last], loss, samples=samples)
    assert_meets_oracle(program, leaves_for(program))


@settings(max_examples=25, deadline=None)
@given(
    widths=st.lists(st.integers(1, 4), min_size=2, max_size=4),
    activations=st.lists(st.sampled_from([*LAYERS]), min_size=3, max_size=3),
    loss=st.sampled_from([name for name in LOSSES if "entropy" not in name]),
    bias=st.booleans(),
    samples=st.sampled_from([None, 1, 3]),
    reduction=st.sampled_from(["mean", "sum"]),
    seed=st.integers(0, 96),
)
def test_gradients_are_central_differences(
    widths: list[int], activations: list[str], loss: str, bias: bool, samples: int | None,
    reduction: str, seed: int,
) -> None:
    program = mlp(widths, activations[: len(widths) - 1], loss, bias, samples, reduction)
    leaves = leaves_for(program, seed)
    flat = {
        program.entries.symbol(n, at).name: {(): v}
        for n, row in leaves.items() for at, v in row.items()
    }
    scalars = program.scalars()
    floats = [float(flat[leaf.name][()]) for leaf in (*scalars.parameters, *scalars.inputs)]
    _, *entries = lambdify(scalars)(*floats)
    differences = [float(slope(scalars, flat, p.name, ())) for p in scalars.parameters]
    assert_allclose(entries, differences, rtol=1e-11, atol=1e-12)
    with pytest.MonkeyPatch.context() as patch:
        for limit in FORMS.values():
            patch.setattr(writer, "MOST_OPERATIONS", limit)
            _, *gradients = lambdify(program)(*arguments(program, leaves))
            together = np.concatenate([g.ravel() for g in gradients])
            assert_allclose(together, differences, rtol=1e-11, atol=1e-12)


def test_symbolic_sizes_come_with_the_arrays() -> None:
    program = mlp([2, 3, 2], ["tanh", "softmax"], "cross-entropy", samples=N)
    f = lambdify(program)
    for samples in (1, 4):
        fixed = mlp([2, 3, 2], ["tanh", "softmax"], "cross-entropy", samples=samples)
        leaves = leaves_for(fixed)
        expected = evaluate(derive(fixed), leaves)
        _, *gradients = f(*arguments(fixed, leaves))
        for leaf, gradient in zip(fixed.parameters, gradients, strict=True):
            assert_allclose(gradient, dense(expected[leaf.name + "_bar"]), rtol=1e-12, atol=1e-14)


def test_arrays_broadcast_through_scalar_code() -> None:
    f = lambdify(mlp([2, 2, 1], ["silu", "sigmoid"]).scalars())
    weights, xs = [0.1 * k for k in range(9)], np.linspace(-2, 2, 5)
    together = f(*weights, xs, 0.5, 1.0)
    for n, x in enumerate(xs):
        assert_allclose([row[n] if np.ndim(row) else row for row in together],
                        f(*weights, x, 0.5, 1.0), rtol=1e-14)


ARTICLE = [np.array([[0.1, 0.8], [0.4, 0.6]]), np.array([[0.3, 0.9]]),
           np.array([0.35, 0.9]), np.array([0.5])]


RULES = [
    SGD(lr=1), SGD(lr=0.3, weight_decay=0.05), Momentum(lr=0.5, momentum=0.75),
    Momentum(lr=0.5, weight_decay=0.1), Nesterov(lr=0.3, momentum=0.8), RMSprop(lr=0.01),
    Adam(lr=0.02), Adam(lr=0.02, weight_decay=0.1), AdamW(lr=0.02, weight_decay=0.1),
]  # fmt: skip


@pytest.mark.parametrize("optimizer", RULES, ids=repr)
@pytest.mark.parametrize("samples", [None, 2])
def test_a_step_is_the_update_of_the_gradient(
    optimizer: Optimizer, samples: int | None, form: str
) -> None:
    program = mlp([2, 3, 2], ["tanh", "sigmoid"], samples=samples)
    *parameters, x, d = arguments(program, leaves_for(program))
    mine = [p.copy() for p in parameters]
    by_hand = [Textbook(optimizer, p.shape) for p in parameters]
    f, step = lambdify(program), lambdify(program, update=optimizer)
    for _ in range(4):
        loss, *gradients = f(*mine, x, d)
        for w, g, rule in zip(mine, gradients, by_hand, strict=True):
            w[...] = rule.moved(w, g)
        got, *returned = step(*parameters, x, d)
        assert got == pytest.approx(loss, rel=1e-12)
        assert all(a is b for a, b in zip(returned, parameters, strict=True))
        for w, changed in zip(mine, parameters, strict=True):
            assert_allclose(changed, w, rtol=1e-11, atol=1e-13)


class Textbook:
    """The optimizers of the textbooks on one array, with 1 − βᵗ as a power of t."""

    def __init__(self, rule: Optimizer, shape: tuple[int, ...]) -> None:
        self.rule, self.t, self.m, self.v = rule, 0, np.zeros(shape), np.zeros(shape)

    def speed_up(self, rate: float) -> None:
        self.rule = replace(self.rule, lr=rate)

    def moved(self, w: np.ndarray, g: np.ndarray) -> np.ndarray:
        rule, decay = self.rule, self.rule.weight_decay
        self.t += 1
        if not isinstance(rule, AdamW):
            g = g + decay * w
        if isinstance(rule, SGD):
            return w - rule.lr * g
        if isinstance(rule, Momentum):
            self.v = rule.momentum * self.v - rule.lr * g
            return w + self.v
        if isinstance(rule, Nesterov):
            last, self.v = self.v, rule.momentum * self.v - rule.lr * g
            return w - rule.momentum * last + (1 + rule.momentum) * self.v
        if isinstance(rule, RMSprop):
            self.v = rule.decay * self.v + (1 - rule.decay) * g * g
            return w - rule.lr * g / (np.sqrt(self.v) + rule.epsilon)
        self.m += (1 - rule.beta1) * (g - self.m)
        self.v += (1 - rule.beta2) * (g * g - self.v)
        mean, square = self.m / (1 - rule.beta1**self.t), self.v / (1 - rule.beta2**self.t)
        shrunk = w * (1 - rule.lr * decay) if isinstance(rule, AdamW) else w
        return shrunk - rule.lr * mean / (np.sqrt(square) + rule.epsilon)


@pytest.mark.parametrize("rule", RULES, ids=repr)
def test_a_schedule_sets_the_rate_of_each_step(rule: Optimizer, form: str) -> None:
    program = mlp([2, 2, 1], bias=False)
    *parameters, x, d = (a.copy() for a in ARTICLE)
    mine = [p.copy() for p in parameters]
    by_hand = [Textbook(rule, p.shape) for p in parameters]
    f, step = lambdify(program), lambdify(program, update=rule.update(ETA))
    assert step.state["eta"] == [rule.lr]
    for rate in (0.25, 0.5, 0.01):
        _, *gradients = f(*mine, x, d)
        for w, g, each in zip(mine, gradients, by_hand, strict=True):
            each.speed_up(rate)
            w[...] = each.moved(w, g)
        step.state["eta"][0] = rate
        step(*parameters, x, d)
        for w, changed in zip(mine, parameters, strict=True):
            assert_allclose(changed, w, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("optimizer", [SGD(lr=1), Momentum(lr=0.1), Adam(lr=0.1)])
def test_a_loop_is_its_steps(optimizer: Optimizer, form: str) -> None:
    program = mlp([2, 2, 1], bias=False)
    *ones, x, d = (a.copy() for a in ARTICLE)
    others = [a.copy() for a in ones]
    step, other = lambdify(program, update=optimizer), lambdify(program, update=optimizer)
    losses = [step(*ones, x, d)[0] for _ in range(7)]
    assert other.loop(7, *others, x, d)[0] == pytest.approx(losses[-1], rel=1e-13)
    for one, two in zip(ones, others, strict=True):
        assert_allclose(one, two, rtol=1e-14)


def test_the_published_run_of_the_article() -> None:
    step = lambdify(mlp([2, 2, 1], bias=False).scalars(), update=SGD(lr=1.0))
    weights, prints = [0.1, 0.8, 0.4, 0.6, 0.3, 0.9], []
    for _ in range(100):
        loss, *weights = step(*weights, 0.35, 0.9, 0.5)
        prints.append(loss)
    assert prints[0] == pytest.approx(0.01810390384, rel=1e-9)
    assert prints[-1] == pytest.approx(3.266878922e-07, rel=1e-9)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_dtype_is_kept(dtype: str, form: str) -> None:
    program = mlp([2, 3, 2], ["gelu", "softmax"], "cross-entropy", samples=2)
    values = [a.astype(dtype) for a in arguments(program, leaves_for(program))]
    _, *gradients = lambdify(program, dtype=dtype)(*values)
    assert {g.dtype.name for g in gradients} == {dtype}
    step = lambdify(program, update=Adam(), dtype=dtype)
    _, *parameters = step(*values)
    assert {p.dtype.name for p in (*parameters, *step.state["v"], *step.state["m"])} == {dtype}


def test_an_array_that_cannot_hold_the_update_is_refused(form: str) -> None:
    program = mlp([1, 1], bias=False)
    with pytest.raises(TypeError, match="W1: float64 arrays are accepted"):
        lambdify(program, update=SGD())(np.array([[1]]), np.ones(1), np.ones(1))


def test_a_wrong_shape_is_refused(form: str) -> None:
    with pytest.raises(ValueError):
        lambdify(mlp([2, 1], bias=False))(np.ones((1, 2)), np.ones(3), np.ones(1))


@pytest.mark.parametrize("z", [-740.0, -30.0, 0.0, 30.0, 740.0])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_large_values_raise_no_warning(activation: str, z: float, form: str) -> None:
    program = mlp([1, 1, 1], [activation, "sigmoid"], bias=False)
    for leaves in ([z], [1.0], [1.0], [0.0]), ([1e-3 * z], [z], [1.0], [1.0]):
        w1, w2, x, d = map(np.array, leaves)
        loss, *gradients = lambdify(program)(w1[None], w2[None], x, d)
        assert isfinite(loss) and all(np.isfinite(g).all() for g in gradients)


@pytest.mark.parametrize("z", [-700.0, -40.0, 40.0, 700.0])
@pytest.mark.parametrize(
    ("activation", "loss"), [("softmax", "cross-entropy"), ("sigmoid", "binary-cross-entropy"),
                             ("softmax", "half-squared")]
)
def test_losses_from_logits_lose_no_digits(
    activation: str, loss: str, z: float, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oracle, "DIGITS", 700)
    program = mlp([1, 3], activation, loss)
    leaves = {"W1": {(0, 0): z, (1, 0): -z, (2, 0): 1.5}, "b1": dict.fromkeys(
        [(0,), (1,), (2,)], 0.25), "x": {(0,): 1.0}, "d": {(0,): 0.0, (1,): 1.0, (2,): 0.0}}
    found, *gradients = lambdify(program)(*arguments(program, leaves))
    expected = evaluate(derive(program), leaves)
    assert found == pytest.approx(float(expected["E"][()]), rel=1e-14)
    assert_allclose(gradients[0], dense(expected["W1_bar"]), rtol=1e-13, atol=1e-16)


def test_a_hand_written_log_sum_exp_is_shifted(form: str) -> None:
    i, j = index("i", 3), index("j", 3)
    z, e, s = array("z", 3), array("e", 3), scalar("s")
    program = Program.of(
        [
            Equation.of(e[i], exp(z[i])),
            Equation(s, (Term((i,), e[i]),)),
            Equation(scalar("E"), (Term((), log(s)), Term((j,), -z[j] / 3))),
        ],
        ["z"],
    )
    loss, gradient = lambdify(program)(np.array([800.0, 801.0, -900.0]))
    assert loss == pytest.approx(801 + np.log1p(np.exp(-1)) - 701 / 3, rel=1e-15)
    assert_allclose(gradient, [0.2689414213699951 - 1 / 3, 0.7310585786300049 - 1 / 3, -1 / 3])


HOSTILE = ["lambda", "exp", "np", "__import__('os')", "a b", "a_b", "print", "f", "z\n=1", "W1",
           "class", "E_", "1x", "δ", "ｄ", "state", "t1"]


def test_names_never_reach_the_source() -> None:
    names = Names()
    given = [names(name) for name in HOSTILE]
    assert len({*given}) == len(given) and all(name.isidentifier() for name in given)


@pytest.mark.parametrize("name", HOSTILE)
def test_any_name_of_a_symbol_compiles(name: str, form: str) -> None:
    x, e = sp.Symbol(name, real=True), scalar("E")
    product = Program.of([Equation.of(e, exp(x) * scalar("w"))], [name])
    assert lambdify(product)(1.0, 2.0) == pytest.approx((2 * np.e, 2 * np.e))
    j = index("j", 2)
    base = array(name, 2)
    vector = Program.of([Equation(e, (Term((j,), sp.tanh(base[j])),))], [name])
    _, gradient = lambdify(vector)(np.zeros(2))
    assert_allclose(gradient, [1, 1])


def test_a_gradient_is_an_array_of_its_own(form: str) -> None:
    j = index("j", 2)
    w, x = array("w", 2), array("x", 2)
    program = Program.of([Equation(scalar("E"), (Term((j,), w[j] * x[j]),))], ["w"])
    given = np.array([1.0, 2.0])
    _, gradient = lambdify(program)(np.ones(2), given)
    gradient += 1
    assert given.tolist() == [1, 2]


@pytest.mark.parametrize(
    ("keywords", "message"),
    [({"target": "fortran"}, "target 'fortran': numpy, c, numba, jax, torch is accepted"),
     ({"dtype": "int8"}, "dtype 'int8'")],
)
def test_what_is_not_there_says_so(keywords: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        lambdify(mlp([1, 1]), **keywords)  # type: ignore[call-overload]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("program", "entries"), [
    (mlp([2, 2, 1], bias=False).scalars(), 6),
    (mlp([2, 2, 1], bias=False), 6),
    (mlp([5, 9, 4], ["tanh", "softmax"], "cross-entropy", samples=6), 94),
    (mlp([5, 30, 4], ["gelu", "identity"], samples=8), 304),
])  # fmt: skip
def test_a_module_stands_alone(
    program: Program, entries: int, dtype: str, tmp_path: Path
) -> None:
    """It runs without symbp, tests itself, and its step is the one that is compiled here."""
    file = tmp_path / "net.py"
    file.write_text(module(program, Adam(lr=0.1), dtype))
    bare = ["-I", "-W", "error", "-c", f"import sys; sys.modules['symbp'] = None\nimport runpy\n"
            f"runpy.run_path({str(file)!r}, run_name='__main__')"]  # fmt: skip
    done = subprocess.run([sys.executable, *bare], capture_output=True, text=True, timeout=60)
    assert done.stdout == f"{entries} entries of the gradient meet central differences\n", done.stderr
    space = runpy.run_path(str(file))
    step = lambdify(program, update=Adam(lr=0.1), dtype=dtype)
    values = [a.astype(dtype) for a in arguments(program, leaves_for(program))]
    if not any(program.shapes.values()):
        values = [float(v) for v in values]
    others = [v.copy() if isinstance(v, np.ndarray) else v for v in values]
    for one, other in zip(space["step"](*values), step(*others), strict=True):
        assert_allclose(one, other, rtol=1e-12 if dtype == "float64" else 1e-5)


def test_a_wrong_module_fails_its_self_test(tmp_path: Path) -> None:
    file = tmp_path / "net.py"
    file.write_text(module(mlp([2, 2, 1], bias=False)).replace("x_1*z1_1_bar", "x_2*z1_1_bar"))
    with pytest.raises(AssertionError, match=r"entry \(0, 0\)"):
        runpy.run_path(str(file))["self_test"]()


def test_no_text_escapes_into_a_module(tmp_path: Path) -> None:
    """Whatever the names and the command are, the module holds no other statement."""
    evil = 'x"""\nraise SystemExit("caught")\n#\u2028raise'
    w, x = sp.Symbol(evil, real=True), sp.Symbol("os.abort()\rraise", real=True)
    program = Program((Equation.of(scalar("E"), (w * x) ** 2),), "E", (w,), (x,))
    file = tmp_path / "net.py"
    file.write_text(module(program, SGD(), made_by=f"symbp compile {evil}"), encoding="utf-8")
    assert runpy.run_path(str(file))["self_test"]() == 1
