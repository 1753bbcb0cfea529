"""The value of a node at a secret random point of a prime field.

Two nodes that stand for the same function have the same value; two that do not, differ with a
probability of at least 1 − degree/p (Schwartz 1980; Zippel 1979), where the functions of the tower
count as variables of their own. A derivative in one random direction goes along with each value a
function is taken of: by it the generators of the tower are told apart.
"""

import secrets
from collections.abc import Callable, Mapping

from symbp.decide.graph import (
    CALL,
    CONSTANT,
    POWER,
    PRODUCT,
    SUM,
    SYMBOL,
    Graph,
    Node,
)  # fmt: skip
from symbp.decide.residue import Drawing, residue
from symbp.decide.tower import Tower
from symbp.decide.vanishing import Vanishing

SEED_BYTES = 32


class FieldPoint:
    """Values of nodes at one point; nodes that the graph gets later are evaluated when asked for.

    ``seed`` repeats the point, ``flips`` takes the other sign of some square roots there.
    """

    def __init__(
        self,
        graph: Graph,
        prime: int,
        *,
        lattice: bool = False,
        order: int = 12,
        flips: int = 0,
        seed: bytes | None = None,
        vanishing: Vanishing | None = None,
    ) -> None:
        self.graph = graph
        self.prime = prime
        self.seed = secrets.token_bytes(SEED_BYTES) if seed is None else seed
        self._draw = Drawing(prime, self.seed)
        self.vanishing = vanishing or Vanishing(graph)
        self.tower = Tower(prime, self._draw, lattice, order, flips)
        self.values: dict[Node, int] = {}
        self._duals: dict[Node, int] = {}
        self._value_rules: Mapping[int, Callable[[Node], int]] = {
            CONSTANT: self._constant,
            SYMBOL: self._symbol,
            SUM: self._sum,
            PRODUCT: self._product,
            POWER: self._power,
            CALL: self._call,
        }
        self._dual_rules: Mapping[int, Callable[[Node], int]] = {
            CONSTANT: lambda _: 0,
            SUM: self._sum_dual,
            PRODUCT: self._product_dual,
            POWER: self._power_dual,
        }

    def value(self, root: Node) -> int:
        """The value of a node; raises VanishedError, NonResidueError or RootOrderError."""
        values = self.values
        if root not in values:
            kinds, rules = self.graph.kinds, self._value_rules
            for node in self.graph.reach((root,), values):
                values[node] = rules[kinds[node]](node)
        return values[root]

    def dual(self, root: Node) -> int:
        """The derivative of a node in the random direction."""
        duals = self._duals
        if root not in duals:
            self.value(root)
            kinds, rules = self.graph.kinds, self._dual_rules
            for node in self.graph.reach((root,), duals):
                duals[node] = rules[kinds[node]](node)
        return duals[root]

    def _symbol(self, node: Node) -> int:
        value, self._duals[node] = self._draw.pair("symbol", self.graph.payloads[node])
        return value

    def _constant(self, node: Node) -> int:
        return residue(self.graph.payloads[node], self.prime)

    def _sum(self, node: Node) -> int:
        values = self.values
        return sum([values[child] for child in self.graph.children[node]]) % self.prime

    def _product(self, node: Node) -> int:
        values, prime = self.values, self.prime
        first, *rest = self.graph.children[node]
        total = values[first]
        for child in rest:
            total = total * values[child] % prime
        return total

    def _power(self, node: Node) -> int:
        base = self.values[self.graph.children[node][0]]
        exponent = self.graph.payloads[node]
        if exponent < 0:
            base, exponent = self.tower.inverse(base), -exponent
        return pow(base, exponent, self.prime)

    def _call(self, node: Node) -> int:
        value, self._duals[node] = CALLS[self.graph.payloads[node]](self, node)
        return value

    def _sum_dual(self, node: Node) -> int:
        duals = self._duals
        return sum([duals[child] for child in self.graph.children[node]]) % self.prime

    def _product_dual(self, node: Node) -> int:
        values, duals, prime = self.values, self._duals, self.prime
        first, *middle, last = self.graph.children[node]
        product, total = values[first], duals[first]
        for child in middle:
            value = values[child]
            total = (total * value + product * duals[child]) % prime
            product = product * value % prime
        return (total * values[last] + product * duals[last]) % prime

    def _power_dual(self, node: Node) -> int:
        child, exponent = self.graph.children[node][0], self.graph.payloads[node]
        value, prime = self.values[child], self.prime
        slope = pow(value, exponent - 1, prime) if value else int(exponent == 1)
        return int(exponent * slope * self._duals[child] % prime)

    def argument(self, node: Node) -> tuple[int, int]:
        """Value and derivative of the argument of a function value."""
        child = self.graph.children[node][0]
        return self.values[child], self.dual(child)


Pair = tuple[int, int]


def _exp(point: FieldPoint, node: Node) -> Pair:
    value, dual = point.argument(node)
    result = point.tower.exp(value, dual)
    return result, result * dual % point.prime


def _sigmoid(point: FieldPoint, node: Node) -> Pair:
    value, dual = point.argument(node)
    e = point.tower.exp(value, dual)
    result = e * point.tower.inverse((1 + e) % point.prime) % point.prime
    return result, result * (1 - result) * dual % point.prime


def _tanh(point: FieldPoint, node: Node) -> Pair:
    value, dual = point.argument(node)
    prime = point.prime
    e = point.tower.exp(2 * value % prime, 2 * dual % prime)
    result = (e - 1) * point.tower.inverse((e + 1) % prime) % prime
    return result, (1 - result * result) * dual % prime


def _log(point: FieldPoint, node: Node) -> Pair:
    value, dual = point.argument(node)
    result = point.tower.log(value, dual)
    return result, dual * point.tower.inverse(value) % point.prime


def _sqrt(point: FieldPoint, node: Node) -> Pair:
    value, dual = point.argument(node)
    result = point.tower.sqrt(value, dual)
    return result, dual * point.tower.inverse(2 * result % point.prime) % point.prime


def _root(point: FieldPoint, node: Node) -> Pair:
    value, dual = point.argument(node)
    order = point.values[point.graph.children[node][1]]
    result = point.tower.odd_root(value, order)
    slope = result * point.tower.inverse(order * value % point.prime)
    return result, slope * dual % point.prime


def _sin(point: FieldPoint, node: Node) -> Pair:
    value, dual = point.argument(node)
    cosine, sine = point.tower.angles.point(value, dual)
    return sine, cosine * dual % point.prime


def _cos(point: FieldPoint, node: Node) -> Pair:
    value, dual = point.argument(node)
    cosine, sine = point.tower.angles.point(value, dual)
    return cosine, -sine * dual % point.prime


def _erf(point: FieldPoint, node: Node) -> Pair:
    value, dual = point.argument(node)
    prime, tower = point.prime, point.tower
    gaussian = tower.exp(-value * value % prime, -2 * value * dual % prime)
    root_of_pi = tower.constants.root_of_pi()
    slope = 2 * gaussian * tower.inverse(root_of_pi) % prime
    return tower.erf(value), slope * dual % prime


def _step(point: FieldPoint, node: Node) -> Pair:
    vanishing = point.vanishing.may(point.graph.children[node][0])
    return point.tower.step(node, *point.argument(node), vanishing), 0


def _pi(point: FieldPoint, _: Node) -> Pair:
    return point.tower.constants.pi(), 0


CALLS: Mapping[str, Callable[[FieldPoint, Node], Pair]] = {
    "exp": _exp,
    "log": _log,
    "sqrt": _sqrt,
    "root": _root,
    "sigmoid": _sigmoid,
    "tanh": _tanh,
    "sin": _sin,
    "cos": _cos,
    "erf": _erf,
    "step": _step,
    "pi": _pi,
}
