r"""What LaTeX's commands construct: fractions, roots, sums, gradients, braces, bars, cases, matrices.

Each rule consumes pieces from the scanner's cursor and emits tokens; ``COMMANDS`` says which rule a
command has.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from symbp.read.errors import UnreadableError
from symbp.read.latex_bars import bar, evaluated, indicator, norm
from symbp.read.latex_derivatives import derivative
from symbp.read.latex_names import without_fonts
from symbp.read.latex_pieces import Kind, Piece, Pieces, spelled, visible
from symbp.read.latex_tables import CASES, CONDITION_WORDS, FONTS, MATRICES, OTHERWISE
from symbp.read.latex_tokens import Operator, Range
from symbp.read.tree import Call, Cases, Change, Matrix, Quotient, Span, Tree

if TYPE_CHECKING:
    from symbp.read.latex_scanner import Scanner

LONGEST_WORD = max(map(len, CONDITION_WORDS))
_BRACES = frozenset(["underbrace", "overbrace"])


def fraction(scanner: Scanner, piece: Piece) -> None:
    r"""``\frac{a}{b}``, or a derivative where both lines say so."""
    above, top = scanner.argument("a numerator", digits=True)
    below, bottom = scanner.argument("a denominator", digits=True)
    span = (piece.start, bottom[1])
    found = derivative(scanner, above, below, span)
    if isinstance(found, Operator):
        scanner.emit("OPERATOR", found, *span)
        return
    tree = found or Quotient(scanner.sub(above, top), scanner.sub(below, bottom), span=span)
    scanner.emit("VALUE", tree, *span)
    scanner.powers()


def root(scanner: Scanner, piece: Piece) -> None:
    if (follows := scanner.peek()) is not None and follows.is_sign("["):
        raise UnreadableError("a root of higher order", piece.start, follows.end, "^{1/3}")
    inner, place = scanner.argument("a radicand")
    span = (piece.start, place[1])
    scanner.emit("VALUE", Call("sqrt", (scanner.sub(inner, place),), span=span), *span)
    scanner.powers()


def summation(scanner: Scanner, piece: Piece) -> None:
    scripts = scanner.scripts(piece.end)
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
        low = scanner.sub(below[cut + 1 :])
    elif cut is not None:
        domain = spelled(without_fonts(below[cut + 1 :]))
    if scripts.above:
        high = scanner.sub(scripts.above)
    scanner.emit("SUM", Range(letters, low, high, domain), piece.start, end)


def gradient(scanner: Scanner, piece: Piece) -> None:
    scripts = scanner.scripts(piece.end)
    by = (scanner.sub(scripts.below),) if scripts.below else ()
    end = max(piece.end, scripts.span[1])
    if scripts.above and (spelled(scripts.above) != "2" or not by):
        raise UnreadableError("a power of \\nabla", piece.start, end, r"\nabla_w, or \nabla_w^2")
    times = 2 if scripts.above else 1
    scanner.emit("OPERATOR", Operator(by * times, gradient=True), piece.start, end)


def change(scanner: Scanner, piece: Piece) -> None:
    """Δw, or Δ itself where it is declared or no name follows."""
    follows = scanner.peek()
    if scanner.declared("Delta") or follows is None or follows.kind is Kind.SIGN:
        scanner.name("Delta", (piece.start, piece.end))
        return
    base, span = scanner.base()
    scripts = scanner.scripts(span[1])
    whole = (span[0], max(span[1], scripts.span[1]))
    reading = scanner.reader.read(base, scripts, whole)
    span = (piece.start, whole[1])
    after = scanner.peek()
    if after is not None and after.is_sign("("):
        raise UnreadableError(
            "is this a change times what stands in the bracket, or at that step?", *span, r"\cdot"
        )
    scanner.emit("VALUE", Change(reading.quantity, span=span), *span)


def brace(scanner: Scanner, piece: Piece) -> None:
    r"""``\underbrace{a}_{label}`` is a; the label is prose."""
    inner, place = scanner.argument("an expression")
    if (mark := scanner.peek()) is not None and mark.is_sign("_", "^"):
        scanner.at += 1
        scanner.argument("a label")
    scanner.emit("VALUE", scanner.sub(inner, place), piece.start, place[1])


def side_mark(scanner: Scanner, piece: Piece) -> None:
    r"""``\left`` and ``\right`` size the bracket after them; an empty one opens what a bar closes."""
    follows = scanner.peek()
    if follows is None or not follows.is_sign("."):
        return
    end = _partner(scanner.inner, scanner.at)
    if piece.text == "right" or end is None or not _bar(scanner.inner[end + 1 : end + 2]):
        raise UnreadableError("a bracket without its partner", piece.start, follows.end)
    inside = scanner.inner[scanner.at + 1 : end]
    place = (piece.start, scanner.inner[end + 1].end)
    scanner.at = end + 2
    scanner.emit("VALUE", scanner.sub(inside, place), *place)
    evaluated(scanner, place)


def _partner(inner: Pieces, start: int) -> int | None:
    depth = 1
    for k in range(start, len(inner)):
        depth += inner[k].is_command("left") - inner[k].is_command("right")
        if depth == 0:
            return k
    return None


def _bar(piece: Pieces) -> bool:
    return bool(piece) and (piece[0].is_sign("|") or piece[0].is_command("vert"))


def whole(scanner: Scanner, piece: Piece) -> None:
    r"""``\mathbb{1}(z > 0)``, ``\mathbb{I}_{z > 0}``: an indicator; no other letter of this font."""
    inner, place = scanner.argument("1 or I")
    if spelled(inner) not in ("1", "I"):
        raise UnreadableError(f"\\{piece.text} is known in an indicator", piece.start, place[1])
    indicator(scanner, (piece.start, place[1]))


def environment(scanner: Scanner, piece: Piece) -> None:
    scanner.at += 1
    rows = _split(piece.inner, Kind.ROW)
    span = (piece.start, piece.end)
    if piece.text in CASES:
        branches = tuple(branch(scanner, row, span) for row in rows if visible(row))
        scanner.emit("VALUE", Cases(branches, span=span), *span)
    elif piece.text in MATRICES:
        cells = tuple(
            tuple(scanner.sub(cell, span) for cell in _split(row, Kind.CELL))
            for row in rows
            if visible(row)
        )
        scanner.emit("VALUE", Matrix(cells, span=span), *span)
        scanner.powers()
    else:
        raise UnreadableError(f"the environment {piece.text} is not known", *span)


def branch(scanner: Scanner, row: Pieces, span: Span) -> tuple[Tree, Tree | None]:
    """A row of cases: a value, and its condition or «otherwise»."""
    cells = _split(row, Kind.CELL)
    shown = [visible(cell) for cell in cells]
    if len(shown) != 2 or not shown[0] or not shown[1]:
        raise UnreadableError("a case needs a value and a condition", *span, r"x & x > 0 \\")
    value = shown[0][:-1] if shown[0][-1].is_sign(",") else shown[0]
    condition = _without_words(shown[1])
    if condition is None:
        return scanner.sub(value), None
    return scanner.sub(value), scanner.sub(condition, (shown[1][0].start, shown[1][-1].end))


def _without_words(cell: Pieces) -> Pieces | None:
    """A condition without its «if»; None for «otherwise»."""
    while cell and cell[-1].is_sign(",", ".", ";"):
        cell = cell[:-1]
    if len(cell) > 1 and cell[0].kind is Kind.COMMAND and cell[0].text in FONTS:
        cell = (*visible(cell[1].inner or cell[1:2]), *cell[2:])
    if spelled(cell).rstrip(".,;") in OTHERWISE:
        return None
    ends = (k for k in range(1, LONGEST_WORD + 1) if spelled(cell[:k]) in CONDITION_WORDS)
    return cell[next(ends, 0) :]


def _split(inner: Pieces, kind: Kind) -> list[Pieces]:
    parts: list[list[Piece]] = [[]]
    for piece in inner:
        if piece.kind is kind:
            parts.append([])
        else:
            parts[-1].append(piece)
    return [tuple(part) for part in parts]


COMMANDS: Mapping[str, Callable[[Scanner, Piece], None]] = {
    **dict.fromkeys(("frac", "dfrac", "tfrac", "cfrac"), fraction),
    **dict.fromkeys(_BRACES, brace),
    **dict.fromkeys(("left", "right"), side_mark),
    "sqrt": root,
    "sum": summation,
    "nabla": gradient,
    "Delta": change,
    **dict.fromkeys(("mathbb", "mathbbm", "mathds"), whole),
    "Vert": norm,
    "vert": bar,
}
