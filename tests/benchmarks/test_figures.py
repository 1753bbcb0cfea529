"""The benchmarks themselves: what they time does the same work, and they run."""

from __future__ import annotations

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

import symbp
from tests.benchmarks.deciding import (
    all_formulas,
    large_graph,
    one_formula,
    pairs,
    read_and_derived,
    score,
    whole_arrays,
    with_reading,
)
from tests.benchmarks.figures import (
    array_step,
    blog_step,
    derivation_seconds,
    fused_loop,
    scalar_step,
    weights,
)
from tests.benchmarks.targets import by_hand, dense, jax_by_hand, loops, ratios


@pytest.mark.parametrize("make", [blog_step, scalar_step, array_step, fused_loop])
def test_a_step(benchmark: BenchmarkFixture, make: object) -> None:
    benchmark(make(10))  # type: ignore[operator]


def test_what_the_targets_are_compared_with() -> None:
    """Code by hand does the same work: one step of each gives the same loss."""
    net = symbp.mlp([784, 128, 10], ["sigmoid", "softmax"], "cross-entropy", samples=8)
    rng = np.random.default_rng(1)
    own = [rng.normal(size=[int(s) for s in net.shapes[p.name]]) / 20 for p in net.parameters]
    x, d = rng.uniform(size=(784, 8)), np.eye(10)[:8].T.copy()
    loss, *_ = symbp.lambdify(net)(*own, x, d)
    assert by_hand(own, x, d)() == pytest.approx(loss, rel=1e-12)
    assert float(jax_by_hand(own, x, d)()) == pytest.approx(loss, rel=1e-5)  # type: ignore[arg-type]
    candidates = {**loops(10), **dense(4, "float32")}
    assert {*ratios(candidates, "products", 1)} == {*candidates}


def test_a_derivation(benchmark: BenchmarkFixture) -> None:
    assert weights([4, 6, 4, 2]) == 56
    assert benchmark(derivation_seconds, [4, 6, 4, 2]) > 0


def test_a_verdict(benchmark: BenchmarkFixture) -> None:
    first, more = benchmark.pedantic(one_formula, ([2, 2, 1],))
    assert first > 0 < more
    assert with_reading([2, 2, 1]) > 0


def test_every_planted_mistake_is_found() -> None:
    count, wrong, _ = all_formulas([4, 8, 8, 3])
    assert (count, wrong > 0) == (120, True)
    assert read_and_derived([4, 8, 8, 3])[0] == 120


def test_large_graphs_and_arrays_are_proved() -> None:
    assert large_graph(2_000) > 0
    assert whole_arrays([7, 5, 3])[1] < 2**-128


def test_the_pairs_for_sympy_are_what_they_say() -> None:
    of = list(pairs())
    assert score("symbp", of).right == len(of)
    assert score("simplify", of[:1]).wrong == 0
