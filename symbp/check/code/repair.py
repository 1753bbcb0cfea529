"""The edit of one statement with which a wrong step becomes right: its cause, its line, its proof.

Edits that undo known mistakes are tried one by one; each edited script is checked like any other.
An edit counts only where the step is then proved right and no other one is worse than before. Where
two matrices were stretched, a second edit may be needed: the pair is tried last.
"""

from __future__ import annotations

import ast
import time
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field

from symbp.check.code.edits import Edit, edits
from symbp.check.code.look import follows
from symbp.check.code.steps import BADNESS
from symbp.decide import Diagnosis, Outcome
from symbp.read.code.turn import Pass
from symbp.read.code.values import CodeError

SECONDS = 4.0
TEXTS: Mapping[str, str] = {
    "assignment": "the value is assigned where it should be added",
    "sign": "the sign is the other one",
    "axis": "the sum is over another axis, or an average stands for a sum",
    "transposed": "the matrices are multiplied the other way round, or one is transposed",
    "broadcast": "an entry by entry product stands where a product of matrices belongs",
    "derivative": "the derivative is missing or taken at another point",
    "factor": "a factor too many",
    "name": "another value belongs here",
    "updated weights": "the weights are changed before the backward pass has used them",
}
Outcomes = Mapping[str, Outcome]
STRETCHED = ("broadcast", "transposed")


@dataclass
class Repair:
    """The search for edits of one script; ``retrace`` follows one turn of an edited script."""

    tree: ast.Module
    outcomes: Outcomes
    loss: str
    turn: Pass
    retrace: Callable[[ast.Module], Pass | None]
    check: Callable[[ast.Module], Outcomes | None]
    found: dict[str, Diagnosis] = field(default_factory=dict)
    most: int = 0

    def diagnoses(self) -> dict[str, Diagnosis]:
        """From parameters that are wrong to what is wrong with them."""
        self.end = time.monotonic() + SECONDS
        lines = moving_lines(self.tree)
        stretched = {b.line for b in self.turn.broadcasts if b.result not in (b.left, b.right)}
        if stretched:
            self._pairs(lines, stretched)
        still = all(self.outcomes[name] == Outcome.not_updated for name in self._wrong())
        for edit in edits(self.tree, lines, ("assignment",) if still else None):
            if self._over():
                break
            self._try([edit])
        return self.found

    def _pairs(self, lines: Container[int], stretched: Container[int]) -> None:
        """Two edits: a product that does not stretch, and what it was multiplied by afterwards."""
        near = _before(self.tree, stretched)
        for first in edits(self.tree, near, STRETCHED):
            if self._over():
                return
            after = self._traced(first.tree)
            if after is None or len(after.broadcasts) >= len(self.turn.broadcasts):
                continue
            self._try([first], after)
            later = {n for n in range(first.line + 1, 10**5) if n in lines} if isinstance(
                lines, set) else lines  # fmt: skip
            for second in edits(first.tree, later, STRETCHED[1:]):
                if self._over():
                    return
                self._try([first, second])

    def _over(self) -> bool:
        return time.monotonic() > self.end or self.most == len(self._wrong())

    def _wrong(self) -> list[str]:
        bad = (Outcome.different, Outcome.not_updated)
        return [name for name, outcome in self.outcomes.items() if outcome in bad]

    def _traced(self, tree: ast.Module) -> Pass | None:
        try:
            return self.retrace(tree)
        except CodeError:
            return None

    def _try(self, made: Sequence[Edit], after: Pass | None = None) -> None:
        """Take edits that put more right than those before them, and nothing wrong."""
        turn = after or self._traced(made[-1].tree)
        root = None if turn is None else {
            **turn.losses, **{name: root for name, (root, _) in turn.standard.items()}
        }.get(self.loss)  # fmt: skip
        if turn is None or root is None or not follows(turn, root, self._wrong()):
            return
        proved = self.check(made[-1].tree)
        if proved is None or proved.keys() != self.outcomes.keys() or any(
            BADNESS[proved[name]] > BADNESS[before] for name, before in self.outcomes.items()
        ):
            return
        right = [name for name in self._wrong() if proved[name] == Outcome.equal]
        first, expected = made[0], "; ".join(f"line {e.line}: {e.after}" for e in made)
        cause = Diagnosis(first.kind, TEXTS[first.kind], expected, first.line)
        for name in right:
            if name not in self.found or len(right) > self.most:
                self.found[name] = cause
        self.most = max(self.most, len(right))


def _before(tree: ast.Module, lines: Container[int]) -> set[int]:
    """The lines in which the names of some lines got their values, and those lines."""
    inside = [n for n in ast.walk(tree) if isinstance(n, ast.stmt) and n.lineno in lines]
    names = {n.id for s in inside for n in ast.walk(s) if isinstance(n, ast.Name)}
    return {s.lineno for s in inside} | {
        n.lineno for n in ast.walk(tree) if isinstance(n, ast.Assign)
        and any(isinstance(t, ast.Name) and t.id in names for t in n.targets)
    }  # fmt: skip


def moving_lines(tree: ast.Module) -> set[int]:
    """The lines of functions and loops: where a turn may go wrong."""
    return {
        line
        for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.For | ast.While)
        for statement in node.body
        for line in range(statement.lineno, (statement.end_lineno or statement.lineno) + 1)
    }  # fmt: skip
