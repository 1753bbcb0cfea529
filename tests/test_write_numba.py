"""What Numba compiles, as a module on its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import mpmath as mp
import numpy as np
import pytest

from symbp.core.networks import mlp
from symbp.core.optimizers import SGD, Adam
from symbp.write.numba import HEAD, module
from symbp.write.numba_language import exponential
from symbp.write.numpy import run
from symbp.write.targets import lambdify
from tests.test_targets import OTHERS
from tests.test_write_c import NETS

if "numba" in OTHERS:

    @pytest.mark.parametrize("name", ["scalars", "loops"])
    def test_a_module_stands_alone(name: str, tmp_path: Path) -> None:
        program, entries = NETS[name]
        file = tmp_path / "net.py"
        file.write_text(module(program, Adam(lr=0.1), "float32"))
        code = f"import sys; sys.modules['symbp'] = None\nimport runpy\n" \
            f"runpy.run_path({str(file)!r}, run_name='__main__')"
        bare = [sys.executable, "-I", "-W", "error", "-c", code]
        done = subprocess.run(bare, capture_output=True, text=True, timeout=120, check=False)
        expected = f"{entries} entries of the gradient meet central differences\n"
        assert done.stdout == expected, done.stderr

    def test_an_array_that_cannot_hold_the_update_is_refused() -> None:
        step = lambdify(mlp([2, 1], bias=False), update=SGD(), target="numba")
        for weights in (np.array([[1, 2]]), np.ones((1, 4))[:, ::2]):
            with pytest.raises(TypeError, match=r"W1: .* arrays are accepted"):
                step(weights, np.ones(2), np.ones(1))

    def test_a_loop_makes_at_least_one_update() -> None:
        step = lambdify(mlp([1, 1]).scalars(), update=SGD(), target="numba")
        with pytest.raises(ValueError, match="0 updates"):
            step.loop(0, 1.0, 1.0, 1.0, 1.0)

    @pytest.mark.parametrize(("dtype", "least", "most"), [("float64", -745.0, 709.7),
                                                          ("float32", -103.0, 88.7)])
    def test_the_exponential_is_right_to_one_ulp(dtype: str, least: float, most: float) -> None:
        space = run(f"{HEAD.format(dtype=dtype)}\n\n\n{exponential(dtype)}")
        points = np.linspace(least, most, 2_001, dtype=dtype)
        for x in points:
            with mp.workdps(40):
                exact = mp.exp(mp.mpf(float(x)))
                got = mp.mpf(float(space["exponential"](x)))
                ulp = mp.mpf(float(np.spacing(np.array(float(exact), dtype))))
            assert abs(got - exact) <= ulp, x
        ends = [float(space["exponential"](space["real"](x))) for x in (-np.inf, np.inf, np.nan)]
        assert ends[:2] == [0.0, np.inf] and np.isnan(ends[2])
