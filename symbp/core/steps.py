r"""The steps of one derivative, as a book writes them: data, not text.

``∂E/∂w`` is first the chain along each path from the loss to the weight,

    ∂E/∂w = ∂E/∂o · ∂o/∂z₂ · ∂z₂/∂a₁ · ∂a₁/∂z₁ · ∂z₁/∂w,

and then one local derivative is replaced a line, from the loss inward. A line is a sum of products
whose factors keep the order of the path, and names the rule that justifies it and the equation it
comes from. Where there are more than :data:`MOST_PATHS` paths, the adjoint of each quantity that
uses the weight stands for what lies above it (``∂E/∂w = δ · ∂z/∂w``): the recursion of a deep
network.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import sympy as sp
from sympy import Expr, Symbol

from symbp.core.adjoint import local_derivative
from symbp.core.equations import Equation, Term, name_of
from symbp.core.names import ADJOINT

MOST_PATHS = 8


class partial(sp.Function):  # type: ignore[misc]  # noqa: N801  # reads as SymPy's other functions
    """``partial(y, x)`` stands for ∂y/∂x until it is derived."""

    nargs = 2

    def __new__(cls, of: Expr, by: Expr) -> partial:
        """Nothing to evaluate: SymPy's own way there takes 50 µs."""
        return Expr.__new__(cls, of, by)  # type: ignore[no-any-return]

    def _latex(self, printer: object, exp: object = None) -> str:
        of, by = (printer._print(a) for a in self.args)  # type: ignore[attr-defined]
        fraction = f"\\frac{{\\partial {of}}}{{\\partial {by}}}"
        return f"\\left({fraction}\\right)^{{{exp}}}" if exp else fraction


@dataclass(frozen=True)
class Factor:
    """One local derivative ∂of/∂by on a path, with its value; ``open`` until it is replaced."""

    of: Symbol
    by: Symbol
    value: Expr
    rule: str
    open: bool = True

    @property
    def shown(self) -> Expr:
        """What the line prints: ∂of/∂by, or its value."""
        return partial(self.of, self.by) if self.open else self.value


Path = tuple[Factor, ...]
"""The local derivatives along one path, from the loss to the entry."""


@dataclass(frozen=True)
class Step:
    """One line of a derivation: a sum of products of factors, each in the order of its path.

    ``rule`` is what justifies the line (``chain``, ``power``, ``sigmoid``, ``linear`` …) and
    ``references`` names the equations that were differentiated; none for the first line.
    """

    paths: tuple[Path, ...]
    rule: str
    references: tuple[str, ...] = ()

    @property
    def value(self) -> Expr:
        """The line as one SymPy expression."""
        return sp.Add(*(sp.Mul(*(f.shown for f in path)) for path in self.paths))


def steps(equations: Sequence[Equation], loss: str, entry: Symbol) -> tuple[Step, ...]:
    """The lines from the chain rule down to the product, for one scalar of a scalar form.

    Each line after the first replaces the outermost local derivatives that are still open and
    follow one rule.
    """
    defined = {e.name: e for e in equations}
    below = _reaching(equations, entry)
    if loss not in below:
        return (Step((), "constant"),)
    top = defined[loss].target
    few = _count(defined, below, top, entry) <= MOST_PATHS
    paths = _paths(defined, below, top, entry) if few else _last_links(equations, top, entry)
    lines = [Step(tuple(paths), "chain")]
    while opened := _outermost(lines[-1].paths):
        here = tuple(
            tuple(replace(f, open=False) if f in opened else f for f in path)
            for path in lines[-1].paths
        )
        lines.append(Step(here, opened[0].rule, tuple(dict.fromkeys(f.of.name for f in opened))))
    return tuple(lines)


def _outermost(paths: Sequence[Path]) -> tuple[Factor, ...]:
    """The open factors nearest to the loss that share a rule; none when all are replaced."""
    depth = min((k for p in paths for k, f in enumerate(p) if f.open), default=None)
    if depth is None:
        return ()
    level = [p[depth] for p in paths if depth < len(p) and p[depth].open]
    return tuple(dict.fromkeys(f for f in level if f.rule == level[0].rule))


def _reaching(equations: Sequence[Equation], entry: Symbol) -> set[str]:
    """The names through which the entry reaches anything, itself included."""
    below = {entry.name}
    for equation in equations:
        if any(name_of(use) in below for use in equation.operands):
            below.add(equation.name)
    return below


def _count(defined: Mapping[str, Equation], below: set[str], top: Symbol, entry: Symbol) -> int:
    """How many paths lead from the loss to the entry, without walking them."""
    reached = {entry.name: 1}
    for name, equation in defined.items():
        if name in below:
            reached[name] = sum(reached.get(use.name, 0) for use in equation.operands)
    return reached[top.name]


def _paths(
    defined: Mapping[str, Equation], below: set[str], start: Symbol, entry: Symbol
) -> Iterator[Path]:
    if start == entry:
        yield ()
        return
    for use in defined[start.name].operands:
        if use.name in below:
            factor = factor_of(defined[start.name], use)
            for rest in _paths(defined, below, use, entry):
                yield (factor, *rest)


def _last_links(equations: Sequence[Equation], top: Symbol, entry: Symbol) -> Iterator[Path]:
    """``∂E/∂u · ∂u/∂entry`` for each quantity u that uses the entry."""
    for equation in equations:
        if entry in equation.operands:
            user = equation.target
            seed = Symbol(user.name + ADJOINT, real=True)
            yield (Factor(top, user, seed, "adjoint"), factor_of(equation, entry))


def factor_of(equation: Equation, use: Symbol) -> Factor:
    """∂target/∂use of a scalar equation, its terms with the use taken together."""
    bodies = [term.body for term in equation.terms if term.body.has(use)]
    whole = bodies[0] if len(bodies) == 1 else sp.Add(*bodies)
    local = local_derivative(equation, Term((), whole), use)
    return Factor(equation.target, use, local.value, local.rule if len(bodies) == 1 else "sum")
