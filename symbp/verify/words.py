"""A node as text, so that what was verified is said by the program that verified it.

A name stands for itself, also where it has a definition among the nodes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from symbp.verify.document import Document, Node
from symbp.verify.pieces import shown

MOST_LETTERS = 160


def words(document: Document, number: int) -> str:
    """The text of a node, cut where it is long."""
    texts: list[str] = []
    for node in document.nodes[: number + 1]:
        text = RULES.get(node.operation, _call)(node, [texts[n] for n in node.operands])
        texts.append(text if len(text) <= MOST_LETTERS else text[: MOST_LETTERS - 1] + "…")
    return shown(texts[number])


def _call(node: Node, operands: list[str]) -> str:
    return f"{node.operation}({', '.join(operands)})" if operands else node.operation


def _between(sign: str) -> Callable[[Node, list[str]], str]:
    return lambda _, operands: f"({sign.join(operands)})"


def _power(node: Node, operands: list[str]) -> str:
    exponent: Fraction = node.payload
    plain = exponent.denominator == 1 and exponent >= 0
    return f"{operands[0]}^{exponent}" if plain else f"{operands[0]}^({exponent})"


RULES: Mapping[str, Callable[[Node, list[str]], str]] = {
    "number": lambda node, _: n if (n := str(node.payload)).isdigit() else f"({n})",
    "name": lambda node, _: node.payload[:MOST_LETTERS],
    "defined": lambda node, _: node.payload[:MOST_LETTERS],
    "add": _between(" + "),
    "multiply": _between("·"),
    "power": _power,
    **{sign: _between(f" {sign} ") for sign in (">", ">=", "<", "<=", "and", "or")},
}
