"""What holds for a whole layer at once: local derivatives, the recursion of δ, the update."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

import sympy as sp
from sympy import Expr, Symbol

from symbp.check.entry import Subject
from symbp.check.overview import about_matrix, is_scalar
from symbp.check.values import exact, number
from symbp.core.adjoint import local_derivative
from symbp.core.chain import Derivation
from symbp.core.equations import Equation, indices_of, name_of
from symbp.core.names import ADJOINT
from symbp.core.program import Program
from symbp.core.scalars import ScalarError
from symbp.write.document import Block, Cell, Equations, Paragraph, Section, Table, say
from symbp.write.formula import Big, Fence, Node, Product, Row, Sign, derivative
from symbp.write.formula import Fraction as Over
from symbp.write.formula import Symbol as Letter
from symbp.write.lines import Lines
from symbp.write.matrix import matrix_form
from symbp.write.notation import Notation

MOST_LOCAL = 24
"""Up to how many local derivatives the table has numbers, one row each."""


@dataclass(frozen=True)
class Inlined(Notation):
    """A notation in which some adjoints print as what they are equal to."""

    instead: Mapping[Expr, Node] = field(default_factory=dict)

    def quantity(self, entry: Expr) -> Node:
        """The right side of an adjoint that has one, in a fence if it needs one."""
        return self.instead[entry] if entry in self.instead else super().quantity(entry)


def local_section(subject: Subject) -> Section:
    """Every local derivative once, with the rule that gives it, and its value."""
    program = _written(subject.derivation.forward)
    numbered = subject.numbers is not None and program.loss in subject.numbers
    head: list[Cell] = [say("local derivative"), say("expression"), say("rule")]
    rows: list[tuple[Cell, ...]] = []
    for equation, use, value, rule in _locals(program, subject.derivation):
        quantities = (subject.lines.notation.quantity(q) for q in (equation.target, use))
        cells: list[Cell] = [
            derivative(*quantities, flat=True), subject.lines.set(value), say(f"rule {rule}")
        ]
        if numbered and subject.numbers is not None:
            cells.append(subject.number(number(value, subject.numbers)))
        rows.append(tuple(cells))
    if numbered:
        head.append(say("value"))
    return Section(say("local derivatives"), (Table(tuple(head), tuple(rows)),) if rows else ())


def _written(program: Program) -> Program:
    """The scalar form where it is short, else the index form."""
    try:
        scalars = program.scalars()
    except ScalarError:
        return program
    uses = sum(len(e.operands) for e in scalars)
    return scalars if uses <= MOST_LOCAL else program


def _locals(
    program: Program, derivation: Derivation
) -> Iterator[tuple[Equation, Expr, Expr, str]]:
    wanted = {*derivation.adjoints}
    scalar_names = {*_entry_owner(derivation)}
    for equation in reversed(program.equations):
        for use in equation.operands:
            owner = _entry_owner(derivation).get(name_of(use), name_of(use))
            if owner not in wanted and name_of(use) not in scalar_names & wanted:
                continue
            found = [local_derivative(equation, t, use) for t in equation.terms if t.body.has(use)]
            rules = {local.rule for local in found}
            rule = rules.pop() if len(rules) == 1 else "sum"
            yield equation, use, sp.Add(*(local.value for local in found)), rule


def _entry_owner(derivation: Derivation) -> dict[str, str]:
    try:
        symbols = derivation.entries.symbols
    except ScalarError:
        return {}
    return {s.name: array for array, row in symbols.items() for s in row.values()}


def backward_section(derivation: Derivation, lines: Lines) -> Section:
    """Every adjoint of arrays without layers, from the loss back."""
    shown = tuple(map(lines.sides, derivation.adjoints.values()))
    if lines.notation.deltas or is_scalar(derivation.forward):
        shown = ()
    about = Paragraph(say("about backward", loss=lines.notation.name(derivation.loss)))
    return Section(say("backward"), (about, Equations(shown)) if shown else ())


def recursion_section(derivation: Derivation, lines: Lines) -> Section:
    """δ of each layer from the one above it, and each gradient from δ."""
    if not lines.notation.deltas:
        return Section(say("delta", delta=Letter("delta")), ())
    shown = tuple(
        (lines.notation.quantity(e.target), right)
        for e, right in _recursion(derivation.with_lemmas(), lines)
    )
    about = say("about delta", delta=Letter("delta"), z=_pre_activation(derivation, lines))
    blocks = (Paragraph(about), Equations(shown), *_lemmas(derivation, lines))
    return Section(say("delta", delta=Letter("delta")), blocks)


def _lemmas(derivation: Derivation, lines: Lines) -> Iterator[Block]:
    """The shorter forms that hold under a condition on the data."""
    for lemma in derivation.lemmas:
        if lemma.given is not None and lemma.of in derivation.adjoints:
            shorter = Equation(derivation.adjoints[lemma.of].target, lemma.terms)
            yield Paragraph(say("about lemma", condition=lines.set(lemma.given)))
            yield Equations((lines.sides(shorter),))


def _pre_activation(derivation: Derivation, lines: Lines) -> Node:
    name = next(n for n in lines.notation.deltas if n in derivation.forward.definitions)
    return lines.notation.quantity(derivation.forward.definitions[name].target)


def _recursion(derivation: Derivation, lines: Lines) -> Iterator[tuple[Equation, Node]]:
    """The adjoints of pre-activations and parameters, what lies between them written in."""
    base = lines.notation
    parameters = {p.name for p in derivation.parameters}
    instead: dict[Expr, Node] = {}
    for name, equation in derivation.adjoints.items():
        inlined = Lines(Inlined(base.loss, base.weights, base.deltas, instead), lines.ranges)
        right = inlined.right(equation)
        if name in base.deltas or name in parameters or len(equation.terms) > 1:
            yield equation, right
        else:
            composite = isinstance(right, Row | Big | Over) or (
                isinstance(right, Product) and any(isinstance(f, Big) for f in right.factors)
            )
            instead[equation.target] = Fence(right) if composite else right


def matrix_section(derivation: Derivation, lines: Lines) -> Section:
    """The adjoints in matrix form, where all of them have one."""
    backward = list(derivation.adjoints.values())
    forms = [matrix_form(e, lines.notation) for e in backward]
    if is_scalar(derivation.forward) or any(form is None for form in forms):
        return Section(say("matrix form"), ())
    shown = Equations(tuple(form for form in forms if form is not None))
    return Section(say("gradients matrix"), (about_matrix(), shown))


def update_section(subject: Subject, rate: Fraction | int | float | str | None) -> Section:
    """w ← w − η ∂E/∂w for each parameter, with numbers where there are some."""
    notation, derivation = subject.lines.notation, subject.derivation
    eta = Letter("eta")
    weight = Letter("w")
    loss = notation.name(derivation.loss)
    shown: list[tuple[Node, Node]] = [(weight, derivative(loss, weight))]
    if not is_scalar(derivation.forward):
        targets = [derivation.adjoints[p.name].target for p in derivation.parameters
                   if p.name in derivation.adjoints]
        shown = [(notation.quantity(_of(t)), notation.quantity(t)) for t in targets]
    updates = Equations(tuple(
        (old, Row((old, Sign("−"), Product((eta, gradient))))) for old, gradient in shown
    ), Sign("←"))
    blocks: list[Block] = [Paragraph(say("about update", eta=eta, w=weight)), updates]
    if subject.numbers is not None and rate is not None:
        blocks.append(_new_values(subject, exact(rate)))
    return Section(say("update"), tuple(blocks))


def _of(target: Expr) -> Expr:
    """The quantity whose adjoint this is."""
    name = name_of(target).removesuffix(ADJOINT)
    if not indices_of(target):
        return Symbol(name, real=True)
    return sp.IndexedBase(Symbol(name, real=True))[indices_of(target)]


def _new_values(subject: Subject, rate: Expr) -> Table:
    numbers = subject.numbers or {}
    head = tuple(map(say, ("parameter", "old value", "gradient", "new value")))
    rows: list[tuple[Cell, ...]] = []
    for parameter in subject.derivation.scalars().parameters:
        gradient = numbers.get(parameter.name + ADJOINT)
        if gradient is not None:
            old = numbers[parameter.name]
            values = (old, gradient, old - rate * gradient)
            rows.append((subject.lines.notation.quantity(parameter),
                         *map(subject.number, values)))
    return Table(head, tuple(rows))
