"""Texts of a script: their letters where they are known, and the values that stand in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from symbp.read.code.numbers import Numbers
from symbp.read.code.objects import Text, is_open, values_in
from symbp.read.code.values import Count, Value


def plain(value: Value) -> bool:
    """Whether Python would write a value the same in every turn."""
    if isinstance(value, str):
        return not is_open(value)
    if isinstance(value, list | tuple):
        return all(plain(v) for v in value)
    return value is None or (isinstance(value, int | float) and not isinstance(value, Count))


def joined(rule: Callable[..., str], *parts: Value) -> Text:
    """A text made of parts: with its letters where all of them are plain."""
    values = tuple(v for p in parts for v in (p, *values_in(p)) if not isinstance(p, str) or v is not p)
    if not all(plain(p) for p in parts):
        return Text.of(" ".join(p for p in parts if isinstance(p, str)), values, open=True)
    return Text.of(rule(*parts), values)


def text_of(numbers: Numbers, value: Value = "", *_: Value) -> Text:
    """``str(value)``."""
    return joined(str, value)


def formatted(template: Value, *values: Value, **named: Value) -> Text:
    """``template.format(…)``."""
    return joined(
        lambda t, *v: t.format(*v[: len(values)], **dict(zip(named, v[len(values) :], strict=True))),
        template, *values, *named.values(),
    )  # fmt: skip


def percent(template: Value, values: Value) -> Text:
    """``template % values``."""
    parts = values if isinstance(values, tuple) else (values,)
    return joined(lambda t, *v: t % v, template, *parts)


def method(owner: str, name: str) -> Callable[..., Value]:
    """A method of texts; what has no row gives an open text."""
    if name == "format":
        return lambda _, *a, **k: formatted(owner, *a, **k)
    rule = TEXTS.get(name)

    def call(_: Numbers, *arguments: Value, **named: Value) -> Value:
        if rule is None or named or is_open(owner) or not all(plain(a) for a in arguments):
            inside = tuple(v for a in (*arguments, *named.values()) for v in (a, *values_in(a)))
            return Text.of("", (*inside, *values_in(owner)), open=True)
        return _wrapped(rule(owner, *arguments))

    return call


def _wrapped(value: Any) -> Value:
    if isinstance(value, str):
        return Text.of(value)
    return [_wrapped(v) for v in value] if isinstance(value, list | tuple) else value


TEXTS: Mapping[str, Callable[..., Any]] = {
    name: getattr(str, name) for name in (
        "split", "strip", "lstrip", "rstrip", "lower", "upper", "replace", "startswith", "endswith",
        "splitlines", "find", "count", "isdigit", "title", "capitalize", "zfill", "ljust", "rjust",
        "center", "partition", "rsplit")
} | {"join": lambda owner, parts: owner.join(parts)}  # fmt: skip
