"""Planted mistakes are named: each kind in five networks, alone and in pairs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest
import sympy as sp

from symbp.check.files import check_notes
from symbp.check.formula import check_formula
from symbp.check.notes import read_text
from symbp.core.chain import Derivation, derive
from symbp.core.networks import mlp
from symbp.decide import Outcome, Verdict, decide
from symbp.decide.backward import ROUTES, SOFTMAX
from symbp.decide.hypotheses import LOCAL, SLIPS
from symbp.write.phrases import PHRASES
from tests.planted import NETS, PLANTS, SIGMOID, Net, Plant

PAIR_STEP = 7
"""Of the pairs every so many is tried, as there are hundreds."""
PLACES = [(kind, n) for kind in PLANTS for n in range(5)]


def verdict_of(plant: Plant, net: Net) -> Verdict:
    formula = plant.formula(net)
    if not (plant.document or plant.mean):
        return check_formula(net.derivation, formula)
    found = read_text(net.document(plant.mean) + formula + "\n", ".txt").statements[-1].verdict
    assert found is not None
    return found


def kinds_of(verdict: Verdict) -> list[str]:
    assert verdict.outcome in (Outcome.different, Outcome.proportional)
    return sorted(verdict.diagnosis.kind.split(", ")) if verdict.diagnosis else []


@pytest.mark.parametrize("n", range(5))
def test_a_right_formula_has_no_diagnosis(n: int) -> None:
    net = NETS["five"][n]
    for entry in net.entries():
        for slots in ({}, {"sum": "1*{right}"}, {"whole": "-(-{right})"}, {"delta": "{right}*2/2"}):
            verdict = check_formula(net.derivation, Plant(slots, entry=entry).formula(net))
            assert (verdict.outcome, verdict.diagnosis) == (Outcome.equal, None)


def test_there_are_enough_kinds_and_networks() -> None:
    assert len({kind.split()[0] for kind in PLANTS}) >= 20
    assert all(len(NETS[plant.nets]) == 5 for plant in PLANTS.values())


@pytest.mark.parametrize(("kind", "n"), PLACES)
def test_one_mistake_is_named(kind: str, n: int) -> None:
    plant = PLANTS[kind]
    assert kinds_of(verdict_of(plant, NETS[plant.nets][n])) == [kind.split()[0]]


def pairs(n: int) -> Iterator[tuple[list[str], Plant]]:
    """Two mistakes that can be made in one formula of a network."""
    for (one, first), (two, second) in combinations(PLANTS.items(), 2):
        same = NETS[first.nets][n] == NETS[second.nets][n] and first.entry == second.entry
        whats = [{slot.split()[0] for slot in plant.slots} for plant in (first, second)]
        plain = all(p.slots and not p.mean and not p.written for p in (first, second))
        if same and plain and not whats[0] & whats[1] and "path" not in whats[0] | whats[1]:
            both = Plant({**first.slots, **second.slots}, first.nets, first.entry,
                         document=first.document or second.document)  # fmt: skip
            yield sorted((one.split()[0], two.split()[0])), both


@pytest.mark.parametrize("n", range(5))
def test_two_mistakes_are_named(n: int) -> None:
    found = [
        kinds_of(verdict_of(plant, NETS[plant.nets][n])) == kinds
        for kinds, plant in list(pairs(n))[::PAIR_STEP]
    ]
    assert len(found) >= 20
    assert sum(found) >= 0.7 * len(found)


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
    verdict = check_formula(SIGMOID.derivation, wrong)
    assert verdict.diagnosis is not None
    assert verdict.diagnosis.kind == kind
    assert verdict.diagnosis.text


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [
        ("delta1_1 = delta2*w2_1_2*a1_1*(1-a1_1)", "wrong-index"),
        ("delta1_1 = delta2*w2_1_1*a1_1*(1+a1_1)", "sign-inside"),
        ("delta2*w2_1_1 = delta1_1", "activation-derivative-missing"),
        ("delta2 = (d-o)*o*(1-o)", "sign"),
    ],
)
def test_a_name_for_a_derivative_is_one(wrong: str, kind: str) -> None:
    assert kind in kinds_of(check_formula(SIGMOID.derivation, wrong))


STEP = "z = w*x\no = sigmoid(z)\nE = (d-o)**2/2\nq = eta*w\nv = -eta*diff(E, w)\nv = "


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [
        ("eta*(o-d)*o*(1-o)*x", "sign"),
        ("-eta*(o-d)*x", "activation-derivative-missing"),
        ("-(o-d)*o*(1-o)*x", "rate-missing"),
    ],
)
def test_a_name_for_a_step_is_one(wrong: str, kind: str) -> None:
    verdict = read_text(STEP + wrong + "\n", ".txt").statements[-1].verdict
    assert verdict is not None and kinds_of(verdict) == [kind]


SAMPLES = derive(mlp([2, 2, 1], samples=3))
SUMMED = derive(mlp([2, 2, 1], samples=3, reduction="sum"))


@pytest.mark.parametrize(
    ("net", "wrong", "kinds"),
    [
        (SAMPLES, "diff(E, b2) = 3*(delta2_1_1+delta2_1_2+delta2_1_3)", ["sum-for-mean"]),
        (SUMMED, "diff(E, b2) = (delta2_1_1+delta2_1_2+delta2_1_3)/3", ["mean-for-sum"]),
        (SUMMED, "diff(E, b2) = 3*(delta2_1_1+delta2_1_2+delta2_1_3)", ["factor"]),
        (SAMPLES, "diff(E, b2) = delta2_1_2", ["sum-missing"]),
        (SAMPLES, "diff(E, w2_1_1) = 3*delta2_1_2*a1_1_2", ["sum-for-mean", "sum-missing"]),
        (SAMPLES, "diff(E, b2) = delta2_1_2 + delta2_1_3", ["path-missing"]),
        (SAMPLES, "diff(E, b1_1) = delta1_1_1 + delta1_2_1", ["bias-axis"]),
        (SAMPLES, "diff(E, b1_2) = delta1_1_2 + delta1_2_2", ["bias-axis"]),
    ],
)
def test_sums_over_samples(net: Derivation, wrong: str, kinds: list[str]) -> None:
    assert kinds_of(check_formula(net, wrong)) == kinds


def test_what_no_known_mistake_explains_is_not_explained() -> None:
    verdict = check_formula(SIGMOID.derivation, "diff(E, w2_1_1) = (o-d)*exp(x_1)*b1_2 + o**3")
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


@pytest.mark.parametrize("claim", [
    "diff(z, w) = w", "diff(z, x) = x", "diff(z, w) = 1", "diff(z, w) = x - w", "diff(z, b) = b",
])  # fmt: skip
def test_only_a_loss_has_a_target(claim: str) -> None:
    """z = wx + b is nobody's loss: its derivative is not called a target or a loss gone wrong."""
    notes = "$z = w x + b$\n\n$a = \\sigma(z)$\n\n$E = \\frac12 (d - a)^2$\n\n"
    (statement,) = check_notes(f"{notes}```symbp\n{claim}\n```\n").files[0].statements[3:]
    assert statement.verdict is not None and statement.verdict.outcome == "different"
    found = statement.verdict.diagnosis
    of_a_loss = {"target-swapped", "loss-derivative-missing", "wrong-loss"}
    assert found is None or found.kind not in of_a_loss
