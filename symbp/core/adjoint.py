r"""The adjoint rule: what one use of a quantity sends back to it, in index notation.

For ``y[I] = Σ_K body(I,K)`` and one use ``x[φ(I,K)]`` in the body, the use sends back

    x̄[J] += Σ_{I∪K} ȳ[I] · ∂body/∂x[φ] · [J = φ(I,K)]

(Laue, Mitterreiter & Giesen, *A Simple and Efficient Tensor Calculus*, AAAI 2020, Theorem 8).
∂body/∂x[φ] is SymPy's ``diff`` of the body with its operands made opaque. The bracket is solved for
letters of I∪K where φ can be inverted and stays as a Kronecker delta or a guard where it cannot:

    φ = i          i becomes J
    φ = i, i       i becomes J₁, and δ(J₂, J₁) stays
    φ = 0          δ(J, 0) stays
    φ = 2i + k     k becomes J − 2i, and the guard 0 ≤ J − 2i < extent(k) stays
    φ = t[n]       δ(J, t[n]) stays: a gather
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count

import sympy as sp
from sympy import Dummy, Expr, Idx, Indexed, KroneckerDelta, Symbol

from symbp.core.equations import Equation, Term, extent, indices_of, operands
from symbp.core.functions import OUTPUT, ROWS, TARGET, book_derivative
from symbp.core.slopes import slope

LETTERS = "ijkpqrstuvabcfgh"
"""Letters for an index that has to be renamed."""


@dataclass(frozen=True)
class Local:
    """A local derivative and the rule of calculus that gives it."""

    value: Expr
    rule: str


def local_derivative(equation: Equation, term: Term, operand: Expr) -> Local:
    """∂body/∂operand of one term, other operands held, in the form a book prints.

    Where the term is the whole right side, f(…) inside it is written as the left side:
    ``∂o/∂z = o(1 − o)`` for ``o = σ(z)``.
    """
    uses = operands(term.body)
    others = [use for use in uses if use != operand]
    opaque = {operand: OUTPUT, **dict(zip(others, _opaque(len(others)), strict=True))}
    back = {dummy: use for use, dummy in opaque.items()}
    body = term.body.xreplace(opaque)
    known = book_derivative(body) if len(others) == 1 else None
    if known is not None:
        return Local(known[1].xreplace(back), known[0].rule)
    derivative = slope(body, OUTPUT).xreplace(back)
    if len(equation.terms) == 1 and not term.indices and type(term.body) in _OUTPUT_FORM:
        derivative = derivative.xreplace({term.body: equation.target})
    return Local(derivative, _rule(body))


_OUTPUT_FORM = frozenset((*ROWS, sp.exp, sp.log))


def _opaque(count: int) -> tuple[Symbol, ...]:
    """Stand-ins for the other operands: always the same ones, so that SymPy's cache serves."""
    return _STAND_INS[:count] + tuple(Dummy(real=True) for _ in range(count - len(_STAND_INS)))


_STAND_INS = (TARGET, *(Dummy(f"u{n}", real=True) for n in range(16)))


def _rule(body: Expr) -> str:
    """Which rule of calculus a person would cite for ∂body/∂OUTPUT."""
    if type(body) in _OUTPUT_FORM:
        return str(type(body).__name__)
    if not slope(body, OUTPUT).has(OUTPUT):
        return "identity" if body == OUTPUT else "linear"
    if sp.denom(body).has(OUTPUT):
        return "quotient"
    _, varying = body.as_coeff_Mul()
    return "power" if varying.is_Pow and varying.exp.is_number else "product"


def adjoint(
    equation: Equation, term: Term, operand: Expr, seed: Expr, axes: Sequence[Idx]
) -> Term | None:
    """What one use of an operand sends back to it; None where its derivative is zero.

    ``seed`` is the adjoint of the equation's target at the equation's own indices, ``axes`` the
    indices J of the operand's array.

    >>> from symbp.core.equations import array, index
    >>> j, k = index("j", 3), index("k", 2)
    >>> W, x, z, z_bar = array("W", 3, 2), array("x", 2), array("z", 3), array("z_bar", 3)
    >>> line = Equation(z[j], (Term((k,), W[j, k] * x[k]),))
    >>> adjoint(line, line.terms[0], W[j, k], z_bar[j], (j, k)).body
    x[k]*z_bar[j]
    >>> adjoint(line, line.terms[0], x[k], z_bar[j], (k,)).indices
    (j,)
    """
    local = local_derivative(equation, term, operand).value
    if local == 0:
        return None
    letters = (*equation.indices, *term.indices)
    fresh = {i: Idx(Dummy(str(i), integer=True), extent(i)) for i in letters}
    solved, deltas, guards = _solve(
        tuple(place.xreplace(fresh) for place in indices_of(operand)), tuple(fresh.values()), axes
    )
    body = (seed * local).xreplace(fresh).xreplace(solved) * sp.Mul(*deltas)
    kept = tuple(g.xreplace(fresh).xreplace(solved) for g in term.guard) + tuple(guards)
    summed = tuple(i for i in fresh.values() if i not in solved)
    named = _rename(summed, fresh, axes)
    return Term(summed, body, kept).xreplace(named)


def _solve(
    places: Sequence[Expr], letters: Sequence[Idx], axes: Sequence[Idx]
) -> tuple[dict[Idx, Expr], list[Expr], list[sp.Basic]]:
    """Solve J = φ(letters): what letters become, and the deltas and guards that stay."""
    solved: dict[Idx, Expr] = {}
    deltas: list[Expr] = []
    guards: list[sp.Basic] = []
    for place, axis in zip(places, axes, strict=True):
        here = place.xreplace(solved)
        letter = _invertible(here, [i for i in letters if i not in solved])
        if letter is None:
            deltas.append(KroneckerDelta(axis, here))
            continue
        slope = sp.expand(here).coeff(letter)
        value = sp.expand((axis - here + slope * letter) / slope)
        solved = {i: v.xreplace({letter: value}) for i, v in solved.items()} | {letter: value}
        guards = [g.xreplace({letter: value}) for g in guards]
        deltas = [d.xreplace({letter: value}) for d in deltas]
        if value != axis:
            guards.append(sp.Ge(value, 0, evaluate=False))
            guards.append(sp.Lt(value, extent(letter), evaluate=False))
    return solved, deltas, guards


def _invertible(place: Expr, letters: Sequence[Idx]) -> Idx | None:
    """The letter to solve for: one with coefficient ±1 in an affine place, a plain one first."""
    if place in letters:
        return place
    if place.has(Indexed):
        return None
    affine = sp.expand(place)
    return next((i for i in letters if affine.coeff(i) in (1, -1)), None)


def _rename(
    summed: Sequence[Idx], fresh: Mapping[Idx, Idx], axes: Sequence[Idx]
) -> dict[sp.Basic, sp.Basic]:
    """Give summed indices back their letters, or new ones where a letter is taken."""
    taken = {str(i) for i in axes}
    names: dict[sp.Basic, sp.Basic] = {}
    for letter, dummy in fresh.items():
        if dummy in summed:
            numbered = (f"{c}{n}" for n in count(1) for c in LETTERS)
            name = next(c for c in chain((str(letter),), LETTERS, numbered) if c not in taken)
            taken.add(name)
            names[dummy] = Idx(Symbol(name, integer=True), extent(letter))
    return names
