"""Checking notes: fragments in the order of reading become statements with verdicts.

Each relation of a formula is, in this order, the first that fits: an *update* (the left side is
marked as new, or stands on the right as well), a *value* (a new name set to a number), a
*definition* (a new name, or a function of letters), or a *claim*. A chain ``a = b = c`` gives one
statement a link, so that the first wrong link is the one that is named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path

import sympy as sp
from sympy import Expr, Symbol

from symbp.check.formula import adopt
from symbp.check.judge import Side, link
from symbp.check.knowledge import RATES, Knowledge
from symbp.check.statement import Kind, Statement
from symbp.core.equations import scalar
from symbp.core.names import Name, PlainNameError
from symbp.core.networks import mlp
from symbp.core.program import Program
from symbp.core.steps import partial
from symbp.decide import (
    Diagnosis,
    Outcome,
    RedefinedError,
    UndefinedError,
    UnsupportedError,
    Verdict,
)
from symbp.read import latex, text
from symbp.read.directives import (
    Assume,
    Directive,
    Expect,
    Ignore,
    IndexRange,
    Loss,
    Network,
    Shape,
    Train,
    directive,
)
from symbp.read.errors import UnreadableError
from symbp.read.fragments import Fragment, fragments, read_file
from symbp.read.meaning import Function, expression
from symbp.read.plain import plain
from symbp.read.tree import Application, Chain, Quantity, Tree, quantities
from symbp.write.phrases import told

READERS: Mapping[str, Callable[..., tuple[Chain, ...]]] = {"latex": latex.read, "text": text.read}


class Notes:
    """A document being checked; afterwards its statements, its program and its settings."""

    def __init__(self) -> None:
        self.knowledge = Knowledge()
        self.statements: list[Statement] = []
        self.training: Mapping[str, str] = {}
        self.network: Program | None = None
        self.network_words: Network | None = None
        self._expected: Outcome | None = None
        self._ignore = False

    @classmethod
    def of(cls, parts: tuple[Fragment, ...]) -> Notes:
        """The fragments of a document, read and checked."""
        notes = cls()
        for part in parts:
            notes.take(part)
        return notes

    @property
    def program(self) -> Program | None:
        """The network that was declared, or the definitions that lead to the loss."""
        return self.network or self.knowledge.program()

    def take(self, part: Fragment) -> None:
        """Read one fragment."""
        if part.kind == "heading":
            self.knowledge.heading(part.level)
            return
        try:
            order = directive(part.text) if part.kind == "text" else None
            if order is not None:
                self._obey(order)
                return
            chains = READERS[part.kind](part.text, self.knowledge.names)
        except UnreadableError as error:
            self._unreadable(part, error)
            return
        for chain in chains:
            self._chain(part, chain)

    # -- directives ----------------------------------------------------------------------------

    def _obey(self, order: Directive) -> None:
        match order:
            case Ignore():
                self._ignore = True
            case Expect(_, outcome):
                self._expected = Outcome(outcome)
            case Loss(name):
                self.knowledge.loss = name
            case Train(settings):
                self.training = dict(settings)
            case Shape(name, sizes):
                self.knowledge.names = self.knowledge.names.with_shape(name, sizes)
            case IndexRange(letter, low, high):
                self.knowledge.names = self.knowledge.names.with_index(letter, low, high)
            case Assume(claim):
                self._assume(claim)
            case Network():
                self._declare(order)

    def _assume(self, claim: str) -> None:
        chain = text.read(claim, self.knowledge.names)[0]
        left, right = (expression(side, self.knowledge.functions) for side in chain.sides[:2])
        self.knowledge.assume(sp.Eq(left, right))

    def _declare(self, order: Network) -> None:
        self.network_words = order
        activation = order.activation[0] if len(order.activation) == 1 else order.activation
        self.network = mlp(
            order.layers, activation, order.loss, order.bias, order.samples, order.reduction
        )
        if not self.network.sizes:
            adopt(self.knowledge, self.network.scalars())

    # -- statements ----------------------------------------------------------------------------

    def _chain(self, part: Fragment, chain: Chain) -> None:
        expected, self._expected = self._expected, None
        ignored, self._ignore = self._ignore, False
        if len(chain.sides) < 2:
            return
        found = []
        if ignored:
            found = [self._statement(part, chain, 1, Kind.ignored, None)]
        else:
            found = list(self._links(part, chain))
        self.statements += _with_expected(found, expected)

    def _links(self, part: Fragment, chain: Chain) -> Iterator[Statement]:
        for k in range(1, len(chain.sides)):
            try:
                kind, verdict = self._link(chain, k)
            except UnreadableError as error:
                yield self._unread(part, error, plain(chain))
                return
            except (UnsupportedError, UndefinedError, RedefinedError) as error:
                verdict = Verdict(Outcome.undecided, reason=str(error))
                kind = Kind.claim
            yield self._statement(part, chain, k, kind, verdict)

    def _link(self, chain: Chain, k: int) -> tuple[Kind, Verdict | None]:
        """What the k-th relation of a chain is, and the verdict on it."""
        left, right = chain.sides[k - 1], chain.sides[k]
        if k == 1:
            for kind, fits, act in _ORDER:
                if fits(self, left, chain.relations[0], right):
                    return kind, act(self, left, right)
        verdict = self._claim(left, right)
        self._print(chain, k)
        return Kind.claim, verdict

    def _side(self, tree: Tree) -> Side:
        return Side(tree, self.knowledge.resolve(self._meaning(tree)))

    def _meaning(self, tree: Tree) -> Expr:
        return expression(tree, self.knowledge.functions)

    def _claim(self, left: Tree, right: Tree) -> Verdict:
        for side in (left, right):
            self._all_known(side)
        self._note_derivatives(left, right)
        return link(self.knowledge, self._side(left), self._side(right))

    def _note_derivatives(self, *sides: Tree) -> None:
        """The loss is what the first derivative derives; what it is derived by may be a weight."""
        for side in sides:
            for found in sorted(self._meaning(side).atoms(partial), key=str):
                of, by = (a.name for a in found.args)
                if self.knowledge.loss is None and self.knowledge.is_defined(of):
                    self.knowledge.loss = of
                if of == self.knowledge.loss and not self.knowledge.is_defined(by):
                    self.knowledge.derived_by.add(by)

    def _print(self, chain: Chain, k: int) -> None:
        """Remember a printed number, for calculations that carry it on."""
        side = Side(chain.sides[k], sp.S.Zero)
        if side.numeral is None:
            return
        first = self._side(chain.sides[0]).value
        if isinstance(first, Symbol) and first.name not in self.knowledge.values:
            self.knowledge.printed[first.name] = side.numeral[0]

    def _all_known(self, tree: Tree) -> None:
        for quantity in quantities(tree):
            name = quantity.name
            if not self.knowledge.knows(name) and name not in self.knowledge.functions:
                near = get_close_matches(name, self.knowledge.names.quantities, 1, 0.5)
                raise UnreadableError(
                    f"{name} has not been met before", *quantity.span,
                    f"a definition or a value of it first{f', or {near[0]}' if near else ''}",
                )  # fmt: skip

    def _know_all(self, tree: Tree, letters: tuple[str, ...] = ()) -> None:
        """The names of a definition's right side that are new are free from here on."""
        for quantity in quantities(tree):
            if quantity.name not in self.knowledge.functions and quantity.name not in letters:
                self.knowledge.know(quantity.name)

    # -- the four kinds of a first link ---------------------------------------------------------

    def _is_update(self, left: Tree, relation: str, right: Tree) -> bool:
        if not isinstance(left, Quantity) or left.indices or left.upper:
            return False
        name = _name(left)
        if name is None:
            return False
        again = any(q.name == left.name for q in quantities(right))
        if name.updated:
            return not self.knowledge.knows(left.name)
        return self.knowledge.knows(left.name) and (again or relation in ("<-", ":="))

    def _update(self, left: Tree, right: Tree) -> Verdict:
        """The step must be −η ∂E/∂w."""
        assert isinstance(left, Quantity)
        knowledge = self.knowledge
        name = Name.parse(left.name)
        old = Name(name.base, name.layer, name.subscripts[:-1]) if name.updated else name
        weight = scalar(str(old))
        if not knowledge.knows(str(old)):
            raise UnreadableError(f"{old} has not been met before", *left.span, "its definition")
        rates = self._rates(right)
        self._note_derivatives(right)
        side = self._side(right)
        gradient = self._gradient(weight.name)
        if gradient is None:
            knowledge.update(str(old), side.value, reused=not name.updated)
            return Verdict(Outcome.undecided, reason=told("no loss"))
        eta = knowledge.resolve(scalar(rates[0])) if rates else sp.S.One
        if side.numeric:
            rate = next((knowledge.values[r] for r in RATES if r in knowledge.values), 1)
            knowledge.update(str(old), weight - sp.Rational(rate) * gradient, reused=False)
            target = scalar(str(old.as_updated()))
            verdict = link(knowledge, Side(left, target), side)
        else:
            verdict = self._step(weight, side.value, gradient, eta)
            knowledge.update(str(old), side.value, reused=not name.updated)
        return verdict

    def _step(self, weight: Symbol, after: Expr, gradient: Expr, eta: Expr) -> Verdict:
        step = after - weight
        verdict = self.knowledge.context.decide(-eta * gradient, step)
        if verdict.outcome == Outcome.proportional and verdict.factor is not None:
            if verdict.factor > 0 and eta.is_number:
                return Verdict(Outcome.equal, reason=told("learning rate", rate=verdict.factor))
            if verdict.factor < 0:
                return replace(
                    verdict, outcome=Outcome.different, factor=None,
                    diagnosis=Diagnosis("sign", told("up the gradient")),
                )  # fmt: skip
        return verdict

    def _rates(self, right: Tree) -> list[str]:
        """The learning rate's name: the one customary name that no formula defines."""
        rates = []
        for quantity in quantities(right):
            name = quantity.name
            if name in RATES and not self.knowledge.is_defined(name):
                self.knowledge.know(name)
                rates.append(name)
            elif not self.knowledge.knows(name) and name not in self.knowledge.functions:
                self._all_known(quantity)
        return rates

    def _gradient(self, weight: str) -> Expr | None:
        loss = self.knowledge.loss
        if loss is None or not self.knowledge.is_defined(loss):
            return None
        return self.knowledge.adjoint(loss, weight)

    def _is_value(self, left: Tree, relation: str, right: Tree) -> bool:
        return (
            isinstance(left, Quantity) and not left.indices and not left.upper
            and left.name not in self.knowledge.values
            and not self.knowledge.is_defined(left.name)
            and Side(right, sp.S.Zero).numeral is not None
        )  # fmt: skip

    def _value(self, left: Tree, right: Tree) -> None:
        assert isinstance(left, Quantity)
        number = Side(right, sp.S.Zero).numeral
        assert number is not None
        self.knowledge.set_value(left.name, *number)

    def _is_definition(self, left: Tree, relation: str, right: Tree) -> bool:
        if isinstance(left, Quantity):
            return not left.indices and not left.upper and not self.knowledge.knows(left.name)
        if not isinstance(left, Application) or left.primes:
            return False
        letters = [a.name for a in left.arguments if isinstance(a, Quantity)]
        if len(letters) != len(left.arguments) or len(set(letters)) != len(letters):
            return False
        known = self.knowledge.functions.get(left.function)
        if known is None:
            return True
        if letters == list(known.parameters) and Side(right, sp.S.Zero).numeral is None:
            raise UnreadableError(
                f"{left.function} is defined twice in this section", *left.span,
                "another name, or a heading before it",
            )  # fmt: skip
        return False

    def _definition(self, left: Tree, right: Tree) -> None:
        if isinstance(left, Application):
            letters = tuple(a.name for a in left.arguments if isinstance(a, Quantity))
            self._know_all(right, letters)
            body = self.knowledge.resolve(self._meaning(right))
            self.knowledge.define_function(left.function, Function(letters, body))
        else:
            assert isinstance(left, Quantity)
            self._know_all(right)
            self.knowledge.define(left.name, self._meaning(right))

    # -- records -------------------------------------------------------------------------------

    def _statement(
        self, part: Fragment, chain: Chain, k: int, kind: Kind, verdict: Verdict | None
    ) -> Statement:
        start = chain.sides[0].span[0] if k == 1 else chain.sides[k].span[0]
        line, column = part.position(start)
        pair = Chain(chain.sides[k - 1 : k + 1], chain.relations[k - 1 : k])
        source = part.text[chain.sides[k - 1].span[0] : chain.sides[k].span[1]]
        return Statement(line, column, source, plain(pair), kind, verdict)

    def _unreadable(self, part: Fragment, error: UnreadableError) -> None:
        expected, self._expected = self._expected, None
        ignored, self._ignore = self._ignore, False
        statement = self._unread(part, error, None)
        if ignored:
            statement = replace(statement, kind=Kind.ignored, verdict=None)
        self.statements += _with_expected([statement], expected)

    def _unread(self, part: Fragment, error: UnreadableError, reading: str | None) -> Statement:
        line, column = part.position(error.start)
        verdict = Verdict(Outcome.unreadable, reason=str(error))
        return Statement(line, column, part.text, reading, Kind.unreadable, verdict)


_ORDER: tuple[tuple[Kind, Callable[..., bool], Callable[..., Verdict | None]], ...] = (
    (Kind.update, Notes._is_update, Notes._update),
    (Kind.value, Notes._is_value, Notes._value),
    (Kind.definition, Notes._is_definition, Notes._definition),
)


def _name(quantity: Quantity) -> Name | None:
    try:
        return Name.parse(quantity.name)
    except PlainNameError:
        return None


def _with_expected(found: list[Statement], expected: Outcome | None) -> list[Statement]:
    """The expectation goes to the first link with that outcome, else to the last one."""
    if expected is None or not found:
        return found
    place = next((k for k, s in enumerate(found) if s.outcome == expected), len(found) - 1)
    return [replace(s, expected=expected) if k == place else s for k, s in enumerate(found)]


def read_notes(path: Path) -> Notes:
    """A file of notes, read and checked. Raises FileError for a file that cannot be read."""
    return Notes.of(read_file(path))


def read_text(source: str, suffix: str = ".md") -> Notes:
    """The same for a text."""
    return Notes.of(fragments(source, suffix))
