"""Verdicts on the entries of an array, and what they come to together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction

import sympy as sp

from symbp.core.equations import Equation
from symbp.decide import Context, Diagnosis, Method, Outcome, Verdict

TINY = Fraction(1, 10**12)
NEUTRAL = Verdict(Outcome.equal, Method.exact)
"""Neither a step nor a slope: an entry that says nothing about the factor."""


def disagree(seen: Sequence[tuple[Fraction, Fraction]]) -> bool:
    """Whether the last two sides are no positive multiple of one another as the others are."""
    left, right = seen[-1]
    if (left == 0) != (right == 0) and any(r for _, r in seen):
        return max(abs(left), abs(right)) > TINY
    if left * right < -TINY:
        return True
    return any(abs(left * r - right * x) > TINY * max(abs(left * r), abs(right * x))
               for x, r in seen if r)


def define(context: Context, lines: Iterable[Equation]) -> None:
    """Let the context know the equations, in order."""
    for line in lines:
        context.define(line.target, sp.Add(*(t.body for t in line.terms)))


def together(entries: Sequence[Verdict]) -> Verdict:
    """One verdict on an array from those on its entries."""
    telling = [v for v in entries if v is not NEUTRAL] or list(entries)
    outcomes = {v.outcome for v in telling}
    if outcomes == {Outcome.equal}:
        exact = all(v.method == Method.exact for v in telling)
        bound = sum(v.error_bound or 0.0 for v in telling) or None
        return Verdict(Outcome.equal, Method.exact if exact else Method.modular, bound,
                       certificates=tuple(c for v in telling for c in v.certificates))  # fmt: skip
    if outcomes == {Outcome.proportional} and len({v.factor for v in telling}) == 1:
        return replace(telling[0], certificates=tuple(c for v in telling for c in v.certificates))
    for outcome in (Outcome.different, Outcome.undecided):
        if outcome in outcomes:
            return next(v for v in telling if v.outcome == outcome)
    if outcomes == {Outcome.not_updated}:
        return telling[0]
    odd = next((v for v in telling if v.outcome != Outcome.equal), telling[0])
    cause = Diagnosis("entries", "the entries do not have one factor in common")
    return replace(odd, outcome=Outcome.different, factor=None, diagnosis=cause)
