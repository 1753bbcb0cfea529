"""What the network is: its equations in three forms, and its symbols."""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Expr, IndexedBase

from symbp.core.chain import Derivation
from symbp.core.equations import Equation, Leaf, name_of
from symbp.core.program import Program
from symbp.core.scalars import ScalarError
from symbp.write.document import Block, Cell, Equations, Paragraph, Say, Section, Table, say
from symbp.write.formula import Node, Number, Row, Sign, Symbol
from symbp.write.lines import Lines
from symbp.write.matrix import Bold, matrix_form

MOST_SCALARS = 24
"""Up to how many equations the scalar form is written out."""


def is_scalar(program: Program) -> bool:
    """Whether the program has no arrays, so that its scalar form is all there is."""
    return not any(program.shapes.values())


def network_section(derivation: Derivation, lines: Lines) -> Section:
    """The equations: scalar, index and matrix form, each where there is one."""
    forward = derivation.forward
    if is_scalar(forward):
        return Section(say("network"), (_equations(forward, lines),))
    ranged = Lines(lines.notation, ranges=True)
    blocks: list[Block] = []
    scalars = _scalar_form(forward)
    if scalars is not None:
        blocks.append(Section(
            say("scalar form"), (Paragraph(say("about scalar")), _equations(scalars, lines))
        ))
    blocks.append(Section(
        say("index form"), (Paragraph(say("about index")), _equations(forward, ranged))
    ))
    matrices = [matrix_form(e, lines.notation) for e in forward]
    if all(m is not None for m in matrices):
        shown = Equations(tuple(m for m in matrices if m is not None))
        blocks.append(Section(say("matrix form"), (about_matrix(), shown)))
    return Section(say("network"), tuple(blocks))


def about_matrix() -> Paragraph:
    """How to read the matrix form."""
    return Paragraph(say("about matrix", product=Sign("⊙"), f=Symbol("sigma")))


def _equations(program: Program, lines: Lines) -> Equations:
    return Equations(tuple(lines.sides(e) for e in program))


def _scalar_form(program: Program) -> Program | None:
    try:
        scalars = program.scalars()
    except ScalarError:
        return None
    return scalars if len(scalars) <= MOST_SCALARS else None


def symbols_section(derivation: Derivation, lines: Lines) -> Section:
    """Every symbol with its shape and what it is."""
    forward = derivation.forward
    head: tuple[Cell, ...] = (say("symbol"), say("shape"), say("meaning"))
    rows = tuple(_rows(forward, lines))
    return Section(say("symbols"), (Table(head, rows),))


def _rows(program: Program, lines: Lines) -> Iterator[tuple[Cell, ...]]:
    bold = Bold(lines.notation.loss, lines.notation.weights, lines.notation.deltas)
    for leaves, key in ((program.inputs, "input"), (program.parameters, "parameter")):
        for leaf in leaves:
            yield _row(_whole(leaf, bold), program.shapes[leaf.name], say(key))
    for equation in program:
        meaning = _meaning(equation, program, lines)
        yield _row(bold.quantity(equation.target), program.shapes[equation.name], meaning)
    for name, delta in lines.notation.deltas.items():
        if name in program.definitions:
            target = program.definitions[name].target
            shape = program.shapes[name]
            adjoint = bold.adjoint(target)
            assert delta
            yield _row(adjoint, shape, say("adjoint", of=bold.quantity(target)))


def _row(symbol: Node, shape: tuple[Expr, ...], meaning: Say) -> tuple[Cell, ...]:
    sizes = [Number(str(s)) if s.is_Integer else Symbol(str(s)) for s in shape]
    if not sizes:
        return symbol, say("scalar"), meaning
    parts: list[Node] = [sizes[0]]
    for size in sizes[1:]:
        parts += [Sign("×"), size]
    return symbol, parts[0] if len(parts) == 1 else Row(tuple(parts)), meaning


def _whole(leaf: Leaf, bold: Bold) -> Node:
    return bold.whole(leaf.name, array=isinstance(leaf, IndexedBase))


def _meaning(equation: Equation, program: Program, lines: Lines) -> Say:
    if equation.name == program.loss:
        return say("loss")
    if equation.name in lines.notation.deltas:
        return say("pre-activation")
    uses = [name_of(use) for use in equation.operands]
    activated = len(uses) == 1 and uses[0] in lines.notation.deltas
    return say("activation" if activated else "intermediate")


