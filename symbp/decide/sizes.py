"""Claims in index notation: whole arrays compared, for the sizes that are given or for all sizes.

*What equality at one choice of sizes proves.* Written out, the difference of the two sides is a
polynomial in free elements: the entries of the leaves, and one element for each function value.
Let its degree be at most k. If it is not zero at some sizes, one of its monomials has a coefficient
other than zero, and that monomial touches at most k values of any index. Let every element of the
other values be zero. Where each summand has a factor that carries the summed index, all summands
of the other values vanish, so what is left is the difference at smaller sizes, k at most: *a
smaller size is the larger one restricted*, and *distinct contraction patterns of at most k factors
stay distinct from size k on*. Hence equality at sizes of at least k is equality at all sizes.

The argument needs a polynomial (a softmax divides), a summand that vanishes with its elements
(Σ_j 1 does not), plain indices, and no size that stands in a term (1/N does). Two function values
are one element where their arguments are equal, so k also bounds the degree of each argument. Where
the argument does not apply, the verdict lists the sizes that were checked.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import sympy as sp
from sympy import Expr, Idx, Indexed, Symbol

from symbp.core.equations import Equation, indices_of, letters_of, name_of, operands
from symbp.core.program import Program
from symbp.core.scalars import Entries, write_out
from symbp.decide.arrays import Arrays
from symbp.decide.context import Context
from symbp.decide.graph import UnsupportedError
from symbp.decide.lanes import CALLS, LANES, PRIME
from symbp.decide.terms import definition_of
from symbp.decide.verdict import Method, Outcome, Verdict

SMALLEST = 2
GUESS = 5
"""The first of the sizes that are checked where no size is known to be enough."""
MOST_FACTORS = 24
MOST_ENTRIES = 4000
TOO_LARGE = (
    "the sides differ at a random point of a field, and there are too many entries to look for a "
    "counterexample"
)
Sizes = Mapping[Symbol, int]
Vanishing = Mapping[str, frozenset[int]]
"""The axes of a quantity on which each of its monomials carries the index."""


class IndexContext:
    """Decides claims in index notation over one program.

    The program holds every quantity that a claim reads: a derivation, and what the author has
    defined. Sizes that are symbols stand for all sizes, each of its own; ``sizes`` names them where a
    claim has more of them than the shapes in the program.
    """

    def __init__(self, program: Program, sizes: Iterable[Symbol] = ()) -> None:
        self._program = program
        self._letters = tuple(sizes) or program.sizes
        self._known: dict[int, Arrays] = {}
        self._scalars: dict[int, tuple[Context | None, Entries]] = {}

    def decide(self, claim: Equation) -> Verdict:
        """Whether the claim's right side is the quantity its left side names, at all indices."""
        first, covered = self._large_enough(claim)
        if self._same(claim, first):
            equal = self._equal(claim, first, covered)
            # Balls look again where the sizes are small; a number of 10⁵ weights is not written out.
            seen = self._by_entries(claim, SMALLEST) if self._letters else equal
            return equal if seen.outcome == Outcome.equal else self._at_sizes(seen, SMALLEST)
        for size in dict.fromkeys((SMALLEST, first)):
            verdict = self._at_sizes(self._by_entries(claim, size), size)
            if verdict.outcome != Outcome.equal:
                break
        return verdict

    def _large_enough(self, claim: Equation) -> tuple[int, bool]:
        """From which size on equality is equality at all sizes; a guess where none is known."""
        if not self._letters:
            return SMALLEST, True
        cone = [*_cone(self._program, claim), claim]
        if not _is_restricted(cone, self._letters):
            return GUESS, False
        try:
            factors = self._arrays(SMALLEST).factors_of_a_pattern(self._at(claim, SMALLEST))
        except (UnsupportedError, ZeroDivisionError):
            return GUESS, False
        if factors is None or factors > MOST_FACTORS:
            return GUESS, False
        return max(factors, SMALLEST), True

    def _same(self, claim: Equation, first: int) -> bool:
        """Whether the arrays are known and the same at sizes from ``first`` on."""
        try:
            return self._arrays(first).same(name_of(claim.target), self._at(claim, first))
        except (UnsupportedError, ZeroDivisionError):
            return False

    def _arrays(self, first: int) -> Arrays:
        if first not in self._known:
            self._known[first] = Arrays(self._program.at(self._sizes(first)))
        return self._known[first]

    def _equal(self, claim: Equation, first: int, covered: bool) -> Verdict:
        degree = self._arrays(first).degree(self._at(claim, first))
        bound = (max(degree, 1) / PRIME) ** LANES
        verdict = Verdict(Outcome.equal, method=Method.modular, error_bound=bound)
        return verdict if covered else self._at_sizes(verdict, first)

    def _at_sizes(self, verdict: Verdict, first: int) -> Verdict:
        if verdict.outcome == Outcome.undecided or not self._letters:
            return verdict
        sizes = ", ".join(f"{size} = {number}" for size, number in self._sizes(first).items())
        return replace(verdict, assumptions=(*verdict.assumptions, f"checked at sizes {sizes}"))

    def _sizes(self, first: int) -> dict[Symbol, int]:
        """A different number for each symbolic size, so that a transposed matrix does not fit."""
        return {size: first + k for k, size in enumerate(self._letters)}

    def _at(self, claim: Equation, first: int) -> Equation:
        return claim.xreplace({s: sp.Integer(n) for s, n in self._sizes(first).items()})

    def _by_entries(self, claim: Equation, first: int) -> Verdict:
        """The claim written out and decided entry by entry, at sizes that are numbers."""
        if first not in self._scalars:
            self._scalars[first] = self._write_out(first)
        context, entries = self._scalars[first]
        if context is None:
            return Verdict(Outcome.undecided, reason=TOO_LARGE)
        lines = write_out((self._at(claim, first),), entries)
        return together(context.decide(line.target, _right_side(line)) for line in lines)

    def _write_out(self, first: int) -> tuple[Context | None, Entries]:
        """All entries of the program, defined; no context where they are too many."""
        program = self._program.at(self._sizes(first))
        if sum(map(len, program.entries.symbols.values())) > MOST_ENTRIES:
            return None, program.entries
        context = Context()
        for equation in program.written_out(program.entries):
            context.define(equation.target, _right_side(equation))
        return context, program.entries


def _cone(program: Program, claim: Equation) -> list[Equation]:
    """The equations that either side is made of."""
    wanted = {claim.name, *map(name_of, claim.operands)}
    cone = []
    for equation in reversed(program.equations):
        if equation.name in wanted:
            cone.append(equation)
            wanted.update(map(name_of, equation.operands))
    return cone[::-1]


def _is_restricted(equations: Iterable[Equation], sizes: Iterable[Symbol]) -> bool:
    """Whether the equations at smaller sizes are those at larger ones, restricted."""
    known: dict[str, frozenset[int]] = {}
    forbidden = set(sizes)
    for equation in equations:
        for term in equation.terms:
            uses = operands(term.body)
            plain = all(isinstance(place, Idx) for use in uses for place in indices_of(use))
            if term.guard or not plain or _stray(term.body) & forbidden:
                return False
            if not all(_vanishes(term.body, letter, known) for letter in term.indices):
                return False
        known[equation.name] = frozenset(
            axis for axis, letter in enumerate(equation.indices)
            if all(_vanishes(term.body, letter, known) for term in equation.terms)
        )  # fmt: skip
    return True


def _stray(body: Expr) -> set[Symbol]:
    """The symbols of a body outside its entries: the sizes among them."""
    found: set[Symbol] = set()
    stack = [body]
    while stack:
        node = stack.pop()
        if isinstance(node, Symbol):
            found.add(node)
        elif not isinstance(node, Indexed | Idx):
            stack.extend(node.args)
    return found


def _vanishes(body: Expr, letter: Idx, known: Vanishing) -> bool:
    """Whether a body is zero where every element that carries the letter is."""
    if isinstance(body, Indexed):
        axes = known.get(name_of(body))
        return any(
            place == letter and (axes is None or axis in axes)
            for axis, place in enumerate(body.indices)
        )
    if isinstance(body, sp.Mul):
        return any(_vanishes(part, letter, known) for part in body.args)
    if isinstance(body, sp.Add):
        return all(_vanishes(part, letter, known) for part in body.args)
    if isinstance(body, sp.Pow):
        return bool(body.exp.is_Integer and body.exp > 0) and _vanishes(body.base, letter, known)
    definition = definition_of(body)
    if definition is not None:
        return _vanishes(definition, letter, known)
    return type(body).__name__ in CALLS and letter in letters_of(body)


def _right_side(equation: Equation) -> Expr:
    return sp.Add(*(term.body for term in equation.terms))


WORST = (Outcome.different, Outcome.undecided, Outcome.proportional, Outcome.equal)
"""Outcomes of many comparisons: the first of these that was found is that of all."""


def together(verdicts: Iterable[Verdict]) -> Verdict:
    """One verdict for all entries: the worst, and *proportional* only with one factor for all."""
    found: list[Verdict] = []
    for verdict in verdicts:
        if verdict.outcome == Outcome.different:
            return verdict
        found.append(verdict)
    worst = min(found, key=lambda verdict: WORST.index(verdict.outcome))
    if worst.outcome == Outcome.proportional and len({v.factor for v in found}) > 1:
        return Verdict(Outcome.different, witness=worst.witness)
    return worst
