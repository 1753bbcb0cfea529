"""Where the value of a node can lie, from its form alone: interval bounds, open or closed.

Only what follows from the form for every real value of the symbols is claimed: exp(x) > 0,
0 < σ(x) < 1, 1 − tanh(x)² > 0, x² + 1 ≥ 1. Nothing here is needed for a verdict to be right; it
saves case distinctions and leaves fewer conditions to list.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from symbp.decide.graph import CALL, CONSTANT, POWER, PRODUCT, SUM, SYMBOL, Graph, Node


@dataclass(frozen=True)
class Bounds:
    """lower ≤ value ≤ upper; None is infinite, and an open end is not attained."""

    lower: Fraction | None = None
    upper: Fraction | None = None
    open_below: bool = True
    open_above: bool = True

    @property
    def positive(self) -> bool:
        """Certainly > 0."""
        return self.lower is not None and (self.lower > 0 or (self.lower == 0 and self.open_below))

    @property
    def nonnegative(self) -> bool:
        """Certainly ≥ 0."""
        return self.lower is not None and self.lower >= 0

    @property
    def nonpositive(self) -> bool:
        """Certainly ≤ 0."""
        return self.upper is not None and self.upper <= 0

    def scaled(self, factor: Fraction) -> "Bounds":
        """The bounds of factor · value."""
        lower = None if self.lower is None else factor * self.lower
        upper = None if self.upper is None else factor * self.upper
        if factor < 0:
            return Bounds(upper, lower, self.open_above, self.open_below)
        return Bounds(lower, upper, self.open_below, self.open_above)


ANYTHING = Bounds()
POSITIVE = Bounds(lower=Fraction(0))
NONNEGATIVE = Bounds(lower=Fraction(0), open_below=False)
UNIT_OPEN = Bounds(Fraction(0), Fraction(1))
UNIT_CLOSED = Bounds(Fraction(0), Fraction(1), False, False)
SYMMETRIC_OPEN = Bounds(Fraction(-1), Fraction(1))
SYMMETRIC_CLOSED = Bounds(Fraction(-1), Fraction(1), False, False)

RANGES: dict[str, Bounds] = {
    "exp": POSITIVE,
    "sigmoid": UNIT_OPEN,
    "tanh": SYMMETRIC_OPEN,
    "erf": SYMMETRIC_OPEN,
    "sin": SYMMETRIC_CLOSED,
    "cos": SYMMETRIC_CLOSED,
    "step": UNIT_CLOSED,
    "sqrt": NONNEGATIVE,
    "root": NONNEGATIVE,
    "pi": Bounds(Fraction(3), Fraction(4)),
}


class BoundsTable:
    """The bounds of every node of one graph, computed when asked for and kept."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._known: dict[Node, Bounds] = {}
        self.is_restricted = False
        self._rules: dict[int, Callable[[Node], Bounds]] = {
            CONSTANT: self._constant,
            SYMBOL: lambda _: ANYTHING,
            SUM: self._sum,
            PRODUCT: self._product,
            POWER: self._power,
            CALL: self._call,
        }

    def assume_positive(self, node: Node) -> None:
        """From now on the node counts as > 0.

        If it is no symbol, the points that are left may be no convex set: ``is_restricted``.
        """
        self._known[node] = POSITIVE
        self.is_restricted |= self._graph.kinds[node] != SYMBOL

    def of(self, node: Node) -> Bounds:
        """The bounds of one node."""
        kinds = self._graph.kinds
        for inner in self._graph.reach([node], self._known):
            self._known[inner] = self._rules[kinds[inner]](inner)
        return self._known[node]

    def _children(self, node: Node) -> list[Bounds]:
        return [self._known[child] for child in self._graph.children[node]]

    def _constant(self, node: Node) -> Bounds:
        value = self._graph.payloads[node]
        return Bounds(value, value, False, False)

    def _sum(self, node: Node) -> Bounds:
        parts = self._children(node)
        return Bounds(
            _total([part.lower for part in parts]),
            _total([part.upper for part in parts]),
            any(part.open_below for part in parts),
            any(part.open_above for part in parts),
        )

    def _product(self, node: Node) -> Bounds:
        factor, result = Fraction(1), Bounds(Fraction(1), Fraction(1), False, False)
        for part in self._children(node):
            if part.lower is not None and part.lower == part.upper:
                factor *= part.lower
                continue
            if part.nonpositive:
                factor, part = -factor, part.scaled(Fraction(-1))
            both = result.nonnegative and part.nonnegative
            result = (_product_of_nonnegative if both else _product_of_bounded)(result, part)
        return result.scaled(factor)

    def _power(self, node: Node) -> Bounds:
        exponent = self._graph.payloads[node]
        base = self._known[self._graph.children[node][0]]
        if exponent % 2 == 0 and base.nonpositive:
            base = base.scaled(Fraction(-1))
        if base.nonnegative:
            return _power_of_nonnegative(base, exponent)
        if exponent % 2:
            return ANYTHING
        if exponent < 0:
            return POSITIVE
        if base.lower is None or base.upper is None:
            return NONNEGATIVE
        reach = max(-base.lower, base.upper)
        is_open = (base.open_above or base.upper < reach) and (
            base.open_below or -base.lower < reach
        )
        return Bounds(Fraction(0), reach**exponent if exponent < 64 else None, False, is_open)

    def _call(self, node: Node) -> Bounds:
        name = self._graph.payloads[node]
        if name == "log" and _above_one(self._known[self._graph.children[node][0]]):
            return POSITIVE
        if name in ("sqrt", "root") and self._known[self._graph.children[node][0]].positive:
            return POSITIVE
        return RANGES.get(name, ANYTHING)


def _above_one(bounds: Bounds) -> bool:
    return bounds.scaled(Fraction(1)).lower is not None and _shifted_down(bounds).positive


def _shifted_down(bounds: Bounds) -> Bounds:
    lower = None if bounds.lower is None else bounds.lower - 1
    return Bounds(lower, None, bounds.open_below)


def _total(ends: list[Fraction | None]) -> Fraction | None:
    finite = [end for end in ends if end is not None]
    return sum(finite, Fraction(0)) if len(finite) == len(ends) else None


def _product_of_nonnegative(left: Bounds, right: Bounds) -> Bounds:
    lower = (left.lower or Fraction(0)) * (right.lower or Fraction(0))
    infinite = left.upper is None or right.upper is None
    upper = None if infinite else (left.upper or Fraction(0)) * (right.upper or Fraction(0))
    strict = left.positive and right.positive
    open_below = strict if lower == 0 else left.open_below or right.open_below
    return Bounds(lower, upper, open_below, left.open_above or right.open_above)


def _product_of_bounded(left: Bounds, right: Bounds) -> Bounds:
    """The extremes are products of ends; an end that nothing reaches makes them unreached."""
    corners = []
    for one, one_open in ((left.lower, left.open_below), (left.upper, left.open_above)):
        for other, other_open in ((right.lower, right.open_below), (right.upper, right.open_above)):
            if one is None or other is None:
                return ANYTHING
            corners.append((one * other, one_open or other_open))
    lower, open_below = min(corners)
    upper, reached = max((value, not is_open) for value, is_open in corners)
    return Bounds(lower, upper, open_below, not reached)


def _power_of_nonnegative(base: Bounds, exponent: int) -> Bounds:
    if abs(exponent) >= 64:
        return POSITIVE if base.positive or exponent < 0 else NONNEGATIVE
    if exponent > 0:
        upper = None if base.upper is None else base.upper**exponent
        lower = (base.lower or Fraction(0)) ** exponent
        return Bounds(lower, upper, base.open_below, base.open_above)
    lower = Fraction(0) if not base.upper else base.upper**exponent
    upper = base.lower**exponent if base.lower else None
    return Bounds(lower, upper, not base.upper or base.open_above, base.open_below)
