"""A slice of the corpus: no rewrite is different, no mutant is equal, every witness tells."""

from __future__ import annotations

import random
from fractions import Fraction

import mpmath as mp
import pytest
import sympy as sp

from symbp.core.functions import relu, sigmoid, softplus, step
from symbp.decide import Context, Outcome, Witness
from tests.rewriting import SUBJECTS, Pair, Tally, nest_pairs, network_pairs
from tests.rewriting_mutants import mutate
from tests.rewriting_rules import RULES, apply, rewrite
from tests.rewriting_subjects import Subject, nest
from tests.rewriting_values import (
    DIGITS,
    certainly_different,
    clearly_equal,
    fault_of,
    points,
    value,
)  # fmt: skip

SEED = 2026
PAIRS, NESTS, TERMS, LEAST = 200, 120, 10, 3
DECIDED = 0.97

x, y = sp.symbols("x y", real=True)


@pytest.fixture(scope="module")
def contexts() -> dict[str, Context]:
    """One for each network, as one who checks many formulas has."""
    return {subject.name: subject.context() for subject in SUBJECTS}


def decided(pairs: list[Pair], contexts: dict[str, Context]) -> Tally:
    tally = Tally()
    for pair in pairs:
        tally.add(pair, contexts.get(pair.subject.name) or Context())
    return tally


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda s: s.name)
def test_the_gradients_of_the_corpus_are_slopes(subject: Subject) -> None:
    """By central differences in 60 digits: right to 20 of them."""
    step_size = Fraction(1, 10**15)
    loss, names = sp.Symbol("E", real=True), subject.names
    (at,) = points((loss, *subject.gradients), names, random.Random(SEED), 1)
    for term, parameter in zip(subject.gradients, subject.parameters, strict=True):
        ends = (
            value(loss, {**at, parameter.name: at[parameter.name] + h}, names)
            for h in (step_size, -step_size)
        )
        with mp.workdps(DIGITS):
            slope = (next(ends) - next(ends)) * 10**15 / 2
            assert abs(slope - value(term, at, names)) < mp.mpf("1e-20") * (1 + abs(slope))


def test_rewrites_and_mutants_of_networks(contexts: dict[str, Context]) -> None:
    pairs = [*network_pairs(PAIRS, True, SEED), *network_pairs(PAIRS, False, SEED)]
    tally = decided(pairs, contexts)
    assert not tally.wrong
    assert len(tally.undecided) <= (1 - DECIDED) * len(pairs)


def test_rewrites_and_mutants_of_random_nests() -> None:
    assert not decided(list(nest_pairs(NESTS, SEED)), {}).wrong


def test_every_witness_evaluates_to_the_two_numbers_it_prints(contexts: dict[str, Context]) -> None:
    seen = 0
    for pair in network_pairs(PAIRS // 2, False, SEED + 1):
        verdict = contexts[pair.subject.name].decide(pair.left, pair.right)
        if verdict.outcome in (Outcome.different, Outcome.proportional):
            assert verdict.witness is not None
            at, names = verdict.witness.at, pair.subject.names
            sides = ((pair.left, verdict.witness.left), (pair.right, verdict.witness.right))
            assert mp.mpf(verdict.witness.left) != mp.mpf(verdict.witness.right)
            for term, printed in sides:
                with mp.workdps(DIGITS):
                    true = value(term, at, names)
                    assert abs(true - mp.mpf(printed)) <= mp.mpf("1e-9") * abs(true) + mp.mpf("1e-30")
            assert fault_of(verdict.witness, pair.left, pair.right, names) is None
            seen += 1
    assert seen > 0.9 * (PAIRS // 2)


@pytest.mark.parametrize("name", RULES)
def test_a_rule_keeps_the_value(name: str) -> None:
    rng = random.Random(f"{SEED} {name}")
    applied = 0
    for turn in range(20 * TERMS):
        subject = SUBJECTS[turn % len(SUBJECTS)]
        names = subject.names if turn % 2 else {}
        term = rng.choice(subject.gradients) if turn % 2 else nest(rng, 4)
        if turn % 3:
            term = rewrite(term, rng, names)
        other = apply(name, term, rng, names)
        if other is not None and not certainly_different(term, other, names, rng, wanted=1):
            applied += clearly_equal(term, other, names, rng)
        else:
            assert other is None, (name, term, other)
        if applied == TERMS:
            break
    assert applied >= LEAST


def test_a_mutant_is_another_value() -> None:
    rng = random.Random(SEED)
    term = sigmoid(x) * (1 - sigmoid(x)) * y + softplus(y)
    mutants = [mutate(term, rng) for _ in range(20)]
    assert all(m is not None and not clearly_equal(term, m, {}, rng) for m in mutants)


@pytest.mark.parametrize(
    ("left", "right", "fault"),
    [
        ("0.731058578630", "0.268941421370", None),
        ("0.731058578630", "0.731058578630", "printed twice"),
        ("0.7310585786", "0.73105857860", "printed twice"),
        ("0.731058578630", "0.31", "is printed for"),
        ("0.5", "0.268941421370", "is printed for"),
    ],
)
def test_a_wrong_witness_is_found(left: str, right: str, fault: str | None) -> None:
    found = fault_of(Witness({"x": Fraction(1)}, left, right), sigmoid(x), sigmoid(-x), {})
    assert (found is None) if fault is None else (found is not None and fault in found)


def test_the_judge_knows_the_functions_by_itself() -> None:
    at = {"x": Fraction(-3, 4), "y": Fraction(2)}
    with mp.workdps(DIGITS):
        assert value(relu(x) + step(y), at, {}) == 1
        assert value(softplus(x), at, {}) == mp.log1p(mp.exp(mp.mpf("-0.75")))
        assert value(y * x, at, {"y": x**2}) == mp.mpf("-0.75") ** 3
    (point,) = points((sigmoid(x) * y,), {"y": x + 1}, random.Random(1), 1)
    assert list(point) == ["x"]
