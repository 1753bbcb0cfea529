"""Descending with the derived gradient, or with whatever update a script makes, from given numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sympy import Expr, Symbol

from symbp.core.equations import Equation
from symbp.core.optimizers import Optimizer
from symbp.core.program import Program
from symbp.write.numpy import follow
from symbp.write.targets import lambdify


class DescentError(ValueError):
    """A descent that cannot begin or that ran out of the numbers; the message says where."""


@dataclass(frozen=True)
class Descent:
    """The loss before each step, and the values after the last one."""

    losses: tuple[float, ...]
    values: Mapping[str, float]


def descend(
    program: Program, values: Mapping[str, float], steps: int, optimizer: Optimizer
) -> Descent:
    """Train a scalar program from given values; ``losses[k]`` is the loss before step k + 1.

    Raises DescentError where a parameter or input has no value, or a loss is no number.
    """
    weights = [p.name for p in program.parameters]
    inputs = [x.name for x in program.inputs]
    _need(values, (*weights, *inputs))
    step = lambdify(program, update=optimizer)
    state = [float(values[name]) for name in weights]
    given = [float(values[name]) for name in inputs]
    losses = []
    for number in range(steps):
        loss, *state = step(*state, *given)
        losses.append(_finite(loss, program.loss, number))
    return Descent(tuple(losses), dict(zip(weights, state, strict=True)))


def descend_update(
    equations: Iterable[Equation],
    loss: Symbol,
    moves: Mapping[Symbol, Expr],
    values: Mapping[str, float],
    steps: int,
) -> Descent:
    """Repeat an update that is given as scalar equations, such as the one a script was traced to."""
    lines = tuple(equations)
    defined = {line.name for line in lines}
    used: Sequence[Symbol] = sorted(
        {use for line in lines for use in line.operands if use.name not in defined}
        | {s for value in moves.values() for s in value.free_symbols if s.name not in defined},
        key=str,
    )
    inputs = [symbol for symbol in used if symbol not in moves]
    _need(values, [s.name for s in (*moves, *inputs)])
    step = follow(lines, loss, moves, inputs)
    state = [float(values[s.name]) for s in moves]
    given = [float(values[s.name]) for s in inputs]
    losses = []
    for number in range(steps):
        here, *state = step(*state, *given)
        losses.append(_finite(here, loss.name, number))
    return Descent(tuple(losses), {s.name: v for s, v in zip(moves, state, strict=True)})


def _need(values: Mapping[str, float], names: Iterable[str]) -> None:
    missing = [name for name in names if name not in values]
    if missing:
        raise DescentError(f"no value for {', '.join(missing)}: set it, as in $x_1 = 0.35$")


def _finite(loss: float, name: str, number: int) -> float:
    if not loss == loss or loss in (float("inf"), float("-inf")):
        raise DescentError(f"{name} is {loss} before step {number + 1}: the learning rate is too large")
    return loss
