"""Certificates: what is written is verified by a program of its own, and what is forged is not."""

from __future__ import annotations

import copy
import json
import sys
from collections.abc import Callable
from contextlib import suppress
from fractions import Fraction
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import (
    Abs,
    Expr,
    Max,
    Min,
    Piecewise,
    cos,
    cosh,
    exp,
    log,
    sech,
    sin,
    sinh,
    sqrt,
    tan,
    tanh,
)

from symbp.check.files import check_file, check_notes, found
from symbp.check.report import combined
from symbp.cli import main
from symbp.core.functions import elu, gelu, leaky_relu, relu, sigmoid, softplus, step
from symbp.decide import Context, Verdict, decide
from symbp.decide import certificate as certificate_module
from symbp.decide.residue import PRIME_BITS, draw_prime
from symbp.verify import MalformedError, Status, judgement, read_certificates, verify
from symbp.verify.balls import Balls
from symbp.verify.evaluation import evaluate
from symbp.verify.field import Point, RefutedError
from symbp.verify.identity import Sides
from symbp.verify.reading import read
from symbp.verify.shape import Shape
from tests.test_decide import DIFFERENT, EQUAL

Certificate = dict[str, Any]
Forgery = Callable[[Certificate], None]
x, y, z, a, b, c, N = sp.symbols("x y z a b c N", real=True)

MORE: list[tuple[Expr, Expr]] = [
    (cosh(z) ** 2 - sinh(z) ** 2, sp.S.One),
    (sech(z), 2 / (exp(z) + exp(-z))),
    (tan(z), sin(z) / cos(z)),
    (sin(a + b), sin(a) * cos(b) + cos(a) * sin(b)),
    (sin(z + 1), sin(z) * cos(1) + cos(z) * sin(1)),
    (sp.diff(gelu(z).definition(), z), gelu(z).diff(z)),
    (log(a * b), log(a) + log(b)),
    (log(12 * (x**2 + 1)), 2 * log(2) + log(3) + log(x**2 + 1)),
    (sqrt(12) * x, 2 * sqrt(3) * x),
    (sqrt(4 * x**2 + 4), 2 * sqrt(x**2 + 1)),
    ((x**2 + 1) ** sp.Rational(3, 2), (x**2 + 1) * sqrt(x**2 + 1)),
    ((x**2 + 1) ** y, exp(y * log(x**2 + 1))),
    (sp.Heaviside(x) * x, relu(x)),
    (Min(a, b) + Max(a, b), a + b),
    (Max(a, b, c), Max(Max(b, c), a)),
    (leaky_relu(z).definition(), Max(z, z / 100)),
    (elu(z) * step(z), relu(z)),
    (Piecewise((x, (x > 0) & (y > 0)), (0, True)), x * step(x) * step(y)),
    (Piecewise((x, ~(x <= 0) | (y < y - 1)), (0, True)), relu(x)),
    (-log(1 - sigmoid(relu(z))), softplus(relu(z))),
    (exp(-log(1 + exp(-z))), sigmoid(z)),
    (sp.Float("0.1") * x + 0.2 * x, sp.Rational(3, 10) * x),
]
"""Equal pairs, with each function of the language at least once."""
UNVERIFIED = (softplus(z), relu(z) + log(1 + exp(-Abs(z))))
"""The one pair of ``EQUAL`` whose relation holds in each case of a step, and not in general."""
PROPORTIONAL = [
    (x * y, 2 * x * y), (tanh(z) ** 2 * 3, tanh(z) ** 2), (relu(z) * y, -relu(z) * y / 7),
]  # fmt: skip


def certificate_of(verdict: Verdict) -> Certificate:
    """The certificate of a verdict after it was written and read."""
    (write,) = verdict.certificates
    (read,) = read_certificates(json.dumps(write()).encode())
    assert isinstance(read, dict)
    return read


def test_a_root_that_a_field_does_not_have_is_looked_for_in_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """2 has no root modulo a prime that is 3 modulo 8."""
    without, having = (
        next(p for p in iter(lambda: draw_prime(PRIME_BITS), 0) if p % 8 == rest) for rest in (3, 7)
    )
    primes = chain([without, without], repeat(having))
    monkeypatch.setattr(certificate_module, "draw_prime", lambda _: next(primes))
    verdict = decide(sp.diff(gelu(z).definition(), z), gelu(z).diff(z))
    assert verify(certificate_of(verdict)).status == Status.verified


@pytest.mark.parametrize(("left", "right"), [*EQUAL, *MORE, *PROPORTIONAL])
def test_an_equality_is_verified_exactly_or_at_a_point_of_the_verifiers_own(
    left: Expr, right: Expr, monkeypatch: pytest.MonkeyPatch
) -> None:
    verdict = decide(left, right)
    certificate = certificate_of(verdict)
    assert certificate["outcome"] == verdict.outcome in ("equal", "proportional")
    if (left, right) == UNVERIFIED:
        assert verify(certificate).status == Status.open
        assert certificate["reason"]
    else:
        finding = verify(certificate)
        assert finding.status == Status.verified, finding
        assert "exactly" in finding.text or "2^-2" in finding.text
        monkeypatch.setattr(judgement, "holds_exactly", lambda _: False)
        assert "2^-2" in verify(certificate).text


@pytest.mark.parametrize(("left", "right"), DIFFERENT)
def test_a_difference_is_verified_at_its_point(left: Expr, right: Expr) -> None:
    certificate = certificate_of(decide(left, right))
    assert verify(certificate).status == Status.verified
    shown = certificate["witness"]
    assert shown["left"] != shown["right"]


def test_the_factor_may_be_a_constant() -> None:
    for right, power in ((sigmoid(x) * 3 / N, -1), (3 * N * sigmoid(x), 1)):
        certificate = certificate_of(Context().decide(sigmoid(x), right, [N]))
        assert certificate["factor"] == {"number": "3", "name": "N", "power": power}
        finding = verify(certificate)
        assert finding.status == Status.verified
        assert f"3·N^{power}·left" in finding.text


def test_assumptions_are_part_of_what_is_verified() -> None:
    positive = certificate_of(decide(sqrt(x**2 * y), x * sqrt(y), assumptions=[x > 0]))
    finding = verify(positive)
    assert finding.status == Status.verified
    assert "where x > 0" in finding.text
    for forged in ({**positive, "given": []}, {**positive, "point": {"x": "-1", "y": "1"}}):
        assert verify(forged).status != Status.verified
    total = certificate_of(decide(x * (a + b + c), x, assumptions=[sp.Eq(a + b + c, 1)]))
    assert verify(total).status == Status.verified
    apart = certificate_of(decide(sqrt(x**2 * y), sqrt(y), assumptions=[x > 0]))
    assert verify(apart).status == Status.verified
    apart["witness"]["at"]["x"] = "-" + apart["witness"]["at"]["x"]
    assert verify(apart).status == Status.rejected


def test_definitions_stay_names() -> None:
    context = Context()
    name = x
    for layer in range(60):
        after = sp.Symbol(f"a{layer}", real=True)
        context.define(after, sigmoid(2 * name + y))
        name = after
    certificate = certificate_of(context.decide(name * (1 - name), name - name**2))
    finding = verify(certificate)
    assert finding.status == Status.verified
    assert finding.claim == "(a59·(1 + ((-1)·a59))) = (a59 + ((-1)·a59^2))"
    assert len(json.dumps(certificate)) < 30_000


def test_what_was_not_decided_has_no_certificate() -> None:
    assert decide(sp.gamma(x), x).certificates == ()


# -- forgeries ----------------------------------------------------------------------------------------


def equal() -> Certificate:
    return certificate_of(decide(sigmoid(z) * (1 - sigmoid(z)) * 3, 3 * exp(z) / (1 + exp(z)) ** 2))


def proportional() -> Certificate:
    return certificate_of(decide(x * sigmoid(y), 2 * x / (1 + exp(-y))))


def different() -> Certificate:
    return certificate_of(decide(sigmoid(z), exp(z) / 2))


def bumped(number: str) -> str:
    return str(Fraction(number) + 1)


def change_numbers(certificate: Certificate) -> None:
    for node in certificate["nodes"]:
        if node[0] == "number":
            node[1] = bumped(node[1])


def change_operation(certificate: Certificate) -> None:
    for node in certificate["nodes"]:
        node[0] = {"add": "multiply", "sigmoid": "tanh"}.get(node[0], node[0])


def change_side(certificate: Certificate) -> None:
    certificate["right"] -= 1


def change_values(certificate: Certificate) -> None:
    certificate["proof"]["values"]["left"] = certificate["proof"]["values"]["right"] = "1"


def change_seed(certificate: Certificate) -> None:
    certificate["proof"]["seed"] = "00" * 32


def change_prime(certificate: Certificate) -> None:
    certificate["proof"]["prime"] = f"{(1 << 521) - 1:x}"


def change_factor(certificate: Certificate) -> None:
    certificate["factor"]["number"] = "3"


def change_digit(certificate: Certificate) -> None:
    text = certificate["witness"]["left"]
    certificate["witness"]["left"] = text[:5] + str((int(text[5]) + 5) % 10) + text[6:]


def shorten_digits(certificate: Certificate) -> None:
    certificate["witness"]["left"] = certificate["witness"]["left"][:5]


def change_point(certificate: Certificate) -> None:
    for at in (certificate.get("witness") or {}).get("at", {}), certificate.get("point") or {}:
        for name in at:
            at[name] = "1000001/7"


def add_name_to_point(certificate: Certificate) -> None:
    (certificate.get("point") or certificate["witness"]["at"])["q"] = "1"


def swap_outcome(certificate: Certificate) -> None:
    to = {"equal": "different", "different": "equal", "proportional": "equal"}
    certificate["outcome"] = to[certificate["outcome"]]
    certificate["point"] = certificate.get("point") or certificate["witness"]["at"]
    certificate.setdefault("witness", {"at": certificate["point"], "left": "1.00000000000",
                                       "right": "2.00000000000", "bits": 128})  # fmt: skip
    if certificate["outcome"] == "equal":
        del certificate["witness"]
    certificate.pop("factor", None)


def call_it_proportional(certificate: Certificate) -> None:
    certificate["outcome"] = "proportional"
    certificate["factor"] = {"number": "2", "name": "z", "power": -1}
    certificate["point"] = certificate["witness"]["at"]


def add_node(certificate: Certificate) -> None:
    certificate["nodes"].append(["name", "t"])
    certificate["nodes"].append(["log", len(certificate["nodes"]) - 1])


FORGERIES: list[tuple[Callable[[], Certificate], Forgery]] = [
    *((equal, f) for f in (change_numbers, change_operation, change_side, change_values, change_seed,
                           change_prime, add_name_to_point, swap_outcome, add_node)),
    *((proportional, f) for f in (change_numbers, change_operation, change_side, change_factor,
                                  change_digit, change_values, change_point, swap_outcome, add_node)),
    *((different, f) for f in (change_numbers, change_operation, change_digit, shorten_digits,
                               change_point, swap_outcome, add_name_to_point, add_node)),
]  # fmt: skip


@pytest.mark.parametrize(("make", "forge"), FORGERIES)
def test_a_forgery_is_rejected(make: Callable[[], Certificate], forge: Forgery) -> None:
    certificate = make()
    assert verify(certificate).status == Status.verified
    forge(certificate)
    finding = verify(certificate)
    assert finding.status == Status.rejected
    assert finding.text


def test_a_forged_proportionality_holds_no_proof() -> None:
    certificate = different()
    call_it_proportional(certificate)
    assert verify(certificate).status != Status.verified


@pytest.mark.parametrize(("left", "right"), [*EQUAL, *MORE])
def test_every_relation_is_checked(left: Expr, right: Expr) -> None:
    certificate = certificate_of(decide(left, right))
    relations = (certificate["proof"] or {"relations": []})["relations"]
    for index, (_, terms) in enumerate(relations):
        for place in range(len(terms)):
            forged = copy.deepcopy(certificate)
            term = forged["proof"]["relations"][index][1][place]
            term[1] = bumped(term[1])
            assert verify(forged).status == Status.rejected


def written(
    nodes: list[list[Any]], generators: list[list[Any]], relations: list[list[Any]], at: dict[str, str],
    **more: object,
) -> Certificate:  # fmt: skip
    """A certificate by hand, on the last two nodes."""
    proof = {"generators": generators, "relations": relations, "seed": "", "prime": f"{PRIME:x}",
             "values": {"left": "0", "right": "0"}}  # fmt: skip
    return {"format": "symbp-certificate", "version": 1, "outcome": "equal", "nodes": nodes,
            "left": len(nodes) - 2, "right": len(nodes) - 1, "point": at, "proof": proof,
            **more}  # fmt: skip


PRIME = (1 << 521) - 1
SQUARE = [["name", "x"], ["number", "1"], ["add", 0, 1], ["power", "2", 2]]
TRICKS: list[tuple[str, Certificate, str]] = [
    ("√(x+1)² = x+1, as if it were positive", written(
        [*SQUARE, ["power", "1/2", 3], ["multiply", 2, 1]],
        [["log", 1, 2]], [[4, [[0, "1"]]]], {"x": "3"}), "not known to be positive"),
    ("√(x+1)² = x+1, with one of the two roots", written(
        [*SQUARE, ["power", "1/2", 3], ["multiply", 2, 1]],
        [["root", 1, 3]], [[4, [[0, "1"]]]], {"x": "3"}), "differ at a random point"),
    ("log (x+1)² = 2 log|x+1| with a number that is not positive", written(
        [*SQUARE, ["log", 3], ["log", 3]],
        [["log", 1, 3], ["log", 1, "-1"]], [[4, [[0, "1"], [1, "2"]]], [5, [[0, "1"]]]], {"x": "3"}),
     "not known to be positive"),
    ("[x > 0] = 1, where it holds at the point", written(
        [["name", "x"], ["number", "1"], ["step", 0], ["multiply", 1, 1]],
        [["sign", 1, 0, "0"]], [[2, [[0, "1"]]]], {"x": "1"}), "differ at a random point"),
    ("[x > 0] = 1 by the sign of another number", written(
        [["name", "x"], ["number", "1"], ["step", 0], ["multiply", 1, 1]],
        [["sign", 1, 1, "0"]], [[2, [[0, "1"]]]], {"x": "1"}), "relation of node 2 does not hold"),
    ("[x ≥ 0] = [x > 0] for a max(x, 0) that is 0 on an open set", written(
        [["name", "x"], ["number", "0"], ["max", 0, 1], ["true"], ["number", "1"], [">=", 2, 1],
         ["piecewise", 4, 5, 1, 3], ["step", 2]],
        [["sign", 1, 0, "0"], ["sign", 1, 2, "0"]],
        [[2, [[0, "1"]]], [5, [[1, "1"]]], [7, [[1, "1"]]]], {"x": "1"}), "differ at a random point"),
    ("a generator made of what comes later", written(
        [["name", "x"], ["exp", 0], ["exp", 1], ["exp", 1]],
        [["exp", 1, 2]], [[1, [[0, "1"]]], [2, [[0, "1"]]], [3, [[0, "1"]]]], {"x": "1"}),
     "made of earlier nodes"),
    ("eˣ = e^{2x} by another fineness", written(
        [["name", "x"], ["number", "2"], ["multiply", 0, 1], ["exp", 0], ["exp", 2]],
        [["exp", 1, 0], ["exp", 2, 0]], [[3, [[0, "1"]]], [4, [[1, "2"]]]], {"x": "0"}),
     "relation of node 4 does not hold"),
    ("a logarithm beside a step", written(
        [["name", "x"], ["log", 0], ["abs", 0], ["multiply", 1, 2], ["multiply", 1, 0]],
        [["log", 1, 0], ["sign", 1, 0, "0"]], [[1, [[0, "1"]]], [2, [[1, "1"]]]], {"x": "2"}),
     "in one piece alone"),
    ("a name that has two meanings", written(
        [["name", "x"], ["number", "2"], ["defined", "x", 1], ["multiply", 0, 2], ["multiply", 2, 0]],
        [], [], {"x": "2"}), "one definition for a name"),
]  # fmt: skip


def with_values(certificate: Certificate) -> Certificate:
    """The certificate with the values that its point gives, as a forger would state them."""
    document = read(certificate)
    assert document.point is not None and document.proof is not None
    shape, proof = Shape(document), document.proof
    sides = Sides(document, proof, shape, Balls(document, document.point, 128, strict=False))
    values = evaluate(Point(document, proof.generators, proof.relations, shape, proof.prime,
                            proof.seed, sides.solid))  # fmt: skip
    left, right = (f"{values[n]:x}" for n in (document.left, document.right))
    return {**certificate, "proof": {**certificate["proof"], "values": {"left": left, "right": right}}}


@pytest.mark.parametrize("trick", TRICKS, ids=[name for name, *_ in TRICKS])
def test_a_trick_is_not_verified(trick: tuple[str, Certificate, str]) -> None:
    _, certificate, reason = trick
    with suppress(MalformedError, RefutedError):
        certificate = with_values(certificate)
    finding = verify(certificate)
    assert finding.status != Status.verified
    assert reason in finding.text


def test_what_a_trick_lacks_is_the_truth() -> None:
    """The same form of certificate, on what is true, is verified."""
    true = written([*SQUARE, ["power", "1/2", 3], ["power", "2", 4], ["power", "2", 2]],
                   [["root", 1, 3]], [[4, [[0, "1"]]]], {"x": "3"})  # fmt: skip
    assert verify(with_values(true)).status == Status.verified


# -- hostile input ------------------------------------------------------------------------------------

CHAIN = [["name", "x"], *(["multiply", k, k] for k in range(30_000))]
TOWER = [["name", "x"], *(["exp", k] for k in range(200))]
HOSTILE: list[tuple[str, Certificate, str]] = [
    ("a doubling chain", {**written(CHAIN, [], [], {"x": "2"})}, "a term of a moderate size"),
    ("a tower of powers", written([["name", "x"], *(["power", "1000000", k] for k in range(2000))],
                                  [], [], {"x": "2"}), "a term of a moderate size"),
    ("a large exponent", written([["name", "x"], ["power", "10000000", 0]], [], [], {"x": "2"}),
     "exponent up to 1000000"),
    ("a cube root", written([["name", "x"], ["power", "1/3", 0]], [], [], {"x": "2"}), "half exponent"),
    ("a million digits", written([["number", "9" * 10**6]], [], [], {}), "a fraction as a text"),
    ("a division by zero", written([["number", "1/0"]], [], [], {}), "a fraction as a text"),
    ("a cycle", written([["add", 0]], [], [], {}), "a whole number from 0 to -1"),
    ("true as a number", written([["name", "x"], ["add", True]], [], [], {}), "a whole number"),
    ("a float", written([["name", "x"], ["add", 0.0]], [], [], {}), "a whole number"),
    ("an unknown operation", written([["system", "x"]], [], [], {}), "accepted are number, name"),
    ("a list as an operation", written([[["add"]]], [], [], {}), "accepted are number, name"),
    ("no operands", written([["add"]], [], [], {}), "add with 1 to"),
    ("a condition in a sum", written([["true"], ["add", 0]], [], [], {}), "add of values"),
    ("a value as a condition", written([["name", "x"], ["not", 0]], [], [], {}), "not of conditions"),
    ("a value where a condition goes", written([["name", "x"], ["piecewise", 0, 0]], [], [], {}),
     "a value, its condition"),
    ("no relation", written([["name", "x"], ["exp", 0]], [], [], {"x": "1"}), "one relation for each"),
    ("no point", written([["name", "x"], ["add", 0]], [], [], {}), "a value for each name"),
    ("another version", {**different(), "version": 2}, "version: accepted is 1"),
    ("letters that steer a terminal", {**different(), "outcome": "\x1b[2J"}, "equal, proportional"),
]  # fmt: skip


@pytest.mark.parametrize(("certificate", "text"), [h[1:] for h in HOSTILE], ids=[h[0] for h in HOSTILE])
def test_hostile_input_is_one_clear_message(certificate: Certificate, text: str) -> None:
    finding = verify(certificate)
    assert finding.status == Status.rejected
    assert text in finding.text
    assert len(finding.text) < 500


def test_a_tower_of_exponentials_ends() -> None:
    relations = [[k, [[k - 1, "1"]]] for k in range(1, 201)]
    tower = written(TOWER, [["exp", 1, k] for k in range(200)], relations, {"x": "9"})
    assert verify({**tower, "left": 200}).status == Status.rejected
    assert verify({**tower, "left": 200, "outcome": "different"}).status == Status.open


LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 40), st.floats(), st.text(max_size=4),
    st.sampled_from(["1/0", "-1/2", "x", "1e9999", "0", "10" * 40]), st.just([]), st.just({}),
)  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths to all leaves."""
    if isinstance(value, dict | list) and value:
        keys = list(value) if isinstance(value, dict) else range(len(value))
        return [p for k in keys for p in places(value[k], (*path, k))]
    return [path]


SAMPLES = [equal(), proportional(), different(), certificate_of(decide(relu(z) - relu(-z), z))]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(SAMPLES), st.integers(0, 10**6), LEAVES)
def test_whatever_stands_in_a_certificate_there_is_an_answer(
    sample: Certificate, place: int, leaf: object
) -> None:
    certificate = copy.deepcopy(sample)
    paths = places(certificate)
    *path, last = paths[place % len(paths)]
    inner: Any = certificate
    for key in path:
        inner = inner[key]
    inner[last] = leaf
    assert verify(certificate).status in Status


@given(st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_whatever_json_it_is_there_is_an_answer(value: object) -> None:
    assert verify(value).status == Status.rejected


# -- the command --------------------------------------------------------------------------------------


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["symbp", *arguments])
    with pytest.raises(SystemExit) as end:
        main()
    return int(end.value.code or 0)


@pytest.mark.parametrize(
    ("made", "code", "text"),
    [
        ([equal(), different(), proportional()], 0, "3 verified"),
        (equal(), 0, ": verified equal (exactly)"),
        ([equal(), {**equal(), "proof": None}], 3, "1 verified · 1 not verifiable"),
        ([equal(), {**equal(), "proof": None}, 3], 1, "1 verified · 1 rejected · 1 not verifiable"),
    ],
)
def test_the_exit_code_is_that_of_the_worst(
    made: object, code: int, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    file = tmp_path / "certificate.json"
    file.write_text(json.dumps(made))
    assert run(monkeypatch, "verify", str(file)) == code
    assert text in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "no JSON"), (b"\xff\xfe\x00", "no JSON"), (b"[]", "a certificate or a list of them"),
     (b"[" * 100_000, "no JSON"), (b"9" * 10_000, "no JSON"), (None, "No such file")],
)  # fmt: skip
def test_a_file_that_cannot_be_read(
    content: bytes | None, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    file = tmp_path / "certificate.json"
    if content is not None:
        file.write_bytes(content)
    assert run(monkeypatch, "verify", str(file)) == 2
    assert message in capsys.readouterr().err


def test_every_certificate_of_the_article_is_verified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(Path(__file__).parent.parent)
    file = tmp_path / "article.json"
    assert run(monkeypatch, "check", "derivations/article", "--certificates", str(file)) == 0
    capsys.readouterr()
    assert run(monkeypatch, "verify", str(file)) == 0
    certificates = json.loads(file.read_bytes())
    report = combined(check_file(path) for path in found([Path("derivations/article")]))
    decided = sum(len(item.verdict.certificates) for item in report.judged if item.verdict)
    assert len(certificates) == decided >= 39
    assert f"{decided} verified" in capsys.readouterr().out
    assert {c["path"].rpartition("/")[2] for c in certificates} == {"notes.md", "train.py"}


def test_a_step_along_the_gradient_and_an_array_have_certificates() -> None:
    report = check_notes("$y = x^2$\n\n$x^+ = x - 0.2 x$, where $\\frac{dy}{dx} = 2x$")
    for certificate in json.loads(report.certificates_to_json()):
        assert verify(certificate).status == Status.verified
