"""The mistake that explains a wrong formula, looked for and put into words."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from sympy import Expr, Heaviside, Rational, Symbol

from symbp.check.knowledge import RATES, Knowledge
from symbp.core.functions import step
from symbp.decide import Diagnosis, Outcome
from symbp.decide.diagnose import Fault, diagnose
from symbp.write.phrases import told

Lanes = NDArray[np.float64]
LANES = 6
CLOSE = 1e-7


def diagnosed(knowledge: Knowledge, left: Expr, right: Expr) -> Diagnosis | None:
    """What is wrong with ``right`` where ``left`` is true; the side with derivatives is the true one.

    None where no known mistake explains the difference.
    """
    gradients = knowledge.gradients()
    if not left.free_symbols & gradients.keys():
        if right.free_symbols & gradients.keys():
            left, right = right, left
        else:
            left, right = _true_first(knowledge, left, right)
    fault = diagnose(
        knowledge.context, left, right, gradients, knowledge.constants, knowledge.updated
    )
    return None if fault is None else _worded(fault)


def _true_first(knowledge: Knowledge, left: Expr, right: Expr) -> tuple[Expr, Expr]:
    """The sides, that with a name for a derivative first, and the derivative in place of the name.

    Where both have one, a name alone is the true side.
    """
    sides = ((left, right), (right, left))
    for true, claim in sorted(sides, key=lambda pair: not pair[0].is_Symbol):
        meant = {name: _meant(knowledge, name) for name in sorted(true.free_symbols, key=str)}
        if any(meant[name] != name for name in meant):
            return true.xreplace(meant), claim
    return left, right


def _meant(knowledge: Knowledge, name: Symbol) -> Expr:
    """The derivative that a name such as δ stands for, maybe times a constant; else the name."""
    gradients = list(knowledge.gradients())
    if not knowledge.is_defined(name.name) or not gradients:
        return name
    value, *others = knowledge.context.lanes([name, *gradients, *knowledge.constants], LANES)
    scales = [np.ones(LANES), *others[len(gradients) :]]
    for gradient, lanes in zip(gradients, others, strict=False):
        if any(_level(value, lanes * scale ** power) for scale in scales for power in (1, -1)):
            verdict = knowledge.context.decide(gradient, name, knowledge.constants)
            if verdict.outcome == Outcome.equal:
                return gradient
            if isinstance(verdict.factor, Fraction):
                return gradient * Rational(verdict.factor.numerator, verdict.factor.denominator)
            if verdict.factor is not None:
                return gradient * verdict.factor
    return name


def _level(value: Lanes, lanes: Lanes) -> bool:
    """Whether one is a constant times the other, as far as a few points tell."""
    with np.errstate(all="ignore"):
        ratio = value / lanes
        return bool(np.ptp(ratio) <= CLOSE * np.max(np.abs(ratio)))


def _kind(fault: Fault) -> str:
    """The kind, where a constant too much is a learning rate or a number of samples."""
    if fault.factor is None or fault.kind not in ("times-constant", "by-constant"):
        return fault.kind
    times = fault.kind == "times-constant"
    if {s.name for s in fault.factor.free_symbols} <= set(RATES):
        return "rate-twice" if times else "rate-missing"
    return "sum-for-mean" if times else "mean-for-sum"


def _worded(fault: Fault) -> Diagnosis:
    kind = _kind(fault)
    slots = {
        "factor": fault.factor if fault.of is None else f"∂{fault.of}/∂{fault.by}",
        "found": fault.found, "expected": fault.expected,
    }  # fmt: skip
    text = told(f"mistake {kind}", **slots)
    expected = None if fault.expected is None else str(_plain(fault.expected))
    if fault.also is None:
        return Diagnosis(kind, text, expected)
    other = _worded(fault.also)
    both = [e for e in (expected, other.expected) if e]
    return Diagnosis(
        f"{kind}, {other.kind}", told("mistake and", first=text, second=other.text),
        ", ".join(both) or None,
    )  # fmt: skip


def _plain(value: Expr) -> Expr:
    """What a person would write: SymPy's step has another name."""
    return value.replace(Heaviside, lambda x, *_: step(x))
