"""What one turn did to each parameter, against the gradient of one loss.

The turn is a list of scalar equations that ends in the loss L; the chain rule gives ∂L/∂p, and for
every entry of every parameter ``p_new − p_old = −η ∂L/∂p`` is decided. η is one named number of the
script (or one made of such numbers and the counter: a schedule), else 1; all other named numbers
are what the script says they are.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import sympy as sp
from sympy import Expr, Symbol

from symbp.check.code.entries import NEUTRAL, define, disagree, together
from symbp.check.code.forms import terms
from symbp.core.chain import derive
from symbp.core.equations import name_of
from symbp.core.program import Program
from symbp.decide import Context, Diagnosis, Outcome, Verdict, Witness
from symbp.read.code.equations import Equations
from symbp.read.code.nodes import Kind, Node, below
from symbp.read.code.parameters import Parameter
from symbp.read.code.turn import Pass

BADNESS: Mapping[Outcome, int] = {
    Outcome.equal: 0, Outcome.proportional: 1, Outcome.undecided: 2, Outcome.not_updated: 3,
    Outcome.different: 4, Outcome.unreadable: 5,
}  # fmt: skip
MAX_RATES = 6
FEW_KINKS = 3
POINTS = 6
KINKS = "more kinks than are decided; at the points that were looked at it is right up to a factor"
FEW = 1
"""Up to so many entries are judged one by one at once."""
ONE_TURN = "the number of the turn is in the update; the turns that were followed are right"
"""What is known of a verdict that holds in one turn and need not hold in others."""


@dataclass(frozen=True)
class Judged:
    """The verdicts on the parameters that the loss depends on, and the learning rate."""

    parameters: tuple[Parameter, ...]
    verdicts: tuple[Verdict, ...]
    rate: Node | None
    root: Node

    @property
    def badness(self) -> int:
        """How far all of it is from equal."""
        return sum(BADNESS[v.outcome] for v in self.verdicts)

    @property
    def follows(self) -> bool:
        """Whether any step is one along the gradient."""
        return any(v.outcome in (Outcome.equal, Outcome.proportional) for v in self.verdicts)


def plainly(found: Pass, root: Node) -> Judged:
    """The verdicts with the learning rate that fits best; the first of equally good ones."""
    tried: list[Judged] = []
    for rate in (*_schedules(found, root), *_rates(found, root), None):
        tried.append(_with_rate(found, root, rate))
        if not tried[-1].badness:
            break
    return min(tried, key=lambda j: j.badness)


def _schedules(found: Pass, root: Node) -> tuple[Node, ...]:
    """What multiplies a whole step and is made of named numbers and the turn's number."""
    graph = found.graph
    factors: dict[Node, None] = {}
    for parameter in found.parameters:
        old, new = parameter.old[0], parameter.new[0]
        factors |= {f: None for f, n in terms(graph, new, graph.one) if n is not old}
    counted = [f for f in factors if f.kinds & Kind.counter]
    return tuple(map(graph.negate, counted[:MAX_RATES]))


def _rates(found: Pass, root: Node) -> tuple[Node, ...]:
    """Numbers that the steps read and the loss does not."""
    read = set(below([root]))
    used = set(below(n for p in found.parameters for n in p.new))
    fit = [r for r in found.rates if r in used and r not in read]
    return tuple(fit[-MAX_RATES:])


def _with_rate(found: Pass, root: Node, rate: Node | None) -> Judged:
    free = _Steps(found, root, rate, pinned=False, free_steps=True)
    verdicts = list(free.verdicts())
    if free.kinks and any(_may_rest_on_turn(v) for v in verdicts):
        real = _Steps(found, root, rate, pinned=False)
        for k, verdict in enumerate(verdicts):
            if verdict.outcome in (Outcome.different, Outcome.undecided):
                verdicts[k] = real.verdict_at_kinks(k)
    if any(_may_rest_on_turn(v) for v in verdicts) and free.counted:
        fixed = _Steps(found, root, rate, pinned=True).verdicts()
        verdicts = [_both(a, b) for a, b in zip(verdicts, fixed, strict=True)]
    if rate is not None:
        bad = [k for k, v in enumerate(verdicts) if v.outcome == Outcome.different]
        if bad and len(bad) < len(verdicts):
            plain = _Steps(found, root, None, pinned=True)
            for k in bad:
                verdicts[k] = _rate_left_out(plain, k, rate, verdicts[k])
    return Judged(free.parameters, tuple(verdicts), rate, root)


def _may_rest_on_turn(verdict: Verdict) -> bool:
    return verdict.outcome in (Outcome.different, Outcome.undecided, Outcome.proportional)


def _both(free: Verdict, fixed: Verdict) -> Verdict:
    """One verdict from that for any turn and that for this one."""
    if free.outcome in (Outcome.equal, Outcome.not_updated):
        return free
    if free.outcome == Outcome.proportional and free.factor == fixed.factor:
        return free
    return fixed if fixed.outcome == Outcome.undecided else replace(fixed, reason=ONE_TURN)


def _rate_left_out(plain: _Steps, number: int, rate: Node, verdict: Verdict) -> Verdict:
    """A step that is right up to the learning rate that all other steps have."""
    leaf = plain.found.graph.leaves.get(rate)
    if leaf is None:
        return verdict
    other = plain.verdict(number, Fraction(repr(leaf.value)))
    if other.outcome not in (Outcome.equal, Outcome.proportional):
        return verdict
    text = f"this step is not multiplied by {leaf.name} as the others are"
    return replace(other, diagnosis=Diagnosis("rate", text, line=plain.parameters[number].line))


class _Steps:
    """The equations of one turn, their adjoints, and the context that decides."""

    def __init__(
        self, found: Pass, root: Node, rate: Node | None, *, pinned: bool, free_steps: bool = False
    ) -> None:
        self.found, self.root, self.rate = found, root, rate
        read = set(below([root]))
        self.parameters = tuple(p for p in found.parameters if read & set(p.old))
        every = [n for p in found.parameters for n in (*p.old, *p.new)]
        roots = [*every, root, *([rate] if rate is not None else [])]
        known = {n for n in below(roots) if n in found.graph.leaves}
        kept = set(below([rate])) if rate is not None else set()
        self.counted = any(n.kinds & Kind.counter for n in known)
        fixed = {
            n for n in known - kept
            if found.graph.leaves[n].kind & (Kind.named | (Kind.counter if pinned else Kind(0)))
        }  # fmt: skip
        self.kinks = sum(n.operation == "step" for n in below(roots))
        self.equations = Equations(found.graph, roots, fixed, free_steps=free_steps)
        self.context = Context()
        define(self.context, self.equations.lines)
        self.adjoints = self._adjoints()
        self._maximum: bool | None = None

    def _adjoints(self) -> dict[str, Expr]:
        target = self.equations.of(self.root)
        if not isinstance(target, Symbol):
            return {}
        by_target = {e.target: e for e in self.equations.lines}
        symbols = [self.equations.of(node) for node in below([self.root])]
        lines = [by_target[s] for s in symbols if s in by_target]
        if not lines:
            return {}
        program = Program.of(lines, (), target.name)
        shifts = [n for n in below([self.root]) if n in self.found.graph.leaves
                  and self.found.graph.leaves[n].kind & Kind.shift]  # fmt: skip
        state = {name_of(self.equations.of(n)) for p in self.parameters for n in (*p.old, *shifts)}
        leaves = [leaf.name for leaf in program.inputs if leaf.name in state]
        derivation = derive(program, leaves)
        define(self.context, derivation.adjoints.values())
        return {name: e.target for name, e in derivation.adjoints.items()}

    def verdicts(self) -> tuple[Verdict, ...]:
        """The verdict on each parameter."""
        rate = self.equations.of(self.rate) if self.rate is not None else sp.S.One
        followed = [p for p in self.parameters if self._not_followed(p) is None]
        if len(followed) == len(self.parameters) > 1:
            pairs = [pair for p in followed for pair in zip(p.old, p.new, strict=True)]
            whole = self._at_once(pairs, rate)
            if whole is not None:
                return (whole,) * len(followed)
        return tuple(self.verdict(k, rate) for k in range(len(self.parameters)))

    def verdict_at_kinks(self, number: int) -> Verdict:
        """The verdict on a parameter where the sides of kinks matter: all sides, or points."""
        rate = self.equations.of(self.rate) if self.rate is not None else sp.S.One
        if self.kinks <= FEW_KINKS:
            return self.verdict(number, rate)
        parameter = self.parameters[number]
        reason = self._not_followed(parameter)
        if reason is not None:
            return Verdict(Outcome.undecided, reason=reason)
        chance = random.Random(number)
        seen: list[tuple[Fraction, Fraction]] = []
        for _ in range(POINTS):
            at = {name: Fraction(chance.randint(-64, 64), 64) for name in self.equations.values}
            for old, new in list(zip(parameter.old, parameter.new, strict=True))[:POINTS]:
                before = self.equations.of(old)
                wanted = -rate * self.adjoints.get(name_of(before), sp.S.Zero)
                sides = self._sides(wanted, self.equations.of(new) - before, at)
                if sides is not None:
                    seen.append(sides)
                    if disagree(seen):
                        left, right = (f"{float(side):.6g}" for side in sides)
                        return Verdict(Outcome.different, witness=Witness(at, left, right))
        if seen and any(left for left, _ in seen) and not any(right for _, right in seen):
            return Verdict(Outcome.not_updated)
        return Verdict(Outcome.undecided, reason=KINKS)

    def _sides(
        self, wanted: Expr, step: Expr, at: Mapping[str, Fraction]
    ) -> tuple[Fraction, Fraction] | None:
        """Both sides at a point, to thirty digits."""
        found = [self.context.enclose(sp.sympify(side), at) for side in (wanted, step)]
        if any(f is None for f in found):
            return None
        left, right = ((f.lower + f.upper) / 2 for f in found if f is not None)
        return left, right

    def verdict(self, number: int, rate: Expr | Fraction) -> Verdict:
        """The verdict on one parameter with a learning rate."""
        parameter = self.parameters[number]
        reason = self._not_followed(parameter)
        if reason is not None:
            return Verdict(Outcome.undecided, reason=reason)
        eta = sp.Rational(rate.numerator, rate.denominator) if isinstance(rate, Fraction) else rate
        pairs = list(zip(parameter.old, parameter.new, strict=True))
        if len(pairs) > FEW:
            whole = self._at_once(pairs, eta)
            if whole is not None:
                return whole
        found: list[Verdict] = []
        for old, new in pairs:
            found.append(self._entry(old, new, eta))
            if found[-1].outcome == Outcome.different and len(found) > FEW:
                break
        return together(found)

    def _at_once(self, pairs: Sequence[tuple[Node, Node]], eta: Expr) -> Verdict | None:
        """One verdict on Σ ρ·(step of an entry) with a free ρ for each: equal, or by one factor.

        As a polynomial in the ρ it is the same on both sides if and only if every entry is.
        """
        left, right = [], []
        for k, (old, new) in enumerate(pairs):
            before = self.equations.of(old)
            weight = Symbol(f"rho_{k}", real=True)
            left.append(weight * -eta * self.adjoints.get(name_of(before), sp.S.Zero))
            right.append(weight * (self.equations.of(new) - before))
        verdict = self.context.decide(sp.Add(*left), sp.Add(*right))
        if verdict.outcome == Outcome.equal and any(r != 0 for r in right):
            return verdict
        if verdict.outcome == Outcome.proportional and verdict.factor and verdict.factor > 0:
            return verdict
        return None

    def _not_followed(self, parameter: Parameter) -> str | None:
        """Why nothing can be said: something opaque, or what earlier turns left behind."""
        if self._rests_on_maximum():
            return "it rests on a maximum of numbers that the weights decide"
        mine = {n for p in self.parameters for n in p.old}
        rate = set(below([self.rate])) if self.rate is not None else set()
        for node in below((*parameter.new, self.root)):
            leaf = self.found.graph.leaves.get(node)
            if leaf is None or node in rate:
                continue
            if leaf.kind & Kind.opaque:
                return f"line {leaf.line}: {leaf.reason} is not followed"
            if leaf.kind & Kind.state and node not in mine:
                return f"it rests on {leaf.name}, a memory of earlier turns"
        return None

    def _rests_on_maximum(self) -> bool:
        """Whether the loss changes with a maximum that was taken for a free number."""
        if self._maximum is None:
            slopes = [self.adjoints.get(name_of(self.equations.of(n)), sp.S.Zero)
                      for n in below([self.root]) if n in self.found.graph.leaves
                      and self.found.graph.leaves[n].kind & Kind.shift]  # fmt: skip
            self._maximum = any(
                self.context.decide(slope, sp.S.Zero).outcome != Outcome.equal for slope in slopes
            )
        return self._maximum

    def _entry(self, old: Node, new: Node, eta: Expr) -> Verdict:
        before = self.equations.of(old)
        gradient = self.adjoints.get(name_of(before), sp.S.Zero)
        step = self.equations.of(new) - before
        if step == 0:
            still = self.context.decide(gradient, sp.S.Zero)
            if still.outcome == Outcome.equal:
                return NEUTRAL
            if still.outcome == Outcome.undecided:
                return still
            return Verdict(
                Outcome.not_updated, witness=still.witness, certificates=still.certificates
            )
        if gradient == 0 and self.context.decide(step, sp.S.Zero).outcome == Outcome.equal:
            return NEUTRAL
        verdict = self.context.decide(-eta * gradient, step)
        if verdict.factor is not None and verdict.factor == 0:
            return Verdict(Outcome.not_updated)
        if verdict.factor is not None and verdict.factor < 0:
            cause = Diagnosis("sign", "the step goes up the gradient")
            return replace(verdict, outcome=Outcome.different, factor=None, diagnosis=cause)
        return verdict
