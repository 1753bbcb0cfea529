r"""``dZ^{[2]}``: courses write it for the derivative of the loss by Z, and then go on with it.

The first line that sets it, ``dZ = A - Y``, is a claim about that derivative and defines the name:
what follows uses what the author wrote, as a hand calculation uses its printed intermediates. Where no
line sets it, it is the derivative itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from symbp.core.equations import Equation, name_of
from symbp.read.latex_tables import LOSSES
from symbp.read.tree import Partial, Quantity, Tree, mapped


def derived_by(quantity: Quantity) -> Quantity | None:
    """Z of dZ; None for another name."""
    name = quantity.name
    if len(name) < 2 or name[0] != "d" or not name[1].isalpha():
        return None
    return replace(quantity, name=name[1:])


def last_loss(equations: Iterable[Equation]) -> str | None:
    """The one quantity called like a loss that no other is made of."""
    lines = tuple(equations)
    used = {name_of(use) for line in lines for use in line.operands}
    found = [
        line.name for line in lines
        if not line.indices and line.name not in used and line.name.split("_")[0] in LOSSES
    ]  # fmt: skip
    return found[0] if len(found) == 1 else None


def with_derivatives(tree: Tree, loss: str, is_known: Callable[[Quantity], bool]) -> Tree:
    """The tree with ∂loss/∂Z for each dZ that is no name of its own, where Z is one."""

    def rule(node: Tree) -> Tree | None:
        if not isinstance(node, Quantity):
            return None
        of = derived_by(node)
        if of is None or is_known(node) or not is_known(of):
            return None
        return Partial(Quantity(loss), (of,), span=node.span)

    return mapped(tree, rule)
