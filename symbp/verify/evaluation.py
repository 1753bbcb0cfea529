"""How the value of each operation follows from those of its operands, and of its relation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from symbp.verify.document import Node, common
from symbp.verify.field import Element, Point, VanishedError

Rule = Callable[[Point, int, list[Element]], Element]
Pair = tuple[Element, Element]


def _exponential(scale: Element, made: Callable[[Point, int], Element]) -> Rule:
    """A fraction in e^{scale·x}."""

    def rule(point: Point, number: int, operands: list[Element]) -> Element:
        terms = point.relations[number]
        point.hold(point.is_zero(scale * operands[0] - point.logarithm(terms)), number)
        return made(point, point.product(terms))

    return rule


def _log(point: Point, number: int, operands: list[Element]) -> Element:
    terms = point.relations[number]
    fine = common(terms)
    point.hold(point.is_zero(point.power(operands[0], fine) - point.product(terms, fine)), number)
    if operands[0] == 0:
        raise VanishedError
    return point.logarithm(terms)


def _half_power(point: Point, number: int, operands: list[Element]) -> Element:
    root = point.product(point.relations[number])
    point.hold(point.is_zero(root * root - operands[0]), number)
    return point.power(root, point.node(number).payload.numerator)


def _angle(made: Callable[[Point, int, int], Element]) -> Rule:
    def rule(point: Point, number: int, operands: list[Element]) -> Element:
        terms = point.relations[number]
        point.hold(point.is_zero(operands[0] - point.logarithm(terms)), number)
        cosine, sine = 1, 0
        for index, multiple in terms:
            _, _, c, s = point.generator(index)
            turned = _turned(point, c, s if multiple > 0 else -s, abs(multiple.numerator))
            cosine, sine = _together(point, (cosine, sine), turned)
        return made(point, cosine, sine)

    return rule


def _together(point: Point, one: Pair, other: Pair) -> Pair:
    """The sum theorems."""
    (c, s), (k, z) = one, other
    return point.reduced(c * k - s * z), point.reduced(s * k + c * z)


def _turned(point: Point, cosine: Element, sine: Element, count: int) -> Pair:
    result, base = (1, 0), (cosine, sine)
    while count:
        if count & 1:
            result = _together(point, result, base)
        base = _together(point, base, base)
        count >>= 1
    return result


def _erf(point: Point, number: int, operands: list[Element]) -> Element:
    ((index, sign),) = point.relations[number]
    value, of = point.generator(index)
    point.hold(point.is_zero(operands[0] - sign.numerator * of), number)
    return sign.numerator * value


def _kink(made: Callable[[int, int, Sequence[Element]], Element], difference: bool = False) -> Rule:
    """Made of [u > v] and [u < v], where u − v is a product of numbers and of generators'."""

    def rule(point: Point, number: int, operands: list[Element]) -> Element:
        above, below, of = 1, 0, 1
        for index, ratio in point.relations[number]:
            up, down, factor = point.generator(index)
            up, down = SIGNED[(ratio > 0) - (ratio < 0)](up, down)
            above, below = above * up + below * down, above * down + below * up
            of = point.reduced(of * factor * point.residue(ratio))
        argument = operands[0] - operands[1] if difference else operands[0]
        point.hold(point.is_zero(argument - of), number)
        return made(above, below, operands)

    return rule


SIGNED: Mapping[int, Callable[[int, int], tuple[int, int]]] = {
    1: lambda above, below: (above, below),
    -1: lambda above, below: (below, above),
    0: lambda above, below: (0, 0),
}
"""What [u > 0] and [u < 0] become when u is multiplied by a number."""


FUNCTIONS: Mapping[str, Rule] = {
    "exp": _exponential(1, lambda point, e: e),
    "sigmoid": _exponential(1, lambda point, e: e * point.inverse(1 + e)),
    "tanh": _exponential(2, lambda point, e: (e - 1) * point.inverse(e + 1)),
    "sinh": _exponential(1, lambda point, e: (e - point.inverse(e)) * point.inverse(2)),
    "cosh": _exponential(1, lambda point, e: (e + point.inverse(e)) * point.inverse(2)),
    "sech": _exponential(1, lambda point, e: 2 * point.inverse(e + point.inverse(e))),
    "log": _log,
    "power": _half_power,
    "sin": _angle(lambda point, c, s: s),
    "cos": _angle(lambda point, c, s: c),
    "tan": _angle(lambda point, c, s: s * point.inverse(c)),
    "erf": _erf,
    "step": _kink(lambda above, below, v: above),
    "sign": _kink(lambda above, below, v: above - below),
    "abs": _kink(lambda above, below, v: v[0] * (above - below)),
    "heaviside": _kink(lambda above, below, v: above + v[1] * (1 - above - below)),
    "max": _kink(lambda above, below, v: v[1] + (v[0] - v[1]) * above, True),
    "min": _kink(lambda above, below, v: v[0] - (v[0] - v[1]) * above, True),
    ">": _kink(lambda above, below, v: above, True),
    ">=": _kink(lambda above, below, v: 1 - below, True),
    "<": _kink(lambda above, below, v: below, True),
    "<=": _kink(lambda above, below, v: 1 - above, True),
}


def _product(point: Point, _: Node, operands: list[Element]) -> Element:
    total = 1
    for operand in operands:
        total = point.reduced(total * operand)
    return total


def _any(point: Point, node: Node, operands: list[Element]) -> Element:
    return 1 - _product(point, node, [1 - operand for operand in operands])


def _piecewise(point: Point, _: Node, operands: list[Element]) -> Element:
    """Where no condition holds there is no value, so the last one does for that as well."""
    values, conditions = operands[0::2], operands[1::2]
    result = values[-1]
    for value, condition in zip(values[-2::-1], conditions[-2::-1], strict=True):
        result = point.reduced(result + (value - result) * condition)
    return result


RULES: Mapping[str, Callable[[Point, Node, list[Element]], Element]] = {
    "number": lambda point, node, _: point.residue(node.payload),
    "name": lambda point, node, _: point.draw(f"name {node.payload}"),
    "defined": lambda _, __, operands: operands[0],
    "pi": lambda point, *_: point.draw("pi"),
    "add": lambda _, __, operands: sum(operands),
    "multiply": _product,
    "power": lambda point, node, operands: point.power(operands[0], int(node.payload)),
    "and": _product,
    "or": _any,
    "not": lambda _, __, operands: 1 - operands[0],
    "true": lambda *_: 1,
    "false": lambda *_: 0,
    "piecewise": _piecewise,
}


def evaluate(point: Point) -> list[Element]:
    """The values of all nodes."""
    while len(point.values) < len(point.document.nodes):
        advance(point)
    return point.values


def advance(point: Point) -> None:
    """The value of the next node; raises RefutedError where its relation does not hold."""
    number = len(point.values)
    node = point.node(number)
    operands = [point.values[n] for n in node.operands]
    if number in point.relations:
        value = FUNCTIONS[node.operation](point, number, operands)
    else:
        value = RULES[node.operation](point, node, operands)
    point.values.append(point.reduced(value))
