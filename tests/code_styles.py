"""More ways in which people write training scripts, right ones and with one mistake each."""

from __future__ import annotations

from tests.code_scripts import EQUAL, HEAD, OTHER, SCALED, STILL, Script

DATA = """
rng = np.random.RandomState(3)
X = rng.randn(5, 3)
T = np.eye(3)[[0, 1, 2, 0, 1]]
y = np.array([[0.2], [0.7], [0.4], [0.9], [0.1]])
"""

RELU = HEAD + DATA + """
W1 = rng.randn(3, 4) * 0.7
b1 = rng.randn(4) * 0.1
W2 = rng.randn(4, 3) * 0.7
b2 = np.zeros(3)
eta = 0.05
for it in range(STEPS):
    z1 = X @ W1 + b1
    a1 = np.maximum(0, z1)
    scores = a1 @ W2 + b2
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    loss = -np.sum(T * np.log(p)) / len(X)
    if it % 10 == 0:
        print("loss", loss)
    dscores = (p - T) / len(X)
    dW2 = a1.T @ dscores
    db2 = dscores.sum(axis=0)
    da1 = dscores @ W2.T
    da1[z1 <= 0] = 0
    dW1 = X.T @ da1
    db1 = da1.sum(axis=0)
    W1 -= eta * dW1
    b1 -= eta * db1
    W2 -= eta * dW2
    b2 -= eta * db2
"""
FOUR = ("W1", "b1", "W2", "b2")

LINEAR = HEAD + DATA + """
w = np.zeros((3, 1))
b = 0.0
learning_rate = 0.1
m = X.shape[0]
for step in range(STEPS):
    prediction = np.dot(X, w) + b
    cost = np.sum((prediction - y) ** 2) / (2 * m)
    dw = np.dot(X.T, prediction - y) / m
    db = np.sum(prediction - y) / m
    w = w - learning_rate * dw
    b = b - learning_rate * db
    print("cost", cost)
"""

LOGISTIC = HEAD + """
def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))

def propagate(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    cost = -1 / m * np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A))
    dw = 1 / m * np.dot(X, (A - Y).T)
    db = 1 / m * np.sum(A - Y)
    return {"dw": dw, "db": db}, cost

rng = np.random.RandomState(2)
X = rng.randn(3, 6)
Y = np.array([[1, 0, 1, 1, 0, 0]])
w = rng.randn(3, 1) * 0.1
b = 0.1
for i in range(STEPS):
    grads, cost = propagate(w, b, X, Y)
    w = w - 0.1 * grads["dw"]
    b = b - 0.1 * grads["db"]
    if i % 100 == 0:
        print("Cost after iteration %i: %f" % (i, cost))
"""

LAYERS = HEAD + DATA + """
class Dense:
    def __init__(self, n, m):
        self.W = rng.randn(n, m) * 0.5
        self.b = np.zeros((1, m))

    def forward(self, x):
        self.x = x
        return x.dot(self.W) + self.b

    def backward(self, grad, lr):
        dx = grad.dot(self.W.T)
        self.W -= lr * self.x.T.dot(grad)
        self.b -= lr * grad.sum(axis=0, keepdims=True)
        return dx

class Tanh:
    def forward(self, x):
        self.out = np.tanh(x)
        return self.out

    def backward(self, grad, lr):
        return grad * (1 - self.out ** 2)

first = Dense(3, 4)
second = Dense(4, 1)
layers = [first, Tanh(), second]
lr = 0.1
for epoch in range(STEPS):
    out = X
    for layer in layers:
        out = layer.forward(out)
    loss = np.mean((out - y) ** 2)
    print(f"epoch {epoch} loss {loss:.4f}")
    grad = 2 * (out - y) / y.size
    for layer in reversed(layers):
        grad = layer.backward(grad, lr)
"""
PARTS = ("first.W", "first.b", "second.W", "second.b")

LISTS = HEAD + """
def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))

np.random.seed(4)
sizes = [3, 4, 2]
biases = [np.random.randn(n, 1) for n in sizes[1:]]
weights = [np.random.randn(n, m) for m, n in zip(sizes[:-1], sizes[1:])]
targets = [np.array([[0.2], [0.8]]), np.array([[0.9], [0.3]])]
data = [(np.random.randn(3, 1), t) for t in targets]
eta = 0.5
for epoch in range(STEPS):
    nabla_b = [np.zeros(b.shape) for b in biases]
    nabla_w = [np.zeros(w.shape) for w in weights]
    cost = 0
    for x, t in data:
        activation, activations, zs = x, [x], []
        for b, w in zip(biases, weights):
            z = np.dot(w, activation) + b
            zs.append(z)
            activation = sigmoid(z)
            activations.append(activation)
        cost += 0.5 * np.sum((activation - t) ** 2)
        delta = (activations[-1] - t) * sigmoid(zs[-1]) * (1 - sigmoid(zs[-1]))
        nabla_b[-1] += delta
        nabla_w[-1] += np.dot(delta, activations[-2].T)
        for k in range(2, len(sizes)):
            sp = sigmoid(zs[-k]) * (1 - sigmoid(zs[-k]))
            delta = np.dot(weights[-k + 1].T, delta) * sp
            nabla_b[-k] += delta
            nabla_w[-k] += np.dot(delta, activations[-k - 1].T)
    print("cost:", cost)
    for k in range(len(weights)):
        weights[k] -= eta * nabla_w[k]
        biases[k] -= eta * nabla_b[k]
"""
MORE = ("weights[0]", "weights[1]", "biases[0]", "biases[1]")

DECAY = HEAD + DATA + """
W = rng.randn(3, 1)
V = rng.randn(1)
lam = 0.01
alpha = 0.2
for k in range(STEPS):
    out = 1 / (1 + np.exp(-(X.dot(W) + V)))
    loss = 0.5 * np.sum((out - y) ** 2) + 0.5 * lam * np.sum(W ** 2)
    print(loss)
    delta = (out - y) * out * (1 - out)
    W -= alpha * (X.T.dot(delta) + lam * W)
    V -= alpha * delta.sum(axis=0)
"""

SCHEDULE = HEAD + DATA + """
W = rng.randn(3, 1)
eta = 0.3
for k in range(STEPS):
    rate = eta / (1 + 0.1 * k)
    out = np.tanh(X @ W)
    loss = 0.5 * ((out - y) ** 2).sum()
    print(loss)
    W = W - rate * X.T @ ((out - y) * (1 - out ** 2))
"""

BATCHES = HEAD + DATA + """
def batches(X, y, size):
    for start in range(0, len(X), size):
        yield X[start:start + size], y[start:start + size]

W = rng.randn(3, 1)
lr = 0.1
for xb, yb in list(batches(X, y, 2)) * STEPS:
    error = xb.dot(W) - yb
    loss = np.mean(error ** 2)
    print("loss", loss)
    W -= lr * 2 / len(xb) * xb.T.dot(error)
"""

BIASED = HEAD + DATA + """
Xb = np.hstack([X, np.ones((5, 1))])
W1 = rng.randn(4, 3) * 0.5
W2 = rng.randn(3, 1) * 0.5
lr = 0.2
for k in range(STEPS):
    h = 1 / (1 + np.exp(-Xb.dot(W1)))
    o = h.dot(W2)
    err = o - y
    loss = np.sum(np.square(err)) / 2
    print(loss)
    gW2 = np.einsum("nj,nk->jk", h, err)
    gW1 = np.tensordot(Xb, err.dot(W2.T) * h * (1 - h), axes=([0], [0]))
    W1 -= lr * gW1
    W2 -= lr * gW2
"""

ROWS = HEAD + DATA + """
w1 = [[0.1, -0.2, 0.3], [0.4, 0.5, -0.6]]
w2 = [0.7, -0.8]
lr = 0.3
n = 0
import math
def s(x):
    return 1 / (1 + math.exp(-x))
row, target = [0.5, -1.0, 0.25], 0.8
for n in range(STEPS):
    h = [s(sum(map(lambda p: p[0] * p[1], zip(w, row)))) for w in w1]
    o = s(sum(a * b for a, b in zip(h, w2)))
    loss = (target - o) ** 2 / 2
    print("error", loss)
    d = (target - o) * o * (1 - o)
    dh = [d * w2[i] * h[i] * (1 - h[i]) for i in range(2)]
    for i in range(2):
        w2[i] += lr * d * h[i]
        for j, x in enumerate(row):
            w1[i][j] += lr * dh[i] * x
"""


def same(*names: str, **changed: str) -> dict[str, str]:
    return dict.fromkeys(names, EQUAL) | changed


def row(
    name: str, base: str, outcomes: dict[str, str], old: str = "", new: str = "", *,
    loss: str = "loss", rate: float = 0.1, undecided: tuple[str, ...] = (), faulty: str | None = None,
) -> Script:  # fmt: skip
    assert not old or base.count(old) == 1, (name, base.count(old))
    line = new.strip().splitlines()[-1] if new.strip() else " "
    return Script(
        name, base.replace(old, new) if old else base, outcomes, loss, rate,
        faulty=line if faulty is None else faulty, undecided=frozenset(undecided),
    )  # fmt: skip


MORE_SCRIPTS = (
    row("relu softmax", RELU, same(*FOUR), rate=0.05),
    row("relu, no mask", RELU, same(*FOUR, W1=OTHER, b1=OTHER), "    da1[z1 <= 0] = 0\n", "",
        rate=0.05),
    row("relu, mask of the wrong side", RELU, same(*FOUR, W1=OTHER, b1=OTHER),
        "da1[z1 <= 0] = 0", "da1[z1 > 0] = 0", rate=0.05),
    row("relu, mask times", RELU, same(*FOUR), "da1[z1 <= 0] = 0", "da1 = da1 * (a1 > 0)", rate=0.05),
    row("softmax, no mean", RELU, dict.fromkeys(FOUR, SCALED), "(p - T) / len(X)", "p - T", rate=0.05),
    row("softmax, sigmoid's slope", RELU, dict.fromkeys(FOUR, OTHER), "(p - T) / len(X)",
        "(p - T) * p * (1 - p) / len(X)", rate=0.05),
    row("softmax, bias by mean", RELU, same(*FOUR, b2=SCALED), "db2 = dscores.sum(axis=0)",
        "db2 = dscores.mean(axis=0)", rate=0.05),
    row("softmax, bias of the other class", RELU, same(*FOUR, b2=OTHER), "db2 = dscores.sum(axis=0)",
        "db2 = dscores.sum(axis=0)[::-1]", rate=0.05),
    row("linear", LINEAR, same("w", "b"), loss="cost"),
    row("linear, wrong sign", LINEAR, same("w", b=OTHER), "b = b - learning_rate * db",
        "b = b + learning_rate * db", loss="cost"),
    row("linear, no half", LINEAR, {"w": SCALED, "b": SCALED}, "/ (2 * m)", "/ m", loss="cost"),
    row("linear, bias left", LINEAR, same("w", b=STILL), "    b = b - learning_rate * db\n", "",
        loss="cost"),
    row("linear, error squared", LINEAR, same("b", w=OTHER), "np.dot(X.T, prediction - y) / m",
        "np.dot(X.T, (prediction - y) ** 2) / m", loss="cost"),
    row("logistic", LOGISTIC, {"w": SCALED, "b": SCALED}, loss="cost", rate=1.0),
    row("logistic, slope too many", LOGISTIC, {"w": OTHER, "b": SCALED}, "np.dot(X, (A - Y).T)",
        "np.dot(X, ((A - Y) * A * (1 - A)).T)", loss="cost", rate=1.0),
    row("logistic, mean over all", LOGISTIC, {"w": SCALED, "b": SCALED}, "1 / m * np.sum(A - Y)",
        "np.sum(A - Y)", loss="cost", rate=1.0),
    row("layers", LAYERS, same(*PARTS)),
    row("layers, new weights go back", LAYERS, same(*PARTS, **{"first.W": OTHER, "first.b": OTHER}),
        "        dx = grad.dot(self.W.T)\n        self.W -= lr * self.x.T.dot(grad)\n",
        "        self.W -= lr * self.x.T.dot(grad)\n        dx = grad.dot(self.W.T)\n"),
    row("layers, slope of the input", LAYERS, same(*PARTS, **{"first.W": OTHER, "first.b": OTHER}),
        "grad * (1 - self.out ** 2)", "grad * (1 - np.tanh(self.out) ** 2)"),
    row("layers, no two", LAYERS, dict.fromkeys(PARTS, SCALED), "2 * (out - y)", "(out - y)"),
    row("layers, bias assigned", LAYERS, same("first.W", "second.W", **{"first.b": OTHER,
        "second.b": OTHER}), "self.b -= lr *", "self.b = -lr *"),
    row("lists", LISTS, same(*MORE), loss="cost", rate=0.5),
    row("lists, one layer off", LISTS, same(*MORE, **{"weights[0]": OTHER}),
        "np.dot(delta, activations[-k - 1].T)", "np.dot(delta, activations[-k - 1].T ** 2)",
        loss="cost", rate=0.5),
    row("lists, slope missing", LISTS, dict.fromkeys(MORE, OTHER),
        " * sigmoid(zs[-1]) * (1 - sigmoid(zs[-1]))", "", loss="cost", rate=0.5,
        faulty="delta = (activations[-1] - t)"),
    row("lists, last sample only", LISTS, same(*MORE, **{"weights[1]": OTHER}),
        "nabla_w[-1] += np", "nabla_w[-1] = np", loss="cost", rate=0.5),
    row("decay", DECAY, same("W", "V"), rate=0.2),
    row("decay forgotten", DECAY, same("V", W=OTHER), "X.T.dot(delta) + lam * W", "X.T.dot(delta)",
        rate=0.2),
    row("decay twice", DECAY, same("V", W=OTHER), "+ lam * W", "+ 2 * lam * W", rate=0.2),
    row("schedule", SCHEDULE, same("W"), rate=0.3, undecided=("W",)),
    row("batches", BATCHES, same("W")),
    row("batches, fixed size", BATCHES, {"W": SCALED}, "2 / len(xb)", "1 / len(xb)"),
    row("bias column", BIASED, same("W1", "W2"), rate=0.2),
    row("bias column, order of letters", BIASED, {"W1": OTHER, "W2": EQUAL}, "err.dot(W2.T)",
        "err.dot(W2[::-1].T)", rate=0.2),
    row("rows", ROWS, same("w1", "w2"), rate=0.3),
    row("rows, new weights", ROWS, same("w2", w1=OTHER),
        "            w1[i][j] += lr * dh[i] * x\n",
        "            w1[i][j] += lr * d * w2[i] * h[i] * (1 - h[i]) * x\n", rate=0.3),
    row("rows, slope missing", ROWS, same("w2", w1=OTHER), "* h[i] * (1 - h[i]) for i in range(2)",
        "for i in range(2)", rate=0.3),
)  # fmt: skip
