"""The benchmarks themselves: what they time does the same work, and they run."""

from __future__ import annotations

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from tests.benchmarks.figures import (
    array_step,
    blog_step,
    derivation_seconds,
    fused_loop,
    scalar_step,
    weights,
)


@pytest.mark.parametrize("make", [blog_step, scalar_step, array_step, fused_loop])
def test_a_step(benchmark: BenchmarkFixture, make: object) -> None:
    benchmark(make(10))  # type: ignore[operator]


def test_a_derivation(benchmark: BenchmarkFixture) -> None:
    assert weights([4, 6, 4, 2]) == 56
    assert benchmark(derivation_seconds, [4, 6, 4, 2]) > 0
