r"""How the quantities of a program are printed: entries, adjoints, deltas.

An array entry prints as its base with the layer above and the indices below, an adjoint as a
derivative of the loss, and the adjoint of a pre-activation as delta: "the loss by the
pre-activation", which is a quantity that some activation takes as its only argument.

    W1[j,k]        W^{(1)}_{jk}
    W1_bar[j,k]    ∂E/∂W^{(1)}_{jk}
    z1_bar[j]      \delta^{(1)}_j
    w1_1_2         w^{(1)}_{12}

Indices are printed from 1, as books count; what is shifted is written down here and nowhere else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain

import sympy as sp
from sympy import Expr, Idx, Indexed

from symbp.core.chain import Derivation
from symbp.core.equations import Equation, indices_of, letters_of, name_of
from symbp.core.functions import ROWS
from symbp.core.names import ACCENTS, ADJOINT, GREEK, UPDATED, Name, PlainNameError
from symbp.core.program import Program
from symbp.core.scalars import ScalarError
from symbp.write.formula import (
    Accent,
    Face,
    Fraction,
    Node,
    Number,
    Row,
    Script,
    Sign,
    Slash,
    Symbol,
    derivative,
    listed,
    row,
    signed_sum,
)


@dataclass(frozen=True)
class Notation:
    """What a printer has to know about a program: its loss, its weights and its deltas."""

    loss: str = "E"
    weights: frozenset[str] = frozenset()
    deltas: Mapping[str, Name] = field(default_factory=dict)

    @classmethod
    def of(cls, program: Program) -> Notation:
        """The notation of a program or of a derivation, in index form and in scalar form."""
        forward = program.forward if isinstance(program, Derivation) else program
        entries = _entry_names(forward)
        weights = {p.name for p in forward.parameters}
        weights |= {entry for name in weights for entry in entries.get(name, ())}
        deltas = {
            each: _delta(each)
            for name in _preactivations(forward)
            for each in (name, *entries.get(name, ()))
        }
        uses = Counter(deltas.values())
        taken = {_parse(name) for name in (*forward.shapes, *chain(*entries.values()))}
        clear = {n: d for n, d in deltas.items() if uses[d] == 1 and d not in taken}
        return cls(forward.loss, frozenset(weights), clear)

    def name(self, plain: str) -> Node:
        """A name as it prints: ``w1_1_2``, or the adjoint ``w1_1_2_bar``."""
        return self._quantity(plain, ())

    def quantity(self, entry: Expr) -> Node:
        """A scalar or an entry of an array as it prints."""
        return self._quantity(name_of(entry), tuple(subscript(i) for i in indices_of(entry)))

    def by(self, entry: Expr, *, flat: bool = False) -> Fraction | Slash:
        """∂E/∂entry."""
        return derivative(self.name(self.loss), self.quantity(entry), flat=flat)

    def _quantity(self, plain: str, places: tuple[Node, ...]) -> Node:
        if not plain.endswith(ADJOINT):
            return name_node(_parse(plain), places)
        of = plain.removesuffix(ADJOINT)
        if of in self.deltas:
            return name_node(self.deltas[of], places)
        return derivative(self.name(self.loss), name_node(_parse(of), places))

    def rank(self, quantity: Expr) -> int:
        """Where a factor stands in a product: adjoints, then weights, then the rest."""
        name = name_of(quantity)
        return 0 if name.endswith(ADJOINT) else 1 if name in self.weights else 2


def _entry_names(program: Program) -> dict[str, tuple[str, ...]]:
    try:
        return {name: tuple(map(str, row.values()))
                for name, row in program.entries.symbols.items() if program.shapes[name]}
    except ScalarError:
        return {}


def _preactivations(program: Program) -> list[str]:
    """The defined quantities that an activation takes as its only argument."""
    found = (_argument(e) for e in program.equations if e.name != program.loss)
    return list(dict.fromkeys(n for n in found if n is not None and n in program.definitions))


def _argument(equation: Equation) -> str | None:
    if len(equation.terms) != 1 or equation.terms[0].indices:
        return None
    body = equation.terms[0].body
    inner = body.args[0] if type(body) in ROWS or isinstance(body, sp.exp) else body
    alone = isinstance(inner, Indexed) or (inner.is_Symbol and not inner.is_integer)
    return name_of(inner) if alone else None


def _delta(plain: str) -> Name:
    name = _parse(plain)
    return Name("delta", name.layer, name.subscripts)


def _parse(plain: str) -> Name:
    """The parts of a name; a name that is no plain name prints as one word."""
    try:
        return Name.parse(plain)
    except PlainNameError:
        return Name(plain)


def natural(plain: str) -> tuple[tuple[int, int, str], ...]:
    """A key that sorts ``w1_1_2`` before ``w1_1_10``."""
    name = _parse(plain)
    parts = (name.base, name.layer, *name.subscripts)
    return tuple((0, int(p), "") if p.isdecimal() else (1, 0, p) for p in parts)


def name_node(name: Name, places: tuple[Node, ...] = (), face: Face = Face.ITALIC) -> Node:
    """A name with its layer above, its subscripts and indices below."""
    parts = name.subscripts[:-1] if name.updated else name.subscripts
    sub = _subscripts(parts, places)
    above: list[Node] = [Sign("("), Number(name.layer), Sign(")")] if name.layer else []
    if name.subscripts[-1:] == (UPDATED,):
        above.append(Sign("+"))
    base = base_node(name.base, face)
    return Script(base, sub, row(*above) if above else None) if sub or above else base


def base_node(base: str, face: Face = Face.ITALIC) -> Node:
    """A letter, a Greek letter, a letter under an accent, or an upright word."""
    for accent in ACCENTS:
        stem = base.removesuffix(accent)
        if base not in GREEK and stem and stem != base:
            return Accent(base_node(stem, face), accent)
    word = len(base) > 1 and base not in GREEK and face is Face.ITALIC
    return Symbol(base, Face.UPRIGHT if word else face)


def _subscripts(parts: tuple[str, ...], places: tuple[Node, ...]) -> Node | None:
    pieces = [*(_piece(p) for p in parts), *places]
    if not pieces:
        return None
    narrow = all(len(p) == 1 for p in parts) and all(map(_narrow, places))
    return row(*pieces) if narrow else listed(pieces)


def _narrow(place: Node) -> bool:
    return isinstance(place, Symbol) or (isinstance(place, Number) and len(place.digits) == 1)


def _piece(part: str) -> Node:
    if part.isdecimal():
        return Number(part)
    if part in GREEK or len(part) == 1:
        return Symbol(part)
    if part[0].isalpha() and part[1:].isdecimal():
        return Row((Symbol(part[0]), Number(part[1:])))
    return Symbol(part, Face.UPRIGHT)


def subscript(place: Expr) -> Node:
    """An index as it prints, counted from 1: a letter, a number, ``2i + k − 2``, ``t_n``."""
    if isinstance(place, Idx):
        return Symbol(str(place))
    if place.has(Indexed):
        return Notation().quantity(place) if isinstance(place, Indexed) else Symbol(str(place))
    return affine(sp.expand(from_one(place) + 1))


def from_one(place: Expr) -> Expr:
    """An expression of indices that count from 0, in letters that count from 1."""
    return place.xreplace({i: i.label - 1 for i in letters_of(place)})


def affine(place: Expr) -> Node:
    """``2i + k − 2``: letters first, the number last."""
    parts = sorted(sp.Add.make_args(place), key=lambda p: (bool(p.is_Number), str(p)))
    terms: list[tuple[bool, Node]] = []
    for part in parts:
        factor, rest = part.as_coeff_Mul()
        pieces: list[Node] = [Number(str(abs(factor)))] if abs(factor) != 1 or rest == 1 else []
        pieces += [Symbol(str(f)) for f in sp.Mul.make_args(rest) if f != 1]
        terms.append((bool(factor < 0), row(*pieces)))
    return signed_sum(terms)
