r"""Derivatives as fractions: ``\frac{\partial E}{\partial w}``, ``\frac{d}{dx}``, d²f/dx², ``dE/dw``.

Both lines must begin with the same sign, ∂ or d, and the lower one with a name after it; anything
else is an ordinary fraction. With nothing but the sign above, the fraction is an operator that waits
for what follows it. What is derived is one thing: one name, one call, or all that a bracket holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from symbp.read.errors import UnreadableError
from symbp.read.latex_names import without_fonts
from symbp.read.latex_pieces import Kind, Piece, Pieces, spelled, visible
from symbp.read.latex_tables import (
    ACCENT_COMMANDS,
    FONTS,
    FUNCTION_COMMANDS,
    FUNCTION_WORDS,
    GREEK_SPELLING,
    OPENING,
)
from symbp.read.latex_tokens import Operator
from symbp.read.tree import (
    Call,
    Negation,
    Number,
    Partial,
    Product,
    Quantity,
    Quotient,
    Span,
    Sum,
    Transpose,
    Tree,
)

if TYPE_CHECKING:
    from symbp.read.latex_scanner import Scanner

MAX_ORDER = 4
_NAMING = frozenset([*GREEK_SPELLING, *FONTS, *ACCENT_COMMANDS])


def derivative(
    scanner: Scanner, above: Pieces, below: Pieces, span: Span
) -> Partial | Operator | None:
    """The derivative a fraction is; None for an ordinary fraction."""
    above, below = _plain(above), _plain(below)
    sign = _sign(below)
    if sign is None or _sign(above) != sign or not _named(below[1:]):
        return None
    if sign == "d" and len(above) > 1 and not _derivable(above[1]):
        return None
    of, order = _order(above[1:])
    by = _variables(scanner, below, sign, span)
    if len(by) != order:
        raise UnreadableError(
            f"{order} derivations above the line, {len(by)} below", *span,
            r"\frac{\partial^2 f}{\partial x \partial y}",
        )  # fmt: skip
    if not of:
        return Operator(by)
    function = _function(scanner, of)
    if function is not None:
        return Partial(Call(function, (by[0],), span=span), by, span=span)
    return Partial(_one(scanner.sub(of), of), by, span=span)


def slashed(scanner: Scanner) -> bool:
    r"""Consume ``\partial E/\partial w`` or ``dE/dw`` where one stands; whether it did.

    Raises :class:`UnreadableError` where a factor, a power or another ``/`` beside it could belong to
    either line.
    """
    begin = scanner.at
    cut = _line(scanner, begin)
    slash = scanner.inner[cut] if cut is not None and cut < len(scanner.inner) else None
    if cut is None or slash is None or not slash.is_sign("/"):
        return False
    end = _line(scanner, cut + 1)
    if end is None:
        return False
    above, below = scanner.inner[begin:cut], scanner.inner[cut + 1 : end]
    span = (above[0].start, below[-1].end)
    found = derivative(scanner, above, below, span)
    if not isinstance(found, Partial):
        return False
    after = scanner.inner[end] if end < len(scanner.inner) else None
    if (scanner.out and scanner.out[-1].type == "SLASH") or _sticks(scanner, after, end):
        raise UnreadableError(
            "what stands beside this derivative may belong below its line", *span,
            r"\frac{\partial E}{\partial w}",
        )  # fmt: skip
    scanner.at = end
    scanner.emit("VALUE", found, *span)
    return True


def _sticks(scanner: Scanner, after: Piece | None, place: int) -> bool:
    """Whether what follows a slashed derivative is a factor, a power, or one more division."""
    if after is None or _line(scanner, place) is not None:
        return False
    if after.kind is Kind.SIGN:
        return after.text in ("^", "/", "|") or after.text in OPENING
    if after.kind is Kind.COMMAND:
        factors = (*_NAMING, *FUNCTION_COMMANDS, "frac", "dfrac", "tfrac", "sqrt", "sum", "left")
        return after.text in factors
    return after.kind in (Kind.LETTER, Kind.NUMBER, Kind.GROUP)


def _line(scanner: Scanner, start: int) -> int | None:
    """Where a line ``∂E`` or ``dE`` that starts at a piece ends: after the name and its scripts."""
    inner = scanner.inner
    near = inner[start : start + 3]
    upright = len(_plain(near)) < len(near)
    first = start + (2 if upright else 1)
    if _sign(_plain(near)) is None or first >= len(inner):
        return None
    if inner[start].kind is Kind.LETTER and (
        inner[start].end != inner[first].start or scanner.declares(start)
    ):
        return None
    if inner[first].is_sign("^"):
        first += 2
    if first >= len(inner) or not (
        inner[first].kind is Kind.LETTER
        or (inner[first].kind is Kind.COMMAND and inner[first].text in _NAMING)
    ):
        return None
    kept, scanner.at = scanner.at, first
    scanner.base()
    scanner.scripts(inner[first].end)
    end, scanner.at = scanner.at, kept
    if end < len(inner) and inner[end].is_sign("("):
        closing = closed_at(inner, end)
        return None if closing is None else closing + 1
    return end


def closed_at(inner: Pieces, start: int) -> int | None:
    """Where the bracket that opens at a piece closes."""
    depth = 0
    for k in range(start, len(inner)):
        if inner[k].is_sign(*OPENING) or inner[k].is_command(*OPENING):
            depth += 1
        elif inner[k].is_sign(*OPENING.values()) or inner[k].is_command(*OPENING.values()):
            depth -= 1
            if depth == 0:
                return k
    return None


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
    scripted = len(inner) > 1 and inner[1].is_sign("_")
    return "d" if first.kind is Kind.LETTER and first.text == "d" and not scripted else None


def _named(rest: Pieces) -> bool:
    """Whether a name follows the sign of the lower line."""
    if not rest:
        return False
    first = rest[0]
    return first.kind in (Kind.LETTER, Kind.GROUP) or (
        first.kind is Kind.COMMAND and first.text in _NAMING
    )


def _derivable(piece: Piece) -> bool:
    """Whether what follows a d can be what it derives: not a plus, a point or a relation."""
    if piece.kind is Kind.SIGN:
        return piece.text == "^" or piece.text in OPENING
    command = piece.kind is Kind.COMMAND
    return not command or piece.text in (*_NAMING, *FUNCTION_COMMANDS, "left", "frac", "sum")


def _function(scanner: Scanner, of: Pieces) -> str | None:
    """The house's function that a numerator names without an argument: ``\\frac{d\\sigma}{dz}``."""
    bare = without_fonts(of)
    word = spelled(bare).removeprefix("\\")
    if scanner.declared(word) or word in scanner.names.functions:
        return None
    if word == "sigma":
        return "sigmoid"
    named = all(p.kind is Kind.LETTER for p in bare) or len(bare) == 1
    return FUNCTION_WORDS.get(word) if named and len(word) > 1 else None


def _one(tree: Tree, of: Pieces) -> Tree:
    """What is derived, where it is one thing. Raises :class:`UnreadableError` where it is several."""
    shown = visible(of)
    inside = shown[0].inner if len(shown) == 1 and shown[0].kind is Kind.GROUP else shown
    start = 1 if inside and inside[0].is_command("left") else 0
    end = closed_at(inside, start) if inside and _opens(inside[start]) else None
    bracketed = end is not None and end == len(inside) - 1
    several = isinstance(tree, Sum) or (
        isinstance(tree, Product) and sum(not _constant(f) for f in tree.factors) > 1
    )
    if several and not bracketed:
        raise UnreadableError(
            "how much of this is derived?", *tree.span, "brackets around all that is derived"
        )
    return tree


def _opens(piece: Piece) -> bool:
    return piece.is_sign(*OPENING) or piece.is_command(*OPENING)


def _constant(tree: Tree) -> bool:
    match tree:
        case Quotient(above, below):
            return _constant(above) and _constant(below)
        case Negation(of):
            return _constant(of)
    return isinstance(tree, Number)


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


def _variables(scanner: Scanner, below: Pieces, sign: str, span: Span) -> tuple[Tree, ...]:
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
        variable = scanner.sub(part)
        named = variable.of if isinstance(variable, Transpose) else variable
        if not isinstance(named, Quantity):
            raise UnreadableError("a derivative is by one quantity", *variable.span, r"\partial w")
        found += [variable] * times
    return tuple(found)
