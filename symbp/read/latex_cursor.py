r"""A cursor over the pieces of one side: arguments, the letters of names, and their scripts.

What is more than a letter inside braces is a side of its own, with a cursor of its own.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field

from lark import Token

from symbp.read.errors import MAX_NESTING, UnreadableError
from symbp.read.latex_names import Scripts, without_fonts
from symbp.read.latex_pieces import Kind, Piece, Pieces, spelled, visible
from symbp.read.latex_tables import (
    ACCENT_COMMANDS,
    CUSTOMARY_WORDS,
    FONTS,
    FUNCTION_WORDS,
    GREEK_SPELLING,
    WORD_FONTS,
)
from symbp.read.latex_tokens import token
from symbp.read.scope import Names
from symbp.read.tree import Span, Tree

LONGEST = 24
"""How many letters side by side are looked at for an unknown word."""
_LONGEST_KNOWN = max(map(len, (*FUNCTION_WORDS, *CUSTOMARY_WORDS)))

STACKING = frozenset(["AT", "POWER", "TRANSPOSE", "COMPONENT"])
"""Tokens that put a node over the one before; brackets and sums nest as well."""


@dataclass
class Cursor(ABC):
    """Where reading stands, and the tokens read; ``depth`` bounds the nesting of sides in sides."""

    names: Names
    indices: frozenset[str]
    inner: Pieces
    span: Span
    depth: int = 0
    at: int = 0
    head: bool = False
    brackets: int = 0
    stacked: int = 0
    sums: int = 0
    out: list[Token] = field(default_factory=list)

    @abstractmethod
    def declared(self, base: str) -> bool:
        """Whether the document has a quantity of this letter."""

    @abstractmethod
    def tree(self) -> Tree:
        """The tree of the side."""

    def peek(self, ahead: int = 0) -> Piece | None:
        """The next piece that prints, without consuming it."""
        place = self.at + ahead
        return self.inner[place] if place < len(self.inner) else None

    def next(self, wanted: str) -> Piece:
        """Consume a piece; ``wanted`` says what had to stand here."""
        piece = self.peek()
        if piece is None:
            raise UnreadableError("the formula breaks off", *self.span, wanted)
        self.at += 1
        return piece

    def sub(self, inner: Pieces, span: Span | None = None) -> Tree:
        """The tree of pieces inside a piece."""
        shown = visible(inner)
        place = span or ((shown[0].start, shown[-1].end) if shown else self.span)
        return type(self)(self.names, self.indices, shown, place, self.depth + 1).tree()

    def argument(self, wanted: str, digits: bool = False) -> tuple[Pieces, Span]:
        r"""The pieces of an argument: a group's inside, or one piece, with a font before it.

        ``digits``: a number is taken digit by digit, as in ``\frac12``; elsewhere that is refused.
        """
        piece = self.next(wanted)
        if piece.kind is Kind.COMMAND and piece.text in FONTS and self.peek() is not None:
            return self.argument(wanted)
        inner = piece.inner if piece.kind is Kind.GROUP else (piece,)
        several = piece.kind is Kind.NUMBER and len(piece.text) > 1 and piece.text.isdigit()
        if several and digits:
            cut = piece.start + 1
            first = Piece(Kind.NUMBER, piece.text[0], piece.start, cut)
            rest = Piece(Kind.NUMBER, piece.text[1:], cut, piece.end)
            self.inner = (*self.inner[: self.at - 1], first, rest, *self.inner[self.at :])
            return (first,), (piece.start, cut)
        if several:
            raise UnreadableError(
                f"TeX takes one digit of {piece.text} here", piece.start, piece.end,
                f"{{{piece.text}}}, or {{{piece.text[0]}}} {piece.text[1:]}",
            )  # fmt: skip
        return visible(inner), (piece.start, piece.end)

    def emit(self, kind: str, value: object, start: int, end: int) -> None:
        """Append a token. Raises :class:`UnreadableError` where tokens would nest without end."""
        self.brackets += (kind == "LP") - (kind == "RP")
        self.stacked = self.stacked + 1 if kind in STACKING else 0
        self.sums = 0 if kind in ("PLUS", "MINUS") else self.sums + (kind == "SUM")
        if max(self.brackets, self.stacked, self.sums) > MAX_NESTING:
            raise UnreadableError("nested too deep", start, end, f"at most {MAX_NESTING} levels")
        self.out.append(token(kind, value, start, end))

    def base(self) -> tuple[str, Span]:
        """The letters of a name without its scripts, and where they stand."""
        piece = self.next("a name")
        span = (piece.start, piece.end)
        if piece.kind is Kind.LETTER:
            return self.word(piece)
        if piece.text in ACCENT_COMMANDS:
            inner, place = self.argument("a letter")
            stem = _spelled_name(without_fonts(inner))
            if stem is None:
                raise UnreadableError(f"\\{piece.text} over an expression", piece.start, place[1])
            return stem + ACCENT_COMMANDS[piece.text], (piece.start, place[1])
        if piece.text in FONTS:
            inner, place = self.argument("a name")
            stem = _spelled_name(without_fonts(inner))
            if stem is None and piece.text not in WORD_FONTS:
                self.at -= 1
                group = self.next("a name")
                self.emit("VALUE", self.sub(group.inner), piece.start, place[1])
                return "", (piece.start, place[1])
            if stem is None:
                raise UnreadableError("these words are no name", piece.start, place[1])
            return self.longest(stem, (piece.start, place[1]))
        if piece.text not in GREEK_SPELLING:
            raise UnreadableError("a name has to stand here", *span, "a letter")
        return GREEK_SPELLING[piece.text], span

    def word(self, first: Piece) -> tuple[str, Span]:
        """One letter, or the longest declared word or function that the letters begin with."""
        return self.longest(first.text, (first.start, first.end))

    def longest(self, stem: str, span: Span) -> tuple[str, Span]:
        r"""The longest name that begins with these letters; a bold letter is one: ``d\\mathbf{Z}``.

        Three letters side by side that are no known word and not all quantities are one word where
        they are customary or a whole side; elsewhere they are refused.
        """
        name, end, count = self._known(stem, span)
        if not count and (run := self._run(stem, span)) is not None:
            name, end, count = run
        self.at += count
        return name, (span[0], end)

    def _known(self, stem: str, span: Span) -> tuple[str, int, int]:
        """The longest known word from here: its text, its end, how many pieces follow its first."""
        run, end, ahead = stem, span[1], 0
        found = stem, end, 0
        longest = max(_LONGEST_KNOWN, self.names.longest)
        while len(run) < longest and (letters := self._letters(ahead, end)) is not None:
            text, end, count = letters
            run, ahead = run + text, ahead + count
            known = run in self.names.words or run in self.names.functions or self._customary(run)
            if known or (len(run) > 2 and run in FUNCTION_WORDS):
                found = run, end, ahead
        return found

    def _customary(self, run: str) -> bool:
        return run in CUSTOMARY_WORDS and not all(c in self.names.bases for c in run)

    def _run(self, stem: str, span: Span) -> tuple[str, int, int] | None:
        """The unknown word that starts here; None where its letters are factors."""
        run, end, ahead = stem, span[1], 0
        while (p := self.peek(ahead)) is not None and p.kind is Kind.LETTER and p.start == end:
            run, end, ahead = run + p.text, p.end, ahead + 1
            if len(run) == LONGEST:
                break
        if self._is_differential(run, ahead):
            return run, end, ahead
        if stem == "d" and len(run) > 1 and self._differentials():
            if self._whole(ahead):
                return run, end, ahead
            raise UnreadableError(
                f"{run[:2]} is one word, or d times {run[1]}", span[0], end, rf"d \, {run[1]}"
            )
        if len(stem) > 1 or len(run) < 3 or all(c in self.names.bases for c in run):
            return None
        if self._whole(ahead):
            return run, end, ahead
        raise UnreadableError(
            f"{run} is one word, or a product of its letters", span[0], end,
            rf"\text{{{run}}}, or {' '.join(run)}",
        )  # fmt: skip

    def _is_differential(self, run: str, ahead: int) -> bool:
        """``dZ^{[2]}``: the derivative of a loss by Z, where the document has a Z and no d of its own.

        With a d of its own, only a layer in square brackets tells it from a product.
        """
        if len(run) != 2 or run[0] != "d" or not {run[1], run[1].lower()} & self.names.bases:
            return False
        mark, layer = self.peek(ahead), self.peek(ahead + 1)
        bracketed = mark is not None and mark.is_sign("^") and layer is not None
        return not self.declared("d") or bool(bracketed and layer and spelled((layer,))[:1] == "[")

    def _differentials(self) -> bool:
        """Whether the document has names such as dW, or no d of its own."""
        words = any(word[0] == "d" and len(word) == 2 for word in self.names.words)
        return words or not self.declared("d")

    def _whole(self, ahead: int) -> bool:
        """Whether a side is a word and its scripts, and so names what is defined."""
        rest = self.inner[self.at + ahead :]
        scripts = all(p.is_sign("_", "^") for p in rest[::2]) and len(rest) % 2 == 0
        return self.head and self.at == 1 and scripts

    def _letters(self, ahead: int, end: int) -> tuple[str, int, int] | None:
        """The letters that touch the ones before: their text, their end, how many pieces."""
        piece = self.peek(ahead)
        if piece is None or piece.start != end:
            return None
        if piece.kind is Kind.LETTER:
            return piece.text, piece.end, 1
        group = self.peek(ahead + 1)
        if piece.kind is not Kind.COMMAND or piece.text not in FONTS or group is None:
            return None
        text = _spelled_name(without_fonts((group,)))
        return (text, group.end, 2) if text is not None else None

    def declares(self, start: int) -> bool:
        """Whether a declared word of several letters begins at a piece."""
        piece, kept = self.inner[start], self.at
        self.at = start + 1
        found = self._known(piece.text, (piece.start, piece.end))
        self.at = kept
        return found[2] > 0

    def names_one(self, inner: Pieces) -> bool:
        """Whether pieces are one name with its scripts, and nothing else."""
        first = inner[0] if inner else None
        if first is None:
            return False
        dressed = first.text in FONTS or first.text in ACCENT_COMMANDS or first.text in GREEK_SPELLING
        if first.kind is not Kind.LETTER and not (first.kind is Kind.COMMAND and dressed):
            return False
        probe = type(self)(self.names, self.indices, inner, self.span, self.depth + 1)
        probe.base()
        probe.scripts(first.end)
        return probe.at == len(probe.inner)

    def scripts(self, start: int) -> Scripts:
        """The scripts and primes after a name; each at most once."""
        below: Pieces | None = None
        above: Pieces | None = None
        primes, end = 0, start
        while (piece := self.peek()) is not None:
            if piece.is_sign("_") and below is None:
                self.at += 1
                below, place = self.argument("a subscript")
            elif piece.is_sign("^") and above is None:
                self.at += 1
                inner, place = self.argument("a superscript")
                marks = [p.is_command("prime") or p.is_sign("'") for p in inner]
                if inner and all(marks):
                    primes += len(marks)
                else:
                    above = inner
            elif piece.is_sign("'") or piece.is_command("prime"):
                self.at += 1
                primes, place = primes + 1, (piece.start, piece.end)
            else:
                break
            end = place[1]
        return Scripts(below, above, primes, (start, end))


def _spelled_name(inner: Pieces) -> str | None:
    """The letters of a name inside a font or accent; None where it is more than letters."""
    parts = []
    for piece in visible(inner):
        if piece.kind is Kind.LETTER:
            parts.append(piece.text)
        elif piece.kind is Kind.COMMAND and piece.text in GREEK_SPELLING:
            parts.append(GREEK_SPELLING[piece.text])
        else:
            return None
    return "".join(parts) or None
