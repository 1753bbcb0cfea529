r"""Derivatives written as fractions: ``\frac{\partial E}{\partial w}``, ``\frac{d}{dx}``, d²f/dx².

Both lines must begin with the same sign, ∂ or d; anything else is an ordinary fraction. With nothing
but the sign above, the fraction is an operator that waits for what follows it.
"""

from __future__ import annotations

from collections.abc import Callable

from symbp.read.errors import UnreadableError
from symbp.read.latex_names import without_fonts
from symbp.read.latex_pieces import Kind, Piece, Pieces, spelled
from symbp.read.latex_tables import FONTS
from symbp.read.latex_tokens import Operator
from symbp.read.tree import Partial, Span, Tree

MAX_ORDER = 4


def derivative(
    above: Pieces, below: Pieces, parse: Callable[[Pieces], Tree], span: Span
) -> Partial | Operator | None:
    """The derivative a fraction is; None for an ordinary fraction."""
    above, below = _plain(above), _plain(below)
    sign = _sign(below)
    if sign is None or _sign(above) != sign or len(below) < 2:
        return None
    of, order = _order(above[1:])
    by = _variables(below, sign, parse, span)
    if len(by) != order:
        raise UnreadableError(
            f"{order} derivations above the line, {len(by)} below", *span,
            r"\frac{\partial^2 f}{\partial x \partial y}",
        )  # fmt: skip
    return Partial(parse(of), by, span=span) if of else Operator(by)


def _plain(inner: Pieces) -> Pieces:
    """Without the font of an upright d."""
    if len(inner) > 1 and inner[0].kind is Kind.COMMAND and inner[0].text in FONTS:
        opened = without_fonts(inner[:2])
        return (*opened, *inner[2:]) if spelled(opened) == "d" else inner
    return inner


def _sign(inner: Pieces) -> str | None:
    first = inner[0] if inner else None
    if first is None:
        return None
    if first.is_command("partial"):
        return "∂"
    return "d" if first.kind is Kind.LETTER and first.text == "d" and not _scripted(inner) else None


def _scripted(inner: Pieces) -> bool:
    return len(inner) > 1 and inner[1].is_sign("_")


def _order(rest: Pieces) -> tuple[Pieces, int]:
    """What is derived, and how often: the 2 of ``\\partial^2 f``."""
    if rest and rest[0].is_sign("^") and len(rest) > 1:
        return rest[2:], _count(rest[1])
    return rest, 1


def _count(piece: Piece) -> int:
    text = spelled(piece.inner or (piece,))
    if not (text.isdigit() and 1 <= int(text) <= MAX_ORDER):
        raise UnreadableError(
            f"the order {text} of a derivative", piece.start, piece.end, f"1 to {MAX_ORDER}"
        )
    return int(text)


def _variables(
    below: Pieces, sign: str, parse: Callable[[Pieces], Tree], span: Span
) -> tuple[Tree, ...]:
    """Each ``\\partial x`` below the line; ``\\partial x^2`` counts twice."""
    starts = [k for k in range(len(below)) if _sign(below[k : k + 2]) == sign and (
        sign == "∂" or k == 0 or below[k - 1].kind is not Kind.SIGN)]  # fmt: skip
    found: list[Tree] = []
    for begin, end in zip(starts, [*starts[1:], len(below)], strict=True):
        part, times = below[begin + 1 : end], 1
        if len(part) > 2 and part[-2].is_sign("^") and spelled(part[-1:]).isdigit():
            times, part = _count(part[-1]), part[:-2]
        if not part:
            raise UnreadableError("a derivative by nothing", *span, r"\partial x")
        found += [parse(part)] * times
    return tuple(found)
