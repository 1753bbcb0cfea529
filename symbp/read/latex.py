r"""Formulas as people write them in LaTeX → chains of trees.

>>> from symbp.read.plain import plain
>>> for chain in read(r"\frac{\partial E}{\partial w_{11}} = (o-d)\,o(1-o)\,x_1"):
...     print(plain(chain))
diff(E, w_11) = (o - d)*o*(1 - o)*x_1
"""

from __future__ import annotations

import re

from symbp.read.errors import UnreadableError
from symbp.read.latex_names import index_letters
from symbp.read.latex_pieces import Piece, Pieces, pieces, spelled
from symbp.read.latex_rows import Row, rows
from symbp.read.latex_scanner import scan
from symbp.read.latex_tables import OPENING
from symbp.read.scope import Names
from symbp.read.shapes import shaped
from symbp.read.tree import (
    Application,
    Call,
    Chain,
    Number,
    Partial,
    Power,
    Quantity,
    Span,
    Tree,
    quantities,
    walk,
)

NO_NAMES = Names()
_BASE = re.compile(r"[A-Za-z]+")
_EULER = re.compile(r"(?<![A-Za-z\\])e\s*\^")
_HEAD = re.compile(r"\\?[A-Za-z]+\(([A-Za-z](?:,[A-Za-z])*)\)")


def read(source: str, names: Names = NO_NAMES) -> tuple[Chain, ...]:
    """The chains of a formula, one a statement, everything consumed.

    ``names`` is what the document has declared before. Raises :class:`UnreadableError` where a piece
    has no reading or more than one.
    """
    found = pieces(source)
    letters = index_letters(found, names)
    chains = tuple(_chain(row, names, letters, len(source)) for row in rows(found))
    if not chains:
        raise UnreadableError("there is no formula here", 0, len(source))
    for chain in chains:
        if len(chains) > 1 and not chain.relations:
            raise UnreadableError("a formula without a relation among others", *chain.span, "a = b")
        _check_arrows(chain)
        _check_functions(chain, names)
        _check_euler(source, chain, names)
    _check_powers(source, chains, names)
    return tuple(shaped(chain, names) for chain in chains)


def heads(source: str, names: Names = NO_NAMES) -> tuple[Tree | str, ...]:
    """The left sides of formulas that have no reading as a whole; its text where one has none alone."""
    try:
        found = pieces(source)
        letters = index_letters(found, names)
        return tuple(_head(row, names, letters) for row in rows(found) if row.relations)
    except UnreadableError:
        return (source.partition("=")[0],) if "=" in source else ()


def _head(row: Row, names: Names, letters: frozenset[str]) -> Tree | str:
    text = spelled(row.sides[0])
    try:
        return scan(row.sides[0], names, letters, _span(row.sides[0], len(text)), head=True)
    except UnreadableError:
        return text


def _chain(row: Row, names: Names, letters: frozenset[str], size: int) -> Chain:
    own = _parameters(row.sides[0])
    known = names.with_quantity(*own) if own else names
    sides = tuple(
        scan(side, known, letters, _span(side, size), head=k == 0 and bool(row.relations))
        for k, side in enumerate(row.sides)
    )
    return Chain(sides, row.relations)


def _span(side: Pieces, size: int) -> Span:
    shown: list[Piece] = [p for p in side if not p.blank]
    return (shown[0].start, shown[-1].end) if shown else (0, size)


def _parameters(side: Pieces) -> tuple[str, ...]:
    """The letters of a head ``f(x, y)``, which its formula may use as quantities."""
    match = _HEAD.fullmatch(spelled(side))
    return tuple(match[1].split(",")) if match else ()


def _check_arrows(chain: Chain) -> None:
    """``w \\to w - …`` is an update; any other arrow says nothing that could be checked."""
    for left, relation, right in zip(chain.sides, chain.relations, chain.sides[1:], strict=False):
        if relation == "->" and not (
            isinstance(left, Quantity) and any(q.name == left.name for q in quantities(right))
        ):
            raise UnreadableError(
                "an arrow is no equation", left.span[0], right.span[1], r"=, or \gets for an update"
            )


def _check_powers(source: str, chains: tuple[Chain, ...], names: Names) -> None:
    """``a^2`` beside ``a^{(1)}``, and ``\\delta^2`` beside any layer: the layer 2, or a power."""
    nodes = [node for chain in chains for side in chain.sides for node in walk(side)]
    layered = {q.name: _base(q) for q in nodes if isinstance(q, Quantity) and _layered(q)}
    bases = {*layered.values(), *(["delta"] if layered or names.has_layers else [])}
    for node in nodes:
        if (
            isinstance(node, Power) and isinstance(node.base, Quantity)
            and isinstance(node.exponent, Number) and node.exponent.text.isdigit()
            and not _layered(node.base) and _base(node.base) in bases
            and source[node.base.span[0]] not in OPENING
        ):  # fmt: skip
            text = node.exponent.text
            raise UnreadableError(
                f"is this {text} a layer, or a power?", *node.span, f"^{{({text})}}, or (…)^{text}"
            )


def _base(quantity: Quantity) -> str:
    match = _BASE.match(quantity.name)
    return match[0] if match else quantity.name


def _layered(quantity: Quantity) -> bool:
    return bool(quantity.upper) or quantity.name[len(_base(quantity)) :][:1].isdigit()


def _check_euler(source: str, chain: Chain, names: Names) -> None:
    """A bare e beside ``e^x``, where no e is declared: a quantity, or Euler's number."""
    if "e" in names.quantities:
        return
    for side in chain.sides:
        powers = [n.base for n in walk(side) if isinstance(n, Power)]
        for node in walk(side):
            bare = isinstance(node, Quantity) and node == Quantity("e")
            if bare and (_EULER.search(source) or node in powers):
                raise UnreadableError(
                    "e is a quantity here, or Euler's number", *node.span, r"\exp(1)"
                )


def _check_functions(chain: Chain, names: Names) -> None:
    """``σ′ = σ(1-σ)``: a letter applied here and bare there has its argument left out once."""
    nodes = [node for side in chain.sides for node in walk(side)]
    head = chain.sides[0]
    inner = head.arguments if isinstance(head, Application) else ()
    letters = {a.name for a in inner if isinstance(a, Quantity)}
    derived = {id(node.of) for node in nodes if isinstance(node, Partial)}
    applied = {node.function for node in nodes if isinstance(node, Application)}
    applied |= {"sigma" for node in nodes if isinstance(node, Call) and node.function == "sigmoid"}
    for node in nodes:
        if isinstance(node, Quantity) and id(node) not in derived:
            name = node.name.removesuffix("_new")
            if name in applied - letters and name not in names.quantities:
                raise UnreadableError(
                    f"{name} with and without an argument", *node.span, f"{name}(z) everywhere"
                )
