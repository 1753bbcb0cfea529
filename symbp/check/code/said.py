"""What is said about a script rather than found in it: its loss, its parameters, its data.

On the command line, or in its comments: ``# symbp: loss E``, ``# symbp: parameters W1, b1``,
``# symbp: data X, y``. A name means a variable, an attribute, or all that a list of that name holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from symbp.check.statement import Parameter
from symbp.decide import Outcome
from symbp.read.code.values import CodeError
from symbp.read.directives import Data, Directive, Expect, Loss, Parameters, Shape, directive
from symbp.read.errors import UnreadableError
from symbp.read.scope import Size


@dataclass(frozen=True)
class Said:
    """The words about a script; what is left empty is found."""

    loss: str | None = None
    parameters: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    shapes: Mapping[str, tuple[Size, ...]] = field(default_factory=dict)
    expected: Mapping[str, Outcome] = field(default_factory=dict)

    def with_comments(self, source: str) -> Said:
        """With what the comments of a script say; the command line has the last word."""
        loss, parameters, data = self.loss, self.parameters, self.data
        shapes, expected = dict(self.shapes), dict(self.expected)
        for order in _orders(source):
            match order:
                case Loss(name):
                    loss = self.loss or name
                case Parameters(names):
                    parameters = self.parameters or (*parameters, *names)
                case Data(names):
                    data = self.data or (*data, *names)
                case Shape(name, sizes):
                    shapes.setdefault(name, sizes)
                case Expect(name, outcome) if name:
                    expected.setdefault(name, Outcome(outcome))
        return Said(loss, parameters, data, shapes, expected)

    def chosen(self, found: Iterable[Parameter]) -> tuple[Parameter, ...]:
        """The parameters that are meant. Raises CodeError for a name that is none."""
        known = tuple(found)
        for name in (*self.parameters, *self.data):
            if name in self.parameters and not any(_means(name, p.name) for p in known):
                listed = ", ".join(p.name for p in known)
                raise CodeError(f"{name} is no parameter that the loop trains", 1, 0, listed)
        return tuple(
            p for p in known
            if not any(_means(name, p.name) for name in self.data)
            and (not self.parameters or any(_means(name, p.name) for name in self.parameters))
        )  # fmt: skip


def _means(word: str, name: str) -> bool:
    """Whether a word means what is found under a path such as ``net.layers[0].W``."""
    whole = re.sub(r"\[[^\]]*\]$", "", name)
    return word in (name, whole, name.rpartition(".")[2], whole.rpartition(".")[2])


def _orders(source: str) -> Iterator[Directive]:
    """The comments ``# symbp: …`` that stand on lines of their own. Raises CodeError for no order."""
    for number, line in enumerate(source.splitlines(), start=1):
        head, mark, order = line.partition("# symbp:")
        try:
            said = directive(order.strip()) if mark and not head.strip() else None
        except UnreadableError as error:
            raise CodeError(error.message, number, len(head), error.accepted) from None
        if said is not None:
            yield said
