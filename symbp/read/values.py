"""Numbers for quantities, as a command takes them: ``w1_1_1=0.1``, or a file of such lines."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

from symbp.read.errors import UnreadableError
from symbp.read.fragments import read_source
from symbp.read.numbers import numeral

_PAIR = re.compile(r"\s*([A-Za-z]\w*)\s*=\s*([+-]?)\s*([0-9.eE+-]+)\s*")


class AssignmentError(ValueError):
    """A text that sets no quantity to a number."""


def read_values(words: Iterable[str]) -> dict[str, Fraction]:
    """The numbers that words or files of words give. Raises AssignmentError.

    >>> read_values(["w_11=0.1", "x = -2"])
    {'w_11': Fraction(1, 10), 'x': Fraction(-2, 1)}
    """
    found: dict[str, Fraction] = {}
    for word in words:
        if "=" not in word:
            path = Path(word)
            lines = [line for line in read_source(path).splitlines() if line.strip()]
            for number, line in enumerate(lines, 1):
                found.update([_pair(line.split("#")[0], f"{path}, line {number}: ")])
        else:
            found.update([_pair(word, "")])
    return found


def _pair(text: str, place: str) -> tuple[str, Fraction]:
    match = _PAIR.fullmatch(text)
    if match is None:
        raise AssignmentError(f"{place}{text.strip()!r} sets no number; accepted is w1_1_1=0.1")
    try:
        value = numeral(match[3]).value
    except UnreadableError as error:
        raise AssignmentError(f"{place}{error}") from None
    return match[1], -value if match[2] == "-" else value
