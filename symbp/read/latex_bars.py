r"""Bars and indicators: ``|x|``, ``\|a\|_2``, ``\frac{dE}{do}\Big|_{o=1}``, ``\mathbb{1}_{z>0}``."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING

from symbp.read.errors import UnreadableError
from symbp.read.latex_pieces import Kind, Piece, Pieces, spelled, visible
from symbp.read.latex_tables import OPENING
from symbp.read.tree import Call, Cases, Comparison, Number, Partial, Quantity, Span

if TYPE_CHECKING:
    from symbp.read.latex_scanner import Scanner

NORMS = frozenset(["2", "F"])
"""Subscripts of a norm that say what it is anyway: the root of the sum of squares."""
_STANDS_ALONE = frozenset(["PLUS", "MINUS", "COMPARE", "LP", "COMMA"])


def bar(scanner: Scanner, piece: Piece) -> None:
    """``|x|``, or the bar of a value at a point, ``|_{x=1}``."""
    follows = scanner.peek()
    if follows is not None and follows.is_sign("_"):
        _check_reach(scanner, piece)
        evaluated(scanner, (piece.start, piece.end))
        return
    between(scanner, piece, "abs", lambda p: p.is_sign("|") or p.is_command("vert"))
    after = scanner.peek()
    if after is not None and after.kind in (Kind.LETTER, Kind.NUMBER, Kind.GROUP):
        later = next((p for p in scanner.inner[scanner.at :] if p.is_sign("|")), None)
        if later is not None:
            raise UnreadableError(
                "which bars belong together?", piece.start, later.end, r"\lvert a \rvert b"
            )


def norm(scanner: Scanner, piece: Piece) -> None:
    r"""``\|a\|``, with a 2 or an F below it or without."""
    between(scanner, piece, "norm", lambda p: p.is_command("Vert"))


def between(scanner: Scanner, piece: Piece, function: str, closes: Callable[[Piece], bool]) -> None:
    """What stands between two bars, as a call."""
    rest = scanner.inner[scanner.at :]
    end = next((k for k, p in enumerate(rest) if closes(p)), None)
    if not end:
        raise UnreadableError("this bar is never closed", piece.start, piece.end)
    inside = rest[: end - 1] if rest[end - 1].is_command("right") else rest[:end]
    scanner.at += end + 1
    span = (piece.start, rest[end].end)
    argument = scanner.sub(inside, span)
    scanner.emit("VALUE", Call(function, (argument,), span=span), *span)
    if function == "norm":
        _norm_scripts(scanner, span[1])
    scanner.powers()


def _norm_scripts(scanner: Scanner, start: int) -> None:
    """A 2 or an F below, and a power above, in either order."""
    scripts = scanner.scripts(start)
    if scripts.below is not None and spelled(scripts.below) not in NORMS:
        raise UnreadableError(f"the norm {spelled(scripts.below)}", *scripts.span, r"\|x\|_2")
    if scripts.primes:
        raise UnreadableError("a norm has no prime", *scripts.span)
    if scripts.above:
        scanner.emit("POWER", scanner.sub(scripts.above), *scripts.span)


def _check_reach(scanner: Scanner, piece: Piece) -> None:
    """The bar of a value at a point reaches over one bracket, one derivative, or all that it can."""
    out = scanner.out
    if not out or out[-1].type not in ("VALUE", "RP"):
        raise UnreadableError("this bar has nothing before it", piece.start, piece.end)
    clear = out[-1].type == "RP" or isinstance(out[-1].value, Partial)
    if not clear and len(out) > 1 and out[-2].type not in _STANDS_ALONE:
        raise UnreadableError(
            "how far to the left does this bar reach?", piece.start, piece.end, r"\left. … \right|_{…}"
        )


def evaluated(scanner: Scanner, span: Span) -> None:
    """The subscript of a bar: ``o = 0.5``, several with commas."""
    mark = scanner.peek()
    if mark is None or not mark.is_sign("_"):
        raise UnreadableError("a bar at its end says at what values", *span, "|_{x = 1}")
    scanner.at += 1
    below, place = scanner.argument("x = 1")
    for part in _parts(below):
        cut = next((k for k, p in enumerate(part) if p.is_sign("=")), None)
        if not cut or cut + 1 >= len(part):
            raise UnreadableError("a bar at its end says at what values", *place, "|_{x = 1}")
        variable, value = scanner.sub(part[:cut]), scanner.sub(part[cut + 1 :])
        if not isinstance(variable, Quantity):
            raise UnreadableError("only a quantity has a value here", *variable.span, "x = 1")
        scanner.emit("AT", (variable, value), *place)


def _parts(inner: Pieces) -> list[Pieces]:
    parts: list[list[Piece]] = [[]]
    for piece in inner:
        if piece.is_sign(","):
            parts.append([])
        else:
            parts[-1].append(piece)
    return [tuple(part) for part in parts]


def indicator(scanner: Scanner, span: Span) -> None:
    """What follows the sign of an indicator: a condition in brackets, or below it."""
    mark = scanner.peek()
    if mark is None or not mark.is_sign("_"):
        scanner.emit("INDICATOR", "1", *span)
        return
    scanner.at += 1
    below, place = scanner.argument("a condition")
    if len(below) > 1 and below[0].text in OPENING and below[-1].text == OPENING[below[0].text]:
        below = below[1:-1]
    condition = scanner.sub(visible(below), place)
    if not isinstance(condition, Comparison):
        raise UnreadableError("an indicator needs a condition", *place, "1_{z > 0}")
    one, zero = (Number(str(k), Fraction(k), None, span=span) for k in (1, 0))
    scanner.emit("VALUE", Cases(((one, condition), (zero, None)), span=span), span[0], place[1])
