r"""Numbers in LaTeX: ``2.406``, ``2.406\times 10^{-3}`` and ``2.406e-3``, and the indicator's 1."""

from __future__ import annotations

from typing import TYPE_CHECKING

from symbp.read.errors import UnreadableError
from symbp.read.latex_bars import indicator
from symbp.read.latex_pieces import Piece, Pieces, spelled
from symbp.read.numbers import numeral
from symbp.read.tree import Number

if TYPE_CHECKING:
    from symbp.read.latex_scanner import Scanner


def number(scanner: Scanner, piece: Piece) -> None:
    """Consume a numeral with its power of ten, which is one number, as it is meant."""
    scanner.at += 1
    text, end = piece.text, piece.end
    follows = scanner.peek()
    if follows is not None and follows.is_sign("_"):
        if text != "1":
            raise UnreadableError("a number with a subscript", piece.start, follows.end)
        indicator(scanner, (piece.start, end))
        return
    if (power := _times_ten(scanner, piece)) is not None:
        text, end = f"{text}e{power[0]}", power[1]
    elif tail := _exponent(scanner, piece):
        text, end = text + "".join(each.text for each in tail), tail[-1].end
    read = numeral(text, piece.start)
    value = Number(text, read.value, read.unit, span=(piece.start, end))
    scanner.emit("VALUE", value, piece.start, end)


def _times_ten(scanner: Scanner, number: Piece) -> tuple[str, int] | None:
    r"""The exponent of ``\times 10^{-3}`` after a decimal number, and where it ends."""
    times, ten, caret = (scanner.peek(k) for k in range(3))
    if (
        "." not in number.text or times is None or not times.is_command("times", "cdot")
        or ten is None or ten.text != "10" or caret is None or not caret.is_sign("^")
    ):  # fmt: skip
        return None
    scanner.at += 3
    exponent, place = scanner.argument("an exponent")
    digits = spelled(exponent)
    if not digits.lstrip("+-").isdigit():
        raise UnreadableError("the power of ten needs a whole number", *place)
    return digits, place[1]


def _exponent(scanner: Scanner, number: Piece) -> Pieces:
    """The ``e-3`` of ``2.406e-3``, typed in one piece; what may be e − 3 as well is refused."""
    tail: Pieces = ()
    for ahead, accepted in enumerate((("e", "E"), ("+", "-"), None)):
        piece = scanner.peek(ahead)
        if piece is None or piece.start != (tail[-1] if tail else number).end:
            return ()
        if accepted is not None and piece.text not in accepted:
            return ()
        tail = (*tail, piece)
    e, sign, digits = (piece.text for piece in tail)
    if not digits.isdigit():
        return ()
    if "." in number.text and e not in scanner.names.bases:
        scanner.at += len(tail)
        return tail
    raise UnreadableError(
        f"is this {number.text} times a power of ten, or times {e}?", number.start, tail[-1].end,
        rf"{number.text} \cdot 10^{{{sign.strip('+')}{digits}}}, or "
        rf"{number.text} \cdot {e} {sign} {digits}",
    )  # fmt: skip
