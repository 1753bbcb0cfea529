"""Proofs between polynomials: what is raised to exact, and that nothing false ever is."""

from __future__ import annotations

import random
import time
from fractions import Fraction
from typing import Any

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Expr

from symbp.core.functions import relu, sigmoid, softplus, step
from symbp.decide import Context, Method, Outcome
from symbp.verify import Status, verify
from symbp.verify.evaluation import evaluate
from symbp.verify.exact import holds_exactly
from symbp.verify.field import Point
from symbp.verify.fractions import Limits, Ratio, TooLargeError
from symbp.verify.identity import Sides
from symbp.verify.judgement import check_point
from symbp.verify.reading import read
from symbp.verify.shape import Shape
from tests.benchmarks.deciding import Net, bar

x, y, z = sp.symbols("x y z", real=True)
p, q = sp.symbols("p q", real=True)

IDENTITIES: dict[str, tuple[Expr, Expr]] = {
    "a quotient": ((x**2 - y**2) / (x - y), x + y),
    "a sigmoid written out": (sigmoid(x) * (1 - sigmoid(x)), sp.exp(-x) / (1 + sp.exp(-x)) ** 2),
    "half angles": (sp.tanh(x / 2), 2 * sigmoid(x) - 1),
    "a sigmoid of a net": (
        sigmoid(x * sigmoid(y * z) + 1),
        1 / (1 + sp.exp(-1) * sp.exp(-x / (1 + sp.exp(-y * z)))),
    ),
    "a logarithm of a product": (sp.log(sp.exp(x) * (1 + y**2)), x + sp.log(1 + y**2)),
    "softplus": (softplus(x) - softplus(-x), x),
    "softmax": (
        sp.exp(x) / (sp.exp(x) + sp.exp(y)), 1 / (1 + sp.exp(y - x)),
    ),
    "angles": (sp.sin(x + y), sp.sin(x) * sp.cos(y) + sp.cos(x) * sp.sin(y)),
    "a step": (step(x) * step(x) * y, step(x) * y),
    "erf": (sp.erf(-x), -sp.erf(x)),
}  # fmt: skip


@pytest.mark.parametrize("name", IDENTITIES)
def test_an_identity_is_proved_without_chance(name: str) -> None:
    left, right = IDENTITIES[name]
    verdict = Context(exact=True).decide(left, right)
    assert (verdict.outcome, verdict.method, verdict.error_bound) == (Outcome.equal, Method.exact, 0)


@pytest.mark.parametrize("layers", [[2, 2, 1], [2, 3, 2], [2, 2, 2, 1], [4, 8, 8, 3]])
def test_the_gradient_of_a_net_is_proved_without_chance(layers: list[int]) -> None:
    net = Net.of(layers)
    context = Context(exact=True)
    for equation in net.derivation.equations:
        context.define(equation.target, sp.Add(*(t.body for t in equation.terms)))
    for weight in random.Random(1).sample(list(net.weights()), 4):
        verdict = context.decide(bar(*weight), net.claim(*weight))
        assert (verdict.outcome, verdict.method) == (Outcome.equal, Method.exact)
        half = context.decide(bar(*weight), net.claim(*weight) / 2)
        assert (half.outcome, half.method) == (Outcome.proportional, Method.exact)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ((x + y + 1) ** 3000 * (x + 1), (x + y + 1) ** 3001 - y * (x + y + 1) ** 3000),
        (sp.sqrt(1 + x**2) ** 2 + sp.sqrt(1 + x**2), 1 + x**2 + sp.sqrt(1 + x**2)),
    ],
)
def test_what_is_too_large_or_has_roots_stays_modular(left: Expr, right: Expr) -> None:
    start = time.monotonic()
    verdict = Context(exact=True).decide(left, right)
    assert verdict.outcome == Outcome.equal
    assert verdict.error_bound is not None
    assert time.monotonic() - start < 20  # a bound that holds on any machine: no polynomial is built


MANY = sp.symbols("m1:13", real=True)
"""With a step of each there are 2¹² cases, more than are tried."""


@pytest.mark.parametrize(("steps", "method"), [(3, Method.exact), (12, Method.modular)])
def test_what_needs_too_many_cases_stays_modular(steps: int, method: Method) -> None:
    left = sp.Add(*((step(each) + y) ** 2 for each in MANY[:steps]))
    right = sp.Add(*(step(each) * (1 + 2 * y) + y**2 for each in MANY[:steps]))
    verdict = Context(exact=True).decide(left, right)
    assert (verdict.outcome, verdict.method) == (Outcome.equal, method)


@pytest.mark.parametrize("name", IDENTITIES)
def test_an_identity_that_was_falsified_is_not_proved(name: str) -> None:
    (write,) = Context().decide(*IDENTITIES[name]).certificates
    certificate = write()
    assert str(verify(certificate)).startswith("verified equal (exactly)")
    assert not holds_exactly(_falsified(certificate))
    assert verify(certificate).status == Status.rejected


@pytest.mark.parametrize("steps", [1, 3, 9, 10, 11, 12])
def test_a_false_claim_is_not_proved_whatever_the_number_of_cases(steps: int) -> None:
    left = sp.Add(*(relu(each) for each in MANY[:steps]))
    right = sp.Add(*(sp.Max(each, 0) for each in MANY[:steps]))
    (write,) = Context().decide(left, right).certificates
    certificate = write()
    assert str(verify(certificate)) == "verified equal (exactly)"
    assert not holds_exactly(_falsified(certificate))
    assert verify(certificate).status == Status.rejected


def _falsified(certificate: dict[str, Any]) -> Sides:
    """right + u − (u at the point) for a name u: equal there, and with the values it states."""
    nodes = certificate["nodes"]
    name = next(node[1] for node in nodes if node[0] == "name")
    value = Fraction(certificate["point"][name])
    nodes.append(["number", str(-value)])
    nodes.append(["add", certificate["right"], nodes.index(["name", name]), len(nodes) - 1])
    certificate["right"] = len(nodes) - 1
    document = read(certificate)
    assert document.point is not None and document.proof is not None
    shape, proof = Shape(document), document.proof
    sides = Sides(document, proof, shape, check_point(document, document.point))
    field = Point(document, proof.generators, proof.relations, shape, proof.prime, proof.seed,
                  sides.solid)  # fmt: skip
    values = evaluate(field)
    certificate["proof"]["values"] = {
        "left": f"{values[document.left]:x}", "right": f"{values[document.right]:x}",
    }  # fmt: skip
    return sides


polynomials = st.recursive(
    st.sampled_from([x, y, z, sp.Integer(2), sp.Rational(1, 3), sp.Integer(-1)]),
    lambda inner: st.builds(lambda f, a, b: f(a, b), st.sampled_from([sp.Add, sp.Mul]), inner, inner),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(polynomials, polynomials, polynomials)
def test_fractions_are_those_of_sympy(a: Expr, b: Expr, c: Expr) -> None:
    limits = Limits.of(3, time.monotonic() + 60)
    value = dict(zip((x, y, z), map(limits.variable, range(3)), strict=True))

    def ratio(expression: Expr) -> Ratio:
        if expression in value:
            return value[expression]
        if expression.is_Rational:
            return limits.number(int(expression.p)) * limits.number(int(expression.q)).inverse()
        if expression.is_Pow:
            return ratio(expression.base).power(int(expression.exp))
        parts = [ratio(part) for part in expression.args]
        total = parts[0]
        for part in parts[1:]:
            total = total + part if expression.is_Add else total * part
        return total

    if b == 0 or sp.expand(b) == 0:
        return
    found = ratio(a) * ratio(b).inverse() - ratio(c)
    truth = sp.cancel(sp.together(a / b - c))
    top, bottom = truth.as_numer_denom()
    assert (found - ratio(sp.expand(top)) * ratio(sp.expand(bottom)).inverse()).is_zero
    assert found.is_zero == (truth == 0)


def test_a_polynomial_beyond_the_limits_is_given_up() -> None:
    limits = Limits.of(6, time.monotonic() + 60)
    total = sum((limits.variable(k) for k in range(6)), limits.number(1))
    with pytest.raises(TooLargeError):
        total.power(64)
    big = limits.number(3)
    with pytest.raises(TooLargeError):
        for _ in range(40):
            big = big * big
    late = Limits.of(1, time.monotonic() - 1)
    with pytest.raises(TooLargeError):
        late.variable(0) * late.variable(0)


@settings(max_examples=40, deadline=None)
@given(polynomials, st.sampled_from([sigmoid, sp.exp, sp.tanh, sp.sin]), st.integers(1, 5))
def test_nothing_false_is_proved(inner: Expr, function: type[sp.Function], k: int) -> None:
    left = function(inner) * y + z
    right = left + sp.Rational(k, 7) * x * function(z)
    verdict = Context(exact=True).decide(left, right)
    assert verdict.outcome in (Outcome.different, Outcome.proportional)
    assert verdict.method != Method.exact or verdict.factor is not None
