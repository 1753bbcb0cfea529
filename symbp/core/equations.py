"""Equations in index notation: what a program is a list of.

A left side is a SymPy ``Indexed`` with distinct indices, or a ``Symbol`` for a scalar; the right
side is a sum of terms; a term is a tuple of summed indices (SymPy ``Idx``, whose extent is a number
or a positive integer symbol), a body, and the conditions under which it counts (the range of an
index that was solved for, in a convolution's adjoint).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain

import sympy as sp
from sympy import Expr, Idx, Indexed, IndexedBase, Sum, Symbol

Leaf = IndexedBase | Symbol
"""A parameter or an input: an array or a scalar, with ``.name``."""


def index(name: str, extent: int | Expr) -> Idx:
    """An index that runs over ``0 … extent − 1``; the extent may be a positive integer symbol."""
    return Idx(Symbol(name, integer=True), extent)


def extent(letter: Idx) -> Expr:
    """How many values an index takes."""
    return letter.upper - letter.lower + 1


def array(name: str, *shape: int | Expr) -> IndexedBase:
    """An array of real numbers; its axes have the given extents."""
    return IndexedBase(Symbol(name, real=True), shape=tuple(sp.sympify(s) for s in shape))


@lru_cache(maxsize=65536)  # a symbol takes 7 µs, and a net has one for each of its weights
def scalar(name: str) -> Symbol:
    """A real number."""
    return Symbol(name, real=True)


def name_of(quantity: Expr) -> str:
    """The name of a scalar, an array or an entry of an array."""
    return str(quantity.base.label if isinstance(quantity, Indexed) else quantity.name)


def indices_of(quantity: Expr) -> tuple[Expr, ...]:
    """The indices of an entry; none for a scalar."""
    return tuple(quantity.indices) if isinstance(quantity, Indexed) else ()


def operands(body: Expr) -> tuple[Expr, ...]:
    """The quantities a body reads, each once, in order of appearance.

    Index letters, sizes (integer symbols) and what stands inside an index are no operands.

    >>> x, t = array("x", 9), array("t", 4)
    >>> n = index("n", 4)
    >>> operands(2 * x[t[n]] + scalar("c"))
    (c, x[t[n]])
    """
    found: dict[Expr, None] = {}
    todo = [body]
    while todo:
        node = todo.pop()
        if isinstance(node, Indexed):
            found.setdefault(node)
        elif isinstance(node, Symbol):
            if not node.is_integer:
                found.setdefault(node)
        elif not isinstance(node, Idx):
            todo.extend(reversed(node.args))
    return tuple(found)


def letters_of(node: sp.Basic) -> set[Idx]:
    """The indices that stand in an expression, those of its operands included."""
    found: set[Idx] = set()
    todo = [node]
    while todo:
        part = todo.pop()
        if isinstance(part, Idx):
            found.add(part)
        elif isinstance(part, Indexed):
            todo.extend(part.indices)
        elif part.args:
            todo.extend(part.args)
    return found


@dataclass(frozen=True)
class Term:
    """``Σ_indices body``, counted only where every condition of ``guard`` holds."""

    indices: tuple[Idx, ...]
    body: Expr
    guard: tuple[sp.Basic, ...] = ()

    def xreplace(self, rule: Mapping[sp.Basic, sp.Basic]) -> Term:
        """The term with symbols, indices or sizes exchanged."""
        return Term(
            tuple(i.xreplace(rule) for i in self.indices),
            self.body.xreplace(rule),
            tuple(g.xreplace(rule) for g in self.guard),
        )


@dataclass(frozen=True)
class Equation:
    """``target = term + term + …``; no terms at all is zero."""

    target: Expr
    terms: tuple[Term, ...]

    @classmethod
    def of(cls, target: Expr, value: Expr) -> Equation:
        """An equation from a SymPy expression, whose ``Sum`` over indices become terms.

        Sums stand first, as in a book.

        >>> j, k = index("j", 3), index("k", 2)
        >>> W, x, b, z = array("W", 3, 2), array("x", 2), array("b", 3), array("z", 3)
        >>> [t.indices for t in Equation.of(z[j], Sum(W[j, k] * x[k], k) + b[j]).terms]
        [(k,), ()]
        """
        parts = sorted(sp.Add.make_args(value), key=lambda part: not part.has(Sum))
        return cls(target, tuple(map(_term, parts)))

    @property
    def name(self) -> str:
        """The name of what is defined."""
        return name_of(self.target)

    @property
    def indices(self) -> tuple[Idx, ...]:
        """The free indices."""
        return indices_of(self.target)

    @cached_property
    def operands(self) -> tuple[Expr, ...]:
        """What the right side reads, each use once."""
        return tuple(dict.fromkeys(chain.from_iterable(operands(t.body) for t in self.terms)))

    def xreplace(self, rule: Mapping[sp.Basic, sp.Basic]) -> Equation:
        """The equation with symbols, indices or sizes exchanged."""
        return Equation(self.target.xreplace(rule), tuple(t.xreplace(rule) for t in self.terms))

    def __str__(self) -> str:
        parts = [
            (f"Σ_{{{','.join(map(str, t.indices))}}} " if t.indices else "")
            + str(t.body)
            + "".join(f" [{g}]" for g in t.guard)
            for t in self.terms
        ]
        return f"{self.target} = {' + '.join(parts) or '0'}"


def _term(part: Expr) -> Term:
    factor, total = part.as_independent(Sum, as_Add=False) if part.has(Sum) else (part, sp.S.One)
    if not isinstance(total, Sum):
        return Term((), part)
    return Term(tuple(limit[0] for limit in total.limits), factor * total.function)


@dataclass(frozen=True)
class Lemma:
    """A shorter form of one adjoint, true of the program; under ``given`` where that is stated.

    Softmax under cross-entropy: ``∂E/∂z = p·Σd − d``, which is ``p − d`` given Σd = 1.
    """

    of: str
    terms: tuple[Term, ...]
    given: sp.Basic | None = None

    def xreplace(self, rule: Mapping[sp.Basic, sp.Basic]) -> Lemma:
        """The lemma with symbols, indices or sizes exchanged."""
        given = None if self.given is None else self.given.xreplace(rule)
        return Lemma(self.of, tuple(term.xreplace(rule) for term in self.terms), given)
