r"""Which known mistake explains a wrong gradient.

The true derivative is a list of local derivatives (``backward``); each hypothesis gives some of them
another value, walks other ways, or mends the formula as it was written (``hypotheses``). All of them
are run backward at once, in double precision at a few points, and compared with the claim, as it
stands and up to one constant; what agrees there is decided as any other pair is. So a diagnosis is a
statement that was proved: *with this one mistake the derivative is exactly what the formula says*.
One mistake is looked for first, then one with a wrong constant, then two.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain, islice
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import Expr, Integer, Rational, Symbol

from symbp.decide.backward import ROUTES, SOFTMAX, Backward, Edge, Edits, Route, adjoint_name
from symbp.decide.context import Context
from symbp.decide.graph import UndefinedError, UnsupportedError
from symbp.decide.hypotheses import LOCAL, SLIPS, UNKNOWN, Slip, local_edits
from symbp.decide.verdict import Outcome

LANES = 6
CLOSE = 1e-7
ORDER = (*SOFTMAX, *LOCAL, *ROUTES)
"""The order of belief of what may be wrong in the derivative."""
MOST_EDGES = 400
MOST_SINGLE = 4000
MOST_REWIRED = 40
MOST_SLIPS = 400
MOST_PROOFS = 12
MOST_STEPS = 20_000_000
LARGEST_FACTOR = 1000

Lanes = NDArray[np.float64]
NO_NETS: Sequence[tuple[Symbol | None, Backward | None]] = ((None, None),)


@dataclass(frozen=True)
class Fault:
    """One mistake: its kind, the local derivative ∂of/∂by at fault, what stands there, what should.

    ``factor`` is what a fault multiplies the derivative by; ``also`` is a second mistake.
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
    """A fault with what it makes of the derivative and of the claim, where it changes them."""

    fault: Fault
    edits: Edits
    net: Backward | None = None
    claim: Expr | None = None

    @property
    def rank(self) -> int:
        return ORDER.index(self.fault.kind)

    def then(self, other: Fault) -> _Hypothesis:
        return replace(self, fault=replace(self.fault, also=other))


def diagnose(
    context: Context,
    left: Expr,
    right: Expr,
    gradients: Mapping[Symbol, Backward],
    constants: Sequence[Symbol] = (),
    updated: Mapping[Symbol, Symbol] | None = None,
) -> Fault | None:
    """The mistake with which ``left`` becomes ``right``; None where no known one explains it.

    ``gradients`` gives for the symbols of ``left`` that stand for derivatives what they are made
    of; ``constants`` are learning rates and numbers of samples; ``updated`` leads from a weight to
    its name after an update.
    """
    known = sorted(left.free_symbols & gradients.keys(), key=str)
    nets = [(s, gradients[s]) for s in known if 0 < len(gradients[s].edges) <= MOST_EDGES]
    with suppress(UnsupportedError, UndefinedError):
        for symbol, net in nets or NO_NETS:
            search = _Search(context, left, right, symbol, net, constants, updated or {})
            if (fault := search.run()) is not None:
                return fault
    return None


class _Search:
    """The hypotheses about one derivative in one claim, or about a claim without any."""

    def __init__(
        self, context: Context, left: Expr, right: Expr, symbol: Symbol | None,
        net: Backward | None, constants: Sequence[Symbol], updated: Mapping[Symbol, Symbol],
    ) -> None:  # fmt: skip
        self.context, self.left, self.right = context, left, right
        self.symbol, self.net, self.constants, self.updated = symbol, net, constants, updated
        self.single = list(islice(_single(net), MOST_SINGLE)) if net else []
        self.rewired = list(islice(_rewired(net), MOST_REWIRED)) if net else []
        self.values: dict[Expr, Lanes] = {}

    def run(self) -> Fault | None:
        """The first that is proved: one mistake, one with a constant, two."""
        with np.errstate(all="ignore"):
            self._evaluate()
            return (
                self._proved(self._of_constant())
                or self._proved(h for h, ratio in self._alone(self.wanted) if ratio == 1)
                or self._proved(h for h, ratio in self._slipped() if ratio == 1)
                or self._proved(h.then(self._scaling(r)) for h, r in self._alone(self.wanted) if r != 1)
                or self._proved(h.then(self._scaling(r)) for h, r in self._slipped() if r != 1)
                or self._proved(self._with_named())
                or self._proved(self._pairs())
                or self._proved(self._slipped_pairs())
            )

    # -- looking -------------------------------------------------------------------------------

    def _evaluate(self) -> None:
        """Every term at every point; ``left`` is ``zero + slope·derivative``."""
        ends = [self.left, self.right]
        if self.symbol is not None:
            ends = [self.right, *(self.left.xreplace({self.symbol: Integer(n)}) for n in (0, 1))]
        all_ = [*self.single, *self.rewired]
        nets = [self.net, *(h.net for h in self.rewired)]
        terms = list(dict.fromkeys((
            *ends, *self.constants, *(v for h in all_ for v in h.edits.values()),
            *(edge.value for net in nets if net for edge in net.edges),
        )))  # fmt: skip
        self.values = dict(zip(terms, self.context.lanes(terms, LANES), strict=True))
        first, last = self.values[ends[-2]], self.values[ends[-1]]
        self.zero, self.slope = (first * 0, first) if self.symbol is None else (first, last - first)
        self.wanted = self._derivative(self.values[self.right])
        self.stack = self._stacked()
        self.plain = self._walk(self.net, {})
        self.rows = self._walk(self.net, self.stack)

    def _derivative(self, claim: Lanes) -> Lanes:
        """What the derivative would have to be for the claim to hold."""
        lanes: Lanes = (claim - self.zero) / self.slope
        return lanes

    def _stacked(self) -> dict[Edge, Lanes]:
        """The local derivatives that some single hypothesis changes, a row for each of them."""
        shape = (len(self.single), LANES)
        changed: dict[Edge, Lanes] = {}
        for row, hypothesis in enumerate(self.single):
            for edge, value in hypothesis.edits.items():
                if edge not in changed:
                    changed[edge] = np.broadcast_to(self.values[edge.value], shape).copy()
                changed[edge][row] = self.values[value]
        return changed

    def _walk(self, net: Backward | None, changed: Mapping[Edge, Lanes]) -> Lanes:
        """The derivative, with some local derivatives changed; 1 where there is none."""
        if net is None:
            return np.ones((1, LANES))
        adjoints: dict[Symbol, Any] = {net.of: np.ones((1, LANES))}
        for edge in net.edges:
            sent = adjoints[edge.of] * changed.get(edge, self.values[edge.value])
            adjoints[edge.by] = adjoints[edge.by] + sent if edge.by in adjoints else sent
        lanes: Lanes = adjoints.get(net.by, np.zeros((1, LANES)))
        return lanes

    # -- hypotheses ----------------------------------------------------------------------------

    def _of_constant(self) -> Iterator[_Hypothesis]:
        for _, ratio in _constants(_ratio(self.wanted, self.plain)):
            if ratio != 1:
                yield _Hypothesis(self._scaling(ratio), {})
        for kind, factor, lanes in self._named():
            for _, ratio in _constants(_ratio(self.wanted, self.plain * lanes)):
                yield _Hypothesis(Fault(kind, factor=_rational(ratio) * factor), {})

    def _named(self) -> Iterator[tuple[str, Expr, Lanes]]:
        for constant in self.constants:
            for power, kind in ((1, "times-constant"), (-1, "by-constant")):
                yield kind, constant**power, self.values[constant] ** power

    def _with_named(self) -> Iterator[_Hypothesis]:
        for kind, factor, lanes in self._named():
            for hypothesis, ratio in self._alone(self.wanted / lanes):
                yield hypothesis.then(Fault(kind, factor=_rational(ratio) * factor))

    def _scaling(self, ratio: Fraction) -> Fault:
        repeats = self.net.repeats if self.net else frozenset()
        kind = "sign" if ratio == -1 else "factor"
        if ratio > 2 and ratio in repeats and self.net and self.net.is_mean(ratio.numerator):
            kind = "sum-for-mean"
        elif 0 < ratio < Fraction(1, 2) and 1 / ratio in repeats:
            kind = "mean-for-sum"
        return Fault(kind, factor=_rational(ratio))

    def _alone(self, wanted: Lanes) -> Iterator[tuple[_Hypothesis, Fraction]]:
        """Each hypothesis about the derivative that fits, up to a constant."""
        fit = [(self.single[n], r) for n, r in _constants(_ratio(wanted, self.rows))]
        for hypothesis in self.rewired:
            row = self._walk(hypothesis.net, self._fixed(hypothesis))
            fit += [(hypothesis, r) for _, r in _constants(_ratio(wanted, row))]
        return iter(sorted(fit, key=lambda found: found[0].rank))

    def _fixed(self, hypothesis: _Hypothesis) -> Mapping[Edge, Lanes]:
        return {edge: self.values[value] for edge, value in hypothesis.edits.items()}

    def _pairs(self) -> Iterator[_Hypothesis]:
        most = MOST_STEPS // (1 + len(self.single) * len(self.net.edges if self.net else ()))
        places = [*enumerate(self.single), *((-1, h) for h in self.rewired)]
        for place, first in sorted(places, key=lambda at: at[1].rank)[:most]:
            rows = self._walk(first.net or self.net, {**self.stack, **self._fixed(first)})
            for row, ratio in _constants(_ratio(self.wanted, rows)):
                if ratio == 1 and place < row < len(self.single):
                    second = self.single[row]
                    if not second.edits.keys() & first.edits.keys():
                        both = replace(first, edits={**first.edits, **second.edits})
                        yield both.then(second.fault)

    def _slips(self) -> Iterator[tuple[str, Slip]]:
        for kind, rule in SLIPS.items():
            yield from ((kind, slip) for slip in rule(self.right, self.net, self.updated))

    def _fitting_slips(self, rows: Lanes) -> Iterator[tuple[int, _Hypothesis, Fraction]]:
        """Each slip with the derivative, a row of some, that it fits, up to a constant."""
        for kind, slip in islice(self._slips(), MOST_SLIPS):
            if slip.expected != UNKNOWN:
                (meant,) = self.context.lanes([slip.meant], LANES)
                fault = Fault(kind, found=slip.found, expected=slip.expected)
                for row, ratio in _constants(_ratio(self._derivative(meant), rows)):
                    yield row, _Hypothesis(fault, {}, None, slip.meant), ratio
                continue
            ends = [slip.meant.xreplace({UNKNOWN: Integer(n)}) for n in (0, 1)]
            zero, one = self.context.lanes(ends, LANES)
            for row, number in _constants((self.zero + self.slope * rows - zero) / (one - zero)):
                fault = Fault(kind, found=slip.found, expected=_rational(number))
                meant_ = slip.meant.xreplace({UNKNOWN: _rational(number)})
                yield row, _Hypothesis(fault, {}, None, meant_), Fraction(1)

    def _slipped(self) -> Iterator[tuple[_Hypothesis, Fraction]]:
        return ((h, ratio) for _, h, ratio in self._fitting_slips(self.plain))

    def _slipped_pairs(self) -> Iterator[_Hypothesis]:
        for row, slip, ratio in self._fitting_slips(self.rows if self.single else self.plain):
            if ratio == 1 and self.single:
                yield replace(self.single[row], claim=slip.claim).then(slip.fault)

    # -- proving -------------------------------------------------------------------------------

    def _proved(self, hypotheses: Iterable[_Hypothesis]) -> Fault | None:
        for hypothesis in islice(hypotheses, MOST_PROOFS):
            context, net = self.context, hypothesis.net or self.net
            mistaken: Expr = self.symbol or Integer(1)
            if net is not None and (hypothesis.edits or net is not self.net):
                context = context.extended(net.definitions(hypothesis.edits))
                mistaken = adjoint_name(net.of, net.by)
            mistaken *= _constant_of(hypothesis.fault)
            claimed = self.left.xreplace({self.symbol: mistaken}) if net else self.left * mistaken
            claim = self.right if hypothesis.claim is None else hypothesis.claim
            if context.decide(claimed, claim).outcome == Outcome.equal:
                return hypothesis.fault
        return None


def _single(net: Backward) -> Iterator[_Hypothesis]:
    """Every row of the table at every local derivative, and at all of a layer; then other ways."""
    seen: set[frozenset[tuple[Edge, Expr]]] = set()
    first, last = (
        ((kind, edits) for kind, way, edits in _ways(net, routes) if way is net)
        for routes in (SOFTMAX, ROUTES)
    )
    for kind, edits in chain(first, local_edits(net), last):
        key = frozenset(edits.items())
        if key not in seen and any(edge.value != value for edge, value in edits.items()):
            seen.add(key)
            edge, value = next(iter(edits.items()))
            found = (value, edge.value) if kind in LOCAL else ()
            yield _Hypothesis(Fault(kind, edge.of, edge.by, *found), edits)


def _ways(net: Backward, routes: Mapping[str, Route]) -> Iterator[tuple[str, Backward, Edits]]:
    return ((kind, *way) for kind, route in routes.items() for way in route(net))


def _rewired(net: Backward) -> Iterator[_Hypothesis]:
    """The other ways that lead through another net."""
    for kind, way, edits in chain(_ways(net, SOFTMAX), _ways(net, ROUTES)):
        if way is not net:
            yield _Hypothesis(Fault(kind, found=way.by, expected=net.by), edits, way)


def _ratio(wanted: Lanes, values: Lanes) -> Lanes:
    """Where both are 0, as beyond a kink, nothing is said: not a number."""
    both = (wanted == 0) & (values == 0)
    ratio: Lanes = np.where(both, np.nan, np.where(values == 0, np.inf, wanted / values))
    return ratio


def _constants(rows: Lanes) -> Iterator[tuple[int, Fraction]]:
    """The rows that are one small fraction, not 0, at every point where they say something."""
    told = ~np.isnan(rows)
    high = np.where(told, rows, -np.inf).max(axis=1)
    low = np.where(told, rows, np.inf).min(axis=1)
    size = np.where(told, np.abs(rows), 0).max(axis=1)
    level = (told.sum(axis=1) >= 2) & np.isfinite(size) & (high - low <= CLOSE * size)
    for row in np.flatnonzero(level):
        middle = float(np.nanmedian(rows[row]))
        guess = Fraction(middle).limit_denominator(LARGEST_FACTOR)
        if guess and abs(float(guess) - middle) <= CLOSE * abs(middle):
            yield int(row), guess


def _constant_of(fault: Fault) -> Expr:
    own = fault.factor if fault.factor is not None else Integer(1)
    return own * _constant_of(fault.also) if fault.also else own


def _rational(value: Fraction) -> Rational:
    return Rational(value.numerator, value.denominator)
