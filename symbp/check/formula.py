"""One formula against a derivation: the verdict on what somebody wrote for a gradient."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from symbp.check.judge import Side, link
from symbp.check.knowledge import Knowledge
from symbp.core.chain import Derivation
from symbp.core.program import Program
from symbp.decide import Outcome, Verdict
from symbp.read import latex, text
from symbp.read.errors import UnreadableError
from symbp.read.meaning import expression
from symbp.read.tree import Tree, quantities


def check_formula(derivation: Derivation | Program, formula: str) -> Verdict:
    r"""The verdict on a formula, in LaTeX or plain text, about the quantities of a derivation.

    ``\delta`` of a layer is the loss by that layer's pre-activation. A chain gets the verdict of its
    first link that is not equal. Raises UnreadableError where the formula has no single reading or
    names what the derivation does not have.

    >>> from symbp.core.chain import derive
    >>> from symbp.core.networks import mlp
    >>> d = derive(mlp([2, 2, 1], bias=False))
    >>> check_formula(d, r"\frac{\partial E}{\partial w^{(2)}_{11}} = (o - d)o(1-o)a^{(1)}_1").outcome
    <Outcome.equal: 'equal'>
    """
    (verdict,) = check_formulas(derivation, [formula])
    return verdict


def check_formulas(
    derivation: Derivation | Program, formulas: Iterable[str]
) -> Iterator[Verdict]:
    """The verdict on each formula, one after the other; the derivation is written out once."""
    knowledge = Knowledge()
    knowledge.adopt(derivation.forward if isinstance(derivation, Derivation) else derivation)
    for formula in formulas:
        yield _verdict(knowledge, formula)


def _verdict(knowledge: Knowledge, formula: str) -> Verdict:
    verdict = Verdict(Outcome.equal)
    reader = latex.read if "\\" in formula or "{" in formula else text.read
    for chain in reader(formula, knowledge.names):
        if len(chain.sides) < 2:
            raise UnreadableError("a formula needs a relation", *chain.span, "left = right")
        for left, right in pairwise([_side(knowledge, tree) for tree in chain.sides]):
            verdict = link(knowledge, left, right)
            if verdict.outcome != Outcome.equal:
                return verdict
    return verdict


def _side(knowledge: Knowledge, tree: Tree) -> Side:
    for quantity in quantities(tree):
        if not knowledge.knows(quantity.name):
            near = ", ".join(sorted(knowledge.names.quantities)[:8])
            raise UnreadableError(
                f"{quantity.name} is no quantity of this network", *quantity.span, near
            )
    return Side.of(knowledge, tree, expression(tree, {}))
