"""The targets against one another and against code written by hand, on one thread.

Every ratio is a median of rounds in which all candidates take turns, so that what disturbs the
machine disturbs them all.
"""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from importlib import import_module
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

import symbp
from symbp.write.c_library import built
from tests.benchmarks.figures import _seconds, article, blog_step
from tests.test_targets import HERE, changing

ROUNDS = 25
FUSED = 20_000
ARTICLE = [np.array([[0.1, 0.8], [0.4, 0.6]]), np.array([[0.3, 0.9]]),
           np.array([0.35, 0.9]), np.array([0.5])]  # fmt: skip
DENSE = [(32, "float32"), (128, "float32"), (1024, "float32"), (32, "float64"), (128, "float64")]
HAND_C = """#include <math.h>
double loop(long n, double *w, double *v, const double *x, const double *d, double *state) {
    double w11 = w[0], w12 = w[1], w21 = w[2], w22 = w[3], v1 = v[0], v2 = v[1], o = 0;
    (void)state;
    for (long k = 0; k < n; k++) {
        double a1 = 1 / (1 + exp(-(w11 * x[0] + w12 * x[1])));
        double a2 = 1 / (1 + exp(-(w21 * x[0] + w22 * x[1])));
        o = 1 / (1 + exp(-(v1 * a1 + v2 * a2)));
        double e = (o - d[0]) * o * (1 - o);
        double e1 = v1 * e * a1 * (1 - a1), e2 = v2 * e * a2 * (1 - a2);
        v1 -= e * a1; v2 -= e * a2;
        w11 -= e1 * x[0]; w12 -= e1 * x[1]; w21 -= e2 * x[0]; w22 -= e2 * x[1];
    }
    w[0] = w11; w[1] = w12; w[2] = w21; w[3] = w22; v[0] = v1; v[1] = v2;
    return (d[0] - o) * (d[0] - o) / 2;
}
"""
Candidates = Mapping[str, Callable[[], object]]


def ratios(candidates: Candidates, base: str, rounds: int = ROUNDS) -> dict[str, float]:
    """Each candidate's time over that of the base, the median of interleaved rounds."""
    for call in candidates.values():  # a first call compiles, and fills caches
        call()
    found: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(rounds):
        times = {name: _seconds(call) for name, call in candidates.items()}
        for name, seconds in times.items():
            found[name].append(seconds / times[base])
    return {name: statistics.median(values) for name, values in found.items()}


def target_figures() -> Iterator[tuple[str, str]]:
    """The rows of the table; other threads rest."""
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    if "torch" in HERE:
        import_module("torch").set_num_threads(1)
    with threadpool_limits(1):
        rows = ratios(steps(200), "blog", 10)
        yield "article net, a step on arrays / a blog's NumPy step", _line(rows, "blog")
        rows = ratios(loops(FUSED), "numpy", 9)
        yield "article net, the fused loop / that of numpy", _line(rows, "numpy")
        for batch, dtype in DENSE:
            rows = ratios(dense(batch, dtype), "products")
            name = f"784-128-10, {dtype}, batch {batch} / its bare matrix products"
            yield name, _line(rows, "products")


def _line(rows: Mapping[str, float], base: str) -> str:
    return ", ".join(f"{name} {value:.3g}" for name, value in rows.items() if name != base)


def steps(count: int) -> Candidates:
    """As many steps of the article's network, each called by itself."""
    found: dict[str, Callable[[], object]] = {"blog": blog_step(count)}
    for target in HERE:
        step = symbp.lambdify(article(), update=symbp.SGD(lr=1), target=target)
        found[target] = partial(_repeated, step, placed(target, ARTICLE), count)
    return found


def _repeated(step: Callable[..., Any], values: list[Any], count: int) -> None:
    for _ in range(count):
        last = step(*values)
    if hasattr(last[0], "block_until_ready"):
        last[0].block_until_ready()


def loops(count: int) -> Candidates:
    """The same as one call; of C also a loop that was written by hand."""
    found: dict[str, Callable[[], object]] = {}
    for target in [t for t in HERE if t != "torch"]:
        loop = symbp.lambdify(article(), update=symbp.SGD(lr=1), target=target).loop
        found[target] = partial(_repeated, partial(loop, count), placed(target, ARTICLE), 1)
    if "c" in HERE:
        ffi, library = built(HAND_C)
        own = [ffi.from_buffer("double[]", a.copy()) for a in (*ARTICLE, np.zeros(1))]
        found["C by hand"] = lambda: library.loop(count, *own)
    return found


def dense(batch: int, dtype: str) -> Candidates:
    """One update of softmax regression with a hidden layer, by every target and by hand."""
    net = symbp.mlp([784, 128, 10], ["sigmoid", "softmax"], "cross-entropy", samples=batch)
    rng = np.random.default_rng(0)
    own = [rng.normal(size=[int(s) for s in net.shapes[p.name]]).astype(dtype) / 20
           for p in net.parameters]  # fmt: skip
    x = rng.uniform(size=(784, batch)).astype(dtype)
    d = np.eye(10, dtype=dtype)[rng.integers(0, 10, batch)].T.copy()
    found: dict[str, Callable[[], object]] = {
        "products": bare_products(own, x, d), "numpy by hand": by_hand(own, x, d),
    }  # fmt: skip
    for target in HERE:
        step = symbp.lambdify(net, update=symbp.SGD(lr=0.01), target=target, dtype=dtype)
        values = [*placed(target, own), *placed(target, [x, d])]
        found[target] = partial(_repeated, step, values, 1)
    if "jax" in HERE:
        found["jax.grad"] = jax_by_hand(own, x, d)
    if "torch" in HERE:
        found["torch eager"] = torch_by_hand(own, x, d)
    return found


def placed(target: str, values: list[np.ndarray]) -> list[Any]:
    """Arrays of the target's own kind, which it need not bring anywhere first."""
    own = changing(target, values)
    return [*map(import_module("jax.numpy").asarray, own)] if target == "jax" else own


def bare_products(own: list[np.ndarray], x: np.ndarray, d: np.ndarray) -> Callable[[], object]:
    """The five products of matrices of a step, and nothing else."""
    w1, _, w2, _ = own
    a, z, back = (np.empty((n, x.shape[1]), x.dtype) for n in (128, 10, 128))
    g1, g2 = np.empty_like(w1), np.empty_like(w2)

    def run() -> None:
        np.dot(w1, x, out=a)
        np.dot(w2, a, out=z)
        np.dot(w2.T, d, out=back)
        np.dot(back, x.T, out=g1)
        np.dot(d, a.T, out=g2)

    return run


def by_hand(own: list[np.ndarray], x: np.ndarray, d: np.ndarray) -> Callable[[], object]:
    """A step as one writes it with care: buffers, in place, η in the deltas."""
    w1, b1, w2, b2 = (p.copy() for p in own)
    a, z, back = (np.empty((n, x.shape[1]), x.dtype) for n in (128, 10, 128))
    g1, g2, rate = np.empty_like(w1), np.empty_like(w2), x.dtype.type(0.01 / x.shape[1])

    def run() -> object:
        np.dot(w1, x, out=a)
        np.add(a, b1[:, None], out=a)
        np.negative(a, out=a)
        np.exp(a, out=a)
        np.add(a, 1, out=a)
        np.reciprocal(a, out=a)
        np.dot(w2, a, out=z)
        np.add(z, b2[:, None], out=z)
        np.subtract(z, z.max(0), out=z)
        loss = -np.vdot(d, z) / x.shape[1]
        np.exp(z, out=z)
        total = z.sum(0)
        loss += np.log(total).mean()
        np.divide(z, total, out=z)
        np.subtract(z, d, out=z)
        np.multiply(z, rate, out=z)
        np.dot(w2.T, z, out=back)
        np.dot(z, a.T, out=g2)
        np.multiply(back, a, out=back)
        np.subtract(1, a, out=a)
        np.multiply(back, a, out=back)
        np.dot(back, x.T, out=g1)
        np.subtract(w2, g2, out=w2)
        np.subtract(b2, z.sum(1), out=b2)
        np.subtract(w1, g1, out=w1)
        np.subtract(b1, back.sum(1), out=b1)
        return loss

    return run


def jax_by_hand(own: list[np.ndarray], x: np.ndarray, d: np.ndarray) -> Callable[[], object]:
    """A jitted step that JAX differentiates."""
    jax, jnp = import_module("jax"), import_module("jax.numpy")

    def loss(p: list[Any], x: Any, d: Any) -> Any:
        z = p[2] @ jax.nn.sigmoid(p[0] @ x + p[1][:, None]) + p[3][:, None]
        return -jnp.sum(d * jax.nn.log_softmax(z, axis=0)) / x.shape[1]

    @jax.jit  # type: ignore[untyped-decorator]
    def step(p: list[Any], x: Any, d: Any) -> Any:
        value, slopes = jax.value_and_grad(loss)(p, x, d)
        return value, [w - 0.01 * g for w, g in zip(p, slopes, strict=True)]

    values, data = [*map(jnp.asarray, own)], [*map(jnp.asarray, (x, d))]
    return lambda: step(values, *data)[0].block_until_ready()


def torch_by_hand(own: list[np.ndarray], x: np.ndarray, d: np.ndarray) -> Callable[[], object]:
    """A step that PyTorch differentiates, with its optimizer."""
    torch = import_module("torch")
    w1, b1, w2, b2 = (torch.tensor(p, requires_grad=True) for p in own)
    inputs, targets = torch.tensor(x.T.copy()), torch.tensor(d.T.copy())
    optimizer = torch.optim.SGD([w1, b1, w2, b2], lr=0.01)

    def run() -> None:
        optimizer.zero_grad()
        hidden = torch.sigmoid(torch.nn.functional.linear(inputs, w1, b1))
        z = torch.nn.functional.linear(hidden, w2, b2)
        torch.nn.functional.cross_entropy(z, targets).backward()
        optimizer.step()

    return run
