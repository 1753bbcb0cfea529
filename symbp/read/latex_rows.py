r"""A formula's pieces as rows of sides: where statements end, and where relations stand.

A row ends at ``\\``, and at a comma, semicolon, ``\quad``, implication or connecting word that has a
relation on either side. A row that starts with a relation continues the chain of the row above; one
that starts with an operator continues its last side.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from symbp.read.errors import UnreadableError
from symbp.read.latex_pieces import Kind, Piece, Pieces, spelled, visible
from symbp.read.latex_tables import (
    ALIGNED,
    CLOSING,
    CONNECTIVES,
    OPENING,
    RELATIONS,
    SEPARATORS,
    WORD_FONTS,
)


@dataclass(frozen=True)
class Row:
    """The sides of a chain as pieces, and the relations between them."""

    sides: tuple[Pieces, ...]
    relations: tuple[str, ...]


_BREAK = Piece(Kind.ROW, "", 0, 0)
_ARROWS = ("rightarrow", "to", "longrightarrow")


def rows(inner: Pieces) -> tuple[Row, ...]:
    """The chains of a formula. Raises :class:`UnreadableError` where a row has nothing to continue."""
    done: list[Row] = []
    for line in _lines(_opened(inner)):
        aligned = next((p.kind is Kind.CELL for p in line if not p.blank), False)
        row = _row(tuple(p for p in line if p.kind is not Kind.CELL))
        first = visible(row.sides[0])
        if not first and not row.relations:
            continue
        if not first or _continues(first[0], row, aligned):
            if not done:
                raise UnreadableError(
                    "this line continues nothing", row.sides[-1][0].start, row.sides[-1][-1].end
                )
            done[-1] = _joined(done[-1], row)
        else:
            done.append(row)
    return tuple(done)


def _continues(first: Piece, row: Row, aligned: bool) -> bool:
    if first.is_sign("-"):
        return aligned
    return first.is_sign("+", "*", "/", ".*") or first.is_command("cdot", "times", "odot", "circ")


def _joined(above: Row, row: Row) -> Row:
    if visible(row.sides[0]):
        sides = (*above.sides[:-1], above.sides[-1] + row.sides[0], *row.sides[1:])
    else:
        sides = (*above.sides, *row.sides[1:])
    return Row(sides, above.relations + row.relations)


def _opened(inner: Sequence[Piece]) -> Iterator[Piece]:
    r"""Aligned environments and ``\boxed`` opened; breaks around an environment's rows."""
    boxed = False
    for piece in inner:
        if piece.kind is Kind.ENVIRONMENT and piece.text in ALIGNED:
            yield _BREAK
            yield from _opened(piece.inner)
            yield _BREAK
        elif piece.is_command("boxed", "fbox"):
            boxed = True
        elif boxed and piece.kind is Kind.GROUP:
            boxed = False
            yield from _opened(piece.inner)
        else:
            yield piece


def _deepened(inner: Sequence[Piece]) -> Iterator[tuple[Piece, int]]:
    """Each piece with the depth of brackets in which it stands."""
    depth = 0
    for piece in inner:
        if piece.kind in (Kind.SIGN, Kind.COMMAND) and piece.text in CLOSING:
            depth -= 1
        yield piece, depth
        if piece.kind in (Kind.SIGN, Kind.COMMAND) and piece.text in OPENING:
            depth += 1


def _relation(piece: Piece) -> bool:
    return piece.kind in (Kind.SIGN, Kind.COMMAND) and piece.text in RELATIONS


def _lines(inner: Iterator[Piece]) -> Iterator[Pieces]:
    line: list[Piece] = []
    for piece in inner:
        if piece.kind is Kind.ROW:
            yield from _statements(line)
            line = []
        else:
            line.append(piece)
    yield from _statements(line)


def _statements(line: Sequence[Piece]) -> Iterator[Pieces]:
    """One row of the source, split where a separator stands between two relations."""
    labelled = _without_labels(line)
    deep = list(_deepened(labelled))
    related = [depth == 0 and _relation(piece) for piece, depth in deep]
    begin = 0
    for k, (piece, depth) in enumerate(deep):
        if depth == 0 and _separates(labelled, k) and any(related[begin:k]):
            after = visible(labelled[k + 1 :])
            if any(related[k + 1 :]) and after:
                if piece.kind is Kind.QUAD and _relation(after[0]):
                    continue
                yield tuple(labelled[begin:k])
                begin = k + 1
    yield tuple(labelled[begin:])


def _separates(line: Sequence[Piece], k: int) -> bool:
    piece = line[k]
    if piece.kind is Kind.QUAD or piece.is_sign(",", ";"):
        return True
    if piece.is_command(*_ARROWS):
        return any(_relation(p) and not p.is_command(*_ARROWS) for p in line[:k]) and any(
            _relation(p) for p in line[k + 1 :]
        )
    return piece.kind is Kind.COMMAND and piece.text in SEPARATORS


def _without_labels(line: Sequence[Piece]) -> list[Piece]:
    r"""Words between formulas made separators; a label after ``\quad`` or at the start left out.

    ``\text{where}`` separates; ``\text{(chain rule)}`` and ``\text{Update:}`` are labels.
    """
    out: list[Piece] = []
    pending: Piece | None = None
    for piece in line:
        if pending is not None and piece.kind is Kind.GROUP:
            words = spelled(_spaced(piece.inner)).strip()
            if words.lower() in CONNECTIVES or words.strip(" ,，").lower() in CONNECTIVES:
                out.append(replace(pending, kind=Kind.QUAD, end=piece.end))
            elif not _label(words, out):
                out += [pending, piece]
            pending = None
            continue
        if pending is not None and not piece.blank:
            out.append(pending)
            pending = None
        if piece.kind is Kind.COMMAND and piece.text in WORD_FONTS:
            pending = piece
        else:
            out.append(piece)
    return out if pending is None else [*out, pending]


def _spaced(inner: Pieces) -> Pieces:
    return tuple(
        replace(p, kind=Kind.SIGN, text=" ") if p.kind is Kind.SPACE else p for p in inner
    )


def _label(words: str, before: Sequence[Piece]) -> bool:
    if not words.strip(" ,.;，。；"):
        return True
    starts = all(p.blank or p.kind is Kind.CELL for p in before)
    after_quad = any(p.kind is Kind.QUAD for p in before[-3:])
    if starts and words.endswith((":", "：")):
        return True
    return after_quad and (words[0] in "([（" or " " in words or not words.isascii())


def _row(line: Pieces) -> Row:
    """A row split at its relations; ``:=`` and trailing punctuation taken care of."""
    kept = list(line)
    while kept and (kept[-1].blank or kept[-1].is_sign(",", ".", ";", ":")):
        kept.pop()
    while kept and (kept[0].blank or kept[0].is_command(*SEPARATORS)):
        kept.pop(0)
    sides: list[list[Piece]] = [[]]
    relations: list[str] = []
    for piece, depth in _deepened(kept):
        if depth == 0 and _relation(piece) and not _compared(sides[-1]):
            relation = RELATIONS[piece.text]
            if sides[-1] and sides[-1][-1].is_sign(":") and relation == "=":
                sides[-1].pop()
                relation = ":="
            sides.append([])
            relations.append(relation)
        else:
            sides[-1].append(piece)
    for k, side in enumerate(sides[1:], 1):
        if not visible(side) or (not visible(sides[0]) and k == 0):
            place = kept[-1].end if kept else 0
            raise UnreadableError("a relation has nothing after it", max(place - 1, 0), place)
    # eqnarray rows end in punctuation before an alignment mark: "… & = & a, &"
    return Row(tuple(_bare(side) for side in sides), tuple(relations))


def _bare(side: Sequence[Piece]) -> Pieces:
    kept = list(side)
    while kept and (kept[-1].blank or kept[-1].is_sign(",", ";")):
        kept.pop()
    return tuple(kept)


def _compared(side: Sequence[Piece]) -> bool:
    """Whether the = that follows belongs to ``>=`` or ``<=``."""
    return bool(side) and side[-1].is_sign("<", ">")
