r"""Formulas as people write them in LaTeX → chains of trees.

>>> from symbp.read.plain import plain
>>> for chain in read(r"\frac{\partial E}{\partial w_{11}} = (o-d)\,o(1-o)\,x_1"):
...     print(plain(chain))
diff(E, w_11) = (o - d)*o*(1 - o)*x_1
"""

from __future__ import annotations

from symbp.read.errors import UnreadableError
from symbp.read.latex_names import index_letters
from symbp.read.latex_pieces import Piece, Pieces, pieces
from symbp.read.latex_rows import Row, rows
from symbp.read.latex_scanner import scan
from symbp.read.scope import Names
from symbp.read.tree import Chain, Span

NO_NAMES = Names()


def read(source: str, names: Names = NO_NAMES) -> tuple[Chain, ...]:
    """The chains of a formula, one a statement, everything consumed.

    ``names`` is what the document has declared before. Raises :class:`UnreadableError` where a piece
    has no reading or more than one.
    """
    found = pieces(source)
    letters = index_letters(found, names)
    chains = tuple(_chain(row, names, letters, len(source)) for row in rows(found))
    if not chains:
        raise UnreadableError("there is no formula here", 0, len(source))
    return chains


def _chain(row: Row, names: Names, letters: frozenset[str], size: int) -> Chain:
    sides = tuple(scan(side, names, letters, _span(side, size)) for side in row.sides)
    return Chain(sides, row.relations)


def _span(side: Pieces, size: int) -> Span:
    shown: list[Piece] = [p for p in side if not p.blank]
    return (shown[0].start, shown[-1].end) if shown else (0, size)
