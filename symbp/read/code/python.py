"""Small standard libraries of Python that are followed: functools, copy, collections, itertools."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

from symbp.read.code.builtins import BUILTINS, items
from symbp.read.code.numbers import Numbers
from symbp.read.code.objects import Instance, Native, Produced, Row
from symbp.read.code.values import Array, CodeError, Value


def _partial(numbers: Numbers, function: Value, *first: Value, **given: Value) -> Value:
    return Native("partial", lambda _, *rest, **named: numbers.run.call(
        function, [*first, *rest], {**given, **named}))  # fmt: skip


def _shallow(numbers: Numbers, value: Value) -> Value:
    if isinstance(value, Array):
        return value.both(lambda v: v.copy())
    if isinstance(value, list | dict | set):
        return type(value)(value)
    if isinstance(value, Instance):
        return Instance(value.of, dict(value.attributes))
    return value


def _deep(numbers: Numbers, value: Value) -> Value:
    """A copy of everything inside; what is met twice is copied once."""
    copied: dict[int, Value] = {}

    def of(each: Value) -> Value:
        if id(each) in copied:
            return copied[id(each)]
        made: Value
        if isinstance(each, Array):
            made = each.both(lambda v: v.copy())
        elif isinstance(each, Instance):
            made = copied[id(each)] = Instance(each.of)
            made.attributes = {k: of(v) for k, v in each.attributes.items()}
        elif isinstance(each, list):
            made = copied[id(each)] = []
            made += [of(v) for v in each]
        elif isinstance(each, dict):
            made = {k: of(v) for k, v in each.items()}
        elif isinstance(each, tuple):
            made = tuple(of(v) for v in each)
        else:
            made = each
        copied[id(each)] = made
        return made

    return of(value)


def _vars(numbers: Numbers, value: Value) -> Value:
    if isinstance(value, Instance):
        return value.attributes
    raise CodeError("vars() of what is no object", numbers.line)


def _default_dict(numbers: Numbers, *_: Value) -> Value:
    raise CodeError("defaultdict is not followed", numbers.line)


PYTHON_NAMES: Mapping[str, Row] = {"vars": _vars}
PYTHON_LIBRARIES: Mapping[str, Mapping[str, Row]] = {
    "functools": {"reduce": BUILTINS["reduce"], "partial": _partial},
    "copy": {"copy": _shallow, "deepcopy": _deep},
    "collections": {"OrderedDict": BUILTINS["dict"], "defaultdict": _default_dict},
    "itertools": {
        "product": lambda numbers, *values: Produced(product(*(items(numbers, v) for v in values))),
        "chain": lambda numbers, *values: Produced(v for each in values for v in items(numbers, each)),
        "count": lambda numbers, *_: _endless(numbers),
    },
}  # fmt: skip


def _endless(numbers: Numbers) -> Value:
    raise CodeError("itertools.count is not followed", numbers.line)
