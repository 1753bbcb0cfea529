"""The canonical plain text of a tree: how a formula was read, in the order it was written."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from symbp.read.tree import (
    Application,
    At,
    Call,
    Cases,
    Chain,
    Change,
    Comparison,
    Component,
    Join,
    Matrix,
    Negation,
    Number,
    Partial,
    Power,
    Product,
    Quantity,
    Quotient,
    Sum,
    Summation,
    Transpose,
    Tree,
)

SUM, PRODUCT, UNARY, POWER, ATOM = range(5)
"""How tightly a node holds together; a looser one inside a tighter one is bracketed."""

JOINS: Mapping[Join, str] = {Join.MATMUL: " @ ", Join.ODOT: " .* "}
RELATIONS: Mapping[str, str] = {"=": "=", "~": "≈", ":=": ":=", "<-": "<-", "->": "->"}
_D_LAST = re.compile(r"(?<!\w)d[A-Za-z]\w*$", re.ASCII)
_D_FIRST = re.compile(r"d[A-Za-z]", re.ASCII)


def plain(node: Tree | Chain) -> str:
    """The canonical plain text, by which a reading can be shown and read again.

    >>> from symbp.read.latex import read
    >>> print(plain(read(r"f'(z) = f(z)(1 - f(z))")[0]))
    f'(z) = f(z)*(1 - f(z))
    """
    if isinstance(node, Chain):
        parts = [plain(node.sides[0])]
        for relation, side in zip(node.relations, node.sides[1:], strict=True):
            parts += [RELATIONS[relation], plain(side)]
        return " ".join(parts)
    return _text(node)[0]


def _text(node: Tree) -> tuple[str, int]:
    return _WRITERS[type(node)](node)


def _in(node: Tree, level: int) -> str:
    text, own = _text(node)
    return f"({text})" if own < level else text


def _list(nodes: tuple[Tree, ...]) -> str:
    return ", ".join(plain(n) for n in nodes)


def _number(node: Number) -> tuple[str, int]:
    return node.text, ATOM


def _quantity(node: Quantity) -> tuple[str, int]:
    inner = _list(node.indices)
    if node.upper:
        inner += ":" + _list(node.upper)
    return (f"{node.name}[{inner}]" if inner else node.name), ATOM


def _sum(node: Sum) -> tuple[str, int]:
    text = _in(node.terms[0], PRODUCT)
    for term in node.terms[1:]:
        minus = isinstance(term, Negation)
        body = term.of if isinstance(term, Negation) else term
        text += (" - " if minus else " + ") + _in(body, PRODUCT)
    return text, SUM


def _negation(node: Negation) -> tuple[str, int]:
    return f"-{_in(node.of, UNARY if isinstance(node.of, Negation) else PRODUCT)}", PRODUCT


def _product(node: Product) -> tuple[str, int]:
    first = node.factors[0]
    text = _in(first, UNARY if isinstance(first, Negation | Product) else PRODUCT)
    for join, factor in zip(node.joins, node.factors[1:], strict=True):
        text += JOINS.get(join, "*") + _in(factor, UNARY)
    return text, PRODUCT


def _quotient(node: Quotient) -> tuple[str, int]:
    above = _in(node.above, UNARY if isinstance(node.above, Negation) else PRODUCT)
    below = _in(node.below, UNARY)
    if _D_LAST.search(above) and _D_FIRST.match(below):
        below = f"({below})"  # dE/dw would be read as a derivative
    return f"{above}/{below}", PRODUCT


def _power(node: Power) -> tuple[str, int]:
    exponent = node.exponent
    negative = isinstance(exponent, Negation)
    above = f"({plain(exponent)})" if negative else _in(exponent, POWER)
    return f"{_in(node.base, ATOM)}**{above}", POWER


def _call(node: Call | Application) -> tuple[str, int]:
    return f"{node.function}{chr(39) * node.primes}({_list(node.arguments)})", ATOM


def _partial(node: Partial) -> tuple[str, int]:
    name = "grad" if node.gradient else "diff"
    return f"{name}({_list((node.of, *node.by))})", ATOM


def _summation(node: Summation) -> tuple[str, int]:
    bounds = "".join(f", {plain(b)}" for b in (node.low, node.high) if b is not None)
    domain = f" in {node.domain}" if node.domain else ""
    return f"sum({plain(node.body)}, {node.index or '_'}{bounds}{domain})", ATOM


def _comparison(node: Comparison) -> tuple[str, int]:
    return f"{plain(node.left)} {node.relation} {plain(node.right)}", SUM


def _cases(node: Cases) -> tuple[str, int]:
    branches = list(node.branches)
    if len(branches) == 2 and branches[0][1] is not None and branches[1][1] is None:
        then, when, other = branches[0][0], branches[0][1], branches[1][0]
        return f"where({plain(when)}, {plain(then)}, {plain(other)})", ATOM
    shown = ", ".join(
        f"{plain(value)} if {plain(when) if when is not None else 'otherwise'}"
        for value, when in branches
    )
    return f"cases({shown})", ATOM


def _transpose(node: Transpose) -> tuple[str, int]:
    of = plain(node.of)
    # a numeral would take the point for its own
    bare = _text(node.of)[1] == ATOM and not isinstance(node.of, Number)
    return (f"{of}.T" if bare else f"({of}).T"), ATOM


def _matrix(node: Matrix) -> tuple[str, int]:
    return "[" + ", ".join(f"[{_list(row)}]" for row in node.rows) + "]", ATOM


_WRITERS: Mapping[type, Callable[..., tuple[str, int]]] = {
    Number: _number,
    Quantity: _quantity,
    Sum: _sum,
    Negation: _negation,
    Product: _product,
    Quotient: _quotient,
    Power: _power,
    Call: _call,
    Application: _call,
    Partial: _partial,
    Summation: _summation,
    Comparison: _comparison,
    Cases: _cases,
    Transpose: _transpose,
    Component: lambda n: (f"{_in(n.of, ATOM)}[{_list(n.indices)}]", ATOM),
    At: lambda n: (f"at({plain(n.of)}, {plain(n.variable)} = {plain(n.value)})", ATOM),
    Change: lambda n: (f"change({plain(n.of)})", ATOM),
    Matrix: _matrix,
}
