"""Sizes as people write them: a number, a letter, or a sum such as ``m + K - 1``."""

from __future__ import annotations

import re

import sympy as sp
from sympy import Expr, Symbol

from symbp.read.errors import UnreadableError
from symbp.read.scope import Size

_TERM = re.compile(r"\s*([+-]?)\s*(?:(\d{1,6})\s*\*?\s*)?([A-Za-z]\w*)?\s*")


def size(text: Size) -> Expr:
    """The size as an expression in positive whole numbers. Raises UnreadableError for no size.

    >>> size("2m+K-1"), size(3)
    (K + 2*m - 1, 3)
    """
    total, at, source = sp.S.Zero, 0, str(text)
    while at < len(source):
        match = _TERM.match(source, at)
        assert match is not None  # each part of it is optional
        sign, number, letter = match.groups()
        if not (number or letter) or (at and not sign):
            break
        term = sp.Integer(number or 1) * (letter_of(letter) if letter else 1)
        total, at = total + (-term if sign == "-" else term), match.end()
    if at < len(source) or not source or total.is_nonpositive:
        raise UnreadableError("this is no size", 0, len(source), "2, n, or m + k - 1")
    return total


def letter_of(name: str) -> Symbol:
    """A size that stands for all."""
    return Symbol(name, integer=True, positive=True)
