r"""``x_{2i}``: one index of a vector, though two of a matrix."""

from __future__ import annotations

from itertools import pairwise

from symbp.read.tree import Join, Number, Product, Quantity, Tree


def merged(indices: tuple[Tree, ...], axes: int) -> tuple[Tree, ...]:
    """Indices of which some are products: in ``x_{2i}`` of a vector, 2 and i are one index.

    They are left as they are where more than one product would do.
    """
    pairs = [k for k, (a, b) in enumerate(pairwise(indices))
             if isinstance(a, Number) and isinstance(b, Quantity)]  # fmt: skip
    if len(pairs) != len(indices) - axes:
        return indices
    return tuple(
        Product((index, indices[k + 1]), (Join.IMPLIED,), span=index.span) if k in pairs else index
        for k, index in enumerate(indices) if k - 1 not in pairs
    )

