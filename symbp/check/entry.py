"""The section of one derivative: result, path, steps, numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from sympy import Expr, Symbol

from symbp.check.values import number, shown
from symbp.core.chain import Derivation
from symbp.core.equations import Equation, name_of
from symbp.core.names import ADJOINT
from symbp.core.steps import Factor, Step
from symbp.write.document import (
    Block,
    Boxed,
    Line,
    Paragraph,
    Picture,
    Say,
    Section,
    Steps,
    Table,
    say,
)
from symbp.write.expressions import Typesetter
from symbp.write.formula import Fence, Node, Number, Row, Script, Sign, Tone, listed
from symbp.write.graph import backward
from symbp.write.lines import Lines, Tones, key, tones
from symbp.write.notation import Notation

MOST_BRACED = 3
"""Up to how many paths the result names each factor underneath."""


@dataclass(frozen=True)
class Subject:
    """A derivation with what is needed to print it: notation, and numbers where they are given."""

    derivation: Derivation
    lines: Lines
    numbers: Mapping[str, Expr] | None
    digits: int

    @cached_property
    def scalars(self) -> Mapping[str, Equation]:
        """The equations of the scalar form by the names they define."""
        return self.derivation.forward.scalars().definitions

    def number(self, value: Expr) -> Node:
        """A number as it is shown; a negative one keeps its sign together."""
        text = shown(value, self.digits)
        mantissa, _, exponent = text.partition("e")
        digits = Number(mantissa.removeprefix("-"))
        node: Node = digits
        if exponent:
            power = Number(str(int(exponent)).replace("-", "−"))
            node = Row((digits, _ten_to(power)))
        return Row((Sign("−"), node)) if text.startswith("-") else node

    def filled(self) -> Typesetter:
        """Prints expressions with each quantity replaced by its number."""
        return Typesetter(Filled(self.lines.notation.loss, subject=self))


@dataclass(frozen=True)
class Filled(Notation):
    """A notation in which a quantity prints as its value."""

    subject: Subject | None = None

    def quantity(self, entry: Expr) -> Node:
        """The number, fenced where it is negative."""
        assert self.subject is not None and self.subject.numbers is not None
        value = self.subject.numbers[name_of(entry)]
        node = self.subject.number(value)
        return Fence(node) if value < 0 else node


def entry_section(subject: Subject, entry: Symbol) -> Section:
    """∂E/∂entry, from the result to the numbers."""
    steps = subject.derivation.steps(entry.name)
    lines = subject.lines
    colours = tones(steps[-1])
    left = lines.notation.by(entry)
    blocks: list[Block] = [_result(subject, left, steps[-1], colours)]
    if steps[-1].paths:
        blocks += [
            Picture(backward(steps[-1], lines), say("path")),
            Paragraph(_about(subject, entry, steps[-1])),
        ]
    blocks.append(Steps(left, tuple(_line(subject, step, colours) for step in steps)))
    if subject.numbers:
        blocks += _numbers(subject, entry, steps[-1], colours)
    return Section(say("derivative of", derivative=lines.notation.by(entry, flat=True)),
                   tuple(blocks))


def _line(subject: Subject, step: Step, colours: Tones) -> Line:
    """A step with its rule and the equations it differentiated."""
    defined = subject.scalars
    used = tuple(subject.lines.equation(defined[name]) for name in step.references)
    return Line(subject.lines.step(step, colours), say(f"rule {step.rule}"), used)


def _result(
    subject: Subject, left: Node, last: Step, colours: Tones
) -> Boxed:
    braced = len(last.paths) <= MOST_BRACED
    products = (subject.lines.results if braced else subject.lines.step)(last, colours)
    return Boxed(say("result"), left, products)


def _about(subject: Subject, entry: Symbol, last: Step) -> Say:
    notation = subject.lines.notation
    loss, name = notation.name(subject.derivation.loss), notation.quantity(entry)
    if any(f.rule == "adjoint" for path in last.paths for f in path):
        users = listed([notation.quantity(path[0].by) for path in last.paths])
        return say("about adjoint", loss=loss, entry=name, users=users)
    if len(last.paths) == 1:
        return say("about one path", loss=loss, entry=name)
    return say("about paths", loss=loss, entry=name, count=str(len(last.paths)))


def _numbers(
    subject: Subject, entry: Symbol, last: Step, colours: Tones
) -> list[Block]:
    """Symbol → numbers → value, one local derivative a row, and the product below."""
    assert subject.numbers is not None
    factors = {key(f): f for path in last.paths for f in path}
    rows = tuple(
        tuple(Tone(node, colours[k]) for node in _row(subject, f)) for k, f in factors.items()
    )
    total = subject.number(subject.numbers[entry.name + ADJOINT])
    head = tuple(map(say, ("local derivative", "expression", "numbers", "value")))
    name = subject.lines.notation.by(entry, flat=True)
    how = say("product" if len(last.paths) == 1 else "sum of products")
    return [Table(head, (*rows, (name, how, "", total)), total=True)]


def _row(subject: Subject, factor: Factor) -> tuple[Node, ...]:
    assert subject.numbers is not None
    return (
        subject.lines.local(factor, flat=True),
        subject.lines.set(factor.value),
        subject.filled()(factor.value),
        subject.number(number(factor.value, subject.numbers)),
    )


def _ten_to(power: Node) -> Node:
    return Row((Sign("×"), Script(Number("10"), None, power)))
