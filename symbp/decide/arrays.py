"""Whole arrays at once: the quantities of an index program at random points of a prime field.

Each entry of each array has a value in every lane (``lanes``). Nothing is written out by index, so
a matrix of 400,000 weights costs one product of arrays.
"""

from collections.abc import Mapping, Sequence
from functools import reduce
from math import prod
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray
from sympy import Expr, Idx, Indexed, KroneckerDelta

from symbp.core.equations import Equation, Term, extent, name_of
from symbp.core.program import Program
from symbp.decide.degree import Bound, Degrees
from symbp.decide.graph import CALL, CONSTANT, POWER, PRODUCT, SYMBOL, Node, UnsupportedError
from symbp.decide.lanes import (
    CALLS,
    LANES,
    MASK,
    PRIME,
    SHIFT,
    Elements,
    Lanes,
    plus,
    power,
    reduced,
    times,
)  # fmt: skip
from symbp.decide.lower import Lowering
from symbp.decide.residue import residue
from symbp.decide.terms import Terms

BLOCK = 1 << 18
"""How many products of a contraction are held at a time, so that they stay in the cache."""

LARGEST_COMPARED = 1 << 16
"""Larger arrays count as equal only where they have the same name."""

Letters = tuple[Idx, ...]


class Arrays:
    """Values of the quantities of one program whose sizes are numbers, each when it is asked for.

    Raises UnsupportedError for a function or an index outside the class and ZeroDivisionError
    where a denominator is zero.
    """

    def __init__(self, program: Program) -> None:
        self._elements = Elements()
        self._terms = Terms({})
        self._lowering = Lowering(self._terms)
        self._program = program
        self._leaves: dict[str, Bound] = {"exp": (1, 1)}
        self._degrees = Degrees(self._lowering.graph, (1, 0), self._leaves)
        self._bounds: dict[str, Bound] = {}
        self._values: dict[str, Lanes] = {}
        self._first: dict[bytes, str] = {}

    def value(self, name: str) -> Lanes:
        """The array of a quantity, a leading axis for the lanes."""
        if name not in self._values:
            for equation in self._cone(name):
                self._values[equation.name] = self.of(equation)
                self._bounds[equation.name] = self.bound(equation)
        if name not in self._values:
            shape = [int(size) for size in self._program.shapes[name]]
            self._values[name] = self._elements.array(shape)
        return self._values[name]

    def _cone(self, name: str) -> list[Equation]:
        """The equations a quantity is made of that have no value yet, in order."""
        wanted, cone = {name}, []
        for equation in reversed(self._program.equations):
            if equation.name in wanted and equation.name not in self._values:
                cone.append(equation)
                wanted.update(name_of(use) for use in equation.operands)
        return cone[::-1]

    def same(self, name: str, claim: Equation) -> bool:
        """Whether the claim's right side is the quantity: by its factors, or else by its entries.

        W̄ = δ·xᵀ holds if each factor does; the outer product need not be multiplied out.
        """
        written = self._program.definitions.get(name)
        if written is not None and self._by_first(written) == self._by_first(claim):
            return True
        return bool(np.array_equal(self.of(claim), self.value(name)))

    def _by_first(self, equation: Equation) -> list[str]:
        """The terms with numbered letters, each array under the name of the first equal to it."""
        terms = []
        for term in equation.terms:
            letters = (*equation.indices, *term.indices)
            places = {letter: sp.Integer(k) for k, letter in enumerate(letters)}
            uses = [use for use in _uses(term.body) if isinstance(use, Indexed)]
            rule = {
                use: sp.Symbol(f"{self._representative(name_of(use))}"
                               f"{[str(place.xreplace(places)) for place in use.indices]}")
                for use in uses
            }  # fmt: skip
            extents = [extent(letter) for letter in term.indices]
            terms.append(f"{extents} {term.guard} {sp.srepr(term.body.xreplace(rule))}")
        return sorted(terms)

    def _representative(self, name: str) -> str:
        value = self.value(name)
        if value.size > LARGEST_COMPARED:
            return name
        return self._first.setdefault(f"{value.shape}".encode() + value.tobytes(), name)

    def degree(self, claim: Equation) -> int:
        """A bound for the degree of the difference of both sides of a claim."""
        bounds = [self._bound_of(claim)]
        written = self._program.definitions.get(name_of(claim.target))
        if written is not None:
            bounds.append(self._bound_of(written))
        return max(top for top, _ in bounds) + sum(bottom for _, bottom in bounds)

    def factors_of_a_pattern(self, claim: Equation) -> int | None:
        """How many free elements one monomial holds at most, anywhere; None for a fraction.

        None also where a function value is taken at x and at −x: one of them is 1 − the other.
        """
        degree = self.degree(claim)
        bounds = [*self._bounds.values(), *self._degrees.bounds]
        if self._elements.reflected or any(bottom for _, bottom in bounds):
            return None
        return max(degree, *(top for top, _ in bounds))

    def _bound_of(self, equation: Equation) -> Bound:
        for use in equation.operands:
            self.value(name_of(use))
        return self.bound(equation)

    def bound(self, equation: Equation) -> Bound:
        """Degrees of numerator and denominator, as polynomials in the free elements."""
        top, bottom = 0, 0
        for term in equation.terms:
            uses = _uses(term.body)
            self._leaves |= {_key(use): self._bounds.get(name_of(use), (1, 0)) for use in uses
                             if isinstance(use, Indexed | sp.Symbol)}  # fmt: skip
            above, below = self._degrees.bound(self._node(term))
            more = prod(int(extent(letter)) for letter in term.indices) * below
            top, bottom = max(top + more, above - below + more + bottom), bottom + more
        return top, bottom

    def _node(self, term: Term) -> Node:
        uses = {use: sp.Symbol(_key(use), real=True) for use in _uses(term.body)}
        return self._lowering.lower(self._terms.number(term.body.xreplace(uses)))

    def of(self, equation: Equation) -> Lanes:
        """The right side of an equation, its free indices as axes."""
        shape = (LANES, *(int(extent(letter)) for letter in equation.indices))
        total = np.zeros(shape, dtype=np.uint64)
        for term in equation.terms:
            total = plus(total, self._term(term, equation.indices))
        return total

    def _term(self, term: Term, free: Letters) -> Lanes:
        letters = (*free, *term.indices)
        values = {_key(use): self._use(use, letters, bool(term.guard)) for use in _uses(term.body)}
        factors = self._factors(self._node(term), values, len(letters))
        factors += [_indicator(guard, letters) for guard in term.guard]
        return _contract(factors, [int(extent(i)) for i in letters], len(free))

    def _use(self, use: Expr, letters: Letters, guarded: bool = False) -> Lanes:
        """A quantity as an array with an axis for each letter, of extent 1 where it has none.

        Where a guard takes out what stands outside of an axis, any entry may stand for it.
        """
        if isinstance(use, Idx):
            return reduced(_place(use, letters).astype(np.uint64)[None])
        if isinstance(use, KroneckerDelta):
            return _indicator(use, letters)
        value = self.value(name_of(use))
        places = use.indices if isinstance(use, Indexed) else ()
        if len(set(places) & set(letters)) == len(places):
            order = sorted(range(len(places)), key=lambda axis: letters.index(places[axis]))
            shape = [int(extent(i)) if i in places else 1 for i in letters]
            return value.transpose(0, *(axis + 1 for axis in order)).reshape(LANES, *shape)
        chosen: tuple[Any, ...] = tuple(_place(place, letters) for place in places)
        if guarded:
            chosen = tuple(np.clip(c, 0, n - 1) for c, n in zip(chosen, value.shape[1:], strict=True))
        return np.asarray(value[(slice(None), *chosen)])

    def _factors(
        self, node: Node, values: Mapping[str, Lanes], axes: int
    ) -> list[Lanes]:
        """A node as factors, each with its own axes, so that a contraction can choose its order."""
        graph = self._lowering.graph
        known: dict[Node, Lanes] = {}
        factors = graph.children[node] if graph.kinds[node] == PRODUCT else (node,)
        for inner in graph.reach(factors):
            known[inner] = self._value(inner, known, values, axes)
        return [known[factor] for factor in factors]

    def _value(
        self, node: Node, known: Mapping[Node, Lanes], values: Mapping[str, Lanes], axes: int
    ) -> Lanes:
        graph = self._lowering.graph
        kind, payload = graph.kinds[node], graph.payloads[node]
        parts = [known[child] for child in graph.children[node]]
        if kind == SYMBOL:
            return values[payload]
        if kind == CONSTANT:
            return np.full((LANES, *(1,) * axes), residue(payload, PRIME), dtype=np.uint64)
        if kind == POWER:
            return power(parts[0], payload)
        if kind == CALL:
            rule = CALLS.get(payload)
            if rule is None:
                raise UnsupportedError(payload)
            return rule(self._elements, *parts)
        return reduce(times if kind == PRODUCT else plus, parts)


def _uses(body: Expr) -> list[Expr]:
    """What a body reads: entries, scalars, Kronecker deltas, and indices as numbers."""
    found: dict[Expr, None] = {}
    stack = [body]
    while stack:
        node = stack.pop()
        if isinstance(node, Indexed | KroneckerDelta | Idx | sp.Symbol):
            found.setdefault(node)
        else:
            stack.extend(node.args)
    return list(found)


def _key(use: Expr) -> str:
    """A name for a use; an index as a number is no scalar of the same letter."""
    return f"#{use}" if isinstance(use, Idx) else str(use)


def _place(place: Expr, letters: Letters) -> NDArray[np.int64]:
    """The value of an index at each point of the letters' grid (extent 1 where it is constant)."""
    if place.has(Indexed):
        raise UnsupportedError(str(place))
    total = np.zeros((1,) * len(letters), dtype=np.int64)
    rest = place
    for axis, letter in enumerate(letters):
        slope = sp.expand(place).coeff(letter) if not isinstance(place, Idx) else int(place == letter)
        if slope:
            shape = [-1 if other == axis else 1 for other in range(len(letters))]
            total = total + int(slope) * np.arange(int(extent(letter))).reshape(shape)
            rest = rest - slope * letter
    return total + int(rest)


_HOLDS: Mapping[type, Any] = {
    KroneckerDelta: np.equal,
    sp.Equality: np.equal,
    sp.Unequality: np.not_equal,
    sp.GreaterThan: np.greater_equal,
    sp.StrictGreaterThan: np.greater,
    sp.LessThan: np.less_equal,
    sp.StrictLessThan: np.less,
}


def _indicator(condition: sp.Basic, letters: Letters) -> Lanes:
    """One where a condition on indices holds, else zero."""
    if type(condition) not in _HOLDS:
        raise UnsupportedError(str(condition))
    left, right = (_place(side, letters) for side in condition.args)
    holds = _HOLDS[type(condition)](left, right).astype(np.uint64)
    return np.broadcast_to(holds, (LANES, *holds.shape))


def _contract(factors: Sequence[Lanes], extents: Sequence[int], free: int) -> Lanes:
    """Σ over the axes after the free ones of the product of the factors."""
    remaining = list(factors)
    for axis in range(len(extents), free, -1):
        touched = [f for f in remaining if f.shape[axis] > 1]
        others = [f for f in remaining if f.shape[axis] == 1]
        if touched:
            summed = _sum_of_products(touched, axis)
        else:
            summed = np.full((LANES, *(1,) * len(extents)), extents[axis - 1], dtype=np.uint64)
        remaining = [*others, reduced(summed)]
    product = reduce(times, remaining)
    return product.reshape(product.shape[: free + 1])


def _sum_of_products(factors: Sequence[Lanes], axis: int) -> Lanes:
    """Σ along one axis, a block of it at a time."""
    shape = np.broadcast_shapes(*(f.shape for f in factors))
    size, rest = shape[axis], prod(shape) // shape[axis]
    step = max(1, BLOCK // rest)
    total = np.zeros([1 if k == axis else n for k, n in enumerate(shape)], dtype=np.uint64)
    for start in range(0, size, step):
        window = [slice(None)] * axis + [slice(start, start + step)]
        parts = [f[tuple(window)] for f in factors]
        product = reduce(times, parts[:-1]) * parts[-1] if len(parts) > 1 else parts[0]
        total = total + ((product & MASK) + (product >> SHIFT)).sum(axis=axis, keepdims=True)
    return total
