"""JAX: gradients over a mesh of eight devices, and a module on its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from symbp.core.optimizers import Adam
from symbp.write.jax import module
from tests.test_write_c import NETS

EIGHT = """
import jax, numpy as np, symbp
from jax.sharding import Mesh, NamedSharding, PartitionSpec as P

assert jax.device_count() == 8
net = symbp.mlp([6, 5, 3], ["tanh", "softmax"], "cross-entropy", samples=64)
f = symbp.lambdify(net, target="jax")
rng = np.random.default_rng(0)
values = [rng.uniform(-1, 1, [int(s) for s in net.shapes[leaf.name]])
          for leaf in (*net.parameters, *net.inputs)]
mesh = Mesh(np.array(jax.devices()), ("data",))
spread = NamedSharding(mesh, P(None, "data"))
everywhere = NamedSharding(mesh, P())
count = len(net.parameters)
placed = [jax.device_put(v, everywhere) for v in values[:count]]
placed += [jax.device_put(v, spread) for v in values[count:]]

loss, *gradients = f(*placed)
want, *slopes = symbp.lambdify(net)(*values)
np.testing.assert_allclose(float(loss), want, rtol=1e-12)
for gradient, slope in zip(gradients, slopes, strict=True):
    assert len(gradient.sharding.device_set) == 8 and gradient.is_fully_replicated
    np.testing.assert_allclose(gradient, slope, rtol=1e-11, atol=1e-15)

step = symbp.lambdify(net, update=symbp.Adam(lr=0.01), target="jax")
other = symbp.lambdify(net, update=symbp.Adam(lr=0.01))
_, *moved = step.loop(5, *placed)
_, *expected = other.loop(5, *[v.copy() for v in values])  # in place, and JAX may share memory
for weight, plain in zip(moved, expected, strict=True):
    assert weight.is_fully_replicated
    np.testing.assert_allclose(weight, plain, rtol=1e-11, atol=1e-14)
print("the same on eight devices")
"""


def ran(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A program of its own: JAX reads how many devices there are when it is imported."""
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False,
        env={**os.environ, **environment},
    )  # fmt: skip


def test_samples_over_eight_devices() -> None:
    done = ran(EIGHT, XLA_FLAGS="--xla_force_host_platform_device_count=8", JAX_PLATFORMS="cpu")
    assert done.stdout == "the same on eight devices\n", done.stderr


def test_a_module_stands_alone(tmp_path: Path) -> None:
    program, entries = NETS["loops"]
    file = tmp_path / "net.py"
    file.write_text(module(program, Adam(lr=0.1), "float32"))
    done = ran(f"import sys; sys.modules['symbp'] = None\nimport runpy\n"
               f"runpy.run_path({str(file)!r}, run_name='__main__')", JAX_PLATFORMS="cpu")
    expected = f"{entries} entries of the gradient meet central differences\n"
    assert done.stdout == expected, done.stderr
