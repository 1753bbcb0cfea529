"""Training: what is fitted, what a file holds, what is said when it goes wrong."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sympy import Sum, log, sqrt

from symbp.cli import main
from symbp.core.equations import Equation, array, index, scalar
from symbp.core.networks import mlp
from symbp.core.optimizers import SGD, Adam
from symbp.core.program import Program
from symbp.read.directives import Network
from symbp.train import store
from symbp.train.curve import plotted
from symbp.train.data import DataError, Table, read_table
from symbp.train.descend import DescentError
from symbp.train.fit import SAMPLES, Epoch, fit
from symbp.train.model import Model, program_of
from symbp.train.schedules import schedule_of
from symbp.train.show import confusion, determined
from symbp.write.targets import lambdify
from tests.killing import killed
from tests.tables import write_table

RNG = np.random.default_rng(7)
X = RNG.normal(size=(23, 3))
D = np.tanh(X @ np.array([[1.0, 0.5], [-2.0, 1.0], [0.3, 0.0]]))
NET = mlp([3, 4, 2], "tanh", samples=SAMPLES)


def test_the_last_smaller_batch_counts() -> None:
    """One epoch of batches of 10, 10 and 3 against the gradient taken batch by batch."""
    run = fit(NET, X, D, SGD(lr=0.1), epochs=1, batch_size=10, seed=4)
    rng = np.random.default_rng(4)
    mine = {n: p.copy() for n, p in fit(NET, X, D, epochs=0, seed=4).parameters.items()}
    for leaf in NET.parameters:  # draws the same weights, so that the order comes next
        shape = mine[leaf.name].shape
        if len(shape) > 1:
            rng.uniform(size=shape)
    order, losses = rng.permutation(23), []
    for rows in (order[:10], order[10:20], order[20:]):
        f = lambdify(NET.at({SAMPLES: len(rows)}))
        loss, *gradients = f(*mine.values(), X[rows].T, D[rows].T)
        losses.append(loss * len(rows))
        for p, g in zip(mine.values(), gradients, strict=True):
            p -= 0.1 * g
    for name, value in mine.items():
        assert_allclose(run.parameters[name], value, rtol=1e-12)
    assert run.history[0] == pytest.approx(sum(losses) / 23, rel=1e-12)


def test_an_optimizer_remembers_across_batch_sizes() -> None:
    """Adam on batches of 12 and 11 is Adam on the same batches of one size, cut by hand."""
    run = fit(NET, X, D, Adam(lr=0.01), epochs=3, batch_size=12, seed=2)
    steps: list[float] = []
    again = fit(NET, X, D, Adam(lr=0.01), epochs=3, batch_size=12, seed=2,
                callbacks=[lambda epoch: steps.append(epoch.loss)])  # fmt: skip
    assert run.history == again.history == tuple(steps)
    assert run.history[2] < run.history[0]
    m = fit(NET, X, D, Adam(lr=0.01), epochs=1, batch_size=12, seed=2)
    largest = max(np.abs(a - b).max() for a, b in zip(
        m.parameters.values(), fit(NET, X, D, epochs=0, seed=2).parameters.values(), strict=True))
    # Two steps of Adam from zero move no weight by more than 2η: its memory was not lost.
    assert 0.01 < largest <= 0.02 * (1 + 1e-6)


def test_any_program_with_samples_trains() -> None:
    """Bilinear regression, y = xᵀ A u, with three inputs that are named."""
    n, i, j = index("n", SAMPLES), index("i", 2), index("j", 3)
    x, u = array("x", 2, SAMPLES), array("u", 3, SAMPLES)
    y, t, a = array("y", SAMPLES), array("t", SAMPLES), array("A", 2, 3)
    program = Program(
        (Equation.of(y[n], Sum(x[i, n] * a[i, j] * u[j, n], i, j)),
         Equation.of(scalar("E"), Sum((y[n] - t[n]) ** 2, n) / SAMPLES)),
        "E", (a,), (x, u, t),
    )  # fmt: skip
    true = np.array([[1.0, -2.0, 0.5], [0.0, 3.0, 1.0]])
    xs, us = RNG.normal(size=(60, 2)), RNG.normal(size=(60, 3))
    data = {"x": xs, "u": us, "t": np.einsum("ni,ij,nj->n", xs, true, us)}
    run = fit(program, data, optimizer="adam", lr=0.05, epochs=400, batch_size=20)
    assert_allclose(run.parameters["A"], true, atol=1e-3)
    assert run.loss(data) < 1e-5


def test_the_epoch_of_the_smallest_validation_loss_is_kept() -> None:
    run = fit(NET, X, D, SGD(lr=3.0), epochs=200, batch_size=4, validation=0.3, patience=5)
    best = int(np.argmin(run.validation))
    assert len(run.validation) == len(run.history) == best + 6 or len(run.history) == 200
    rows = list(run.held)
    assert len(rows) == 7
    assert run.loss(X[rows], D[rows]) == pytest.approx(min(run.validation), rel=1e-12)


def test_a_callback_ends_the_training() -> None:
    def enough(epoch: Epoch) -> bool:
        return epoch.number == 3

    assert len(fit(NET, X, D, epochs=50, callbacks=[enough]).history) == 3


@pytest.mark.parametrize(("text", "epoch", "factor"), [
    ("constant", 7, 1.0), ("linear", 5, 0.5), ("cosine", 0, 1.0), ("cosine", 5, 0.5),
    ("exponential:0.5", 3, 0.125), ("step:4:0.1", 8, 0.01), ("warmup:4+cosine", 1, 0.48776412907),
])  # fmt: skip
def test_schedules(text: str, epoch: int, factor: float) -> None:
    assert schedule_of(text)(epoch, 10) == pytest.approx(factor, rel=1e-9)


@pytest.mark.parametrize("text", ["", "cosines", "step:3", "step:x:1", "exponential:-1", "cosine:2"])
def test_no_schedule(text: str) -> None:
    with pytest.raises(ValueError, match="accepted are constant"):
        schedule_of(text)


def test_a_training_goes_on_bit_for_bit(tmp_path: Path) -> None:
    save = tmp_path / "run.npz"
    settings = dict(batch_size=8, seed=9, schedule="linear", validation=0.2, patience=90)
    whole = fit(NET, X, D, Adam(lr=0.02), epochs=9, **settings)

    def interrupted(epoch: Epoch) -> bool:
        return epoch.number == 4

    fit(NET, X, D, Adam(lr=0.02), epochs=9, save=save, callbacks=[interrupted], **settings)
    rest = fit(NET, X, D, Adam(lr=0.02), epochs=9, save=save, resume=True, **settings)
    assert rest.history == whole.history and rest.validation == whole.validation
    for name, value in whole.parameters.items():
        assert_array_equal(rest.parameters[name], value)
    with pytest.raises(DataError, match="of a training with another"):
        fit(NET, X, D, Adam(lr=0.03), epochs=9, save=save, resume=True, **settings)


def test_a_damaged_checkpoint_is_refused(tmp_path: Path) -> None:
    save = tmp_path / "run.npz"
    fit(NET, X, D, epochs=1, save=save)
    whole = save.read_bytes()
    arrays, _ = store.read(save, "checkpoint")
    for damaged in (whole[: len(whole) // 2], b"", b"PK\x03\x04", whole[:400] + b"\x00" + whole[401:]):
        save.write_bytes(damaged)
        with pytest.raises(DataError, match=r"run\.npz"):
            fit(NET, X, D, epochs=2, save=save, resume=True)
    arrays["parameter W1"] = arrays["parameter W1"] + 1e-16 + 1
    np.savez(save, **{**arrays, "symbp": np.array('{"kind": "checkpoint", "checksum": "0"}')})
    with pytest.raises(DataError, match="checksum"):
        store.read(save, "checkpoint")


def test_killing_a_training_loses_nothing() -> None:
    kills, _ = killed(6, seed=11)
    assert kills == 6


def test_where_a_training_left_the_numbers() -> None:
    n = index("n", SAMPLES)
    x, d = array("x", SAMPLES), array("d", SAMPLES)
    y, z = array("y", SAMPLES), array("z", SAMPLES)
    a, k = array("a", 1), index("k", 1)
    program = Program(
        (Equation.of(z[n], Sum(a[k], k) * x[n]), Equation.of(y[n], log(z[n]) + sqrt(z[n])),
         Equation.of(scalar("E"), Sum((y[n] - d[n]) ** 2, n))),
        "E", (a,), (x, d),
    )  # fmt: skip
    with pytest.raises(DescentError, match=r"epoch 1: y is nan at sample 3"):
        fit(program, [1.0, 2.0, -1.0, 3.0], [0.0, 0.0, 0.0, 0.0], parameters={"a": [1.0]})
    with pytest.raises(DescentError, match=r"epoch \d+: .* is (inf|nan)"):
        fit(mlp([3, 2], "identity", samples=SAMPLES), X, D, lr=1e200, epochs=9)


@pytest.mark.parametrize(("x", "d", "message"), [
    (X[:, :2], D, r"x: shape \(23, 2\), where \(N, 3\) is needed"),
    (X, D[:-1], "the inputs have 22 and 23 samples"),
    ({"x": X}, None, "no data for the input d"),
    (X, None, "the inputs are x, d"),
])  # fmt: skip
def test_data_that_do_not_fit(x: np.ndarray, d: np.ndarray | None, message: str) -> None:
    with pytest.raises(DescentError, match=message):
        fit(NET, x, d)


def test_a_model_is_read_back_and_answers(tmp_path: Path) -> None:
    table = tmp_path / "flowers.csv"
    rows = [f"{a:.3f},{b:.3f},{'rose' if a > b else 'tulip'}" for a, b in X[:, :2]]
    table.write_text("length,width,kind\n" + "\n".join(rows))
    network = Network((2, 4, 2), ("tanh", "softmax"), "cross-entropy")
    data = read_table(table, 2, 2).standardised()
    assert data.columns.classes == ("rose", "tulip")
    assert_allclose(data.x.mean(axis=0), 0, atol=1e-12)
    run = fit(program_of(network), data.x, data.d, "adam", lr=0.05, epochs=300)
    assert confusion(data.d, run.predict(data.x)).trace() == 23
    file = tmp_path / "model.npz"
    Model.of(network, data.columns, run).write(file)
    model = Model.read(file)
    assert_array_equal(model.predict(Table.read(table).numbers(["length", "width"])),
                       run.predict(data.x))  # fmt: skip
    header, answers = model.answers(table)
    assert header == ["kind", "p(rose)", "p(tulip)"]
    assert [answer[0] for answer in answers] == Table.read(table).words("kind")
    with np.load(file) as archive:
        np.savez(file, **{**archive, "W1": archive["W1"][:, :1]})
    with pytest.raises(DataError, match="damaged"):
        Model.read(file)


@pytest.mark.parametrize(("text", "message"), [
    ("a,b,kind\n1,2,x\n", "1 classes (x), where the network tells 2 apart"),
    ("a,b,kind\n1,2,x\n1,2,\n", "row 3, column kind: the cell is empty"),
    ("a,a,kind\n1,2,x\n", "two columns are called 'a'"),
    ("a,b,kind\n1,?,x\n2,3,y\n", "row 2, column b: '?' is no number"),
    ("a,b,kind\n1,nan,x\n2,3,y\n", "row 2, column b: nan is not finite"),
    ("a,kind\n1,x\n2,y\n", "the network needs 2 inputs"),
    ("a,b,kind\n1,2\n", "row 2: 2 cells, where the header has 3"),
    ("", "a header line and at least one row are needed"),
])  # fmt: skip
def test_tables_that_cannot_be_used(text: str, message: str, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text(text)
    with pytest.raises(DataError) as caught:
        read_table(table, 2, 2, ["kind"])
    assert message in str(caught.value) and "t.csv" in str(caught.value)


def test_measures() -> None:
    d = np.array([[0.0], [1.0], [2.0]])
    assert determined(d, d)[0] == 1
    assert determined(d, np.full((3, 1), 1.0))[0] == 0
    one_hot = np.eye(3)[[0, 1, 2, 2]]
    told = np.eye(3)[[0, 2, 2, 2]]
    assert confusion(one_hot, told).tolist() == [[1, 0, 0], [0, 0, 1], [0, 0, 2]]


@pytest.mark.parametrize(("kind", "start"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_a_curve_is_drawn(kind: str, start: bytes) -> None:
    assert plotted([3.0, 1.0, 0.5], [3.5, 2.0, 1.5], kind).startswith(start)


def test_the_commands_of_the_readme(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The digits, from the table to the answers, as the README shows it; 97% of the held-out ones."""
    readme = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
    block = readme[readme.index("python -m tests.tables") :].split("```")[0].replace("\\\n", " ")
    table, *commands = [line.split() for line in block.strip().splitlines()]
    monkeypatch.chdir(tmp_path)
    write_table(table[3], Path(table[4]))
    for command in commands:
        monkeypatch.setattr("sys.argv", command)
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 0, capsys.readouterr().err
    shown = capsys.readouterr().out
    held = float(re.findall(r"validation: \d+ of 359 right \(([\d.]+)%\)", shown)[0])
    assert held > 96
    told, true = Table.read(Path("answers.csv")).words("target"), Table.read(Path("digits.csv"))
    right = np.mean([a == b for a, b in zip(told, true.words("target"), strict=True)])
    assert right > 0.98
