r"""Which array, and which entry of it, a written quantity names.

``W^{(l+1)}`` in layer l is W2 where l is 1, ``a^l_k`` the entry k of a1, ``a^{0}`` the input and
``a^{L}`` the output; ``\delta_{3,i}`` is the entry i of delta_3. A lower-case weight is its matrix:
``w^l_{jk}``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property

from sympy import Expr, Symbol

from symbp.read.errors import UnreadableError
from symbp.read.tree import Negation, Number, Quantity, Sum, Tree, walk

_LAYERED = re.compile(r"([A-Za-z])(_?)(\d+)")
WHOLE = Quantity(":")
"""In the place of an index: all of the axis."""


class NoLayerError(Exception):
    """A layer of this number, or a quantity in it, is not there."""


@dataclass(frozen=True)
class Table:
    """The arrays and scalars that a formula may name, and the layer in which it is read.

    ``samples`` is the number of samples, ``depth`` that of layers, and ``output`` the name of the
    last one's values; 0 without a network. ``derived`` maps what is derived, and by what, to the name
    of the derivative. ``ranges`` are the declared ranges of index letters, from 1 on, and ``zeros`` the
    arrays that are zero outside of their axes.
    """

    shapes: Mapping[str, tuple[Expr, ...]]
    loss: str | None = None
    depth: int = 0
    output: str = ""
    layer: int | None = None
    deltas: Mapping[str, str] = field(default_factory=dict)
    samples: Expr | None = None
    derived: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    ranges: Mapping[str, Expr] = field(default_factory=dict)
    zeros: frozenset[str] = frozenset()

    def at_layer(self, layer: int) -> Table:
        """The same, read in a layer."""
        return replace(self, layer=layer)

    @property
    def sizes(self) -> Mapping[str, Symbol]:
        """The sizes that are letters."""
        found = (s for shape in self.shapes.values() for size in shape for s in size.free_symbols)
        return {s.name: s for s in found}

    def find(self, tree: Quantity) -> tuple[str, tuple[Tree, ...]] | None:
        """The array and the trees of its indices; None where nothing of this name is known.

        Raises NoLayerError where the name has a layer that is not there.
        """
        name, indices = tree.name, tree.indices
        if tree.upper:
            if len(tree.upper) != 1:
                raise UnreadableError("one layer above is read here", *tree.span, "a^{l}_k")
            if _is_sample(tree.upper[0]):
                return self._of_sample(tree, tree.upper[0])
            return self._in_layer(tree, self._number(tree.upper[0]))
        if indices and isinstance(indices[0], Number):
            longer = f"{name}_{indices[0].text}"
            if self._known(longer) is not None:
                name, indices = longer, indices[1:]
        found = self._known(name)
        if found is not None:
            return found, indices
        return self._split(tree)

    def _of_sample(self, tree: Quantity, sample: Tree) -> tuple[str, tuple[Tree, ...]] | None:
        """``z^{(i)}`` is the sample i of z: all of its other axis, or the entry that is named."""
        found = self.find(replace(tree, upper=()))
        if found is None:
            return None
        name, others = found
        axes = [axis for axis, size in enumerate(self.shape(name)) if size == self.samples]
        if len(axes) != 1:
            raise UnreadableError(f"{name} has {len(axes)} axes of samples", *tree.span, f"{name}_i")
        rest = list(others) or [WHOLE] * (len(self.shape(name)) - 1)
        return name, (*rest[: axes[0]], sample, *rest[axes[0] :])

    def _in_layer(self, tree: Quantity, number: int) -> tuple[str, tuple[Tree, ...]] | None:
        base, *parts = tree.name.split("_")
        found = self._of_layer(base, number)
        if found is None:
            if any(self._of_layer(base, k) is not None for k in range(self.depth + 1)):
                raise NoLayerError(base, number)
            return None
        return found, (*_letters(tree, parts), *tree.indices)

    def _of_layer(self, base: str, number: int) -> str | None:
        if base in ("a", "A") and self.depth and number in (0, self.depth):
            return "x" if number == 0 else self.output
        names = (f"{each}{number}" for each in (base, base.upper(), base.lower()))
        known = (self.deltas.get(name, name if name in self.shapes else None) for name in names)
        return next((found for found in known if found), None)

    def _known(self, name: str) -> str | None:
        if name in self.shapes:
            return name
        if name in self.deltas:
            return self.deltas[name]
        return self._of_network(name) if self.depth else None

    def _of_network(self, name: str) -> str | None:
        """``w1`` is W1, ``X`` the input; ``Z1``, ``A_1`` and, of a batch, ``z_1`` belong to layer 1."""
        swapped = name[:1].swapcase() + name[1:]
        if (name[:1] == "w" or name == "X") and swapped in self.shapes:
            return swapped
        found = _LAYERED.fullmatch(name)
        if found is None or (found[2] and found[1].islower() and self.samples is None):
            return None
        return self._of_layer(found[1], int(found[3]))

    def _split(self, tree: Quantity) -> tuple[str, tuple[Tree, ...]] | None:
        """``a_k`` is an entry where a is a vector; ``w1_1_2`` one of W1."""
        base, *parts = tree.name.split("_")
        for count in range(len(parts)):
            stem = "_".join([base, *parts[:count]])
            for name in (stem, stem[0].upper() + stem[1:]):
                found = self._known(name)
                letters = _letters(tree, parts[count:])
                if found is not None and len(letters) + len(tree.indices) == len(self.shape(found)):
                    return found, (*letters, *tree.indices)
        return None

    def shape(self, name: str) -> tuple[Expr, ...]:
        """The shape of a known name; of a derivative, the axes of what is derived come first."""
        return self.shapes[name] if name in self.shapes else self._derivatives[name]

    @cached_property
    def _derivatives(self) -> Mapping[str, tuple[Expr, ...]]:
        found: dict[str, tuple[Expr, ...]] = {}
        for of, names in self.derived.items():
            top = self.shapes[of] if of in self.shapes else found[of]
            found |= {name: (*top, *self.shapes[by]) for by, name in names.items() if by in self.shapes}
        return found

    def _number(self, tree: Tree) -> int:
        """The layer that a superscript names. Raises NoLayerError outside any."""
        match tree:
            case Number() if tree.value.denominator == 1 and tree.unit is None:
                return int(tree.value)
            case Quantity(name="l") if self.layer is not None:
                return self.layer
            case Quantity(name="L") if self.depth:
                return self.depth
            case Sum():
                return sum(map(self._number, tree.terms))
            case Negation():
                return -self._number(tree.of)
        raise UnreadableError("this is no layer", *tree.span, "l, l+1, L, or a number")


def _is_sample(tree: Tree) -> bool:
    return isinstance(tree, Quantity) and len(tree.name) == 1 and tree.name not in "lL"


def _letters(tree: Quantity, parts: list[str]) -> tuple[Tree, ...]:
    """Subscripts that were kept as one piece, one index a character."""
    return tuple(_index(c, tree) for part in parts for c in part)


def _index(character: str, tree: Quantity) -> Tree:
    if character.isdigit():
        return Number(character, Fraction(int(character)), None, span=tree.span)
    return Quantity(character, span=tree.span)


def reads_layer(tree: Tree) -> bool:
    """Whether a formula is about every layer: the letter l stands above a quantity in it."""
    return any(
        inner == Quantity("l")
        for node in walk(tree) if isinstance(node, Quantity)
        for above in node.upper for inner in walk(above)
    )  # fmt: skip
