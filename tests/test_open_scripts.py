"""Scripts that leave things open, other kinds of source, limits, causes and corrected lines."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from symbp.check.code.script import check_script
from symbp.check.files import check_file
from symbp.check.isolation import LimitError, in_child
from tests.code_scripts import COLUMNS

CLASS = """
import numpy as np

def sigmoid(z):
    return 1 / (1 + np.exp(-z))

class Net:
    def __init__(self, n_in, n_hidden, n_out, lr):
        self.W1 = np.random.randn(n_hidden, n_in)
        self.W2 = np.random.randn(n_out, n_hidden)
        self.lr = lr

    def train(self, inputs, targets):
        x = np.array(inputs, ndmin=2).T
        t = np.array(targets, ndmin=2).T
        h = sigmoid(self.W1.dot(x))
        o = sigmoid(self.W2.dot(h))
        err = t - o
        back = self.W2.T.dot(err * o * (1 - o))
        self.W2 += self.lr * np.dot(err * o * (1 - o), h.T)
        self.W1 += self.lr * np.dot(back * h * (1 - h), x.T)
"""
SLOPES = """
import numpy as np

class Model:
    def __init__(self, input_size, output_size):
        self.params = {'W': np.random.randn(input_size, output_size), 'b': np.zeros(output_size)}

    def loss(self, x, t):
        return 0.5 * np.sum((x.dot(self.params['W']) + self.params['b'] - t) ** 2)

    def gradient(self, x, t):
        e = x.dot(self.params['W']) + self.params['b'] - t
        return {'W': x.T.dot(e), 'b': e.sum(axis=0)}
"""
LOADED = """
import numpy as np
from sklearn import datasets
X, y = datasets.make_moons(200, noise=0.2)
W = np.random.randn(2, 2)
b = np.zeros((1, 2))
n = len(X)
for i in range(1000):
    e = np.exp(X.dot(W) + b)
    p = e / np.sum(e, axis=1, keepdims=True)
    loss = -np.sum(np.log(p[range(n), y])) / n
    print("loss", loss)
    d = p
    d[range(n), y] -= 1
    d /= n
    W -= 0.1 * X.T.dot(d)
    b -= 0.1 * d.sum(axis=0, keepdims=True)
"""
OLD = """
import numpy as np
X = np.array([[0.1, 0.2], [0.3, 0.5], [0.9, 0.4]])
y = np.array([[0.1], [0.7], [0.2]])
W = 2 * np.random.random((2, 1)) - 1
print "start", W
for k in xrange(7 / 2):
    out = np.tanh(X.dot(W))
    Error = 1 / 2.0 * np.sum((y - out) ** 2)
    print "Error:", Error
    W += X.T.dot((y - out) * (1 - out ** 2))
"""
LARGE = """
import numpy as np
N, D, K = 400, 90, 10
X = np.random.randn(N, D)
T = np.random.randn(N, K)
W = np.random.randn(D, K)
for k in range(100):
    loss = 0.5 * np.sum((X.dot(W) - T) ** 2)
    print(loss)
    W -= 0.001 * X.T.dot(X.dot(W) - T)
"""


SINGLE = """
import numpy as np
X = np.random.randn(4, 3)
y = np.random.randn(4, 1)
kept = W = np.random.randn(3, 1)
def total():
    return 0.5 * np.sum((X @ W - y) ** 2)
for k in range(30):
    i = k % 4
    x = X[i:i + 1]
    W = W - 0.1 * x.T @ (x @ W - y[i:i + 1])
    print("loss", total())
"""


def outcomes(source: str) -> dict[str, str]:
    return {p.name: str(p.outcome) for p in check_script(source)}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (CLASS, {"W1": "equal", "W2": "equal"}),
        (CLASS.replace("dot(err * o * (1 - o))\n", "dot(err)\n"), {"W1": "different", "W2": "equal"}),
        (SLOPES, {"params.W": "equal", "params.b": "equal"}),
        (SLOPES.replace("e.sum(axis=0)", "e.mean(axis=0)"),
         {"params.W": "equal", "params.b": "proportional"}),
        (LOADED, {"W": "proportional", "b": "proportional"}),
        (LOADED.replace("d /= n", "d = d * p"), {"W": "different", "b": "different"}),
        (OLD, {"W": "equal"}),
        (OLD.replace("(1 - out ** 2)", "(1 - out)"), {"W": "different"}),
        (LARGE, {"W": "proportional"}),
        (SINGLE, {"W": "proportional"}),
        (SINGLE.replace("0.1 * x.T", "0.1 * X[k % 2:k % 2 + 1].T"), {"W": "undecided"}),
    ],
)  # fmt: skip
def test_what_is_open_is_assumed(source: str, expected: dict[str, str]) -> None:
    assert outcomes(source) == expected


def test_what_was_assumed_is_said() -> None:
    said = {a for p in check_script(CLASS) for a in p.verdict.assumptions}
    assert said == {"n_in 2, n_hidden 4, n_out 3, lr 0.125, inputs (5, 2), targets (5, 3)"}
    assert any("smaller sizes" in a for p in check_script(LARGE) for a in p.verdict.assumptions)


def test_a_shape_is_taken_as_it_is_told() -> None:
    told = LOADED.replace("import numpy", "# symbp: shape X (3, 2)\nimport numpy")
    assert any("X (3, 2)" in a for p in check_script(told) for a in p.verdict.assumptions)


def test_a_module_beside_the_script(tmp_path: Path) -> None:
    (tmp_path / "maths.py").write_text("def double(x):\n    return 2 * x\n")
    script = tmp_path / "train.py"
    script.write_text(
        "import numpy as np\nfrom maths import double\nw = np.array([1.0, 2.0])\n"
        "x = np.array([0.5, 0.3])\nfor k in range(9):\n"
        "    loss = 0.5 * (w.dot(x) - 1) ** 2\n    print(loss)\n"
        "    w = w - 0.5 * double(w.dot(x) - 1) * 1.5 * x\n"
    )
    (found,) = check_file(script).parameters
    assert str(found.outcome) == "proportional"


def test_code_cells_of_a_notebook(tmp_path: Path) -> None:
    cells = [{"cell_type": "code", "source": ["%matplotlib inline\n", *COLUMNS.splitlines(True)]}]
    path = tmp_path / "net.ipynb"
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4}))
    assert {str(p.outcome) for p in check_file(path).parameters} == {"equal"}


def test_a_child_that_takes_too_long_is_killed() -> None:
    start = time.monotonic()
    with pytest.raises(LimitError, match="more than"):
        in_child(lambda: time.sleep(60), seconds=0.1)
    assert time.monotonic() - start < 10
    with pytest.raises(LimitError, match="MiB"):
        in_child(lambda: len(bytearray(300 << 20)) + time.sleep(60), most=100 << 20)
    assert in_child(lambda: [1, "two"]) == [1, "two"]


@pytest.mark.parametrize(
    ("old", "new", "kind", "expected"),
    [
        ("W1 -= lr *", "W1 += lr *", "sign", "W1 -= lr * delta1.dot(x.T)"),
        ("(o - d) * o * (1 - o)", "(o - d)", "derivative", "delta2 = (o - d) * o * (1 - o)"),
        ("W2.T.dot(delta2)", "W2.dot(delta2)", "transposed",
         "delta1 = W2.T.dot(delta2) * h * (1 - h)"),
        ("b1 -= lr * delta1", "b1 = -lr * delta1", "assignment", "b1 += -lr * delta1"),
        ("W1 -= lr * delta1", "W1 - lr * delta1", "assignment", "W1 = W1 - lr * delta1.dot(x.T)"),
    ],
)  # fmt: skip
def test_the_corrected_line_is_proved(old: str, new: str, kind: str, expected: str) -> None:
    source = COLUMNS.replace(old, new)
    line = next(k for k, text in enumerate(source.splitlines(), 1) if new in text)
    wrong = [p for p in check_script(source, causes=True) if str(p.outcome) != "equal"]
    for parameter in wrong:
        cause = parameter.verdict.diagnosis
        assert cause is not None
        assert (cause.kind, cause.expected, parameter.line) == (kind, f"line {line}: {expected}", line)
