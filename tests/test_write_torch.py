"""PyTorch: the derived backward pass under autograd, where PyTorch is installed."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from symbp.core.networks import mlp
from symbp.core.optimizers import Adam
from symbp.core.program import Program
from symbp.write.targets import lambdify
from symbp.write.torch import module
from tests import test_chain as programs
from tests.oracle import leaves_for
from tests.test_targets import OTHERS
from tests.test_write_c import NETS
from tests.test_write_jax import ran
from tests.test_write_numpy import N, arguments, batched

CHECKED = {
    "net": mlp([3, 4, 2], ["tanh", "softmax"], "cross-entropy", samples=3),
    "cases": mlp([2, 3, 2], ["leaky_relu", "gelu"], "huber", samples=2),
    "attention": programs.attention(), "convolution": programs.convolution(2),
    "batched": batched(), "scalars": mlp([2, 2, 1]).scalars(),
}  # fmt: skip

if "torch" in OTHERS:
    torch: Any = import_module("torch")

    @pytest.mark.parametrize("name", CHECKED)
    def test_gradcheck(name: str) -> None:
        program = CHECKED[name]
        f: Any = lambdify(program, target="torch")
        values = [torch.tensor(v).requires_grad_() for v in arguments(program, leaves_for(program))]
        assert torch.autograd.gradcheck(f.loss, values)

    def test_it_trains_in_a_module() -> None:
        program: Program = mlp([3, 4, 2], ["tanh", "identity"], samples=N)
        f: Any = lambdify(program, target="torch", dtype="float32")

        class Net(torch.nn.Module):  # type: ignore[misc]
            def __init__(self) -> None:
                super().__init__()
                shapes = [[int(s) for s in program.shapes[p.name]] for p in program.parameters]
                self.own = torch.nn.ParameterList([torch.randn(s) / 2 for s in shapes])

            def forward(self, x: Any, d: Any) -> Any:
                return f.loss(*self.own, x, d)

        torch.manual_seed(0)
        net, x = Net(), torch.randn(3, 20)
        d = torch.stack([x[0] * x[1], x[2].abs()])
        optimizer = torch.optim.Adam(net.parameters(), lr=0.05)
        losses = []
        for _ in range(200):
            optimizer.zero_grad()
            loss = net(x, d)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        assert losses[-1] < losses[0] / 4

    def test_a_gather_has_a_gradient() -> None:
        f: Any = lambdify(programs.embedding(), target="torch")
        table = torch.ones(3, 2, dtype=torch.float64, requires_grad=True)
        words = torch.tensor([2, 0, 2, 1])
        f.loss(table, words).backward()
        assert np.array_equal(table.grad, [[3, 3], [3, 3], [6, 6]])

    def test_a_module_stands_alone(tmp_path: Path) -> None:
        program, entries = NETS["loops"]
        file = tmp_path / "net.py"
        file.write_text(module(program, Adam(lr=0.1), "float32"))
        done = ran(f"import sys; sys.modules['symbp'] = None\nimport runpy\n"
                   f"runpy.run_path({str(file)!r}, run_name='__main__')")
        expected = f"{entries} entries of the gradient meet central differences\n"
        assert done.stdout == expected, done.stderr
