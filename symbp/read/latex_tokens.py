"""What the scanner hands to the grammar: tokens that carry values, and their values."""

from __future__ import annotations

from dataclasses import dataclass

from lark import Token

from symbp.read.tree import Tree


@dataclass(frozen=True)
class Head:
    """A function about to be applied: its plain name, primes, and a power (tanh²z).

    ``over`` are the letters of a ``\\max_s``, each with how far it runs.
    """

    name: str
    known: bool
    primes: int = 0
    power: Tree | None = None
    over: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Range:
    """What stands at a Σ."""

    indices: tuple[str, ...] = ()
    low: Tree | None = None
    high: Tree | None = None
    domain: str = ""


@dataclass(frozen=True)
class Operator:
    """d/dx or ∇ about to be applied."""

    by: tuple[Tree, ...]
    gradient: bool = False


def token(kind: str, value: object, start: int, end: int) -> Token:
    """A token for the grammar that carries any value."""
    made = Token(kind, "", start_pos=start, end_pos=end)
    made.value = value
    return made
