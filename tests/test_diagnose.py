"""Planted mistakes are named: each kind in five networks, alone and in pairs."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from pathlib import Path

import pytest
import sympy as sp

from symbp.check.files import check_notes
from symbp.check.formula import check_formula
from symbp.core.chain import Derivation, derive
from symbp.core.networks import mlp
from symbp.decide import Outcome, decide
from symbp.decide.backward import ROUTES, SOFTMAX
from symbp.decide.hypotheses import LOCAL, SLIPS
from symbp.write.phrases import PHRASES

NETS: Mapping[str, Derivation] = {
    "sigmoid": derive(mlp([2, 2, 1], "sigmoid")),
    "tanh": derive(mlp([3, 2, 1], "tanh")),
    "deep": derive(mlp([2, 2, 2, 1], ["sigmoid", "tanh", "sigmoid"])),
    "silu": derive(mlp([2, 3, 1], ["silu", "sigmoid"], "binary-cross-entropy")),
    "linear": derive(mlp([2, 2, 1], ["softplus", "identity"])),
}


def parts(net: str) -> dict[str, str]:
    """The factors of ∂E/∂w for one weight of the layer before the last, by what they are."""
    last = 3 if net == "deep" else 2
    lower = last - 1
    out = "p" if net == "silu" else "o"
    a = f"a{lower}_1"
    z, top = f"z{lower}_1", f"z{last}"
    slope = {
        "sigmoid": f"{a}*(1-{a})", "tanh": f"(1-{a}**2)", "deep": f"(1-{a}**2)",
        "silu": f"({a}+sigmoid({z})*(1-{a}))", "linear": f"sigmoid({z})",
    }[net]  # fmt: skip
    loss = {"silu": "(p-d)/(p*(1-p))"}.get(net, f"({out}-d)")
    upper = {"tanh": "(1-o**2)", "linear": "1"}.get(net, f"{out}*(1-{out})")
    below = "a1_1" if net == "deep" else "x_1"
    return {
        "loss": loss, "upper": upper, "weight": f"w{last}_1_1", "slope": slope, "below": below,
        "name": f"w{lower}_1_1", "a": a, "z": z, "top": top, "out": out,
        "other_below": below[:-1] + "2", "other_weight": f"w{last}_1_2",
        "transposed": f"w{lower}_1_1", "bias": f"b{lower}_1",
        "turned": f"({out}-d)" if net != "silu" else "(d-p)/(d*(1-d))",
        "f": {"sigmoid": "sigmoid", "tanh": "tanh", "deep": "tanh", "silu": "silu",
              "linear": "softplus"}[net],
    }  # fmt: skip


PLANTED: Mapping[str, Mapping[str, str]] = {
    "sign": {"loss": "(-{loss})"},
    "factor": {"loss": "2*{loss}"},
    "activation-derivative-missing": {"slope": "1"},
    "function-for-derivative": {"slope": "{a}"},
    "wrong-activation": {"slope": "step({z})"},
    "activation-derivative-twice": {"slope": "({slope})**2"},
    "wrong-index": {"below": "{other_below}"},
    "wrong-index ": {"weight": "{other_weight}"},
    "wrong-layer": {"weight": "{name}"},
    "factor-missing": {"weight": "1"},
    "last-factor-missing": {"below": "1"},
    "last-factor-wrong": {"below": "{out}"},
    "loss-derivative-missing": {"loss": "1"},
    "after-activation": {"below": "{a}"},
    "sign-inside": {"loss": "{plus}"},
    "wrong-loss": {"loss": "{other_loss}"},
}


def formula(of: Mapping[str, str], changes: Mapping[str, str]) -> str:
    plus = of["loss"].replace("-d)", "+d)", 1)
    other = f"-d/{of['out']}"
    slots = {**of, "plus": plus, "other_loss": other}
    made = {**of, **{key: f"({value.format(**slots)})" for key, value in changes.items()}}
    product = "*".join(made[key] for key in ("loss", "upper", "weight", "slope", "below"))
    return f"diff(E, {of['name']}) = {product}"


@pytest.mark.parametrize("net", NETS)
def test_the_right_formula_has_no_diagnosis(net: str) -> None:
    verdict = check_formula(NETS[net], formula(parts(net), {}))
    assert (verdict.outcome, verdict.diagnosis) == (Outcome.equal, None)


@pytest.mark.parametrize("net", NETS)
@pytest.mark.parametrize("kind", PLANTED)
def test_one_mistake_is_named(net: str, kind: str) -> None:
    verdict = check_formula(NETS[net], formula(parts(net), PLANTED[kind]))
    assert verdict.outcome in (Outcome.different, Outcome.proportional)
    assert verdict.diagnosis is not None
    assert verdict.diagnosis.kind == kind.strip()


PAIRS = [
    pair for pair in combinations(PLANTED, 2)
    if not PLANTED[pair[0]].keys() & PLANTED[pair[1]].keys()
][::3]  # fmt: skip


@pytest.mark.parametrize("net", NETS)
def test_two_mistakes_are_named(net: str) -> None:
    right = 0
    for one, two in PAIRS:
        changes = {**PLANTED[one], **PLANTED[two]}
        verdict = check_formula(NETS[net], formula(parts(net), changes))
        assert verdict.outcome in (Outcome.different, Outcome.proportional)
        kinds = set(verdict.diagnosis.kind.split(", ")) if verdict.diagnosis else set()
        right += kinds == {one.strip(), two.strip()}
    assert right >= 0.7 * len(PAIRS)


def test_a_softmax_that_is_only_its_diagonal() -> None:
    net = derive(mlp([2, 3], "softmax", "cross-entropy"))
    wrong = "diff(E, w1_1_1) = -d_1/p_1*p_1*(1 - p_1)*x_1"
    verdict = check_formula(net, wrong)
    assert verdict.diagnosis is not None
    assert verdict.diagnosis.kind == "softmax-diagonal"


def test_a_path_that_is_missing() -> None:
    net = derive(mlp([1, 1, 3], bias=False))
    paths = [f"(o_{i}-d_{i})*o_{i}*(1-o_{i})*w2_{i}_1*a1*(1-a1)*x" for i in (1, 2, 3)]
    missing = check_formula(net, "diff(E, w1_1_1) = " + "+".join(paths[:2]))
    alone = check_formula(net, "diff(E, w1_1_1) = " + paths[1])
    assert missing.diagnosis is not None and alone.diagnosis is not None
    assert (missing.diagnosis.kind, alone.diagnosis.kind) == ("path-missing", "sum-missing")


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [
        ("diff(E, w2_1_1) = o - d*o*(1-o)*a1_1", "parentheses-lost"),
        ("diff(E, w2_1_1) = (o-d)*o*1 - o*a1_1", "parentheses-lost"),
        ("diff(E, w2_1_1) = (o-d)*z2*(1-z2)*a1_1", "derivative-at-input"),
        ("diff(E, w2_1_1) = (o-d)*sigmoid(o)*(1-sigmoid(o))*a1_1", "derivative-at-output"),
        ("diff(E, w2_1_1) = (o-d)*o*(1-o)*z1_1", "before-activation"),
        ("diff(E, w2_1_1) = (o-d)*o*(1+o)*a1_1", "sign-inside"),
        ("diff(E, w2_1_1) = (o-d)*(1-o)*a1_1", "part-missing"),
        ("diff(E, w2_1_1) = (o-d)*o*(1-o)*a1_1*(1-o)", "part-twice"),
        ("diff(E, w2_1_1) = (o-d)**2*o*(1-o)*a1_1", "power-kept"),
        ("diff(E, w2_1_1) = (o-d)*(1-o**2)*a1_1", "wrong-activation"),
        ("diff(E, b2) = (o-d)*o*(1-o)*a1_1", "bias-gets-input"),
        ("diff(E, w1_1_2) = (o-d)*o*(1-o)*w2_1_1*a1_1*(1-a1_1)*x_1", "wrong-index"),
    ],
)
def test_the_kinds_of_the_textbook_net(wrong: str, kind: str) -> None:
    verdict = check_formula(NETS["sigmoid"], wrong)
    assert verdict.diagnosis is not None
    assert verdict.diagnosis.kind == kind
    assert verdict.diagnosis.text


def test_what_no_known_mistake_explains_is_not_explained() -> None:
    verdict = check_formula(NETS["sigmoid"], "diff(E, w2_1_1) = (o-d)*exp(x_1)*b1_2 + o**3")
    assert (verdict.outcome, verdict.diagnosis) == (Outcome.different, None)


@pytest.mark.parametrize("kind", [*LOCAL, *SOFTMAX, *ROUTES, *SLIPS])
def test_every_kind_is_worded(kind: str) -> None:
    assert f"mistake {kind}" in PHRASES


def test_deciding_says_nothing_of_mistakes() -> None:
    x = sp.Symbol("x", real=True)
    assert decide(x, 2 * x).diagnosis is None


@pytest.mark.parametrize(
    ("claim", "factor", "kind"),
    [
        ("(o - d)*o*(1 - o)*x", "N", "sum-for-mean"),
        ("(o - d)*o*(1 - o)*x/N**2", "1/N", "mean-for-sum"),
        ("eta*(o - d)*o*(1 - o)*x/N", "eta", "rate-twice"),
    ],
)
def test_a_constant_that_has_a_name(
    claim: str, factor: str, kind: str, tmp_path: Path
) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text(
        "z = w*x\no = sigmoid(z)\nE = (d - o)**2/(2*N)\nq = eta*w\n"
        f"diff(E, w) = {claim}\n"
    )
    (statement,) = (s for s in check_notes(notes).statements if s.outcome)
    assert statement.verdict is not None and statement.verdict.diagnosis is not None
    assert statement.outcome == Outcome.proportional
    assert str(statement.verdict.factor) == factor
    assert statement.verdict.diagnosis.kind == kind
