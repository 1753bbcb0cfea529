"""A program as NumPy code: one function for the loss and all gradients, or one training step.

The derivation is the code: each equation is one assignment, nothing is substituted into anything,
and the loss and every gradient share all intermediates. What is printed is chosen from the size:
straight-line code on Python floats where a program is small, arrays and matrix products above.
Only source that is printed here, from SymPy nodes and safe names, is ever compiled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from sympy import Add, Expr, Symbol

from symbp.core.chain import derive
from symbp.core.equations import Equation
from symbp.core.optimizers import Optimizer, Update
from symbp.core.program import Program
from symbp.write.numpy_array import ArrayCode
from symbp.write.numpy_source import ScalarCode, moving_source
from symbp.write.numpy_stable import stable_lines
from symbp.write.plan import Function, Plan, Step


def compiled(
    program: Program, update: Optimizer | Update | None, dtype: str
) -> Function | Step:
    """The function of a program, or with ``update`` its step."""
    plan = Plan.of(program, update, dtype)
    code = _code(plan)
    if plan.update is not None:
        return step_of(code.step(plan.update))
    space: dict[str, Any] = {}

    def broadcast(*arguments: Any) -> Any:
        if "broadcast" not in space:  # printed when it is first asked for
            assert isinstance(code, ScalarCode)
            space["broadcast"] = run(code.broadcast())["f"]
        return space["broadcast"](*arguments)

    return function_of(code.function(), {"np": np, "broadcast": broadcast})


def source(
    program: Program, update: Optimizer | Update | None = None, dtype: str = "float64"
) -> str:
    """The source of ``f`` and, with ``update``, of ``step`` and ``loop``, as one Python module."""
    plan = Plan.of(program, update, dtype, fold=False)
    return _code(plan).whole(plan.update)


def outputs(program: Program, names: Sequence[str], dtype: str = "float64") -> Function:
    """Compile quantities of a program: ``f(*parameters, *inputs) -> arrays``, without the loss.

    >>> from symbp.core.networks import mlp
    >>> net = mlp([1, 1], activation="identity", bias=False, samples=2)
    >>> outputs(net, ["o"])([[2.0]], [[3.0, 4.0]], [[0.0, 0.0]])[0]
    array([[6., 8.]])
    """
    plan = Plan(program, stable_lines(derive(program, ()), names), None, dtype)
    return function_of(ArrayCode(plan).outputs(names))


def follow(
    equations: Iterable[Equation], loss: Symbol, moves: Mapping[Symbol, Expr],
    inputs: Sequence[Symbol] = (),
) -> Callable[..., tuple[float, ...]]:
    """Compile an update that is given as scalar equations: ``step(*old, *inputs) -> (loss, *new)``.

    ``moves`` says what each quantity becomes, as a symbol or expression of the equations.

    >>> from symbp.core.equations import Equation, scalar
    >>> w, E = scalar("w"), scalar("E")
    >>> follow([Equation.of(E, w**2)], E, {w: w - 2 * w / 10})(1.0)
    (1.0, 0.8)
    """
    lines = [(e.target, Add(*(t.body for t in e.terms))) for e in equations]
    step: Callable[..., tuple[float, ...]] = run(moving_source(lines, loss, moves, inputs))["step"]
    return step


def _code(plan: Plan) -> ScalarCode | ArrayCode:
    """The form that is faster for a program of this size."""
    if not plan.is_small:
        return ArrayCode(plan)
    return ScalarCode(
        plan.loss, plan.assignments, plan.parameters, plan.inputs,
        arrays=not plan.is_scalar, dtype=plan.dtype,
    )  # fmt: skip


def function_of(source: str, names: Mapping[str, Any] | None = None) -> Function:
    """The ``f`` that a source defines."""
    f: Any = run(source, names)["f"]
    f.source = source
    return f  # type: ignore[no-any-return]


def step_of(source: str) -> Step:
    """The ``step`` that a source defines, with its loop and its state."""
    space = run(source)
    step: Any = space["step"]
    step.source, step.state, step.loop = source, space["state"], space["loop"]
    return step  # type: ignore[no-any-return]


def run(source: str, names: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The names that a source defines. The source is printed here; nothing of a user's is in it."""
    space = dict(names or {})
    exec(compile(source, "<symbp.lambdify>", "exec"), space)
    return space
