"""Claims in index notation: whole arrays, and all sizes at once."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import sympy as sp
from sympy import Expr, Idx, Indexed, Sum, Symbol

from symbp.core.chain import derive
from symbp.core.equations import Equation, Term, array, index, indices_of, name_of, scalar
from symbp.core.networks import mlp
from symbp.core.program import Program
from symbp.decide import IndexContext, Outcome
from symbp.decide.arrays import Arrays
from symbp.decide.lanes import PRIME

SIZES = sp.symbols("m n k l", integer=True, positive=True)
SAMPLES = Symbol("N", integer=True, positive=True)
Size = int | Symbol


def delta_rules(layers: tuple[Size, ...], activation: str) -> tuple[Program, list[Equation]]:
    """A net, its δ by the textbook's recursion, and what the textbook says of W and b."""
    derivation = derive(mlp(layers, activation))
    slope = {"sigmoid": lambda a: a * (1 - a), "tanh": lambda a: 1 - a**2}[activation]
    arrays = {name: array(name, *shape) for name, shape in derivation.shapes.items() if shape}
    top = len(layers) - 1
    definitions: list[Equation] = []
    claims: list[Equation] = []
    above = arrays["x"]
    for number in range(top, 0, -1):
        j, k = index("j", layers[number]), index("k", layers[number - 1])
        out = arrays["o" if number == top else f"a{number}"]
        if number == top:
            error: Expr = out[j] - arrays["d"][j]
        else:
            i = index("i", layers[number + 1])
            error = Sum(arrays[f"W{number + 1}"][i, j] * above[i], i)
        delta = array(f"delta{number}", layers[number])
        definitions.append(Equation.of(delta[j], error * slope(out[j])))
        below = arrays["x" if number == 1 else f"a{number - 1}"]
        claims.append(Equation.of(arrays[f"W{number}_bar"][j, k], delta[j] * below[k]))
        claims.append(Equation.of(arrays[f"b{number}_bar"][j], delta[j]))
        above = delta
    whole = Program(
        (*derivation.equations, *definitions), "E", derivation.parameters, derivation.inputs
    )
    return whole, claims


@pytest.mark.parametrize("activation", ["sigmoid", "tanh"])
@pytest.mark.parametrize("layers", [SIZES[:3], SIZES, (2, 3, 1), (8, 16, 4, 3)], ids=str)
def test_the_delta_rule(layers: tuple[Size, ...], activation: str) -> None:
    program, claims = delta_rules(layers, activation)
    context = IndexContext(program)
    for claim in claims:
        verdict = context.decide(claim)
        assert (verdict.outcome, verdict.assumptions) == (Outcome.equal, ())
        assert verdict.error_bound is not None
        assert verdict.error_bound <= 2.0**-128


def changed(claim: Equation, kind: str) -> Equation:
    (term,) = claim.terms
    _, k = claim.indices
    bodies = {
        "squared": term.body**2,
        "sign": -term.body,
        "twice": 2 * term.body,
        "first input": term.body.xreplace({k: sp.S.Zero}),
    }
    return Equation(claim.target, (Term((), bodies[kind]),))


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [
        ("squared", Outcome.different),
        ("sign", Outcome.proportional),
        ("twice", Outcome.proportional),
        ("first input", Outcome.different),
    ],
)
def test_a_wrong_claim_is_refuted_at_small_sizes(kind: str, outcome: Outcome) -> None:
    program, claims = delta_rules(SIZES[:3], "sigmoid")
    verdict = IndexContext(program).decide(changed(claims[2], kind))
    assert (verdict.outcome, verdict.assumptions) == (
        outcome, ("checked at sizes n = 2, m = 3, k = 4",),
    )  # fmt: skip
    assert verdict.witness is not None


def test_a_transposed_matrix_is_refuted_in_a_square_net() -> None:
    size = SIZES[0]
    program, _ = delta_rules((size, size, size), "sigmoid")
    i, j = index("i", size), index("j", size)
    weight = array("W2", size, size)
    delta, a, bar = (array(name, size) for name in ("delta2", "a1", "z1_bar"))
    right, wrong = (
        Equation.of(bar[j], Sum(use * delta[i], i) * a[j] * (1 - a[j]))
        for use in (weight[i, j], weight[j, i])
    )
    context = IndexContext(program)
    assert context.decide(right).outcome == Outcome.equal
    assert context.decide(wrong).outcome == Outcome.different


def power_sums(upto: int, size: Size) -> Program:
    """p_r = Σ_i x_i^r, and the elementary symmetric e_3 of Newton's identity, 6e_3."""
    i = index("i", size)
    x = array("x", size)
    sums = [Equation.of(scalar(f"p{r}"), Sum(x[i] ** r, i)) for r in range(1, upto + 1)]
    p1, p2, p3 = (scalar(f"p{r}") for r in (1, 2, 3))
    return Program.of([*sums, Equation.of(scalar("e"), p1**3 - 3 * p1 * p2 + 2 * p3)], ["x"])


def test_an_identity_of_small_sizes_alone_is_not_one() -> None:
    """6e₃(x₁, x₂) = 0, but 6x₁x₂x₃ is not: three factors need size three."""
    zero = Equation(scalar("e"), ())
    assert IndexContext(power_sums(3, 2)).decide(zero).outcome == Outcome.equal
    assert IndexContext(power_sums(3, 3)).decide(zero).outcome == Outcome.different
    verdict = IndexContext(power_sums(3, SIZES[0])).decide(zero)
    assert (verdict.outcome, verdict.assumptions) == (
        Outcome.different, ("checked at sizes m = 3",),
    )  # fmt: skip


def test_an_index_in_a_term_as_a_number_is_only_checked() -> None:
    """(i − 1)…(i − 5)·x_i is zero for i up to 5: which values of i are left is not the same to it."""
    i = index("i", SIZES[0])
    x = array("x", SIZES[0])
    vanishing = Equation.of(array("v", SIZES[0])[i], sp.prod(i - k for k in range(5)) * x[i])
    squares = Equation.of(scalar("E"), Sum(x[i] ** 2, i))
    context = IndexContext(Program.of([vanishing, squares], ["x"]))
    verdict = context.decide(Equation(vanishing.target, ()))
    assert (verdict.outcome, verdict.assumptions) == (Outcome.equal, ("checked at sizes m = 5",))


def test_a_size_in_a_term_is_only_checked() -> None:
    """Σ_i 1 = m holds at all sizes, which is not what was shown."""
    size = SIZES[0]
    i, x = index("i", size), array("x", size)
    ones = Equation(scalar("s"), (Term((i,), sp.S.One),))
    squares = Sum(x[i] ** 2, i)
    program = Program.of([ones, Equation.of(scalar("E"), scalar("s") * squares)], ["x"])
    verdict = IndexContext(program).decide(Equation.of(scalar("E"), size * squares))
    assert (verdict.outcome, verdict.assumptions) == (
        Outcome.equal, ("checked at sizes m = 5",),
    )  # fmt: skip


@pytest.mark.parametrize("loss", ["cross-entropy", "half-squared"])
def test_a_softmax_over_samples_is_checked(loss: str) -> None:
    derivation = derive(mlp(SIZES[:2], "softmax", loss, samples=SAMPLES))
    verdict = IndexContext(derivation).decide(derivation["W1"])
    assert verdict.outcome == Outcome.equal
    assert verdict.assumptions[0].startswith("checked at sizes")


def test_a_difference_in_a_large_net_is_not_called_equal() -> None:
    program, claims = delta_rules((100, 60, 10), "sigmoid")
    verdict = IndexContext(program).decide(changed(claims[2], "squared"))
    assert verdict.outcome == Outcome.undecided
    assert "too many entries" in str(verdict.reason)


def by_loops(equation: Equation, values: dict[str, np.ndarray], lane: int) -> np.ndarray:
    """The right side modulo the prime, by Python's own integers."""
    shape = [int(i.upper) + 1 for i in equation.indices]
    total = np.zeros(shape, dtype=object)
    for term in equation.terms:
        letters = (*equation.indices, *term.indices)
        for at in product(*(range(int(i.upper) + 1) for i in letters)):
            here = dict(zip(letters, at, strict=True))
            total[at[: len(shape)]] += number(term.body, here, values, lane)
    return total % PRIME


def number(body: Expr, here: dict[Idx, int], values: dict[str, np.ndarray], lane: int) -> int:
    if isinstance(body, Indexed | Symbol):
        places = tuple(int(place.xreplace(here)) for place in indices_of(body))
        return int(values[name_of(body)][(lane, *places)])
    if body.is_Integer:
        return int(body)
    parts = [number(part, here, values, lane) for part in body.args if not body.is_Pow]
    if body.is_Add:
        return sum(parts)
    if body.is_Mul:
        return int(np.prod([*map(int, parts)], dtype=object))
    return number(body.base, here, values, lane) ** int(body.exp)


i, j, k, n = (index(letter, size) for letter, size in zip("ijkn", (3, 4, 5, 2), strict=True))
A, B, S = array("A", 3, 4), array("B", 4, 5), array("S", 3, 3)
u, v, w, c = array("u", 5), array("v", 6), array("w", 2), scalar("c")
CONTRACTIONS = {
    "matrix product": (array("y", 3, 5)[i, k], Sum(A[i, j] * B[j, k], j)),
    "outer product": (array("y", 3, 5, 4)[i, k, j], A[i, j] * B[j, k]),
    "two sums": (array("y", 3)[i], Sum(A[i, j] * B[j, k] * u[k], j, k)),
    "a sum of a sum": (scalar("y"), Sum((A[i, j] - c) ** 2, i, j)),
    "free sum": (array("y", 3)[i], Sum(c, k) + Sum(A[i, j], j)),
    "a convolution": (array("y", 5)[k], Sum(v[k + n] * w[n], n)),
    "a diagonal": (array("y", 3)[i], S[i, i] * c**3),
}


@pytest.mark.parametrize("name", CONTRACTIONS)
def test_a_contraction_is_that_of_loops(name: str) -> None:
    equation = Equation.of(*CONTRACTIONS[name])
    read = {name_of(operand) for operand in equation.operands}
    leaves = [leaf for leaf in (A, B, S, u, v, w, c) if str(leaf.name) in read]
    program = Program((equation, Equation.of(scalar("E"), c)), "E", tuple({*leaves, c}), ())
    arrays = Arrays(program)
    values = {leaf.name: arrays.value(leaf.name) for leaf in program.parameters}
    for lane in (0, 1):
        assert (arrays.value("y")[lane] == by_loops(equation, values, lane)).all()
