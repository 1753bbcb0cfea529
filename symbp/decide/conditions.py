"""Under which conditions a side has a value: arguments of logarithms and roots, and denominators.

Of denominators only those are told that one side has alone: there the other side goes on.
"""

from collections.abc import Iterator

import sympy as sp

from symbp.decide.graph import Node
from symbp.decide.lower import Lowering
from symbp.decide.terms import Term, Terms


def conditions_of(
    lowering: Lowering, terms: Terms, sides: tuple[Term, Term]
) -> Iterator[str]:
    """What is not shown by the form of the terms: ``x > 0``, ``x >= 0`` or ``x != 0``."""
    found = [_Side(lowering, terms, side) for side in sides]
    told = dict.fromkeys(condition for side in found for condition in side.domain)
    yield from told
    for one, other in (found, found[::-1]):
        for text, factors in one.denominators.items():
            if not factors <= other.factors and f"{text} > 0" not in told:
                yield f"{text} != 0"


class _Side:
    """The conditions of one side, in the order in which they are met."""

    def __init__(self, lowering: Lowering, terms: Terms, side: Term) -> None:
        self.domain: list[str] = []
        self.denominators: dict[str, frozenset[Node]] = {}
        self._lowering = lowering
        seen, stack = {side}, [side]
        while stack:
            term = stack.pop()
            self._look(terms.expressions[term], terms.parts[term])
            fresh = [part for part in terms.parts[term] if part not in seen]
            seen.update(fresh)
            stack.extend(fresh)

    @property
    def factors(self) -> frozenset[Node]:
        """What a denominator of this side consists of."""
        return frozenset().union(*self.denominators.values())

    def _look(self, term: sp.Basic, parts: tuple[Term, ...]) -> None:
        if not isinstance(term, sp.log | sp.Pow):
            return
        argument, exponent = term.args[0], None if isinstance(term, sp.log) else term.exp
        node = self._lowering.lower(parts[0])
        known = self._lowering.functions.bounds.of(node)
        if known.positive or (exponent is not None and exponent.is_Integer and exponent > 0):
            return
        if exponent is not None and exponent.is_Integer:
            self.denominators[str(argument)] = self._may_vanish(node)
        elif exponent is None or not exponent.is_Rational or exponent < 0:
            self.domain.append(f"{argument} > 0")
        elif not known.nonnegative:
            self.domain.append(f"{argument} >= 0")

    def _may_vanish(self, node: Node) -> frozenset[Node]:
        """The factors of a node that are not shown to have a sign."""
        graph, bounds = self._lowering.graph, self._lowering.functions.bounds
        _, powers = graph.factors(node)
        signed = [{n, graph.negative(n)} for n in powers]
        return frozenset(
            n for n, both in zip(powers, signed, strict=True)
            if not any(bounds.of(each).positive for each in both)
        )  # fmt: skip
