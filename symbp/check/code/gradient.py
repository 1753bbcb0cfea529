"""Any two NumPy functions: is one the gradient of the other? A verdict in place of a tolerance.

Both are followed by their source with symbols for arguments (``read/code/callables``); each entry
of the gradient is then decided against the chain rule on the loss.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from symbp.check.code.loss import guarded
from symbp.check.code.steps import BADNESS
from symbp.decide import Outcome, Verdict
from symbp.read.code.callables import Trace
from symbp.read.code.heap import entries
from symbp.read.code.nodes import Kind, Node
from symbp.read.code.parameters import Parameter
from symbp.read.code.turn import Pass
from symbp.read.code.values import Array, CodeError, Number, Value

Shapes = Mapping[str, Any]
"""From each argument to its shape, or to the numbers that it is to be."""


@dataclass(frozen=True)
class Gradients:
    """The verdict on the gradient by each argument."""

    verdicts: Mapping[str, Verdict]

    def __getitem__(self, name: str) -> Verdict:
        return self.verdicts[name]

    @property
    def outcome(self) -> Outcome:
        """The worst of the outcomes."""
        return max((v.outcome for v in self.verdicts.values()), key=lambda o: BADNESS[o])

    def __str__(self) -> str:
        return "\n".join(f"{name}: {_told(v)}" for name, v in self.verdicts.items())


def _told(verdict: Verdict) -> str:
    words = [str(verdict.outcome)]
    if verdict.factor is not None:
        words.append(f"{verdict.factor} times the gradient")
    if verdict.witness is not None:
        words.append(f"at one point {verdict.witness.right}, not {verdict.witness.left}")
    return ", ".join([*words, *([verdict.reason] if verdict.reason else [])])


def check_gradient(
    loss_fn: Callable[..., Any], grad_fn: Callable[..., Any], shapes: Shapes,
    wrt: Sequence[str] | None = None,
) -> Gradients:  # fmt: skip
    """Whether ``grad_fn(*args)`` is ∂loss_fn(*args)/∂arg for each argument that it covers.

    ``shapes`` names the arguments in order, each with its shape, or with numbers (labels, say) that
    are given as they are. The gradient may be a dict by names, a tuple in the order of the arguments,
    or one array; ``wrt`` says which arguments a tuple covers. Raises CodeError for what cannot be
    followed.

    >>> def loss(w, x): return 0.5 * (w @ x) ** 2
    >>> def gradient(w, x): return (w @ x) * x
    >>> str(check_gradient(loss, gradient, {"w": (3,), "x": (3,)}).outcome)
    'equal'
    """
    trace, names = Trace(), list(shapes)
    arguments = _arguments(trace, shapes, names)
    total = _total(trace, trace.call(loss_fn, arguments.values()))
    slopes = _slopes(trace.call(grad_fn, arguments.values()), list(wrt or _free(shapes)))
    return _judged(trace, total, slopes, arguments)


def check_vjp(
    forward: Callable[..., Any], backward: Callable[..., Any], shapes: Shapes,
    wrt: Sequence[str] | None = None,
) -> Gradients:  # fmt: skip
    """Whether ``backward`` sends an upstream gradient back as the chain rule does.

    ``forward(*args)`` gives ``out`` or ``(out, cache)``; ``backward(dout, cache)``, or
    ``backward(dout, *args)`` without a cache, gives the gradients of ``Σ dout · out``.

    >>> def forward(x, w): return x @ w, (x, w)
    >>> def backward(dout, cache): return dout @ cache[1].T, cache[0].T @ dout
    >>> str(check_vjp(forward, backward, {"x": (2, 3), "w": (3, 4)}).outcome)
    'equal'
    """
    trace, names = Trace(), list(shapes)
    arguments = _arguments(trace, shapes, names)
    made = trace.call(forward, arguments.values())
    cached = isinstance(made, tuple)
    out = made[0] if cached else made
    if not isinstance(out, Array | Number):
        raise CodeError("forward gives no array")
    upstream = trace.symbols("dout", tuple(out.shape), Kind.data)
    rest = list(made[1:]) if cached else list(arguments.values())
    given = trace.call(backward, [upstream, *rest])
    slopes = _slopes(given, list(wrt or _free(shapes)))
    graph = trace.graph
    products = [graph.multiply(a, b) for a, b in zip(entries(upstream), entries(out), strict=True)]
    return _judged(trace, graph.add(*products), slopes, arguments)


def _free(shapes: Shapes) -> list[str]:
    return [name for name, shape in shapes.items() if isinstance(shape, tuple)]


def _arguments(trace: Trace, shapes: Shapes, names: list[str]) -> dict[str, Value]:
    return {name: trace.symbols(name, shapes[name], Kind.state) for name in names}


def _total(trace: Trace, value: Value) -> Node:
    if isinstance(value, tuple) and value:
        value = value[0]
    if not isinstance(value, Array | Number) or len(entries(value)) != 1:
        raise CodeError("the loss is no number")
    return entries(value)[0]


def _slopes(given: Value, names: list[str]) -> dict[str, Value]:
    """The gradient by each argument."""
    if isinstance(given, dict):
        return {_argument(str(k), names): v for k, v in given.items()}
    parts = list(given) if isinstance(given, tuple | list) else [given]
    if len(parts) > len(names):
        raise CodeError(f"{len(parts)} gradients for {len(names)} arguments")
    return dict(zip(names, parts, strict=False))


def _argument(key: str, names: Sequence[str]) -> str:
    for name in names:
        if key in (name, f"d{name}", f"grad_{name}", f"d_{name}"):
            return name
    raise CodeError(f"{key} is the gradient by none of {', '.join(names)}")


def _judged(
    trace: Trace, total: Node, slopes: Mapping[str, Value], arguments: Mapping[str, Value]
) -> Gradients:
    verdicts: dict[str, Verdict] = {}
    parameters = []
    for name, slope in slopes.items():
        argument = arguments[name]
        if not isinstance(slope, Array | Number):
            raise CodeError(f"the gradient by {name} is no array")
        if slope.shape != argument.shape:
            reason = f"the gradient by {name} has shape {slope.shape}, {name} has {argument.shape}"
            verdicts[name] = Verdict(Outcome.different, reason=reason)
            continue
        old = entries(argument)
        new = tuple(map(trace.graph.subtract, old, entries(slope)))
        parameters.append(Parameter(name, 0, argument.shape, old, new))
    if trace.doubts.found:
        reason, line = trace.doubts.found[0]
        doubt = Verdict(Outcome.undecided, reason=f"line {line}: {reason}")
        return Gradients({**verdicts, **{p.name: doubt for p in parameters}})
    others = {n for name, a in arguments.items() if name not in slopes and isinstance(a, Array | Number)
              for n in entries(a)}  # fmt: skip
    for node in others & set(trace.graph.leaves):
        trace.graph.leaves[node] = replace(trace.graph.leaves[node], kind=Kind.data)
    turn = Pass(trace.graph, tuple(parameters), {"loss": total}, (), (), (), {}, 0)
    result = guarded(turn, total)
    for parameter in parameters:
        verdicts[parameter.name] = _without_loss(parameter, result.parameters, result.verdicts)
    return Gradients({name: verdicts[name] for name in slopes})


def _without_loss(
    parameter: Parameter, judged: Sequence[Parameter], verdicts: Sequence[Verdict]
) -> Verdict:
    """The verdict on a gradient; one that the loss does not depend on must be zero."""
    for each, verdict in zip(judged, verdicts, strict=True):
        if each.name == parameter.name:
            if verdict.outcome == Outcome.not_updated:
                return replace(verdict, outcome=Outcome.different)
            return verdict
    still = parameter.old == parameter.new
    return Verdict(Outcome.equal if still else Outcome.different)
