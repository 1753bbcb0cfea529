"""Derivatives of formulas of numbers, almost everywhere."""

from __future__ import annotations

import sympy as sp
from sympy import Expr, Symbol


def slope(body: Expr, x: Symbol, times: int = 1) -> Expr:
    """dⁿbody/dxⁿ where it exists: a jump has the slope 0 on both sides, and no impulse in it.

    >>> x = Symbol("x", real=True)
    >>> slope(sp.sign(x) * x**2, x)
    2*x*sign(x)
    """
    derivative: Expr = sp.diff(body, x, times)
    return derivative.replace(sp.DiracDelta, lambda *_: sp.S.Zero)
