"""The verdicts on a turn, where steps may be those of an optimizer and weights may decay."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from symbp.check.code.forms import number_of, terms
from symbp.check.code.inside import Inside, unwrapped
from symbp.check.code.steps import Judged, plainly
from symbp.decide import Outcome, Verdict
from symbp.read.code.nodes import Node
from symbp.read.code.parameters import Parameter
from symbp.read.code.turn import Pass


def judged(found: Pass, root: Node) -> Judged:
    """The verdicts with the learning rate that fits best; the first of equally good ones.

    Of a step of an optimizer the gradient inside it is judged, and the optimizer is named.
    """
    plain, told = unwrapped(found, root)
    best = plainly(plain, root)
    if any(v.outcome == Outcome.different for v in best.verdicts):
        best, told = _undecayed(plain, root, best, told)
    if not told:
        return best
    verdicts = tuple(
        _named(v, told[p.name]) if p.name in told else v
        for p, v in zip(best.parameters, best.verdicts, strict=True)
    )
    return replace(best, verdicts=verdicts)


def _undecayed(
    found: Pass, root: Node, known: Judged, told: dict[str, Inside]
) -> tuple[Judged, dict[str, Inside]]:
    """The verdicts without a weight decay, where the steps are right without it."""
    decays = {p.name: _without_decay(found, p) for p in known.parameters}
    plain = {name: decay for name, decay in decays.items() if decay is not None}
    if not plain:
        return known, told
    parameters = tuple(plain[p.name][0] if p.name in plain else p for p in found.parameters)
    again = plainly(replace(found, parameters=parameters), root)
    if again.badness >= known.badness:
        return known, told
    decayed = {
        name: replace(told.get(name, Inside()), assumption=_penalty(share))
        for name, (_, share) in plain.items()
    }
    return again, told | decayed


def _penalty(share: Fraction) -> str:
    """In words what a weight decay assumes."""
    return f"the loss has a penalty ½λ‖w‖² beside it: a step shrinks the weights by {share}"


def _without_decay(found: Pass, parameter: Parameter) -> tuple[Parameter, Fraction] | None:
    """A step ``w ← c·w + rest`` as ``w ← w + rest``, with 1 − c; None where c is one, or no decay."""
    graph, rests, shares = found.graph, [], []
    for old, new in zip(parameter.old, parameter.new, strict=True):
        parts = list(terms(graph, new, graph.one))
        own = graph.add(*(factor for factor, node in parts if node is old))
        rests.append(graph.add(*(graph.multiply(f, n) for f, n in parts if n is not old)))
        shares.append(own)
    if len(set(shares)) > 1:
        return None
    kept = number_of(graph, shares[0])
    if kept is None or not Fraction(1, 2) < kept < 1:
        return None
    steps = tuple(graph.add(o, r) for o, r in zip(parameter.old, rests, strict=True))
    return replace(parameter, new=steps), 1 - kept


def _named(verdict: Verdict, inside: Inside) -> Verdict:
    """The verdict on the gradient inside an optimizer, which is named."""
    if verdict.outcome == Outcome.proportional and verdict.factor is not None:
        factor = verdict.factor / inside.share
        verdict = replace(verdict, factor=factor)
        if factor == 1:
            verdict = replace(verdict, outcome=Outcome.equal, factor=None, witness=None)
    if verdict.outcome not in (Outcome.equal, Outcome.proportional):
        return verdict
    if inside.problem is not None:
        return Verdict(Outcome.undecided, reason=f"the gradient is right, but {inside.problem}")
    if inside.assumption is not None:
        verdict = replace(verdict, assumptions=(*verdict.assumptions, inside.assumption))
    return replace(verdict, reason=f"the gradient inside {inside.name}") if inside.name else verdict
