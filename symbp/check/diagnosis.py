"""The mistake that explains a wrong formula, looked for and put into words."""

from __future__ import annotations

from sympy import Expr

from symbp.check.knowledge import RATES, Knowledge
from symbp.decide import Diagnosis
from symbp.decide.diagnose import Fault, diagnose
from symbp.write.phrases import told


def diagnosed(knowledge: Knowledge, left: Expr, right: Expr) -> Diagnosis | None:
    """What is wrong with ``right`` where ``left`` is true; the side with derivatives is the true one.

    None where no known mistake explains the difference.
    """
    gradients = knowledge.gradients()
    if right.free_symbols & gradients.keys() and not left.free_symbols & gradients.keys():
        left, right = right, left
    fault = diagnose(
        knowledge.context, left, right, gradients, knowledge.constants, knowledge.updated
    )
    return None if fault is None else _worded(fault)


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
    expected = None if fault.expected is None else str(fault.expected)
    if fault.also is None:
        return Diagnosis(kind, text, expected)
    other = _worded(fault.also)
    both = [e for e in (expected, other.expected) if e]
    return Diagnosis(
        f"{kind}, {other.kind}", told("mistake and", first=text, second=other.text),
        ", ".join(both) or None,
    )  # fmt: skip
