r"""The chain rule: one rule in index notation, run backward over a program's equations.

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

A derivation is again a program, so a second derivative is ``derive`` applied twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain

import sympy as sp
from sympy import Dummy, Expr, Idx, Indexed, IndexedBase, KroneckerDelta, Symbol

from symbp.core.functions import OUTPUT, ROWS, TARGET, book_derivative
from symbp.core.program import (
    Equation,
    Program,
    ProgramError,
    Term,
    extent,
    indices_of,
    name_of,
    operands,
)

ADJOINT = "_bar"
"""What an adjoint's name adds to the name of its quantity: ``W1_bar`` is ∂E/∂W1."""

LETTERS = "ijkpqrstuvabcfgh"
"""Letters for an index that has to be renamed."""


class partial(sp.Function):  # type: ignore[misc]  # noqa: N801  # reads as SymPy's other functions
    """``partial(y, x)`` stands for ∂y/∂x until it is derived."""

    nargs = 2

    def _latex(self, printer: object, exp: object = None) -> str:
        of, by = (printer._print(a) for a in self.args)  # type: ignore[attr-defined]
        fraction = f"\\frac{{\\partial {of}}}{{\\partial {by}}}"
        return f"\\left({fraction}\\right)^{{{exp}}}" if exp else fraction


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
    derivative = sp.diff(body, OUTPUT).xreplace(back)
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
    if not sp.diff(body, OUTPUT).has(OUTPUT):
        return "identity" if body == OUTPUT else "linear"
    if sp.denom(body).has(OUTPUT):
        return "quotient"
    return "power" if body.is_Pow and body.exp.is_number else "product"


def adjoint(
    equation: Equation, term: Term, operand: Expr, seed: Expr, axes: Sequence[Idx]
) -> Term | None:
    """What one use of an operand sends back to it; None where its derivative is zero.

    ``seed`` is the adjoint of the equation's target at the equation's own indices, ``axes`` the
    indices J of the operand's array.

    >>> from symbp.core.program import array, index
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
            guards += [sp.Ge(value, 0, evaluate=False), sp.Lt(value, extent(letter), evaluate=False)]
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
            candidates = (str(letter), *LETTERS, *(f"{c}{n}" for n in range(1, 99) for c in LETTERS))
            name = next(c for c in candidates if c not in taken)
            taken.add(name)
            names[dummy] = Idx(Symbol(name, integer=True), extent(letter))
    return names


@dataclass(frozen=True)
class Derivation(Program):
    """A program followed by the equations of its adjoints, from the loss back to the parameters.

    ``derivation["W1"]`` is the equation of ∂E/∂W1, whose left side is ``W1_bar``.
    """

    program: Program | None = field(default=None, repr=False)

    @cached_property
    def adjoints(self) -> Mapping[str, Equation]:
        """From a quantity's name to the equation of its adjoint, in the order they are derived."""
        forward = len(self.forward)
        return {e.name.removesuffix(ADJOINT): e for e in self.equations[forward:]}

    @property
    def forward(self) -> Program:
        """The program that was derived."""
        assert self.program is not None
        return self.program

    def __getitem__(self, name: str) -> Equation:
        try:
            return self.adjoints[name]
        except KeyError:
            known = ", ".join(self.adjoints)
            raise KeyError(f"no adjoint of {name}; there are those of {known}") from None

    def with_lemmas(self) -> Derivation:
        """The derivation with each lemma in place of the adjoint it shortens."""
        shorter = {m.of: m.terms for m in self.lemmas if m.given is None}
        backward = tuple(
            Equation(e.target, shorter.get(name, e.terms)) for name, e in self.adjoints.items()
        )
        leaves = [name for name in self.adjoints if name not in self.forward.definitions]
        kept = _reached(backward, [name + ADJOINT for name in leaves])
        return Derivation(
            (*self.forward.equations, *kept), self.loss, self.parameters, self.inputs,
            self.lemmas, self.program,
        )


def _reached(equations: Sequence[Equation], wanted: Iterable[str]) -> tuple[Equation, ...]:
    needed, kept = set(wanted), []
    for equation in reversed(equations):
        if equation.name in needed:
            kept.append(equation)
            needed.update(name_of(use) for use in equation.operands)
    return tuple(reversed(kept))


def derive(program: Program, wrt: Iterable[str] | None = None) -> Derivation:
    """Every adjoint from the loss back to ``wrt`` (all parameters unless said otherwise).

    The cost is linear in the number of equations. Raises ProgramError on an unknown name.
    """
    targets = tuple(wrt) if wrt is not None else tuple(p.name for p in program.parameters)
    for name in targets:
        if name not in program.shapes:
            raise ProgramError(f"{name} is no quantity of the program")
    active = _depending(program, targets)
    axes = _axes(program)
    sent: dict[str, list[Term]] = {}
    backward: list[Equation] = []
    for equation in reversed(program.equations):
        if equation.name not in active:
            continue
        if equation.name == program.loss:
            seed: Expr = sp.S.One
        else:
            if equation.name not in sent and equation.name not in targets:
                continue
            line = _adjoint_line(equation.name, axes[equation.name], sent)
            backward.append(line)
            seed = line.target
        for name, term in _uses(equation, seed, active, axes):
            sent.setdefault(name, []).append(term)
    leaves = [leaf.name for leaf in (*program.parameters, *program.inputs) if leaf.name in targets]
    backward += [_adjoint_line(name, axes[name], sent) for name in leaves]
    return Derivation(
        (*program.equations, *backward), program.loss, program.parameters, program.inputs,
        program.lemmas, program,
    )


def _uses(
    equation: Equation, seed: Expr, active: set[str], axes: Mapping[str, tuple[Idx, ...]]
) -> Iterator[tuple[str, Term]]:
    for term in equation.terms:
        for use in operands(term.body):
            name = name_of(use)
            if name in active:
                sent = adjoint(equation, term, use, seed, axes[name])
                if sent is not None:
                    yield name, sent


def _adjoint_line(
    name: str, axes: tuple[Idx, ...], sent: Mapping[str, list[Term]]
) -> Equation:
    label = Symbol(name + ADJOINT, real=True)
    if not axes:
        return Equation(label, tuple(sent.get(name, ())))
    base = IndexedBase(label, shape=tuple(extent(i) for i in axes))
    return Equation(base[axes], tuple(sent.get(name, ())))


def _depending(program: Program, targets: Iterable[str]) -> set[str]:
    """The names whose value depends on a target, the targets included."""
    active = set(targets)
    for equation in program.equations:
        if any(name_of(use) in active for use in equation.operands):
            active.add(equation.name)
    return active


def _axes(program: Program) -> dict[str, tuple[Idx, ...]]:
    """The indices J by which the adjoint of each quantity is written: its own, or those of a use."""
    axes = {e.name: e.indices for e in program.equations}
    for use in chain.from_iterable(e.operands for e in program.equations):
        places = indices_of(use)
        if all(isinstance(i, Idx) for i in places) and len(set(places)) == len(places):
            axes.setdefault(name_of(use), places)
    for name, shape in program.shapes.items():
        axes.setdefault(name, tuple(
            Idx(Symbol(letter, integer=True), size)
            for letter, size in zip(LETTERS, shape, strict=False)
        ))
    return axes

