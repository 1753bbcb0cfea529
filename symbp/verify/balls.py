"""The values of all nodes at a rational point, as balls that are proved to hold the true value.

A condition is true, false or None where that is not certain. With ``strict`` a comparison of equal
numbers is not certain either: then no piece changes in a neighbourhood of the point.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import reduce
from typing import Any

import flint
from flint import arb, fmpq, fmpz

from symbp.verify.document import Document, Node

Value = Any
"""A ball, or True, False or None for a condition."""
NAN = arb("nan")
Rule = Callable[["Balls", Node, list[Value]], Value]


def ball(number: Fraction) -> arb:
    """A ball around a rational number."""
    return arb(fmpq(number.numerator, number.denominator))


class Balls:
    """The values of a document's nodes at one point."""

    def __init__(
        self, document: Document, at: Mapping[str, Fraction], bits: int, strict: bool
    ) -> None:
        self.at = at
        self.strict = strict
        self.values: list[Value] = []
        with flint.ctx.workprec(bits):
            for node in document.nodes:
                operands = [self.values[n] for n in node.operands]
                self.values.append(RULES[node.operation](self, node, operands))

    def sign(self, value: arb) -> int | None:
        """−1, 0 or 1, None where it is not certain."""
        if value > 0:
            return 1
        if value < 0:
            return -1
        return 0 if value.is_zero() and not self.strict else None


def _power(_: Balls, node: Node, operands: list[Value]) -> Value:
    exponent: Fraction = node.payload
    base = operands[0].sqrt() if exponent.denominator == 2 else operands[0]
    return base ** fmpz(exponent.numerator)


def _by_sign(below: int, at_zero: int, above: int) -> Rule:
    def rule(balls: Balls, _: Node, operands: list[Value]) -> Value:
        sign = balls.sign(operands[0])
        return NAN if sign is None else arb((at_zero, above, below)[sign])

    return rule


def _heaviside(balls: Balls, _: Node, operands: list[Value]) -> Value:
    sign = balls.sign(operands[0])
    return NAN if sign is None else (operands[1], arb(1), arb(0))[sign]


def _compared(*accepted: int) -> Rule:
    def rule(balls: Balls, _: Node, operands: list[Value]) -> Value:
        sign = balls.sign(operands[0] - operands[1])
        return None if sign is None else sign in accepted

    return rule


def _piecewise(_: Balls, __: Node, operands: list[Value]) -> Value:
    for value, condition in zip(operands[0::2], operands[1::2], strict=True):
        if condition is None:
            return NAN
        if condition:
            return value
    return NAN


def _all(_: Balls, __: Node, operands: list[Value]) -> Value:
    return False if False in operands else (None if None in operands else True)


def _any(_: Balls, __: Node, operands: list[Value]) -> Value:
    return True if True in operands else (None if None in operands else False)


def _unary(function: Callable[[arb], arb]) -> Rule:
    return lambda _, __, operands: function(operands[0])


def _sigmoid(x: arb) -> arb:
    return 1 / (1 + (-x).exp())


RULES: Mapping[str, Rule] = {
    "number": lambda _, node, __: ball(node.payload),
    "name": lambda balls, node, _: ball(balls.at[node.payload]) if node.payload in balls.at else NAN,
    "defined": _unary(lambda x: x),
    "pi": lambda *_: arb.pi(),
    "add": lambda _, __, operands: reduce(operator.add, operands),
    "multiply": lambda _, __, operands: reduce(operator.mul, operands),
    "power": _power,
    **{
        name: _unary(getattr(arb, name))
        for name in ("exp", "log", "tanh", "sinh", "cosh", "sech", "sin", "cos", "tan", "erf")
    },
    "sigmoid": _unary(_sigmoid),
    "abs": _unary(abs),
    "step": _by_sign(0, 0, 1),
    "sign": _by_sign(-1, 0, 1),
    "max": lambda _, __, operands: operands[0].max(operands[1]),
    "min": lambda _, __, operands: operands[0].min(operands[1]),
    "heaviside": _heaviside,
    ">": _compared(1),
    ">=": _compared(0, 1),
    "<": _compared(-1),
    "<=": _compared(0, -1),
    "and": _all,
    "or": _any,
    "not": lambda _, __, operands: None if operands[0] is None else not operands[0],
    "true": lambda *_: True,
    "false": lambda *_: False,
    "piecewise": _piecewise,
}
