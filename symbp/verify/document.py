"""What a certificate consists of: a pair of terms as a list of nodes, and what is claimed of it.

Operands stand before what they are operands of. ``OPERATIONS`` is the whole language.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any

from symbp.verify.pieces import ratio, text, wanted

MOST_OPERANDS = 2_000_000
MOST_EXPONENT = 1_000_000


@dataclass(frozen=True)
class Node:
    """One operation on earlier nodes; the payload is a number or a name."""

    operation: str
    payload: Any
    operands: tuple[int, ...]


@dataclass(frozen=True)
class Generator:
    """A free element of the field: its kind, what it is made of, and its fineness."""

    kind: str
    of: tuple[int | Fraction, ...]
    over: int


Terms = tuple[tuple[int, Fraction], ...]


def common(terms: Terms) -> int:
    """The common denominator of the exponents."""
    return lcm(*(exponent.denominator for _, exponent in terms))


@dataclass(frozen=True)
class Proof:
    """How each function value is written with generators, and the point at which it was found."""

    generators: tuple[Generator, ...]
    relations: Mapping[int, Terms]
    prime: int
    seed: bytes
    values: tuple[int, int]


@dataclass(frozen=True)
class Factor:
    """``number · name^power`` in right = factor · left; the name is empty where there is none."""

    number: Fraction
    name: str
    power: int


@dataclass(frozen=True)
class Witness:
    """A point at which the two sides differ, with their digits there."""

    at: Mapping[str, Fraction]
    left: str
    right: str
    bits: int


@dataclass(frozen=True)
class Document:
    """One certificate."""

    outcome: str
    assumptions: tuple[str, ...]
    nodes: tuple[Node, ...]
    left: int
    right: int
    given: tuple[int, ...]
    factor: Factor
    witness: Witness | None
    point: Mapping[str, Fraction] | None
    proof: Proof | None

    @property
    def names(self) -> frozenset[str]:
        """The names that are free."""
        return frozenset(n.payload for n in self.nodes if n.operation == "name")


def _exponent(value: object, where: str) -> Fraction:
    found = ratio(value, where)
    small = abs(found.numerator) <= MOST_EXPONENT and found.denominator in (1, 2)
    wanted(small, where, f"a whole or half exponent up to {MOST_EXPONENT}")
    return found


@dataclass(frozen=True)
class Operation:
    """What an operation takes: how its payload is read, and how many operands."""

    least: int
    most: int
    payload: Callable[[object, str], Any] | None = None
    generators: tuple[str, ...] = ()
    takes_conditions: bool = False
    is_condition: bool = False


LOGARITHMIC = ("exp", "log", "root")
"""Kinds of generators that are positive quantities with a logarithm."""
_growth = Operation(1, 1, generators=LOGARITHMIC)
_angle = Operation(1, 1, generators=("angle",))
_kink = Operation(1, 1, generators=("sign",))
_choice = Operation(2, 2, generators=("sign",))
_comparison = Operation(2, 2, generators=("sign",), is_condition=True)
_many = Operation(1, MOST_OPERANDS)
_truths = Operation(1, MOST_OPERANDS, takes_conditions=True, is_condition=True)
_truth = Operation(0, 0, is_condition=True)

OPERATIONS: Mapping[str, Operation] = {
    "number": Operation(0, 0, ratio),
    "name": Operation(0, 0, text),
    "defined": Operation(1, 1, text),
    "pi": Operation(0, 0),
    "add": _many,
    "multiply": _many,
    "power": Operation(1, 1, _exponent, generators=LOGARITHMIC),
    **dict.fromkeys(("exp", "log", "sigmoid", "tanh", "sinh", "cosh", "sech"), _growth),
    **dict.fromkeys(("sin", "cos", "tan"), _angle),
    "erf": Operation(1, 1, generators=("erf",)),
    **dict.fromkeys(("step", "sign", "abs"), _kink),
    **dict.fromkeys(("max", "min"), _choice),
    "heaviside": Operation(2, 2, generators=("sign",)),
    **dict.fromkeys((">", ">=", "<", "<="), _comparison),
    **dict.fromkeys(("and", "or"), _truths),
    "not": Operation(1, 1, takes_conditions=True, is_condition=True),
    **dict.fromkeys(("true", "false"), _truth),
    "piecewise": Operation(2, MOST_OPERANDS),
}
"""``piecewise`` alone takes both: a value, its condition, the next value, …"""


def needs_relation(node: Node) -> bool:
    """Whether the value of a node in the field is written with generators."""
    if node.operation == "power":
        return bool(node.payload.denominator == 2)
    return bool(OPERATIONS[node.operation].generators)
