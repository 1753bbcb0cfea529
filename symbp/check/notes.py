"""Checking notes: fragments in the order of reading become statements with verdicts.

A chain ``a = b = c`` gives one statement a link, so that the first wrong link is the one that is
named. Directives say what a formula does not: a loss, a network, a shape, what is expected.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import sympy as sp

from symbp.check.knowledge import Knowledge
from symbp.check.marking import wrong_piece
from symbp.check.matrices import Matrices
from symbp.check.relations import related
from symbp.check.statement import Kind, Statement
from symbp.check.unread import Heads, Unread
from symbp.core.networks import mlp
from symbp.core.program import Program
from symbp.decide import Outcome, RedefinedError, UndefinedError, UnsupportedError, Verdict
from symbp.read import latex, text
from symbp.read.directives import (
    Assume,
    Data,
    Directive,
    Expect,
    Ignore,
    IndexRange,
    Loss,
    Network,
    Parameters,
    Shape,
    Train,
    ZeroOutside,
    directive,
)
from symbp.read.errors import UnreadableError
from symbp.read.fragments import Fragment, fragments, read_file
from symbp.read.meaning import expression
from symbp.read.plain import plain
from symbp.read.sizes import letter_of
from symbp.read.tree import Chain, Tree, quantities

READERS: Mapping[str, Callable[..., tuple[Chain, ...]]] = {"latex": latex.read, "text": text.read}
HEADS: Mapping[str, Heads] = {"latex": latex.heads, "text": text.heads}


class Notes:
    """A document being checked; afterwards its statements, its program and its settings."""

    def __init__(self) -> None:
        self.knowledge = Knowledge(exact=True)
        self.statements: list[Statement] = []
        self.training: Mapping[str, str] = {}
        self.network: Program | None = None
        self.network_words: Network | None = None
        self.matrices = Matrices()
        self._unread = Unread()
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
        return self.network or self.matrices.known.network() or self.knowledge.program()

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
            self._note_unread(part, HEADS[part.kind](part.text, self.knowledge.names))
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
                self.matrices.known = replace(self.matrices.known, loss=name)
            case Train(settings):
                self.training = dict(settings)
            case Shape(name, sizes):
                self.knowledge.names = self.knowledge.names.with_shape(name, sizes)
                self.matrices.declare(name, sizes)
            case IndexRange(letter, low, high):
                self.knowledge.names = self.knowledge.names.with_index(letter, low, high)
                if low == 1:
                    self.matrices.range(letter, high)
            case ZeroOutside(name):
                self.matrices.zero_outside(name)
            case Assume(claim):
                self._assume(claim)
            case Network():
                self._declare(order)
            case Parameters() | Data():
                raise UnreadableError("this is said of a script", accepted="# symbp: in a script")

    def _assume(self, claim: str) -> None:
        chain = text.read(claim, self.knowledge.names)[0]
        if self.matrices.concerns(chain):
            self.matrices.assume(chain)
            return
        left, right = (expression(side, self.knowledge.functions) for side in chain.sides[:2])
        self.knowledge.assume(sp.Eq(left, right))

    def _declare(self, order: Network) -> None:
        self.network_words = order
        activation = order.activation[0] if len(order.activation) == 1 else order.activation
        widths = [n if isinstance(n, int) else letter_of(n) for n in order.layers]
        self.network = mlp(
            widths, activation, order.loss, order.bias, order.samples, order.reduction
        )
        self.matrices.adopt(self.network, len(order.layers) - 1)
        if not self.network.sizes:
            self.knowledge.adopt(self.network)
        self._name_arrays()

    # -- statements ----------------------------------------------------------------------------

    def _chain(self, part: Fragment, chain: Chain) -> None:
        expected, self._expected = self._expected, None
        ignored, self._ignore = self._ignore, False
        if len(chain.sides) < 2:
            return
        if ignored:
            found = [self._statement(part, chain, 1, Kind.ignored, None)]
        else:
            found = list(self._links(part, chain))
            self.knowledge.settle()
        self.statements += _with_expected(found, expected)

    def _links(self, part: Fragment, chain: Chain) -> Iterator[Statement]:
        for k in range(1, len(chain.sides)):
            try:
                kind, verdict = self._related(chain, k)
            except UnreadableError as error:
                self._note_unread(part, chain.sides[:1])
                yield self._not_read(part, error, plain(chain))
                return
            except (UnsupportedError, UndefinedError, RedefinedError) as error:
                verdict = Verdict(Outcome.undecided, reason=str(error))
                kind = Kind.claim
            if verdict is not None:
                lines = (*self.knowledge.equations, *self.matrices.known.lines)
                verdict = self._unread.checked(verdict, chain, lines)
            yield self._statement(part, chain, k, kind, verdict)

    def _related(self, chain: Chain, k: int) -> tuple[Kind, Verdict | None]:
        """What a relation does: between arrays where it names one, else between numbers."""
        if self._between_numbers(chain) or not self.matrices.concerns(chain):
            return related(self.knowledge, chain, k)
        found = self.matrices.related(chain, k)
        self._name_arrays()
        return found

    def _between_numbers(self, chain: Chain) -> bool:
        names = self.knowledge.names
        return all(
            q.name in names.quantities and q.name not in names.shapes and not q.indices and not q.upper
            for side in chain.sides for q in quantities(side)
        )  # fmt: skip

    def _name_arrays(self) -> None:
        """Let formulas name the arrays that are known."""
        for name, shape in self.matrices.known.table.shapes.items():
            if name not in self.knowledge.names.quantities:
                sizes = [int(s) if s.is_Integer else str(s) for s in shape]
                self.knowledge.names = self.knowledge.names.with_shape(name, sizes)

    # -- records -------------------------------------------------------------------------------

    def _statement(
        self, part: Fragment, chain: Chain, k: int, kind: Kind, verdict: Verdict | None
    ) -> Statement:
        start = chain.sides[0].span[0] if k == 1 else chain.sides[k].span[0]
        line, column = part.position(start)
        pair = Chain(chain.sides[k - 1 : k + 1], chain.relations[k - 1 : k])
        source = part.text[chain.sides[k - 1].span[0] : chain.sides[k].span[1]]
        wrong = wrong_piece(self.knowledge, pair, verdict)
        return Statement(line, column, source, plain(pair), kind, verdict, chain=pair, wrong=wrong)

    def _unreadable(self, part: Fragment, error: UnreadableError) -> None:
        expected, self._expected = self._expected, None
        ignored, self._ignore = self._ignore, False
        statement = self._not_read(part, error, None)
        if ignored:
            statement = replace(statement, kind=Kind.ignored, verdict=None)
        self.statements += _with_expected([statement], expected)

    def _note_unread(self, part: Fragment, heads: tuple[Tree | str, ...]) -> None:
        """What a line may have defined that nobody meant to be left out."""
        if not self._ignore and self._expected is None:
            self._unread.note(heads, self.knowledge.names, self.matrices.knows, part.line)

    def _not_read(self, part: Fragment, error: UnreadableError, reading: str | None) -> Statement:
        line, column = part.position(error.start)
        verdict = Verdict(Outcome.unreadable, reason=str(error))
        return Statement(line, column, part.text, reading, Kind.unreadable, verdict)


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
