"""The known mistake that explains a wrong step."""

from __future__ import annotations

import ast

from symbp.decide import Diagnosis
from symbp.read.code.nodes import Node, below
from symbp.read.code.parameters import Parameter
from symbp.read.code.turn import Pass
from symbp.read.code.values import Broadcast


def cause_of(found: Pass, parameter: Parameter) -> Diagnosis | None:
    """The first stretched operation on which the wrong step rests."""
    reached = set(below(parameter.new)) - set(parameter.old)
    stretched = [
        b for b in found.broadcasts
        if b.left != b.result and b.right != b.result
        and any(n in reached for n in b.value.entries.flat)
    ]  # fmt: skip
    if not stretched:
        return None
    first = stretched[0]
    left, right = _sides(first)
    line = next(
        (found.assigned[s] for s in (left, right) if s in found.assigned
         and found.assigned[s] > found.line), first.line)  # fmt: skip
    text = (
        f"{left} has shape {first.left}, {right} has shape {first.right}: "
        f"line {first.line} stretches both to {first.result}"
    )
    stored = [b for b in found.broadcasts if b.value.shape == parameter.shape
              and b.right == b.result and b.where is None]  # fmt: skip
    if stored:
        last = stored[-1]
        text += f"; line {last.line} then adds {last.left} to every row of {parameter.name}"
    return Diagnosis("broadcast", text, line=line)


def still(found: Pass, parameter: Parameter, rate: Node | None) -> Diagnosis:
    """Why a parameter stays as it is."""
    leaf = found.graph.leaves.get(rate) if rate is not None else None
    if leaf is not None and leaf.value == 0 and parameter.old != parameter.new:
        return Diagnosis("rate", f"the learning rate {leaf.name} is 0")
    return Diagnosis("never updated", f"no line of the loop changes {parameter.name} by its gradient")


def _sides(stretched: Broadcast) -> tuple[str, str]:
    """Both sides of an operation as they stand in the source."""
    node = stretched.where
    if isinstance(node, ast.BinOp):
        return ast.unparse(node.left), ast.unparse(node.right)
    if isinstance(node, ast.Call) and len(node.args) == 2:
        return ast.unparse(node.args[0]), ast.unparse(node.args[1])
    return "the left side", "the right side"
