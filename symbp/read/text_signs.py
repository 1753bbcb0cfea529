"""Plain text with the signs that keyboards and pages have: ``½·(y − σ(z₁))²`` in ASCII."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from itertools import groupby
from typing import TypeVar

from symbp.core.names import GREEK
from symbp.read.errors import UnreadableError
from symbp.read.latex_tables import (
    COMMAND_SIGNS,
    FRACTION_SIGNS,
    PLAIN_SIGNS,
    SUBSCRIPT_SIGNS,
    SUPERSCRIPT_SIGNS,
)
from symbp.read.tree import Chain, Tree

Node = TypeVar("Node", bound=Tree)

LETTERS = {sign: name for sign, name in COMMAND_SIGNS.items() if name in GREEK}
LETTERS |= {"ε": "epsilon", "φ": "phi"}


def spelled_out(source: str) -> tuple[str, Sequence[int]]:
    """The text in ASCII, and for each of its places the one in the source.

    Raises UnreadableError where a letter touches another: ``ηx`` may be a name or a product.

    >>> spelled_out("x² α")
    ('x**2 alpha', [0, 1, 1, 1, 2, 3, 3, 3, 3, 3, 4])
    """
    if source.isascii():
        return source, range(len(source) + 1)
    parts: list[str] = []
    places: list[int] = []
    at = 0
    for kind, run in groupby(source, _kind):
        signs = "".join(run)
        for text, place in _spelled(kind, signs, source, at):
            parts.append(text)
            places += [place] * len(text)
        at += len(signs)
    return "".join(parts), [*places, len(source)]


def _kind(sign: str) -> str:
    if sign in SUPERSCRIPT_SIGNS:
        return "above"
    return "below" if sign in SUBSCRIPT_SIGNS else "other"


def _spelled(kind: str, signs: str, source: str, start: int) -> list[tuple[str, int]]:
    """What a run of one kind is spelled, piece by piece with its place."""
    if kind == "above":
        power = "".join(SUPERSCRIPT_SIGNS[sign] for sign in signs)
        return [(".T" if power == "T" else f"**{power}" if power.isdigit() else signs, start)]
    if kind == "below":
        index = "".join(SUBSCRIPT_SIGNS[sign] for sign in signs)
        return [(f"_{index}" if index.isalnum() else signs, start)]
    return [(_sign(source, at), at) for at in range(start, start + len(signs))]


def _sign(source: str, at: int) -> str:
    sign = source[at]
    if sign in LETTERS:
        around = (source[at - 1 : at], source[at + 1 : at + 2])
        if any(sign.isalpha() and _kind(sign) == "other" for sign in around):
            raise UnreadableError("a product needs its *", at, at + 1, f"{sign}*x")
        return LETTERS[sign]
    if sign in FRACTION_SIGNS:
        return "({}/{})".format(*FRACTION_SIGNS[sign])
    return PLAIN_SIGNS.get(sign, sign)


def at_source(chain: Chain, places: Sequence[int]) -> Chain:
    """The chain with the places of the source."""
    return replace(chain, sides=tuple(_moved(side, places) for side in chain.sides))


def _moved(tree: Node, places: Sequence[int]) -> Node:
    start, end = tree.span
    changed = {f.name: _each(getattr(tree, f.name), places) for f in fields(tree) if f.name != "span"}
    span = places[start], places[end - 1] + 1 if end > start else places[end]
    return replace(tree, **changed, span=span)


def _each(value: object, places: Sequence[int]) -> object:
    if isinstance(value, Tree):
        return _moved(value, places)
    return tuple(_each(item, places) for item in value) if isinstance(value, tuple) else value
