r"""What a product of two shapes is: a matrix product, entry by entry, an outer product, or none."""

from __future__ import annotations

from collections.abc import Sequence

from symbp.read.errors import UnreadableError
from symbp.read.scope import Size
from symbp.read.tree import Join, Span, Transpose, Tree

Shape = tuple[Size | None, ...] | None
Shaped = tuple[Tree, Shape]
OUTER = "is this the outer product, or entry by entry?"
UNKNOWN = "?"
"""A declared size that fits anything."""


class MisfitError(UnreadableError):
    """Two shapes that no product fits."""


def outer(left: Shape, right: Shaped, span: Span) -> tuple[Join, Shaped]:
    """The join that ⊗ is between these shapes: of two vectors it is a bᵀ where only that fits."""
    tree, shape = right
    if left is None or shape is None:
        raise UnreadableError(OUTER, *span, r"a b^\top, or a \odot b")
    if len(left) != 1 or len(shape) != 1:
        return Join.ODOT, right
    if fits(left[0], shape[0]):
        raise UnreadableError(OUTER, *span, r"a b^\top, or a \odot b")
    return Join.MATMUL, (Transpose(tree, span=tree.span), (1, shape[0]))


def decided(
    left: Shape, join: Join, right: Shape, span: Span, juxtaposed: bool
) -> tuple[Join, Shape]:
    """The join that fits, and the shape of the product. Raises UnreadableError for none, or two."""
    if left is None or right is None:
        return join, None
    if not left or not right:
        return join, left or right
    inner = _matrix_product(left, right)
    entries = len(left) == len(right) and all(map(fits, left, right))
    if join in (Join.IMPLIED, Join.MATMUL):
        if inner is None:
            raise MisfitError(_misfit(left, right), *span, r"\odot, or a transpose")
        return Join.MATMUL, inner
    if join is Join.ODOT:
        if not entries:
            raise MisfitError(_misfit(left, right), *span, "equal shapes")
        return join, left
    if entries and len(left) == 1 and join is not Join.STAR:
        raise UnreadableError(
            "this product of two vectors is a number, or entry by entry", *span,
            r"a^\top b for the number, a \odot b entry by entry",
        )  # fmt: skip
    return _of_two(left, join, right, span, (inner, left if entries else None), juxtaposed)


def _of_two(
    left: Shape, join: Join, right: Shape, span: Span, products: tuple[Shape, Shape], juxtaposed: bool
) -> tuple[Join, Shape]:
    """A sign that may be the matrix product or the product of entries, by what fits."""
    inner, entries = products
    if inner is None and entries is None:
        raise MisfitError(_misfit(left, right), *span, "shapes that fit")
    if inner is None or (entries is not None and join is Join.STAR and juxtaposed):
        return Join.ODOT, entries
    if entries is not None and join is Join.STAR:
        raise UnreadableError(
            "this * is the matrix product, or entry by entry", *span, r"A B, or A \odot B"
        )
    return Join.MATMUL, inner


def _matrix_product(left: Sequence[Size | None], right: Sequence[Size | None]) -> Shape:
    """The shape of the matrix product; None where it does not fit."""
    if len(left) == 1:
        return (left[0], right[1]) if len(right) == 2 and right[0] == 1 else None
    if not fits(left[1], right[0]):
        return None
    if left[0] == 1 and len(right) == 1:
        return ()
    return (left[0], *right[1:])


def fits(one: Size | None, other: Size | None) -> bool:
    """Whether two sizes can be one."""
    return one is None or other is None or one == other


def broadcast(one: Shape, other: Shape, span: Span) -> Shape:
    """The shape of a sum: numbers and vectors are repeated, and columns along a matrix."""
    if one is None or other is None:
        return None
    if not one or not other:
        return one or other
    if len(one) != len(other):
        return max(one, other, key=len)
    for narrow, wide in ((one, other), (other, one)):
        if all(fits(a, b) or a == 1 for a, b in zip(narrow, wide, strict=True)):
            return wide  # a column is repeated along a matrix; a column and a row are not
    raise UnreadableError(_misfit(one, other), *span, "equal shapes")


def _misfit(left: Sequence[Size | None] | None, right: Sequence[Size | None] | None) -> str:
    return f"the shapes {_shown(left)} and {_shown(right)} do not fit"


def _shown(shape: Sequence[Size | None] | None) -> str:
    sizes = [UNKNOWN if size is None else str(size) for size in shape or ()]
    return f"({', '.join(sizes)}{',' if len(sizes) == 1 else ''})"
