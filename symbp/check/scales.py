"""Claims that miss by a power of a size: the number of samples of a mean, the root of a width."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import sympy as sp
from sympy import Symbol

from symbp.core.equations import Equation
from symbp.decide import Diagnosis, Outcome, Verdict
from symbp.read.array_algebra import Value
from symbp.write.phrases import told

MISTAKES = {
    sp.S.One: "sum-for-mean", sp.S.NegativeOne: "mean-for-sum",
    sp.S.Half: "factor", -sp.S.Half: "factor",
}  # fmt: skip
"""What a power of a size tells as a factor; a root of one belongs to the scale of attention."""


def by_a_size(
    claim: Equation, verdict: Verdict, sizes: Iterable[Symbol], decide: Callable[[Equation], Verdict]
) -> Verdict:
    """The verdict on a wrong claim, as *proportional* with a size or its root where that is the factor.

    At sizes that are numbers, a size is a rational factor: only a claim that is proportional there can
    be off by one. The root of a size may be no fraction, so it is tried for any wrong claim.
    """
    whole = verdict.outcome == Outcome.proportional
    powers = [power for power in MISTAKES if whole or not power.is_Integer]
    for factor, kind in ((s**p, MISTAKES[p]) for s in sizes for p in powers):
        found = decide(Equation(claim.target, Value((), claim.terms).scaled(1 / factor).terms))
        if found.outcome == Outcome.equal:
            why = Diagnosis(kind, told(f"mistake {kind}", factor=factor))
            return replace(
                found, outcome=Outcome.proportional, factor=factor, witness=verdict.witness,
                diagnosis=why, method=None,
            )  # fmt: skip
    return verdict
