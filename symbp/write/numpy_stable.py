r"""Forms that neither overflow nor lose digits, found in the list of equations and exchanged there.

Three identities of exact arithmetic, each applied only where the list of equations shows it holds:

* **shift**: for ``e = exp(z)``, ``s = Σ e``, whatever reads only e/s, or log s, is the same for
  ``e = exp(z − m)`` and ``log s + m``, with ``m = max z``. Its derivative by m is zero, so every
  adjoint keeps its equation (Blanchard, Higham & Higham, *Accurately computing the log-sum-exp
  and softmax functions*, 2021);
* **logarithms**: ``log p`` is ``z − m − log s`` for ``p = e/s``; for ``p = σ(z)`` it is
  ``−softplus(−z)``, and then ``log(1 − p)`` is ``−softplus(z)``;
* **seed**: an adjoint is linear in that of the loss, so a constant factor of all of them (η of
  gradient descent) multiplies only those that stand next to the loss.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import sympy as sp
from sympy import Expr, Indexed, exp, log

from symbp.core.chain import Derivation
from symbp.core.equations import Equation, Term, array, extent, indices_of, name_of, operands
from symbp.core.functions import sigmoid, softplus
from symbp.core.names import ADJOINT
from symbp.core.optimizers import G, Update
from symbp.core.scalars import Entries, write_out


@dataclass(frozen=True)
class Line:
    """One equation to compute; ``reducer`` is what joins its terms: sum or max."""

    equation: Equation
    reducer: str = "sum"
    adjoint: bool = False

    @property
    def name(self) -> str:
        """The name of what is computed."""
        return self.equation.name


Definitions = Mapping[str, Equation]


def stable_lines(derivation: Derivation, wanted: Sequence[str] = ()) -> tuple[Line, ...]:
    """The lines that compute what is wanted, in a stable form: the loss and the adjoints of the
    leaves where nothing else is said."""
    count = len(derivation.forward)
    forward = _logarithms(_shifted([Line(e) for e in derivation.equations[:count]]))
    backward = [Line(e, adjoint=True) for e in derivation.equations[count:]]
    leaves = [p.name for p in (*derivation.parameters, *derivation.inputs)]
    return needed([*forward, *backward],
                  wanted or [derivation.loss, *(n + ADJOINT for n in leaves)])  # fmt: skip


def needed(lines: Sequence[Line], wanted: Iterable[str]) -> tuple[Line, ...]:
    """The lines that ``wanted`` is computed from."""
    open_, kept = set(wanted), []
    for line in reversed(lines):
        if line.name in open_:
            kept.append(line)
            open_.update(map(name_of, line.equation.operands))
            open_.update(name_of(a) for u in line.equation.operands for i in indices_of(u)
                         for a in i.atoms(Indexed))
    return tuple(reversed(kept))


def folded(update: Update) -> tuple[Expr, Update]:
    """A factor η of the gradient that stands everywhere in an update, and the update without it.

    >>> from symbp.core.optimizers import SGD
    >>> folded(SGD(lr=0.5).update())
    (1/2, Update(weight=-g + w, state={}, shared={}))
    """
    if update.shared:
        return sp.S.One, update
    values = [sp.expand(v) for v in (*update.state.values(), update.weight)]
    factors = {abs(v.coeff(G)) for v in values if v.has(G)}
    if len(factors) != 1 or not all(f.is_positive for f in factors):
        return sp.S.One, update
    (factor,) = factors
    rule = {G: G / factor}
    state = {v: value.xreplace(rule) for v, value in update.state.items()}
    rest = Update(update.weight.xreplace(rule), state)
    linear = all(sp.diff(v, G, 2) == 0 for v in values)
    return (factor, rest) if linear else (sp.S.One, update)


def scaled(lines: Sequence[Line], factor: Expr) -> tuple[Line, ...]:
    """The lines with every adjoint multiplied by a factor, at those that start from the loss."""
    adjoints = {line.name for line in lines if line.adjoint}

    def term(t: Term) -> Term:
        seeded = any(name_of(use) in adjoints for use in operands(t.body))
        return t if seeded else Term(t.indices, factor * t.body, t.guard)

    return tuple(
        replace(a, equation=Equation(a.equation.target, tuple(map(term, a.equation.terms))))
        if a.adjoint else a
        for a in lines
    )


def written_out(lines: Iterable[Line], entries: Entries) -> list[tuple[Expr, Expr]]:
    """Each line's entries as assignments: a symbol and its value."""
    return [
        (e.target, _joined(line, [t.body for t in e.terms]))
        for line in lines
        for e in write_out([line.equation], entries)
    ]


def _joined(line: Line, bodies: list[Expr]) -> Expr:
    join = sp.Max if line.reducer == "max" else sp.Add
    return join(*bodies)


def _use(definition: Equation, use: Expr) -> Expr | None:
    """What a use stands for, where its definition is one body without a sum."""
    if len(definition.terms) != 1 or definition.terms[0].indices or definition.terms[0].guard:
        return None
    rule = dict(zip(definition.indices, indices_of(use), strict=True))
    return definition.terms[0].body.xreplace(rule)


def _shifted(lines: list[Line]) -> list[Line]:
    """The lines with every softmax, or log-sum-exp, shifted by its greatest exponent."""
    definitions = {line.name: line.equation for line in lines}
    for total in list(lines):
        uses = _exponentials(total.equation, definitions)
        if uses and _invariant(lines, total.name, {name_of(u) for u in uses}):
            lines = _shift(lines, total.equation, uses, definitions)
    return lines


def _exponentials(total: Equation, definitions: Definitions) -> list[Expr]:
    """The uses e of ``s = Σ e`` where each e is defined as an exponential; else none."""
    uses = [term.body for term in total.terms]
    if not all(operands(use) == (use,) for use in uses):
        return []
    known = all(
        name_of(use) in definitions
        and isinstance(_use(definitions[name_of(use)], use), exp)
        and not term.guard
        and len(set(indices_of(use))) == len(indices_of(use))
        for use, term in zip(uses, total.terms, strict=True)
    )
    alone = len({name_of(u) for u in uses}) == len(uses)
    return uses if known and alone else []


def _invariant(lines: Iterable[Line], total: str, parts: set[str]) -> bool:
    """Whether e and s are read only as e/s or log s: a common factor of both cancels."""
    factor = sp.Dummy(positive=True)
    for line in lines:
        if line.name == total or line.name in parts:
            continue
        for term in line.equation.terms:
            here = [u for u in operands(term.body) if name_of(u) in parts or name_of(u) == total]
            logs = {log(u): sp.Dummy(real=True) for u in here if name_of(u) == total}
            body = term.body.xreplace(logs)
            if body.xreplace({u: factor * u for u in here}) != body:
                return False
    return True


def _shift(
    lines: Sequence[Line], total: Equation, uses: list[Expr], definitions: Definitions
) -> list[Line]:
    greatest = f"{total.name}_max"
    bound = {
        name_of(use): _greatest(greatest, total, use, definitions[name_of(use)]) for use in uses
    }
    def exchanged(line: Line) -> Line:
        return replace(line, equation=_with_shift(line.equation, total, greatest, bound))

    # Whatever else reads e reads s with it, so e may wait until s is due, when every z is known.
    shifted: list[Line] = []
    for line in lines:
        if line.name == total.name:
            shifted.append(Line(_maximum(greatest, total, uses, definitions), "max"))
            shifted += [exchanged(part) for part in lines if part.name in bound]
        if line.name not in bound:
            shifted.append(exchanged(line))
    return shifted


def _maximum(
    greatest: str, total: Equation, uses: list[Expr], definitions: Definitions
) -> Equation:
    terms = []
    for use, term in zip(uses, total.terms, strict=True):
        value = _use(definitions[name_of(use)], use)
        assert value is not None
        terms.append(Term(term.indices, value.args[0]))
    return Equation(_entry(greatest, total.indices), tuple(terms))


def _greatest(greatest: str, total: Equation, use: Expr, definition: Equation) -> Expr:
    """m at the indices of the definition of e."""
    rule = dict(zip(indices_of(use), definition.indices, strict=True))
    return _entry(greatest, tuple(rule[i] for i in total.indices))


def _entry(name: str, letters: tuple[Expr, ...]) -> Expr:
    base = array(name, *(extent(i) for i in letters))
    return base[letters] if letters else base.label


def _with_shift(
    equation: Equation, total: Equation, greatest: str, bound: Mapping[str, Expr]
) -> Equation:
    """``exp(z)`` becomes ``exp(z − m)``, ``log s`` becomes ``log s + m``."""
    if equation.name in bound:
        exponent = equation.terms[0].body.args[0] - bound[equation.name]
        return Equation(equation.target, (Term((), exp(exponent)),))

    def term(t: Term) -> Term:
        logs = {
            log(use): log(use) + (_at(greatest, total, use)) for use in operands(t.body)
            if name_of(use) == total.name
        }
        return Term(t.indices, t.body.xreplace(logs), t.guard)

    return Equation(equation.target, tuple(map(term, equation.terms)))


def _at(greatest: str, total: Equation, use: Expr) -> Expr:
    base = array(greatest, *(extent(i) for i in total.indices))
    return base[indices_of(use)] if total.indices else base.label


def _logarithms(lines: list[Line]) -> list[Line]:
    definitions = {line.name: line.equation for line in lines if line.reducer == "sum"}

    def term(t: Term) -> Term:
        logs = {a: _log(a.args[0], definitions) for a in t.body.atoms(log)}
        return Term(t.indices, t.body.xreplace(logs), t.guard) if logs else t

    return [
        replace(a, equation=Equation(a.equation.target, tuple(map(term, a.equation.terms))))
        for a in lines
    ]


def _log(value: Expr, definitions: Definitions) -> Expr:
    """``log(value)`` by the definitions of what it reads; itself where none helps."""
    uses = operands(value)
    if len(uses) == 1 and name_of(uses[0]) in definitions:
        meaning = _use(definitions[name_of(uses[0])], uses[0])
        if value == uses[0] and meaning is not None:
            return _log_of(meaning, definitions) or log(value)
        if value == 1 - uses[0] and isinstance(meaning, sigmoid):
            return -softplus(meaning.args[0])
    return log(value)


def _log_of(meaning: Expr, definitions: Definitions) -> Expr | None:
    if isinstance(meaning, exp):
        return meaning.args[0]
    if isinstance(meaning, sigmoid):
        return -softplus(-meaning.args[0])
    parts = [factor.as_base_exp() for factor in sp.Mul.make_args(meaning)]
    if len(parts) > 1 and all(_positive(base, definitions) and p.is_Integer for base, p in parts):
        return sp.Add(*(p * _log(base, definitions) for base, p in parts))
    return None


def _positive(use: Expr, definitions: Definitions) -> bool:
    """Whether a use is an exponential, or a sum of them."""
    if operands(use) != (use,) or name_of(use) not in definitions:
        return False
    terms = definitions[name_of(use)].terms
    return all(isinstance(t.body, exp) or _positive(t.body, definitions) for t in terms)
