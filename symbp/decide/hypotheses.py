"""The known mistakes in a backpropagation, each a rewrite of the true local derivatives.

A row of :data:`LOCAL` says what a person may have put in the place of one local derivative; a row of
:data:`ROUTES` which ways from the loss were left out. The order is the order of belief: where two
rows give the same wrong gradient, the first one names it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from sympy import Add, Expr, Integer, Mul, Pow, S, Symbol, tanh

from symbp.core.functions import LOSSES, ROWS, relu, sigmoid, softplus
from symbp.decide.backward import Backward, Edge, Edits, named, stem

Local = Callable[[Edge, Backward], Iterator[Expr]]
Route = Callable[[Backward], Iterator[Edits]]

RIVALS = (sigmoid, tanh, relu, softplus)


def _row(edge: Edge) -> type | None:
    """The activation of ``of = f(by)``."""
    kind = type(edge.body)
    return kind if kind in ROWS and edge.body.args == (edge.by,) else None


def _activation_missing(edge: Edge, net: Backward) -> Iterator[Expr]:
    if _row(edge):
        yield S.One


def _at_output(edge: Edge, net: Backward) -> Iterator[Expr]:
    """f'(a): the derivative is taken where the activation already is."""
    if f := _row(edge):
        yield ROWS[f].derivative(edge.of, f(edge.of))


def _at_input(edge: Edge, net: Backward) -> Iterator[Expr]:
    """z(1 − z): the form for the output, fed with the pre-activation."""
    if f := _row(edge):
        yield ROWS[f].derivative(edge.by, edge.by)


def _function_itself(edge: Edge, net: Backward) -> Iterator[Expr]:
    if _row(edge):
        yield edge.of
    elif edge.of == net.of:
        yield edge.body


def _rival_derivative(edge: Edge, net: Backward) -> Iterator[Expr]:
    if _row(edge):
        for rival in RIVALS:
            yield ROWS[rival].derivative(edge.by, edge.of)
            yield ROWS[rival].derivative(edge.by, rival(edge.by))


def _twice(edge: Edge, net: Backward) -> Iterator[Expr]:
    if _row(edge):
        yield edge.value**2


def _part_missing(edge: Edge, net: Backward) -> Iterator[Expr]:
    factors = Mul.make_args(edge.value)
    if len(factors) > 1:
        for k in range(len(factors)):
            yield Mul(*factors[:k], *factors[k + 1 :])


def _part_twice(edge: Edge, net: Backward) -> Iterator[Expr]:
    factors = Mul.make_args(edge.value)
    if len(factors) > 1:
        yield from (edge.value * factor for factor in factors)


def _sign_inside(edge: Edge, net: Backward) -> Iterator[Expr]:
    """a(1 + a) for a(1 − a), o + d for o − d."""
    for part in edge.value.atoms(Add):
        for k in range(len(part.args)):
            turned = Add(*(-a if n == k else a for n, a in enumerate(part.args)))
            yield edge.value.xreplace({part: turned})


def _square_inside(edge: Edge, net: Backward) -> Iterator[Expr]:
    """1 − a for 1 − a², and 1 − a² for 1 − a."""
    if _row(edge):
        for power in edge.value.atoms(Pow):
            yield edge.value.xreplace({power: power.base})
        for part in edge.value.atoms(Add):
            yield edge.value.xreplace({part: part.xreplace({edge.of: edge.of**2})})


def _target_swapped(edge: Edge, net: Backward) -> Iterator[Expr]:
    if edge.of == net.of:
        others = [u for u in edge.value.free_symbols if u not in net.defined and u != edge.by]
        for other in others:
            yield edge.value.xreplace({other: edge.by, edge.by: other})


def _loss_missing(edge: Edge, net: Backward) -> Iterator[Expr]:
    if edge.of == net.of:
        yield S.One
        yield S.NegativeOne


def _rival_loss(edge: Edge, net: Backward) -> Iterator[Expr]:
    """The derivative of another loss."""
    if edge.of == net.of:
        for target in sorted(edge.value.free_symbols - {edge.by}, key=str):
            if target not in net.defined:
                for row in LOSSES.values():
                    yield row.derivative(target, edge.by, S.One)


def _power_kept(edge: Edge, net: Backward) -> Iterator[Expr]:
    """The exponent came down and was left above as well."""
    for power in edge.body.atoms(Pow):
        if power.exp.is_Integer and power.exp > 1 and power.base.has(edge.by):
            yield from (edge.value * power.base, -edge.value * power.base)


def _transposed(edge: Edge, net: Backward) -> Iterator[Expr]:
    yield from _exchanged(edge, net, lambda a, b: a != b and a == b[::-1] and len(a) > 1)


def _other_index(edge: Edge, net: Backward) -> Iterator[Expr]:
    yield from _exchanged(edge, net, lambda a, b: a != b)


def _exchanged(
    edge: Edge, net: Backward, fits: Callable[[tuple[str, ...], tuple[str, ...]], bool]
) -> Iterator[Expr]:
    """One quantity in the place of another of its array."""
    for symbol in sorted(edge.value.free_symbols, key=str):
        for other in net.quantities:
            if stem(other) == stem(symbol) and fits(_places(other), _places(symbol)):
                yield edge.value.xreplace({symbol: other})


def _places(quantity: Symbol) -> tuple[str, ...]:
    """The subscripts, one of each: ``w_11`` has 1 and 1."""
    name = named(quantity)
    parts = name.subscripts if name else ()
    return tuple(parts[0]) if len(parts) == 1 and parts[0].isdigit() else parts


def _other_layer(edge: Edge, net: Backward) -> Iterator[Expr]:
    for symbol in sorted(edge.value.free_symbols, key=str):
        mine = named(symbol)
        for other in net.quantities:
            name = named(other)
            if mine and name and name.base == mine.base and name.layer != mine.layer:
                yield edge.value.xreplace({symbol: other})


def _before_activation(edge: Edge, net: Backward) -> Iterator[Expr]:
    """z in the place of a = f(z), in a factor that the linear layer gives."""
    if _row(edge) is None and edge.of != net.of:
        for symbol in sorted(edge.value.free_symbols & net.defined.keys(), key=str):
            body = Add(*(t.body for t in net.defined[symbol].terms))
            if type(body) in ROWS and isinstance(body.args[0], Symbol):
                yield edge.value.xreplace({symbol: body.args[0]})


def _after_activation(edge: Edge, net: Backward) -> Iterator[Expr]:
    """The output of the layer in the place of its input."""
    if edge.by == net.by and isinstance(edge.value, Symbol):
        for other in net.quantities:
            equation = net.defined.get(other)
            if equation is not None and edge.of in equation.operands:
                yield other


def _updated(edge: Edge, net: Backward) -> Iterator[Expr]:
    for old, new in net.updated.items():
        if edge.value.has(old):
            yield edge.value.xreplace({old: new})


def _last_missing(edge: Edge, net: Backward) -> Iterator[Expr]:
    if edge.by == net.by and edge.value != 1:
        yield S.One


def _factor_missing(edge: Edge, net: Backward) -> Iterator[Expr]:
    if edge.value != 1 and edge.by != net.by:
        yield S.One


def _bias_gets_input(edge: Edge, net: Backward) -> Iterator[Expr]:
    if edge.by == net.by and edge.value == 1:
        yield from (u for u in edge.equation.operands if u != edge.by)


def _last_wrong(edge: Edge, net: Backward) -> Iterator[Expr]:
    if edge.by == net.by:
        yield from net.quantities


def _sample_missing(net: Backward) -> Iterator[Edits]:
    """All ways but one are left out: a sum over units or samples is missing."""
    for edges in _meetings(net):
        for kept in edges:
            yield {edge: Integer(0) for edge in edges if edge != kept}


def _path_missing(net: Backward) -> Iterator[Edits]:
    for edges in _meetings(net):
        for edge in edges:
            yield {edge: Integer(0)}


def _meetings(net: Backward) -> Iterator[list[Edge]]:
    """The edges that meet in one quantity, where there are several."""
    ways: dict[Symbol, list[Edge]] = {}
    for edge in net.edges:
        ways.setdefault(edge.by, []).append(edge)
    return (edges for edges in ways.values() if len(edges) > 1)


def _diagonal_only(net: Backward) -> Iterator[Edits]:
    """Softmax: what one output owes to the other pre-activations is left out."""
    ways: dict[Symbol, list[Edge]] = {}
    for edge in net.edges:
        if edge.body.as_numer_denom()[1] == edge.by:
            ways.setdefault(edge.by, []).append(edge)
    for edges in ways.values():
        for kept in edges:
            if len(edges) > 1:
                yield {edge: Integer(0) for edge in edges if edge != kept}


def _sum_held(net: Backward) -> Iterator[Edits]:
    """Softmax: the sum in the denominator is treated as a constant."""
    held = [e for e in net.edges if e.body.as_numer_denom()[1] == e.by]
    if held:
        yield dict.fromkeys(held, Integer(0))


LOCAL: Mapping[str, Local] = {
    "activation-derivative-missing": _activation_missing,
    "derivative-at-output": _at_output,
    "derivative-at-input": _at_input,
    "function-for-derivative": _function_itself,
    "updated-weight": _updated,
    "transposed": _transposed,
    "wrong-index": _other_index,
    "after-activation": _after_activation,
    "wrong-layer": _other_layer,
    "before-activation": _before_activation,
    "target-swapped": _target_swapped,
    "loss-derivative-missing": _loss_missing,
    "wrong-loss": _rival_loss,
    "power-kept": _power_kept,
    "wrong-activation": _rival_derivative,
    "sign-inside": _sign_inside,
    "activation-derivative-twice": _twice,
    "square-inside": _square_inside,
    "part-missing": _part_missing,
    "part-twice": _part_twice,
    "last-factor-missing": _last_missing,
    "factor-missing": _factor_missing,
    "bias-gets-input": _bias_gets_input,
    "last-factor-wrong": _last_wrong,
}
"""What may stand in the place of one local derivative."""

ROUTES: Mapping[str, Route] = {
    "softmax-diagonal": _diagonal_only,
    "softmax-sum-held": _sum_held,
    "path-missing": _path_missing,
    "sum-missing": _sample_missing,
}
"""Which ways from the loss may have been left out."""
