"""What a document has declared so far, as far as a reader of formulas must know it.

A reader has to know which letters are functions (``f(z)`` is a value of f, ``o(1-o)`` a product),
which words are one name (``net`` is not n·e·t), and whether a name has layers (``w^2``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from symbp.core.names import ACCENTS, GREEK, Name, PlainNameError

Size = int | str


@dataclass(frozen=True)
class Names:
    """The declared names; each ``with_…`` gives a new table, so a scope is just a value.

    >>> names = Names().with_quantity("o", "w1_1").with_function("f", 1)
    >>> "o" in names.quantities, names.layers("w"), names.functions["f"]
    (True, frozenset({'1'}), 1)
    """

    quantities: frozenset[str] = frozenset()
    functions: Mapping[str, int] = field(default_factory=dict)
    indices: Mapping[str, tuple[Size, Size]] = field(default_factory=dict)
    shapes: Mapping[str, tuple[Size, ...]] = field(default_factory=dict)

    def with_quantity(self, *names: str) -> Names:
        """Add quantities; a function of the same name gives way."""
        functions = {name: arity for name, arity in self.functions.items() if name not in names}
        return replace(self, quantities=self.quantities | set(names), functions=functions)

    def with_function(self, name: str, arity: int) -> Names:
        """Add a function of so many arguments."""
        return replace(self, functions={**self.functions, name: arity})

    def without_functions(self) -> Names:
        """What remains when a heading closes the scope of the definitions of functions."""
        return replace(self, functions={})

    def with_index(self, letter: str, low: Size, high: Size) -> Names:
        """Declare an index letter and its range, ends included."""
        return replace(self, indices={**self.indices, letter: (low, high)})

    def with_shape(self, name: str, shape: Iterable[Size]) -> Names:
        """Declare an array quantity."""
        known = self.with_quantity(name)
        return replace(known, shapes={**self.shapes, name: tuple(shape)})

    @cached_property
    def parsed(self) -> tuple[Name, ...]:
        """The declared names of quantities, taken apart."""
        return tuple(_parse(name) for name in sorted(self.quantities))

    @cached_property
    def bases(self) -> frozenset[str]:
        """The base letters and words of the declared quantities."""
        return frozenset(name.base for name in self.parsed)

    @cached_property
    def words(self) -> frozenset[str]:
        """Declared names of several letters that may be written without ``\\text``."""
        named = self.bases | set(self.functions)
        return frozenset(word for word in named if len(word) > 1 and not _spelled(word))

    @cached_property
    def longest(self) -> int:
        """The letters of the longest declared word."""
        return max(map(len, (*self.words, *self.functions)), default=0)

    def layers(self, base: str) -> frozenset[str]:
        """The layers in which a base letter is declared."""
        return self._layers.get(base, frozenset()) - {""}

    @property
    def has_layers(self) -> bool:
        """Whether any quantity is declared with a layer."""
        return any(layers - {""} for layers in self._layers.values())

    def layerless(self, base: str) -> bool:
        """Whether a base letter is declared without a layer."""
        return "" in self._layers.get(base, frozenset())

    @cached_property
    def _layers(self) -> Mapping[str, frozenset[str]]:
        table: dict[str, set[str]] = {}
        for name in self.parsed:
            table.setdefault(name.base, set()).add(name.layer)
        return {base: frozenset(layers) for base, layers in table.items()}

    @cached_property
    def spellings(self) -> Mapping[str, tuple[str, ...]]:
        """Declared names by their letters and digits alone: w11 may spell w_11 or w1_1."""
        table: dict[str, list[str]] = {}
        for name in sorted(self.quantities):
            table.setdefault(name.replace("_", ""), []).append(name)
        return {letters: tuple(names) for letters, names in table.items()}


def _parse(plain: str) -> Name:
    try:
        return Name.parse(plain)
    except PlainNameError:
        return Name(plain)


def _spelled(word: str) -> bool:
    """Whether LaTeX has a command for this name, so that its letters alone are not the name."""
    if word in GREEK:
        return True
    return any(
        word.endswith(accent) and (len(word) == len(accent) + 1 or word.removesuffix(accent) in GREEK)
        for accent in ACCENTS
    )
