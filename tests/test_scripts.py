"""Verdicts on training scripts; each is confirmed by running our own script and by differences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from symbp.check.code.said import Said
from symbp.check.code.script import check_script
from symbp.read.code.values import CodeError

FLAT = """
import numpy as np
np.random.seed(1)
def sigmoid(x): return 1/(1+np.exp(-x))
X = np.array([[0., 0.5, 1.], [0.3, 1., 0.2], [0.7, 0., 0.4], [1., 1., 0.1]])
y = np.array([[0.], [1.], [1.], [0.]])
W0 = 2*np.random.random((3, 4)) - 1
W1 = 2*np.random.random((4, 1)) - 1
lr = 0.5
for j in range(20):
    l1 = sigmoid(np.dot(X, W0))
    l2 = sigmoid(np.dot(l1, W1))
    error = l2 - y
    loss = 0.5*np.sum(error**2)
    {printed}
    l2_delta = {output}
    l1_error = {back}
    l1_delta = {hidden}
    W1 {sign}= lr*{w1}
    W0 {sign}= lr*{w0}
"""
RIGHT = {
    "printed": "print(loss)",
    "output": "error*l2*(1-l2)",
    "back": "l2_delta.dot(W1.T)",
    "hidden": "l1_error*(l1*(1-l1))",
    "w1": "l1.T.dot(l2_delta)",
    "w0": "X.T.dot(l1_delta)",
    "sign": "-",
}


def script(**changes: str) -> str:
    return FLAT.format(**(RIGHT | changes))


def outcomes(source: str, script_loss: str | None = None) -> dict[str, str]:
    return {p.name: str(p.outcome) for p in check_script(source, said=Said(script_loss))}


@pytest.mark.parametrize(
    ("changes", "w0", "w1"),
    [
        ({}, "equal", "equal"),
        ({"printed": "if j % 5 == 0: print('loss', loss)"}, "equal", "equal"),
        ({"sign": "+"}, "different", "different"),
        ({"w0": "2*X.T.dot(l1_delta)"}, "proportional", "equal"),
        ({"w0": "0*X.T.dot(l1_delta)"}, "not-updated", "equal"),
        ({"output": "error"}, "different", "different"),
        ({"hidden": "l1_error"}, "different", "equal"),
        ({"hidden": "l1_error*(1-l1**2)"}, "different", "equal"),
        ({"hidden": "l1_error*sigmoid(l1)*(1-sigmoid(l1))"}, "different", "equal"),
        ({"back": "error.dot(W1.T)"}, "different", "equal"),
        ({"w1": "l1.T.dot(error)"}, "equal", "different"),
        ({"w0": "X.T.dot(l1_delta)*(1 if j < 3 else 2)"}, "different", "equal"),
    ],
)
def test_a_planted_fault_is_found(changes: dict[str, str], w0: str, w1: str) -> None:
    assert outcomes(script(**changes)) == {"W0": w0, "W1": w1}


def test_a_fault_in_a_later_epoch_is_not_called_equal() -> None:
    source = script().replace("    W0 -=", "    if j > 10:\n        l1_delta = l1_delta*2\n    W0 -=")
    assert outcomes(source)["W0"] != "equal"


def test_a_counter_of_a_while_loop_is_not_one_number() -> None:
    source = """
import numpy as np
x = np.array([0.5, 2.0])
w = np.array([1.0, 2.0])
k = 0
while k < 50:
    loss = 0.5*(w.dot(x) - 1)**2
    print(loss)
    g = (w.dot(x) - 1)*x
    if k > 10:
        g = g*2
    w = w - 0.5*g
    k += 1
"""
    assert outcomes(source) == {"w": "different"}
    assert outcomes(source.replace("if k > 10:", "if False:")) == {"w": "proportional"}


def test_the_gradient_inside_momentum_is_judged() -> None:
    source = """
import numpy as np
x = np.array([0.5, 2.0])
w = np.array([1.0, 2.0])
v = np.zeros(2)
for k in range(50):
    loss = 0.5*(w.dot(x) - 1)**2
    print(loss)
    v = 0.9*v - 0.1*(w.dot(x) - 1)*x
    w = w + v
"""
    assert outcomes(source) == {"w": "equal"}
    assert outcomes(source.replace("*x\n    w =", "*x**2\n    w =")) == {"w": "different"}


def test_updated_weights_in_the_backward_pass() -> None:
    source = script().replace("    l1_error = l2_delta.dot(W1.T)\n", "").replace(
        "    l1_delta = l1_error*(l1*(1-l1))\n", ""
    ).replace("    W0 -=", "    l1_delta = l2_delta.dot(W1.T)*(l1*(1-l1))\n    W0 -=")
    assert outcomes(source) == {"W0": "different", "W1": "equal"}


def test_an_alias_is_seen() -> None:
    source = script().replace("for j in", "V = W1\nfor j in").replace(
        "    l1_error = l2_delta.dot(W1.T)", "    V -= 0.1\n    l1_error = l2_delta.dot(W1.T)"
    )
    assert outcomes(source)["W1"] != "equal"


def test_integers_cut_the_step_off() -> None:
    source = """
import numpy as np
x = np.array([0.5, 2.0])
w = np.array([1, 2])
for i in range(3):
    loss = 0.5*(w.dot(x) - 1)**2
    print(loss)
    w[:] = w - 0.5*(w.dot(x) - 1)*x
"""
    assert outcomes(source) == {"w": "undecided"}


def test_a_printed_metric_is_not_the_loss() -> None:
    source = script(printed="print(np.mean(np.abs(error)))").replace(
        "    loss = 0.5*np.sum(error**2)\n", ""
    )
    found = check_script(source)
    assert {p.loss for p in found} == {"½Σ(l2 - y)²"}
    assert {str(p.outcome) for p in found} == {"equal"}
    assert set(outcomes(script(printed="pass"), script_loss="loss").values()) == {"equal"}


def test_functions_classes_and_samples() -> None:
    source = """
import numpy as np
class Net:
    def __init__(self, n):
        self.W = np.random.randn(n)
        self.b = 0.0
    def forward(self, x):
        self.z = self.W.dot(x) + self.b
        return self.z
    def step(self, x, d, lr):
        out = self.forward(x)
        g = out - d
        loss = 0.5*(out - d)**2
        print('loss', loss)
        self.W = self.W - lr*g*x
        self.b = self.b - lr*g
net = Net(3)
X = [np.array([0.1, 0.2, 0.3]), np.array([0.5, -0.2, 0.1])]
D = [0.3, 0.7]
lr = 0.1
for epoch in range(10):
    for x, d in zip(X, D):
        net.step(x, d, lr)
"""
    assert outcomes(source) == {"net.W": "equal", "net.b": "equal"}


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("x = (", "no Python 3"),
        ("print('hello')", "no loop that updates"),
        ("for i in range(3):\n    undefined += 1", "undefined has no value"),
        ("import numpy as np\nw=np.zeros(2)\nfor i in range(3):\n    w += np.zeros(3)*w[0]", "fails"),
        ("x = 1\nwhile True:\n    x = x + 1", "steps"),
        ("import numpy as np\na = np.zeros((10**6, 10**6))", "at most"),
        ("def f():\n    return f()\nf()", "calls inside each other"),
        ("a = " + "(" * 95 + "1" + ")" * 95, "no loop"),
        ("a = " + "-" * 200 + "1", "nested too deep"),
        ("x = 9**9**9**9", "exponent|bits|fails|large"),
    ],
)
def test_what_cannot_be_followed_is_said(source: str, message: str) -> None:
    with pytest.raises(CodeError, match=message):
        check_script(source)


@pytest.mark.parametrize("changes", [{}, {"hidden": "l1_error"}, {"back": "error.dot(W1.T)"}])
def test_verdicts_agree_with_running_it(changes: dict[str, str]) -> None:
    """Only our own scripts are ever run, and only here."""
    source = script(**changes).replace("range(20)", "range(1)")
    space: dict[str, Any] = {"print": lambda *_: None}
    exec(compile(source, "<own script>", "exec"), space)
    rng = np.random.RandomState(1)
    w0, w1 = 2 * rng.random_sample((3, 4)) - 1, 2 * rng.random_sample((4, 1)) - 1
    verdicts = outcomes(script(**changes))
    for name, start, other in (("W0", w0, w1), ("W1", w1, w0)):
        first = name == "W0"
        step = space[name] - start
        slope = differences(
            lambda w, f=first, o=other: loss(space, *((w, o) if f else (o, w))), start
        )
        follows = np.allclose(step, -0.5 * slope, rtol=1e-6, atol=1e-9)
        assert follows == (verdicts[name] == "equal")


def loss(space: dict[str, Any], w0: np.ndarray, w1: np.ndarray) -> float:
    out = space["sigmoid"](space["sigmoid"](space["X"].dot(w0)).dot(w1))
    return float(0.5 * np.sum((out - space["y"]) ** 2))


def differences(function: Callable[[np.ndarray], float], at: np.ndarray) -> np.ndarray:
    slope = np.zeros_like(at)
    for place in np.ndindex(at.shape):
        moved = [at.copy(), at.copy()]
        moved[0][place] += 1e-5
        moved[1][place] -= 1e-5
        slope[place] = (function(moved[0]) - function(moved[1])) / 2e-5
    return slope
