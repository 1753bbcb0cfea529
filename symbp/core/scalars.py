r"""The scalar form: each index written out, one equation an entry, under the names a book prints.

``z1[j] = Σ_k W1[j,k]·x[k]`` at sizes 2, 2 becomes ``z1_1 = w1_1_1·x_1 + w1_1_2·x_2`` and
``z1_2 = …``. The derivation of a scalar form is the derivation of the index form written out, not
another derivation: the chain rule runs once per line of the book, not once per weight.
"""

from __future__ import annotations

import itertools
import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import sympy as sp
from sympy import Expr, Idx, Indexed, KroneckerDelta, Mul, Symbol
from sympy.logic.boolalg import BooleanAtom

from symbp.core.equations import Equation, Term, name_of
from symbp.core.names import ADJOINT, Name

Position = tuple[int, ...]
Letters = tuple[Idx, ...]
Instance = Callable[[Position], Expr]
"""What writes a body out, given the values of its letters in their order."""


class ScalarError(ValueError):
    """An index form that cannot be written out; the message says why."""


@dataclass(frozen=True)
class Entries:
    """The names of the entries of a program's arrays, and back; no two entries have one name.

    Indices start at 1 and carry the layer; a weight matrix W has entries w, unless w is a name
    itself, or ``w_1`` one with entries of its own; a vector of one entry needs no index (``d``,
    ``b2``), and is found by ``b2_1`` as well.

    >>> names = Entries({"W1": (2, 2), "b2": (1,), "E": ()})
    >>> names.symbol("W1", (0, 1)), names.symbol("b2", (0,)), names.find("b2_1")
    (w1_1_2, b2, ('b2', (0,)))
    """

    shapes: Mapping[str, Position]

    @classmethod
    def of(cls, shapes: Mapping[str, tuple[Expr, ...]]) -> Entries:
        """The entries of arrays of these shapes. Raises ScalarError where a size is a symbol."""
        for shape in shapes.values():
            for size in shape:
                if not size.is_Integer:
                    raise ScalarError(f"the scalar form needs a number for {size}")
        return cls({name: tuple(map(int, shape)) for name, shape in shapes.items()})

    @cached_property
    def symbols(self) -> Mapping[str, Mapping[Position, Symbol]]:
        """From an array's name and a position to the entry's symbol."""
        return {name: dict(self._entries(name)) for name in self.shapes}

    def symbol(self, name: str, position: Position) -> Symbol:
        """The symbol of one entry; of a scalar, at ()."""
        return self.symbols[name][position]

    def all(self, name: str) -> tuple[Symbol, ...]:
        """The entries of an array, row-major."""
        return tuple(self.symbols[name].values())

    @cached_property
    def places(self) -> Mapping[str, tuple[str, Position]]:
        """From a plain name to the array and position it stands for."""
        short = {str(s): (n, at) for n, row in self.symbols.items() for at, s in row.items()}
        whole = {
            self._full(n, at): (n, at)
            for n, row in self.symbols.items()
            for at in row
            if ADJOINT not in n
        }
        return whole | short

    def find(self, plain: str) -> tuple[str, Position]:
        """The array and position of a plain name. Raises KeyError with the nearest names."""
        if plain not in self.places:
            base = Name.parse(plain).base
            known = [n for n in self.places if ADJOINT not in n]
            near = [n for n in known if Name.parse(n).base == base] or known
            raise KeyError(f"no entry {plain}; there are {', '.join(near[:8])}")
        return self.places[plain]

    @cached_property
    def _bases(self) -> Mapping[str, str]:
        """From an array's name, without what marks an adjoint, to how its entries' names begin."""
        stems: dict[str, list[str]] = {}
        for name, shape in self.shapes.items():
            stems.setdefault(name.partition(ADJOINT)[0], []).extend([name] if shape else [])
        found = {stem: stem for stem, arrays in stems.items() if not arrays}
        for stem, arrays in stems.items():
            if arrays:
                bases = self._candidates(stem)
                found[stem] = next(b for b in bases if not self._clashes(b, arrays, found))
        return found

    def _candidates(self, name: str) -> Iterator[str]:
        """``W1`` → ``w1``: a matrix is a capital, its entries are not; unless that name is taken."""
        small = name[0].lower() + name[1:]
        yield from (base for base in (small, name) if base == name or small not in self.shapes)
        yield from (name[0] * count + name for count in itertools.count(1))

    def _clashes(self, base: str, arrays: list[str], found: Mapping[str, str]) -> bool:
        """Whether entries with this base would have the name of another entry or quantity."""
        near = ((stem, {base, other}) for stem, other in found.items())
        others = [stem for stem, pair in near if _extends(max(pair, key=len), min(pair, key=len))]
        if not others:
            return False
        taken = {text for name in self.shapes for stem in others if name.partition(ADJOINT)[0] == stem
                 for text in self._texts(name, found[stem])}
        return any(text in taken for name in arrays for text in self._texts(name, base))

    def _texts(self, name: str, base: str) -> list[str]:
        """The names of an array's entries, row-major."""
        shape, (_, mark, order) = self.shapes[name], name.partition(ADJOINT)
        if shape in ((), (1,)):
            return [base + mark + order]
        positions = product(*map(range, shape))
        return [base + "".join(f"_{p + 1}" for p in at) + mark + order for at in positions]

    def _entries(self, name: str) -> Iterator[tuple[Position, Symbol]]:
        texts = self._texts(name, self._bases[name.partition(ADJOINT)[0]])
        for position, text in zip(product(*map(range, self.shapes[name])), texts, strict=True):
            yield position, Symbol(text, real=True)

    def _full(self, name: str, position: Position) -> str:
        start = self._bases[name.partition(ADJOINT)[0]] if position else name
        return start + "".join(f"_{p + 1}" for p in position)


def _extends(longer: str, shorter: str) -> bool:
    """Whether a name is another one, with numbers behind it."""
    rest = longer.removeprefix(shorter)
    return longer.startswith(shorter) and re.fullmatch(r"(_\d+)*", rest) is not None


def write_out(equations: Iterable[Equation], entries: Entries) -> Iterator[Equation]:
    """The equations with each index written out, one equation an entry of each left side.

    Raises ScalarError where an index is data (a gather).
    """
    return (instance for e in equations for instance in _equation(e, entries))


def _equation(equation: Equation, entries: Entries) -> Iterator[Equation]:
    """One equation for each value of the free indices."""
    makers = [_term(term, equation.indices, entries) for term in equation.terms]
    symbols = entries.symbols[equation.name]
    for position in product(*map(_range, equation.indices)):
        yield Equation(
            symbols[position], tuple(Term((), body) for make in makers for body in make(position))
        )


def _range(letter: Idx) -> range:
    return range(int(letter.lower), int(letter.upper) + 1)


def _term(term: Term, free: Letters, entries: Entries) -> Callable[[Position], Iterator[Expr]]:
    """What makes the bodies of a term, one for each value of its summed indices."""
    letters = (*free, *term.indices)
    body = _instance(term.body, letters, entries)
    summed = list(product(*map(_range, term.indices)))
    guards = [_condition(guard, letters) for guard in term.guard]

    def bodies(position: Position) -> Iterator[Expr]:
        for more in summed:
            values = position + more
            if all(holds(values) for holds in guards):
                value = body(values)
                if value is not sp.S.Zero:
                    yield value

    return bodies


_RELATIONS: Mapping[type, Callable[[int, int], bool]] = {
    sp.Equality: operator.eq, sp.Unequality: operator.ne,
    sp.GreaterThan: operator.ge, sp.StrictGreaterThan: operator.gt,
    sp.LessThan: operator.le, sp.StrictLessThan: operator.lt,
}  # fmt: skip


def _condition(guard: sp.Basic, letters: Letters) -> Callable[[Position], bool]:
    """Whether a relation between indices holds at given values of the letters."""
    if isinstance(guard, BooleanAtom):
        return lambda values: bool(guard)
    relation = _RELATIONS[type(guard)]
    left, right = (_place(side, letters) for side in guard.args)
    return lambda values: relation(left(values), right(values))


def _place(place: Expr, letters: Letters) -> Callable[[Position], int]:
    """A sum of letters with whole factors at given values of the letters."""
    if place.has(Indexed):
        raise ScalarError(f"{place} depends on data: the scalar form of a gather needs its values")
    place = sp.expand(place)
    slopes = [(slot, int(place.coeff(letter))) for slot, letter in enumerate(letters)]
    start = int(place.xreplace(dict.fromkeys(letters, sp.S.Zero)))
    return lambda values: start + sum(slope * values[slot] for slot, slope in slopes if slope)


def _instance(node: Expr, letters: Letters, entries: Entries) -> Instance:
    """Compile a body once; the result writes it out for given values of its letters."""
    if isinstance(node, Indexed):
        return _entry_instance(node, letters, entries)
    if isinstance(node, Idx):
        slot = letters.index(node)
        return lambda values: sp.Integer(values[slot])
    if not node.has(Indexed, Idx):
        return lambda values: node
    parts = [_instance(a, letters, entries) for a in node.args]
    if isinstance(node, Mul) and all(a.is_Number or isinstance(a, Indexed) for a in node.args):
        return lambda values: _product([part(values) for part in parts])
    if isinstance(node, Mul) and node.has(KroneckerDelta):
        return _where_deltas_hold(node, parts)
    if isinstance(node, sp.Max | sp.Min):  # SymPy compares all pairs of arguments: 4 ms
        return lambda values: node.func(*[part(values) for part in parts], evaluate=False)
    return lambda values: node.func(*[part(values) for part in parts])


def _where_deltas_hold(node: Mul, parts: list[Instance]) -> Instance:
    """A product in which the deltas are looked at first: most of them are zero."""
    pairs = list(zip(node.args, parts, strict=True))
    deltas = [part for arg, part in pairs if isinstance(arg, KroneckerDelta)]
    others = [part for arg, part in pairs if not isinstance(arg, KroneckerDelta)]

    def product_of_others(values: Position) -> Expr:
        if any(delta(values) is sp.S.Zero for delta in deltas):
            return sp.S.Zero
        return Mul(*[part(values) for part in others])

    return product_of_others


def _product(factors: list[Expr]) -> Expr:
    """The product of numbers and distinct symbols as SymPy itself would order it, built directly.

    SymPy sorts symbols of equal assumptions by name; multiplying them out again for each of
    thousands of weights is what costs the time.
    """
    if factors[0].is_Number or len({*factors}) < len(factors):
        return Mul(*factors)
    return Mul._from_args(sorted(factors, key=_symbol_name))


def _symbol_name(symbol: Symbol) -> str:
    return str(symbol.name)


def _entry_instance(node: Indexed, letters: Letters, entries: Entries) -> Instance:
    symbols, places = entries.symbols[name_of(node)], node.indices
    if all(isinstance(place, Idx) for place in places):
        slots = [letters.index(place) for place in places]
        if len(slots) == 1:
            (only,) = slots
            return lambda values: symbols[(values[only],)]
        return lambda values: symbols[tuple([values[slot] for slot in slots])]

    made = [_place(place, letters) for place in places]
    return lambda values: symbols[tuple([place(values) for place in made])]
