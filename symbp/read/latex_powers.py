r"""Superscripts: which are powers, which are layers and labels, and which could be both.

``x^2`` is a power, ``a^{(2)}`` and ``a^l`` name a layer, ``a^{out}`` is a label. A single letter on a
name is a power where it is a known quantity or a customary exponent and the bare name is known too; a
letter that the formula sums over is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from symbp.read.errors import UnreadableError
from symbp.read.latex_pieces import Kind, Pieces, spelled
from symbp.read.latex_tables import FONTS
from symbp.read.scope import Names
from symbp.read.tree import Quantity, Span, Tree

EXPONENTS = frozenset(["n", "m", "p", "q", "r", "N", "M"])
"""Letters that stand for an exponent by custom."""
_LETTER = re.compile(r"(?:[A-Za-z]|\\ell)(?:[+-]\d)?")
_LAYER = re.compile(r"(?:[lL]|\\ell)(?:[+-]\d)?")
_BESIDE = re.compile(r"\d+[\[(].+[\])]")
_BRACKETED = re.compile(r"[\[(](?:\w|\\ell|\w[+-]\d)[\])]")


def check_power(inner: Pieces, span: Span) -> None:
    """Refuse a superscript on a bracket that could be a layer or an inverse transpose."""
    text = spelled(inner)
    if _BRACKETED.fullmatch(text) or _BESIDE.fullmatch(text):
        raise UnreadableError(f"^{{{text}}} is a layer, or a power", *span, "^2, or ^{(2)} on a name")
    if re.fullmatch(r"-\\?(?:T|top|intercal)", text):
        raise UnreadableError("an inverse transpose", *span)


def label(
    base: str, above: Pieces, names: Names, indices: frozenset[str], parse: Callable[[Pieces], Tree]
) -> Tree | None:
    """The layer or label that a superscript without brackets names; None where it is a power.

    Raises :class:`UnreadableError` where it could be both.
    """
    span = (above[0].start, above[-1].end)
    text = spelled(above)
    check_power(above, span)
    if (word := _word(above, names)) is not None:
        return Quantity(word, span=span)
    layers = () if base in indices else names.layers(base)
    if text.isdigit() and layers:
        raise _both(base, text, span, "layer")
    if not _LETTER.fullmatch(text):
        return None
    if names.shapes.get(base):
        return parse(above)
    known = text in names.quantities
    if known and (layers or _LAYER.fullmatch(text)):
        raise _both(base, text, span, "layer")
    if layers or _LAYER.fullmatch(text):
        return parse(above)
    letter = text.replace("\\ell", "l")[0]
    if letter in indices:
        raise _both(base, text, span, "label")
    if known or letter in names.quantities or letter in EXPONENTS:
        if base in names.quantities:
            return None
        raise _both(base, text, span, "label")
    return parse(above)


def _word(above: Pieces, names: Names) -> str | None:
    r"""The word that a superscript is: ``\text{out}``, or three letters and more that are no names."""
    fonts = [p for p in above if p.kind is Kind.COMMAND and p.text in FONTS]
    letters = above[1].inner if len(above) == 2 and fonts else above
    text = spelled(letters)
    if not text.isalpha() or len(text) < 2 or not all(p.kind is Kind.LETTER for p in letters):
        return None
    if fonts or text in names.words:
        return text
    if all(letter in names.quantities for letter in text):
        return None
    if len(text) == 2:
        span = (above[0].start, above[-1].end)
        raise UnreadableError(f"^{{{text}}} is a word, or a product", *span, rf"^{{\text{{{text}}}}}")
    return text


def _both(base: str, text: str, span: Span, what: str) -> UnreadableError:
    return UnreadableError(
        f"{base}^{text} is the {what} {text}, or a power", *span,
        f"{base}^{{({text})}} for the {what}, ({base})^{text} for the power",
    )  # fmt: skip
