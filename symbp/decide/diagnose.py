r"""Which known mistake explains a wrong gradient.

The true derivative is a list of local derivatives (``backward``); each hypothesis gives some of them
another value (``hypotheses``). All hypotheses are run backward at once, in double precision at a few
points, and compared with the claim, as it stands and up to one constant; what agrees there is
decided as any other pair is. So a diagnosis is a statement that was proved: *with this one mistake the
derivative is exactly what the formula says*. One mistake is looked for first, then one with a wrong
constant, then two.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations, islice
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import Add, Expr, Integer, Rational, Symbol

from symbp.decide.backward import Backward, Edge, Edits, adjoint_name
from symbp.decide.context import Context
from symbp.decide.graph import UndefinedError, UnsupportedError
from symbp.decide.hypotheses import LOCAL, ROUTES
from symbp.decide.verdict import Outcome

LANES = 6
CLOSE = 1e-7
MOST_EDGES = 400
MOST_SINGLE = 4000
MOST_PAIRS = 40_000
AT_ONCE = 4000
LARGEST_FACTOR = 1000

Lanes = NDArray[np.float64]


@dataclass(frozen=True)
class Fault:
    """One mistake: its kind, the local derivative ∂of/∂by at fault, what stands there, what should.

    ``factor`` is the constant that a fault multiplies the derivative by. A
    second mistake in the same formula is ``also``.
    """

    kind: str
    of: Symbol | None = None
    by: Symbol | None = None
    found: Expr | None = None
    expected: Expr | None = None
    factor: Expr | None = None
    also: Fault | None = None


@dataclass(frozen=True)
class _Hypothesis:
    fault: Fault
    edits: Edits


def diagnose(
    context: Context,
    left: Expr,
    right: Expr,
    gradients: Mapping[Symbol, Backward],
    constants: Sequence[Symbol] = (),
) -> Fault | None:
    """The mistake with which ``left`` becomes ``right``; None where no known one explains it.

    ``gradients`` gives for the symbols of ``left`` that stand for derivatives what they are made
    of; ``constants`` are learning rates and numbers of samples.
    """
    try:
        for symbol in sorted(left.free_symbols & gradients.keys(), key=str):
            fault = _Search(context, left, right, symbol, gradients[symbol], constants).run()
            if fault is not None:
                return fault
        return _constant(context, left, right)
    except (UnsupportedError, UndefinedError):
        return None


class _Search:
    """The hypotheses about one derivative in one claim."""

    def __init__(
        self, context: Context, left: Expr, right: Expr, symbol: Symbol, net: Backward,
        constants: Sequence[Symbol],
    ) -> None:  # fmt: skip
        self.context, self.left, self.right = context, left, right
        self.symbol, self.net, self.constants = symbol, net, constants
        self.values: dict[Expr, Lanes] = {}

    def run(self) -> Fault | None:
        """The first that is proved: one mistake, one with a constant, two."""
        if not 0 < len(self.net.edges) <= MOST_EDGES:
            return None
        single = list(islice(_single(self.net), MOST_SINGLE))
        self._evaluate(single)
        ratios = self._ratios([_Hypothesis(Fault("none"), {}), *single])
        return (
            self._proved(self._of_constant(ratios[:1]))
            or self._proved(h for h, r in zip(single, ratios[1:], strict=True) if r == 1)
            or self._proved(self._lost_parentheses())
            or self._proved(self._scaled(single, ratios[1:]))
            or self._proved(self._pairs(single))
        )

    def _evaluate(self, single: Sequence[_Hypothesis]) -> None:
        zero, one = (self.left.xreplace({self.symbol: Integer(n)}) for n in (0, 1))
        terms = list(dict.fromkeys((
            zero, one, self.right, *self.constants, *(e.value for e in self.net.edges),
            *(v for h in single for v in h.edits.values()),
        )))  # fmt: skip
        self.values = dict(zip(terms, self.context.lanes(terms, LANES), strict=True))
        slope = self.values[one] - self.values[zero]
        with np.errstate(all="ignore"):
            self.wanted = (self.values[self.right] - self.values[zero]) / slope

    def _run_back(self, hypotheses: Sequence[_Hypothesis]) -> Lanes:
        """The derivative by each hypothesis, at each point."""
        changed: dict[Edge, Lanes] = {}
        shape = (len(hypotheses), LANES)
        for row, hypothesis in enumerate(hypotheses):
            for edge, value in hypothesis.edits.items():
                if edge not in changed:
                    changed[edge] = np.broadcast_to(self.values[edge.value], shape).copy()
                changed[edge][row] = self.values[value]
        adjoints: dict[Symbol, Any] = {self.net.of: np.ones((1, LANES))}
        for edge in self.net.edges:
            sent = adjoints[edge.of] * changed.get(edge, self.values[edge.value])
            adjoints[edge.by] = adjoints[edge.by] + sent if edge.by in adjoints else sent
        return np.broadcast_to(adjoints[self.net.by], shape)

    def _ratios(self, hypotheses: Sequence[_Hypothesis]) -> list[Fraction | None]:
        """The constant between the claim and each hypothesis, where there is one."""
        with np.errstate(all="ignore"):
            ratios = _ratio(self.wanted, self._run_back(hypotheses))
        return [_simple(ratio) for ratio in ratios]

    def _of_constant(self, ratios: Sequence[Fraction | None]) -> Iterator[_Hypothesis]:
        for ratio in ratios:
            if ratio not in (None, 1):
                yield _Hypothesis(_factor_fault(ratio), {})
        plain = self._run_back([_Hypothesis(Fault("none"), {})])[0]
        for constant in self.constants:
            for power, kind in ((1, "times-constant"), (-1, "by-constant")):
                factor = constant**power
                with np.errstate(all="ignore"):
                    ratio = _simple(_ratio(self.wanted, plain * self.values[constant] ** power))
                if ratio is not None:
                    yield _Hypothesis(Fault(kind, factor=_rational(ratio) * factor), {})

    def _scaled(
        self, single: Sequence[_Hypothesis], ratios: Sequence[Fraction | None]
    ) -> Iterator[_Hypothesis]:
        for hypothesis, ratio in zip(single, ratios, strict=True):
            if ratio not in (None, 1):
                also = _factor_fault(ratio)
                yield replace(hypothesis, fault=replace(hypothesis.fault, also=also))

    def _pairs(self, single: Sequence[_Hypothesis]) -> Iterator[_Hypothesis]:
        local = list(combinations(single[: int((2 * MOST_PAIRS) ** 0.5)], 2))
        apart = [(a, b) for a, b in local if not a.edits.keys() & b.edits.keys()]
        for start in range(0, len(apart), AT_ONCE):
            both = [
                _Hypothesis(replace(a.fault, also=b.fault), {**a.edits, **b.edits})
                for a, b in apart[start : start + AT_ONCE]
            ]
            yield from (h for h, r in zip(both, self._ratios(both), strict=True) if r == 1)

    def _lost_parentheses(self) -> Iterator[_Hypothesis]:
        """u − v·rest for (u − v)·rest, as the last of several factors."""
        path = self.net.path
        if path is None:
            return
        for position, edge in enumerate(path):
            for part in edge.value.args if edge.value.is_Mul else (edge.value,):
                if isinstance(part, Add):
                    before = _product(e.value for e in path[:position])
                    after = _product(e.value for e in path[position + 1 :])
                    rest = edge.value / part
                    fault = Fault("parentheses-lost", edge.of, edge.by, None, part)
                    for first in part.args:
                        for near, far in ((before * rest, after), (before, rest * after)):
                            whole = near * first + (part - first) * far
                            others = {e: Integer(1) for e in path[1:]}
                            yield _Hypothesis(fault, {path[0]: whole, **others})

    def _proved(self, hypotheses: Iterable[_Hypothesis]) -> Fault | None:
        for hypothesis in islice(hypotheses, 12):
            context = self.context.extended(self.net.definitions(hypothesis.edits))
            mistaken = adjoint_name(self.net.of, self.net.by) * _constant_of(hypothesis.fault)
            claimed = self.left.xreplace({self.symbol: mistaken})
            if context.decide(claimed, self.right).outcome == Outcome.equal:
                return hypothesis.fault
        return None


def _single(net: Backward) -> Iterator[_Hypothesis]:
    """Every row of the table at every local derivative, and at all of a layer."""
    seen: set[tuple[tuple[Edge, Expr], ...]] = set()

    def new(edits: Edits) -> bool:
        key = tuple(sorted(edits.items(), key=str))
        fresh = key not in seen and any(edge.value != value for edge, value in edits.items())
        seen.add(key)
        return fresh

    for kind, rule in LOCAL.items():
        layers: dict[tuple[Any, ...], dict[Edge, Expr]] = {}
        for edge in net.edges:
            for n, value in enumerate(dict.fromkeys(rule(edge, net))):
                layers.setdefault((*edge.family, n), {})[edge] = value
                if new({edge: value}):
                    fault = Fault(kind, edge.of, edge.by, value, edge.value)
                    yield _Hypothesis(fault, {edge: value})
        for together in layers.values():
            if len(together) > 1 and new(together):
                edge, value = next(iter(together.items()))
                yield _Hypothesis(Fault(kind, edge.of, edge.by, value, edge.value), together)
    for kind, route in ROUTES.items():
        for edits in route(net):
            if new(edits):
                edge = next(iter(edits))
                yield _Hypothesis(Fault(kind, edge.of, edge.by), edits)


def _constant(context: Context, left: Expr, right: Expr) -> Fault | None:
    """A number of the formula that has to be another one."""
    numbers = sorted((n for n in right.atoms(Rational) if n not in (0, -1)), key=str)
    for number in numbers[:20]:
        unknown = Symbol("number?", real=True)
        open_ = right.xreplace({number: unknown})
        if open_ == unknown or not open_.has(unknown):
            continue
        at = [open_.xreplace({unknown: Integer(n)}) for n in (0, 1)]
        truth, zero, one = context.lanes([left, *at], LANES)
        with np.errstate(all="ignore"):
            found = _simple((truth - zero) / (one - zero))
        if found is not None:
            mended = open_.xreplace({unknown: _rational(found)})
            if context.decide(left, mended).outcome == Outcome.equal:
                return Fault("constant", found=number, expected=_rational(found))
    return None


def _ratio(wanted: Lanes, values: Lanes) -> Lanes:
    """Where both are 0, as beyond a kink, nothing is said: not a number."""
    both = (wanted == 0) & (values == 0)
    ratio: Lanes = np.where(both, np.nan, np.where(values == 0, np.inf, wanted / values))
    return ratio


def _simple(ratio: Lanes) -> Fraction | None:
    """The small fraction that a ratio is at every point where it says something."""
    told = ratio[~np.isnan(ratio)]
    if len(told) < 2 or not np.all(np.isfinite(told)):
        return None
    if np.ptp(told) > CLOSE * np.max(np.abs(told)):
        return None
    middle = float(np.median(told))
    guess = Fraction(middle).limit_denominator(LARGEST_FACTOR)
    near = guess and abs(float(guess) - middle) <= CLOSE * abs(middle)
    return guess if near else None


def _factor_fault(ratio: Fraction | None) -> Fault:
    assert ratio is not None
    return Fault("sign" if ratio == -1 else "factor", factor=_rational(ratio))


def _constant_of(fault: Fault) -> Expr:
    own = fault.factor if fault.factor is not None else Integer(1)
    return own * _constant_of(fault.also) if fault.also else own


def _rational(value: Fraction) -> Rational:
    return Rational(value.numerator, value.denominator)


def _product(values: Iterable[Expr]) -> Expr:
    total: Expr = Integer(1)
    for value in values:
        total = total * value
    return total
