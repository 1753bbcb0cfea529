"""Training scripts in the styles people write, right ones and with one mistake each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

EQUAL, OTHER, SCALED, STILL = "equal", "different", "proportional", "not-updated"


@dataclass(frozen=True)
class Script:
    """A script, the outcome of each parameter, and what the oracle needs to run it.

    ``faulty`` is a piece of the line that holds the mistake. ``undecided`` names what may stay
    undecided; a wrong verdict may never come.
    """

    name: str
    source: str
    outcomes: Mapping[str, str]
    loss: str = "loss"
    rate: float = 1.0
    turn: int = 0
    faulty: str = ""
    undecided: frozenset[str] = field(default_factory=frozenset)
    in_turn: Mapping[str, str] = field(default_factory=dict)
    """What differs from ``outcomes`` in the one turn that is run."""


HEAD = "import numpy as np\nSTEPS = 40\n"

COLUMNS = HEAD + """
def sigmoid(z):
    return 1 / (1 + np.exp(-z))

x = np.array([[0.4], [-0.7], [1.2]])
d = np.array([[0.3], [0.8]])
W1 = np.array([[0.2, -0.4, 0.5], [0.1, 0.3, -0.6]])
b1 = np.array([[0.1], [-0.2]])
W2 = np.array([[0.7, -0.3], [0.25, 0.45]])
b2 = np.array([[0.05], [0.15]])
lr = 0.3
for step in range(STEPS):
    h = sigmoid(W1.dot(x) + b1)
    o = sigmoid(W2.dot(h) + b2)
    loss = 0.5 * np.sum((d - o) ** 2)
    print(step, loss)
    delta2 = (o - d) * o * (1 - o)
    delta1 = W2.T.dot(delta2) * h * (1 - h)
    W2 -= lr * delta2.dot(h.T)
    b2 -= lr * delta2
    W1 -= lr * delta1.dot(x.T)
    b1 -= lr * delta1
"""
FOUR = ("W1", "b1", "W2", "b2")


def outcomes(**changed: str) -> dict[str, str]:
    return {name: EQUAL for name in FOUR} | changed


def planted(
    name: str, old: str, new: str, base: str = COLUMNS, rate: float = 0.3, faulty: str = "",
    turn: int = 0, in_turn: Mapping[str, str] | None = None, **changed: str,
) -> Script:  # fmt: skip
    assert base.count(old) == 1, (name, base.count(old))
    return Script(
        name, base.replace(old, new), outcomes(**changed), rate=rate, turn=turn,
        in_turn=in_turn or {}, faulty=faulty or new.strip().splitlines()[-1],
    )  # fmt: skip


FORWARD_AGAIN = """    W2 -= lr * delta2.dot(h.T)
    b2 -= lr * delta2
"""

MISTAKES = (
    Script("columns", COLUMNS, outcomes(), rate=0.3),
    planted("ascent", "W1 -= lr * delta1.dot(x.T)", "W1 += lr * delta1.dot(x.T)", W1=OTHER),
    planted("rate zero", "lr = 0.3", "lr = 0.0", rate=0.3, W1=STILL, b1=STILL, W2=STILL, b2=STILL),
    planted("rate left out", "b1 -= lr * delta1", "b1 -= delta1", b1=SCALED),
    planted("twice", "W2 -= lr *", "W2 -= 2 * lr *", W2=SCALED),
    planted("bias stays", "    b1 -= lr * delta1\n", "", b1=STILL, faulty=" "),
    planted("bias is assigned", "b1 -= lr * delta1", "b1 = -lr * delta1", b1=OTHER),
    planted("derivative missing", "(o - d) * o * (1 - o)", "(o - d)",
            W1=OTHER, b1=OTHER, W2=OTHER, b2=OTHER),
    planted("hidden derivative missing", "W2.T.dot(delta2) * h * (1 - h)", "W2.T.dot(delta2)",
            W1=OTHER, b1=OTHER),
    planted("error goes back without the derivative", "W2.T.dot(delta2)", "W2.T.dot(o - d)",
            W1=OTHER, b1=OTHER),
    planted("transposed", "W2.T.dot(delta2)", "W2.dot(delta2)", W1=OTHER, b1=OTHER),
    planted("derivative of the activation", "W2.T.dot(delta2) * h * (1 - h)",
            "W2.T.dot(delta2) * sigmoid(h) * (1 - sigmoid(h))", W1=OTHER, b1=OTHER),
    planted("new weights go back",
            "    delta1 = W2.T.dot(delta2) * h * (1 - h)\n    W2 -= lr * delta2.dot(h.T)\n",
            "    W2 -= lr * delta2.dot(h.T)\n    delta1 = W2.T.dot(delta2) * h * (1 - h)\n",
            W1=OTHER, b1=OTHER),
    planted("summed over units", "b1 -= lr * delta1", "b1 -= lr * np.sum(delta1)", b1=OTHER),
    planted("no minus", "(o - d) * o * (1 - o)", "(d - o) * o * (1 - o)",
            W1=OTHER, b1=OTHER, W2=OTHER, b2=OTHER),
    planted("never in place", "W1 -= lr * delta1.dot(x.T)", "W1 - lr * delta1.dot(x.T)",
            W1=STILL, faulty=" "),
    planted("loss without a half", "0.5 * np.sum((d - o) ** 2)", "np.sum((d - o) ** 2)",
            W1=SCALED, b1=SCALED, W2=SCALED, b2=SCALED),
    planted("mean printed", "0.5 * np.sum((d - o) ** 2)", "np.mean((d - o) ** 2)",
            W1=EQUAL, b1=EQUAL, W2=EQUAL, b2=EQUAL),
    planted("loss redefined after", "    delta2 = (o - d)",
            "    loss = np.sum(np.abs(d - o))\n    print(loss)\n    delta2 = (o - d)",
            **dict.fromkeys(FOUR, OTHER)),
    planted("every second step", "    W1 -= lr * delta1.dot(x.T)\n",
            "    if step % 2 == 0:\n        W1 -= lr * delta1.dot(x.T)\n", turn=1, W1=STILL),
    planted("one wrong step", "    W1 -= lr * delta1.dot(x.T)\n",
            "    if step == 7:\n        W1 += lr * delta1.dot(x.T)\n"
            "    else:\n        W1 -= lr * delta1.dot(x.T)\n", turn=7, W1=OTHER),
    planted("wrong from the tenth", "    W1 -= lr * delta1.dot(x.T)\n",
            "    W1 -= lr * delta1.dot(x.T) * (1 + (step // 10))\n", turn=39,
            in_turn={"W1": SCALED}, W1=OTHER),
    planted("a view", "    W1 -= lr * delta1.dot(x.T)\n",
            "    first = W1[0]\n    W1 -= lr * delta1.dot(x.T)\n    first += 0.01\n", W1=OTHER),
    planted("an alias", "lr = 0.3\n", "lr = 0.3\nkept = W2\n"),
    planted("an alias changes", "    delta1 = W2.T", "    kept = W2\n    kept *= 1.01\n"
            "    delta1 = W2.T", W1=SCALED, b1=SCALED, W2=OTHER),
    planted("a copy", "    delta1 = W2.T", "    kept = W2.copy()\n    kept *= 1.01\n"
            "    delta1 = W2.T"),
    planted("decay unseen by the loss", "W1 -= lr * delta1.dot(x.T)",
            "W1 -= lr * (delta1.dot(x.T) + 0.01 * W1)", in_turn={"W1": OTHER}),
)  # fmt: skip

TRASK = HEAD + """
def nonlin(x, deriv=False):
    if (deriv == True):
        return x * (1 - x)
    return 1 / (1 + np.exp(-x))

X = np.array([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]])
y = np.array([[0], [1], [1], [0]])
np.random.seed(1)
syn0 = 2 * np.random.random((3, 4)) - 1
syn1 = 2 * np.random.random((4, 1)) - 1
for j in range(STEPS):
    l0 = X
    l1 = nonlin(np.dot(l0, syn0))
    l2 = nonlin(np.dot(l1, syn1))
    l2_error = y - l2
    if (j % 10) == 0:
        print("Error:" + str(np.mean(np.abs(l2_error))))
    l2_delta = l2_error * nonlin(l2, deriv=True)
    l1_error = l2_delta.dot(syn1.T)
    l1_delta = l1_error * nonlin(l1, deriv=True)
    syn1 += l1.T.dot(l2_delta)
    syn0 += l0.T.dot(l1_delta)
"""

CLASS = HEAD + """
class Network:
    def __init__(self, sizes, lr=0.1):
        self.lr = lr
        self.weights1 = np.random.randn(sizes[0], sizes[1])
        self.weights2 = np.random.randn(sizes[1], sizes[2])
        self.bias1 = np.zeros((1, sizes[1]))
        self.bias2 = np.zeros((1, sizes[2]))

    def sigmoid(self, s):
        return 1.0 / (1.0 + np.exp(-s))

    def forward(self, X):
        self.hidden = np.tanh(np.dot(X, self.weights1) + self.bias1)
        self.output = self.sigmoid(np.dot(self.hidden, self.weights2) + self.bias2)
        return self.output

    def backward(self, X, y):
        m = X.shape[0]
        d2 = (self.output - y) / m
        d1 = np.dot(d2, self.weights2.T) * (1 - self.hidden ** 2)
        self.weights2 -= self.lr * np.dot(self.hidden.T, d2)
        self.bias2 -= self.lr * np.sum(d2, axis=0, keepdims=True)
        self.weights1 -= self.lr * np.dot(X.T, d1)
        self.bias1 -= self.lr * np.sum(d1, axis=0, keepdims=True)

X = np.array([[0.1, 0.2, 0.3], [0.4, -0.5, 0.6], [-0.7, 0.8, 0.9], [0.2, 0.1, -0.4]])
y = np.array([[1.0], [0.0], [1.0], [0.0]])
net = Network([3, 5, 1])
for epoch in range(STEPS):
    out = net.forward(X)
    loss = -np.mean(y * np.log(out) + (1 - y) * np.log(1 - out))
    net.backward(X, y)
    print("epoch %d loss %f" % (epoch, loss))
"""

DICT = HEAD + """
np.random.seed(0)
X = np.random.randn(6, 2)
y = np.array([0, 1, 2, 0, 1, 2])
num_examples = len(X)
epsilon = 0.01
reg_lambda = 0.01

def calculate_loss(model):
    W1, b1, W2, b2 = model['W1'], model['b1'], model['W2'], model['b2']
    z1 = X.dot(W1) + b1
    a1 = np.tanh(z1)
    z2 = a1.dot(W2) + b2
    exp_scores = np.exp(z2)
    probs = exp_scores / np.sum(exp_scores, axis=1, keepdims=True)
    logprobs = -np.log(probs[range(num_examples), y])
    data_loss = np.sum(logprobs)
    data_loss += reg_lambda / 2 * (np.sum(np.square(W1)) + np.sum(np.square(W2)))
    return data_loss

model = {'W1': np.random.randn(2, 3), 'b1': np.zeros((1, 3)),
         'W2': np.random.randn(3, 3), 'b2': np.zeros((1, 3))}
for i in range(STEPS):
    loss = calculate_loss(model)
    W1, b1, W2, b2 = model['W1'], model['b1'], model['W2'], model['b2']
    z1 = X.dot(W1) + b1
    a1 = np.tanh(z1)
    z2 = a1.dot(W2) + b2
    exp_scores = np.exp(z2)
    probs = exp_scores / np.sum(exp_scores, axis=1, keepdims=True)
    delta3 = probs
    delta3[range(num_examples), y] -= 1
    dW2 = (a1.T).dot(delta3)
    db2 = np.sum(delta3, axis=0, keepdims=True)
    delta2 = delta3.dot(W2.T) * (1 - np.power(a1, 2))
    dW1 = np.dot(X.T, delta2)
    db1 = np.sum(delta2, axis=0, keepdims=True)
    dW2 += reg_lambda * W2
    dW1 += reg_lambda * W1
    W1 = W1 - epsilon * dW1
    b1 = b1 - epsilon * db1
    W2 = W2 - epsilon * dW2
    b2 = b2 - epsilon * db2
    model = {'W1': W1, 'b1': b1, 'W2': W2, 'b2': b2}
    print("Loss after iteration %i: %f" % (i, loss))
"""

NEURONS = """import math
import random
STEPS = 40
random.seed(2)

def sigmoid(x):
    return 1.0 / (1.0 + math.exp(-x))

inputs = [0.05, 0.10]
targets = [0.01, 0.99]
w_hidden = [[0.15, 0.20], [0.25, 0.30]]
w_output = [[0.40, 0.45], [0.50, 0.55]]
rate = 0.5
for step in range(STEPS):
    hidden = []
    for i in range(2):
        total = 0.0
        for j in range(len(inputs)):
            total += w_hidden[i][j] * inputs[j]
        hidden.append(sigmoid(total))
    outs = [sigmoid(sum(w * h for w, h in zip(row, hidden))) for row in w_output]
    error = 0.0
    for t, o in zip(targets, outs):
        error += 0.5 * (t - o) ** 2
    d_out = [-(t - o) * o * (1 - o) for t, o in zip(targets, outs)]
    d_hidden = [0] * len(hidden)
    for i in range(len(hidden)):
        s = 0
        for k in range(len(outs)):
            s += d_out[k] * w_output[k][i]
        d_hidden[i] = s * hidden[i] * (1 - hidden[i])
    for k in range(len(outs)):
        for i in range(len(hidden)):
            w_output[k][i] -= rate * d_out[k] * hidden[i]
    for i in range(len(hidden)):
        for j in range(len(inputs)):
            w_hidden[i][j] -= rate * d_hidden[i] * inputs[j]
    print(step, error)
"""

STYLES = (
    Script("trask", TRASK, {"syn0": EQUAL, "syn1": EQUAL}, loss="0.5 * l2_error ** 2",
           undecided=frozenset(["syn0", "syn1"])),
    Script("class", CLASS, {f"net.{p}": EQUAL for p in ("weights1", "bias1", "weights2", "bias2")},
           rate=0.1),
    Script("class without 1/m", CLASS.replace(" / m", ""),
           {f"net.{p}": SCALED for p in ("weights1", "bias1", "weights2", "bias2")}, rate=0.1),
    Script("class, bias over the wrong axis",
           CLASS.replace("np.sum(d1, axis=0, keepdims=True)", "np.sum(d1)"),
           {"net.weights1": EQUAL, "net.bias1": OTHER, "net.weights2": EQUAL, "net.bias2": EQUAL},
           rate=0.1),
    Script("dict", DICT, {f"model.{p}": EQUAL for p in FOUR}, rate=0.01),
    Script("neurons", NEURONS, {"w_hidden": EQUAL, "w_output": EQUAL}, loss="error", rate=0.5),
)

SCRIPTS = MISTAKES + STYLES
