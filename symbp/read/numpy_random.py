"""``np.random`` and ``random``: the numbers are symbols, their twins what the script's seed gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from symbp.read.numpy_making import random_array, shape_of
from symbp.read.numpy_numbers import Numbers
from symbp.read.numpy_objects import Row
from symbp.read.numpy_values import Value

DEFAULT_SEED = 0


def generator(numbers: Numbers) -> Any:
    """The script's generator, seeded by zero until the script seeds it."""
    if numbers.random is None:
        numbers.random = np.random.RandomState(DEFAULT_SEED)
    return numbers.random


def _seed(numbers: Numbers, seed: Value = None) -> Value:
    numbers.random = np.random.RandomState(
        DEFAULT_SEED if seed is None else int(numbers.integer(seed)) % 2**32
    )
    return None


def _shaped(name: str) -> Row:
    """``rand(2, 3)``: the shape in the arguments."""

    def rule(numbers: Numbers, *shape: Value) -> Value:
        return random_array(numbers, getattr(generator(numbers), name)(*shape_of(numbers, shape)))

    return rule


def _sized(name: str) -> Row:
    """``random((2, 3))``: the shape as one argument."""

    def rule(numbers: Numbers, size: Value = None) -> Value:
        extents = None if size is None else shape_of(numbers, size)
        return random_array(numbers, getattr(generator(numbers), name)(extents))

    return rule


def _between(name: str, first: float, second: float) -> Row:
    """``normal(loc, scale, size)``, ``uniform(low, high, size)``."""

    def rule(
        numbers: Numbers, a: Value = first, b: Value = second, size: Value = None, **named: Value
    ) -> Value:
        extents = None if size is None else shape_of(numbers, size)
        low = numbers.known(named.get("loc", named.get("low", a)))
        high = numbers.known(named.get("scale", named.get("high", b)))
        return random_array(numbers, getattr(generator(numbers), name)(low, high, extents))

    return rule


RANDOM: Mapping[str, Row] = {
    "seed": _seed,
    "rand": _shaped("rand"),
    "randn": _shaped("randn"),
    "random": _sized("random_sample"),
    "random_sample": _sized("random_sample"),
    "standard_normal": _sized("standard_normal"),
    "normal": _between("normal", 0.0, 1.0),
    "uniform": _between("uniform", 0.0, 1.0),
}
