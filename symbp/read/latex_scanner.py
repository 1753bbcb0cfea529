r"""From pieces to the grammar's tokens: everything that needs to know the document.

The scanner settles what is a name, what is a call, what ``\frac{\partial E}{\partial w}`` and
``\sum_{k=1}^{n}`` hold, and reads scripts with :mod:`symbp.read.latex_names`; the grammar is left
with precedence. A command's rule is a method of it, or stands in ``COMMANDS``.
"""

from __future__ import annotations

from collections.abc import Mapping

from symbp.read.errors import MAX_NESTING, UnreadableError
from symbp.read.latex_constructs import COMMANDS, between, environment
from symbp.read.latex_cursor import Cursor
from symbp.read.latex_grammar import parse
from symbp.read.latex_names import NameReader, Reading, without_fonts
from symbp.read.latex_pieces import Kind, Piece, Pieces, spelled, visible
from symbp.read.latex_tables import (
    ACCENT_COMMANDS,
    CLOSING,
    COMPARISONS,
    FONTS,
    FUNCTION_COMMANDS,
    FUNCTION_LETTERS,
    FUNCTION_WORDS,
    GREEK_SPELLING,
    JOINS,
    OPENING,
)
from symbp.read.latex_tokens import Head
from symbp.read.numbers import numeral
from symbp.read.scope import Names
from symbp.read.tree import Call, Number, Span, Tree

_SIGNS: Mapping[str, str] = {"+": "PLUS", "-": "MINUS", "/": "SLASH", ",": "COMMA"}


class Scanner(Cursor):
    """What each piece of a side becomes: rules that consume pieces and emit tokens."""

    def tree(self) -> Tree:
        """The tree of the side. Raises :class:`UnreadableError` with the piece at fault."""
        if self.depth > MAX_NESTING:
            raise UnreadableError("nested too deep", *self.span, f"at most {MAX_NESTING} levels")
        while (piece := self.peek()) is not None:
            self.take(piece)
        return parse(self.out, self.span)

    # -- one piece -----------------------------------------------------------------------------

    def take(self, piece: Piece) -> None:
        """Consume what starts at a piece."""
        match piece.kind:
            case Kind.NUMBER:
                self.number(piece)
            case Kind.LETTER:
                self.name(*self.base())
            case Kind.SIGN:
                self.sign(piece)
            case Kind.COMMAND:
                self.command(piece)
            case Kind.GROUP:
                self.group(piece)
            case Kind.ENVIRONMENT:
                environment(self, piece)
            case _:
                raise UnreadableError("this has no place in a side", piece.start, piece.end)

    def number(self, piece: Piece) -> None:
        r"""A numeral; ``2.406\times 10^{-3}`` is one numeral, as it is meant."""
        self.at += 1
        text, end = piece.text, piece.end
        times, ten, caret = (self.peek(k) for k in range(3))
        if (
            "." in text and times is not None and times.is_command("times", "cdot")
            and ten is not None and ten.text == "10" and caret is not None and caret.is_sign("^")
        ):  # fmt: skip
            self.at += 3
            exponent, place = self.argument("an exponent")
            digits = spelled(exponent)
            if not digits.lstrip("+-").isdigit():
                raise UnreadableError("the power of ten needs a whole number", *place)
            text, end = f"{text}e{digits}", place[1]
        read = numeral(text, piece.start)
        value = Number(text, read.value, read.unit, span=(piece.start, end))
        self.emit("VALUE", value, piece.start, end)
        self.powers()

    def sign(self, piece: Piece) -> None:
        """A sign: an operation, a bracket, a script, a relation inside brackets."""
        text = piece.text
        self.at += 1
        if text in _SIGNS:
            self.emit(_SIGNS[text], text, piece.start, piece.end)
        elif text in JOINS:
            self.emit("JOIN", JOINS[text], piece.start, piece.end)
        elif text in OPENING:
            self.emit("LP", text, piece.start, piece.end)
        elif text in CLOSING:
            self.emit("RP", text, piece.start, piece.end)
            self.powers()
        elif text in COMPARISONS:
            self.comparison(piece)
        elif text == "|":
            between(self, piece, "abs", lambda p: p.is_sign("|"))
        else:
            self.at -= 1
            raise UnreadableError(f"{text!r} has no place here", piece.start, piece.end)

    def comparison(self, piece: Piece) -> None:
        relation = COMPARISONS[piece.text]
        after = self.peek()
        end = piece.end
        if relation in "<>" and after is not None and after.is_sign("="):
            self.at += 1
            relation, end = relation + "=", after.end
        self.emit("COMPARE", relation, piece.start, end)

    def group(self, piece: Piece) -> None:
        r"""Braces do not print: ``{y}`` is y, and ``{a + b}`` stays together."""
        self.at += 1
        shown = visible(piece.inner)
        if not shown:
            return
        after = self.peek()
        bare = without_fonts(shown)
        single = len(bare) == 1 and bare[0].kind is Kind.LETTER
        if single and after is not None and after.is_sign("_", "^", "'"):
            self.inner = (*self.inner[: self.at], *bare, *self.inner[self.at :])
            return
        tree = self.sub(piece.inner, (piece.start, piece.end))
        self.emit("VALUE", tree, piece.start, piece.end)
        self.powers()

    def command(self, piece: Piece) -> None:
        """A command: by its table, or a name."""
        text = piece.text
        if text in COMMANDS:
            self.at += 1
            COMMANDS[text](self, piece)
        elif text in JOINS:
            self.at += 1
            self.emit("JOIN", JOINS[text], piece.start, piece.end)
        elif text in COMPARISONS:
            self.at += 1
            self.comparison(piece)
        elif text in FUNCTION_COMMANDS:
            self.at += 1
            self.function(FUNCTION_COMMANDS[text], known=True, start=piece.start, end=piece.end)
        elif text in OPENING or text in CLOSING:
            self.at += 1
            self.emit("LP" if text in OPENING else "RP", text, piece.start, piece.end)
        elif text in GREEK_SPELLING or text in FONTS or text in ACCENT_COMMANDS:
            self.name(*self.base())
        else:
            raise UnreadableError(f"\\{text} is not known here", piece.start, piece.end)

    # -- names ---------------------------------------------------------------------------------

    def name(self, base: str, span: Span) -> None:
        """A name: a function about to be applied, Euler's e, or a quantity with its scripts."""
        if not base:
            self.powers()
            return
        kind = self.kind_of(base)
        if kind is not None:
            self.function(*kind, start=span[0], end=span[1])
            return
        scripts = self.scripts(span[1])
        whole = (span[0], max(span[1], scripts.span[1]))
        if base == "e" and not self.declared("e") and scripts.below is None and not scripts.primes:
            power = self.sub(scripts.above) if scripts.above else _one(whole)
            self.emit("VALUE", Call("exp", (power,), span=whole), *whole)
            return
        self.quantity(self.reader.read(base, scripts, whole), whole)

    @property
    def reader(self) -> NameReader:
        return NameReader(self.names, self.indices, self.sub)

    def quantity(self, reading: Reading, span: Span) -> None:
        self.emit("VALUE", reading.quantity, *span)
        if reading.transposed:
            self.emit("TRANSPOSE", "T", span[1], span[1])
        if reading.power:
            self.emit("POWER", self.sub(reading.power), reading.power[0].start, span[1])

    def declared(self, base: str) -> bool:
        """Whether the document has a quantity of this letter."""
        return base in self.names.bases

    def kind_of(self, base: str) -> tuple[str, bool] | None:
        """The function a name is, and whether it is one of the house's; None for a quantity."""
        if base in self.names.functions:
            return base, False
        if self.declared(base):
            return None
        applied = self.applied()
        if base == "sigma":
            return ("sigmoid", True) if applied else None
        if base in FUNCTION_WORDS and len(base) > 1:
            return FUNCTION_WORDS[base], True
        return (base, False) if base in FUNCTION_LETTERS and applied else None

    def applied(self) -> bool:
        """Whether an opening bracket follows, past primes and a superscript."""
        ahead = 0
        while (p := self.peek(ahead)) is not None:
            if p.is_sign("'") or p.is_command("prime", "left"):
                ahead += 1
            elif p.is_sign("^"):
                ahead += 2
            else:
                return p.is_sign("(") or p.is_command("lbrace") or p.is_sign("[")
        return False

    def function(self, name: str, known: bool, start: int, end: int) -> None:
        """A function's head with its primes and power; its argument is left to the grammar."""
        scripts = self.scripts(end)
        if scripts.below is not None:
            raise UnreadableError(f"{name} with a subscript", start, scripts.span[1])
        power = self.sub(scripts.above) if scripts.above else None
        if power is not None and not isinstance(power, Number):
            raise UnreadableError(
                "a power of a function needs a number", start, scripts.span[1], "brackets"
            )
        finish = max(end, scripts.span[1])
        follows = self.peek()
        if not known and (follows is None or not (follows.is_sign("(") or follows.is_command("left"))):
            reading = self.reader.read(name, scripts, (start, finish))
            self.quantity(reading, (start, finish))
            return
        self.emit("FN", Head(name, known, scripts.primes, power), start, finish)

    def powers(self) -> None:
        """A superscript or transpose on a bracket, a number or a group."""
        while (piece := self.peek()) is not None and piece.is_sign("^"):
            self.at += 1
            inner, place = self.argument("an exponent")
            if spelled(without_fonts(inner)).lstrip("\\") in ("T", "top", "intercal"):
                self.emit("TRANSPOSE", "T", piece.start, place[1])
            else:
                self.emit("POWER", self.sub(inner, place), piece.start, place[1])


def _one(span: Span) -> Number:
    read = numeral("1")
    return Number("1", read.value, read.unit, span=span)


def scan(inner: Pieces, names: Names, letters: frozenset[str], span: Span) -> Tree:
    """The tree of one side of a formula."""
    return Scanner(names, letters, visible(inner), span).tree()
