"""The known mistakes in a backpropagation: in a local derivative, or in writing the formula down.

A row of :data:`LOCAL` says what a person may have put in the place of one local derivative; a row of
:data:`SLIPS` how a formula that was right may have come to stand as it does. The order is the order
of belief: where two rows give the same wrong gradient, the first one names it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import permutations

from sympy import Add, Expr, Mul, Pow, Rational, S, Symbol, tanh

from symbp.core.functions import LOSSES, ROWS, relu, sigmoid, softplus
from symbp.decide.backward import Backward, Edge, Edits, named, places, stem

Local = Callable[[Edge, Backward], Iterator[Expr]]

UNKNOWN = Symbol("number?", real=True)
"""The number that a slip with a wrong constant leaves open."""
EXPONENTS = (S.One, Rational(2), Rational(3), S.NegativeOne, S.Half)


@dataclass(frozen=True)
class Slip:
    """The formula as it may have been meant, with what was written and what belongs there."""

    meant: Expr
    found: Expr | None = None
    expected: Expr | None = None


SlipRule = Callable[[Expr, Backward | None, Mapping[Symbol, Symbol]], Iterator[Slip]]

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


def _targets(edge: Edge, net: Backward) -> list[Symbol]:
    """What may be the target, where ``of`` may be a loss of the output ``by``: its derivative holds
    both of them. That of ``z = w·x`` by w does not hold w, and nobody takes z for a loss."""
    if edge.of != net.of or not edge.value.has(edge.by):
        return []
    others = edge.value.free_symbols - {edge.by}
    return sorted((other for other in others if other not in net.defined), key=str)


def _target_swapped(edge: Edge, net: Backward) -> Iterator[Expr]:
    for target in _targets(edge, net):
        yield edge.value.xreplace({target: edge.by, edge.by: target})


def _loss_missing(edge: Edge, net: Backward) -> Iterator[Expr]:
    if _targets(edge, net):
        yield S.One
        yield S.NegativeOne


def _rival_loss(edge: Edge, net: Backward) -> Iterator[Expr]:
    """The derivative of another loss."""
    for target in _targets(edge, net):
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
            if stem(other) == stem(symbol) and fits(places(other), places(symbol)):
                yield edge.value.xreplace({symbol: other})


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


LOCAL: Mapping[str, Local] = {
    "activation-derivative-missing": _activation_missing,
    "derivative-at-output": _at_output,
    "derivative-at-input": _at_input,
    "function-for-derivative": _function_itself,
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


def local_edits(net: Backward) -> Iterator[tuple[str, Edits]]:
    """Every row of the table at every local derivative, and at all of a layer."""
    for kind, rule in LOCAL.items():
        layers: dict[tuple[int, str, str, int], dict[Edge, Expr]] = {}
        for edge in net.edges:
            for n, value in enumerate(dict.fromkeys(rule(edge, net))):
                layers.setdefault((*edge.family, n), {})[edge] = value
                yield kind, {edge: value}
        yield from ((kind, together) for together in layers.values() if len(together) > 1)


def _updated(
    claim: Expr, net: Backward | None, updated: Mapping[Symbol, Symbol]
) -> Iterator[Slip]:
    for old, new in updated.items():
        if claim.has(new):
            yield Slip(claim.xreplace({new: old}), new, old)


def _lost_parentheses(
    claim: Expr, net: Backward | None, updated: Mapping[Symbol, Symbol]
) -> Iterator[Slip]:
    """P·u + … + v·S for P·(u + … + v)·S."""
    sums = sorted(claim.atoms(Add), key=str)
    for part in net.sums if net else ():
        for first, last in permutations(part.args, 2):
            middle = part - first - last
            for total in sums:
                for near, far in permutations(total.args, 2):
                    if _inside(first, near) and _inside(last, far) and total != part:
                        whole = near * far * part / (first * last) - middle
                        for sign in (1, -1):
                            mended = total - near - far + sign * whole
                            yield Slip(claim.xreplace({total: mended}), expected=part)


def _inside(factor: Expr, term: Expr) -> bool:
    return bool(factor.free_symbols <= term.free_symbols)


def _constant(
    claim: Expr, net: Backward | None, updated: Mapping[Symbol, Symbol]
) -> Iterator[Slip]:
    """A number has to be another: an exponent one of a few, any other is left open."""
    for node in sorted(claim.atoms(Add, Mul, Pow), key=str):
        for k, number in enumerate(node.args):
            if not number.is_Rational or number == -1:
                continue
            for other in EXPONENTS if node.is_Pow else (UNKNOWN,):
                mended = node.func(*node.args[:k], other, *node.args[k + 1 :])
                if other != number:
                    yield Slip(claim.xreplace({node: mended}), number, other)


SLIPS: Mapping[str, SlipRule] = {
    "updated-weight": _updated,
    "parentheses-lost": _lost_parentheses,
    "constant": _constant,
}
"""How a formula that was right may have come to stand as it does."""
