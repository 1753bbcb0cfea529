r"""Verdicts on a training script: what it does to each parameter, against the gradient of its loss.

The traced pass is a list of scalar equations that ends in a loss L; the chain rule gives ∂L/∂p, and
for every entry of every parameter ``p_new − p_old = −η ∂L/∂p`` is decided. η is the named number
with which most entries hold, else 1. What depends on something that is not followed is undecided.
"""

from __future__ import annotations

import ast
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import sympy as sp
from sympy import Expr, Symbol

from symbp.check.statement import Parameter
from symbp.core.chain import derive
from symbp.core.equations import Equation, name_of
from symbp.core.program import Program
from symbp.decide import Context, Diagnosis, Method, MissingValueError, Outcome, Verdict
from symbp.read.directives import Expect, directive
from symbp.read.fragments import read_source
from symbp.read.numpy_code import Pass, passes
from symbp.read.numpy_equations import Equations
from symbp.read.numpy_nodes import Kind, Node, below
from symbp.read.numpy_values import Broadcast, CodeError

POINTS = 6


@dataclass(frozen=True)
class Traced:
    """A script's update as equations: what each state symbol becomes, and the script's numbers."""

    equations: tuple[Equation, ...]
    loss: Symbol
    moves: Mapping[Symbol, Expr]
    values: Mapping[str, float]


def traced(path: Path, script_loss: str | None = None) -> Traced:
    """The update that a script makes in one pass. Raises CodeError where it cannot be followed."""
    found = passes(read_source(path))[0]
    loss = _loss(found, script_loss)
    if loss is None:
        raise CodeError("no loss is printed or named", found.line, 0, "--script-loss NAME")
    every = [n for p in found.parameters for n in (*p.old, *p.new)]
    equations = Equations(found.graph, [*every, loss[1]])
    moves = {
        equations.of(old): equations.of(new)
        for p in found.parameters
        for old, new in zip(p.old, p.new, strict=True)
    }
    return Traced(tuple(equations.lines), equations.of(loss[1]), moves, equations.values)


def check_script(
    source: str, path: str = "<script>", script_loss: str | None = None
) -> tuple[Parameter, ...]:
    """A verdict for each parameter. Raises CodeError where the script cannot be followed."""
    expected = expectations(source)
    turns = [_judged(found, script_loss) for found in passes(source)]
    result = []
    for first, *others in zip(*turns, strict=True):
        worst = max((first, *others), key=lambda p: _BADNESS[p.outcome])
        if worst.outcome != first.outcome:
            reason = "the update is another one in a later iteration"
            worst = replace(worst, verdict=replace(worst.verdict, reason=reason))
        result.append(replace(worst, expected=expected.get(worst.name)))
    return tuple(result)


def expectations(source: str) -> dict[str, Outcome]:
    """What ``# symbp: expect W0 different`` comments say."""
    found = {}
    for line in source.splitlines():
        head, mark, order = line.partition("# symbp:")
        said = directive(order.strip()) if mark and not head.strip() else None
        if isinstance(said, Expect) and said.name:
            found[said.name] = Outcome(said.outcome)
    return found


_BADNESS: Mapping[Outcome, int] = {
    Outcome.equal: 0, Outcome.proportional: 1, Outcome.undecided: 2, Outcome.not_updated: 3,
    Outcome.different: 4, Outcome.unreadable: 5,
}  # fmt: skip


def _judged(found: Pass, script_loss: str | None) -> tuple[Parameter, ...]:
    """The verdicts on one pass."""
    loss = _loss(found, script_loss)
    if loss is None:
        reason = "no loss is printed or has a loss's name: say it with --script-loss NAME"
        return _all_undecided(found, reason, None)
    name, root = loss
    if found.doubts:
        reason, line = found.doubts[0]
        return _all_undecided(found, f"line {line}: {reason}", name)
    steps = _Steps(found, root, name)
    if not steps.parameters:
        raise CodeError(f"the loss {name} depends on nothing that the loop updates", found.line)
    return tuple(
        Parameter(p.name, verdict.diagnosis.line if verdict.diagnosis and verdict.diagnosis.line
                  else p.line, 1, verdict, loss=name, shape=p.shape)
        for p, verdict in zip(steps.parameters, steps.verdicts(), strict=True)
    )  # fmt: skip


def _all_undecided(found: Pass, reason: str, loss: str | None) -> tuple[Parameter, ...]:
    verdict = Verdict(Outcome.undecided, reason=reason)
    return tuple(
        Parameter(p.name, p.line, 1, verdict, loss=loss, shape=p.shape) for p in found.parameters
    )


def _loss(found: Pass, wanted: str | None) -> tuple[str, Node] | None:
    """The loss: the named one, or the first candidate that is nowhere negative."""
    if wanted is not None:
        if wanted not in found.losses:
            known = ", ".join(found.losses) or "nothing that depends on the parameters"
            raise CodeError(f"no loss {wanted} in the pass", found.line, 0, known)
        return wanted, found.losses[wanted]
    named = sorted(found.losses.items(), key=lambda pair: pair[0].startswith("printed"))
    for name, node in named:
        if not name.startswith("printed") and _never_negative(found, node):
            return name, node
    printed = [pair for pair in named if pair[0].startswith("printed")]
    return next((pair for pair in printed if _follows(found, pair[1])), None)


def _never_negative(found: Pass, node: Node) -> bool:
    """Whether a quantity is ≥ 0 at the script's data and random parameters, as a loss is."""
    equations = Equations(found.graph, [node])
    context, chance = Context(), random.Random(1)
    _define(context, equations.lines)
    state = {
        name_of(equations.of(n))
        for n, leaf in found.graph.leaves.items()
        if leaf.kind & Kind.state and n in equations.symbols
    }
    for _ in range(POINTS):
        at = {
            name: Fraction(chance.randint(-16, 16), 8) if name in state else Fraction(repr(value))
            for name, value in equations.values.items()
        }
        try:
            bounds = context.enclose(equations.of(node), at)
        except MissingValueError:
            return False
        if bounds is None or bounds.upper < 0:
            return False
    return True


def _follows(found: Pass, node: Node) -> bool:
    """Whether the update follows a printed number's gradient: only then is it taken for the loss."""
    if not _never_negative(found, node):
        return False
    outcomes = [v.outcome for v in _Steps(found, node, "").plain()]
    return Outcome.equal in outcomes or Outcome.proportional in outcomes


def _define(context: Context, lines: Iterable[Equation]) -> None:
    for line in lines:
        context.define(line.target, sp.Add(*(t.body for t in line.terms)))


class _Steps:
    """The steps of one pass against the gradient of one loss."""

    def __init__(self, found: Pass, root: Node, name: str) -> None:
        self.found, self.root = found, root
        reached = set(below([root]))
        own = [p for p in found.parameters if p.name != name and reached & set(p.old)]
        self.parameters = tuple(own)
        self.memory = {n: p.name for p in found.parameters if p not in own for n in p.old}
        every = [n for p in found.parameters for n in (*p.old, *p.new)]
        self.equations = Equations(found.graph, [*every, *found.rates, root])
        self.context = Context()
        _define(self.context, self.equations.lines)
        self.by_target = {e.target: e for e in self.equations.lines}
        self.adjoints = self._adjoints()

    def _adjoints(self) -> dict[str, Expr]:
        target = self.equations.of(self.root)
        if not isinstance(target, Symbol):
            return {}
        symbols = [self.equations.of(node) for node in below([self.root])]
        lines = [self.by_target[s] for s in symbols if s in self.by_target]
        if not lines:
            return {}
        program = Program.of(lines, (), target.name)
        leaves = [leaf.name for leaf in program.inputs]
        derivation = derive(program, leaves)
        _define(self.context, derivation.adjoints.values())
        return {name: e.target for name, e in derivation.adjoints.items()}

    def plain(self) -> list[Verdict]:
        """The verdict of each parameter with the learning rate that fits best."""
        candidates: list[Expr] = [sp.S.One, *(self.equations.of(r) for r in self.found.rates)]
        tried = [[self._parameter(k, eta) for k in range(len(self.parameters))]
                 for eta in candidates]  # fmt: skip
        return min(tried, key=lambda verdicts: sum(_BADNESS[v.outcome] for v in verdicts))

    def verdicts(self) -> list[Verdict]:
        """The verdicts, with the cause of what is different."""
        return [
            replace(v, diagnosis=self._cause(k)) if v.outcome == Outcome.different
            and v.diagnosis is None else v
            for k, v in enumerate(self.plain())
        ]  # fmt: skip

    def _parameter(self, number: int, eta: Expr) -> Verdict:
        parameter = self.parameters[number]
        for node in below((*parameter.new, self.root)):
            if node in self.memory:
                reason = f"it rests on {self.memory[node]}, a memory of earlier steps"
                return Verdict(Outcome.undecided, reason=reason)
            leaf = self.found.graph.leaves.get(node)
            if leaf is not None and leaf.kind & Kind.opaque:
                return Verdict(
                    Outcome.undecided, reason=f"line {leaf.line}: {leaf.reason} is not followed"
                )
        entries = [
            self._entry(old, new, eta)
            for old, new in zip(parameter.old, parameter.new, strict=True)
        ]
        return _together(entries)

    def _entry(self, old: Node, new: Node, eta: Expr) -> Verdict:
        before = self.equations.of(old)
        gradient = self.adjoints.get(name_of(before), sp.S.Zero)
        step = self.equations.of(new) - before
        if step == 0 and gradient != 0:
            return Verdict(Outcome.not_updated)
        verdict = self.context.decide(-eta * gradient, step)
        if verdict.factor is not None and verdict.factor == 0:
            return Verdict(Outcome.not_updated)
        if verdict.factor is not None and verdict.factor < 0:
            cause = Diagnosis("sign", "the step goes up the gradient")
            return replace(verdict, outcome=Outcome.different, factor=None, diagnosis=cause)
        return verdict

    def _cause(self, number: int) -> Diagnosis | None:
        """The first stretched operation on which the wrong step rests."""
        parameter = self.parameters[number]
        reached = set(below(parameter.new)) - set(parameter.old)
        stretched = [
            b for b in self.found.broadcasts
            if b.left != b.result and b.right != b.result
            and any(n in reached for n in b.value.entries.flat)
        ]  # fmt: skip
        if not stretched:
            return None
        first = stretched[0]
        left, right = _sides(first)
        line = next(
            (self.found.assigned[s] for s in (left, right) if s in self.found.assigned
             and self.found.assigned[s] > self.found.line), first.line)  # fmt: skip
        text = (
            f"{left} has shape {first.left}, {right} has shape {first.right}: "
            f"line {first.line} stretches both to {first.result}"
        )
        stored = [b for b in self.found.broadcasts if b.value.shape == parameter.shape
                  and b.right == b.result and b.where is None]  # fmt: skip
        if stored:
            last = stored[-1]
            text += f"; line {last.line} then adds {last.left} to every row of {parameter.name}"
        return Diagnosis("broadcast", text, line=line)


def _sides(stretched: Broadcast) -> tuple[str, str]:
    """Both sides of an operation as they stand in the source."""
    node = stretched.where
    if isinstance(node, ast.BinOp):
        return ast.unparse(node.left), ast.unparse(node.right)
    if isinstance(node, ast.Call) and len(node.args) == 2:
        return ast.unparse(node.args[0]), ast.unparse(node.args[1])
    return "the left side", "the right side"


def _together(entries: Sequence[Verdict]) -> Verdict:
    """One verdict on an array from those on its entries."""
    outcomes = {v.outcome for v in entries}
    if outcomes == {Outcome.equal}:
        exact = all(v.method == Method.exact for v in entries)
        bound = sum(v.error_bound or 0.0 for v in entries) or None
        return Verdict(Outcome.equal, Method.exact if exact else Method.modular, bound)
    if outcomes == {Outcome.proportional} and len({v.factor for v in entries}) == 1:
        return entries[0]
    for outcome in (Outcome.different, Outcome.undecided):
        if outcome in outcomes:
            return next(v for v in entries if v.outcome == outcome)
    if outcomes == {Outcome.not_updated}:
        return entries[0]
    odd = next((v for v in entries if v.outcome != Outcome.equal), entries[0])
    cause = Diagnosis("entries", "the entries do not have one factor in common")
    return replace(odd, outcome=Outcome.different, factor=None, diagnosis=cause)

