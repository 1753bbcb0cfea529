"""What is said about a statement: an outcome, the way it was found, and what proves it.

*equal* carries its method and an error bound, *different* carries a witness that anyone can
evaluate again, and whatever is neither is *undecided* and says why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from typing import Any

from sympy import Expr

from symbp.core.shown import Shown


class Outcome(StrEnum):
    """The word for a statement; it compares equal to the plain string."""

    equal = "equal"
    proportional = "proportional"
    different = "different"
    undecided = "undecided"
    unreadable = "unreadable"
    not_updated = "not-updated"


class Method(StrEnum):
    """How an equality was found.

    ``exact``: a proof without chance. ``modular``: an identity at a secret random point of a
    random prime field; ``Verdict.error_bound`` bounds the chance of a mistake. ``rounded`` and
    ``truncated``: a printed number agrees with the true one to its last digit. ``carried``: it
    agrees only when it is computed from the printed intermediates.
    """

    exact = "exact"
    modular = "modular"
    rounded = "rounded"
    truncated = "truncated"
    carried = "carried"


class Point(Mapping[str, Fraction]):
    """A point whose coordinates are collected when they are first looked at.

    A weight of a net depends on thousands of names, and most witnesses are never printed.
    """

    def __init__(self, collect: Callable[[], Mapping[str, Fraction]]) -> None:
        self._collect = collect

    @cached_property
    def _values(self) -> Mapping[str, Fraction]:
        return self._collect()

    def __getitem__(self, name: str) -> Fraction:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return repr(dict(self))


@dataclass(frozen=True)
class Witness:
    """A rational point at which both sides are known well enough to be told apart.

    ``left`` and ``right`` are decimals whose digits are all certain.
    """

    at: Mapping[str, Fraction]
    left: str
    right: str


@dataclass(frozen=True)
class Diagnosis:
    """The known mistake that explains a difference, and what was expected in its place."""

    kind: str
    text: str
    expected: str | None = None
    line: int | None = None


@dataclass(frozen=True)
class Verdict(Shown):
    """The outcome of one comparison of ``left`` with ``right``.

    ``factor`` belongs to *proportional*: ``right = factor * left``; it
    is a fraction, or an expression in constants such as N or η. ``reason`` belongs to
    *undecided*. ``assumptions`` are the conditions under which the outcome holds; none were
    taken that are not listed. ``certificates`` write, when they are called, what a second program
    needs to verify it.

    >>> Verdict(Outcome.equal).outcome == "equal"
    True
    """

    outcome: Outcome
    method: Method | None = None
    error_bound: float | None = None
    witness: Witness | None = None
    factor: Fraction | Expr | None = None
    reason: str | None = None
    diagnosis: Diagnosis | None = None
    assumptions: tuple[str, ...] = ()
    certificates: tuple[Callable[[], dict[str, Any]], ...] = field(
        default=(), compare=False, repr=False
    )

    def certified(self, write: Callable[[], dict[str, Any]]) -> Verdict:
        """The verdict with its certificate; every formula that is decided comes through here."""
        return Verdict(self.outcome, self.method, self.error_bound, self.witness, self.factor,
                       self.reason, self.diagnosis, self.assumptions, (write,))  # fmt: skip
