"""Verdicts: what is equal, what is different and by which witness, and what stays open."""

from __future__ import annotations

import random
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import flint
import mpmath as mp
import pytest
import sympy as sp
from flint import arb, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Abs, Expr, Max, Piecewise, Rational, cos, erf, exp, log, sign, sin, sqrt, tanh

from symbp.core.functions import elu, leaky_relu, relu, sigmoid, softplus, step
from symbp.decide import Context, Enclosure, Method, Outcome, TooWideError, decide, judge
from symbp.decide.decimals import telling_apart
from tests.oracle import DIGITS, number
from tests.rewriting_terms import power, raw, times, where

x, y, z, a, b, c, d = sp.symbols("x y z a b c d", real=True)

EQUAL: list[tuple[Expr, Expr]] = [
    (sigmoid(z) * (1 - sigmoid(z)), exp(z) / (1 + exp(z)) ** 2),
    (sigmoid(z), (1 + tanh(z / 2)) / 2),
    (sigmoid(z), 1 - sigmoid(-z)),
    (1 - tanh(z) ** 2, 4 / (exp(z) + exp(-z)) ** 2),
    (log(1 - sigmoid(z)), -softplus(z)),
    (softplus(z) - softplus(-z), z),
    (-(d * log(sigmoid(z)) + (1 - d) * log(1 - sigmoid(z))), softplus(z) - d * z),
    (relu(z) - relu(-z), z),
    (Max(a, b), (a + b + Abs(a - b)) / 2),
    (softplus(z), relu(z) + log(1 + exp(-Abs(z)))),
    (exp(a) / (exp(a) + exp(b)), sigmoid(a - b)),
    (log(exp(a) + exp(b) + exp(c)), a + log(1 + exp(b - a) + exp(c - a))),
    (sqrt(1 + x**2) * sqrt(1 + x**2), 1 + x**2),
    (1 / (sqrt(x**2 + 2) + sqrt(x**2 + 1)), sqrt(x**2 + 2) - sqrt(x**2 + 1)),
    (sin(2 * z), 2 * sin(z) * cos(z)),
    (tanh(2 * z), 2 * tanh(z) / (1 + tanh(z) ** 2)),
    (sigmoid(z + 1), exp(1) * exp(z) / (1 + exp(1) * exp(z))),
    (sigmoid(sigmoid(z)), 1 / (1 + exp(-1 / (1 + exp(-z))))),
    (Rational("0.1") * x + Rational("0.2") * x, Rational("0.3") * x),
    (Abs(x * y), Abs(x) * Abs(y)),
    (Abs(z), z * sign(z)),
    (step(z) ** 2, step(z)),
    (relu(2 * z), 2 * relu(z)),
    (relu(z) ** 2 + relu(-z) ** 2, z**2),
    (Max(z, z / 100), Piecewise((z, z > 0), (z / 100, True))),
    (erf(-z), -erf(z)),
    (exp(log(1 + x**2) / 2), sqrt(1 + x**2)),
]

DIFFERENT: list[tuple[Expr, Expr]] = [
    (sigmoid(z), (1 + tanh(z)) / 2),
    (x / 2, Rational("0.5000001") * x + 0 * y + Rational(1, 10**9)),
    (Abs(x), x),
    (relu(z), z),
    (relu(z), relu(z - 1)),
    (softplus(z), softplus(-z)),
    (sigmoid(z) * (1 - sigmoid(z)), sigmoid(z) * (1 - sigmoid(z)) + Rational(1, 10**24)),
    (step(z), step(-z)),
    (exp(a + b), exp(a) + exp(b)),
    (log(exp(a) + exp(b)), Max(a, b)),
    (sin(z), z - z**3 / 6),
    ((1 + x) ** 12, (1 + x) ** 12 + x**7 / 10**30),
    (log(x**2 + 1), 2 * log(x)),
    (tanh(z) * y, sigmoid(z) * y),
    (z * step(z), Piecewise((z, z > 1), (0, True))),
]


@pytest.mark.parametrize(("left", "right"), EQUAL)
def test_equal(left: Expr, right: Expr) -> None:
    verdict = decide(left, right)
    assert verdict.outcome == Outcome.equal
    assert verdict.method in (Method.exact, Method.modular)
    if verdict.method == Method.modular:
        assert verdict.error_bound is not None and verdict.error_bound < 2.0**-100


@pytest.mark.parametrize(("left", "right"), DIFFERENT)
def test_different_with_a_witness_that_evaluates_again(left: Expr, right: Expr) -> None:
    verdict = decide(left, right)
    assert verdict.outcome == Outcome.different
    assert verdict.witness is not None
    assert_separates(verdict.witness, left, right)


def assert_separates(witness: Any, left: Expr, right: Expr) -> None:
    """Both sides in 60 digits at the witness differ, and begin with the digits it states."""
    with mp.workdps(60 + len(witness.left)):
        at = {n: {(): mp.mpf(v.numerator) / v.denominator} for n, v in witness.at.items()}
        values = [number(side, {}, at) for side in (left, right)]
        assert values[0] != values[1]
        for value, shown in zip(values, (witness.left, witness.right), strict=True):
            assert abs(value - mp.mpf(shown)) <= abs(value) * mp.mpf("1e-9") + mp.mpf("1e-30")


@pytest.mark.parametrize(
    ("left", "right", "factor"),
    [
        (x * y, 2 * x * y, 2),
        (sigmoid(z) * x, -sigmoid(z) * x, -1),
        (tanh(z) ** 2 * 3, tanh(z) ** 2, Fraction(1, 3)),
        (relu(z) * y, relu(z) * y / 7, Fraction(1, 7)),
    ],
)
def test_proportional(left: Expr, right: Expr, factor: Fraction) -> None:
    verdict = decide(left, right)
    assert (verdict.outcome, verdict.factor) == ("proportional", factor)


def test_two_numbers_are_printed_until_they_are_two() -> None:
    near_one = fmpq(1) - fmpq(1, 10**700)
    left, right = telling_apart(fmpq(1), near_one)
    assert Decimal(left) != Decimal(right)
    with flint.ctx.workprec(4096):
        left, right = telling_apart(arb(1) / 3, arb(1) / 3 + arb(near_one) - 1)
    assert Decimal(left) != Decimal(right)


# One row for each fault that testing exposed in earlier attempts.
FAULTS: list[tuple[str, Expr, Expr, str]] = [
    ("a fixed prime", x + (2**61 - 1) * y, x, "different"),
    ("Fermat", x ** (2**31 - 2), sp.Integer(1), "different"),
    ("signs of a root", sqrt(x**2 + 0 * y), x, "different"),
    ("a relation for x > 0 alone", Piecewise((Abs(x), x > 0), (x, True)), x, "equal"),
    ("a kink refutes nothing", relu(x) + relu(-x), Abs(x), "equal"),
    ("Heaviside squared", step(z) ** 2 - step(z), sp.Integer(0), "equal"),
    ("decimals are exact", (Rational("0.1") + Rational("0.2")) * x, Rational("0.3") * x, "equal"),
    (
        "values away from the first points alone",
        sigmoid(log(exp(x**2) + 2)), (exp(x**2) - 2) * sigmoid(-log(exp(x**2) - 2)), "different",
    ),
    ("a near relation", sp.acos(Rational(7823207, 7823209)) * x, x * 0, "undecided"),
]


@pytest.mark.parametrize(("name", "left", "right", "outcome"), FAULTS, ids=[f[0] for f in FAULTS])
def test_a_fault_of_earlier_attempts(name: str, left: Expr, right: Expr, outcome: str) -> None:
    assert decide(left, right).outcome == outcome


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (log(-1 - x**2), log(-2 - x**2) * 0 + log(-1 - x**2)),
        (sqrt(-1 - x**2), 2 * sqrt(-1 - x**2)),
        (sp.Function("f")(x), sp.Function("g")(x)),
        (sp.gamma(x), x),
    ],
)
def test_what_has_no_value_or_is_unknown_is_undecided(left: Expr, right: Expr) -> None:
    verdict = decide(left, right)
    assert verdict.outcome == "undecided"
    assert verdict.reason


def test_definitions_are_names_and_never_flattened() -> None:
    context = Context()
    name = x
    for layer in range(200):
        after = sp.Symbol(f"a{layer}", real=True)
        context.define(after, sigmoid(2 * name + 1))
        name = after
    assert context.decide(name * (1 - name), name - name**2).outcome == "equal"
    assert context.decide(name * (1 - name), name).outcome == "different"


def test_an_assumption_is_used_and_listed() -> None:
    total = sp.Eq(a + b + c, 1)
    plain, assumed = decide(x * (a + b + c), x), decide(x * (a + b + c), x, assumptions=[total])
    assert plain.outcome == "different"
    assert assumed.outcome == "equal"
    assert len(assumed.assumptions) == 1
    assert decide(x + x, 2 * x, assumptions=[total]).assumptions == ()


@pytest.mark.parametrize("turn", range(12))
def test_a_root_that_is_chosen_for_a_logarithm_is_the_positive_one(turn: int) -> None:
    assert decide(log((x**2 + 1) ** 2), 2 * log(x**2 + 1)).outcome == "equal"


def raw_root(u: Expr) -> Expr:
    """√u as exp(½·log u), which SymPy would rearrange."""
    return raw(exp, times(sp.S.Half, raw(log, u)))


@pytest.mark.parametrize("turn", range(8))
def test_a_root_that_is_written_with_a_logarithm_proves_nothing_by_its_sign(turn: int) -> None:
    far = x > 10**12  # where no point is tried
    claim = Piecewise((raw_root((x**2 + 1) ** 2), far), (-(x**2) - 1, True))
    assert decide(claim, -(x**2) - 1).outcome == "undecided"
    assert decide(raw_root(sigmoid(x) * (x**2 + 1)) ** 2, sigmoid(x) * (x**2 + 1)).outcome == "equal"


@pytest.mark.parametrize("order", [11, 13, 17, 19])
def test_a_root_of_any_odd_order(order: int) -> None:
    root = (1 + x**2) ** Rational(1, order)
    assert decide(root * (1 + x**2) ** Rational(order - 1, order), 1 + x**2).outcome == "equal"


def test_numbers_that_agree_in_the_first_digits_are_printed_with_more() -> None:
    witness = decide(x, x + exp(-x) / 10**20).witness
    assert witness is not None
    assert Fraction(witness.left) != Fraction(witness.right)


def test_the_argument_of_an_activation_is_taken_as_it_is_written() -> None:
    """SymPy makes zoo of 1/{1 if 1 > 0 else 0}, and cannot compare it with a number."""
    inverse = power(where(sp.S.One, sp.StrictGreaterThan(1, 0, evaluate=False), sp.S.Zero), -1)
    argument = power(power(times(inverse, raw(exp, x)), -1), Rational(-1, 2))
    assert decide(raw(softplus, argument), log(1 + exp(exp(x / 2)))).outcome == "equal"


def test_names_are_told_apart() -> None:
    w0, w_0 = sp.Symbol("W0", real=True), sp.Symbol("W_0", real=True)
    assert decide(w0 * x, w_0 * x).outcome == "different"
    assert decide(sp.Symbol("W0") * x, w0 * x).outcome == "equal"


def test_an_enclosure_holds_the_value() -> None:
    context = Context()
    context.define(y, sigmoid(x))
    bounds = context.enclose(y, {"x": Fraction(755, 1000)}, 30)
    assert bounds is not None
    with mp.workdps(DIGITS):
        truth = 1 / (1 + mp.exp(-mp.mpf("0.755")))
        assert mp.mpf(bounds.lower.numerator) / bounds.lower.denominator <= truth
        assert truth <= mp.mpf(bounds.upper.numerator) / bounds.upper.denominator
    assert float(bounds.upper - bounds.lower) < 1e-29
    assert context.enclose(log(y - 1), {"x": Fraction(0)}) is None
    assert context.enclose(x + x, {"x": Fraction(1, 3)}) == Enclosure(Fraction(2, 3), Fraction(2, 3))


@pytest.mark.parametrize(
    ("numeral", "truth", "method"),
    [
        ("0.25", "0.25", "exact"),
        ("0.33", "0.3333", "rounded"),
        ("0.34", "0.3351", "rounded"),
        ("0.33", "0.3399", "truncated"),
        ("-0.33", "-0.3399", "truncated"),
        ("0.34", "0.3333", None),
        ("-0.33", "0.3333", None),
        ("0.01805", "0.0181039", None),
    ],
)
def test_a_printed_number_is_judged_by_its_last_place(
    numeral: str, truth: str, method: str | None
) -> None:
    digits = len(numeral.split(".")[1])
    value = Fraction(truth)
    judged = judge(Fraction(numeral), Fraction(1, 10**digits), Enclosure(value, value))
    assert judged == method


def test_a_wide_enclosure_is_not_judged() -> None:
    with pytest.raises(TooWideError):
        judge(Fraction(33, 100), Fraction(1, 100), Enclosure(Fraction(32, 100), Fraction(34, 100)))


LEAVES = [x, y, z, sp.Integer(2), Rational(1, 3)]
UNARY = [sigmoid, tanh, exp, lambda e: e**2, lambda e: -e, lambda e: 1 / (2 + e**2), relu, Abs]


def random_term(chance: random.Random, depth: int) -> Expr:
    if depth == 0:
        return chance.choice(LEAVES)
    if chance.random() < 0.4:
        return chance.choice(UNARY)(random_term(chance, depth - 1))
    left, right = (random_term(chance, depth - 1) for _ in range(2))
    return chance.choice([left + right, left * right, left - right])


def rewritten(e: Expr, chance: random.Random) -> Expr:
    """An equal expression by rules of algebra that the decision does not know as such."""
    rules = {
        sigmoid: lambda v: exp(v) / (1 + exp(v)),
        tanh: lambda v: 2 * sigmoid(2 * v) - 1,
        relu: lambda v: (v + Abs(v)) / 2,
    }
    for function, rule in rules.items():
        if chance.random() < 0.7:
            e = e.replace(function, rule)
    return sp.expand(e) if chance.random() < 0.4 else e


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9))
def test_random_rewriting_is_never_called_different(seed: int) -> None:
    chance = random.Random(seed)
    left = random_term(chance, 3)
    assert decide(left, rewritten(left, chance)).outcome in ("equal", "undecided")


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9))
def test_random_mutants_are_never_called_equal(seed: int) -> None:
    chance = random.Random(seed)
    left = random_term(chance, 3)
    right = rewritten(left, chance) + chance.choice([x, sigmoid(y), Rational(1, 10**6)])
    verdict = decide(left, right)
    assert verdict.outcome != "equal"
    if verdict.outcome == "different":
        assert verdict.witness is not None
        assert_separates(verdict.witness, left, right)


class TestTies:
    """A comparison that is a tie on an open set: relu(z) is 0 wherever z < 0."""

    z, x, y = sp.symbols("z x y", real=True)

    def test_a_step_of_a_relu(self) -> None:
        assert decide(step(relu(self.z)), step(self.z)).outcome == Outcome.equal

    def test_not_below_is_not_above(self) -> None:
        never_below = sp.Piecewise((1, relu(self.z) >= 0), (0, True))
        assert decide(never_below, sp.S.One).outcome != Outcome.different
        assert decide(never_below, step(self.z)).outcome != Outcome.equal

    @pytest.mark.parametrize("claim", [
        lambda g: (step(-g), 1 - step(g)),
        lambda g: (sp.sign(g), 2 * step(g) - 1),
        lambda g: (sp.Piecewise((1, g >= 0), (0, True)), step(g)),
    ])  # fmt: skip
    def test_a_product_that_vanishes_has_no_complement(self, claim: Callable[..., Any]) -> None:
        g = (self.x + self.y) * relu(self.z)
        for vanishing in (g, sp.expand(g)):
            assert decide(*claim(vanishing)).outcome != Outcome.equal

    def test_where_all_points_are_ties_the_convention_is_named(self) -> None:
        letters = sp.symbols("a:12", real=True)
        left = sp.Mul(*(step(relu(a)) + self.x for a in letters))
        right = sp.Mul(*(step(a) + self.x for a in letters))
        verdict = decide(left, right)
        assert verdict.outcome == Outcome.equal
        assert verdict.assumptions == ("step(0) = 0",)

    @pytest.mark.parametrize("vanishing", [
        Max(0, -c), Max(b, relu(c)), (relu(a) - a) * (b + 1), relu(a) + relu(b),
        relu(a) * b - relu(a) * c, Max(a, relu(c)) * b,
    ])  # fmt: skip
    def test_no_case_is_thought_empty_where_an_argument_is_zero(self, vanishing: Expr) -> None:
        never_below = Piecewise((1, vanishing >= 0), (0, True))
        for left, right in (
            (step(-vanishing), 1 - step(vanishing)),
            (never_below, step(vanishing)),
            (sign(vanishing), 2 * step(vanishing) - 1),
        ):
            assert decide(left, right).outcome != Outcome.equal

    @pytest.mark.parametrize("solid", [
        a * relu(b) + c, relu(a) + relu(b) + exp(c), leaky_relu(a * b + c),
        leaky_relu(a) + b * relu(c), elu(a) * b, sigmoid(relu(a)) * b,
    ])  # fmt: skip
    def test_what_moves_with_a_symbol_of_its_own_has_a_complement(self, solid: Expr) -> None:
        assert decide(step(-solid), 1 - step(solid)).outcome == Outcome.equal
        assert decide(sign(solid), 2 * step(solid) - 1).outcome == Outcome.equal


@pytest.mark.parametrize("name", ["u", "v", "w", "weight", "x_1", "a1_2"])
@pytest.mark.parametrize("side", [1, -1])
def test_a_small_difference_in_one_piece_is_found(name: str, side: int) -> None:
    z = sp.Symbol(name, real=True)
    almost = sp.Float("0.9999999999999999") * relu(side * z)
    assert decide(relu(side * z), almost).outcome in (Outcome.different, Outcome.proportional)


def test_an_even_power_that_vanishes_on_an_open_set_stays_in_a_step() -> None:
    z, w = sp.symbols("z w", real=True)
    vanishing = relu(z) + relu(z - 1)
    for zero in (relu(z), vanishing):
        assert decide(step(zero**2 * w), step(w)).outcome != Outcome.equal
    assert decide(step(z**2 * w), step(w)).outcome == Outcome.equal


def test_powers_of_bounded_terms_are_bounded() -> None:
    z = sp.Symbol("z", real=True)
    assert decide(relu(2 - sp.sin(z) ** 4), 2 - sp.sin(z) ** 4).outcome == Outcome.equal
    assert decide(relu(1 - 2 * sp.sin(z) ** 4), 1 - 2 * sp.sin(z) ** 4).outcome == Outcome.different


def test_roots_of_exponentials_of_every_order() -> None:
    z = sp.Symbol("z", real=True)
    for order in (5, 7, 11, 35):
        root = sp.exp(z / order, evaluate=False)
        assert decide(sp.Mul(*[root] * order, evaluate=False), sp.exp(z)).outcome == Outcome.equal
        assert decide(root**2, sp.exp(z * sp.Rational(2, order))).outcome == Outcome.equal
        assert decide(root**2, sp.exp(z / order)).outcome == Outcome.different


def test_a_wrong_constant_in_a_root_of_an_exponential_is_refuted() -> None:
    z, w = sp.symbols("z w", real=True)
    left = sp.exp(z / 5) * sp.exp(w / 7)
    assert decide(left**35, sp.exp(7 * z + 5 * w)).outcome == Outcome.equal
    assert decide(left**35, sp.exp(7 * z + 5 * w + z / 11)).outcome == Outcome.different


CONDITIONS: list[tuple[Expr, Expr, tuple[str, ...]]] = [
    ((x**2 - 1) / (x - 1), x + 1, ("x - 1 != 0",)),
    (x + 1, (x**2 - 1) / (x - 1), ("x - 1 != 0",)),
    (y / (x * (1 - x)), y / x + y / (1 - x), ()),
    (sp.Mul(x, 1 / x, evaluate=False), sp.S.One, ("x != 0",)),
    ((1 + x**2) ** 2 / (1 + x**2), 1 + x**2, ()),
    ((1 + x**2) ** 2 / (-1 - x**2), -1 - x**2, ()),
    (exp(x) / (exp(x) + 1), 1 / (1 + exp(-x)), ()),
    (log(x * y), log(x) + log(y), ("x*y > 0", "y > 0", "x > 0")),
    (sp.sqrt(x) ** 3, x * sp.sqrt(x), ("x >= 0",)),
    (x ** sp.Rational(-3, 2), 1 / (x * sp.sqrt(x)), ("x > 0",)),
    (sp.sqrt(1 + x**2) ** 3, (1 + x**2) * sp.sqrt(1 + x**2), ()),
    (x**y, exp(y * log(x)), ("x > 0",)),
]


@pytest.mark.parametrize(("left", "right", "conditions"), CONDITIONS)
def test_where_a_side_is_undefined_is_said(
    left: Expr, right: Expr, conditions: tuple[str, ...]
) -> None:
    verdict = decide(left, right)
    assert (verdict.outcome, verdict.assumptions) == (Outcome.equal, conditions)
