"""Operators, comparisons and conditions of a script.

Between plain integers and texts they are Python's own, between arrays NumPy's. What depends on the
number of the turn stays counted (``Count``), so that it is known for every turn.
"""

from __future__ import annotations

import ast
import operator
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from symbp.read.code.builtins import items
from symbp.read.code.containers import key
from symbp.read.code.control import Watch
from symbp.read.code.numbers import Numbers
from symbp.read.code.objects import Instance, Scope, is_open
from symbp.read.code.products import dot
from symbp.read.code.texts import joined, percent
from symbp.read.code.values import (
    OPEN,
    Array,
    CodeError,
    Count,
    Number,
    Unknown,
    Value,
    at_turn,
    first_unknown,
    key_of,
)

OPERATIONS: Mapping[type, tuple[str, Callable[..., Any]]] = {
    ast.Add: ("add", np.add), ast.Sub: ("subtract", np.subtract),
    ast.Mult: ("multiply", np.multiply), ast.Div: ("divide", np.true_divide),
    ast.Pow: ("power", np.power),
}  # fmt: skip
PLAIN: Mapping[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Mod: operator.mod,
    ast.FloorDiv: operator.floordiv, ast.Div: operator.truediv, ast.Pow: operator.pow,
    ast.BitAnd: operator.and_, ast.BitOr: operator.or_, ast.BitXor: operator.xor,
    ast.LShift: operator.lshift, ast.RShift: operator.rshift,
}  # fmt: skip
DUNDERS: Mapping[type, str] = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "truediv", ast.Pow: "pow",
    ast.MatMult: "matmul",
}
MAX_SHIFT = 64
COMPARISONS: Mapping[type, tuple[str, Callable[..., Any]]] = {
    ast.Lt: ("below", np.less), ast.LtE: ("below or equal", np.less_equal),
    ast.Gt: ("above", np.greater), ast.GtE: ("above or equal", np.greater_equal),
    ast.Eq: ("equal", np.equal), ast.NotEq: ("different", np.not_equal),
}  # fmt: skip
PYTHON: Mapping[type, Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
    ast.Eq: operator.eq, ast.NotEq: operator.ne,
}  # fmt: skip


class Operators(ABC):
    """What operators do."""

    def __init__(self, numbers: Numbers, watch: Watch) -> None:
        self.numbers = numbers
        self.watch = watch
        self.old_division = False
        """Whether integers are divided as in Python 2."""
        self.starred = False
        """Whether names may come from a module that is not followed."""
        self.indices: dict[tuple[Value, ...], Count] = {}
        """Positions that depend on the number of the turn."""
        self.familiar: set[str] = set()
        """Functions that are not at hand and were taken for what their names say."""
        numbers.run = self
        self.scope = Scope(function=True)
        self.steps = 0
        self.calls = 0
        self.assigned: dict[str, int] = {}
        """The line that last gave a value to a name or an attribute."""
        self.written: dict[tuple[int, Value], int] = {}
        """The same for a key of a container."""

    @abstractmethod
    def value(self, node: ast.expr, scope: Scope) -> Value:
        """The value of an expression."""

    def decided(self, test: Value) -> bool:
        """What a condition decides; one that is not known for every turn is remembered."""
        if isinstance(test, Count) or self.is_open(test):
            self._fork(test, self.numbers.line)
        return self.truth(test)

    def _fork(self, test: Value, line: int) -> None:
        if isinstance(test, Count):
            self.watch.forks(test, line)
        else:
            self.watch.depends("the weights decide this branch", line)

    def is_open(self, test: Value) -> bool:
        """Whether a condition is not decided by known numbers."""
        return isinstance(test, Unknown) or (
            isinstance(test, Number) and test.node.number is None
        )

    def truth(self, value: Value) -> bool:
        """What Python would decide."""
        if isinstance(value, Unknown):
            return True
        if isinstance(value, Array):
            if value.twin.size != 1:
                raise CodeError("the truth of an array", self.numbers.line)
            return bool(value.twin.item())
        return bool(value.twin) if isinstance(value, Number) else bool(value)

    def unknown(self, what: str) -> Unknown:
        """A value that is not followed."""
        return Unknown(what, self.numbers.line)

    def _binary(self, node: ast.BinOp, scope: Scope) -> Value:
        left, right = self.value(node.left, scope), self.value(node.right, scope)
        return self.operation(node.op, left, right, node)

    def operation(self, op: ast.operator, left: Value, right: Value, node: ast.AST) -> Value:
        """An operation between two values; between plain numbers and texts it is Python's own."""
        self.numbers.line = getattr(node, "lineno", self.numbers.line)
        self.numbers.where = node
        if isinstance(left, Instance) or isinstance(right, Instance):
            return self._overloaded(op, left, right)
        if isinstance(left, str):
            return self._of_texts(op, left, right)
        if isinstance(op, ast.MatMult):
            return dot(self.numbers, left, right, np.matmul)
        if isinstance(left, list | tuple) and isinstance(right, list | tuple | int):
            return PLAIN[type(op)](left, right)
        if isinstance(left, int) and isinstance(right, list | tuple):
            return PLAIN[type(op)](left, right)
        if isinstance(left, int) and isinstance(right, int) and type(op) in PLAIN:
            return self._of_integers(op, left, right)
        if (unknown := first_unknown((left, right))) is not None:
            return unknown
        return self._of_numbers(op, left, right)

    def _of_numbers(self, op: ast.operator, left: Value, right: Value) -> Value:
        twins = [self.numbers.pair(v)[1] for v in (left, right)]
        if isinstance(op, ast.Mult) and any(isinstance(t, np.matrix) for t in twins):
            return dot(self.numbers, left, right)
        if isinstance(op, ast.Pow) and isinstance(twins[0], np.matrix):
            raise CodeError("a power of a matrix is not followed", self.numbers.line)
        if isinstance(op, ast.BitAnd | ast.BitOr):
            return self.numbers.logical("and" if isinstance(op, ast.BitAnd) else "or", left, right)
        if type(op) not in OPERATIONS:
            if type(op) not in PLAIN:
                raise CodeError(f"{type(op).__name__} is not followed", self.numbers.line)
            return PLAIN[type(op)](self.numbers.known(left), self.numbers.known(right))
        if isinstance(op, ast.Div) and self.old_division and all(
            np.asarray(t).dtype.kind in "iu" for t in twins
        ):
            raise CodeError("integers divided as in Python 2, in an array", self.numbers.line)
        return self.numbers.operate(*OPERATIONS[type(op)], left, right)

    def _of_integers(self, op: ast.operator, left: int, right: int) -> Value:
        if isinstance(op, ast.Div) and self.old_division:
            op = ast.FloorDiv()
        if isinstance(op, ast.Div) and right and left % right:
            # The exact quotient: 1/6 is a sixth, not the nearest binary fraction.
            return self.numbers.operate("divide", np.true_divide, left, right)
        if isinstance(op, ast.Pow | ast.LShift) and abs(right) > MAX_SHIFT and abs(left) > 1:
            raise CodeError(f"an exponent of more than {MAX_SHIFT}", self.numbers.line)
        return self._counted(op, left, right)

    def _of_texts(self, op: ast.operator, left: str, right: Value) -> Value:
        if isinstance(op, ast.Mod):
            return percent(left, right)
        return joined(PLAIN[type(op)], left, right)

    def _overloaded(self, op: ast.operator, left: Value, right: Value) -> Value:
        """What a class of the script says about an operator."""
        word = DUNDERS.get(type(op), "")
        for owner, other, name in ((left, right, f"__{word}__"), (right, left, f"__r{word}__")):
            if isinstance(owner, Instance) and owner.of.find(name) is not None:
                return self.numbers.method(owner, name, other)
        raise CodeError(f"{type(op).__name__} of objects is not followed", self.numbers.line)

    def _counted(self, op: ast.operator, left: int, right: int) -> Value:
        rule = PLAIN[type(op)]
        value = rule(left, right)
        if not isinstance(left, Count) and not isinstance(right, Count):
            return value
        known = all(not isinstance(v, Count) or v.rule is not None for v in (left, right))
        if isinstance(op, ast.Div):
            return self.numbers.operate("divide", np.true_divide, left, right)
        return Count.of(
            value,
            (lambda turn: rule(at_turn(left, turn), at_turn(right, turn))) if known else None,
            (type(op).__name__, key_of(left), key_of(right)),
        )

    def _unary(self, node: ast.UnaryOp, scope: Scope) -> Value:
        value = self.value(node.operand, scope)
        if isinstance(node.op, ast.Not):
            if isinstance(value, Count):
                return self._condition(operator.not_, (value,), "not")
            return self.unknown("a condition") if self.is_open(value) else not self.truth(value)
        if isinstance(node.op, ast.Invert):
            if isinstance(value, int):
                return ~value
            return self.numbers.compare("equal", np.equal, self.numbers.truths(value), 0)
        if isinstance(node.op, ast.UAdd) or isinstance(value, Unknown):
            return value
        if isinstance(value, Count):
            return self._counted(ast.Sub(), 0, value)
        if isinstance(value, int | float):
            return -value
        return self.numbers.operate("negate", np.negative, value)

    def _boolean(self, node: ast.BoolOp, scope: Scope) -> Value:
        conjunction = isinstance(node.op, ast.And)
        value: Value = None
        counted: list[Value] = []
        for part in node.values:
            value = self.value(part, scope)
            if self.is_open(value):
                return self.unknown("a condition")
            if isinstance(value, Count):
                counted.append(value)
            elif self.truth(value) != conjunction:
                return value
        if counted:
            return self._condition(lambda *v: all(v) if conjunction else any(v), counted,
                                   type(node.op).__name__)
        return value

    def _condition(
        self, rule: Callable[..., Any], parts: Sequence[Value], name: str
    ) -> Value:
        """A condition on the number of the turn."""
        known = all(not isinstance(v, Count) or v.rule is not None for v in parts)
        return Count.of(
            int(bool(rule(*parts))),
            (lambda turn: bool(rule(*(at_turn(v, turn) for v in parts)))) if known else None,
            (name, *map(key_of, parts)), test=True,
        )

    def _compare(self, node: ast.Compare, scope: Scope) -> Value:
        left = self.value(node.left, scope)
        result: Value = True
        for op, right_node in zip(node.ops, node.comparators, strict=True):
            right = self.value(right_node, scope)
            self.numbers.line = node.lineno
            result = self._compared(op, left, right)
            if len(node.ops) == 1:
                return result
            if isinstance(result, Array):
                raise CodeError("one comparison of arrays at a time is followed", node.lineno)
            if not self.decided(result):
                return False
            left = right
        return result

    def _compared(self, op: ast.cmpop, left: Value, right: Value) -> Value:
        if isinstance(op, ast.Is | ast.IsNot):
            if isinstance(left, Unknown) and right is None:
                return self.unknown(left.reason)
            same = left is right or (isinstance(left, int) and left == right)
            return same == isinstance(op, ast.Is)
        if (unknown := first_unknown((left, right))) is not None:
            return unknown
        if isinstance(op, ast.In | ast.NotIn):
            return self._contained(left, right) == isinstance(op, ast.In)
        if isinstance(left, Count) or isinstance(right, Count):
            left, right = self._plain(left), self._plain(right)
            if isinstance(left, int | float) and isinstance(right, int | float):
                return self._condition(PYTHON[type(op)], (left, right), type(op).__name__)
        if isinstance(left, Array | Number) or isinstance(right, Array | Number):
            if left is None or right is None or isinstance(left, str) or isinstance(right, str):
                return isinstance(op, ast.NotEq)
            return self.numbers.compare(*COMPARISONS[type(op)], left, right)
        if is_open(left) or is_open(right):
            return self.unknown("a text")
        return bool(PYTHON[type(op)](left, right))

    def _contained(self, item: Value, owner: Value) -> bool:
        if isinstance(owner, str):
            return str(item) in owner
        if isinstance(owner, dict | set):
            return key(item) in owner
        found = items(self.numbers, owner)
        if isinstance(item, Number | Array) or any(isinstance(v, Number | Array) for v in found):
            item = self.numbers.known(item)
            return item in [self.numbers.known(v) for v in found]
        return item in found

    def _plain(self, value: Value) -> Value:
        """A number that does not change as Python's own."""
        if isinstance(value, Number) and not value.node.kinds & OPEN:
            return self.numbers.known(value)
        return value

    def _choice(self, node: ast.IfExp, scope: Scope) -> Value:
        test = self.value(node.test, scope)
        if self.is_open(test):
            if isinstance(test, Number):
                yes, no = self.value(node.body, scope), self.value(node.orelse, scope)
                if not isinstance(yes, Array) and not isinstance(no, Array):
                    return self.numbers.operate("choose", np.where, test, yes, no)
            self._fork(test, node.lineno)
        elif isinstance(test, Count):
            self._fork(test, node.lineno)
        return self.value(node.body if self.truth(test) else node.orelse, scope)
