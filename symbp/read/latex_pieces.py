r"""LaTeX source as nested pieces: letters, numbers, commands, signs, groups and environments.

This is TeX's own view: ``\frac12`` has the arguments 1 and 2, ``x_12`` is x with the subscript 1
and then a 2, and braces do not print. Every piece keeps its offsets in the source; signs outside
ASCII (∂, ₁₂, ², （) become the pieces of the command they stand for, at their own place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from symbp.read.errors import MAX_CHARACTERS, MAX_NESTING, MAX_PIECES, UnreadableError
from symbp.read.latex_tables import (
    COMMAND_SIGNS,
    DROPPED_WITH_ARGUMENT,
    FRACTION_SIGNS,
    PLAIN_SIGNS,
    QUADS,
    SIZES,
    SPACES,
    SUBSCRIPT_SIGNS,
    SUPERSCRIPT_SIGNS,
)


class Kind(Enum):
    """What a piece is."""

    LETTER = "letter"
    NUMBER = "number"
    COMMAND = "command"
    SIGN = "sign"
    GROUP = "group"
    ENVIRONMENT = "environment"
    ROW = "row"
    CELL = "cell"
    SPACE = "space"
    QUAD = "quad"


@dataclass(frozen=True)
class Piece:
    """One piece; ``inner`` holds what a group or an environment encloses."""

    kind: Kind
    text: str
    start: int
    end: int
    inner: tuple[Piece, ...] = ()

    def is_sign(self, *texts: str) -> bool:
        """Whether this is one of these signs."""
        return self.kind is Kind.SIGN and self.text in texts

    def is_command(self, *texts: str) -> bool:
        """Whether this is one of these commands."""
        return self.kind is Kind.COMMAND and self.text in texts

    @property
    def blank(self) -> bool:
        """Whether it prints nothing."""
        return self.kind in (Kind.SPACE, Kind.QUAD)


Pieces = tuple[Piece, ...]

_TOKEN = re.compile(
    r"""
      (?P<comment>(?<!\\)%[^\n]*)
    | (?P<space>[\s~\u2000-\u200b\u3000]+)
    | \\begin\s*\{(?P<begin>\w+\*?)\}(?:\{[^{}]*\}|\[[^\]]*\])?
    | \\end\s*\{(?P<end>\w+\*?)\}
    | (?P<row>\\\\(?:\s?\[[^\]]*\])?|\\newline(?![A-Za-z])|\\cr(?![A-Za-z]))
    | (?P<underlined>(?<![A-Za-z])[A-Za-z]+(?:\\_[A-Za-z0-9]+)+(?:_(?:[A-Za-z0-9]|\{[A-Za-z0-9]+\}))?)
    | \\(?P<command>[A-Za-z]+)
    | \\(?P<escaped>[,;:!>|{}%_&\#/ ])
    | (?P<number>\d+(?:\{,\}\d{3})+|\d+\.\d*|\.\d+|\d+)
    | (?P<dotted>\.\s*\*|\.\s*\\ast(?![A-Za-z]))
    | (?P<letter>[A-Za-z]|[\u4e00-\u9fff]+)
    | (?P<sub>[₀-₉ᵢⱼₖₗₘₙₒₕ₊₋]+)
    | (?P<sup>[⁰¹²³⁴-⁹ˡⁿᵀ⁺⁻⁽⁾]+)
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL | re.ASCII,
)


def pieces(source: str) -> Pieces:
    """The source taken apart. Raises :class:`UnreadableError` on unbalanced braces and excess."""
    if len(source) > MAX_CHARACTERS:
        raise UnreadableError(
            "the formula is too long", 0, len(source), f"at most {MAX_CHARACTERS} characters"
        )
    return _Grouping(source).all()


class _Grouping:
    """One pass over the tokens with a stack of open groups."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.open: list[tuple[str, int, list[Piece]]] = [("", 0, [])]
        self.count = 0

    def all(self) -> Pieces:
        for match in _TOKEN.finditer(self.source):
            self.count += 1
            if self.count > MAX_PIECES:
                raise UnreadableError(
                    "the formula has too many pieces", match.start(), match.end(),
                    f"at most {MAX_PIECES}",
                )
            self.take(match)
        closer, start, inner = self.open.pop()
        if closer:
            shown = "{" if closer == "}" else f"\\begin{{{closer}}}"
            raise UnreadableError(f"{shown} is never closed", start, start + len(shown))
        for piece in inner:
            if piece.is_command("over"):
                raise UnreadableError(
                    "\\over takes all that stands around it", piece.start, piece.end, r"{a \over b}"
                )
        return _without_arguments(inner)

    def take(self, match: re.Match[str]) -> None:
        kind, text = match.lastgroup or "", match.group()
        start, end = match.span()
        if kind == "begin":
            self.push(match["begin"], start)
        elif kind == "end":
            self.pop(match["end"], text, start, end)
        elif text == "{":
            self.push("}", start)
        elif text == "}":
            self.pop("}", text, start, end)
        elif kind != "comment":
            self.open[-1][2].extend(_simple(kind, match[kind], start, end))

    def push(self, closer: str, start: int) -> None:
        if len(self.open) > MAX_NESTING:
            raise UnreadableError(
                "nested too deep", start, start + 1, f"at most {MAX_NESTING} levels"
            )
        self.open.append((closer, start, []))

    def pop(self, closer: str, text: str, start: int, end: int) -> None:
        if self.open[-1][0] != closer:
            raise UnreadableError(f"{text} closes nothing", start, end)
        _, begin, inner = self.open.pop()
        kind = Kind.GROUP if closer == "}" else Kind.ENVIRONMENT
        name = "" if closer == "}" else closer
        piece = Piece(kind, name, begin, end, _over(_without_arguments(inner)))
        self.open[-1][2].append(piece)


def _simple(kind: str, text: str, start: int, end: int) -> list[Piece]:
    match kind:
        case "space":
            return [Piece(Kind.SPACE, " ", start, end)]
        case "row":
            return [Piece(Kind.ROW, text, start, end)]
        case "command" | "escaped":
            return [_command(text, start, end)]
        case "number":
            return [Piece(Kind.NUMBER, text.replace("{,}", ""), start, end)]
        case "letter":
            return [Piece(Kind.LETTER, text, start, end)]
        case "underlined":
            return _underlined(text, start, end)
        case "dotted":
            return [Piece(Kind.SIGN, ".*", start, end)]
        case "sub":
            return _script("_", [(SUBSCRIPT_SIGNS[c], k) for k, c in enumerate(text, start)])
        case "sup":
            return _script("^", [(SUPERSCRIPT_SIGNS[c], k) for k, c in enumerate(text, start)])
    return _sign(text, start, end)


def _command(name: str, start: int, end: int) -> Piece:
    if name in SPACES or name in SIZES:
        return Piece(Kind.SPACE, name, start, end)
    if name in QUADS:
        return Piece(Kind.QUAD, name, start, end)
    if name in ("_", "&", "%", "#"):
        raise UnreadableError(f"\\{name} is no mathematics", start, end)
    names = {"{": "lbrace", "}": "rbrace", "|": "Vert", "lVert": "Vert", "rVert": "Vert",
             "lvert": "vert", "rvert": "vert", "triangle": "Delta"}  # fmt: skip
    return Piece(Kind.COMMAND, names.get(name, name), start, end)


def _underlined(text: str, start: int, end: int) -> list[Piece]:
    r"""``a\_o_1`` is a name of program text: a with the subscript o1."""
    base, *parts = re.split(r"\\_|_", text)
    word = "".join(part.strip("{}") for part in parts)
    letters = tuple(
        Piece(Kind.NUMBER if run.isdigit() else Kind.LETTER, run, start, end)
        for run in re.findall(r"\d+|[A-Za-z]", word)
    )
    head = Piece(Kind.LETTER, base, start, end)
    if len(base) > 1:
        spelled_out = tuple(Piece(Kind.LETTER, letter, start, end) for letter in base)
        font = Piece(Kind.COMMAND, "mathrm", start, end)
        return [font, Piece(Kind.GROUP, "", start, end, spelled_out), *_below(letters, start, end)]
    return [head, *_below(letters, start, end)]


def _below(letters: Pieces, start: int, end: int) -> list[Piece]:
    return [Piece(Kind.SIGN, "_", start, end), Piece(Kind.GROUP, "", start, end, letters)]


def _script(sign: str, signs: list[tuple[str, int]]) -> list[Piece]:
    start, end = signs[0][1], signs[-1][1] + 1
    inner: list[Piece] = []
    for text, place in signs:
        kind = Kind.NUMBER if text.isdigit() else Kind.LETTER if text.isalpha() else Kind.SIGN
        if inner and kind is Kind.NUMBER and inner[-1].kind is Kind.NUMBER:
            inner[-1] = Piece(kind, inner[-1].text + text, inner[-1].start, place + 1)
        else:
            inner.append(Piece(kind, text, place, place + 1))
    return [Piece(Kind.SIGN, sign, start, start), Piece(Kind.GROUP, "", start, end, tuple(inner))]


def _sign(text: str, start: int, end: int) -> list[Piece]:
    if text == "&":
        return [Piece(Kind.CELL, text, start, end)]
    if text in FRACTION_SIGNS:
        above, below = FRACTION_SIGNS[text]
        return [Piece(Kind.COMMAND, "frac", start, end), Piece(Kind.NUMBER, above, start, end),
                Piece(Kind.NUMBER, below, start, end)]  # fmt: skip
    if text in COMMAND_SIGNS:
        return [Piece(Kind.COMMAND, COMMAND_SIGNS[text], start, end)]
    if text.isalpha():
        raise UnreadableError(f"{text} is no letter of a formula", start, end, "Latin, Greek, Chinese")
    return [Piece(Kind.SIGN, PLAIN_SIGNS.get(text, text), start, end)]


def _over(inner: Pieces) -> Pieces:
    r"""``{a \over b}`` as ``\frac{a}{b}``. Raises :class:`UnreadableError` where there are two."""
    cuts = [k for k, piece in enumerate(inner) if piece.is_command("over")]
    if not cuts:
        return inner
    cut, sign = cuts[0], inner[cuts[0]]
    if len(cuts) > 1 or any(p.kind in (Kind.CELL, Kind.ROW) for p in inner):
        raise UnreadableError("what stands over what?", sign.start, sign.end, r"{a \over b}")
    parts = (
        Piece(Kind.GROUP, "", part[0].start if part else sign.start,
              part[-1].end if part else sign.end, part)
        for part in (inner[:cut], inner[cut + 1 :])
    )  # fmt: skip
    return (Piece(Kind.COMMAND, "frac", sign.start, sign.end), *parts)


def _without_arguments(inner: Sequence[Piece]) -> Pieces:
    r"""Leave out ``\tag{3}``, ``\label{…}``, ``\hspace{…}`` and ``\color{…}`` with their arguments."""
    kept: list[Piece] = []
    skip = False
    for piece in inner:
        if skip and piece.kind is Kind.GROUP:
            skip = False
        elif skip and (piece.blank or piece.is_sign("*")):
            continue
        elif piece.kind is Kind.COMMAND and piece.text in DROPPED_WITH_ARGUMENT:
            skip = True
        else:
            skip = False
            kept.append(piece)
    return tuple(kept)


def visible(inner: Sequence[Piece]) -> Pieces:
    """The pieces that print."""
    return tuple(piece for piece in inner if not piece.blank and piece.kind is not Kind.CELL)


def spelled(inner: Sequence[Piece]) -> str:
    r"""The letters, digits and signs of the pieces in a row; commands with their backslash."""
    out = []
    for piece in inner:
        if piece.kind in (Kind.GROUP, Kind.ENVIRONMENT):
            out.append(spelled(piece.inner))
        elif piece.kind is Kind.COMMAND:
            out.append(f"\\{piece.text}")
        elif not piece.blank:
            out.append(piece.text)
    return "".join(out)
