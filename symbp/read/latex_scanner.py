r"""From pieces to the grammar's tokens: everything that needs to know the document.

The scanner settles what is a name, what is a call, what ``\frac{\partial E}{\partial w}`` and
``\sum_{k=1}^{n}`` hold, and reads scripts with :mod:`symbp.read.latex_names`; the grammar is left
with precedence. A command's rule is a method of it, or stands in ``COMMANDS``.
"""

from __future__ import annotations

from collections.abc import Mapping

from symbp.read.errors import MAX_NESTING, UnreadableError
from symbp.read.latex_bars import bar, indicator
from symbp.read.latex_calls import depends
from symbp.read.latex_constructs import COMMANDS, environment
from symbp.read.latex_cursor import Cursor
from symbp.read.latex_derivatives import closed_at, slashed
from symbp.read.latex_extremes import EXTREMES, ranges
from symbp.read.latex_grammar import parse
from symbp.read.latex_names import NameReader, Reading, named, without_fonts
from symbp.read.latex_numbers import number
from symbp.read.latex_pieces import Kind, Piece, Pieces, spelled, visible
from symbp.read.latex_powers import check_power
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
                number(self, piece)
                self.powers()
            case Kind.LETTER:
                if piece.text != "d" or not slashed(self):
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
            bar(self, piece)
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
        bracketed = shown[0].is_sign("(", "[") and closed_at(shown, 0) == len(shown) - 1
        scripted = after is not None and after.is_sign("_", "^", "'", "(")
        ratio = len(shown) == 3 and shown[0].is_command("frac")
        if bracketed or ratio or (scripted and named(shown)):
            self.inner = (*self.inner[: self.at], *shown, *self.inner[self.at :])
            return
        self.check_script(piece, shown)
        tree = self.sub(piece.inner, (piece.start, piece.end))
        self.emit("VALUE", tree, piece.start, piece.end)
        self.powers()

    def check_script(self, piece: Piece, shown: Pieces) -> None:
        """``net{j}``: a letter in braces right after a name, which is no quantity, lacks its _."""
        before = self.inner[self.at - 2] if self.at > 1 else None
        touches = before is not None and before.kind is Kind.LETTER and before.end == piece.start
        letter = len(shown) == 1 and shown[0].kind is Kind.LETTER
        if touches and letter and not self.declared(shown[0].text):
            text = shown[0].text
            raise UnreadableError(
                f"braces do not print: is this a factor {text}, or a subscript?",
                piece.start, piece.end, f"_{{{text}}}, or \\, {text}",
            )  # fmt: skip

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
        elif text == "partial":
            if not slashed(self):
                raise UnreadableError(
                    "∂ without what it derives by", piece.start, piece.end,
                    r"\frac{\partial E}{\partial w}",
                )  # fmt: skip
        elif text in FONTS and self.bold_one():
            self.at += 2
            indicator(self, (piece.start, self.inner[self.at - 1].end))
        elif text in GREEK_SPELLING or text in FONTS or text in ACCENT_COMMANDS:
            if text not in FONTS or not slashed(self):
                self.name(*self.base())
        else:
            raise UnreadableError(f"\\{text} is not known here", piece.start, piece.end)

    def bold_one(self) -> bool:
        r"""Whether an indicator ``\mathbf{1}_{z>0}`` stands here."""
        one, mark = self.peek(1), self.peek(2)
        ones = one is not None and spelled(one.inner or (one,)) == "1"
        return ones and mark is not None and mark.is_sign("_")

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
        if base == "sigma" and scripts.primes and not self.declared("sigma"):
            raise UnreadableError("the derivative of sigma, but where?", *whole, r"\sigma'(z)")
        if base == "e" and scripts.above and scripts.below is None and not scripts.primes:
            power = self.sub(scripts.above)
            if "e" not in self.names.quantities:
                self.emit("VALUE", Call("exp", (power,), span=whole), *whole)
                return
            if not isinstance(power, Number):
                raise UnreadableError(
                    "e is a quantity here, and Euler's number", *whole, r"\exp(x), or (e)^x"
                )
        reading = self.reader.read(base, scripts, whole)
        if not depends(self, base, reading, whole):
            self.quantity(reading, whole)

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
            elif p.kind is Kind.GROUP and (shown := visible(p.inner)):
                return shown[0].is_sign("(") and closed_at(shown, 0) == len(shown) - 1
            else:
                return p.is_sign("(") or p.is_command("lbrace") or p.is_sign("[")
        return False

    def function(self, name: str, known: bool, start: int, end: int) -> None:
        """A function's head with its primes and power; its argument is left to the grammar."""
        scripts = self.scripts(end)
        over: tuple[tuple[str, int], ...] = ()
        if scripts.below is not None:
            if name not in EXTREMES:
                raise UnreadableError(f"{name} with a subscript", start, scripts.span[1])
            over = ranges(scripts.below, self.names, (start, scripts.span[1]))
        power = self.sub(scripts.above) if scripts.above else None
        if power is not None and not isinstance(power, Number):
            raise UnreadableError(
                "a power of a function needs a number", start, scripts.span[1], "brackets"
            )
        finish = max(end, scripts.span[1])
        follows = self.peek()
        if not known and (follows is None or not (follows.is_sign("(") or follows.is_command("left"))):
            if scripts.primes and name in self.names.functions:
                raise UnreadableError(
                    f"the derivative of {name}, but where?", start, finish, f"{name}'(x)"
                )
            reading = self.reader.read(name, scripts, (start, finish))
            self.quantity(reading, (start, finish))
            return
        self.emit("FN", Head(name, known, scripts.primes, power, over), start, finish)

    def powers(self) -> None:
        """A superscript, transpose or subscript on a bracket, a number or a group."""
        while (piece := self.peek()) is not None and piece.is_sign("^", "_"):
            self.at += 1
            if piece.text == "_":
                below, place = self.argument("an index")
                self.emit("COMPONENT", self.reader.places(below), piece.start, place[1])
                continue
            inner, place = self.argument("an exponent")
            if spelled(without_fonts(inner)).lstrip("\\") in ("T", "top", "intercal"):
                self.emit("TRANSPOSE", "T", piece.start, place[1])
                continue
            check_power(inner, place)
            self.emit("POWER", self.sub(inner, place), piece.start, place[1])


def scan(
    inner: Pieces, names: Names, letters: frozenset[str], span: Span, head: bool = False
) -> Tree:
    """The tree of one side of a formula; ``head`` where a relation follows it."""
    return Scanner(names, letters, visible(inner), span, head=head).tree()
