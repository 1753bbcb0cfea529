"""A plan as loops: what is printed in C, or for a compiler of Python, where arrays have no operators.

Each line becomes one nest of loops over its own letters, with its sums inside. A sum is written
straight into an array, and its fastest letter is one that stays, where that letter walks through
more of the operands in the order in which they lie in memory (``z[j,n] += W[j,k]·x[k,n]``);
otherwise a register collects it (``W̄[j,k] = Σ_n z̄[j,n]·x[k,n]``). What a factor alone has to
itself is summed there first, and what has no summed letter is multiplied after the sum.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import sympy as sp
from sympy import Dummy, Expr, Idx, Indexed, KroneckerDelta, Symbol

from symbp.core.equations import Term, array, extent, indices_of, letters_of, name_of, operands
from symbp.core.names import ADJOINT
from symbp.core.optimizers import G, Update, W
from symbp.write.numpy_stable import Line
from symbp.write.plan import Assignment, Plan, shared_symbol

Letters = tuple[Idx, ...]


@dataclass(frozen=True)
class Total:
    """``register = Σ_letters body``, or the greatest body, where every condition holds."""

    register: Symbol
    letters: Letters
    body: Expr
    guard: tuple[sp.Basic, ...] = ()
    reducer: str = "sum"


@dataclass(frozen=True)
class Stage:
    """Totals, and the assignments that read them."""

    assignments: tuple[Assignment, ...]
    totals: tuple[Total, ...] = ()


@dataclass(frozen=True)
class Nest:
    """Loops over ``letters``, the last one fastest, and inside them one stage after another.

    With ``adds``, the values are added to what the targets hold.
    """

    letters: Letters
    stages: tuple[Stage, ...]
    adds: bool = False
    guard: tuple[sp.Basic, ...] = ()


@dataclass(frozen=True)
class Product:
    """``target = Σ_summed left·right``: a product of two matrices, or of a matrix and a vector."""

    target: Indexed
    left: Indexed
    right: Indexed
    summed: Idx


@dataclass
class _Body:
    """One line as it is taken apart: its totals, and what is added to its target afterwards."""

    target: Expr
    letters: Letters
    only: bool
    """Whether the line has one term."""
    totals: list[Total] = field(default_factory=list)
    added: list[Nest] = field(default_factory=list)

    @property
    def register(self) -> Symbol:
        """A name for the next total."""
        return _register(len(self.totals))

    def collected(self, total: Total) -> Expr:
        """The register of a total of this nest."""
        self.totals.append(total)
        return total.register


@dataclass
class Loops:
    """The nests of a plan's lines, and the arrays that they fill: a name and its letters."""

    plan: Plan
    products: bool = False
    nests: list[Nest | Product] = field(default_factory=list)
    arrays: dict[str, Letters] = field(default_factory=dict)

    @classmethod
    def of(cls, plan: Plan, *, products: bool = False) -> Loops:
        """The nests of every line; with ``products``, those of matrices stand by themselves."""
        loops = cls(plan, products)
        for line in plan.lines:
            loops._line(line)
        loops.nests = fused(loops.nests)
        return loops

    @property
    def letters(self) -> Letters:
        """Every letter that a loop runs over."""
        nests = [nest for nest in self.nests if isinstance(nest, Nest)]
        own = (i for nest in nests for i in nest.letters)
        summed = (i for nest in nests for s in nest.stages for t in s.totals for i in t.letters)
        left = (i for letters in self.arrays.values() for i in letters)
        return tuple(dict.fromkeys((*own, *summed, *left)))

    def _line(self, line: Line) -> None:
        equation = line.equation
        self.arrays[line.name] = equation.indices
        body = _Body(equation.target, equation.indices, len(equation.terms) == 1)
        values = [self._term(term, line.reducer, body) for term in equation.terms]
        if values == [None] and not body.added:  # a matrix product has filled it
            return
        join = sp.Max if line.reducer == "max" else sp.Add
        whole = (equation.target, join(*(v for v in values if v is not None)))
        self.nests.append(Nest(body.letters, (Stage((whole,), tuple(body.totals)),)))
        self.nests += body.added

    def _term(self, term: Term, reducer: str, body: _Body) -> Expr | None:
        """A term's value at the letters; None where it is added to the target afterwards."""
        if reducer == "max":
            return body.collected(Total(body.register, term.indices, term.body, term.guard, "max"))
        if not term.indices and not term.guard:
            return term.body
        present = letters_of(term.body).union(*map(letters_of, term.guard))
        number, rest = term.body.as_coeff_Mul()
        number = sp.Mul(number, *(extent(i) for i in term.indices if i not in present))
        summed = tuple(i for i in term.indices if i in present)
        factors = sp.Mul.make_args(rest)
        outside = [] if term.guard else [f for f in factors if not letters_of(f) & {*summed}]
        inside = [f for f in factors if f not in outside]
        inside = [self._alone(f, inside, summed, term.guard) for f in inside]
        product, outer = sp.Mul(*inside), sp.Mul(number, *outside)
        left = letters_of(product).union(*map(letters_of, term.guard))
        summed = tuple(i for i in summed if i in left)
        if not summed and not term.guard:
            return outer * product
        return self._placed(Total(body.register, summed, product, term.guard), outer, body)

    def _placed(self, total: Total, outer: Expr, body: _Body) -> Expr | None:
        """A total in a register of the nest, added to the target, or in an array of its own."""
        own = tuple(i for i in body.letters if i in _letters(total))
        scattered = _scattered(total.body, own)
        place = body.target if own == body.letters and outer == 1 else self._whole(own)
        if self.products and (product := _product(total, place, own)):
            whole = place if place is body.target and body.only else self._whole(own)
            self.arrays[name_of(whole)] = own
            self.nests.append(replace(product, target=whole))
            return None if whole is body.target else outer * whole
        fastest = _fastest(total, place, own)
        collects = scattered is None and fastest in (None, *total.letters)
        if own == body.letters and collects:
            return outer * body.collected(total)
        if place is body.target:
            body.added.append(_accumulated(place, own, total, scattered, fastest))
            return None
        self.arrays[name_of(place)] = own
        if collects:
            self.nests.append(Nest(own, (Stage(((place, total.register),), (total,)),)))
        else:
            self.nests += [Nest(own, (Stage(((place, sp.S.Zero),)),)),
                           _accumulated(place, own, total, scattered, fastest)]
        return outer * place

    def _alone(
        self, factor: Expr, factors: Sequence[Expr], summed: Letters, guard: tuple[sp.Basic, ...]
    ) -> Expr:
        """A factor with the letters summed that stand in no other."""
        here = letters_of(factor) & {*summed}
        others = set[Idx]().union(*(letters_of(f) for f in factors if f is not factor),
                                  *map(letters_of, guard))
        private = tuple(i for i in summed if i in here - others)
        if not private or len(factors) == 1:
            return factor
        own = tuple(sorted(letters_of(factor) - {*private}, key=str))
        place = self._whole(own)
        self.arrays[name_of(place)] = own
        total = Total(_register(0), private, factor)
        self.nests.append(Nest(own, (Stage(((place, total.register),), (total,)),)))
        return place

    def _whole(self, letters: Letters) -> Expr:
        """An entry of a new array over some letters."""
        return _entry(f"part {len(self.arrays)}", letters)

    def with_update(self, update: Update, own: Callable[[Symbol, str], str]) -> list[Nest | Product]:
        """All nests of a step; ``own`` names the array of a state variable of a parameter."""
        return fused([*self.nests, *self._update(update, own)])

    def _update(self, update: Update, own: Callable[[Symbol, str], str]) -> Iterator[Nest]:
        numbers = {v: shared_symbol(v) for v in update.shared}
        shared = [(numbers[v], number.value.xreplace(numbers))
                  for v, number in update.shared.items() if number.value != v]
        if shared:
            yield Nest((), (Stage(tuple(shared)),))
        for leaf in self.plan.program.parameters:
            letters = self.arrays[leaf.name + ADJOINT]
            rule = {W: _entry(leaf.name, letters), G: _entry(leaf.name + ADJOINT, letters),
                    **{v: _entry(own(v, leaf.name), letters) for v in update.state}, **numbers}
            changes = [(rule[v], value.xreplace(rule)) for v, value in update.state.items()]
            changes.append((rule[W], update.weight.xreplace(rule)))
            yield Nest(letters, tuple(Stage((change,)) for change in changes))


def fused(nests: Sequence[Nest | Product]) -> list[Nest | Product]:
    """Neighbours that run over the same letters, as one nest where no other entry is waited for."""
    made: list[Nest | Product] = []
    for nest in nests:
        last = made[-1] if made else None
        if isinstance(nest, Nest) and isinstance(last, Nest) and _fits(last, nest):
            made[-1] = Nest(last.letters, last.stages + nest.stages)
        else:
            made.append(nest)
    return made


def _fits(one: Nest, other: Nest) -> bool:
    if one.letters != other.letters or not one.letters or one.adds or other.adds:
        return False
    written = {name_of(t): t for nest in (one, other) for s in nest.stages for t, _ in s.assignments}
    read = [use for nest in (one, other) for s in nest.stages
            for value in (*(v for _, v in s.assignments), *(t.body for t in s.totals))
            for use in operands(value)]  # fmt: skip
    inner = {i for nest in (one, other) for s in nest.stages for t in s.totals for i in t.letters}
    plain = all(written.get(name_of(use), use) == use for use in read)
    return plain and not inner & {*one.letters}


def _product(total: Total, place: Expr, own: Letters) -> Product | None:
    """A total as a product of matrices, where it is one."""
    uses = total.body.args
    if not (total.body.is_Mul and len(uses) == 2 and all(isinstance(u, Indexed) for u in uses)):
        return None
    if total.guard or len(total.letters) != 1 or not own:
        return None
    (summed,) = total.letters
    left, right = uses if own[0] in uses[0].indices else uses[::-1]
    if len(right.indices) > len(left.indices):
        left, right = right, left
    rest = [i for u in (left, right) for i in u.indices if i != summed]
    plain = all(isinstance(i, Idx) for i in rest) and len({*rest}) == len(rest)
    both = all(summed in u.indices and len(u.indices) <= 2 for u in (left, right))
    return Product(place, left, right, summed) if plain and both and tuple(rest) == own else None


def _entry(name: str, letters: Letters) -> Expr:
    base = array(name, *map(extent, letters))
    return base[letters] if letters else base.label


def _register(count: int) -> Symbol:
    return Dummy(f"s{count + 1}" if count else "s", real=True)


def _letters(total: Total) -> set[Idx]:
    return letters_of(total.body).union(*map(letters_of, total.guard))


def _scattered(body: Expr, own: Letters) -> tuple[Idx, Expr, Expr] | None:
    """A letter that data decides, its value, and the rest: ``δ(t[n], v)·ȳ[n]`` goes to v = t[n]."""
    for delta in body.atoms(KroneckerDelta) & {*sp.Mul.make_args(body)}:
        for letter, place in (delta.args, delta.args[::-1]):
            rest = body / delta
            elsewhere = letters_of(place) | letters_of(rest)
            if letter in own and place.has(Indexed) and letter not in elsewhere:
                return letter, place, rest
    return None


def _accumulated(
    place: Expr, own: Letters, total: Total, scattered: tuple[Idx, Expr, Expr] | None,
    fastest: Idx | None,
) -> Nest:
    """A sum that is added to an array entry by entry."""
    body, outer = total.body, own
    if scattered is not None:
        letter, at, body = scattered
        place, outer = place.xreplace({letter: at}), tuple(i for i in own if i != letter)
    last = (fastest,) if fastest in outer else outer[-1:]
    letters = (*(i for i in outer if i not in last), *total.letters, *last)
    return Nest(letters, (Stage(((place, body),)),), adds=True, guard=total.guard)


def _fastest(total: Total, target: Expr, own: Letters) -> Idx | None:
    """The letter that walks through most operands, the target included, in the order of memory."""
    uses = (target, *operands(total.body))

    def steps(letter: Idx) -> int:
        places = [(n == len(indices_of(u)) - 1, p) for u in uses for n, p in enumerate(indices_of(u))]
        return sum((1 if last else -1) for last, p in places if letter in letters_of(p))

    return max((*own, *total.letters), key=steps, default=None)
