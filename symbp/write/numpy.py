"""A program as NumPy code: one function for the loss and all gradients, or one training step.

The derivation is the code: each equation is one assignment, nothing is substituted into anything,
and the loss and every gradient share all intermediates. What is printed is chosen from the size:
straight-line code on Python floats where a program is small, arrays and matrix products above.
Only source that is printed here, from SymPy nodes and safe names, is ever compiled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import prod
from typing import Any, Protocol, overload

import numpy as np
from sympy import Add, Expr, Indexed, KroneckerDelta, Symbol

from symbp.core.chain import derive
from symbp.core.equations import Equation, Leaf, extent
from symbp.core.optimizers import Optimizer, Update
from symbp.core.program import Program
from symbp.core.scalars import Entries
from symbp.write.numpy_array import ArrayCode
from symbp.write.numpy_source import Block, ScalarCode, moving_source
from symbp.write.numpy_stable import Line, folded, scaled, stable_lines, written_out

MOST_OPERATIONS = 400
"""Up to this many scalar products and functions a step, scalar code is the faster one."""
DTYPES = ("float64", "float32")


class Function(Protocol):
    """``f(*parameters, *inputs) -> (loss, *gradients)``."""

    source: str

    def __call__(self, *arguments: Any) -> tuple[Any, ...]:
        """The loss and its gradients by the parameters, in their order."""


class Step(Protocol):
    """``step(*parameters, *inputs) -> (loss, *parameters)``, in place on arrays."""

    source: str
    state: Mapping[str, list[Any]]
    loop: Callable[..., tuple[Any, ...]]

    def __call__(self, *arguments: Any) -> tuple[Any, ...]:
        """One update; the loss before it and the parameters after it."""


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

    Raises ValueError for a target or dtype that is not there.

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
    if target != "numpy":
        raise ValueError(f"target {target!r}: numpy is accepted")
    lines, rule = _lines(program, update, dtype)
    code = _code(program, lines, dtype)
    if rule is not None:
        return _step(code.step(rule))
    space: dict[str, Any] = {}

    def broadcast(*arguments: Any) -> Any:
        if "broadcast" not in space:  # printed when it is first asked for
            assert isinstance(code, ScalarCode)
            space["broadcast"] = _run(code.broadcast())["f"]
        return space["broadcast"](*arguments)

    return _function(code.function(), {"np": np, "broadcast": broadcast})


def source(
    program: Program, update: Optimizer | Update | None = None, dtype: str = "float64"
) -> str:
    """The source of ``f`` and, with ``update``, of ``step`` and ``loop``, as one Python module."""
    # A factor is not folded into adjoints here: f and step read the same lines.
    lines, _ = _lines(program, None, dtype)
    rule = update if update is None or isinstance(update, Update) else update.update()
    return _code(program, lines, dtype).whole(rule)


def _lines(
    program: Program, update: Optimizer | Update | None, dtype: str
) -> tuple[tuple[Line, ...], Update | None]:
    """The lines to compute, and the update; a learning rate that can be is folded into the lines."""
    if dtype not in DTYPES:
        raise ValueError(f"dtype {dtype!r}: {' or '.join(DTYPES)} is accepted")
    lines = stable_lines(derive(program).with_lemmas())
    if update is None:
        return lines, None
    factor, rule = folded(update if isinstance(update, Update) else update.update())
    return scaled(lines, factor), rule


def outputs(program: Program, names: Sequence[str], dtype: str = "float64") -> Function:
    """Compile quantities of a program: ``f(*parameters, *inputs) -> arrays``, without the loss.

    >>> from symbp.core.networks import mlp
    >>> net = mlp([1, 1], activation="identity", bias=False, samples=2)
    >>> outputs(net, ["o"])([[2.0]], [[3.0, 4.0]], [[0.0, 0.0]])[0]
    array([[6., 8.]])
    """
    lines = stable_lines(derive(program, ()), names)
    shapes = {**program.shapes, **_computed(lines)}
    code = ArrayCode(lines, program.loss, program.parameters, program.inputs, shapes, dtype)
    return _function(code.outputs(names))


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
    step: Callable[..., tuple[float, ...]] = _run(moving_source(lines, loss, moves, inputs))["step"]
    return step


def _code(program: Program, lines: tuple[Line, ...], dtype: str) -> ScalarCode | ArrayCode:
    """The form that is faster for a program of this size."""
    if is_scalar(program) or _is_small(program, lines):
        return _scalar_code(program, lines, dtype)
    shapes = {**program.shapes, **_computed(lines)}
    return ArrayCode(lines, program.loss, program.parameters, program.inputs, shapes, dtype)


def _is_small(program: Program, lines: Iterable[Line]) -> bool:
    """Whether scalar code is the faster one; a symbolic size or an index that is data is not."""
    if program.sizes or any(use.indices[n].has(Indexed) for line in lines
                            for use in _indexed(line) for n in range(len(use.indices))):
        return False
    return sum(_operations(line.equation) for line in lines) <= MOST_OPERATIONS


def _indexed(line: Line) -> set[Indexed]:
    """Every entry that a line reads, those inside an index or a delta included."""
    terms = line.equation.terms
    return {a for t in terms for a in t.body.atoms(Indexed)} | {
        Indexed(d.args[0], *d.args[1:]) for t in terms for d in t.body.atoms(KroneckerDelta)
        if d.has(Indexed)
    }


def _operations(equation: Equation) -> int:
    return sum(
        prod(int(extent(i)) for i in (*equation.indices, *term.indices))
        for term in equation.terms
    )


def _scalar_code(program: Program, lines: tuple[Line, ...], dtype: str) -> ScalarCode:
    entries = Entries.of({**program.shapes, **_computed(lines)})

    def block(leaf: Leaf) -> Block:
        return Block(leaf.name, entries.shapes[leaf.name], entries.all(leaf.name))

    return ScalarCode(
        entries.symbol(program.loss, ()),
        tuple(written_out(lines, entries)),
        tuple(map(block, program.parameters)),
        tuple(map(block, program.inputs)),
        arrays=not is_scalar(program),
        dtype=dtype,
    )


def _computed(lines: Iterable[Line]) -> dict[str, tuple[Expr, ...]]:
    return {line.name: tuple(map(extent, line.equation.indices)) for line in lines}


def is_scalar(program: Program) -> bool:
    """Whether every quantity of a program is one number."""
    return not any(program.shapes.values())


def _function(source: str, names: Mapping[str, Any] | None = None) -> Function:
    f: Any = _run(source, names)["f"]
    f.source = source
    return f  # type: ignore[no-any-return]


def _step(source: str) -> Step:
    space = _run(source)
    step: Any = space["step"]
    step.source, step.state, step.loop = source, space["state"], space["loop"]
    return step  # type: ignore[no-any-return]


def _run(source: str, names: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The names that a source defines. The source is printed here; nothing of a user's is in it."""
    space = dict(names or {})
    exec(compile(source, "<symbp.lambdify>", "exec"), space)
    return space
