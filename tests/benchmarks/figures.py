"""What is measured: the article's step against a blog's, and the growth of a derivation."""

from __future__ import annotations

import itertools
import math
import statistics
import time
from collections.abc import Callable, Iterator

import numpy as np
from sympy.core.cache import clear_cache

import symbp
from symbp.core.chain import derive

PAIRS = 30
STEPS = 2_000
WIDTHS = [[4, 6, 4, 2], [8, 16, 16, 4], [16, 32, 32, 8]]


def _seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def blog_step(steps: int) -> Callable[[], object]:
    """A loop as tutorials write it: np.dot, a helper with a flag; loss and update included."""

    def nonlin(x: np.ndarray, deriv: bool = False) -> np.ndarray:
        return x * (1 - x) if deriv else 1 / (1 + np.exp(-x))

    x, y = np.array([[0.35], [0.9]]), np.array([[0.5]])
    w0, w1 = np.array([[0.1, 0.8], [0.4, 0.6]]), np.array([[0.3, 0.9]])

    def run() -> None:
        nonlocal w0, w1
        for _ in range(steps):
            l1 = nonlin(np.dot(w0, x))
            l2 = nonlin(np.dot(w1, l1))
            error = y - l2
            loss = 1 / 2.0 * error**2  # noqa: F841  # ours computes it too
            delta = error * nonlin(l2, True)
            hidden = np.dot(w1.T, delta) * nonlin(l1, True)
            w1 += np.dot(delta, l1.T)
            w0 += np.dot(hidden, x.T)

    return run


def scalar_step(steps: int) -> Callable[[], object]:
    """The compiled step of the same network on Python floats, called once a step."""
    step = symbp.lambdify(article().scalars(), update=symbp.SGD(lr=1))
    start = (0.1, 0.8, 0.4, 0.6, 0.3, 0.9)

    def run() -> None:
        weights = start
        for _ in range(steps):
            _, *weights = step(*weights, 0.35, 0.9, 0.5)  # type: ignore[assignment]

    return run


def array_step(steps: int) -> Callable[[], object]:
    """The compiled step on arrays, in place."""
    step = symbp.lambdify(article(), update=symbp.SGD(lr=1))
    w1, w2 = np.array([[0.1, 0.8], [0.4, 0.6]]), np.array([[0.3, 0.9]])
    x, d = np.array([0.35, 0.9]), np.array([0.5])

    def run() -> None:
        for _ in range(steps):
            step(w1, w2, x, d)

    return run


def fused_loop(steps: int) -> Callable[[], object]:
    """All steps in one call."""
    step = symbp.lambdify(article().scalars(), update=symbp.SGD(lr=1))
    return lambda: step.loop(steps, 0.1, 0.8, 0.4, 0.6, 0.3, 0.9, 0.35, 0.9, 0.5)


def article() -> symbp.Program:
    """The article's network."""
    return symbp.mlp([2, 2, 1], bias=False)


def step_figures() -> Iterator[tuple[str, str]]:
    """Medians of interleaved pairs: ours over the blog's."""
    for name, make in (("a step on floats", scalar_step), ("a step on arrays", array_step),
                       ("the fused loop", fused_loop)):  # fmt: skip
        ours, blog = make(STEPS), blog_step(STEPS)
        ratios = []
        for _ in range(PAIRS):
            ratios.append(_seconds(ours) / _seconds(blog))
        low, middle, high = min(ratios), statistics.median(ratios), max(ratios)
        yield f"article net, {name} / a blog's NumPy step", f"{middle:.3f} ({low:.3f}-{high:.3f})"


def derivation_seconds(widths: list[int]) -> float:
    """All partials in scalar form, SymPy's cache cleared before: the median of five."""
    times = []
    for _ in range(5):
        clear_cache()
        times.append(_seconds(lambda: derive(symbp.mlp(widths, bias=False)).scalars()))
    return statistics.median(times)


def weights(widths: list[int]) -> int:
    """How many weights a net without biases has."""
    return sum(a * b for a, b in itertools.pairwise(widths))


def derivation_figures() -> Iterator[tuple[str, str]]:
    """Seconds in scalar form, the exponent of growth, and the index form of a large net."""
    seconds = [derivation_seconds(w) for w in WIDTHS]
    for widths, value in zip(WIDTHS, seconds, strict=True):
        yield f"all partials, {weights(widths)} weights, scalar form", f"{value * 1e3:.0f} ms"
    growth = math.log(seconds[-1] / seconds[0]) / math.log(weights(WIDTHS[-1]) / weights(WIDTHS[0]))
    yield "growth exponent from 56 to 1,792 weights", f"{growth:.2f}"
    program = symbp.mlp([784, 128, 10], ["sigmoid", "softmax"], "cross-entropy", samples=32)
    times = []
    for _ in range(5):
        clear_cache()
        times.append(_seconds(lambda: derive(program)))
    yield "784-128-10 in index form", f"{statistics.median(times) * 1e3:.1f} ms"
