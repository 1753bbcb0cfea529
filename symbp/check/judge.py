r"""The verdict on one link ``left = right``: a formula against a formula, or a hand calculation.

A side without quantities is a number. Where one side is a number with decimals, the link is a hand
calculation and is judged at the precision that is printed:

* against the exact values: *exact*, *rounded*, *truncated*;
* else against what the author had printed before, in place of the exact intermediates: *carried*;
* else *different*, with the right digits and the slip that explains the wrong ones.

A number worked out from printed decimals (``0.3·0.680 + 0.9·0.663``) stands for the value when it is
that of the printed intermediates, or when it differs by no more than the last places of its decimals.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

import sympy as sp
from sympy import Expr, Symbol

from symbp.check.diagnosis import diagnosed
from symbp.check.knowledge import Knowledge
from symbp.check.precision import decimal, rounded_on_the_way, stands_for
from symbp.check.slips import Printed, slip
from symbp.decide import Enclosure, Method, Outcome, Verdict, Witness
from symbp.read.tree import Negation, Number, Tree, walk
from symbp.write.phrases import told

DELTA = Fraction(1, 10**40)


@dataclass(frozen=True)
class Side:
    """One side of a link: what was written, and what it means with true derivatives in place."""

    tree: Tree
    value: Expr
    unrelated: tuple[tuple[str, str], ...] = ()
    """The (y, x) of each ∂y/∂x in it that is 0 though y and x are made of the same names."""

    @classmethod
    def of(cls, knowledge: Knowledge, tree: Tree, value: Expr) -> Side:
        """With the true derivatives put in place."""
        return cls(tree, knowledge.resolve(value), tuple(knowledge.unrelated(value)))

    @property
    def numeric(self) -> bool:
        """Whether no quantity stands in it."""
        return not self.value.free_symbols

    @property
    def numeral(self) -> tuple[Fraction, Fraction | None] | None:
        """Value and unit of a single printed number; None for anything else."""
        tree, sign = self.tree, 1
        while isinstance(tree, Negation):
            tree, sign = tree.of, -sign
        return (sign * tree.value, tree.unit) if isinstance(tree, Number) else None

    @property
    def printed(self) -> tuple[Fraction, Fraction] | None:
        """Value and unit of a single decimal number; None for anything else."""
        found = self.numeral
        return None if found is None or found[1] is None else (found[0], found[1])

    @property
    def decimal(self) -> bool:
        """Whether a decimal number stands in it."""
        return any(isinstance(t, Number) and t.unit is not None for t in walk(self.tree))


def link(knowledge: Knowledge, left: Side, right: Side) -> Verdict:
    """The verdict on ``left = right``; what rests on a quantity that does not depend says so."""
    verdict = _link(knowledge, left, right)
    said = tuple(told("unrelated", y=y, x=x) for y, x in (*left.unrelated, *right.unrelated))
    if not said or verdict.outcome == Outcome.undecided:
        return verdict
    if verdict.outcome == Outcome.equal:
        return replace(verdict, assumptions=(*verdict.assumptions, *said))
    return Verdict(Outcome.undecided, reason=said[0])


def _link(knowledge: Knowledge, left: Side, right: Side) -> Verdict:
    if not left.numeric and not right.numeric:
        stated = _stated(knowledge, left, right)
        return stated or _formula(knowledge, left.value, right.value)
    if left.numeric and not right.numeric:
        return _turned(_link(knowledge, right, left))
    if (printed := right.printed) is not None:
        return _calculation(knowledge, left, *printed)
    if left.numeric and (printed := left.printed) is not None:
        return _turned(_calculation(knowledge, right, *printed))
    if left.numeric or not right.decimal:
        return _exactly(knowledge, left.value, right.value)
    return _worked_out(knowledge, left.value, right)


def _turned(verdict: Verdict) -> Verdict:
    """The same verdict with the sides exchanged."""
    witness = verdict.witness
    if witness is not None:
        witness = replace(witness, left=witness.right, right=witness.left)
    factor = 1 / verdict.factor if verdict.factor else verdict.factor
    return replace(verdict, witness=witness, factor=factor)


def _stated(knowledge: Knowledge, left: Side, right: Side) -> Verdict | None:
    """A quantity that was only given as a decimal number, against a formula for it."""
    if isinstance(left.value, Symbol) and not knowledge.is_defined(left.value.name):
        name = left.value.name
        unit = knowledge.units.get(name)
        if unit is not None and name not in {s.name for s in right.value.free_symbols}:
            return _calculation(knowledge, right, knowledge.values[name], unit)
    return None


def _formula(knowledge: Knowledge, left: Expr, right: Expr) -> Verdict:
    verdict = knowledge.context.decide(left, right, knowledge.constants)
    if verdict.outcome in (Outcome.different, Outcome.proportional):
        return replace(verdict, diagnosis=diagnosed(knowledge, left, right))
    return verdict


def _exactly(knowledge: Knowledge, left: Expr, right: Expr) -> Verdict:
    """Against a number without decimals: identically, or at the document's values."""
    verdict = knowledge.context.decide(left, right)
    truth = knowledge.enclose(left)
    if verdict.outcome == Outcome.equal or truth is None or not left.free_symbols:
        return verdict
    number = knowledge.enclose(right)
    if number is None:
        return verdict
    if truth.is_point and number.is_point and truth.lower == number.lower:
        return Verdict(Outcome.equal, Method.exact)
    if truth.upper < number.lower or number.upper < truth.lower:
        return Verdict(Outcome.different, witness=_witness(knowledge, left, truth, number.lower))
    return Verdict(Outcome.undecided, reason=told("value open"))


def _calculation(knowledge: Knowledge, left: Side, number: Fraction, unit: Fraction) -> Verdict:
    """A printed number against the value of the other side."""
    truth = knowledge.enclose(left.value)
    if truth is None:
        missing = _missing(knowledge, left.value)
        if missing is None:
            return Verdict(Outcome.undecided, reason=told("no value here"))
        return Verdict(Outcome.undecided, reason=told("no value", name=missing))
    if (method := stands_for(knowledge, left.value, number, unit)) is not None:
        return Verdict(Outcome.equal, method)
    carried = _carried(knowledge, left.value, number, unit)
    if carried is not None:
        return carried
    return Verdict(
        Outcome.different,
        witness=_witness(knowledge, left.value, truth, number),
        diagnosis=slip(knowledge, Printed(left.tree, left.value, number, unit), truth),
    )


def _carried(
    knowledge: Knowledge, value: Expr, number: Fraction, unit: Fraction
) -> Verdict | None:
    """Whether the number follows from the intermediates as they were printed."""
    for form in dict.fromkeys((value, knowledge.folded(value))):
        printed = knowledge.carried(form)
        if printed and stands_for(knowledge, form, number, unit, printed) is not None:
            return Verdict(Outcome.equal, Method.carried, reason=_from_printed(printed))
    rounded = rounded_on_the_way(knowledge, value, number, unit)
    if rounded is not None:
        used = ", ".join(f"{name} = {decimal(at)}" for name, at in rounded.items())
        return Verdict(Outcome.equal, Method.carried, reason=told("from rounded", used=used))
    return None


def _from_printed(printed: Mapping[str, Fraction]) -> str:
    used = ", ".join(f"{name} = {decimal(value)}" for name, value in printed.items())
    return told("from printed", used=used)


def _worked_out(knowledge: Knowledge, left: Expr, right: Side) -> Verdict:
    """A value against an arithmetic of decimals."""
    truth, number = knowledge.enclose(left), knowledge.enclose(right.value)
    if truth is None or number is None:
        missing = _missing(knowledge, left)
        reason = told("no value", name=missing) if missing else told("no value here")
        return Verdict(Outcome.undecided, reason=reason)
    if truth.is_point and number.is_point and truth.lower == number.lower:
        return Verdict(Outcome.equal, Method.exact)
    for form in dict.fromkeys((left, knowledge.folded(left))):
        printed = knowledge.carried(form)
        carried = knowledge.enclose(form, printed)
        if printed and carried is not None and _meets(carried, number, DELTA):
            return Verdict(Outcome.equal, Method.carried, reason=_from_printed(printed))
    if _meets(truth, number, _last_places(right)):
        return Verdict(Outcome.equal, Method.rounded, reason=told("last places"))
    return Verdict(
        Outcome.different, witness=_witness(knowledge, left, truth, number.lower)
    )


def _meets(truth: Enclosure, number: Enclosure, slack: Fraction) -> bool:
    return truth.lower - slack <= number.upper and number.lower <= truth.upper + slack


def _last_places(side: Side) -> Fraction:
    """How far the arithmetic can move when each decimal moves by one in its last place."""
    decimals = [t for t in walk(side.tree) if isinstance(t, Number) and t.unit is not None]
    base = abs(_fraction(side.value))
    return sum(
        (d.unit / abs(d.value) * base for d in decimals if d.unit and d.value), start=Fraction(0)
    )


def _fraction(value: Expr) -> Fraction:
    exact = sp.nsimplify(value) if not value.is_Rational else value
    rational = exact if exact.is_Rational else sp.Rational(str(sp.N(exact, 30)))
    return Fraction(int(rational.p), int(rational.q))


def _missing(knowledge: Knowledge, value: Expr) -> str | None:
    """A free name without a value on which the expression depends."""
    todo, seen = [s.name for s in value.free_symbols], set[str]()
    definitions = {e.name: e for e in knowledge.equations}
    while todo:
        name = todo.pop()
        if name in seen or name in knowledge.values:
            continue
        seen.add(name)
        if name in definitions:
            todo += [str(use) for use in definitions[name].operands]
        elif not knowledge.is_defined(name):
            return str(name)
    return None


def _witness(
    knowledge: Knowledge, value: Expr, truth: Enclosure, number: Fraction
) -> Witness:
    return Witness(dict(knowledge.values), decimal(truth.lower), decimal(number))
