r"""Verdicts on a training script: what it does to each parameter, against the gradient of its loss.

Each turn that differs is judged for itself (``code_steps``) by the loss that the script shows
(``code_loss``); the verdict on a parameter is the worst of its turns. What depends on something that
is not followed is undecided.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from sympy import Expr, Symbol

from symbp.check.code_causes import cause_of
from symbp.check.code_loss import loss_of
from symbp.check.code_steps import BADNESS, ONE_TURN, Judged, judged
from symbp.check.statement import Parameter
from symbp.core.equations import Equation
from symbp.decide import Outcome, Verdict
from symbp.read.directives import Expect, directive
from symbp.read.fragments import read_source
from symbp.read.numpy_code import passes
from symbp.read.numpy_equations import Equations
from symbp.read.numpy_neighbours import alone, beside
from symbp.read.numpy_turn import Pass
from symbp.read.numpy_values import CodeError

OTHER_LATER = "the update is another one in a later turn"


@dataclass(frozen=True)
class Traced:
    """A script's update as equations: what each state symbol becomes, and the script's numbers."""

    equations: tuple[Equation, ...]
    loss: Symbol
    moves: Mapping[Symbol, Expr]
    values: Mapping[str, float]


def traced(path: Path, script_loss: str | None = None) -> Traced:
    """The update that a script makes in one turn. Raises CodeError where it cannot be followed."""
    found = passes(read_source(path), beside(path))[0]
    loss = loss_of(found, script_loss)
    if loss is None:
        raise CodeError("no loss is printed or named", found.line, 0, "--script-loss NAME")
    root = loss[1].root
    every = [n for p in found.parameters for n in (*p.old, *p.new)]
    equations = Equations(found.graph, [*every, root])
    moves = {
        equations.of(old): equations.of(new)
        for p in found.parameters
        for old, new in zip(p.old, p.new, strict=True)
    }
    return Traced(tuple(equations.lines), equations.of(root), moves, equations.values)


def check_script(
    source: str, path: str = "<script>", script_loss: str | None = None
) -> tuple[Parameter, ...]:
    """A verdict for each parameter. Raises CodeError where the script cannot be followed."""
    expected = expectations(source)
    neighbours = beside(Path(path)) if Path(path).is_file() else alone
    found = passes(source, neighbours)
    losses = [loss_of(turn, script_loss) for turn in found]
    kept = _comparable(found, losses)
    turns = [
        {p.name: p for p in _judged(turn, loss)}
        for turn, loss, keep in zip(found, losses, kept, strict=True) if keep
    ]  # fmt: skip
    names = dict.fromkeys(name for turn in turns for name in turn)
    return tuple(
        replace(_worst([turn[name] for turn in turns if name in turn]), expected=expected.get(name))
        for name in names
    )


def _comparable(found: Sequence[Pass], losses: Sequence[tuple[str, Judged] | None]) -> list[bool]:
    """The turns to be judged: one that shows no loss, and does what one that does show it does, is
    like that one.
    """
    shown = [loss is not None and loss[0] in turn.losses
             for turn, loss in zip(found, losses, strict=True)]  # fmt: skip
    if all(shown) or not any(shown):
        return [True] * len(found)
    first = found[shown.index(True)]
    return [
        has or not any(_alike(first, turn, n) for n in first.standard if n in turn.standard)
        for turn, has in zip(found, shown, strict=True)
    ]


def _alike(first: Pass, second: Pass, name: str) -> bool:
    """Whether two turns stand to one standard loss in the same way, step by step."""
    results = [judged(turn, turn.standard[name][0]) for turn in (first, second)]
    told = [
        [(p.name, v.outcome, v.factor) for p, v in zip(r.parameters, r.verdicts, strict=True)]
        for r in results
    ]
    return told[0] == told[1] and results[0].follows


def _worst(turns: list[Parameter]) -> Parameter:
    """The worst of a parameter's turns; where they differ, with a word about it."""
    worst = max(turns, key=lambda p: BADNESS[p.outcome])
    if worst.outcome in (Outcome.equal, Outcome.proportional):
        factors = {p.verdict.factor or Fraction(1) for p in turns}
        if len(factors) > 1:
            return replace(worst, verdict=Verdict(Outcome.different, reason=OTHER_LATER))
        if any(p.verdict.reason == ONE_TURN for p in turns):
            return replace(worst, verdict=Verdict(Outcome.undecided, reason=ONE_TURN))
    if worst.outcome == turns[0].outcome:
        return worst
    reason = worst.verdict.reason or OTHER_LATER
    return replace(worst, verdict=replace(worst.verdict, reason=reason))


def expectations(source: str) -> dict[str, Outcome]:
    """What ``# symbp: expect W0 different`` comments say."""
    found = {}
    for line in source.splitlines():
        head, mark, order = line.partition("# symbp:")
        said = directive(order.strip()) if mark and not head.strip() else None
        if isinstance(said, Expect) and said.name:
            found[said.name] = Outcome(said.outcome)
    return found


def _judged(found: Pass, loss: tuple[str, Judged] | None) -> tuple[Parameter, ...]:
    """The verdicts on one turn."""
    if loss is None:
        reason = "no loss is printed or named whose gradient a step follows: --script-loss NAME"
        return _all_undecided(found, reason, None)
    name, result = loss
    if found.strange:
        reason = f"only with {found.assumed} it runs, and targets and outputs have different shapes"
        return _all_undecided(found, reason, name)
    if found.doubts:
        reason, line = found.doubts[0]
        return _all_undecided(found, f"line {line}: {reason}", name)
    if not result.parameters:
        raise CodeError(f"the loss {name} depends on nothing that the loop updates", found.line)
    judged = []
    for parameter, verdict in zip(result.parameters, result.verdicts, strict=True):
        if verdict.outcome == Outcome.different and verdict.diagnosis is None:
            verdict = replace(verdict, diagnosis=cause_of(found, parameter))
        if found.assumed:
            verdict = replace(verdict, assumptions=(*verdict.assumptions, found.assumed))
        line = (verdict.diagnosis.line if verdict.diagnosis else None) or parameter.line
        judged.append(
            Parameter(parameter.name, line, 1, verdict, loss=name, shape=parameter.shape)
        )
    return tuple(judged)


def _all_undecided(found: Pass, reason: str, loss: str | None) -> tuple[Parameter, ...]:
    verdict = Verdict(Outcome.undecided, reason=reason)
    return tuple(
        Parameter(p.name, p.line, 1, verdict, loss=loss, shape=p.shape) for p in found.parameters
    )
