"""A program: the list of equations in index notation that everything in symbp reads.

Each equation is one line a textbook would print, ``z[j,n] = Σ_k W[j,k]·x[k,n] + b[j]``: a left side
(a SymPy ``Indexed`` with distinct indices, or a ``Symbol`` for a scalar) and a sum of terms; a term
is a tuple of summed indices (SymPy ``Idx``), a body, and the conditions under which it counts (the
range of an index that was solved for, in a convolution's adjoint). Nothing is ever substituted into
anything else, so a program stays as long as the lines of the book.

A program is checked when it is built; whoever reads one may trust it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain

import sympy as sp
from sympy import Expr, Idx, Indexed, IndexedBase, Sum, Symbol

Leaf = IndexedBase | Symbol
"""A parameter or an input: an array or a scalar, with ``.name``."""


class ProgramError(ValueError):
    """A list of equations that is no program; the message names the equation."""


def index(name: str, extent: int | Expr) -> Idx:
    """An index that runs over ``0 … extent − 1``; the extent may be a positive integer symbol."""
    return Idx(Symbol(name, integer=True), extent)


def extent(letter: Idx) -> Expr:
    """How many values an index takes."""
    return letter.upper - letter.lower + 1


def array(name: str, *shape: int | Expr) -> IndexedBase:
    """An array of real numbers; its axes have the given extents."""
    return IndexedBase(Symbol(name, real=True), shape=tuple(sp.sympify(s) for s in shape))


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


def _letters(node: Expr) -> set[Idx]:
    return set(node.atoms(Idx))


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

        >>> j, k = index("j", 3), index("k", 2)
        >>> W, x, b, z = array("W", 3, 2), array("x", 2), array("b", 3), array("z", 3)
        >>> [t.indices for t in Equation.of(z[j], Sum(W[j, k] * x[k], k) + b[j]).terms]
        [(), (k,)]
        """
        return cls(target, tuple(_term(part) for part in sp.Add.make_args(value)))

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


@dataclass(frozen=True)
class Program:
    """A checked list of equations that ends in one scalar, the loss.

    ``parameters`` and ``inputs`` are the names that no equation defines, as arrays or symbols, in
    the order in which functions compiled from the program take them.

    Raises ProgramError, naming the equation, where an index is bound nowhere, extents disagree, a
    name is defined twice or used before its definition, or the loss is no scalar of the list.
    """

    equations: tuple[Equation, ...]
    loss: str
    parameters: tuple[Leaf, ...]
    inputs: tuple[Leaf, ...]
    lemmas: tuple[Lemma, ...] = field(default=(), repr=False)

    @classmethod
    def of(
        cls, equations: Iterable[Equation], parameters: Iterable[str], loss: str | None = None
    ) -> Program:
        """A program from equations alone: the other leaves are inputs, the last line the loss."""
        lines = tuple(equations)
        if not lines:
            raise ProgramError("a program has at least one equation")
        names = tuple(parameters)
        leaves = _leaves(lines)
        for name in names:
            if name not in leaves:
                raise ProgramError(f"parameter {name} is used in no equation")
        inputs = tuple(leaf for name, leaf in leaves.items() if name not in names)
        return cls(lines, loss or lines[-1].name, tuple(leaves[n] for n in names), inputs)

    def __post_init__(self) -> None:
        _check(self)

    def __iter__(self) -> Iterator[Equation]:
        return iter(self.equations)

    def __len__(self) -> int:
        return len(self.equations)

    @cached_property
    def definitions(self) -> Mapping[str, Equation]:
        """From a name to the equation that defines it."""
        return {e.name: e for e in self.equations}

    @cached_property
    def shapes(self) -> Mapping[str, tuple[Expr, ...]]:
        """From a name, defined or leaf, to its shape; () for a scalar."""
        shapes = {leaf.name: _leaf_shape(leaf) for leaf in (*self.parameters, *self.inputs)}
        return shapes | {e.name: tuple(extent(i) for i in e.indices) for e in self.equations}

    @cached_property
    def sizes(self) -> tuple[Symbol, ...]:
        """The symbolic extents, in order of first appearance."""
        found = (s for shape in self.shapes.values() for e in shape for s in e.free_symbols)
        return tuple(dict.fromkeys(found))

    def at(self, sizes: Mapping[Symbol, int]) -> Program:
        """The same program with symbolic sizes made concrete."""
        rule = {symbol: sp.Integer(size) for symbol, size in sizes.items()}
        return Program(
            tuple(e.xreplace(rule) for e in self.equations),
            self.loss,
            tuple(leaf.xreplace(rule) for leaf in self.parameters),
            tuple(leaf.xreplace(rule) for leaf in self.inputs),
            tuple(Lemma(m.of, tuple(t.xreplace(rule) for t in m.terms), m.given and
                        m.given.xreplace(rule)) for m in self.lemmas),
        )

    def __str__(self) -> str:
        return "\n".join(map(str, self.equations))


def _leaf_shape(leaf: Leaf) -> tuple[Expr, ...]:
    return tuple(leaf.shape or ()) if isinstance(leaf, IndexedBase) else ()


def _leaves(equations: tuple[Equation, ...]) -> dict[str, Leaf]:
    """The names that no equation defines, as arrays with shapes or symbols."""
    defined = {e.name for e in equations}
    leaves: dict[str, Leaf] = {}
    for use in chain.from_iterable(e.operands for e in equations):
        for part in (use, *_gathered(use)):
            if (name := name_of(part)) not in defined:
                leaves.setdefault(name, _leaf(part))
    return leaves


def _gathered(use: Expr) -> tuple[Indexed, ...]:
    """The integer tables that stand inside an operand's indices."""
    return tuple(a for i in indices_of(use) for a in i.atoms(Indexed))


def _leaf(use: Expr) -> Leaf:
    if not isinstance(use, Indexed):
        return use
    if use.base.shape is not None:
        return use.base
    if not all(isinstance(i, Idx) for i in use.indices):
        raise ProgramError(f"the shape of {use.base} is unknown: declare it with array(...)")
    return array(name_of(use), *(extent(i) for i in use.indices))


def _check(program: Program) -> None:
    shapes = {leaf.name: _leaf_shape(leaf) for leaf in (*program.parameters, *program.inputs)}
    for number, equation in enumerate(program.equations, 1):
        where = f"equation {number}, {equation.target}"
        if equation.name in shapes:
            raise ProgramError(f"{where}: {equation.name} is defined twice")
        _check_target(equation, where)
        for term in equation.terms:
            _check_bound(equation, term, where)
            for use in operands(term.body):
                _check_use(use, shapes, bool(term.guard), where)
        shapes[equation.name] = tuple(extent(i) for i in equation.indices)
    if program.loss not in shapes:
        raise ProgramError(f"no equation defines the loss {program.loss}")
    if shapes[program.loss]:
        raise ProgramError(f"the loss {program.loss} is no scalar: its shape is "
                           f"{shapes[program.loss]}")


def _check_target(equation: Equation, where: str) -> None:
    letters = equation.indices
    if not all(isinstance(i, Idx) for i in letters) or len(set(letters)) != len(letters):
        raise ProgramError(f"{where}: the left side needs distinct plain indices")


def _check_bound(equation: Equation, term: Term, where: str) -> None:
    bound = (*equation.indices, *term.indices)
    if len(set(bound)) != len(bound):
        raise ProgramError(f"{where}: an index is bound twice in {term.body}")
    loose = set().union(*(_letters(part) for part in (term.body, *term.guard))) - set(bound)
    if loose:
        names = ", ".join(sorted(map(str, loose)))
        raise ProgramError(f"{where}: index {names} is bound nowhere in {term.body}")


def _check_use(
    use: Expr, shapes: Mapping[str, tuple[Expr, ...]], guarded: bool, where: str
) -> None:
    for part in (use, *_gathered(use)):
        name, places = name_of(part), indices_of(part)
        if name not in shapes:
            raise ProgramError(f"{where}: {name} is used before it is defined")
        if len(places) != len(shapes[name]):
            raise ProgramError(
                f"{where}: {part} has {len(places)} indices, {name} has {len(shapes[name])} axes"
            )
        for place, size in zip(places, shapes[name], strict=True):
            if not guarded and not _fits(place, size):
                raise ProgramError(f"{where}: {place} of {part} leaves the axis of extent {size}")


def _fits(place: Expr, size: Expr) -> bool:
    """Whether an index stays on its axis: a plain index covers it, an expression stays inside."""
    if isinstance(place, Idx):
        return bool(sp.expand(extent(place) - size) == 0)
    if place.has(Indexed):
        return True  # a gather: its values are data
    low = place.xreplace({i: _corner(place, i, low=True) for i in _letters(place)})
    high = place.xreplace({i: _corner(place, i, low=False) for i in _letters(place)})
    return not sp.expand(low).is_negative and not sp.expand(size - 1 - high).is_negative


def _corner(place: Expr, letter: Idx, *, low: bool) -> Expr:
    rising = sp.expand(place).coeff(letter).is_nonnegative
    return letter.lower if bool(rising) == low else letter.upper
