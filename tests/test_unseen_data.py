"""Scripts whose data lie in files, whose steps are called by nobody, or that clip and remember."""

from __future__ import annotations

import pytest

from symbp.check.code.script import check_script

TABLE = """
import numpy as np
import pandas as pd

table = np.array(pd.read_csv("digits.csv"))
rows, columns = table.shape
np.random.shuffle(table)
held, kept = table[:900].T, table[900:rows].T
labels, images = kept[0], kept[1:columns] / 255.0
W = np.random.rand(10, 784) - 0.5
c = np.random.rand(10, 1) - 0.5

def wanted(labels):
    marks = np.zeros((labels.max() + 1, labels.size))
    marks[labels, np.arange(labels.size)] = 1
    return marks

def train(images, labels, turns, rate):
    global W, c
    for turn in range(turns):
        e = np.exp(W.dot(images) + c)
        p = e / sum(e)
        d = p - wanted(labels)
        W -= rate * d.dot(images.T) / labels.size
        c -= rate * {bias}

train(images, labels, 300, 0.1)
"""
FRAME = """
import numpy as np
import pandas as pd

frame = pd.read_csv("houses.csv")
frame["size"] = frame["size"] / frame["size"].std()
X = frame["size"].values.reshape(-1, 1)
Y = frame["price"].values.reshape(-1, 1)
rate = 0.1
w = np.random.randn(1, 1)
b = np.zeros((1, 1))
for epoch in range(500):
    out = X.dot(w) + b
    cost = np.sum((out - Y) ** 2) / (2 * len(X))
    print("cost", cost)
    w -= rate * X.T.dot(out - Y) / len(X)
    b -= rate * np.{bias}(out - Y)
"""
STEP = """
import numpy as np

class Net:
    def __init__(self, n_in=3, n_h=4, n_out=1, rate=0.1):
        self.V = np.random.randn(n_in, n_h)
        self.W = np.random.randn(n_h, n_out)
        self.rate = rate

    def forward(self, x):
        self.h = np.tanh(x.dot(self.V))
        return self.h.dot(self.W)

    def backward(self, x, y, output):
        d = y - output
        back = d.dot(self.W.T) * {slope}
        self.W += self.rate * self.h.T.dot(d)
        self.V += self.rate * x.T.dot(back)
"""
CLIPPED = """
import numpy as np

def sigmoid(z):
    z = np.clip(z, -500, 500)
    return 1 / (1 + np.exp(-z))

X = np.random.randn(4, 2)
y = np.random.randn(4, 1)
rate = 0.1
V = np.random.randn(2, 3)
W = np.random.randn(3, 1)
for epoch in range(100):
    h = sigmoid(X @ V)
    o = sigmoid(h @ W)
    loss = 0.5 * np.sum((o - y) ** 2)
    print(loss)
    d = (o - y) * o * (1 - o)
    back = d @ W.T * {slope}
    W -= rate * h.T @ d
    V -= rate * X.T @ back
"""
HEAVY = """
import numpy as np

class Net:
    def __init__(self, n_in, n_out, eta=0.25, momentum=0.9):
        self.W = np.random.rand(n_in, n_out)
        self.eta, self.momentum = eta, momentum

    def train(self, inputs, targets, n_iterations):
        moved = np.zeros(np.shape(self.W))
        for i in range(n_iterations):
            outputs = 1 / (1 + np.exp(-inputs.dot(self.W)))
            d = (outputs - targets) * {slope}
            moved = self.eta * inputs.T.dot(d) + self.momentum * moved
            self.W -= moved
"""


@pytest.mark.parametrize(
    ("source", "outcomes"),
    [
        (TABLE.format(bias="d.sum(axis=1, keepdims=True) / labels.size"), "equal equal"),
        (TABLE.format(bias="np.sum(d) / labels.size"), "equal different"),
        (FRAME.format(bias="mean"), "equal equal"),
        (FRAME.format(bias="sum"), "proportional equal"),
        (STEP.format(slope="(1 - self.h ** 2)"), "equal equal"),
        (STEP.format(slope="self.h * (1 - self.h)"), "different equal"),
        (CLIPPED.format(slope="h * (1 - h)"), "equal equal"),
        (CLIPPED.format(slope="h"), "different equal"),
        (HEAVY.format(slope="outputs * (1 - outputs)"), "equal"),
    ],
)
def test_what_is_left_open_is_assumed_and_the_step_is_judged(source: str, outcomes: str) -> None:
    found = check_script(source)
    assert " ".join(str(p.outcome) for p in sorted(found, key=lambda p: p.name)) == outcomes


def test_an_exponential_named_e_is_no_loss() -> None:
    """Softmax's numerator is positive and has an error's name; nothing prints it."""
    found = check_script(TABLE.format(bias="d.sum(axis=1, keepdims=True)"))
    assert all("cross-entropy" in str(p.loss) for p in found)


def test_an_overflow_guard_is_told() -> None:
    found = check_script(CLIPPED.format(slope="h * (1 - h)"))
    assert all("clipped" in " ".join(p.verdict.assumptions) for p in found)


def test_a_wrong_step_of_an_optimizer_without_a_loss_is_no_gradient() -> None:
    found = check_script(HEAVY.format(slope="outputs"))
    assert [str(p.outcome) for p in found] == ["undecided"]
