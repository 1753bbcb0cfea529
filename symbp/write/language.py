"""What a language without operators on arrays has to say to print a plan: straight-line or loops."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import sympy as sp
from sympy import Expr

from symbp.core.optimizers import Update
from symbp.write.numpy_printer import FloatPrinter, Names
from symbp.write.numpy_scalar import Writer


@dataclass(frozen=True)
class Language(ABC):
    """The statements of a language, for numbers of one dtype."""

    dtype: str
    places: ClassVar[type[FloatPrinter]]
    """Prints whole numbers."""
    least: ClassVar[str]
    """Minus infinity."""
    product: ClassVar[str] = ""
    """A matrix product written into an array, where a library does it: ``{target}``, ``{left}``,
    ``{right}``."""

    @property
    @abstractmethod
    def numbers(self) -> type[FloatPrinter]:
        """Prints numbers of the dtype."""

    @abstractmethod
    def names(self) -> Names:
        """The names of a new source."""

    @abstractmethod
    def argument(self, name: str, kind: str = "real", *, mutable: bool = False) -> str:
        """An argument: an array (``real``, or a ``table`` of whole numbers) or a ``size``."""

    @abstractmethod
    def number(self, whole: str) -> str:
        """A whole number as one of the dtype."""

    @abstractmethod
    def constant(self, name: str, value: str) -> str:
        """A name for a value."""

    @abstractmethod
    def variable(self, name: str, value: str = "") -> list[str]:
        """A name whose value changes."""

    @abstractmethod
    def store(self, place: str, value: str, sign: str = "=") -> str:
        """A value put somewhere, or added with ``+=``."""

    @abstractmethod
    def entry(
        self, name: str, at: Sequence[Expr], shape: Sequence[Expr], index: Callable[[Expr], str]
    ) -> str:
        """An entry of an array."""

    @abstractmethod
    def view(self, name: str, source: str, start: str, stop: str, shape: Sequence[str]) -> str:
        """A name for a part of a longer array."""

    @abstractmethod
    def loop(self, variable: str, count: str, lines: Iterable[str], total: str = "") -> list[str]:
        """A loop; ``total`` is what it only adds to."""

    @abstractmethod
    def guarded(self, conditions: Sequence[str], lines: Iterable[str]) -> list[str]:
        """Lines under conditions."""

    @abstractmethod
    def scope(self, lines: Iterable[str]) -> list[str]:
        """Lines whose names are their own."""

    @abstractmethod
    def function(
        self, name: str, arguments: Sequence[str], text: str, body: Iterable[str], *,
        whole: bool = False,
    ) -> str:  # fmt: skip
        """A function that returns a number."""

    @abstractmethod
    def returned(self, value: str) -> str:
        """The end of a function."""

    @abstractmethod
    def steps(
        self, arguments: Sequence[str], count: str, text: str, opening: Sequence[str],
        inside: Sequence[str], closing: Sequence[str],
    ) -> str:  # fmt: skip
        """The function ``loop``, and what stands beside it."""


@dataclass
class LanguageWriter(Writer):
    """Writes assignments in a language; what is not ``declared`` before is a constant."""

    language: Language = field(kw_only=True)
    declared: frozenset[str] = frozenset()

    def assign(self, target: Expr, value: Expr) -> None:
        """A name for a value, or a new value for a variable."""
        text, name = self.expression(value), self.name(target)
        put = self.language.store if name in self.declared else self.language.constant
        self.lines.append(put(name, text))


def starts(update: Update, length: Expr | int) -> str:
    """What ``state`` holds at first."""
    first = ", ".join(f"{float(number.start)!r} ({v})" for v, number in update.shared.items())
    if length == 0:
        return "Nothing is in state."
    return f"At first the {length} numbers of state are {first and f'{first} and '}zero."


def linear(at: Sequence[Expr], shape: Sequence[Expr]) -> Expr:
    """Where an entry lies in an array whose last index is the fastest."""
    place, stride = sp.S.Zero, sp.S.One
    for index, size in zip(at[::-1], shape[::-1], strict=True):
        place, stride = place + stride * index, stride * size
    return place


def indented(lines: Iterable[str]) -> list[str]:
    """Lines one step to the right."""
    return [f"    {line}" for line in lines]
