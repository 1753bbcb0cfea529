"""How the value of each operation follows from those of its operands, and of its relation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from symbp.verify.document import Node, common
from symbp.verify.field import Point, VanishedError

Rule = Callable[[Point, int, list[int]], int]


def _exponential(scale: int, made: Callable[[Point, int], int]) -> Rule:
    """A fraction in e^{scale·x}."""

    def rule(point: Point, number: int, operands: list[int]) -> int:
        terms = point.relations[number]
        point.hold((scale * operands[0] - point.logarithm(terms)) % point.prime == 0, number)
        return made(point, point.product(terms))

    return rule


def _log(point: Point, number: int, operands: list[int]) -> int:
    terms = point.relations[number]
    fine = common(terms)
    point.hold(pow(operands[0], fine, point.prime) == point.product(terms, fine), number)
    if operands[0] == 0:
        raise VanishedError
    return point.logarithm(terms)


def _half_power(point: Point, number: int, operands: list[int]) -> int:
    root = point.product(point.relations[number])
    point.hold(root * root % point.prime == operands[0], number)
    return point.power(root, point.node(number).payload.numerator)


def _angle(made: Callable[[Point, int, int], int]) -> Rule:
    def rule(point: Point, number: int, operands: list[int]) -> int:
        terms = point.relations[number]
        point.hold(operands[0] == point.logarithm(terms), number)
        cosine, sine = 1, 0
        for index, multiple in terms:
            _, _, c, s = point.generator(index)
            turned = _turned(c, s if multiple > 0 else -s, abs(multiple.numerator), point.prime)
            cosine, sine = _together((cosine, sine), turned, point.prime)
        return made(point, cosine, sine)

    return rule


def _together(one: tuple[int, int], other: tuple[int, int], prime: int) -> tuple[int, int]:
    """The sum theorems."""
    (c, s), (k, z) = one, other
    return (c * k - s * z) % prime, (s * k + c * z) % prime


def _turned(cosine: int, sine: int, count: int, prime: int) -> tuple[int, int]:
    result, base = (1, 0), (cosine, sine)
    while count:
        if count & 1:
            result = _together(result, base, prime)
        base = _together(base, base, prime)
        count >>= 1
    return result


def _erf(point: Point, number: int, operands: list[int]) -> int:
    ((index, sign),) = point.relations[number]
    value, of = point.generator(index)
    point.hold((operands[0] - sign.numerator * of) % point.prime == 0, number)
    return sign.numerator * value


def _kink(made: Callable[[int, int, Sequence[int]], int], difference: bool = False) -> Rule:
    """Made of [u > v] and [u < v], where u − v is a product of numbers and of generators'."""

    def rule(point: Point, number: int, operands: list[int]) -> int:
        above, below, of = 1, 0, 1
        for index, ratio in point.relations[number]:
            up, down, factor = point.generator(index)
            up, down = SIGNED[(ratio > 0) - (ratio < 0)](up, down)
            above, below = above * up + below * down, above * down + below * up
            of = of * factor * point.residue(ratio) % point.prime
        argument = operands[0] - operands[1] if difference else operands[0]
        point.hold((argument - of) % point.prime == 0, number)
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


def _product(point: Point, _: Node, operands: list[int]) -> int:
    total = 1
    for operand in operands:
        total = total * operand % point.prime
    return total


def _any(point: Point, node: Node, operands: list[int]) -> int:
    return 1 - _product(point, node, [1 - operand for operand in operands])


def _piecewise(point: Point, _: Node, operands: list[int]) -> int:
    """Where no condition holds there is no value, so the last one does for that as well."""
    values, conditions = operands[0::2], operands[1::2]
    result = values[-1]
    for value, condition in zip(values[-2::-1], conditions[-2::-1], strict=True):
        result = (result + (value - result) * condition) % point.prime
    return result


RULES: Mapping[str, Callable[[Point, Node, list[int]], int]] = {
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


def evaluate(point: Point) -> list[int]:
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
    point.values.append(value % point.prime)
