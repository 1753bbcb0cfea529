"""What the network is: its equations in three forms, and its symbols."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from sympy import Expr, IndexedBase

from symbp.core.chain import Derivation
from symbp.core.equations import Equation, Leaf, name_of
from symbp.core.program import Program
from symbp.core.scalars import ScalarError
from symbp.write.document import Block, Cell, Equations, Paragraph, Say, Section, Table, say
from symbp.write.formula import Node, Number, Sign, Symbol, listed, row
from symbp.write.lines import Lines
from symbp.write.matrix import Bold, matrix_form

Shape = tuple[Expr, ...]
T = TypeVar("T")

IN_A_ROW = 8
"""How many symbols of one kind share a row of the table."""
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
    rows = (*_named(forward, lines), *_deltas(forward, lines))
    return Section(say("symbols"), (Table(head, rows),))


def _named(program: Program, lines: Lines) -> Iterator[tuple[Cell, ...]]:
    """The symbols of one shape and one meaning share a row."""
    bold = Bold.of_notation(lines.notation)
    found: dict[tuple[Shape, Say], list[Node]] = {}
    for leaves, key in ((program.inputs, "input"), (program.parameters, "parameter")):
        for leaf in leaves:
            meaning = _entries(program, leaf, lines) or say(key)
            found.setdefault((program.shapes[leaf.name], meaning), []).append(_whole(leaf, bold))
    for equation in program:
        meaning = _meaning(equation, program, lines)
        shape = program.shapes[equation.name]
        found.setdefault((shape, meaning), []).append(bold.quantity(equation.target))
    for (shape, meaning), symbols in found.items():
        for part in _chunks(symbols):
            yield listed(part), _shape(shape), meaning


def _entries(program: Program, leaf: Leaf, lines: Lines) -> Say | None:
    """The first and the last entry of a matrix whose entries have another letter."""
    if len(program.shapes[leaf.name]) < 2:
        return None
    try:
        entries = [lines.notation.quantity(s) for s in program.entries.all(leaf.name)]
    except ScalarError:
        return None
    return say("parameter entries", first=entries[0], last=entries[-1]) if (
        leaf.name in lines.notation.weights and len(entries) > 1
    ) else None


def _deltas(program: Program, lines: Lines) -> Iterator[tuple[Cell, ...]]:
    bold = Bold.of_notation(lines.notation)
    found: dict[Shape, list[Expr]] = {}
    for name in lines.notation.deltas:
        if name in program.definitions:
            target = program.definitions[name].target
            found.setdefault(program.shapes[name], []).append(target)
    for shape, targets in found.items():
        for part in _chunks(targets):
            of = listed([bold.quantity(t) for t in part])
            adjoints = listed([bold.adjoint(t) for t in part])
            yield adjoints, _shape(shape), say("adjoint", of=of)


def _chunks(items: list[T]) -> Iterator[list[T]]:
    for start in range(0, len(items), IN_A_ROW):
        yield items[start : start + IN_A_ROW]


def _shape(shape: Shape) -> Cell:
    sizes = [Number(str(s)) if s.is_Integer else Symbol(str(s)) for s in shape]
    if not sizes:
        return say("scalar")
    parts: list[Node] = [sizes[0]]
    for size in sizes[1:]:
        parts += [Sign("×"), size]
    return row(*parts)


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


