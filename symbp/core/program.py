"""A program: the checked list of equations in index notation that everything in symbp reads.

Each equation is one line a textbook would print, ``z[j,n] = Σ_k W[j,k]·x[k,n] + b[j]``. Nothing is
ever substituted into anything else, so a program stays as long as the lines of the book. It is
checked when it is built; whoever reads one may trust it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain

import sympy as sp
from sympy import Expr, Idx, Indexed, IndexedBase, Symbol

from symbp.core.equations import (
    Equation,
    Leaf,
    Lemma,
    Term,
    array,
    extent,
    indices_of,
    letters_of,
    name_of,
    operands,
)
from symbp.core.scalars import Entries, write_out
from symbp.core.shown import Shown


class ProgramError(ValueError):
    """A list of equations that is no program; the message names the equation."""


@dataclass(frozen=True)
class Program(Shown):
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
        cls, equations: Iterable[Equation], parameters: Iterable[str], loss: str | None = None,
        about: Iterable[Equation] = (),
    ) -> Program:  # fmt: skip
        """A program from equations alone: the other leaves are inputs, the last line the loss.

        The leaves of equations that are asked ``about`` it, and stand outside of it, are inputs too.
        """
        lines = tuple(equations)
        if not lines:
            raise ProgramError("a program has at least one equation")
        names = tuple(parameters)
        leaves = _leaves((*lines, *about))
        for name in names:
            if name not in leaves:
                raise ProgramError(f"parameter {name} is used in no equation")
        inputs = tuple(leaf for name, leaf in leaves.items() if name not in names)
        return cls(lines, loss or lines[-1].name, tuple(leaves[n] for n in names), inputs)

    def __post_init__(self) -> None:
        _check(self)

    @property
    def checked(self) -> int:
        """How many of the first equations were checked when they were part of another program."""
        return 0

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
            tuple(lemma.xreplace(rule) for lemma in self.lemmas),
        )

    def with_loss(self, name: str) -> Program:
        """The same equations with another of their scalars as the loss."""
        return Program(self.equations, name, self.parameters, self.inputs)

    @cached_property
    def entries(self) -> Entries:
        """The names of the entries. Raises ScalarError where a size is a symbol."""
        return Entries.of(self.shapes)

    def scalars(self) -> Program:
        """The scalar form: each index written out; parameters row-major, then the inputs.

        Raises ScalarError where a size is symbolic or an index is data (a gather).
        """
        return self.written_out(self.entries)

    def written_out(self, entries: Entries) -> Program:
        """The scalar form with these symbols for the entries."""
        parameters, inputs = (
            tuple(symbol for leaf in leaves for symbol in entries.all(leaf.name))
            for leaves in (self.parameters, self.inputs)
        )
        return Program(tuple(write_out(self.equations, entries)), self.loss, parameters, inputs)

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
    """Check the lines after those that were checked already (a derivation's forward part)."""
    shapes = {leaf.name: _leaf_shape(leaf) for leaf in (*program.parameters, *program.inputs)}
    checked = program.checked
    shapes.update((e.name, _extents(e)) for e in program.equations[:checked])
    for number, equation in enumerate(program.equations[checked:], checked + 1):
        try:
            _check_equation(equation, shapes)
        except ProgramError as error:
            raise ProgramError(f"equation {number}, {equation.target}: {error}") from None
        shapes[equation.name] = _extents(equation)
    if program.loss not in shapes:
        raise ProgramError(f"no equation defines the loss {program.loss}")
    if shapes[program.loss]:
        raise ProgramError(
            f"the loss {program.loss} is no scalar: its shape is {shapes[program.loss]}"
        )


def _extents(equation: Equation) -> tuple[Expr, ...]:
    return tuple(extent(i) for i in equation.indices)


def _check_equation(equation: Equation, shapes: Mapping[str, tuple[Expr, ...]]) -> None:
    letters = equation.indices
    if equation.name in shapes:
        raise ProgramError(f"{equation.name} is defined twice")
    if letters and not (
        all(isinstance(i, Idx) for i in letters) and len(set(letters)) == len(letters)
    ):
        raise ProgramError("the left side needs distinct plain indices")
    for term in equation.terms:
        _check_bound(letters, term)
        for use in operands(term.body):
            if isinstance(use, Indexed):
                for part in (use, *_gathered(use)):
                    _check_use(part, shapes, bool(term.guard))
            elif shapes.get(use.name) != ():
                _check_use(use, shapes, guarded=False)


def _check_bound(free: tuple[Idx, ...], term: Term) -> None:
    bound = (*free, *term.indices)
    if len(set(bound)) != len(bound):
        raise ProgramError(f"an index is bound twice in {term.body}")
    loose = {i for part in (term.body, *term.guard) for i in letters_of(part)} - set(bound)
    if loose:
        names = ", ".join(sorted(map(str, loose)))
        raise ProgramError(f"index {names} is bound nowhere in {term.body}")


def _check_use(use: Expr, shapes: Mapping[str, tuple[Expr, ...]], guarded: bool) -> None:
    name, places = name_of(use), indices_of(use)
    if name not in shapes:
        raise ProgramError(f"{name} is used before it is defined")
    if len(places) != len(shapes[name]):
        raise ProgramError(
            f"{use} has {len(places)} indices, {name} has {len(shapes[name])} axes"
        )
    for place, size in zip(places, shapes[name], strict=True):
        if not guarded and not _fits(place, size):
            raise ProgramError(f"{place} of {use} leaves the axis of extent {size}")


def _fits(place: Expr, size: Expr) -> bool:
    """Whether an index stays on its axis: a plain index covers it, an expression stays inside."""
    if isinstance(place, Idx):
        return bool(sp.expand(extent(place) - size) == 0)
    if place.has(Indexed):
        return True  # a gather: its values are data
    low, high = corners(place)
    return not low.is_negative and not sp.expand(size - 1 - high).is_negative


def corners(place: Expr) -> tuple[Expr, Expr]:
    """The smallest and the largest value of a sum of letters with whole factors.

    >>> from symbp.core.equations import index
    >>> i, k = index("i", 4), index("k", 3)
    >>> corners(2 * i - k)
    (-2, 6)
    """
    low, high = (
        place.xreplace({i: _corner(place, i, low=low) for i in letters_of(place)})
        for low in (True, False)
    )
    return sp.expand(low), sp.expand(high)


def _corner(place: Expr, letter: Idx, *, low: bool) -> Expr:
    rising = sp.expand(place).coeff(letter).is_nonnegative
    return letter.lower if bool(rising) == low else letter.upper
