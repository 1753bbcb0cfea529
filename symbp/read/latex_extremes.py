r"""The largest over an index: ``\max_s x_{2i+s-2}`` with a declared number of values of s.

A window is small: the maximum over it is the maximum of its entries, written out.
"""

from __future__ import annotations

from math import prod

from symbp.read.errors import UnreadableError
from symbp.read.latex_pieces import Pieces, spelled
from symbp.read.scope import Names
from symbp.read.tree import Span

EXTREMES = ("max", "min")
MOST = 32
"""How many entries a window may have."""


def ranges(below: Pieces, names: Names, span: Span) -> tuple[tuple[str, int], ...]:
    """The letters below a max or min, and how far each runs.

    Raises UnreadableError for a letter without a number of values, or for too many of them.
    """
    found: list[tuple[str, int]] = []
    for letter in spelled(below).split(","):
        low, high = names.indices.get(letter, (1, ""))
        if low != 1 or not isinstance(high, int):
            raise UnreadableError(
                f"how many values has {letter}?", *span, f"a line: index {letter[:1]} 1..2"
            )
        found.append((letter, high))
    if prod(high for _, high in found) > MOST:
        raise UnreadableError(f"more than {MOST} entries", *span, "a smaller window")
    return tuple(found)
