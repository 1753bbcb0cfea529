"""Tables of identities: what a value of a function, a one or a zero may be written as."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import sympy as sp
from sympy import Abs, Expr, Max, Min, cos, cosh, erf, exp, log, sech, sin, sinh, tanh

from symbp.core.functions import relu, sigmoid, silu, softplus, step
from tests.rewriting_terms import minus, over, plus, power, raw, times, where

ONE, TWO, HALF, ZERO = sp.S.One, sp.Integer(2), sp.S.Half, sp.S.Zero


def _negative_exp(v: Expr) -> Expr:
    return raw(exp, minus(v))


def _above(a: Expr, b: Expr | int) -> sp.Basic:
    return sp.StrictGreaterThan(a, b, evaluate=False)


FORMS: Mapping[type, tuple[Callable[..., Expr], ...]] = {
    sigmoid: (
        lambda v: over(ONE, plus(ONE, _negative_exp(v))),
        lambda v: over(raw(exp, v), plus(ONE, raw(exp, v))),
        lambda v: times(HALF, plus(ONE, raw(tanh, over(v, TWO)))),
        lambda v: plus(ONE, minus(raw(sigmoid, minus(v)))),
        lambda v: times(raw(exp, v), raw(sigmoid, minus(v))),
        lambda v: raw(exp, minus(raw(softplus, minus(v)))),
    ),
    tanh: (
        lambda v: plus(times(TWO, raw(sigmoid, times(TWO, v))), minus(ONE)),
        lambda v: over(plus(raw(exp, v), minus(_negative_exp(v))), plus(raw(exp, v), _negative_exp(v))),
        lambda v: plus(ONE, over(minus(TWO), plus(ONE, raw(exp, times(TWO, v))))),
        lambda v: minus(raw(tanh, minus(v))),
        lambda v: over(raw(sinh, v), raw(cosh, v)),
    ),
    softplus: (
        lambda v: raw(log, plus(ONE, raw(exp, v))),
        lambda v: minus(raw(log, raw(sigmoid, minus(v)))),
        lambda v: plus(v, raw(softplus, minus(v))),
        lambda v: plus(raw(relu, v), raw(log, plus(ONE, raw(exp, minus(raw(Abs, v)))))),
    ),
    silu: (lambda v: times(v, raw(sigmoid, v)), lambda v: over(v, plus(ONE, _negative_exp(v)))),
    relu: (
        lambda v: times(v, raw(step, v)),
        lambda v: raw(Max, v, sp.S.Zero),
        lambda v: where(v, _above(v, 0), ZERO),
        lambda v: times(HALF, plus(v, raw(Abs, v))),
        lambda v: plus(v, raw(relu, minus(v))),
    ),
    step: (
        lambda v: where(ONE, _above(v, 0), ZERO),
        lambda v: plus(ONE, minus(where(ONE, sp.LessThan(v, 0, evaluate=False), ZERO))),
        lambda v: power(raw(step, v), 2),
    ),
    Abs: (
        lambda v: raw(Max, v, minus(v)),
        lambda v: power(power(v, 2), HALF),
        lambda v: times(v, raw(sp.sign, v)),
        lambda v: plus(raw(relu, v), raw(relu, minus(v))),
        lambda v: where(v, _above(v, 0), minus(v)),
    ),
    Max: (
        lambda v, *w: plus(v, raw(relu, plus(raw(Max, *w), minus(v)))),
        lambda *v: minus(raw(Min, *map(minus, v))),
        lambda v, *w: where(v, _above(v, raw(Max, *w)), raw(Max, *w)),
        lambda v, *w: times(HALF, plus(v, *w, raw(Abs, plus(v, minus(w[0])))))
        if len(w) == 1 else raw(Max, *w, v),
    ),
    exp: (
        lambda v: over(ONE, _negative_exp(v)),
        lambda v: power(raw(exp, over(v, TWO)), 2),
        lambda v: plus(raw(sinh, v), raw(cosh, v)),
        lambda v: times(raw(exp, plus(v, minus(ONE))), raw(exp, ONE)),
    ),
    erf: (lambda v: minus(raw(erf, minus(v))),),
    sin: (
        lambda v: minus(raw(sin, minus(v))),
        lambda v: times(TWO, raw(sin, over(v, TWO)), raw(cos, over(v, TWO))),
        lambda v: raw(cos, plus(v, minus(over(sp.pi, TWO)))),
    ),
    cos: (
        lambda v: raw(cos, minus(v)),
        lambda v: plus(ONE, times(minus(TWO), power(raw(sin, over(v, TWO)), 2))),
    ),
}  # fmt: skip
"""What a function value may be written as."""

ZEROS: tuple[Callable[[Expr, Expr], Expr], ...] = (
    lambda t, p: plus(t, minus(t)),
    lambda t, p: plus(raw(softplus, t), minus(raw(softplus, minus(t))), minus(t)),
    lambda t, p: plus(raw(relu, t), minus(raw(relu, minus(t))), minus(t)),
    lambda t, p: plus(raw(Abs, t), minus(raw(relu, t)), minus(raw(relu, minus(t)))),
    lambda t, p: plus(raw(erf, t), raw(erf, minus(t))),
    lambda t, p: plus(raw(log, times(p, p)), times(minus(TWO), raw(log, p))),
    lambda t, p: plus(power(power(t, 2), HALF), minus(raw(Abs, t))),
    lambda t, p: plus(raw(relu, times(p, t)), minus(times(p, raw(relu, t)))),
)
"""Nothing, for a term t and a positive p."""

ONES: tuple[Callable[[Expr, Expr], Expr], ...] = (
    lambda t, p: over(p, p),
    lambda t, p: plus(over(ONE, plus(ONE, p)), over(p, plus(ONE, p))),
    lambda t, p: plus(power(raw(sin, t), 2), power(raw(cos, t), 2)),
    lambda t, p: plus(raw(sigmoid, t), raw(sigmoid, minus(t))),
    lambda t, p: times(raw(exp, t), _negative_exp(t)),
    lambda t, p: plus(power(raw(cosh, t), 2), minus(power(raw(sinh, t), 2))),
    lambda t, p: raw(step, p),
    lambda t, p: over(power(p, HALF), power(p, HALF)),
)
"""One, for a term t and a positive p."""

OF_POSITIVE: tuple[Callable[[Expr], Expr], ...] = (
    lambda p: power(power(p, HALF), 2),
    lambda p: power(power(p, 2), HALF),
    lambda p: raw(exp, raw(log, p)),
    lambda p: power(power(p, -1), -1),
    lambda p: raw(Abs, p),
    lambda p: raw(relu, p),
    lambda p: raw(Max, p, minus(p)),
    lambda p: where(p, _above(p, 0), ZERO),
)
"""A positive term, written in another way."""

SIGMOID_SLOPES: tuple[Callable[[Expr], Expr], ...] = (
    lambda v: times(raw(sigmoid, v), raw(sigmoid, minus(v))),
    lambda v: over(_negative_exp(v), power(plus(ONE, _negative_exp(v)), 2)),
    lambda v: over(ONE, plus(TWO, raw(exp, v), _negative_exp(v))),
    lambda v: over(power(raw(sech, over(v, TWO)), 2), sp.Integer(4)),
    lambda v: plus(raw(sigmoid, v), minus(power(raw(sigmoid, v), 2))),
)
TANH_SLOPES: tuple[Callable[[Expr], Expr], ...] = (
    lambda v: power(raw(sech, v), 2),
    lambda v: over(sp.Integer(4), power(plus(raw(exp, v), _negative_exp(v)), 2)),
    lambda v: times(plus(ONE, raw(tanh, v)), plus(ONE, minus(raw(tanh, v)))),
    lambda v: times(sp.Integer(4), raw(sigmoid, times(TWO, v)), raw(sigmoid, minus(times(TWO, v)))),
)
