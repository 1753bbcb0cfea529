"""The rooms below the ladder, each against something that is not itself: SymPy's polynomials, mpmath,
the laws that generators obey."""

from __future__ import annotations

import itertools
import random
from fractions import Fraction
from math import gcd, lcm

import mpmath as mp
import numpy as np
import pytest
import sympy as sp
from flint import arb, fmpq
from sympy import Rational, cos, erf, exp, log, pi, sin, sqrt, tanh

from symbp.core.functions import sigmoid, softplus
from symbp.decide import Outcome, ball, decide, degree
from symbp.decide.bounds import Bounds
from symbp.decide.constants import Constants, prime_powers
from symbp.decide.degree import Degrees
from symbp.decide.field import FieldPoint
from symbp.decide.functions import Functions
from symbp.decide.graph import Graph
from symbp.decide.lower import Lowering
from symbp.decide.points import sample
from symbp.decide.residue import (
    COEFFICIENT_BOUND,
    PRIME_BITS,
    RATIONAL_BOUND,
    UNIQUE_ROOTS,
    Drawing,
    Multiples,
    draw_prime,
    prime_for_relations,
    rational,
    residue,
    short_relation,
)
from symbp.decide.screen import evaluate
from symbp.decide.terms import Terms

x, y, z, u, v = sp.symbols("x y z u v", real=True)
PRIME = draw_prime(PRIME_BITS)


def in_exponentials(term: sp.Expr) -> sp.Expr:
    """Our functions as SymPy can evaluate them."""
    plain = term.replace(sigmoid, lambda t: 1 / (1 + exp(-t)))
    return plain.replace(softplus, lambda t: log(1 + exp(t)))


# -- the field ---------------------------------------------------------------------------------


def test_a_prime_is_as_asked() -> None:
    assert PRIME.bit_length() == PRIME_BITS and sp.isprime(PRIME)
    assert PRIME % 4 == 3 and gcd(PRIME - 1, UNIQUE_ROOTS) == 1


@pytest.mark.parametrize(
    ("generators", "bits"), [(0, 320), (1, 320), (6, 320), (7, 384), (14, 384), (15, 448)]
)
def test_a_prime_for_relations_grows_by_eight_bits_a_term(generators: int, bits: int) -> None:
    assert prime_for_relations(generators).bit_length() == bits


def test_small_fractions_are_found_back() -> None:
    chance = random.Random(3)
    for _ in range(300):
        bound = RATIONAL_BOUND if chance.random() < 0.5 else 1000
        value = Fraction(chance.randint(-bound, bound), chance.randint(1, bound))
        assert rational(residue(value, PRIME), PRIME) == value
    assert rational(RATIONAL_BOUND, PRIME) == RATIONAL_BOUND
    assert rational(PRIME - RATIONAL_BOUND, PRIME) == -RATIONAL_BOUND
    assert rational(residue(Fraction(1, RATIONAL_BOUND), PRIME), PRIME) == Fraction(1, RATIONAL_BOUND)
    assert all(rational(chance.randrange(PRIME), PRIME) is None for _ in range(50))
    assert rational(residue(Fraction(1, 2 * RATIONAL_BOUND + 1), PRIME), PRIME) is None


def test_drawn_elements_are_free_and_repeat() -> None:
    draw, again, other = Drawing(PRIME, b"a"), Drawing(PRIME, b"a"), Drawing(PRIME, b"b")
    assert draw("exp", 1) == again("exp", 1)
    assert len({draw("exp", 1), draw("exp", 2), draw("log", 1), other("exp", 1)}) == 4
    tiny = Drawing(7, b"c")
    assert {tiny("x", n) for n in range(200)} == {2, 3, 4, 5}
    assert {value for n in range(200) for value in tiny.pair("x", n)} == {2, 3, 4, 5}


def test_a_planted_relation_is_found_and_no_other() -> None:
    prime = prime_for_relations(3)
    chance = random.Random(4)
    known = [chance.randrange(prime) for _ in range(3)]
    planted = (Fraction(3, 2), Fraction(0), Fraction(-5, 4))
    value = sum(residue(q, prime) * k for q, k in zip(planted, known, strict=True)) % prime
    assert short_relation(known, value, prime) == ((0, Fraction(3, 2)), (2, Fraction(-5, 4)))
    assert short_relation(known, chance.randrange(prime), prime) is None
    far = known[0] * (COEFFICIENT_BOUND + 1) % prime
    assert short_relation(known, far, prime) is None


def test_multiples_are_looked_up() -> None:
    table = Multiples(PRIME, lattice=False)
    chance = random.Random(5)
    first, second = chance.randrange(PRIME), chance.randrange(PRIME)
    table.add(first)
    table.add(second)
    assert len(table) == 2
    for scale in (1, -1, 2, -2, Fraction(1, 2), Fraction(-1, 2)):
        assert table.find(second * residue(Fraction(scale), PRIME) % PRIME) == ((1, Fraction(scale)),)
    assert table.find(first * 3 % PRIME) is None
    assert table.find((first + second) % PRIME) is None


def point_of(*terms: sp.Expr) -> tuple[FieldPoint, list[int]]:
    """The nodes of some terms in one graph, and a point at which all have a value."""
    lowering = Lowering(Terms({}))
    numbers = [lowering._terms.number(term) for term in terms]
    nodes = [lowering.lower(number) for number in numbers]
    return FieldPoint(lowering.graph, PRIME), nodes


def test_generators_obey_their_laws() -> None:
    point, nodes = point_of(
        sin(x), cos(x), exp(x), exp(-x), sigmoid(x), tanh(x), erf(x), erf(-x), x, x**-3, x * y + z
    )
    s, c, e, back, h, t, f, minus, a, cube, whole = map(point.value, nodes)
    p = PRIME
    assert (s * s + c * c) % p == 1 and e * back % p == 1
    assert h * (1 + back) % p == 1 and t * (e * e + 1) % p == (e * e - 1) % p
    assert (f + minus) % p == 0 and cube * a**3 % p == 1
    others = [point.value(point.graph.symbol(name)) for name in "yz"]
    assert whole == (a * others[0] + others[1]) % p


def test_a_derivative_goes_along_by_the_rules() -> None:
    """The dual of f(x) is f'(x) times that of x, with f' written as another term."""
    pairs = [
        (sin(x), cos(x)), (cos(x), -sin(x)), (exp(x), exp(x)), (tanh(x), 1 - tanh(x) ** 2),
        (sigmoid(x), sigmoid(x) * (1 - sigmoid(x))), (x**3, 3 * x**2), (x**-2, -2 * x**-3),
        (x**2 + 5 * x, 2 * x + 5), (x**2 * exp(x), (x**2 + 2 * x) * exp(x)),
    ]  # fmt: skip
    point, nodes = point_of(x, *itertools.chain.from_iterable(pairs))
    inner = point.dual(nodes[0])
    for place in range(1, len(nodes), 2):
        slope = point.value(nodes[place + 1])
        assert point.dual(nodes[place]) == slope * inner % PRIME, pairs[place // 2]
    mixed, others = point_of(x * y * z, x * y, y * z, x * z, x, y, z)
    product = mixed.dual(others[0])
    rest = [mixed.value(others[n]) * mixed.dual(others[m]) for n, m in ((1, 6), (2, 4), (3, 5))]
    assert product == sum(rest) % PRIME


def prime_with_roots_of(*numbers: int) -> int:
    """A prime for which all `numbers` have square roots."""
    while True:
        prime = draw_prime(PRIME_BITS)
        if all(pow(q, (prime - 1) // 2, prime) == 1 for q in numbers):
            return prime


def test_constants_obey_their_laws() -> None:
    prime = prime_with_roots_of(2, 3, 5, 7)
    numbers = Constants(prime, Drawing(prime, b"k"), 12, 0)
    for a, b in ((2, 3), (8, 18), (Fraction(3, 5), 45), (7, 7)):
        one, other, both = (numbers.sqrt_of(Fraction(q)) for q in (a, b, Fraction(a) * b))
        assert one * other % prime == both
        assert one * one % prime == residue(Fraction(a), prime)
        logs = [numbers.log_of(Fraction(q)) for q in (a, b, Fraction(a) * b)]
        assert (logs[0] + logs[1]) % prime == logs[2]
    assert numbers.log_of(Fraction(1)) == 0 and numbers.exp_of(Fraction(0)) == 1
    for a, b in ((1, 2), (Fraction(1, 2), Fraction(-1, 3)), (Fraction(5, 12), 1)):
        product = numbers.exp_of(Fraction(a)) * numbers.exp_of(Fraction(b)) % prime
        assert product == numbers.exp_of(Fraction(a) + b)
    fine = Fraction(1, 13)
    assert numbers.exp_of(fine) * numbers.exp_of(-fine) % prime == 1
    assert numbers.odd_root(8, 3) == 2 and numbers.odd_root(prime - 32, 5) == prime - 2
    assert not numbers.knows_pi
    assert numbers.root_of_pi() ** 2 % prime == numbers.pi() and numbers.knows_pi
    twice = 2 * numbers.pi() % prime
    root = numbers.sqrt(twice)
    assert root * root % prime == twice
    assert root == numbers.root_of_pi() * numbers.sqrt_of(Fraction(2)) % prime


@pytest.mark.parametrize(
    "value", [Fraction(1), Fraction(360, 77), Fraction(2**70 * 3, 5), Fraction(9, 4)]
)
def test_prime_powers_multiply_to_the_number(value: Fraction) -> None:
    found = list(prime_powers(value))
    product = Fraction(1)
    for factor, exponent in found:
        product *= Fraction(factor) ** exponent
    assert product == value and len({f for f, _ in found}) == len(found)


# -- degrees -----------------------------------------------------------------------------------


def true_degree(term: sp.Expr) -> tuple[int, int]:
    """Total degrees of numerator and denominator in lowest terms, by SymPy."""
    top, bottom = sp.fraction(sp.cancel(sp.together(term)))
    names = sorted(term.free_symbols, key=str) or [x]
    return tuple(sp.Poly(part, *names).total_degree() for part in (top, bottom))


def fractions(chance: random.Random, depth: int) -> sp.Expr:
    """A random fraction of polynomials, as it may stand in a derivation."""
    if depth == 0:
        return chance.choice([x, y, z, sp.Integer(chance.randint(1, 4))])
    one, other = fractions(chance, depth - 1), fractions(chance, depth - 1)
    kind = chance.randrange(4)
    if kind == 0:
        return one + other
    if kind == 1:
        return one * other
    if kind == 2:
        return (one + 1 + x**2) ** chance.choice([-2, -1, 2, 3])
    return one / (other + 2 + y**2)


@pytest.mark.parametrize("third", [False, True])
def test_no_degree_is_larger_than_its_bound(third: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if third:  # the bound with common denominators, which else is asked only for huge ones
        monkeypatch.setattr(degree, "LARGE", 1)
    chance = random.Random(6)
    for _ in range(60):
        term = fractions(chance, 3)
        lowering = Lowering(Terms({}))
        node = lowering.lower(lowering._terms.number(term))
        degrees = Degrees(lowering.graph, call=(24, 24))
        top, bottom = true_degree(term)
        assert degrees.of(node) >= max(top, bottom), term
        above, below = Degrees(lowering.graph, call=(24, 24)).bound(node)
        assert above >= top and below >= bottom, term


@pytest.mark.parametrize(("term", "rough", "plain", "common"), [
    (x, 1, (1, 0), 1), (sp.Integer(5), 0, (0, 0), 0), (x * y * z, 3, (3, 0), 3),
    (x + y * z, 3, (2, 0), 2), (x**5, 5, (5, 0), 5), (x**-3, 3, (0, 3), 3),
    (1 / (1 + x), 1, (0, 1), 1), (x / (1 + y) + z / (1 + y), 4, (2, 2), 1),
    (x / (1 + y) + z / (2 + y), 4, (2, 2), 2), ((x / (1 + y)) ** 3, 6, (3, 3), 3),
    (x / (1 + y) * z / (1 + y), 4, (2, 2), 2), (sigmoid(x), 24, (24, 24), 48),
])  # fmt: skip
def test_degree_bounds(
    term: sp.Expr, rough: int, plain: tuple[int, int], common: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    lowering = Lowering(Terms({}))
    node = lowering.lower(lowering._terms.number(term))
    degrees = Degrees(lowering.graph, call=(24, 24))
    assert degrees.of(node) == rough
    assert degrees.bound(node) == plain
    monkeypatch.setattr(degree, "LARGE", 1)
    if max(plain) >= 1:
        assert Degrees(lowering.graph, call=(24, 24)).of(node) == (
            min(max(plain), common) if rough >= 1 else rough
        )


# -- balls, points, lanes ----------------------------------------------------------------------


@pytest.mark.parametrize(("left", "right", "ratio"), [
    (fmpq(2), fmpq(1), Fraction(1, 2)), (fmpq(3), fmpq(-6), Fraction(-2)),
    (fmpq(7), fmpq(5), Fraction(5, 7)),
    (fmpq(1), fmpq(10**6), Fraction(10**6)), (fmpq(1), fmpq(10**6 + 1), None),
    (fmpq(10**6 + 1), fmpq(1), None), (fmpq(0), fmpq(1), None), (fmpq(1), fmpq(0), None),
    (arb(3).sqrt(), arb(12).sqrt(), Fraction(2)), (arb(3).sqrt(), arb(27).sqrt() / 7, Fraction(3, 7)),
    (arb(3).sqrt(), arb(2).sqrt(), None), (arb("nan"), arb(1), None), (arb(1), arb(2, 0.1), None),
])  # fmt: skip
def test_a_simple_ratio(left: ball.Value, right: ball.Value, ratio: Fraction | None) -> None:
    assert ball.simple_ratio(left, right) == ratio


def test_points_are_odd_eighths_in_their_spread() -> None:
    seen: dict[int, set[Fraction]] = {}
    for index in range(6):
        values = {sample(f"w_{n}", index) for n in range(400)}
        seen[index] = {Fraction(int(q.p), int(q.q)) for q in values}
        assert all(q.denominator == 8 for q in seen[index])
        assert all(sample(f"w_{n}", index, {f"w_{n}"}) > 0 for n in range(50))
    # From −spread + 1 to spread − 1 in odd eighths: so many values, each of them met.
    assert [len(values) for values in seen.values()] == [16, 8, 24, 32, 6, 64]
    largest = [Fraction(spread - 1, 8) for spread in (16, 8, 24, 32, 6, 64)]
    assert [max(values) for values in seen.values()] == largest


@pytest.mark.parametrize("term", [
    erf(x), tanh(x) * sin(y), exp(-x) + cos(y), sigmoid(x) / (1 + y**2), softplus(x), sqrt(1 + x**2),
    log(2 + x**2), x**3 - y**-2,
])  # fmt: skip
def test_lanes_are_the_values_in_double_precision(term: sp.Expr) -> None:
    lowering = Lowering(Terms({}))
    node = lowering.lower(lowering._terms.number(term))
    given = {"x": np.array([-1.7, 0.3, 2.1]), "y": np.array([0.4, -1.3, 0.9])}
    values = evaluate(lowering.graph, lowering.graph.reach([node]), given.__getitem__)
    found = np.broadcast_to(np.asarray(values[node], dtype=float), (3,))
    written = in_exponentials(term)
    for lane in range(3):
        at = {x: Rational(str(given["x"][lane])), y: Rational(str(given["y"][lane]))}
        exact = float(mp.mpf(str(written.subs(at).evalf(30))))
        assert found[lane] == pytest.approx(exact, abs=2e-7)


def test_a_piece_that_is_off_counts_as_nothing() -> None:
    """step(x)/x where x < 0, and 0·log(−1): the product is 0 and no gap."""
    graph = Graph()
    functions = Functions(graph)
    at = graph.symbol("x")
    product = graph.product(functions.step(at), functions.log(at))
    given = {"x": np.array([-1.0, 2.0])}
    with np.errstate(all="ignore"):
        values = evaluate(graph, graph.reach([product]), given.__getitem__)
    assert values[product].tolist() == [0.0, pytest.approx(np.log(2.0))]


# -- the graph ---------------------------------------------------------------------------------


def test_products_and_powers_in_the_graph() -> None:
    graph = Graph()
    functions = Functions(graph)
    a, b, two = graph.symbol("a"), graph.symbol("b"), graph.constant(2)
    assert graph.product(two, graph.product(a, b)) == graph.product(a, two, b)
    six = graph.product(graph.constant(6), a)
    assert graph.product(graph.constant(3), graph.product(two, a)) == six
    assert graph.product() == graph.one and graph.sum() == graph.zero
    assert graph.product(a, graph.zero) == graph.zero
    assert graph.power(graph.power(a, 2), -3) == graph.power(a, -6)
    assert graph.power(a, 0) == graph.one and graph.power(a, 1) == a
    step = functions.step(a)
    assert graph.product(step, step) == step and graph.power(step, 5) == step
    assert graph.power(step, -1) != step
    side = graph.sign_of(step)
    assert graph.product(side, side) == graph.one
    assert graph.power(side, 3) == side and graph.power(side, -2) == graph.one
    assert graph.power(two, -2) == graph.constant(Fraction(1, 4))
    assert graph.value(graph.power(graph.constant(3), 10**6)) is None


@pytest.mark.parametrize(("term", "lower", "upper"), [
    (x**2, 0, None), (x**2 + 1, 1, None), (3 - x**2, None, 3), (exp(x) + 2, 2, None), (tanh(x), -1, 1),
    (sigmoid(x), 0, 1), (sin(x), -1, 1), (2 * tanh(x) + 3, 1, 5), (-exp(x), None, 0),
    (tanh(x) * sin(y) * sigmoid(z), -1, 1),
    (sigmoid(x) ** 70, 0, None), (1 / (2 + tanh(x)), Rational(1, 3), 1), (x, None, None),
    (sigmoid(x) * exp(x), 0, None), (x**3, None, None), ((x**2 + 1) ** -1, 0, 1),
])  # fmt: skip
def test_where_a_value_can_lie(term: sp.Expr, lower: object, upper: object) -> None:
    lowering = Lowering(Terms({}))
    node = lowering.lower(lowering._terms.number(term))
    found: Bounds = lowering.functions.bounds.of(node)
    chance = random.Random(8)
    for _ in range(40):
        here = {name: Rational(chance.randint(-40, 40), 8) for name in (x, y, z)}
        value = in_exponentials(term).subs(here)
        number = Fraction(str(sp.N(value, 40)))
        assert found.lower is None or number >= found.lower
        assert found.upper is None or number <= found.upper
    wanted = [None if q is None else Fraction(str(sp.Rational(q))) for q in (lower, upper)]
    assert [found.lower, found.upper] == wanted


# -- truths of constants and angles ------------------------------------------------------------

EIGHTHS = [(n, x + n * pi / 4) for n in range(-8, 9) if n]


@pytest.mark.parametrize(("n", "angle"), EIGHTHS)
def test_turns_by_eighths(n: int, angle: sp.Expr) -> None:
    """By the addition theorem, with the exact values at the multiples of π/4."""
    turn = sp.Integer(n) * pi / 4
    raw_sin, raw_cos = sin(angle, evaluate=False), cos(angle, evaluate=False)
    assert decide(raw_sin, sin(x) * cos(turn) + cos(x) * sin(turn)).outcome == Outcome.equal
    assert decide(raw_cos, cos(x) * cos(turn) - sin(x) * sin(turn)).outcome == Outcome.equal
    wrong = sin(x) * cos(turn) - cos(x) * sin(turn)
    if sin(turn) != 0:
        assert decide(raw_sin, wrong).outcome != Outcome.equal


@pytest.mark.parametrize(("left", "right"), [
    (sqrt(2) * sqrt(6), 2 * sqrt(3)), (sqrt(Rational(8, 9)), 2 * sqrt(2) / 3),
    (1 / sqrt(5), sqrt(5) / 5),
    (log(12), 2 * log(2) + log(3)), (log(Rational(1, 8)), -3 * log(2)), (exp(log(3)), sp.Integer(3)),
    (exp(2) * exp(Rational(1, 2)), exp(Rational(5, 2))), (sqrt(2 * pi) * sqrt(pi), sqrt(2) * pi),
    (erf(Rational(-1, 3)), -erf(Rational(1, 3))), (sp.cbrt(2) * sp.cbrt(4), sp.Integer(2)),
    (sqrt(x**2 * y**4), sp.Abs(x) * y**2), (sqrt(4 * (1 + x**2)), 2 * sqrt(1 + x**2)),
    (sqrt((1 + x**2) ** 3), (1 + x**2) * sqrt(1 + x**2)), (sqrt(sp.exp(x)), exp(x / 2)),
    (log(exp(x) * (1 + y**2)), x + log(1 + y**2)), (log(sqrt(1 + x**2)), log(1 + x**2) / 2),
    (exp(log(1 + x**2) / 2), sqrt(1 + x**2)), (exp(-log(1 + x**2)), 1 / (1 + x**2)),
    (exp(x + 2 * log(1 + y**2)), exp(x) * (1 + y**2) ** 2),
    (sin(3 * x), 3 * sin(x) - 4 * sin(x) ** 3), (cos(x / 2) ** 2, (1 + cos(x)) / 2),
    (sin(x) * sin(y), (cos(x - y) - cos(x + y)) / 2), (sin(1) ** 2 + cos(1) ** 2, sp.Integer(1)),
    (sin(Rational(2, 3)) / 2, sin(Rational(1, 3)) * cos(Rational(1, 3))),
])  # fmt: skip
def test_identities(left: sp.Expr, right: sp.Expr) -> None:
    assert abs(sp.N((left - right).subs({x: Rational(3, 7), y: Rational(5, 4)}), 30)) < 1e-25
    assert decide(left, right).outcome == Outcome.equal
    near = decide(left, right + Rational(1, 10**9))
    assert near.outcome == Outcome.different


def test_what_a_verdict_was_given_is_lcm_free() -> None:
    """Fractions of e with many denominators: each is a power of one root of e, or a free one."""
    parts = [Rational(1, n) for n in (2, 3, 4, 6, 12)]
    total = sum(parts)
    assert lcm(*(int(p.q) for p in parts)) == 12
    assert decide(sp.Mul(*(exp(p) for p in parts), evaluate=False), exp(total)).outcome == Outcome.equal
