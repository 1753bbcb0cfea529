"""What a checked document consists of: statements and parameters, each with its verdict."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from symbp.decide import Outcome, Verdict
from symbp.read.tree import Chain, Tree


class Kind(StrEnum):
    """What a statement does."""

    definition = "definition"
    value = "value"
    update = "update"
    claim = "claim"
    ignored = "ignored"
    unreadable = "unreadable"


@dataclass(frozen=True)
class Statement:
    """One link of a formula: where it stands, how it was read, and the verdict on it.

    ``reading`` is canonical plain text; definitions, values and what is ignored have no verdict.
    ``expected`` is what the author said the outcome would be; ``chain`` is the link as a tree, and
    ``wrong`` its piece that a diagnosis names.
    """

    line: int
    column: int
    source: str
    reading: str | None
    kind: Kind
    verdict: Verdict | None = None
    expected: Outcome | None = None
    chain: Chain | None = field(default=None, compare=False, repr=False)
    wrong: Tree | None = field(default=None, compare=False, repr=False)

    @property
    def outcome(self) -> Outcome | None:
        """The word for the statement; None where nothing was claimed."""
        return self.verdict.outcome if self.verdict else None


@dataclass(frozen=True)
class Parameter:
    """What a script does to one of its parameters, against the gradient of its loss."""

    name: str
    line: int
    column: int
    verdict: Verdict
    expected: Outcome | None = None
    loss: str | None = None
    shape: tuple[int, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """The word for the parameter."""
        return self.verdict.outcome
