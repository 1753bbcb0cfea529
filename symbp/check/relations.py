"""What a relation of a formula does: an update, a value, a definition or a claim, and its verdict.

It is, in this order, the first that fits: an *update* (the left side is marked as new, or stands on
the right as well), a *value* (a new name set to a number), a *definition* (a new name, or a function
of letters), or a *claim*. Only the first relation of a chain is anything but a claim.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from difflib import get_close_matches
from fractions import Fraction

import sympy as sp
from sympy import Expr, Symbol

from symbp.check.diagnosis import diagnosed
from symbp.check.differentials import derived_by, last_loss, with_derivatives
from symbp.check.judge import Side, link
from symbp.check.knowledge import RATES, Knowledge
from symbp.check.statement import Kind
from symbp.core.equations import name_of, scalar
from symbp.core.names import Name, PlainNameError
from symbp.core.steps import partial
from symbp.decide import Diagnosis, Outcome, Verdict
from symbp.read.errors import UnreadableError
from symbp.read.meaning import Function, expression
from symbp.read.tree import Application, Chain, Change, Partial, Quantity, Tree, quantities
from symbp.write.phrases import told


def related(knowledge: Knowledge, chain: Chain, k: int) -> tuple[Kind, Verdict | None]:
    """What the k-th relation of a chain does, and the verdict on it; the knowledge grows by it.

    Raises :class:`UnreadableError` where it names what has not been met.
    """
    left, right = chain.sides[k - 1], chain.sides[k]
    if (loss := _loss(knowledge)) is not None:
        right = with_derivatives(right, loss, lambda q: knowledge.knows(q.name))
    if k == 1:
        for kind, fits, act in _ORDER:
            if fits(knowledge, left, chain.relations[0], right):
                return kind, act(knowledge, left, right)
    verdict = _claim(knowledge, left, right)
    _print(knowledge, chain, k)
    return Kind.claim, verdict


def _loss(knowledge: Knowledge) -> str | None:
    return knowledge.loss or last_loss(knowledge.equations)


def _is_differential(knowledge: Knowledge, left: Tree, relation: str, right: Tree) -> bool:
    """``dz = …`` for the derivative of the loss by z, where all on the right is known."""
    if not isinstance(left, Quantity) or left.indices or left.upper or knowledge.knows(left.name):
        return False
    of, loss = derived_by(left), _loss(knowledge)
    if of is None or loss is None or not knowledge.knows(of.name):
        return False
    below = {name_of(use) for line in knowledge.upstream(loss) for use in line.operands}
    known = (q.name for q in quantities(right))
    return of.name in below and all(n in knowledge.functions or knowledge.knows(n) for n in known)


def _differential(knowledge: Knowledge, left: Tree, right: Tree) -> Verdict:
    """The claim about the derivative; from here on, the name is what was written."""
    assert isinstance(left, Quantity)
    of, loss, number = derived_by(left), _loss(knowledge), _numeral(right)
    assert of is not None and loss is not None
    gradient = Partial(Quantity(loss), (of,), span=left.span)
    verdict = _claim(knowledge, gradient, right)
    knowledge.define(left.name, _meaning(knowledge, right if number is None else gradient))
    if number is not None:
        knowledge.printed[left.name] = number[0]
    return verdict


def _side(knowledge: Knowledge, tree: Tree) -> Side:
    return Side.of(knowledge, tree, _meaning(knowledge, tree))


def _meaning(knowledge: Knowledge, tree: Tree) -> Expr:
    return expression(tree, knowledge.functions)


def _numeral(tree: Tree) -> tuple[Fraction, Fraction | None] | None:
    """Value and unit where a side is one printed number."""
    return Side(tree, sp.S.Zero).numeral


def _claim(knowledge: Knowledge, left: Tree, right: Tree) -> Verdict:
    for side in (left, right):
        _all_known(knowledge, side)
    _note_derivatives(knowledge, left, right)
    return link(knowledge, _side(knowledge, left), _side(knowledge, right))


def _note_derivatives(knowledge: Knowledge, *sides: Tree) -> None:
    """The loss is what the first derivative derives; what it is derived by may be a weight."""
    for side in sides:
        for found in sorted(_meaning(knowledge, side).atoms(partial), key=str):
            of, by = (a.name for a in found.args)
            if knowledge.loss is None and knowledge.is_defined(of):
                knowledge.loss = of
            if of == knowledge.loss and not knowledge.is_defined(by):
                knowledge.derived_by.add(by)


def _print(knowledge: Knowledge, chain: Chain, k: int) -> None:
    """Remember a printed number, for calculations that carry it on."""
    number = _numeral(chain.sides[k])
    if number is None:
        return
    first = _side(knowledge, chain.sides[0]).value
    if isinstance(first, Symbol) and first.name not in knowledge.values:
        knowledge.printed[first.name] = number[0]


def _all_known(knowledge: Knowledge, tree: Tree) -> None:
    for quantity in quantities(tree):
        name = quantity.name
        if not knowledge.knows(name) and name not in knowledge.functions:
            near = get_close_matches(name, knowledge.names.quantities, 1, 0.5)
            raise UnreadableError(
                f"{name} has not been met before", *quantity.span,
                f"a definition or a value of it first{f', or {near[0]}' if near else ''}",
            )  # fmt: skip


def _know_all(knowledge: Knowledge, tree: Tree, letters: tuple[str, ...] = ()) -> None:
    """The names of a definition's right side that are new are free from here on."""
    for quantity in quantities(tree):
        if quantity.name not in knowledge.functions and quantity.name not in letters:
            knowledge.know(quantity.name)


def _is_update(knowledge: Knowledge, left: Tree, relation: str, right: Tree) -> bool:
    if not isinstance(left, Quantity) or left.indices or left.upper:
        return False
    name = _name(left)
    if name is None:
        return False
    again = any(q.name == left.name for q in quantities(right))
    if name.updated:
        return not knowledge.knows(left.name)
    return knowledge.knows(left.name) and (again or relation in ("<-", ":="))


def _name(quantity: Quantity) -> Name | None:
    try:
        return Name.parse(quantity.name)
    except PlainNameError:
        return None


def _update(knowledge: Knowledge, left: Tree, right: Tree) -> Verdict:
    """The step must be −η ∂E/∂w."""
    assert isinstance(left, Quantity)
    name = Name.parse(left.name)
    old = Name(name.base, name.layer, name.subscripts[:-1]) if name.updated else name
    weight = scalar(str(old))
    if not knowledge.knows(str(old)):
        raise UnreadableError(f"{old} has not been met before", *left.span, "its definition")
    rates = _rates(knowledge, right)
    _note_derivatives(knowledge, right)
    side = _side(knowledge, right)
    gradient = _gradient(knowledge, weight.name)
    if gradient is None:
        knowledge.update(str(old), side.value, reused=not name.updated)
        return Verdict(Outcome.undecided, reason=told("no loss"))
    eta = knowledge.resolve(scalar(rates[0])) if rates else sp.S.One
    if side.numeric:
        rate = next((knowledge.values[r] for r in RATES if r in knowledge.values), 1)
        knowledge.update(str(old), weight - sp.Rational(rate) * gradient, reused=False)
        target = scalar(str(old.as_updated()))
        verdict = link(knowledge, Side(left, target), side)
    else:
        verdict = _step(knowledge, weight, side.value, gradient, eta)
        knowledge.update(str(old), side.value, reused=not name.updated)
        if not name.updated and verdict.reason is None:
            verdict = replace(verdict, reason=told("name reused", name=old))
    return verdict


def _is_change(knowledge: Knowledge, left: Tree, relation: str, right: Tree) -> bool:
    """``Δw = …`` claims the step itself."""
    return isinstance(left, Change) and isinstance(left.of, Quantity)


def _change(knowledge: Knowledge, left: Tree, right: Tree) -> Verdict:
    assert isinstance(left, Change) and isinstance(left.of, Quantity)
    _all_known(knowledge, left)
    weight = scalar(left.of.name)
    rates = _rates(knowledge, right)
    _note_derivatives(knowledge, right)
    side = _side(knowledge, right)
    gradient = _gradient(knowledge, weight.name)
    if gradient is None:
        return Verdict(Outcome.undecided, reason=told("no loss"))
    eta = knowledge.resolve(scalar(rates[0])) if rates else sp.S.One
    if side.numeric:
        rate = next((knowledge.values[r] for r in RATES if r in knowledge.values), 1)
        return link(knowledge, Side(left, -sp.Rational(rate) * gradient), side)
    return _step(knowledge, weight, weight + side.value, gradient, eta)


def _step(knowledge: Knowledge, weight: Symbol, after: Expr, gradient: Expr, eta: Expr) -> Verdict:
    step = after - weight
    verdict = knowledge.context.decide(-eta * gradient, step)
    if verdict.outcome == Outcome.proportional and verdict.factor is not None:
        if verdict.factor > 0 and eta.is_number:
            reason = told("learning rate", rate=verdict.factor)
            return Verdict(Outcome.equal, reason=reason, certificates=verdict.certificates)
        if verdict.factor < 0:
            return replace(
                verdict, outcome=Outcome.different, factor=None,
                diagnosis=Diagnosis("sign", told("up the gradient")),
            )  # fmt: skip
    if verdict.outcome in (Outcome.different, Outcome.proportional):
        return replace(verdict, diagnosis=diagnosed(knowledge, -eta * gradient, step))
    return verdict


def _rates(knowledge: Knowledge, right: Tree) -> list[str]:
    """The learning rate's name: the one customary name that no formula defines."""
    rates = []
    for quantity in quantities(right):
        if quantity.name in RATES and not knowledge.is_defined(quantity.name):
            knowledge.know(quantity.name)
            rates.append(quantity.name)
        else:
            _all_known(knowledge, quantity)
    return rates


def _gradient(knowledge: Knowledge, weight: str) -> Expr | None:
    loss = knowledge.loss
    if loss is None or not knowledge.is_defined(loss):
        return None
    return knowledge.adjoint(loss, weight)


def _is_value(knowledge: Knowledge, left: Tree, relation: str, right: Tree) -> bool:
    return (
        isinstance(left, Quantity) and not left.indices and not left.upper
        and left.name not in knowledge.values
        and not knowledge.is_defined(left.name)
        and _numeral(right) is not None
    )  # fmt: skip


def _value(knowledge: Knowledge, left: Tree, right: Tree) -> None:
    assert isinstance(left, Quantity)
    number = _numeral(right)
    assert number is not None
    knowledge.set_value(left.name, *number)


def _is_definition(knowledge: Knowledge, left: Tree, relation: str, right: Tree) -> bool:
    if isinstance(left, Quantity):
        if left.indices or left.upper or any(q.name == left.name for q in quantities(right)):
            return False
        return not knowledge.knows(left.name)
    if not isinstance(left, Application) or left.primes:
        return False
    letters = [a.name for a in left.arguments if isinstance(a, Quantity)]
    if len(letters) != len(left.arguments) or len(set(letters)) != len(letters):
        return False
    known = knowledge.functions.get(left.function)
    if known is None:
        return True
    if letters == list(known.parameters) and _numeral(right) is None:
        raise UnreadableError(
            f"{left.function} is defined twice in this section", *left.span,
            "another name, or a heading before it",
        )  # fmt: skip
    return False


def _definition(knowledge: Knowledge, left: Tree, right: Tree) -> None:
    if isinstance(left, Application):
        letters = tuple(a.name for a in left.arguments if isinstance(a, Quantity))
        _know_all(knowledge, right, letters)
        body = knowledge.resolve(_meaning(knowledge, right))
        knowledge.define_function(left.function, Function(letters, body))
    else:
        assert isinstance(left, Quantity)
        _know_all(knowledge, right)
        knowledge.define(left.name, _meaning(knowledge, right))


_ORDER: tuple[tuple[Kind, Callable[..., bool], Callable[..., Verdict | None]], ...] = (
    (Kind.update, _is_update, _update),
    (Kind.update, _is_change, _change),
    (Kind.claim, _is_differential, _differential),
    (Kind.value, _is_value, _value),
    (Kind.definition, _is_definition, _definition),
)
