"""The layout tree of a formula: what stands where on the paper, before any markup language.

A formula is built once, in the order in which it is read, and every printer (LaTeX, plain text)
walks the same tree; none of them sorts, cancels or simplifies. Knuth's boxes (*The TeXbook*,
ch. 17) are the model: rows, fractions, scripts, fences, big operators, and nothing that a printer
would have to understand as mathematics.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from enum import Enum


class Face(Enum):
    """How a letter is cut: maths italic, upright for a word, bold for a vector or matrix."""

    ITALIC = "italic"
    UPRIGHT = "upright"
    BOLD = "bold"


class Joint(Enum):
    """What stands between the factors of a product."""

    TIGHT = "tight"
    """Nothing, as in ``w x``."""
    THIN = "thin"
    """A thin space: the factors of a path."""
    DOT = "dot"
    """A centred dot: numbers."""
    ENTRY = "entry"
    """A circled dot: arrays multiplied entry by entry."""


@dataclass(frozen=True)
class Symbol:
    """A letter, a Greek letter by its name (``delta``), or a word."""

    name: str
    face: Face = Face.ITALIC


@dataclass(frozen=True)
class Number:
    """Digits, as they are to be read."""

    digits: str


@dataclass(frozen=True)
class Sign:
    """An operator, a relation or a mark, by its Unicode character: ``=``, ``−``, ``⊙``, ``∂``."""

    mark: str


@dataclass(frozen=True)
class Row:
    """Things side by side."""

    items: tuple[Node, ...]


@dataclass(frozen=True)
class Product:
    """Factors in the order in which they are read."""

    factors: tuple[Node, ...]
    joint: Joint = Joint.TIGHT


@dataclass(frozen=True)
class Fraction:
    """A numerator over a denominator."""

    top: Node
    bottom: Node


@dataclass(frozen=True)
class Slash:
    """The same on one line: ``∂E/∂o``."""

    top: Node
    bottom: Node


@dataclass(frozen=True)
class Script:
    """A base with a subscript, a superscript, or both, one above the other."""

    base: Node
    sub: Node | None = None
    sup: Node | None = None


@dataclass(frozen=True)
class Fence:
    """Something between delimiters, which grow with it."""

    body: Node
    left: str = "("
    right: str = ")"


@dataclass(frozen=True)
class Big:
    """A sum sign with what stands below and above it, then what is summed."""

    body: Node
    below: Node
    above: Node | None = None
    mark: str = "∑"


@dataclass(frozen=True)
class Root:
    """A square root."""

    body: Node


@dataclass(frozen=True)
class Accent:
    """A hat, tilde or bar over a letter."""

    body: Node
    mark: str


@dataclass(frozen=True)
class Call:
    """A function's name and its argument, fenced unless the argument is one letter."""

    name: Node
    argument: Node
    fenced: bool = True


@dataclass(frozen=True)
class Cases:
    """One value a line, each with its condition."""

    rows: tuple[tuple[Node, Node], ...]


@dataclass(frozen=True)
class Tone:
    """Something in the colour of one factor: the tones count from 0. Never the only sign."""

    body: Node
    tone: int


@dataclass(frozen=True)
class Brace:
    """Something with a brace below it and a label below the brace."""

    body: Node
    label: Node


@dataclass(frozen=True)
class Mark:
    """Something struck out as wrong: a frame around it."""

    body: Node


@dataclass(frozen=True)
class Words:
    """Words inside a formula, by their key in the table of phrases."""

    key: str


@dataclass(frozen=True)
class Foreign:
    """A piece that the table of expressions does not know: SymPy's own printers write it."""

    latex: str
    text: str


@dataclass(frozen=True)
class Source:
    """LaTeX mathematics as somebody wrote it, and checked to be well formed."""

    latex: str


Node = (
    Symbol | Number | Sign | Row | Product | Fraction | Slash | Script | Fence | Big | Root | Accent
    | Call | Cases | Tone | Brace | Mark | Words | Foreign | Source
)  # fmt: skip
"""Anything a printer can print."""

BINARY = frozenset("+−·⊙×")
RELATIONS = frozenset("=<>≤≥≈≠∈←→")


def row(*items: Node) -> Node:
    """Things side by side; a row of one is that one."""
    return items[0] if len(items) == 1 else Row(items)


def equals(left: Node, *rights: Node) -> Row:
    """``left = right = …``."""
    return Row((left, *(part for right in rights for part in (Sign("="), right))))


def listed(items: Iterable[Node], separator: str = ",") -> Node:
    """Things with a comma between them."""
    found: list[Node] = []
    for item in items:
        found += [Sign(separator), item] if found else [item]
    return row(*found)


def signed_sum(terms: Iterable[tuple[bool, Node]]) -> Node:
    """``a − b + c`` from pairs (is it subtracted, term), in this order."""
    found: list[Node] = []
    for negative, term in terms:
        if found or negative:
            found.append(Sign("−" if negative else "+"))
        found.append(term)
    return row(*found) if found else Number("0")


def derivative(of: Node, by: Node, *, flat: bool = False) -> Fraction | Slash:
    """∂of/∂by, stacked or on one line."""
    parts = (Row((Sign("∂"), of)), Row((Sign("∂"), by)))
    return Slash(*parts) if flat else Fraction(*parts)


def children(node: Node) -> Iterator[Node]:
    """The nodes directly below a node."""
    for field in fields(node):
        yield from _nodes(getattr(node, field.name))


def _nodes(value: object) -> Iterator[Node]:
    if isinstance(value, tuple):
        for part in value:
            yield from _nodes(part)
    elif isinstance(value, Node):
        yield value


def tall(node: Node) -> bool:
    """Whether it stands higher than a line of letters, so that fences around it must grow."""
    if isinstance(node, Fraction | Big | Cases | Brace | Source | Foreign):
        return True
    return not isinstance(node, Script) and any(map(tall, children(node)))


def broken(node: Node, most: int) -> tuple[Node, ...]:
    """A product of many factors in pieces of at most so many, one for each line."""
    if not isinstance(node, Product) or len(node.factors) <= most:
        return (node,)
    count = -(-len(node.factors) // most)
    each = -(-len(node.factors) // count)
    starts = range(0, len(node.factors), each)
    return tuple(Product(node.factors[s : s + each], node.joint) for s in starts)


def starts_with_digit(node: Node) -> bool:
    """Whether a number stands first, so that another number before it needs a dot between."""
    if isinstance(node, Number):
        return True
    if isinstance(node, Fence | Symbol | Sign | Root | Call):
        return False
    first = next(children(node), None)
    return first is not None and starts_with_digit(first)


def joined(product: Product) -> list[tuple[Joint, Node]]:
    """Each factor with what stands before it.

    Two numbers side by side get a dot; a number before an array is no entry-by-entry product.
    """
    found: list[tuple[Joint, Node]] = []
    for factor in product.factors:
        joint = product.joint
        if found and joint is not Joint.ENTRY and starts_with_digit(factor):
            joint = Joint.DOT
        if found and joint is Joint.ENTRY and starts_with_digit(found[-1][1]):
            joint = Joint.TIGHT
        found.append((joint, factor))
    return found
