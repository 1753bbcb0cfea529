r"""Derivatives of arrays by arrays: one adjoint for each entry of what is derived.

``∂p[i]/∂z[j]`` is the adjoint of z where the adjoint of p is one at i and zero elsewhere. So the
chain rule runs once, for a loss whose derivative by p is a seed, and each line then gets the
indices of p as axes of its own; the seed becomes a Kronecker delta:

    p̄[k] = seed[k]          →   ∂p[i]/∂p[k] = δ(i, k)
    z̄[j] = Σ_k p̄[k]·…       →   ∂p[i]/∂z[j] = Σ_k ∂p[i]/∂p[k]·…

A Hessian is the same for p = ∂E/∂z, in the program that holds the adjoints of E: deriving a
derivation.
"""

from __future__ import annotations

from collections.abc import Iterable

import sympy as sp
from sympy import Expr, Idx, Indexed, KroneckerDelta, Symbol

from symbp.core.chain import derive
from symbp.core.equations import Equation, Term, array, extent, index, name_of, scalar
from symbp.core.program import Program

SEED = "seed"


def jacobian(
    equations: Iterable[Equation], of: str, wrt: Iterable[str], suffix: str
) -> tuple[Equation, ...]:
    """The equations of ∂of[I]/∂x[J] for each x of ``wrt``, named x and the ``suffix``.

    Their axes are those of ``of``, then those of x. ``equations`` define ``of``. Raises ProgramError on
    an unknown name.

    >>> j, k = index("j", 2), index("k", 3)
    >>> W, x, z = array("W", 2, 3), array("x", 3), array("z", 2)
    >>> line = Equation(z[j], (Term((k,), W[j, k] * x[k]),))
    >>> print(*jacobian([line], "z", ["x"], "_by"), sep="\\n")
    z_by[of_by1, j] = KroneckerDelta(j, of_by1)
    x_by[of_by1, k] = Σ_{j} W[j, k]*z_by[of_by1, j]
    """
    lines = tuple(equations)
    target = next(e.target for e in lines if e.name == of)
    axes = tuple(target.indices) if isinstance(target, Indexed) else ()
    seed = array(SEED + suffix, *map(extent, axes))[axes] if axes else scalar(SEED + suffix)
    loss = Equation(scalar("loss" + suffix), (Term(axes, seed * target),))
    derivation = derive(Program.of([*lines, loss], ()), [*wrt, of], suffix)
    rows = tuple(index(f"of{suffix}{n}", extent(axis)) for n, axis in enumerate(axes, 1))
    ones = sp.Mul(*map(KroneckerDelta, axes, rows))
    backward = derivation.adjoints.values()
    names = {e.name for e in backward}
    return tuple(_along(e, rows, names, {seed: ones}) for e in backward)


def _along(
    equation: Equation, rows: tuple[Idx, ...], names: set[str], seed: dict[Expr, Expr]
) -> Equation:
    """An adjoint's equation with more axes in front, on each adjoint in it."""
    uses = [use for use in equation.operands if name_of(use) in names]
    rule = {use: _with(use, rows) for use in (equation.target, *uses)} | seed
    return equation.xreplace(rule)


def _with(use: Expr, rows: tuple[Idx, ...]) -> Expr:
    if not rows:
        return use
    if isinstance(use, Indexed):
        shape = (*map(extent, rows), *use.base.shape)
        return array(name_of(use), *shape)[(*rows, *use.indices)]
    assert isinstance(use, Symbol)
    return array(name_of(use), *map(extent, rows))[rows]
