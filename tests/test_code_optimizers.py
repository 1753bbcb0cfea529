"""Scripts that train with an optimizer: the gradient inside it is judged, and it is named."""

from __future__ import annotations

import pytest

from symbp.check.code.script import check_script
from symbp.check.statement import Parameter

SCRIPT = """import numpy as np
np.random.seed(0)
X = np.random.randn(20, 3)
Y = np.random.randn(20, 2)
W1 = np.random.randn(3, 2)
b1 = np.zeros(2)
lr = 0.01
{start}
for t in range(1, 101):
    out = np.tanh(X @ W1 + b1)
    loss = np.mean((out - Y) ** 2)
    dz = 2 * (out - Y) / out.size * {slope}
    gW1 = X.T @ dz
    gb1 = dz.sum(axis=0)
{step}
    print(t, loss)
"""
RIGHT, WRONG = "(1 - out ** 2)", "(1 - out)"
ADAM = "m# = 0.9 * m# + 0.1 * g#\ns# = 0.999 * s# + 0.001 * g# ** 2\n"
HATS = "mh = m# / (1 - 0.9 ** t)\nsh = s# / (1 - 0.999 ** t)\n"

OPTIMIZERS = {
    "momentum": ("v# = np.zeros_like(#)", "v# = 0.9 * v# - lr * g#\n# = # + v#"),
    "momentum ": ("v# = np.zeros_like(#)", "v# *= 0.8\nv# += g#\n# -= lr * v#"),
    "momentum  ": ("v# = np.zeros_like(#)", "v# = 0.9 * v# + 0.1 * g#\n# -= lr * v#"),
    "Nesterov momentum": (
        "v# = np.zeros_like(#)", "old = v#.copy()\nv# = 0.9 * v# - lr * g#\n# += -0.9 * old + 1.9 * v#"
    ),
    "Nesterov momentum ": ("v# = np.zeros_like(#)", "v# = 0.9 * v# + g#\n# -= lr * (g# + 0.9 * v#)"),
    "RMSprop": (
        "s# = np.zeros_like(#)", "s# = 0.9 * s# + 0.1 * g# ** 2\n# -= lr * g# / (np.sqrt(s#) + 1e-8)"
    ),
    "AdaGrad": ("s# = np.zeros_like(#)", "s# += g# ** 2\n# -= lr * g# / np.sqrt(s# + 1e-8)"),
    "Adam": (
        "m# = np.zeros_like(#); s# = np.zeros_like(#)",
        f"{ADAM}{HATS}# -= lr * mh / (np.sqrt(sh) + 1e-8)",
    ),
    "Adam ": (
        "m# = np.zeros_like(#); s# = np.zeros_like(#)",
        f"{ADAM}rate = lr * np.sqrt(1 - 0.999 ** t) / (1 - 0.9 ** t)\n"
        "# -= rate * m# / (np.sqrt(s#) + 1e-8)",
    ),
    "Adam without bias correction": (
        "m# = np.zeros_like(#); s# = np.zeros_like(#)", f"{ADAM}# -= lr * m# / (np.sqrt(s#) + 1e-8)"
    ),
    "AdamW": (
        "m# = np.zeros_like(#); s# = np.zeros_like(#)",
        f"{ADAM}{HATS}# -= lr * (mh / (np.sqrt(sh) + 1e-8) + 0.01 * #)",
    ),
}


def checked(start: str, step: str, slope: str = RIGHT) -> dict[str, Parameter]:
    names = ("W1", "b1")
    source = SCRIPT.format(
        start="\n".join(start.replace("#", name) for name in names), slope=slope,
        step="\n".join(f"    {line}" for name in names for line in step.replace("#", name).split("\n")),
    )  # fmt: skip
    return {p.name: p for p in check_script(source)}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_gradient_inside_is_judged(name: str) -> None:
    found = checked(*OPTIMIZERS[name])
    assert {str(p.outcome) for p in found.values()} == {"equal"}
    assert {p.verdict.reason for p in found.values()} == {f"the gradient inside {name.strip()}"}
    wrong = checked(*OPTIMIZERS[name], WRONG)
    assert {str(p.outcome) for p in wrong.values()} <= {"different", "undecided"}


@pytest.mark.parametrize(("name", "old", "new", "problem"), [
    ("Adam", "(1 - 0.999 ** t)", "(1 - 0.9 ** t)", "the bias correction"),
    ("Adam", "0.9 ** t", "0.9 ** (t + 3)", "the bias correction"),
    ("Adam", "0.001 * g# ** 2", "0.001 * g#", "the square of its gradient"),
    ("Adam", "# -= lr * mh", "# += lr * mh", "goes up"),
    ("RMSprop", "0.1 * g# ** 2", "0.1 * # ** 2", "the square of the gradient"),
])  # fmt: skip
def test_an_optimizer_that_is_wrong_itself_is_never_equal(
    name: str, old: str, new: str, problem: str
) -> None:
    start, step = OPTIMIZERS[name]
    assert step.count(old) == 1
    for parameter in checked(start, step.replace(old, new)).values():
        assert str(parameter.outcome) == "undecided"
        assert problem in (parameter.verdict.reason or "")


@pytest.mark.parametrize(("name", "old", "new"), [
    ("momentum", "# + v#", "# - v#"), ("RMSprop", "# -= lr", "# += lr"),
    ("momentum", "0.9 * v#", "0.9 * v# * v#"), ("AdaGrad", "np.sqrt(s# + 1e-8)", "(s# + 1e-8)"),
    ("momentum", "- lr * g#", "- lr * g# ** 2"), ("Nesterov momentum", "1.9 * v#", "1.8 * v#"),
])  # fmt: skip
def test_what_is_no_optimizer_is_not_equal(name: str, old: str, new: str) -> None:
    start, step = OPTIMIZERS[name]
    assert step.count(old) == 1
    for parameter in checked(start, step.replace(old, new)).values():
        assert str(parameter.outcome) in {"different", "undecided"}


@pytest.mark.parametrize("step", [
    "# -= lr / (1 + 0.01 * t) * g#", "# -= lr * 0.99 ** t * g#", "# -= lr * g# / (1 + 0.01 * t)",
    "rate = lr * (1 - t / 200)\n# -= rate * g#",
])  # fmt: skip
def test_a_schedule_is_a_learning_rate(step: str) -> None:
    assert {str(p.outcome) for p in checked("", step).values()} == {"equal"}
    assert {str(p.outcome) for p in checked("", step, WRONG).values()} == {"different"}


def test_a_decay_is_an_assumption() -> None:
    found = checked("", "# -= lr * (g# + 0.1 * #)")
    for parameter in found.values():
        assert str(parameter.outcome) == "equal"
        assert "penalty" in parameter.verdict.assumptions[-1]
        assert "1/1000" in parameter.verdict.assumptions[-1]
    grown = checked("", "# -= lr * (g# - 0.1 * #)")
    assert {str(p.outcome) for p in grown.values()} == {"different"}
    wrong = checked("", "# -= lr * (g# + 0.1 * #)", WRONG)
    assert {str(p.outcome) for p in wrong.values()} == {"different"}


def test_clipping_is_an_assumption() -> None:
    for parameter in checked("", "# -= lr * np.clip(g#, -1, 1)").values():
        assert str(parameter.outcome) == "equal"
        assert "clipped" in parameter.verdict.assumptions[-1]
    wrong = checked("", "# -= lr * np.clip(g#, -1, 1)", WRONG)
    assert {str(p.outcome) for p in wrong.values()} == {"different"}
