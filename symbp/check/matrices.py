r"""Statements in matrix and index notation: definitions become equations, claims are decided.

What a document defines with arrays is a program, in which each derivative is derived once. A claim is
decided for all sizes at once (``decide.IndexContext``); one about every layer, ``\delta^l = …``, in
each layer in which all its quantities are. Under an assumption (``Σ_k y[i,k] = 1``) it is decided entry
by entry, at small sizes that the verdict names.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from functools import partial

import sympy as sp
from sympy import Idx

from symbp.check.array_diagnosis import diagnosed_entry
from symbp.check.array_heads import head, is_array, is_decimal, is_update, partials
from symbp.check.array_knowledge import Known, at_small_sizes
from symbp.check.differentials import last_loss, with_derivatives
from symbp.check.knowledge import RATES
from symbp.check.scales import by_a_size
from symbp.check.statement import Kind
from symbp.core.equations import Equation, array, extent, index, scalar
from symbp.core.program import Program
from symbp.decide import Diagnosis, IndexContext, Outcome, Verdict
from symbp.decide.sizes import WORST
from symbp.read.array_names import NoLayerError, Table, reads_layer
from symbp.read.arrays import Arrays
from symbp.read.errors import UnreadableError
from symbp.read.plain import plain
from symbp.read.scope import Size
from symbp.read.sizes import size
from symbp.read.tree import (
    Chain,
    Change,
    Join,
    Negation,
    Partial,
    Product,
    Quantity,
    Sum,
    Tree,
    quantities,
    walk,
)
from symbp.write.phrases import told

STEP = 1000
"""How far the names of one formula's own equations are from those of the next."""


class Matrices:
    """The arrays of one document, growing statement by statement."""

    def __init__(self) -> None:
        self.known = Known()
        self._count = 0
        self._renewed: set[str] = set()

    def declare(self, name: str, sizes: Iterable[Size]) -> None:
        """An array and its extents."""
        shape = tuple(map(size, sizes))
        self.known = replace(self.known, declared=(*self.known.declared, (name, shape)))

    def zero_outside(self, name: str) -> None:
        """An array whose entries beyond its ends are zero."""
        self.known = replace(self.known, zeros=self.known.zeros | {name})

    def range(self, letter: str, high: Size) -> None:
        """How far an index letter runs, from 1 on."""
        self.known = replace(self.known, ranges={**self.known.ranges, letter: size(high)})

    def adopt(self, network: Program, depth: int) -> None:
        """The arrays of a declared network."""
        leaves = [leaf.name for leaf in (*network.parameters, *network.inputs)]
        output = next(e.name for e in reversed(network.equations[:-1]))
        self.known = Known(
            tuple((n, network.shapes[n]) for n in leaves), network.equations, network.loss, depth,
            output,
        ).deriving(network.loss)  # fmt: skip

    def assume(self, chain: Chain) -> None:
        """A relation between arrays that holds from here on."""
        left, right = chain.sides[:2]
        letters = self._letters(self.known.table, (left, right), all_sides=True)
        arrays = Arrays(self.known.table, letters, self._start())
        difference = (*arrays(left).terms, *arrays(right).scaled(sp.S.NegativeOne).terms)
        axes = tuple(letters.values())
        target = array(arrays.name("given"), *map(extent, axes))[axes] if axes else (
            scalar(arrays.name("given"))
        )
        given = (*arrays.equations, Equation(target, difference))
        stated = (*self.known.stated, plain(chain))
        self.known = replace(self.known, given=(*self.known.given, *given), stated=stated)

    def concerns(self, chain: Chain) -> bool:
        """Whether a formula is about arrays, rather than about numbers alone."""
        table = self.known.table
        if not table.shapes:
            return False
        defined = {e.name for e in self.known.equations}
        return any(
            q.name in defined or is_array(table, q) for side in chain.sides for q in quantities(side)
        )

    def related(self, chain: Chain, k: int) -> tuple[Kind, Verdict | None]:
        """What the k-th relation does, and the verdict on it."""
        left, right = chain.sides[k - 1], chain.sides[k]
        if (loss := self.known.loss or last_loss(self.known.equations)) is not None:
            right = with_derivatives(right, loss, self.knows)
            if k == 1 and (gradient := with_derivatives(left, loss, self.knows)) != left:
                return Kind.claim, self._differential(left, gradient, right)
        self._note_derivatives(left, right)
        if k == 1 and isinstance(left, Quantity) and self._is_new(left):
            self._define(left, right)
            return Kind.definition, None
        self._note_rates(right)
        if k == 1 and isinstance(left, Change):
            return Kind.update, self._step(left.of, Sum((left.of, right), span=right.span))
        if k == 1 and is_update(left, chain.relations[0], right):
            verdict = self._step(left, right)
            self._renewed |= self._named(left)
            return Kind.update, verdict
        return Kind.claim, self._claim(left, right)

    def knows(self, quantity: Quantity) -> bool:
        """Whether an array has this name, in some layer."""
        return bool(self._named(quantity))

    def _differential(self, left: Tree, gradient: Tree, right: Tree) -> Verdict:
        """``dZ = …`` is a claim; from here on, the name is what was written."""
        self._note_derivatives(gradient, right)
        self._note_rates(right)
        verdict = self._claim(gradient, right)
        if isinstance(left, Quantity) and not left.indices and not left.upper:
            self._define(left, right)
        return verdict

    def _claim(self, left: Tree, right: Tree) -> Verdict:
        for number, other in ((left, right), (right, left)):
            if is_decimal(number):
                named = next((q.name for q in quantities(other)), "?")
                return Verdict(Outcome.undecided, reason=told("no value", name=named))
        if reads_layer(left) or reads_layer(right):
            return self._in_layers(left, right)
        return self._decide(self.known.table, left, right)

    def _step(self, weight: Tree, after: Tree) -> Verdict:
        """The step must be −η ∂E/∂W, with any η where none is named."""
        loss = self.known.loss
        if loss is None:
            return Verdict(Outcome.undecided, reason=told("no loss"))
        self.known = self.known.deriving(loss)
        rates = [q for q in quantities(after) if q.name in RATES]
        gradient: Tree = Partial(Quantity(loss), (weight,), span=weight.span)
        if rates:
            gradient = Product((rates[0], gradient), (Join.IMPLIED,), span=weight.span)
        step = Sum((after, Negation(weight)), span=after.span)
        verdict = self._claim(Negation(gradient, span=weight.span), step)
        if verdict.outcome != Outcome.proportional or not isinstance(verdict.factor, Fraction):
            return verdict
        if verdict.factor < 0:
            wrong = Diagnosis("sign", told("up the gradient"))
            return replace(verdict, outcome=Outcome.different, factor=None, diagnosis=wrong)
        if rates:
            return verdict
        reason = told("learning rate", rate=verdict.factor)
        return replace(verdict, outcome=Outcome.equal, factor=None, witness=None, reason=reason)

    def _note_rates(self, side: Tree) -> None:
        """A learning rate is a number that needs no definition."""
        for quantity in quantities(side):
            if quantity.name in RATES and quantity.name not in self.known.table.shapes:
                declared = (*self.known.declared, (quantity.name, ()))
                self.known = replace(self.known, declared=declared)

    def _start(self) -> int:
        self._count += 1
        return self._count * STEP

    def _is_new(self, left: Quantity) -> bool:
        return not left.upper and self.known.table.find(left) is None

    def _define(self, left: Quantity, right: Tree) -> None:
        self._check_renewed(right)
        self._declare_free(right)
        name, letters = head(left, self.known.table, right)
        table = self.known.table
        known = self._letters(table, (right,), all_sides=True) if letters else {}
        if len(set(letters)) != len(letters):
            raise UnreadableError("an index stands twice on the left", *left.span, "two letters")
        missing = [letter for letter in letters if letter not in known]
        if missing:
            raise UnreadableError(
                f"the index {missing[0]} has no range", *left.span, f"a line: index {missing[0]} 1..n"
            )
        chosen = {letter: known[letter] for letter in letters}
        arrays = Arrays(table, chosen, self._start())
        value = arrays(right)
        if letters and value.axes:
            raise UnreadableError("an entry is set to an array", *left.span, "indices on both sides")
        axes = tuple(chosen.values()) or value.axes
        target = array(name, *map(extent, axes))[axes] if axes else scalar(name)
        lines = (*self.known.lines, *arrays.equations, Equation(target, value.terms))
        self.known = replace(self.known, lines=lines)

    def _named(self, tree: Tree) -> set[str]:
        """The arrays that a formula names, in whatever layer."""
        found: set[str] = set()
        for table in (self.known.table.at_layer(k) for k in range(1, max(self.known.depth, 1) + 1)):
            for quantity in quantities(tree):
                try:
                    place = table.find(quantity)
                except NoLayerError:
                    continue
                found |= {place[0]} if place else set()
        return found

    def _check_renewed(self, right: Tree) -> None:
        """After an update, a definition could mean the old value or the new one."""
        again = sorted(self._named(right) & self._renewed)
        if again:
            raise UnreadableError(
                f"{again[0]} was set anew: is this its old value, or its new one?", *right.span,
                "another name for the new value",
            )  # fmt: skip

    def _declare_free(self, right: Tree) -> None:
        """A name that a definition meets first is a free number."""
        for quantity in quantities(right):
            table = self.known.table
            bare = not quantity.indices and not quantity.upper
            if bare and quantity.name not in table.sizes and table.find(quantity) is None:
                self.declare(quantity.name, ())

    def _note_derivatives(self, *sides: Tree) -> None:
        """The loss is the first number that is derived; from here on its derivatives are known."""
        for node in partials(*sides):
            for of in sorted(self._named(node.of)):
                if self.known.loss is None and not self.known.table.shape(of):
                    self.known = replace(self.known, loss=of)
                self.known = self.known.deriving(of)
                asked = self.known.asked.union(*map(self._named, node.by))
                self.known = replace(self.known, asked=asked)
                first = self.known.derived.get(of, {})
                for by in sorted(self._named(node.by[0])) if len(node.by) > 1 else ():
                    if by in first:
                        self.known = self.known.deriving(first[by])

    def _letters(
        self, table: Table, sides: Iterable[Tree], all_sides: bool = False
    ) -> dict[str, Idx]:
        """The free index letters, with the extents of the axes at which they stand."""
        arrays = Arrays(table)
        found: dict[str, Idx] = {}
        for side in tuple(sides)[: None if all_sides else 1]:
            for letter, extent_ in arrays.extents(side):
                bound = any(letter == getattr(n, "index", None) for n in walk(side))
                if not bound:
                    found.setdefault(letter, index(letter, extent_))
        return found

    def _in_layers(self, left: Tree, right: Tree) -> Verdict:
        found: list[tuple[int, Verdict]] = []
        for layer in range(1, self.known.depth + 1):
            try:
                found.append((layer, self._decide(self.known.table.at_layer(layer), left, right)))
            except NoLayerError:
                continue
        if not found:
            raise UnreadableError("no layer has all of these quantities", *left.span, "l from 1 on")
        layer, worst = min(found, key=lambda pair: WORST.index(pair[1].outcome))
        layers = ", ".join(str(number) for number, _ in found)
        if worst.outcome == Outcome.equal:
            return replace(worst, reason=told("in layers", layers=layers))
        return replace(worst, reason=worst.reason or told("in layer", layer=layer))

    def _decide(self, table: Table, left: Tree, right: Tree) -> Verdict:
        letters = self._letters(table, (left, right))
        arrays = Arrays(table, letters, self._start(), kronecker=_many(left, right))
        first, second = arrays(left), arrays(right)
        if second.axes and first.shape != second.shape:
            raise UnreadableError(
                f"shapes {first.shape} and {second.shape} do not fit", *right.span,
                f"an array of shape {first.shape}",
            )  # fmt: skip
        axes = (*letters.values(), *first.axes)
        target = arrays.defined(arrays.name("left"), axes, first.terms)
        along = second.along(first.axes) if second.axes else second
        claim = Equation(target, along.terms)
        program = self.known.about(claim, arrays.equations)
        sizes = self.known.sizes((*program, claim))
        decide = partial(self._equals, IndexContext(program, sizes), arrays)
        verdict = decide(claim)
        if verdict.outcome in (Outcome.different, Outcome.proportional):
            verdict = by_a_size(claim, verdict, sizes, decide)
        if verdict.outcome == Outcome.different:
            of = (name for node in partials(left, right) for name in self._named(node.of))
            loss = next((name for name in of if not self.known.table.shape(name)), self.known.loss)
            why = diagnosed_entry(self.known, loss, arrays.equations, claim)
            return replace(verdict, diagnosis=why)
        return verdict

    def _equals(self, context: IndexContext, arrays: Arrays, claim: Equation) -> Verdict:
        verdict = context.decide(claim)
        if verdict.outcome == Outcome.equal or not self.known.given:
            return verdict
        return at_small_sizes(self.known, arrays.equations, claim)


def _many(*sides: Tree) -> bool:
    """Whether a formula has derivatives between entries: one of an entry, or a second one."""
    return any(
        len(p.by) > 1 or (isinstance(p.of, Quantity) and (p.of.indices or "_" in p.of.name))
        for p in partials(*sides)
    )
