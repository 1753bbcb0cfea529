"""The C source on its own: built without a warning, tested without Python, safe with any text."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest
import sympy as sp

from symbp.core.equations import Equation, scalar
from symbp.core.networks import mlp
from symbp.core.optimizers import SGD, Adam
from symbp.core.program import Program
from symbp.write.c_module import module
from symbp.write.plan import TargetError
from symbp.write.targets import lambdify
from tests import test_chain as programs
from tests.test_targets import OTHERS

STRICT = ["cc", "-std=c99", "-Wall", "-Wextra", "-Werror", "-Wno-unknown-pragmas", "-DSELF_TEST"]

NETS = {
    "scalars": (mlp([2, 2, 1], bias=False).scalars(), 6),
    "straight": (mlp([2, 2, 1], bias=False), 6),
    "loops": (mlp([5, 30, 4], ["gelu", "softmax"], "cross-entropy", samples=8), 304),
    "gather": (programs.embedding(), 6),
}


def self_tested(text: str, folder: Path) -> str:
    """What the self-test of a file prints, built with every warning an error."""
    (folder / "net.c").write_text(text, encoding="utf-8")
    line = [*STRICT, "net.c", "-o", "net", "-lm"]
    built = subprocess.run(line, cwd=folder, capture_output=True, text=True, check=False)
    assert not built.returncode, built.stderr
    return subprocess.run(["./net"], cwd=folder, capture_output=True, text=True, check=False).stdout


if "c" in OTHERS:

    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    @pytest.mark.parametrize("name", NETS)
    def test_a_file_stands_alone(name: str, dtype: str, tmp_path: Path) -> None:
        program, entries = NETS[name]
        printed = self_tested(module(program, Adam(lr=0.1), dtype), tmp_path)
        assert printed == f"{entries} entries of the gradient meet central differences\n"

    def test_a_wrong_file_fails_its_self_test(tmp_path: Path) -> None:
        text = module(mlp([2, 2, 1], bias=False))
        assert text.count("x_1*z1_1_bar;") == 1
        printed = self_tested(text.replace("x_1*z1_1_bar;", "x_2*z1_1_bar;"), tmp_path)
        assert printed.startswith("array 0, entry 0: ")

    def test_no_text_escapes_into_a_file(tmp_path: Path) -> None:
        evil = '*/ int q = 1; /* "\\\n#error\r#error ??/'
        w, x = sp.Symbol(evil, real=True), sp.Symbol("#error\u2028#error \\", real=True)
        program = Program((Equation.of(scalar("E"), (w * x) ** 2),), "E", (w,), (x,))
        text = module(program, SGD(), made_by=f"symbp compile {evil}\\")
        assert self_tested(text, tmp_path).startswith("1 entries")

    def test_an_index_outside_an_axis_is_refused() -> None:
        f = lambdify(programs.embedding(), target="c")
        with pytest.raises(IndexError, match="t: 0 to 2 is accepted"):
            f(np.ones((3, 2)), np.array([0, 1, 3, 0]))

    def test_an_array_that_cannot_hold_the_update_is_refused() -> None:
        step = lambdify(mlp([2, 1], bias=False), update=SGD(), target="c")
        for weights in (np.array([[1, 2]]), np.ones((1, 4))[:, ::2], [[1.0, 2.0]]):
            with pytest.raises(TypeError, match="W1: contiguous float64 arrays are accepted"):
                step(weights, np.ones(2), np.ones(1))

    def test_a_loop_makes_at_least_one_update() -> None:
        step = lambdify(mlp([1, 1]).scalars(), update=SGD(), target="c")
        with pytest.raises(ValueError, match="0 updates"):
            step.loop(0, 1.0, 1.0, 1.0, 1.0)

    def test_without_a_compiler_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CC", "no-such-compiler -m64")
        with pytest.raises(TargetError, match=r"needs a C compiler: no-such-compiler is not found"):
            lambdify(mlp([1, 1]), target="c")
