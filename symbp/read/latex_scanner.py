r"""From pieces to the grammar's tokens: everything that needs to know the document.

The scanner settles which letters are one name, what is a call, what ``\frac{\partial E}{\partial w}``
and ``\sum_{k=1}^{n}`` hold, and reads scripts with :mod:`symbp.read.latex_names`; the grammar is left
with precedence. Every rule is a method that consumes pieces from a cursor; ``_COMMANDS`` says which.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from lark import Token

from symbp.read.errors import MAX_NESTING, UnreadableError
from symbp.read.latex_derivatives import derivative
from symbp.read.latex_grammar import parse
from symbp.read.latex_names import NameReader, Reading, Scripts, index_letters, without_fonts
from symbp.read.latex_pieces import Kind, Piece, Pieces, spelled, visible
from symbp.read.latex_tables import (
    ACCENT_COMMANDS,
    CASES,
    CLOSING,
    COMPARISONS,
    CONDITION_WORDS,
    FONTS,
    FUNCTION_COMMANDS,
    FUNCTION_LETTERS,
    FUNCTION_WORDS,
    GREEK_SPELLING,
    JOINS,
    MATRICES,
    OPENING,
    OTHERWISE,
    WORD_FONTS,
)
from symbp.read.latex_tokens import Head, Operator, Range, token
from symbp.read.numbers import numeral
from symbp.read.scope import Names
from symbp.read.tree import Call, Cases, Change, Matrix, Number, Quotient, Span, Tree

_SIGNS: Mapping[str, str] = {"+": "PLUS", "-": "MINUS", "/": "SLASH", ",": "COMMA"}
_BRACES = frozenset(["underbrace", "overbrace"])


@dataclass
class Scanner:
    """A cursor over the pieces of one side; ``depth`` bounds the nesting of sides in sides."""

    names: Names
    indices: frozenset[str]
    inner: Pieces
    span: Span
    depth: int = 0
    at: int = 0
    out: list[Token] = field(default_factory=list)

    def tree(self) -> Tree:
        """The tree of the side. Raises :class:`UnreadableError` with the piece at fault."""
        if self.depth > MAX_NESTING:
            raise UnreadableError("nested too deep", *self.span, f"at most {MAX_NESTING} levels")
        while (piece := self.peek()) is not None:
            self.take(piece)
        return parse(self.out, self.span)

    # -- the cursor ----------------------------------------------------------------------------

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
        return Scanner(self.names, self.indices, shown, place, self.depth + 1).tree()

    def argument(self, wanted: str, digits: bool = False) -> tuple[Pieces, Span]:
        r"""The pieces of an argument: a group's inside, or one piece, with a font before it.

        ``digits``: a number is taken digit by digit, as in ``\frac12``; elsewhere that is refused.
        """
        piece = self.next(wanted)
        if piece.kind is Kind.COMMAND and piece.text in FONTS and self.peek() is not None:
            return self.argument(wanted)
        inner = piece.inner if piece.kind is Kind.GROUP else (piece,)
        if digits and piece.kind is Kind.NUMBER and len(piece.text) > 1 and piece.text.isdigit():
            cut = piece.start + 1
            first = Piece(Kind.NUMBER, piece.text[0], piece.start, cut)
            rest = Piece(Kind.NUMBER, piece.text[1:], cut, piece.end)
            self.inner = (*self.inner[: self.at - 1], first, rest, *self.inner[self.at :])
            return (first,), (piece.start, cut)
        if piece.kind is Kind.NUMBER and len(piece.text) > 1 and piece.text.isdigit():
            raise UnreadableError(
                f"TeX takes one digit of {piece.text} here", piece.start, piece.end,
                f"{{{piece.text}}}, or {{{piece.text[0]}}} {piece.text[1:]}",
            )  # fmt: skip
        return visible(inner), (piece.start, piece.end)

    def emit(self, kind: str, value: object, start: int, end: int) -> None:
        """Append a token."""
        self.out.append(token(kind, value, start, end))

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
                self.environment(piece)
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
            self.between(piece, "abs", lambda p: p.is_sign("|"))
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
        single = len(without_fonts(shown)) == 1 and without_fonts(shown)[0].kind is Kind.LETTER
        if single and after is not None and after.is_sign("_", "^", "'"):
            self.inner = (*self.inner[: self.at], *without_fonts(shown), *self.inner[self.at :])
            return
        tree = self.sub(piece.inner, (piece.start, piece.end))
        self.emit("VALUE", tree, piece.start, piece.end)
        self.powers()

    def command(self, piece: Piece) -> None:
        """A command: by its table, or a name."""
        text = piece.text
        if text in _COMMANDS:
            self.at += 1
            _COMMANDS[text](self, piece)
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
            return stem, (piece.start, place[1])
        return GREEK_SPELLING[piece.text], span

    def word(self, first: Piece) -> tuple[str, Span]:
        """One letter, or the longest declared word or function that the letters begin with."""
        run, end = first.text, first.end
        ends = [first.end]
        ahead = 0
        while (p := self.peek(ahead)) is not None and p.kind is Kind.LETTER and p.start == end:
            run, end = run + p.text, p.end
            ends.append(end)
            ahead += 1
        for size in range(len(run), 1, -1):
            text = run[:size]
            known = text in self.names.words or text in self.names.functions
            if known or (size > 2 and text in FUNCTION_WORDS):
                self.at += size - 1
                return text, (first.start, ends[size - 1])
        return first.text, (first.start, first.end)

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
        if isinstance(power, Number) is False and power is not None:
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

    # -- constructs ----------------------------------------------------------------------------

    def fraction(self, piece: Piece) -> None:
        r"""``\frac{a}{b}``, or a derivative where both lines say so."""
        above, top = self.argument("a numerator", digits=True)
        below, bottom = self.argument("a denominator", digits=True)
        span = (piece.start, bottom[1])
        found = derivative(above, below, self.sub, span)
        if isinstance(found, Operator):
            self.emit("OPERATOR", found, *span)
            return
        tree = found or Quotient(self.sub(above, top), self.sub(below, bottom), span=span)
        self.emit("VALUE", tree, *span)
        self.powers()

    def root(self, piece: Piece) -> None:
        if (follows := self.peek()) is not None and follows.is_sign("["):
            raise UnreadableError("a root of higher order", piece.start, follows.end, "^{1/3}")
        inner, place = self.argument("a radicand")
        span = (piece.start, place[1])
        self.emit("VALUE", Call("sqrt", (self.sub(inner, place),), span=span), *span)
        self.powers()

    def summation(self, piece: Piece) -> None:
        scripts = self.scripts(piece.end)
        end = max(piece.end, scripts.span[1])
        letters: tuple[str, ...] = ()
        low = high = None
        domain = ""
        below = scripts.below or ()
        cut = next((k for k, p in enumerate(below) if p.is_sign("=") or p.is_command("in")), None)
        if below:
            names = spelled(below[:cut]).replace("\\ell", "l").split(",")
            if not all(len(n) == 1 and n.isalpha() for n in names):
                raise UnreadableError("a sum needs a letter to run", below[0].start, below[-1].end)
            letters = tuple(names)
        if cut is not None and below[cut].is_sign("="):
            low = self.sub(below[cut + 1 :])
        elif cut is not None:
            domain = spelled(below[cut + 1 :])
        if scripts.above:
            high = self.sub(scripts.above)
        self.emit("SUM", Range(letters, low, high, domain), piece.start, end)

    def gradient(self, piece: Piece) -> None:
        scripts = self.scripts(piece.end)
        by = (self.sub(scripts.below),) if scripts.below else ()
        self.emit("OPERATOR", Operator(by, gradient=True), piece.start, max(piece.end, scripts.span[1]))

    def change(self, piece: Piece) -> None:
        """Δw, where no Δ is declared."""
        base, span = self.base()
        scripts = self.scripts(span[1])
        whole = (span[0], max(span[1], scripts.span[1]))
        reading = self.reader.read(base, scripts, whole)
        span = (piece.start, whole[1])
        self.emit("VALUE", Change(reading.quantity, span=span), *span)

    def brace(self, piece: Piece) -> None:
        r"""``\underbrace{a}_{label}`` is a; the label is prose."""
        inner, place = self.argument("an expression")
        if (mark := self.peek()) is not None and mark.is_sign("_", "^"):
            self.at += 1
            self.argument("a label")
        self.emit("VALUE", self.sub(inner, place), piece.start, place[1])

    def between(self, piece: Piece, function: str, closes: Callable[[Piece], bool]) -> None:
        """``|x|`` and ``‖x‖``."""
        rest = self.inner[self.at :]
        end = next((k for k, p in enumerate(rest) if closes(p)), None)
        if not end:
            raise UnreadableError("this bar is never closed", piece.start, piece.end)
        inside = tuple(p for p in rest[:end] if not p.is_command("right"))
        self.at += end + 1
        span = (piece.start, rest[end].end)
        self.emit("VALUE", Call(function, (self.sub(inside),), span=span), *span)
        self.powers()

    def side_mark(self, piece: Piece) -> None:
        r"""``\left`` and ``\right`` size the bracket after them; an empty one prints nothing."""
        follows = self.peek()
        if follows is not None and follows.is_sign("."):
            raise UnreadableError("a bracket without its partner", piece.start, follows.end)

    def environment(self, piece: Piece) -> None:
        self.at += 1
        rows = _split(piece.inner, Kind.ROW)
        span = (piece.start, piece.end)
        if piece.text in CASES:
            branches = tuple(self.branch(row, span) for row in rows if visible(row))
            self.emit("VALUE", Cases(branches, span=span), *span)
        elif piece.text in MATRICES:
            cells = tuple(
                tuple(self.sub(cell, span) for cell in _split(row, Kind.CELL))
                for row in rows
                if visible(row)
            )
            self.emit("VALUE", Matrix(cells, span=span), *span)
            self.powers()
        else:
            raise UnreadableError(f"the environment {piece.text} is not known", *span)

    def branch(self, row: Pieces, span: Span) -> tuple[Tree, Tree | None]:
        """A row of cases: a value, and its condition or «otherwise»."""
        cells = _split(row, Kind.CELL)
        shown = [visible(cell) for cell in cells]
        if len(shown) != 2 or not shown[0]:
            raise UnreadableError("a case needs a value and a condition", *span, r"x & x > 0 \\")
        value = shown[0][:-1] if shown[0][-1].is_sign(",") else shown[0]
        condition = without_fonts(shown[1])
        words = spelled(condition).strip(" ,.")
        if words in OTHERWISE:
            return self.sub(value), None
        for word in CONDITION_WORDS:
            if words.startswith(word):
                count = len(word)
                condition = condition[count:] if word.isascii() else condition[len(word) :]
                break
        return self.sub(value), self.sub(condition, (shown[1][0].start, shown[1][-1].end))


_COMMANDS: Mapping[str, Callable[[Scanner, Piece], None]] = {
    **dict.fromkeys(("frac", "dfrac", "tfrac", "cfrac"), Scanner.fraction),
    **dict.fromkeys(_BRACES, Scanner.brace),
    **dict.fromkeys(("left", "right"), Scanner.side_mark),
    "sqrt": Scanner.root,
    "sum": Scanner.summation,
    "nabla": Scanner.gradient,
    "Delta": Scanner.change,
    "Vert": lambda s, p: s.between(p, "norm", lambda q: q.is_command("Vert")),
    "vert": lambda s, p: s.between(p, "abs", lambda q: q.is_command("vert")),
}


def scan(inner: Pieces, names: Names, letters: frozenset[str], span: Span) -> Tree:
    """The tree of one side of a formula."""
    return Scanner(names, letters, visible(inner), span).tree()


def letters_in(inner: Pieces, names: Names) -> frozenset[str]:
    """The letters that are indices in a formula."""
    return index_letters(inner, names)


def _one(span: Span) -> Number:
    read = numeral("1")
    return Number("1", read.value, read.unit, span=span)


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


def _split(inner: Pieces, kind: Kind) -> list[Pieces]:
    parts: list[list[Piece]] = [[]]
    for piece in inner:
        if piece.kind is kind:
            parts.append([])
        else:
            parts[-1].append(piece)
    return [tuple(part) for part in parts]
