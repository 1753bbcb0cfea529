r"""``P - I`` and ``\delta_{ij}`` in notes that define neither: the identity, if that makes them true.

Either may as well be something that the author has forgotten to define, so what is read this way is
an assumption, and a claim that is wrong under it is not judged at all.
"""

from __future__ import annotations

from fractions import Fraction

from symbp.read.errors import UnreadableError
from symbp.read.tree import Join, Negation, Number, Product, Quantity, Quotient, Span, Tree

IDENTITY = Quantity("I")


class UnmetIdentityError(UnreadableError):
    """A name that may be the identity or something undefined; ``assumed`` is what one would take."""

    def __init__(self, name: str, span: Span, assumed: str, accepted: str) -> None:
        super().__init__(f"{name} has not been met before", *span, accepted)
        self.assumed = assumed


def multiple(term: Tree) -> Tree | None:
    """The c of a term c·I; None for another term.

    >>> i, c = Quantity("I"), Quantity("c")
    >>> multiple(Negation(Product((c, i), (Join.IMPLIED,)))) == Negation(c)
    True
    >>> multiple(c) is None
    True
    """
    match term:
        case Quantity() if term == IDENTITY:
            return Number("1", Fraction(1), None, span=term.span)
        case Negation():
            inner = multiple(term.of)
            return None if inner is None else Negation(inner, span=term.span)
        case Quotient():
            inner = multiple(term.above)
            return None if inner is None else Quotient(inner, term.below, span=term.span)
        case Product() if set(term.joins) <= {Join.IMPLIED, Join.CDOT}:
            rest = tuple(factor for factor in term.factors if factor != IDENTITY)
            if len(rest) != len(term.factors) - 1:
                return None
            joins = (Join.IMPLIED,) * (len(rest) - 1)
            return Product(rest, joins, span=term.span) if joins else rest[0]
    return None
