r"""A quantity before a bracket: a product ``o(1-o)``, or what it depends on, ``J(W, b)``.

A comma makes it a dependence; so do names alone in the bracket after a loss or at the head of a
formula. One name alone in the bracket after another quantity could be either and is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from symbp.read.errors import UnreadableError
from symbp.read.latex_derivatives import closed_at
from symbp.read.latex_names import Reading
from symbp.read.latex_pieces import Kind, Piece, Pieces
from symbp.read.latex_tables import COMPARISONS, LOSSES, OPENING
from symbp.read.tree import Application, Component, Quantity, Span, Tree

if TYPE_CHECKING:
    from symbp.read.latex_scanner import Scanner


def depends(scanner: Scanner, base: str, reading: Reading, span: Span) -> bool:
    """Consume a bracket that says what a quantity depends on; whether one stood here."""
    if reading.power or reading.transposed:
        return False
    start = scanner.at + (
        scanner.at < len(scanner.inner) and scanner.inner[scanner.at].is_command("left")
    )
    if start >= len(scanner.inner) or not scanner.inner[start].is_sign("("):
        return False
    end = closed_at(scanner.inner, start)
    after = scanner.inner[end + 1] if end is not None and end + 1 < len(scanner.inner) else None
    if end is None or (after is not None and after.is_sign("^", "_")):
        return False
    inside = tuple(p for p in scanner.inner[start + 1 : end] if not p.is_command("left", "right"))
    parts = _arguments(inside)
    if any(p.text in COMPARISONS for p in _outside(inside)):
        if base != "I" or scanner.declared("I"):
            raise UnreadableError(
                f"{reading.quantity.name} before a condition", *span, r"\mathbb{1}(z > 0)"
            )
        scanner.emit("INDICATOR", "1", *span)
        return True
    if len(parts) == 1 and not scanner.names_one(parts[0]):
        if base in LOSSES and len(parts[0]) > 1 and not _numeral(parts[0]):
            raise _both(reading.quantity.name, span[0], scanner.inner[end].end)
        return False
    head = scanner.depth == 0 and not scanner.out and end == len(scanner.inner) - 1
    if len(parts) == 1 and base not in LOSSES and not head:
        raise _both(reading.quantity.name, span[0], scanner.inner[end].end)
    arguments = tuple(scanner.sub(part, _place(part, span)) for part in parts)
    whole = (span[0], scanner.inner[end].end)
    scanner.at = end + 1
    scanner.emit("VALUE", _applied(reading.quantity, arguments, whole), *whole)
    scanner.powers()
    return True


def _both(name: str, start: int, end: int) -> UnreadableError:
    return UnreadableError(
        f"is this {name} times what stands in the bracket, or {name} of it?", start, end,
        rf"\cdot between them, or a definition {name}(…) = …",
    )  # fmt: skip


def _numeral(part: Pieces) -> bool:
    return all(p.kind is Kind.NUMBER or p.is_sign("+", "-", "*", "/") for p in part)


def _outside(inside: Pieces) -> list[Piece]:
    """The pieces that stand in no deeper bracket."""
    depth, found = 0, []
    for piece in inside:
        depth -= piece.text in OPENING.values()
        if depth == 0:
            found.append(piece)
        depth += piece.text in OPENING
    return found


def _applied(quantity: Quantity, arguments: tuple[Tree, ...], span: Span) -> Tree:
    tree = Application(quantity.name, arguments, span=span)
    if quantity.upper:
        raise UnreadableError("a layer and a dependence", *span, f"{quantity.name} alone")
    return Component(tree, quantity.indices, span=span) if quantity.indices else tree


def _place(part: Pieces, span: Span) -> Span:
    return (part[0].start, part[-1].end) if part else span


def _arguments(inside: Pieces) -> list[Pieces]:
    """The parts between commas that stand in no deeper bracket."""
    parts: list[list[Piece]] = [[]]
    depth = 0
    for piece in inside:
        depth += piece.text in OPENING
        depth -= piece.text in OPENING.values()
        if depth == 0 and piece.is_sign(","):
            parts.append([])
        else:
            parts[-1].append(piece)
    return [tuple(part) for part in parts]
