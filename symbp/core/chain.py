"""The chain rule: the adjoint rule run backward over a program's equations.

A derivation is again a program, so a second derivative is ``derive`` applied twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, count

import sympy as sp
from sympy import Expr, Idx, IndexedBase, Symbol

from symbp.core.adjoint import LETTERS, adjoint
from symbp.core.equations import Equation, Term, extent, indices_of, name_of, operands
from symbp.core.names import ADJOINT
from symbp.core.program import Program, ProgramError
from symbp.core.scalars import write_out
from symbp.core.steps import Step, steps


@dataclass(frozen=True)
class Derivation(Program):
    """A program followed by the equations of its adjoints, from the loss back to the parameters.

    ``derivation["W1"]`` is the equation of ∂E/∂W1, whose left side is ``W1_bar``.
    """

    program: Program | None = field(default=None, repr=False)
    suffix: str = ADJOINT

    @cached_property
    def adjoints(self) -> Mapping[str, Equation]:
        """From a quantity's name to the equation of its adjoint, in the order they are derived."""
        forward = len(self.forward)
        return {e.name.removesuffix(self.suffix): e for e in self.equations[forward:]}

    @property
    def checked(self) -> int:
        """The forward part is a program already."""
        return len(self.forward)

    @property
    def forward(self) -> Program:
        """The program that was derived."""
        assert self.program is not None
        return self.program

    def __getitem__(self, name: str) -> Equation:
        try:
            return self.adjoints[name]
        except KeyError:
            known = ", ".join(self.adjoints)
            raise KeyError(f"no adjoint of {name}; there are those of {known}") from None

    def scalars(self) -> Derivation:
        """The derivation with each index written out: instantiated, not derived again."""
        forward = self.forward.written_out(self.entries)
        backward = write_out(self.equations[len(self.forward) :], self.entries)
        return Derivation(
            (*forward.equations, *backward), self.loss, forward.parameters, forward.inputs,
            program=forward, suffix=self.suffix,
        )

    def steps(self, name: str) -> tuple[Step, ...]:
        """How a book derives ∂E/∂w for one entry: line by line, each with its rule.

        ``name`` is the entry's plain name (``w1_1_2``). Raises KeyError with the nearest names.
        """
        array, position = self.entries.find(name)
        entry = self.entries.symbol(array, position)
        return steps(self.forward.scalars().equations, self.loss, entry)

    def with_lemmas(self) -> Derivation:
        """The derivation with each lemma in place of the adjoint it shortens."""
        shorter = {m.of: m.terms for m in self.lemmas if m.given is None}
        backward = tuple(
            Equation(e.target, shorter.get(name, e.terms)) for name, e in self.adjoints.items()
        )
        leaves = [name for name in self.adjoints if name not in self.forward.definitions]
        kept = _reached(backward, [name + self.suffix for name in leaves])
        return Derivation(
            (*self.forward.equations, *kept), self.loss, self.parameters, self.inputs,
            self.lemmas, self.program, self.suffix,
        )


def _reached(equations: Sequence[Equation], wanted: Iterable[str]) -> tuple[Equation, ...]:
    needed, kept = set(wanted), []
    for equation in reversed(equations):
        if equation.name in needed:
            kept.append(equation)
            needed.update(name_of(use) for use in equation.operands)
    return tuple(reversed(kept))


def derive(
    program: Program, wrt: Iterable[str] | None = None, suffix: str | None = None
) -> Derivation:
    """Every adjoint from the loss back to ``wrt`` (all parameters unless said otherwise).

    The adjoint of W is called W and the ``suffix``: ``_bar``, or one that no name ends in yet. The
    cost is linear in the number of equations. Raises ProgramError on an unknown name.
    """
    targets = tuple(wrt) if wrt is not None else tuple(p.name for p in program.parameters)
    for name in targets:
        if name not in program.shapes:
            raise ProgramError(f"{name} is no quantity of the program")
    active = _depending(program, targets)
    axes, suffix = _axes(program), suffix or _fresh_suffix(program)
    sent: dict[str, list[Term]] = {}
    backward: list[Equation] = []
    for equation in reversed(program.equations):
        if equation.name not in active:
            continue
        if equation.name == program.loss:
            seed: Expr = sp.S.One
        else:
            if equation.name not in sent and equation.name not in targets:
                continue
            line = _adjoint_line(equation.name, suffix, axes[equation.name], sent)
            backward.append(line)
            seed = line.target
        for name, term in _uses(equation, seed, active, axes):
            sent.setdefault(name, []).append(term)
    leaves = [leaf.name for leaf in (*program.parameters, *program.inputs) if leaf.name in targets]
    backward += [_adjoint_line(name, suffix, axes[name], sent) for name in leaves]
    return Derivation(
        (*program.equations, *backward), program.loss, program.parameters, program.inputs,
        program.lemmas, program, suffix,
    )


def _fresh_suffix(program: Program) -> str:
    """``_bar``; ``_bar2`` where the program holds adjoints already, and so on."""
    suffixes = chain((ADJOINT,), (f"{ADJOINT}{n}" for n in count(2)))
    return next(s for s in suffixes if not any(name.endswith(s) for name in program.shapes))


def _uses(
    equation: Equation, seed: Expr, active: set[str], axes: Mapping[str, tuple[Idx, ...]]
) -> Iterator[tuple[str, Term]]:
    for term in equation.terms:
        for use in operands(term.body):
            name = name_of(use)
            if name in active:
                sent = adjoint(equation, term, use, seed, axes[name])
                if sent is not None:
                    yield name, sent


def _adjoint_line(
    name: str, suffix: str, axes: tuple[Idx, ...], sent: Mapping[str, list[Term]]
) -> Equation:
    label = Symbol(name + suffix, real=True)
    if not axes:
        return Equation(label, tuple(sent.get(name, ())))
    base = IndexedBase(label, shape=tuple(extent(i) for i in axes))
    return Equation(base[axes], tuple(sent.get(name, ())))


def _depending(program: Program, targets: Iterable[str]) -> set[str]:
    """The names whose value depends on a target, the targets included."""
    active = set(targets)
    for equation in program.equations:
        if any(name_of(use) in active for use in equation.operands):
            active.add(equation.name)
    return active


def _axes(program: Program) -> dict[str, tuple[Idx, ...]]:
    """The indices J of each quantity's adjoint: its own, or those of a use."""
    axes = {e.name: e.indices for e in program.equations}
    for use in chain.from_iterable(e.operands for e in program.equations):
        places = indices_of(use)
        if all(isinstance(i, Idx) for i in places) and len(set(places)) == len(places):
            axes.setdefault(name_of(use), places)
    for name, shape in program.shapes.items():
        axes.setdefault(name, tuple(
            Idx(Symbol(letter, integer=True), size)
            for letter, size in zip(LETTERS, shape, strict=False)
        ))
    return axes

