"""The pieces of a certificate: numbers, texts, lists, each of a moderate size.

Whatever is not as it should be is one ``MalformedError`` that says what would be accepted.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

MOST_DIGITS = 4_000
MOST_LETTERS = 4_000
RATIO = re.compile(r"-?[0-9]+(/[0-9]*[1-9][0-9]*)?")
DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?(e[+-]?[0-9]{1,4})?")
HEX = re.compile(r"[0-9a-f]*")


class MalformedError(Exception):
    """Something in a certificate is not what it should be; the text says what is accepted."""


def wanted(condition: bool, where: str, accepted: str) -> None:
    """Raises MalformedError unless the condition holds."""
    if not condition:
        raise MalformedError(f"{where}: accepted is {accepted}")


def shown(text: str) -> str:
    """A text from a certificate as it may be printed: one line, no control characters."""
    return "".join(c if c.isprintable() else "?" for c in text[:MOST_LETTERS])


def ratio(value: object, where: str) -> Fraction:
    """The fraction that a text such as "-3/8" stands for."""
    fits = isinstance(value, str) and len(value) <= MOST_DIGITS and RATIO.fullmatch(value)
    wanted(bool(fits), where, 'a fraction as a text, "-3/8"')
    return Fraction(str(value))


def decimal(value: object, where: str) -> str:
    """A decimal number, as it is written."""
    fits = isinstance(value, str) and len(value) <= MOST_DIGITS and DECIMAL.fullmatch(value)
    wanted(bool(fits), where, 'a decimal number as a text, "0.25"')
    return str(value)


def whole(value: object, below: int, where: str, least: int = 0) -> int:
    """A whole number in a range."""
    fits = type(value) is int and least <= value < below
    wanted(fits, where, f"a whole number from {least} to {below - 1}")
    assert isinstance(value, int)
    return value


def text(value: object, where: str) -> str:
    """A text of a moderate length."""
    wanted(isinstance(value, str) and len(value) <= MOST_LETTERS, where, "a short text")
    return str(value)


def listed(value: object, most: int, where: str, least: int = 0) -> list[Any]:
    """A list of a moderate length."""
    wanted(isinstance(value, list), where, "a list")
    assert isinstance(value, list)
    wanted(least <= len(value) <= most, where, f"a list of {least} to {most} items")
    return value


def table(value: object, where: str) -> dict[str, Any]:
    """An object of JSON."""
    wanted(isinstance(value, dict), where, "an object of JSON")
    assert isinstance(value, dict)
    return value


def hexadecimal(value: object, where: str) -> int:
    """The number that hexadecimal digits stand for."""
    fits = isinstance(value, str) and 0 < len(value) <= MOST_LETTERS and HEX.fullmatch(value)
    wanted(bool(fits), where, "a hexadecimal number as a text")
    return int(str(value), 16)


def octets(value: object, where: str) -> bytes:
    """The bytes that hexadecimal digits stand for."""
    fits = isinstance(value, str) and len(value) <= MOST_LETTERS and len(value) % 2 == 0
    wanted(fits and bool(HEX.fullmatch(str(value))), where, "bytes in hexadecimal")
    return bytes.fromhex(str(value))
