r"""Scripts on a letter: what ``w_{jk}^{(l)T}`` says beyond its w.

Subscripts are indices (digits, declared or summed letters) or part of the name; superscripts are a
layer in brackets, a sample, a mark for the updated value, a transpose or a power. What could be two
of these is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product

from symbp.core.names import HAN, UPDATED
from symbp.read.errors import UnreadableError
from symbp.read.latex_pieces import Kind, Piece, Pieces, spelled, visible
from symbp.read.latex_powers import label
from symbp.read.latex_tables import (
    ACCENT_COMMANDS,
    FONTS,
    GREEK_SPELLING,
    OPENING,
    TRANSPOSES,
)
from symbp.read.scope import Names
from symbp.read.tree import Number, Quantity, Span, Tree

Parse = Callable[[Pieces], Tree]

MARKS: Mapping[str, str] = {
    "+": UPDATED, "new": UPDATED, "updated": UPDATED, "*": "star", "\\ast": "star",
    "\\star": "star", "old": "old",
}  # fmt: skip
OLD = "_old"
_SHIFTED = re.compile(r"[A-Za-z][+-]\d")
_NUMERIC_SUM = re.compile(r"\d+(?:[+-]\d+)+")
_SPELLED = re.compile(rf"(?:[A-Za-z{HAN}]+|\\[A-Za-z]+|\d+|_)+")
_PART = re.compile(rf"[A-Za-z0-9{HAN}]+")


@dataclass(frozen=True)
class Scripts:
    """The raw scripts of a name: pieces below and above, primes, and where they end."""

    below: Pieces | None = None
    above: Pieces | None = None
    primes: int = 0
    span: Span = (0, 0)


@dataclass(frozen=True)
class Upper:
    """What stands above: a layer, letters for layer and sample, a mark, a transpose, a power."""

    layer: str = ""
    trees: tuple[Tree, ...] = ()
    mark: str = ""
    transposed: bool = False
    power: Pieces = ()


@dataclass(frozen=True)
class Reading:
    """A name with its scripts, read: the quantity and what is applied to it."""

    quantity: Quantity
    transposed: bool
    power: Pieces


def without_fonts(inner: Pieces) -> Pieces:
    r"""The pieces with font commands and their braces opened: ``\mathsf{T}`` is T."""
    out: list[Piece] = []
    for piece in inner:
        if piece.kind is Kind.COMMAND and piece.text in FONTS:
            continue
        if piece.kind is Kind.GROUP:
            out.extend(without_fonts(piece.inner))
        else:
            out.append(piece)
    return tuple(out)


def named(shown: Pieces) -> bool:
    """Whether pieces are one name without scripts."""
    first = shown[0]
    if first.kind is Kind.LETTER:
        return all(p.kind is Kind.LETTER for p in shown)
    if first.kind is not Kind.COMMAND:
        return False
    dressed = first.text in FONTS or first.text in ACCENT_COMMANDS
    return len(shown) == 2 if dressed else len(shown) == 1 and first.text in GREEK_SPELLING


def index_letters(inner: Pieces, names: Names) -> frozenset[str]:
    """Letters that are indices in this formula: declared, summed over, or beside one of these."""
    letters = set(names.indices) | _summed(inner)
    subscripts = [spelled(group) for group in _subscripts(inner)]
    letters |= {text[0] for text in subscripts if _SHIFTED.fullmatch(text)}
    groups = [set(_letters(text)) for text in subscripts]
    groups = [g for g in groups if g]
    grown = True
    while grown:
        grown = False
        for group in groups:
            if group & letters and not group <= letters:
                letters |= group
                grown = True
    return frozenset(letters)


def _letters(text: str) -> Sequence[str]:
    bare = text.replace("\\ell", "l").replace(",", "")
    return tuple(c for c in bare if c.isalpha()) if re.fullmatch(r"[A-Za-z0-9]{1,3}", bare) else ()


def _subscripts(inner: Sequence[Piece]) -> list[Pieces]:
    found: list[Pieces] = []
    for k, piece in enumerate(inner):
        if piece.is_sign("_") and k + 1 < len(inner):
            after = inner[k + 1]
            before = inner[k - 1] if k else None
            if before is None or not before.is_command("sum", "nabla", "limits"):
                found.append(after.inner if after.kind is Kind.GROUP else (after,))
        if piece.inner:
            found.extend(_subscripts(piece.inner))
    return found


def _summed(inner: Sequence[Piece]) -> set[str]:
    r"""The letters k of ``\sum_k``, ``\sum_{k=1}``, ``\sum^{n}_{k \in S}``."""
    found: set[str] = set()
    shown = [p for p in inner if not p.blank]
    for k, piece in enumerate(shown):
        if piece.is_command("sum"):
            for j in range(k + 1, min(k + 5, len(shown) - 1)):
                if shown[j].is_sign("_"):
                    text = spelled(shown[j + 1].inner or (shown[j + 1],))
                    found |= {c.replace("\\ell", "l") for c in re.split(r"=|\\in", text)[0].split(",")}
        if piece.inner:
            found |= _summed(piece.inner)
    return {letter for letter in found if len(letter) == 1}


@dataclass(frozen=True)
class NameReader:
    """Reads the scripts of names with what the document has declared."""

    names: Names
    indices: frozenset[str]
    parse: Parse

    def read(self, base: str, scripts: Scripts, span: Span) -> Reading:
        """The quantity that a base with these scripts is."""
        upper = self.upper(base, scripts)
        if scripts.primes:
            if scripts.primes > 1 or upper.mark:
                raise UnreadableError(f"{base} has more than one mark", *span)
            upper = replace(upper, mark=UPDATED)
        parts, trees = self.lower(scripts.below or ())
        name = self.resolve(base, upper, parts, span)
        return Reading(Quantity(name, trees, upper.trees, span=span), upper.transposed, upper.power)

    def lower(self, below: Pieces) -> tuple[tuple[str, ...], tuple[Tree, ...]]:
        """Name parts, or index trees where a letter is an index."""
        segments = _segments(visible(below))
        texts = [spelled(without_fonts(s)).replace("_", "") for s in segments]
        if any(self._index(text) for text in texts):
            pairs = zip(segments, texts, strict=True)
            return (), tuple(t for s, x in pairs for t in self._places(s, x))
        return tuple(self._part(s, x) for s, x in zip(segments, texts, strict=True)), ()

    def places(self, below: Pieces) -> tuple[Tree, ...]:
        """The indices of an entry of a bracket: ``(W x)_{jk}``."""
        segments = _segments(visible(below))
        return tuple(
            tree
            for segment in segments
            if segment
            for tree in self._places(segment, spelled(without_fonts(segment)))
        )

    def _index(self, text: str) -> bool:
        bare = text.replace("\\ell", "l")
        if re.search(r"[+-]", bare):
            return True
        return len(bare) <= 3 and bare.isalnum() and any(c in self.indices for c in bare)

    def _places(self, segment: Pieces, text: str) -> tuple[Tree, ...]:
        if not segment:
            raise UnreadableError("an index is missing beside a comma")
        if re.search(r"[+-]", text):
            return (self.parse(segment),)
        span = (segment[0].start, segment[-1].end)
        return tuple(
            Number(c, Fraction(c), None, span=span) if c.isdigit() else Quantity(c, span=span)
            for c in text.replace("\\ell", "l")
        )

    def _part(self, segment: Pieces, text: str) -> str:
        plain = text.replace("\\ell", "l").replace("\\", "")
        if not segment or not _SPELLED.fullmatch(text) or not _PART.fullmatch(plain):
            place = (segment[0].start, segment[-1].end) if segment else (0, 0)
            raise UnreadableError(f"the subscript {text!r} is no index and no word", *place,
                                  "digits, letters or a word")  # fmt: skip
        return plain

    def upper(self, base: str, scripts: Scripts) -> Upper:
        """What the superscript says."""
        above = visible(scripts.above or ())
        if not above:
            return Upper()
        span = (above[0].start, above[-1].end)
        groups, rest = _bracketed(above)
        rest, transposed = self._transposed(rest, bool(groups), span)
        upper = Upper(transposed=transposed)
        if len(groups) == 1 and not rest and _NUMERIC_SUM.fullmatch(spelled(groups[0])):
            return replace(upper, power=groups[0])
        for group in groups:
            upper = self._group(upper, group)
        return self._rest(upper, base, rest, bool(groups)) if rest else upper

    def _transposed(self, rest: Pieces, after_brackets: bool, span: Span) -> tuple[Pieces, bool]:
        bare = without_fonts(rest)
        if not bare or spelled(bare[-1:]).lstrip("\\") not in TRANSPOSES:
            return rest, False
        if len(bare) > 1 and not after_brackets:
            plain = len(bare) == 2 and bare[0].kind is Kind.NUMBER
            return (bare[:-1], True) if plain else (rest, False)
        if bare[-1].kind is Kind.LETTER and "T" in self.names.quantities and len(rest) == 1:
            raise UnreadableError("^T is a transpose, or the power T", *span, r"^\top, or ^{(T)}")
        return bare[:-1], True

    def _group(self, upper: Upper, group: Pieces) -> Upper:
        text = spelled(without_fonts(group))
        if text in MARKS:
            return replace(upper, mark=MARKS[text])
        if text.isdigit() and not upper.layer and not upper.trees:
            return replace(upper, layer=text)
        return replace(upper, trees=(*upper.trees, self.parse(group)))

    def _rest(self, upper: Upper, base: str, rest: Pieces, bracketed: bool) -> Upper:
        text = spelled(without_fonts(rest))
        if text in MARKS:
            return replace(upper, mark=MARKS[text])
        if bracketed:
            return replace(upper, power=rest)
        named = label(base, rest, self.names, self.indices, self.parse)
        return replace(upper, power=rest) if named is None else replace(upper, trees=(named,))

    def resolve(self, base: str, upper: Upper, parts: tuple[str, ...], span: Span) -> str:
        """The plain name; declared spellings decide how digits are split."""
        mark = f"_{upper.mark}" if upper.mark else ""
        splits = [_splits(part) for part in parts]
        spellings = ["".join(f"_{p}" for s in chosen for p in s) for chosen in product(*splits)]
        candidates = [base + upper.layer + spelling for spelling in spellings]
        if candidates[0].endswith(OLD) or mark == OLD:
            return self._before(candidates[0] + mark)
        declared = [name for name in candidates if name in self.names.quantities]
        if len(declared) > 1:
            raise UnreadableError(f"{base} could be {' or '.join(declared)}", *span, "commas")
        if declared:
            return declared[0] + mark
        if not upper.layer and not upper.trees:
            layered = [
                name
                for layer in sorted(self.names.layers(base))
                for spelling in dict.fromkeys(spellings)
                if (name := base + layer + spelling) in self.names.quantities
            ]
            if len(layered) > 1:
                raise UnreadableError(
                    f"{base} with this subscript stands in more than one layer", *span,
                    " or ".join(layered),
                )
            if layered:
                return layered[0] + mark
        return candidates[-1 if upper.layer else 0] + mark

    def _before(self, name: str) -> str:
        """``w_{old}`` is w, where w is known and w_old is not."""
        current = name.removesuffix(OLD)
        old = name in self.names.quantities or current not in self.names.quantities
        return name if old else current


def _splits(part: str) -> list[tuple[str, ...]]:
    """The part as one piece and, for digits, as one piece a digit."""
    return [(part,), tuple(part)] if part.isdigit() and len(part) > 1 else [(part,)]


def _segments(below: Pieces) -> list[Pieces]:
    segments: list[list[Piece]] = [[]]
    for piece in below:
        if piece.is_sign(","):
            segments.append([])
        else:
            segments[-1].append(piece)
    return [tuple(s) for s in segments] if below else []


def _bracketed(above: Pieces) -> tuple[list[Pieces], Pieces]:
    """Leading ``(…)`` and ``[…]`` of a superscript, and what follows them."""
    groups: list[Pieces] = []
    rest = above
    while rest and rest[0].is_sign("(", "["):
        closer = OPENING[rest[0].text]
        end = next((k for k, p in enumerate(rest) if p.is_sign(closer)), None)
        if end is None or end == 1:
            break
        groups.append(rest[1:end])
        rest = rest[end + 1 :]
    if rest and groups and rest[0].is_sign("+", "-", "/") and len(rest) > 1:
        return [], above
    return groups, rest

