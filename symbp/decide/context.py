"""Deciding statements over a growing list of definitions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial

import numpy as np
import sympy as sp
from flint import fmpq
from numpy.typing import NDArray

from symbp.decide.assumptions import Assumptions, read_assumptions, written
from symbp.decide.ball import bounds, is_finite
from symbp.decide.certificate import Certificate, certify, is_exact
from symbp.decide.evaluator import Evaluator
from symbp.decide.graph import UndefinedError, UnsupportedError
from symbp.decide.ladder import DisagreementError, Ladder, RedefinedError
from symbp.decide.printed import Enclosure
from symbp.decide.regions import BudgetError
from symbp.decide.terms import Terms
from symbp.decide.tower import VanishedError
from symbp.decide.verdict import Method, Outcome, Verdict
from symbp.decide.written import Grounds

BITS_PER_DIGIT = 4
SPARE_BITS = 64
DOUBLINGS = 5

REASONS: Mapping[type[Exception], Callable[[Exception], str]] = {
    UnsupportedError: str,
    UndefinedError: lambda problem: f"undefined: {problem}",
    VanishedError: lambda _: "undefined: a denominator is zero",
    BudgetError: lambda _: "there are too many cases of the steps",
    DisagreementError: lambda _: "the two evaluators contradict each other",
    OverflowError: lambda _: "a number is too large",
    MemoryError: lambda _: "the terms are too large",
}


class MissingValueError(Exception):
    """A value is asked for, and a name in it has neither a definition nor a number."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} has no value")
        self.name = name


class Context:
    """Definitions, in order, and the assumptions under which statements are decided.

    A name stands for its definition, which is never substituted: a chain of a hundred definitions
    is a hundred nodes. Assumptions are relations: ``x > 0``, or a linear equation between symbols.
    Equality is meant almost everywhere on the common real domain of both sides. With ``exact``, an
    identity that was found modulo a prime is proved between polynomials as well, where it is small
    enough: its method is then ``exact``, and no chance is left.

    >>> x, y, z = sp.symbols("x y z")
    >>> context = Context()
    >>> context.define(y, x**2 + 1)
    >>> context.decide(sp.log(y**2), 2 * sp.log(x**2 + 1)).outcome.value
    'equal'
    >>> context.decide(y, 2 * x).outcome.value
    'different'
    """

    def __init__(self, assumptions: Iterable[sp.Basic] = (), exact: bool = False) -> None:
        self._assumptions = tuple(assumptions)
        self._exact = exact
        self._definitions: dict[str, sp.Basic] = {}
        self._ladders: dict[tuple[sp.Basic, ...], Ladder] = {(): Ladder(Assumptions())}

    def define(self, symbol: sp.Symbol, expression: sp.Expr) -> None:
        """Let the symbol stand for the expression.

        Raises RedefinedError for a second definition, UnsupportedError for an expression outside
        the class that can be decided and UndefinedError for one such as 1/0.
        """
        name = symbol.name
        if name in self._definitions:
            raise RedefinedError(name)
        self._ladders[()].define(name, expression)
        self._definitions[name] = expression
        # The others are built anew, as the name may have been eliminated there.
        self._ladders = {(): self._ladders[()]}

    def decide(
        self, left: sp.Expr, right: sp.Expr, constants: Iterable[sp.Symbol] = ()
    ) -> Verdict:
        """Equal, proportional (``right = factor·left``), different, or undecided with a reason.

        The factor is a fraction, or one times one of the ``constants`` (a learning rate, a number of
        samples) or its inverse. Assumptions are listed in the verdict if it does not hold without
        them.
        """
        try:
            verdict = self._decide(left, right)
            if verdict.outcome == Outcome.different:
                verdict = self._with_constant(left, right, constants, verdict)
            return self._with_certificate(left, right, verdict)
        except tuple(REASONS) as problem:
            reason = next(text for kind, text in REASONS.items() if isinstance(problem, kind))
            return Verdict(Outcome.undecided, reason=reason(problem))

    def _decide(self, left: sp.Expr, right: sp.Expr) -> Verdict:
        verdict = self._ladder(()).decide(left, right)
        if verdict.outcome == Outcome.equal or not self._assumptions:
            return verdict
        verdict = self._ladder(self._assumptions).decide(left, right)
        if verdict.outcome in (Outcome.different, Outcome.undecided):
            return verdict
        needed = self._needed(left, right, verdict.outcome)
        return replace(verdict, assumptions=(*map(written, needed), *verdict.assumptions))

    def _with_constant(
        self, left: sp.Expr, right: sp.Expr, constants: Iterable[sp.Symbol], verdict: Verdict
    ) -> Verdict:
        """The same difference, as proportional where a constant is the factor."""
        for constant in constants:
            for factor in (constant, 1 / constant):
                scaled = self._decide(factor * left, right)
                if scaled.outcome in (Outcome.equal, Outcome.proportional):
                    number = scaled.factor if scaled.factor is not None else Fraction(1)
                    whole = sp.Rational(number.numerator, number.denominator) * factor
                    return replace(scaled, outcome=Outcome.proportional, factor=whole,
                                   witness=verdict.witness)  # fmt: skip
        return verdict

    def _with_certificate(self, left: sp.Expr, right: sp.Expr, verdict: Verdict) -> Verdict:
        """The verdict, which can write a certificate under the assumptions it rests on."""
        if verdict.outcome == Outcome.undecided:
            return verdict
        used, told = self._assumptions, verdict.assumptions
        if verdict.outcome == Outcome.different:
            told = tuple(map(written, used))
        else:
            used = tuple(each for each in used if written(each) in told)
        stated = verdict if told == verdict.assumptions else replace(verdict, assumptions=told)
        modular = self._exact and verdict.method == Method.modular
        if modular and is_exact(self._grounds(left, right, used, stated), left, right, stated):
            verdict = replace(verdict, method=Method.exact, error_bound=0.0)
        return verdict.certified(partial(self._certify, left, right, used, stated))

    def _certify(
        self, left: sp.Expr, right: sp.Expr, used: tuple[sp.Basic, ...], stated: Verdict
    ) -> Certificate:
        return certify(self._grounds(left, right, used, stated), left, right, stated)

    def _grounds(
        self, left: sp.Expr, right: sp.Expr, used: tuple[sp.Basic, ...], stated: Verdict
    ) -> Grounds:
        return self._ladder(used).grounds(left, right, stated.outcome == Outcome.equal)

    def _needed(
        self, left: sp.Expr, right: sp.Expr, outcome: Outcome
    ) -> tuple[sp.Basic, ...]:
        """The assumptions without any one of which the outcome is another."""
        needed = self._assumptions
        for assumption in self._assumptions:
            fewer = tuple(other for other in needed if other != assumption)
            if self._ladder(fewer).decide(left, right).outcome == outcome:
                needed = fewer
        return needed

    def _ladder(self, assumptions: tuple[sp.Basic, ...]) -> Ladder:
        if assumptions not in self._ladders:
            ladder = Ladder(read_assumptions(assumptions, self._definitions))
            for name, expression in self._definitions.items():
                ladder.define(name, expression)
            self._ladders[assumptions] = ladder
        return self._ladders[assumptions]

    def extended(self, definitions: Iterable[tuple[sp.Symbol, sp.Expr]]) -> Context:
        """Another context with all that is known here and more."""
        context = Context(self._assumptions, self._exact)
        for name, expression in self._definitions.items():
            context.define(sp.Symbol(name, real=True), expression)
        for symbol, expression in definitions:
            context.define(symbol, expression)
        return context

    def lanes(self, terms: Sequence[sp.Expr], count: int) -> list[NDArray[np.float64]]:
        """The terms in double precision at so many points: a look, never a verdict.

        The points belong to the names, so that lanes of two calls belong together. Raises
        UnsupportedError for a function outside the class.
        """
        return self._ladder(self._assumptions).lanes(terms, count)

    def enclose(
        self, expression: sp.Expr, at: Mapping[str, Fraction], digits: int = 30
    ) -> Enclosure | None:
        """Rational bounds of the value, equal to so many digits; None where there is no value.

        A name gets its value from ``at``, before its definition. At a kink the convention of the
        function counts. Raises MissingValueError for a name without either, UnsupportedError for
        a function outside the class.
        """
        written = {name: e for name, e in self._definitions.items() if name not in at}

        def point(name: str) -> fmpq:
            if name not in at:
                raise MissingValueError(name)
            value = Fraction(at[name])
            return fmpq(value.numerator, value.denominator)

        best = None
        terms = Terms(written)
        term = terms.number(expression)
        for doubling in range(DOUBLINGS):
            precision = (digits * BITS_PER_DIGIT + SPARE_BITS) << doubling
            value = Evaluator(terms, point, precision, strict=False).value(term)
            if is_finite(value):
                best = Enclosure(*bounds(value))
                if _is_narrow(best, digits):
                    return best
        return best


def _is_narrow(enclosure: Enclosure, digits: int) -> bool:
    size = max(abs(enclosure.lower), abs(enclosure.upper))
    width = enclosure.upper - enclosure.lower
    return bool(width * 10**digits <= size)


def decide(
    left: sp.Expr,
    right: sp.Expr,
    definitions: Sequence[tuple[sp.Symbol, sp.Expr]] | Mapping[sp.Symbol, sp.Expr] = (),
    assumptions: Iterable[sp.Basic] = (),
) -> Verdict:
    """One comparison: a ``Context`` with these definitions decides it.

    >>> z = sp.Symbol("z")
    >>> decide(1 / (1 + sp.exp(-z)), (1 + sp.tanh(z / 2)) / 2).outcome.value
    'equal'
    >>> decide(z, z / 2).factor
    Fraction(1, 2)
    """
    context = Context(assumptions)
    pairs = definitions.items() if isinstance(definitions, Mapping) else definitions
    for symbol, expression in pairs:
        context.define(symbol, expression)
    return context.decide(left, right)
