"""``lambdify``: a program as a function, for one of the targets in the table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple, overload

from symbp.core.optimizers import Optimizer, Update
from symbp.core.program import Program
from symbp.write import c_library, c_module, numba, numpy, numpy_module
from symbp.write.plan import Function, Step


class Target(NamedTuple):
    """What compiles a program, and what writes it as a file with a self-test."""

    compiled: Callable[[Program, Optimizer | Update | None, str], Function | Step]
    module: Callable[[Program, Optimizer | None, str, str], str]
    ending: str = ".py"


TARGETS: Mapping[str, Target] = {
    "numpy": Target(numpy.compiled, numpy_module.module),
    "c": Target(c_library.compiled, c_module.module, ".c"),
    "numba": Target(numba.compiled, numba.module),
}
"""By name."""


@overload
def lambdify(
    program: Program, update: None = None, target: str = "numpy", dtype: str = "float64"
) -> Function: ...
@overload
def lambdify(
    program: Program, update: Optimizer | Update, target: str = "numpy", dtype: str = "float64"
) -> Step: ...


def lambdify(
    program: Program,
    update: Optimizer | Update | None = None,
    target: str = "numpy",
    dtype: str = "float64",
) -> Function | Step:
    """Compile a program: its loss and gradients, or with ``update`` a training step.

    Without ``update``, ``f(*parameters, *inputs) -> (loss, *gradients)`` in the order of
    ``program.parameters`` and ``program.inputs``. With ``update``, ``step(*parameters, *inputs) ->
    (loss, *parameters)`` returns the loss *before* the update and changes parameter arrays in
    place; ``step.loop(n, *parameters, *inputs)`` makes n updates in one call, and ``step.state``
    holds the optimizer's state, one item a parameter. ``.source`` is the Python source.

    Of a scalar program the functions take and return Python floats; ``f`` also takes arrays, which
    broadcast against one another.

    Raises ValueError for a target or dtype that is not there, TargetError for a target whose
    compiler or package this machine lacks.

    >>> from symbp.core.networks import mlp
    >>> from symbp.core.optimizers import SGD
    >>> net = mlp([1, 1], activation="identity", bias=False)
    >>> f = lambdify(net)
    >>> f([[2.0]], [3.0], [5.0])
    (0.5, array([[3.]]))
    >>> step = lambdify(net.scalars(), update=SGD(lr=0.5))
    >>> step(2.0, 3.0, 5.0)
    (0.5, 0.5)
    """
    if target not in TARGETS:
        raise ValueError(f"target {target!r}: {', '.join(TARGETS)} is accepted")
    return TARGETS[target].compiled(program, update, dtype)
