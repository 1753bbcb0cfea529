"""The syntax tree of a formula: what was written, in the order it was written.

Both readers (LaTeX and plain text) give this tree, and one elaboration (``meaning``) gives it its
mathematics. Every node carries its span, the offsets of its text in the formula; spans do not
count in comparisons, so two spellings of one formula have equal trees.

A quantity is a plain name (``w1_1_1``) and, where its indices are not plain digits or words, the
trees of its lower indices and of its upper ones (layer, sample)::

    w_{11}^{(1)}     Quantity("w1_1_1")               w1_1_1
    a_k^{l-1}        Quantity("a_k", (), (l - 1,))    a_k[l - 1:]
    w[j, k]          Quantity("w", (j, k))            w[j, k]
    a^{[2](i)}       Quantity("a2", (), (i,))         a2[i:]
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields, replace
from enum import Enum
from fractions import Fraction
from typing import Any

Span = tuple[int, int]


@dataclass(frozen=True)
class Tree:
    """A node. ``span`` is where it stands in the source: start and end offset."""

    span: Span = field(default=(0, 0), compare=False, kw_only=True)


class Join(Enum):
    """How two factors were joined. What a join means for arrays is decided by their shapes.

    OTIMES stands only until then: it is the outer product, or that of entries.
    """

    IMPLIED = "implied"
    CDOT = "cdot"
    TIMES = "times"
    STAR = "star"
    ODOT = "odot"
    OTIMES = "otimes"
    MATMUL = "matmul"


@dataclass(frozen=True)
class Number(Tree):
    """A numeral: text as printed, exact value, the unit of its last place (None for integers)."""

    text: str
    value: Fraction
    unit: Fraction | None


@dataclass(frozen=True)
class Quantity(Tree):
    """A named quantity, or a bound letter; ``upper`` holds layers and samples that are letters."""

    name: str
    indices: tuple[Tree, ...] = ()
    upper: tuple[Tree, ...] = ()


@dataclass(frozen=True)
class Sum(Tree):
    """Terms in order; a subtracted term is a :class:`Negation`."""

    terms: tuple[Tree, ...]


@dataclass(frozen=True)
class Negation(Tree):
    """−x."""

    of: Tree


@dataclass(frozen=True)
class Product(Tree):
    """Factors in order, with one join between each two."""

    factors: tuple[Tree, ...]
    joins: tuple[Join, ...]


@dataclass(frozen=True)
class Quotient(Tree):
    """above / below."""

    above: Tree
    below: Tree


@dataclass(frozen=True)
class Power(Tree):
    """base ^ exponent."""

    base: Tree
    exponent: Tree


@dataclass(frozen=True)
class Call(Tree):
    """A function of the house's table (``exp``, ``sigmoid``), with primes: σ′(z)."""

    function: str
    arguments: tuple[Tree, ...]
    primes: int = 0


@dataclass(frozen=True)
class Application(Tree):
    """A function that the document defines, applied: f(z₅), f′(x). As a left side, its head.

    Also a quantity written with what it depends on: J(W, b).
    """

    function: str
    arguments: tuple[Tree, ...]
    primes: int = 0


@dataclass(frozen=True)
class Partial(Tree):
    """∂of/∂by₁∂by₂…; ``gradient`` where it was written ∇."""

    of: Tree
    by: tuple[Tree, ...]
    gradient: bool = False


@dataclass(frozen=True)
class Summation(Tree):
    """Σ over an index (None: over what the document sums), from low to high or over a set."""

    body: Tree
    index: str | None = None
    low: Tree | None = None
    high: Tree | None = None
    domain: str = ""


@dataclass(frozen=True)
class Comparison(Tree):
    """A condition. ``relation`` is one of < <= > >= == !=."""

    left: Tree
    relation: str
    right: Tree


@dataclass(frozen=True)
class Cases(Tree):
    """Values by condition, first that holds; the condition None stands for otherwise."""

    branches: tuple[tuple[Tree, Tree | None], ...]


@dataclass(frozen=True)
class Transpose(Tree):
    """Wᵀ."""

    of: Tree


@dataclass(frozen=True)
class Component(Tree):
    """An entry of an array expression: softmax(z)_i."""

    of: Tree
    indices: tuple[Tree, ...]


@dataclass(frozen=True)
class At(Tree):
    """An expression at a value of one of its quantities: ∂E/∂o at o = 0.5."""

    of: Tree
    variable: Tree
    value: Tree


@dataclass(frozen=True)
class Change(Tree):
    """Δw, the change that an update makes."""

    of: Tree


@dataclass(frozen=True)
class Matrix(Tree):
    """Entries written out, row by row."""

    rows: tuple[tuple[Tree, ...], ...]


@dataclass(frozen=True)
class Chain:
    """Sides joined by relations, ``a = b ≈ c``: two statements. ``spans`` are the sides' spans.

    Relations are ``=``, ``~`` (≈), ``:=`` (≡, ≜), ``<-`` and ``->``.
    """

    sides: tuple[Tree, ...]
    relations: tuple[str, ...]

    @property
    def spans(self) -> tuple[Span, ...]:
        """The span of each side."""
        return tuple(side.span for side in self.sides)

    @property
    def span(self) -> Span:
        """From the first side's start to the last side's end."""
        return self.sides[0].span[0], self.sides[-1].span[1]


def children(tree: Tree) -> Iterator[Tree]:
    """The nodes directly below, in the order of reading."""
    for each in fields(tree):
        yield from _trees(getattr(tree, each.name))


def _trees(value: object) -> Iterator[Tree]:
    if isinstance(value, Tree):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _trees(item)


def walk(tree: Tree) -> Iterator[Tree]:
    """The node and all nodes below it, in the order of reading."""
    yield tree
    for child in children(tree):
        yield from walk(child)


def quantities(tree: Tree, bound: frozenset[str] = frozenset()) -> Iterator[Quantity]:
    """The quantities of a tree in the order of reading; letters bound by a Σ are left out."""
    if isinstance(tree, Summation) and tree.index is not None:
        bound = bound | {tree.index}
    if isinstance(tree, Quantity):
        if tree.name not in bound:
            yield tree
        return
    for child in children(tree):
        yield from quantities(child, bound)


def replaced(tree: Tree, letter: str, number: int) -> Tree:
    """The tree with a number for a letter that runs: ``x_s`` at s = 2 is ``x_2``."""

    def rule(node: Tree) -> Tree | None:
        if node == Quantity(letter):
            return Number(str(number), Fraction(number), None, span=node.span)
        return node if isinstance(node, Summation) and node.index == letter else None

    return mapped(tree, rule)


def mapped(tree: Tree, rule: Callable[[Tree], Tree | None]) -> Tree:
    """The tree with what the rule gives for a node in its place; below, where it gives None."""
    found = rule(tree)
    if found is not None:
        return found
    changed = {f.name: _mapped(getattr(tree, f.name), rule) for f in fields(tree)}
    return replace(tree, **changed)


def _mapped(value: Any, rule: Callable[[Tree], Tree | None]) -> Any:
    if isinstance(value, Tree):
        return mapped(value, rule)
    if isinstance(value, tuple):
        return tuple(_mapped(item, rule) for item in value)
    return value
