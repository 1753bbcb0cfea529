"""One formula against a derivation: the verdict on what somebody wrote for a gradient."""

from __future__ import annotations

from itertools import pairwise

import sympy as sp
from sympy import Expr

from symbp.check.judge import Side, link
from symbp.check.knowledge import Knowledge
from symbp.core.chain import Derivation
from symbp.core.names import Name
from symbp.core.program import Program
from symbp.core.steps import partial
from symbp.decide import Outcome, Verdict
from symbp.read import latex, text
from symbp.read.errors import UnreadableError
from symbp.read.meaning import expression
from symbp.read.tree import quantities


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
    program = derivation.forward if isinstance(derivation, Derivation) else derivation
    knowledge = Knowledge()
    adopt(knowledge, program.scalars())
    reader = latex.read if "\\" in formula or "{" in formula else text.read
    verdict = Verdict(Outcome.equal)
    for chain in reader(formula, knowledge.names):
        if len(chain.sides) < 2:
            raise UnreadableError("a formula needs a relation", *chain.span, "left = right")
        sides = []
        for tree in chain.sides:
            for quantity in quantities(tree):
                if not knowledge.knows(quantity.name):
                    near = ", ".join(sorted(knowledge.names.quantities)[:8])
                    raise UnreadableError(
                        f"{quantity.name} is no quantity of this network", *quantity.span, near
                    )
            sides.append(Side(tree, knowledge.resolve(expression(tree, {}))))
        for left, right in pairwise(sides):
            verdict = link(knowledge, left, right)
            if verdict.outcome != Outcome.equal:
                return verdict
    return verdict


def adopt(knowledge: Knowledge, scalars: Program) -> None:
    """Let a document know the quantities of a scalar program, with δ for the loss by each z."""
    knowledge.know(*(leaf.name for leaf in (*scalars.parameters, *scalars.inputs)))
    for equation in scalars:
        value: Expr = sp.Add(*(t.body for t in equation.terms))
        knowledge.define(equation.name, value)
    knowledge.loss = scalars.loss
    knowledge.derived_by |= {p.name for p in scalars.parameters}
    for equation in scalars:
        name = Name.parse(equation.name)
        if name.base == "z":
            delta = Name("delta", name.layer, name.subscripts)
            loss = scalars.definitions[scalars.loss].target
            knowledge.define(str(delta), partial(loss, equation.target))
