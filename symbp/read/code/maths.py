"""Functions of one or two numbers, entry by entry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from symbp.read.code.numbers import Numbers
from symbp.read.code.objects import Row
from symbp.read.code.reductions import only
from symbp.read.code.values import CodeError, Number, Value


def elementwise(name: str, twin: Callable[..., Any], takes: int) -> Row:
    """A function of NumPy that works entry by entry."""
    def rule(numbers: Numbers, *values: Value, out: Value = None, **named: Value) -> Value:
        only(numbers, named, "dtype", "casting")
        if len(values) > takes:
            *values, out = values  # type: ignore[assignment]  # a list is as good here
        if len(values) != takes:
            raise CodeError(f"{name} takes {takes} arrays", numbers.line)
        result = numbers.operate(name, twin, *values)
        if out is None:
            return result
        numbers.store(out, Ellipsis, result)
        return out

    return rule


def sigmoid(x: Any) -> Any:
    """1 / (1 + e^(−x)), in floating point."""
    return 1 / (1 + np.exp(-np.asarray(x, dtype=float)))


def log_of(name: str, base: int) -> Row:
    """The logarithm to a base."""
    def rule(numbers: Numbers, a: Value) -> Value:
        value = numbers.operate("log", getattr(np, name), a)
        scale = Number(numbers.graph.apply("log", numbers.graph.constant(base)), 1.0)
        return numbers.operate("divide", np.true_divide, value, scale)

    return rule


def natural_log(numbers: Numbers, a: Value, *base: Value) -> Value:
    """``math.log``, with a base where one is given."""
    value = numbers.operate("log", np.log, a)
    if not base:
        return value
    return numbers.operate("divide", np.true_divide, value, numbers.operate("log", np.log, base[0]))


def shifted_log(numbers: Numbers, a: Value) -> Value:
    """``np.log1p``."""
    return numbers.operate("log", np.log, numbers.operate("add", np.add, a, 1))


def exp_minus_one(numbers: Numbers, a: Value) -> Value:
    """``np.expm1``."""
    return numbers.operate("subtract", np.subtract, numbers.operate("exp", np.exp, a), 1)


def softplus(numbers: Numbers, a: Value, b: Value) -> Value:
    """log(exp a + exp b)."""
    parts = [numbers.operate("exp", np.exp, v) for v in (a, b)]
    return numbers.operate("log", np.log, numbers.operate("add", np.add, *parts))


ELEMENTWISE: Mapping[str, tuple[str, Callable[..., Any], int]] = {
    **{name: (name, getattr(np, name), 1) for name in (
        "exp", "log", "tanh", "sqrt", "sign", "sin", "cos", "sinh", "cosh")},
    **{name: (name, getattr(np, name), 2) for name in (
        "add", "subtract", "multiply", "maximum", "minimum", "power")},
    "abs": ("abs", np.abs, 1), "absolute": ("abs", np.abs, 1), "fabs": ("abs", np.fabs, 1),
    "negative": ("negate", np.negative, 1), "divide": ("divide", np.true_divide, 2),
    "true_divide": ("divide", np.true_divide, 2), "float_power": ("power", np.power, 2),
}  # fmt: skip
