"""The scalar form: names of entries, order, and instances that are what SymPy would build."""

from __future__ import annotations

from math import prod

import pytest
from sympy import Sum, Symbol

from symbp.core.chain import derive
from symbp.core.equations import Equation, array, index, scalar
from symbp.core.names import Name, PlainNameError
from symbp.core.networks import mlp
from symbp.core.program import Program
from symbp.core.scalars import Entries, ScalarError
from symbp.core.steps import MOST_PATHS, Step


def names(symbols: object) -> list[str]:
    return [s.name for s in symbols]  # type: ignore[attr-defined]


def test_entries_are_row_major_and_named_as_printed() -> None:
    program = mlp([2, 2, 1]).scalars()
    assert names(program.parameters) == [
        "w1_1_1", "w1_1_2", "w1_2_1", "w1_2_2", "b1_1", "b1_2", "w2_1_1", "w2_1_2", "b2",
    ]  # fmt: skip
    assert names(program.inputs) == ["x_1", "x_2", "d"]
    assert [e.name for e in program] == ["z1_1", "z1_2", "a1_1", "a1_2", "z2", "o", "E"]


@pytest.mark.parametrize(
    ("plain", "place"),
    [("w1_1_2", ("W1", (0, 1))), ("b2", ("b2", (0,))), ("b2_1", ("b2", (0,))), ("E", ("E", ()))],
)
def test_an_entry_is_found_by_its_plain_name(plain: str, place: object) -> None:
    assert mlp([2, 2, 1]).entries.find(plain) == place


SHAPES: list[dict[str, tuple[int, ...]]] = [
    {"W": (2, 2), "w_1": (2,)}, {"w_1": (2,), "W": (2, 2), "W_bar": (2, 2), "w_1_bar": (2,)},
    {"x": (2,), "x_1": ()}, {"x_1": (), "x": (2,), "X": (3,)}, {"w": (), "W": (2,)},
    {"A": (2, 2, 2), "a_1": (2, 2), "a_1_1": (2,), "a_1_1_1": ()}, {"w": (2,), "W": (2,)},
]  # fmt: skip


@pytest.mark.parametrize("shapes", SHAPES, ids=str)
def test_no_two_entries_have_one_name(shapes: dict[str, tuple[int, ...]]) -> None:
    entries = Entries(shapes)
    found = names([s for name in shapes for s in entries.all(name)])
    assert len(set(found)) == len(found) == sum(map(prod, shapes.values()))
    assert all(str(entries.symbol(*entries.find(n))) == n for n in found if "_bar" not in n)
    assert "W_bar" not in shapes or [n + "_bar" for n in names(entries.all("W"))] == (
        names(entries.all("W_bar"))
    )


def test_an_unknown_entry_names_its_neighbours() -> None:
    with pytest.raises(KeyError, match="no entry w_11; there are w1_1_1, w1_1_2"):
        derive(mlp([2, 2, 1])).steps("w_11")


def test_a_matrix_whose_small_letter_is_taken_keeps_its_own() -> None:
    j, k = index("j", 2), index("k", 2)
    w, small, e = array("W", 2, 2), array("w", 2), scalar("E")
    line = Equation.of(e, Sum2(w[j, k] * small[k], j, k))
    assert names(Program.of([line], ["W", "w"]).scalars().parameters) == [
        "W_1_1", "W_1_2", "W_2_1", "W_2_2", "w_1", "w_2",
    ]  # fmt: skip


def Sum2(body: object, *letters: object) -> object:  # noqa: N802  # a sum over two indices
    return Sum(body, *((i, i.lower, i.upper) for i in letters))  # type: ignore[attr-defined]


def test_instances_are_what_sympy_itself_would_build() -> None:
    for equation in derive(mlp([3, 4, 2], "tanh", samples=2)).scalars():
        for term in equation.terms:
            if term.body.args:
                built = term.body.func(*term.body.args)
                assert (term.body, term.body.args) == (built, built.args)


def test_a_symbolic_size_and_a_gather_have_no_scalar_form() -> None:
    with pytest.raises(ScalarError, match="a number for N"):
        mlp([2, 1], samples=Symbol("N", integer=True, positive=True)).scalars()
    n, table, words, e = index("n", 2), array("T", 3), array("t", 2), scalar("E")
    program = Program.of([Equation.of(e, Sum2(table[words[n]], n))], ["T"])
    with pytest.raises(ScalarError, match="depends on data"):
        program.scalars()


def lines(found: tuple[Step, ...]) -> list[str]:
    return [
        " + ".join("·".join(str(f.shown) for f in path) for path in line.paths) for line in found
    ]


def test_steps_replace_one_local_derivative_a_line() -> None:
    found = derive(mlp([2, 2, 1], bias=False)).steps("w1_1_2")
    assert [(s.rule, s.references) for s in found] == [
        ("chain", ()),
        ("power", ("E",)),
        ("sigmoid", ("o",)),
        ("linear", ("z2",)),
        ("sigmoid", ("a1_1",)),
        ("linear", ("z1_1",)),
    ]
    assert lines(found)[0] == (
        "partial(E, o)·partial(o, z2)·partial(z2, a1_1)·partial(a1_1, z1_1)·partial(z1_1, w1_1_2)"
    )
    assert lines(found)[-1] == "-d + o·o*(1 - o)·w2_1_1·a1_1*(1 - a1_1)·x_2"


def test_steps_sum_over_paths_and_replace_them_together() -> None:
    found = derive(mlp([2, 2, 2], bias=False)).steps("w1_1_1")
    assert [len(s.paths) for s in found] == [2] * len(found)
    assert [s.references for s in found[1:3]] == [("E",), ("o_1", "o_2")]


def test_many_paths_are_closed_by_the_adjoint() -> None:
    found = derive(mlp([2, 3, MOST_PATHS, 2], bias=False)).steps("w1_1_1")
    assert lines(found) == [
        "partial(E, z1_1)·partial(z1_1, w1_1_1)",
        "z1_1_bar·partial(z1_1, w1_1_1)",
        "z1_1_bar·x_1",
    ]


def test_a_weight_that_does_not_reach_the_loss_is_constant() -> None:
    a, b, e = scalar("a"), scalar("b"), scalar("E")
    program = Program.of(
        [Equation.of(scalar("y"), b * 2), Equation.of(e, a**2)], ["a", "b"]
    )
    assert [s.rule for s in derive(program).steps("b")] == ["constant"]


@pytest.mark.parametrize(
    ("plain", "latex"),
    [
        ("w1_1_2", "w_{12}^{(1)}"),
        ("w_11", "w_{11}"),
        ("z2", "z^{(2)}"),
        ("y_out", r"y_{\mathrm{out}}"),
        ("yhat_1", r"\hat{y}_{1}"),
        ("delta2_1", r"\delta_{1}^{(2)}"),
        ("net_h1", r"\mathrm{net}_{h1}"),
        ("w_53_new", "w_{53}^{+}"),
        ("w1_11_2", "w_{11,2}^{(1)}"),
    ],
)
def test_a_name_prints_and_parses_back(plain: str, latex: str) -> None:
    name = Name.parse(plain)
    assert name.latex() == latex
    assert str(name) == plain


@pytest.mark.parametrize("text", ["", "1a", "a__b", "a-b", "a b", "_a", "é"])
def test_what_is_no_plain_name_is_said(text: str) -> None:
    with pytest.raises(PlainNameError):
        Name.parse(text)
