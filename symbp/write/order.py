"""The order in which a book writes the terms of a sum and the factors of a product."""

from __future__ import annotations

from collections.abc import Callable, Collection

import sympy as sp
from sympy import Expr

from symbp.core.equations import name_of, operands
from symbp.write.notation import Notation, natural

Key = Callable[[Expr], tuple[object, ...]]


def factor_key(notation: Notation, last: Collection[str]) -> Key:
    """Orders the factors of a product: adjoints, weights, the rest, then functions in ``last``.

    A letter stands before the bracket that opens with it: o(1 − o).
    """

    def key(part: Expr) -> tuple[object, ...]:
        uses = sorted(operands(part), key=lambda use: natural(name_of(use)))
        if not uses:
            return (0, -1, (), (), str(part))
        rank = min(map(notation.rank, uses))
        if isinstance(part, sp.Add) and rank == 1:
            rank = 2
        lead = natural(name_of(_leading(part) or uses[0]))
        bare = type(part).__name__ in last
        return (bare, rank, lead, (not part.is_Atom, part.is_Add), str(part))

    return key


def common_factor(value: sp.Add) -> Expr:
    """The number a book takes out of a sum: 2 of 2o − 2d, −1 of −a − b; 1 where it takes none."""
    numbers = [part.as_coeff_Mul()[0] for part in value.args]
    if len({abs(n) for n in numbers}) > 1 or any(part.is_Number for part in value.args):
        return sp.S.One
    size = abs(numbers[0])
    if all(n < 0 for n in numbers):
        return -size
    return size if any(n < 0 for n in numbers) else sp.S.One


def _is_polynomial(value: Expr) -> bool:
    symbols = operands(value)
    return bool(symbols) and value.is_polynomial(*symbols) is True


def term_key(value: sp.Add) -> Key:
    """Orders the terms of a sum: a polynomial by falling degree, else the number first."""
    polynomial = _is_polynomial(value)

    def key(part: Expr) -> tuple[object, ...]:
        names = sorted(natural(name_of(use)) for use in operands(part))
        if polynomial:
            return (-_degree(part), names, str(part))
        return (bool(names), names, str(part))

    return key


def _degree(part: Expr) -> int:
    factors = (f.as_base_exp() for f in sp.Mul.make_args(part) if not f.is_number)
    return int(sum(exponent if exponent.is_Integer else 1 for _, exponent in factors))


def _leading(part: Expr) -> Expr | None:
    """What a factor opens with once it is printed: its first positive term's first letter."""
    if not isinstance(part, sp.Add):
        return None
    positive = [t for t in part.args if not t.as_coeff_Mul()[0].is_negative and operands(t)]
    return operands(positive[0])[0] if len(positive) == 1 else None
