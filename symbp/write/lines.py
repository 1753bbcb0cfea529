"""The lines of a derivation as layout trees: equations, steps, results.

Nothing here sorts: terms keep the order of their equation, factors that of their path, from the
loss to the weight.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import sympy as sp
from sympy import Idx

from symbp.core.equations import Equation, Term, extent
from symbp.core.steps import Factor, Path, Step
from symbp.write.expressions import Typesetter
from symbp.write.formula import (
    Big,
    Brace,
    Fence,
    Joint,
    Node,
    Number,
    Product,
    Row,
    Sign,
    Symbol,
    Tone,
    derivative,
    equals,
    listed,
    signed_sum,
)
from symbp.write.notation import Notation
from symbp.write.order import common_factor

Tones = Mapping[tuple[str, str], int]
"""The tone of each local derivative, by the names of its two quantities."""


@dataclass(frozen=True)
class Lines:
    """Prints the equations and steps of one program; ``ranges`` writes Σ from 1 to n."""

    notation: Notation = Notation()  # noqa: RUF009  # frozen: one value serves all
    ranges: bool = False

    @property
    def set(self) -> Typesetter:
        """What prints the expressions of a line."""
        return Typesetter(self.notation)

    def equation(self, equation: Equation) -> Row:
        """``z_j = Σ_k W_{jk} x_k + b_j``."""
        return equals(*self.sides(equation))

    def sides(self, equation: Equation) -> tuple[Node, Node]:
        """The left and the right side."""
        return self.notation.quantity(equation.target), self.right(equation)

    def right(self, equation: Equation) -> Node:
        """The terms of an equation in their order."""
        terms: list[tuple[bool, Node]] = []
        for term in equation.terms:
            terms += self._term(term)
        return signed_sum(terms)

    def _term(self, term: Term) -> list[tuple[bool, Node]]:
        guards = [self._guard(g) for g in term.guard]
        if not term.indices and not guards:
            return self.set.terms(term.body)
        constant, rest = _outside(term)
        coefficient, constant = constant.as_coeff_Mul() if constant.is_Mul else (constant, None)
        front = abs(coefficient) if constant is None else abs(coefficient) * constant
        inner = self.set.factor(rest)
        if guards:
            inner = Product((inner, *guards))
        total = self._sum(term.indices, inner) if term.indices else inner
        node = total if front == 1 else Product((self.set.factor(front), total))
        return [(bool(coefficient < 0), node)]

    def _sum(self, letters: tuple[Idx, ...], body: Node) -> Node:
        if not self.ranges:
            return Big(body, listed([Symbol(str(i)) for i in letters]))
        for letter in reversed(letters):
            below = Row((Symbol(str(letter)), Sign("="), Number("1")))
            body = Big(body, below, self.set(extent(letter)))
        return body

    def _guard(self, guard: sp.Basic) -> Node:
        """Iverson's bracket around a condition on indices."""
        return Fence(self.set(guard), "[", "]")

    def step(self, step: Step, tones: Tones) -> tuple[Node, ...]:
        """The products of one line, one for each path."""
        return self.products(step, tones, self.path)

    def results(self, step: Step, tones: Tones) -> tuple[Node, ...]:
        """The products of a finished line, each factor named underneath."""
        return self.products(step, tones, self.braced)

    def products(
        self, step: Step, tones: Tones, show: Callable[[Path, Tones, bool], Node]
    ) -> tuple[Node, ...]:
        """A product for each path; after a plus, a factor with a minus is fenced."""
        found = tuple(show(path, tones, n == 0) for n, path in enumerate(step.paths))
        return found or (Number("0"),)

    def path(self, path: Path, tones: Tones, first: bool = True) -> Node:
        """A product in the order of its path, each factor in its tone; no factor 1 is written."""
        kept = [f for f in path if f.open or f.value != 1] or path[:1]
        alone = first and len(kept) == 1
        factors = [
            Tone(self.factor(f, first=first and n == 0, alone=alone), tones[key(f)])
            for n, f in enumerate(kept)
        ]
        return factors[0] if len(factors) == 1 else Product(tuple(factors), Joint.THIN)

    def factor(self, factor: Factor, *, first: bool = False, alone: bool = False) -> Node:
        """∂o/∂z while it is open, its value after."""
        if factor.open:
            return self.local(factor)
        return self.set(factor.value) if alone else self.set.factor(factor.value, first=first)

    def local(self, factor: Factor, *, flat: bool = False) -> Node:
        """∂of/∂by."""
        parts = (self.notation.quantity(factor.of), self.notation.quantity(factor.by))
        return derivative(*parts, flat=flat)

    def braced(self, path: Path, tones: Tones, first: bool = True) -> Node:
        """A finished product whose factors are named by their local derivatives underneath."""
        factors = [
            Tone(
                Brace(self.set.factor(f.value, first=first and n == 0), self.local(f, flat=True)),
                tones[key(f)],
            )
            for n, f in enumerate(path)
        ]
        return Product(tuple(factors), Joint.THIN)


def key(factor: Factor) -> tuple[str, str]:
    """What two occurrences of the same local derivative share."""
    return factor.of.name, factor.by.name


def tones(step: Step) -> Tones:
    """A tone for each local derivative, by its depth on its path."""
    found: dict[tuple[str, str], int] = {}
    for path in step.paths:
        for depth, factor in enumerate(path):
            found.setdefault(key(factor), depth)
    return found


def _outside(term: Term) -> tuple[sp.Expr, sp.Expr]:
    """The numbers and sizes that stand before a sum, and what stays under it."""
    factors = sp.Mul.make_args(term.body)
    front = [f for f in factors if not f.has(sp.Indexed, Idx) and not _reads(f)]
    rest = [f for f in factors if f not in front]
    inner = sp.Mul(*rest)
    common = common_factor(inner) if isinstance(inner, sp.Add) else sp.S.One
    if common != 1:
        inner = sp.Add(*(part / common for part in inner.args))
    return sp.Mul(*front, common), inner


def _reads(factor: sp.Expr) -> bool:
    return any(not s.is_integer for s in factor.free_symbols)
