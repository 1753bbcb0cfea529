"""Which piece of a formula is wrong: the one that means what a diagnosis found there."""

from __future__ import annotations

from symbp.check.knowledge import Knowledge
from symbp.decide import Outcome, Verdict
from symbp.read.errors import UnreadableError
from symbp.read.meaning import expression
from symbp.read.tree import Chain, Negation, Number, Tree, walk
from symbp.write.phrases import Told


def wrong_piece(knowledge: Knowledge, chain: Chain, verdict: Verdict | None) -> Tree | None:
    """The smallest piece of the right side that is what stands in the place of the expected one.

    A printed number is wrong as a whole. None where no piece can be named.
    """
    if verdict is None or verdict.outcome not in (Outcome.different, Outcome.proportional):
        return None
    right = chain.sides[-1]
    text = verdict.diagnosis.text if verdict.diagnosis else ""
    found = text.slots.get("found") if isinstance(text, Told) else None
    pieces = [p for p in walk(right) if found is not None and _means(knowledge, p) == found]
    if pieces:
        return pieces[-1]
    whole = right.of if isinstance(right, Negation) else right
    return right if isinstance(whole, Number) else None


def _means(knowledge: Knowledge, piece: Tree) -> str | None:
    try:
        value = knowledge.resolve(expression(piece, knowledge.functions))
        hidden = value.is_Symbol and str(value).startswith("∂")
        return str(knowledge.definitions.get(str(value), value) if hidden else value)
    except UnreadableError:
        return None
