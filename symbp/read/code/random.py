"""``np.random`` and ``random``: the numbers are symbols, their twins what the script's seed gives.

Whole numbers, orders and choices are what the seed gives: they are positions, not data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from symbp.read.code.builtins import items
from symbp.read.code.making import constants, random_array, shape_of
from symbp.read.code.numbers import Numbers
from symbp.read.code.objects import Row
from symbp.read.code.reductions import only
from symbp.read.code.values import Array, CodeError, Unknown, Value

DEFAULT_SEED = 0


@dataclass(eq=False)
class Generator:
    """``np.random.RandomState(0)``, ``np.random.default_rng(0)``; one stream stands for all."""

    def member(self, name: str) -> Row:
        """A method."""
        if name not in RANDOM:
            return lambda numbers, *_, **__: Unknown(f"random.{name}", numbers.line)
        return RANDOM[name]


def generator(numbers: Numbers) -> Any:
    """The script's generator, seeded by zero until the script seeds it."""
    if numbers.random is None:
        numbers.random = np.random.RandomState(DEFAULT_SEED)
    return numbers.random


def _seed(numbers: Numbers, seed: Value = None, *_: Value) -> Value:
    known = seed if isinstance(seed, int) else DEFAULT_SEED
    numbers.random = np.random.RandomState(int(known) % 2**32)
    return None


def _made(numbers: Numbers, seed: Value = None) -> Value:
    _seed(numbers, seed)
    return Generator()


def _shaped(name: str) -> Row:
    """``rand(2, 3)``: the shape in the arguments."""

    def rule(numbers: Numbers, *shape: Value) -> Value:
        return random_array(numbers, getattr(generator(numbers), name)(*shape_of(numbers, shape)))

    return rule


def _sized(name: str) -> Row:
    """``random((2, 3))``: the shape as one argument."""

    def rule(numbers: Numbers, size: Value = None, **named: Value) -> Value:
        only(numbers, named, "dtype")
        extents = None if size is None else shape_of(numbers, size)
        return random_array(numbers, getattr(generator(numbers), name)(extents))

    return rule


def _between(name: str, first: float, second: float) -> Row:
    """``normal(loc, scale, size)``, ``uniform(low, high, size)``."""

    def rule(
        numbers: Numbers, a: Value = first, b: Value = second, size: Value = None, **named: Value
    ) -> Value:
        only(numbers, named, "loc", "scale", "low", "high", "mu", "sigma")
        low = _plain(numbers, named.get("loc", named.get("low", named.get("mu", a))))
        high = _plain(numbers, named.get("scale", named.get("high", named.get("sigma", b))))
        shape = np.broadcast_shapes(np.shape(low), np.shape(high))
        extents = (shape or None) if size is None else shape_of(numbers, size)
        return random_array(numbers, getattr(generator(numbers), name)(low, high, extents))

    return rule


def _plain(numbers: Numbers, value: Value) -> Any:
    if isinstance(value, Array | list | tuple):
        array = numbers.array(value)
        return np.array([numbers.known(numbers.array(v)) for v in items(numbers, array)])
    return numbers.known(value)


def _whole(inclusive: bool) -> Row:
    """``randint``."""

    def rule(numbers: Numbers, low: Value = 0, high: Value = None, size: Value = None,
             **named: Value) -> Value:  # fmt: skip
        only(numbers, named, "dtype")
        first, last = numbers.integer(low), None if high is None else numbers.integer(high)
        if inclusive and last is not None:
            last += 1
        extents = None if size is None else shape_of(numbers, size)
        drawn = generator(numbers).randint(int(first), last, extents)
        return int(drawn) if extents is None else constants(numbers, drawn)

    return rule


def _order(numbers: Numbers, value: Value) -> Value:
    """``permutation``."""
    if isinstance(value, int):
        return constants(numbers, generator(numbers).permutation(int(value)))
    array = numbers.array(value)
    order = generator(numbers).permutation(len(array.twin))
    return array.both(lambda v: v[order])


def _shuffle(numbers: Numbers, value: Value, *_: Value) -> Value:
    if isinstance(value, list):
        value[:] = [value[k] for k in generator(numbers).permutation(len(value))]
        return None
    if not isinstance(value, Array):
        raise CodeError("only arrays and lists are shuffled", numbers.line)
    order = generator(numbers).permutation(len(value.twin))
    value.entries[...] = value.entries[order]
    value.twin[...] = value.twin[order]
    return None


def _choice(numbers: Numbers, value: Value, size: Value = None, replace: Value = True,
            p: Value = None) -> Value:  # fmt: skip
    whole = isinstance(value, int)
    parts = list(range(value)) if whole else items(numbers, value)
    extents = None if size is None else shape_of(numbers, size)
    drawn = generator(numbers).choice(len(parts), extents, bool(replace))
    if extents is None:
        return parts[int(drawn)]
    if whole:
        return constants(numbers, drawn)
    return numbers.array(value).both(lambda v: v[drawn])


def _sample(numbers: Numbers, value: Value, k: Value) -> Value:
    parts = items(numbers, value)
    return [parts[int(j)] for j in generator(numbers).choice(len(parts), numbers.integer(k), False)]


def _flips(numbers: Numbers, n: Value = 1, p: Value = 0.5, size: Value = None) -> Value:
    """``binomial``: a mask."""
    extents = None if size is None else shape_of(numbers, size)
    drawn = generator(numbers).binomial(numbers.integer(n), numbers.known(p), extents)
    return int(drawn) if extents is None else constants(numbers, drawn)


RANDOM: Mapping[str, Row] = {
    "seed": _seed, "RandomState": _made, "default_rng": _made, "Random": _made,
    "rand": _shaped("rand"),
    "randn": _shaped("randn"),
    "random": _sized("random_sample"),
    "random_sample": _sized("random_sample"),
    "ranf": _sized("random_sample"),
    "standard_normal": _sized("standard_normal"),
    "normal": _between("normal", 0.0, 1.0),
    "uniform": _between("uniform", 0.0, 1.0),
    "randint": _whole(False), "integers": _whole(False),
    "permutation": _order, "shuffle": _shuffle, "choice": _choice, "binomial": _flips,
}  # fmt: skip
"""``np.random``, and methods of its generators."""

DRAWN: Mapping[str, Row] = {
    **RANDOM,
    "random": _sized("random_sample"),
    "gauss": _between("normal", 0.0, 1.0), "normalvariate": _between("normal", 0.0, 1.0),
    "uniform": _between("uniform", 0.0, 1.0),
    "randint": _whole(True), "randrange": _whole(False), "sample": _sample,
}  # fmt: skip
"""The module ``random``."""
