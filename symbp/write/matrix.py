r"""Equations in vectors and matrices, where they are some.

A product of arrays is a chain of matrices when each summed index joins two neighbours:

    z_j = Σ_k W_{jk} x_k            z = W x
    ∂E/∂W_{jk} = δ_j x_k            ∂E/∂W = δ xᵀ
    ∂E/∂a_k = Σ_j δ_j W_{jk}        ∂E/∂a = Wᵀ δ

A product at one and the same index is entry by entry (⊙), a sum of squares is a norm. What is none
of these stays in index form: there is then no matrix form, and ``matrix_form`` says None.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import sympy as sp
from sympy import Expr, Idx, Indexed

from symbp.core.equations import Equation, Term, indices_of, name_of, operands
from symbp.core.names import ADJOINT, Name
from symbp.write.expressions import Typesetter
from symbp.write.formula import (
    Face,
    Fence,
    Joint,
    Node,
    Number,
    Product,
    Script,
    Sign,
    Symbol,
    derivative,
    signed_sum,
)
from symbp.write.notation import Notation, name_node

ONES = Symbol("1", Face.BOLD)


@dataclass(frozen=True)
class Bold(Notation):
    """A program's notation without indices: arrays bold, scalars as they are."""

    @classmethod
    def of_notation(cls, notation: Notation) -> Bold:
        """The same names, deltas and weights, without indices."""
        return cls(notation.loss, notation.weights, notation.deltas)

    def quantity(self, entry: Expr) -> Node:
        """An array as a whole."""
        return self.whole(name_of(entry), array=bool(indices_of(entry)))

    def adjoint(self, entry: Expr) -> Node:
        """The adjoint of an array as a whole."""
        return self.whole(name_of(entry) + ADJOINT, array=bool(indices_of(entry)))

    def whole(self, name: str, *, array: bool = True) -> Node:
        """The array of this name, or the scalar."""
        face = Face.BOLD if array else Face.ITALIC
        if not name.endswith(ADJOINT):
            return name_node(Name.parse(name), (), face)
        of = name.removesuffix(ADJOINT)
        if of in self.deltas:
            return name_node(self.deltas[of], (), face)
        return derivative(self.name(self.loss), name_node(Name.parse(of), (), face))


@dataclass(frozen=True)
class Link:
    """A factor of a chain, and the letters of its axes."""

    node: Node
    letters: tuple[Idx, ...]

    def leading(self, letter: Idx) -> Link:
        """The factor with this letter first: transposed where it is the second."""
        if self.letters[0] == letter:
            return self
        return Link(transposed(self.node), self.letters[::-1])


def matrix_form(equation: Equation, notation: Notation) -> tuple[Node, Node] | None:
    """The two sides of an equation in matrix form; None where it has none."""
    bold = Bold.of_notation(notation)
    if len(equation.indices) > 2 or any(term.guard for term in equation.terms):
        return None
    terms: list[tuple[bool, Node]] = []
    for term in equation.terms:
        found = _entrywise(term, equation.indices, bold)
        found = found or _norm(term, equation.indices, bold)
        found = found or _chain(term, equation.indices, bold)
        if found is None:
            return None
        terms += found
    return bold.quantity(equation.target), signed_sum(terms)


def transposed(node: Node) -> Node:
    """A matrix with its axes exchanged."""
    top = Sign("⊤")
    if isinstance(node, Script) and node.sup is None:
        return replace(node, sup=top)
    plain = isinstance(node, Symbol)
    return Script(node if plain else Fence(node), None, top)


def _entrywise(
    term: Term, axes: tuple[Idx, ...], bold: Bold
) -> list[tuple[bool, Node]] | None:
    if term.indices or not axes or not _at(term.body, axes) or _divides(term.body):
        return None
    return Typesetter(bold, Joint.ENTRY).terms(term.body)


def _at(body: Expr, axes: tuple[Idx, ...]) -> bool:
    """Whether every array in a body stands at these very indices."""
    arrays = [use for use in operands(body) if isinstance(use, Indexed)]
    return bool(arrays) and all(indices_of(use) == axes for use in arrays)


def _divides(body: Expr) -> bool:
    """Whether it divides by an array."""
    powers = body.atoms(sp.Pow)
    return any(p.exp.is_negative and p.base.has(Indexed) for p in powers)


def _norm(term: Term, axes: tuple[Idx, ...], bold: Bold) -> list[tuple[bool, Node]] | None:
    """``c‖…‖²`` for a sum of squares, ``c·aᵀb`` for a sum of products."""
    if axes or not term.indices:
        return None
    factors = sp.Mul.make_args(term.body)
    front = sp.Mul(*(f for f in factors if not f.has(Indexed)))
    rest = [f for f in factors if f.has(Indexed)]
    setter = Typesetter(bold, Joint.ENTRY)
    if not all(_at(f, term.indices) and not _divides(f) for f in rest):
        return None
    if len(rest) == 1 and rest[0].is_Pow and rest[0].exp == 2:
        norm = Script(Fence(setter(rest[0].base), "‖", "‖"), None, Number("2"))
        return [_scaled(front, norm, setter)]
    if len(rest) == 2 and len(term.indices) == 1:
        first, second = sorted(rest, key=lambda f: not isinstance(f, Indexed))
        dot = Product((transposed(setter.factor(first)), setter.factor(second)))
        return [_scaled(front, dot, setter)]
    return None


def _scaled(front: Expr, node: Node, setter: Typesetter) -> tuple[bool, Node]:
    negative = bool(front.as_coeff_Mul()[0] < 0)
    size = -front if negative else front
    return negative, node if size == 1 else Product((setter.factor(size), node))


def _chain(term: Term, axes: tuple[Idx, ...], bold: Bold) -> list[tuple[bool, Node]] | None:
    setter = Typesetter(bold, Joint.ENTRY)
    front: Expr = sp.S.One
    links: list[Link] = []
    for factor in sp.Mul.make_args(term.body):
        arrays = [use for use in operands(factor) if isinstance(use, Indexed)]
        if not arrays:
            front *= factor
            continue
        letters = indices_of(arrays[0])
        plain = all(isinstance(i, Idx) for i in letters) and 0 < len(letters) <= 2
        if not plain or not _at(factor, letters) or _divides(factor):
            return None
        links.append(Link(setter.factor(factor), letters))
    nodes = _walk(links, term.indices, axes)
    if nodes is None:
        return None
    return [_scaled(front, nodes[0] if len(nodes) == 1 else Product(tuple(nodes)), setter)]


def _walk(
    links: list[Link], summed: tuple[Idx, ...], axes: tuple[Idx, ...]
) -> list[Node] | None:
    """The factors in the order of a matrix product, from the first axis to the last."""
    counts = {i: sum(link.letters.count(i) for link in links) for i in (*axes, *summed)}
    if not axes or counts[axes[0]] != 1 or any(counts[i] > 2 for i in summed):
        return None
    nodes: list[Node] = []
    here: Idx | None = axes[0]
    left = list(links)
    while here is not None:
        link = next((k for k in left if here in k.letters), None)
        if link is None:
            if here in summed and counts[here] == 1:
                nodes.append(ONES)
            break
        left.remove(link)
        ahead = link.leading(here)
        nodes.append(ahead.node)
        here = ahead.letters[1] if len(ahead.letters) == 2 else None
    return _ended(nodes, left, here, axes)


def _ended(
    nodes: list[Node], left: list[Link], here: Idx | None, axes: tuple[Idx, ...]
) -> list[Node] | None:
    """The chain with the last axis on it: a row vector, or a row of ones, where it is missing."""
    if len(axes) == 1:
        return nodes if not left and here not in axes else None
    if here == axes[1]:
        return None if left else nodes
    if here is not None or len(left) > 1:
        return None
    if not left:
        return [*nodes, transposed(ONES)]
    return [*nodes, transposed(left[0].node)] if left[0].letters == (axes[1],) else None
