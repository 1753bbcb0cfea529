"""What a line that could not be read may have defined: no verdict rests on it.

``a = foo z`` leaves a free number a behind, and ∂E/∂w would be zero where it is not. So a claim
that rests on such a name is undecided, and says which line has to be mended first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from symbp.core.equations import Equation, name_of
from symbp.decide import Outcome, Verdict
from symbp.read.scope import Names
from symbp.read.tree import Application, Chain, Partial, Quantity, Tree, quantities, walk
from symbp.write.phrases import told

Heads = Callable[[str, Names], tuple[Tree | str, ...]]

_WORD = re.compile(r"[A-Za-z]+")
_DERIVED = re.compile(r"\\partial|\\nabla|∂|\bd\w*\s*/\s*d")


class Unread:
    """The names that unread lines may define, each with its line."""

    def __init__(self) -> None:
        self._names: dict[str, int] = {}
        self._stems: dict[str, int] = {}

    def note(
        self, heads: Iterable[Tree | str], names: Names, knows: Callable[[Quantity], bool], line: int
    ) -> None:
        """The left sides of formulas that were not read; as text where they cannot be read alone."""
        for head in heads:
            if isinstance(head, Quantity) and head.name not in names.quantities and not knows(head):
                self._names.setdefault(head.name, line)
            elif isinstance(head, Application) and head.function not in names.functions:
                self._names.setdefault(head.function, line)
            elif isinstance(head, str) and not _DERIVED.search(head):
                for stem in set(_WORD.findall(head)) - names.bases:
                    self._stems.setdefault(stem, line)

    def checked(self, verdict: Verdict, chain: Chain, lines: Iterable[Equation]) -> Verdict:
        """The verdict, undecided where what is claimed rests on such a name.

        An identity holds whatever a name in it stands for, as long as nothing is derived.
        """
        if (not self._names and not self._stems) or verdict.outcome == Outcome.undecided:
            return verdict
        nodes = [node for side in chain.sides for node in walk(side)]
        partials = [node for node in nodes if isinstance(node, Partial)]
        used = {q.name for side in chain.sides for q in quantities(side)}
        used |= {node.function for node in nodes if isinstance(node, Application)}
        by = {by.name for node in partials for by in node.by if isinstance(by, Quantity)}
        found = self._first(_leaves(used, lines) - by)
        if found is None or (verdict.outcome == Outcome.equal and not partials):
            return verdict
        name, line = found
        reason = told("unread", name=name, line=line)
        return Verdict(Outcome.undecided, reason=reason)

    def _first(self, leaves: Iterable[str]) -> tuple[str, int] | None:
        for name in sorted(leaves):
            stem = _WORD.match(name)
            line = self._names.get(name) or self._stems.get(stem[0] if stem else "")
            if line:
                return name, line
        return None


def _leaves(names: Iterable[str], lines: Iterable[Equation]) -> set[str]:
    """What the names rest on and nothing defines."""
    defined = {line.name: line for line in lines}
    todo, seen, leaves = list(names), set[str](), set[str]()
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        if name in defined:
            todo += [name_of(use) for use in defined[name].operands]
        else:
            leaves.add(name)
    return leaves
