r"""Verdicts on a training script: what it does to each parameter, against the gradient of its loss.

Each turn that differs is judged for itself (``steps``) by the loss that the script shows
(``loss``); the verdict on a parameter is the worst of its turns. What depends on something that
is not followed is undecided.
"""

from __future__ import annotations

import ast
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from sympy import Expr, Symbol

from symbp.check.code.causes import cause_of, still
from symbp.check.code.inside import unwrapped
from symbp.check.code.judged import judged
from symbp.check.code.loss import loss_of
from symbp.check.code.repair import Repair
from symbp.check.code.said import Said
from symbp.check.code.same import same
from symbp.check.code.steps import BADNESS, ONE_TURN, Judged
from symbp.check.statement import Parameter
from symbp.core.equations import Equation
from symbp.decide import Diagnosis, Outcome, Verdict
from symbp.read.code.equations import Equations
from symbp.read.code.neighbours import Neighbours, alone, beside
from symbp.read.code.passes import again, once_more, passes
from symbp.read.code.turn import Pass
from symbp.read.code.values import CodeError
from symbp.read.fragments import read_source

LONG = 2.5
"""A check that took so many seconds is not followed by a search for causes."""
WRONG = (Outcome.different, Outcome.not_updated)
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
    source: str, path: str = "<script>", said: Said | None = None, *, causes: bool = False
) -> tuple[Parameter, ...]:
    """A verdict for each parameter. Raises CodeError where the script cannot be followed.

    With ``causes`` the edit is searched for that makes a wrong step right (``repair``).
    """
    start = time.monotonic()
    said = (said or Said()).with_comments(source)
    neighbours = beside(Path(path)) if Path(path).is_file() else alone
    found = passes(source, neighbours, said.shapes)
    parameters = said.chosen(_together(found, said.loss))
    if causes and time.monotonic() - start < LONG:
        parameters = _with_causes(found, neighbours, said.loss, parameters)
    return tuple(replace(p, expected=said.expected.get(p.name)) for p in parameters)


def _together(found: Sequence[Pass], script_loss: str | None) -> tuple[Parameter, ...]:
    """The verdicts on all turns, those that are the same once."""
    found = [found[0], *(turn for turn in found[1:] if not same(found[0], turn))]
    found = [found[0], *(turn for turn in found[1:] if not _same_inside(found[0], turn))]
    losses = [loss_of(turn, script_loss) for turn in found]
    kept = _comparable(found, losses)
    turns = [
        {p.name: p for p in _judged(turn, loss)}
        for turn, loss, keep in zip(found, losses, kept, strict=True) if keep
    ]  # fmt: skip
    names = dict.fromkeys(name for turn in turns for name in turn)
    return tuple(_worst([turn[name] for turn in turns if name in turn]) for name in names)


def _same_inside(first: Pass, second: Pass) -> bool:
    """Whether two turns are the same but for the number of the turn inside an optimizer."""
    for name, root in first.losses.items():
        if name not in second.losses:
            return False
        plain, told = unwrapped(first, root)
        if told:
            other, also = unwrapped(second, second.losses[name])
            return told == also and same(plain, other)
    return False


def _with_causes(
    found: Sequence[Pass], neighbours: Neighbours, script_loss: str | None,
    parameters: tuple[Parameter, ...],
) -> tuple[Parameter, ...]:  # fmt: skip
    """The parameters, the wrong ones with the edit that makes them right."""
    script, outcomes = found[0].script, {p.name: p.outcome for p in parameters}
    if script is None or not any(o in WRONG for o in outcomes.values()):
        return parameters
    loss = parameters[0].loss

    telling = next((t for t in found if loss in t.losses or loss in t.standard), found[0])

    def check(tree: ast.Module) -> Mapping[str, Outcome] | None:
        try:
            results = _together(again(found[0], tree, neighbours), script_loss)
        except CodeError:
            return None
        same = all(p.loss == loss for p in results)
        return {p.name: p.outcome for p in results} if same else None

    told = Repair(
        script.tree, outcomes, loss or "", telling,
        lambda tree: once_more(telling, tree, neighbours), check,
    ).diagnoses()  # fmt: skip
    return tuple(
        replace(p, line=told[p.name].line or p.line, verdict=replace(
            p.verdict, diagnosis=_joined(p.verdict.diagnosis, told[p.name])))
        if p.name in told else p for p in parameters
    )  # fmt: skip


def _joined(known: Diagnosis | None, found: Diagnosis) -> Diagnosis:
    """What was known of a cause, with the edit that was found."""
    if known is None or known.kind != "broadcast":
        return found
    return replace(known, expected=found.expected, line=found.line)


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
        if verdict.outcome == Outcome.not_updated and verdict.diagnosis is None:
            verdict = replace(verdict, diagnosis=still(found, parameter, result.rate))
        if found.assumed:
            verdict = replace(verdict, assumptions=(*verdict.assumptions, found.assumed))
        line = (verdict.diagnosis.line if verdict.diagnosis else None) or parameter.line
        known = parameter.name.removeprefix("symbp_object.")
        judged.append(
            Parameter(known, line, 1, verdict, loss=name, shape=parameter.shape)
        )
    return tuple(judged)


def _all_undecided(found: Pass, reason: str, loss: str | None) -> tuple[Parameter, ...]:
    verdict = Verdict(Outcome.undecided, reason=reason)
    return tuple(
        Parameter(p.name.removeprefix("symbp_object."), p.line, 1, verdict, loss=loss, shape=p.shape)
        for p in found.parameters
    )
