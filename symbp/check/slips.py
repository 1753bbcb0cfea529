"""Why a number is wrong: the hypothesis under which the printed digits follow.

Each row of :data:`HYPOTHESES` changes one thing of the calculation and computes it again: a weight
that was updated too early, a square that was dropped, another number of the document in the place of
one, the point in another place, a digit misread. The first that gives the printed digits is named; the
right digits are named in any case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from sympy import Expr, Pow, Rational

from symbp.check.knowledge import Knowledge
from symbp.check.precision import printed_as, stands_for
from symbp.core.equations import scalar
from symbp.decide import Context, Diagnosis, Enclosure, UndefinedError, UnsupportedError
from symbp.read.tree import Number, Tree, walk
from symbp.write.phrases import Told, told

PLACES = range(-4, 5)
ENOUGH_DIGITS = 3
"""A slip of one digit is believed from so many significant digits on."""


@dataclass(frozen=True)
class Printed:
    """A printed number, the calculation it stands for as it was written, and its value."""

    tree: Tree
    value: Expr
    number: Fraction
    unit: Fraction


def slip(knowledge: Knowledge, printed: Printed, truth: Enclosure) -> Diagnosis:
    """What explains a number that is not the value; the right digits stand in ``expected``."""
    expected = printed_as(truth.lower, printed.unit)
    for kind, explain in HYPOTHESES.items():
        found = explain(knowledge, printed, truth)
        if found is not None:
            return Diagnosis(kind, found, expected)
    return Diagnosis("digits", told("mistake digits", expected=expected), expected)


def _follows(
    knowledge: Knowledge, printed: Printed, value: Expr, at: Mapping[str, Fraction] | None = None
) -> bool:
    return stands_for(knowledge, value, printed.number, printed.unit, at) is not None


def _updated_number(knowledge: Knowledge, printed: Printed, truth: Enclosure) -> Told | None:
    """One weight of the calculation was already the updated one."""
    for old, new in knowledge.updated.items():
        after = knowledge.enclose(new)
        for carried in ({}, knowledge.printed):
            number = carried.get(new.name, after.lower if after else None)
            if number is not None and old != printed.value:
                at = {**carried, old.name: number}
                if _follows(knowledge, printed, printed.value, at):
                    return told("updated number", old=old.name)
    return None


def _updated_before(knowledge: Knowledge, printed: Printed, truth: Enclosure) -> Told | None:
    """The gradients of the layers below were taken with the weights that had just been updated."""
    context = _early(knowledge)
    if context is None:
        return None
    early = context.enclose(printed.value, knowledge.values)
    if early is None or not _near(early, printed):
        return None
    weights = sorted(symbol.name for symbol in knowledge.updated)
    return told("mistake updated-early", weights=f"{weights[0]} … {weights[-1]}")


def _near(value: Enclosure, printed: Printed) -> bool:
    """Whether a number agrees to less than one in its last place."""
    return value.lower - printed.unit < printed.number < value.upper + printed.unit


def _early(knowledge: Knowledge) -> Context | None:
    """The document with updated weights in its backward pass; None where that has no order."""
    new = {old: new for old, new in knowledge.updated.items()}
    definitions = {
        name: value.xreplace(new) if name.startswith("∂") else value
        for name, value in knowledge.definitions.items()
    }
    if not new or definitions == knowledge.definitions:
        return None
    context = Context(knowledge.assumptions)
    done: set[str] = set()
    try:
        for name in definitions:
            for each in _below(name, definitions, done, ()):
                context.define(scalar(each), definitions[each])
    except (RecursionError, UnsupportedError, UndefinedError, LookupError):
        return None
    return context


def _below(
    name: str, definitions: Mapping[str, Expr], done: set[str], above: tuple[str, ...]
) -> Iterator[str]:
    """The definitions a name rests on, then its own. Raises LookupError on a circle."""
    if name in above:
        raise LookupError(name)
    if name in done or name not in definitions:
        return
    for symbol in sorted(definitions[name].free_symbols, key=str):
        yield from _below(symbol.name, definitions, done, (*above, name))
    done.add(name)
    yield name


def _dropped_square(knowledge: Knowledge, printed: Printed, truth: Enclosure) -> Told | None:
    """A square was written and not taken."""
    for value in (printed.value, knowledge.definitions.get(str(printed.value))):
        for power in sorted((value.atoms(Pow) if value is not None else set()), key=str):
            if power.exp == 2 and value is not None:
                dropped = value.xreplace({power: power.base})
                if any(_follows(knowledge, printed, e, knowledge.printed_but(printed.value))
                       or _follows(knowledge, printed, e) for e in (dropped, -dropped)):
                    return told("mistake square-dropped", base=power.base)
    return None


def _another_number(knowledge: Knowledge, printed: Printed, truth: Enclosure) -> Told | None:
    """Another number of the document belongs in the place of one that was written."""
    numbers = [t for t in walk(printed.tree) if isinstance(t, Number) and t.unit is not None]
    if len(numbers) < 2 or printed.value.free_symbols:
        return None
    for name, value in {**knowledge.values, **knowledge.printed}.items():
        for number in numbers:
            if number.value != value and _replaced(printed.value, number.value, value) is not None:
                other = _replaced(printed.value, number.value, value)
                if other is not None and _follows(knowledge, printed, other):
                    return told("mistake another-number", found=number.text, name=name,
                                expected=printed_as(value, Fraction(1, 10**6)).rstrip("0"))
    return None


def _replaced(value: Expr, old: Fraction, new: Fraction) -> Expr | None:
    """A sum of numbers with one of them replaced: SymPy adds them, so the difference is added."""
    return value + Rational(new.numerator, new.denominator) - Rational(old.numerator, old.denominator)


def _point_moved(knowledge: Knowledge, printed: Printed, truth: Enclosure) -> Told | None:
    """The digits are right and the decimal point is not."""
    for places in PLACES:
        shift = Fraction(10) ** places
        moved = Printed(printed.tree, printed.value, printed.number * shift, printed.unit * shift)
        if places and printed.number and _follows(knowledge, moved, printed.value):
            return told("mistake decimal-place", places=abs(places))
    return None


def _sign_lost(knowledge: Knowledge, printed: Printed, truth: Enclosure) -> Told | None:
    if _follows(knowledge, printed, -printed.value):
        return told("mistake sign")
    return None


def _digit(knowledge: Knowledge, printed: Printed, truth: Enclosure) -> Told | None:
    """One digit is another one, or two neighbours have changed places."""
    at = knowledge.printed_but(printed.value)
    carried = knowledge.enclose(printed.value, at) if at else None
    found = printed_as(printed.number, printed.unit)
    for value in (carried, truth):
        expected = printed_as(value.lower, printed.unit) if value is not None else ""
        if len(expected.strip("-0.")) >= ENOUGH_DIGITS and _one_slip(found, expected):
            return told("mistake digit", found=found, expected=expected)
    return None


def _one_slip(found: str, expected: str) -> bool:
    """Whether one character differs, or two neighbours have changed places."""
    if len(found) != len(expected):
        return False
    apart = [k for k, (a, b) in enumerate(zip(found, expected, strict=True)) if a != b]
    if len(apart) == 2 and apart[1] == apart[0] + 1:
        first, second = apart
        return found[first] == expected[second] and found[second] == expected[first]
    return len(apart) == 1


Hypothesis = Callable[[Knowledge, Printed, Enclosure], Told | None]
HYPOTHESES: Mapping[str, Hypothesis] = {
    "updated-weight": _updated_number,
    "updated-early": _updated_before,
    "square-dropped": _dropped_square,
    "decimal-place": _point_moved,
    "sign": _sign_lost,
    "another-number": _another_number,
    "digit": _digit,
}
"""By the kind of mistake, in the order in which they are tried."""
