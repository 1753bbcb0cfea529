"""The tokens of plain text, as Python's parser takes them; what it does not know gets a stand-in."""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping

from symbp.core.names import GREEK, HAN
from symbp.read.errors import MAX_NESTING, MAX_TOKENS, UnreadableError
from symbp.read.numbers import numeral
from symbp.read.scope import Names

SIGNS: Mapping[str, str] = {"^": "**", "−": "-", "·": "*", "×": "*"}
STAND_IN = "_"
"""What no name consists of, so that a run of it cannot be taken for one."""
LARGE = "the formula is too long or nested too deep", f"{MAX_NESTING} levels, {MAX_TOKENS} signs"
NAME = re.compile(rf"([A-Za-z{HAN}]+)\d*(_[A-Za-z0-9{HAN}]+)*")
_WORD = rf"[A-Za-z{HAN}][\w{HAN}]*"
RATIO = re.compile(rf"([d∂])({_WORD})\s*/\s*\1({_WORD})", re.ASCII)
"""``dE/dw`` or ``∂E/∂w``; its groups are the sign, E and w."""
DIFFERENTIAL = re.compile(r"d[A-Za-z]\w*", re.ASCII)

_TOKEN = re.compile(
    r"(?P<number>(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)(?P<glued>[a-z_]\w*)?"
    rf"|(?P<word>[a-z_{HAN}][\w{HAN}]*)(?P<primes>'+(?=\())?"
    r"|(?P<space>\s+)|(?P<open>[(\[])|(?P<close>[)\]])|(?P<sign>\*\*|[-+*/@^.,<>=!−·×])",
    re.ASCII | re.IGNORECASE,
)


def scan(source: str, start: int, end: int, names: Names) -> tuple[str, tuple[int, ...]]:
    """A side as ASCII for Python's parser, and the offset in the source of each character."""
    pieces: list[str] = []
    places: list[int] = []
    at, depth = start, 0
    while at < end:
        match = _ratio(source, at, end, names) or _TOKEN.match(source, at, end)
        if match is None:
            what = f"{source[at]!r} is no part of plain text"
            raise UnreadableError(what, at, at + 1, "letters, digits, + - * / ^")
        known = match.re is _TOKEN
        depth += bool(match["open"]) - bool(match["close"]) if known else 0
        if depth > MAX_NESTING or len(pieces) >= MAX_TOKENS:
            raise UnreadableError(LARGE[0], *match.span(), LARGE[1])
        piece, after = _piece(match) if known else STAND_IN * len(match[0]), match.end()
        pieces.append(piece)
        places += range(at, after)
        places += [after - 1] * (len(piece) - (after - at))
        at = after
    return "".join(pieces), (*places, end)


def _piece(match: re.Match[str]) -> str:
    """What Python's parser is given for one token."""
    number, glued, word = match["number"], match["glued"], match["word"]
    if number:
        numeral(number, match.start())
    if glued:
        raise UnreadableError("a product needs its *", *match.span(), f"{number}*{glued}")
    if word in {"True", "False", "None"}:
        raise UnreadableError(f"{word} is no number", *match.span(), "a number")
    if word:
        shown = STAND_IN * len(word) if keyword.iskeyword(word) else word
        return shown + STAND_IN * len(match["primes"] or "")
    return " " * len(match[0]) if match["space"] else SIGNS.get(match[0], match[0])


def _ratio(source: str, at: int, end: int, names: Names) -> re.Match[str] | None:
    """``dE/dw``, where neither dE nor dw is a name; it binds as one atom does.

    Raises :class:`UnreadableError` beside a power or after another ``/``, where it can be taken
    in two ways.
    """
    match = RATIO.match(source, at, end)
    if match is None or (match[1] == "d" and any(is_named(f"d{match[k]}", names) for k in (2, 3))):
        return None
    before, after = source[:at].rstrip(), source[match.end() : end].lstrip()
    if before.endswith(("/", "**", "^")) or after.startswith(("**", "^")):
        accepted = f"({match[0]}), diff({match[2]}, {match[3]}, {match[3]})"
        raise UnreadableError(f"{match[0]} has two readings here", *match.span(), accepted)
    return match


def is_named(name: str, names: Names) -> bool:
    """Whether a word that begins with d is a name: declared, or delta."""
    match = NAME.match(name)
    greek = match is not None and match[1] in GREEK
    return greek or name in names.quantities or name in names.functions
