"""How function values enter the graph: the special values, and functions written with others.

The graph holds eleven functions (``exp log sqrt root sigmoid tanh sin cos erf step pi``); every
other one is a row that writes it with these. A step is the one source of all kinks:

    |x| = x·sign(x),   sign(x) = 2·step(x) − 1,   max(a, b) = b + (a − b)·step(a − b)

which holds wherever the argument of the step is not zero; equality is judged almost everywhere.
"""

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from math import isqrt

from symbp.decide.bounds import BoundsTable
from symbp.decide.graph import (
    CALL,
    HAS_DOMAIN,
    HAS_ROOT,
    HAS_STEP,
    POWER,
    PRODUCT,
    SUM,
    Graph,
    Node,
    UndefinedError,
    UnsupportedError,
)
from symbp.decide.vanishing import Vanishing

HALF = Fraction(1, 2)
MOST_POWER = 64


class Functions:
    """Builds function values on one graph, with the bounds of its nodes at hand."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.bounds = BoundsTable(graph)
        self.vanishing = Vanishing(graph, self.bounds)

    def build(self, name: str, *arguments: Node) -> Node:
        """The node of a function value; raises UnsupportedError for an unknown name."""
        rule = RULES.get(name)
        if rule is None:
            raise UnsupportedError(name)
        return rule(self, *arguments)

    def rebuilt(self, roots: Iterable[Node], known: Mapping[Node, Node]) -> tuple[Node, ...]:
        """The roots with some nodes replaced, and what is above them built anew."""
        graph, new, roots = self.graph, dict(known), tuple(roots)
        for node in graph.reach(roots, known):
            kind, payload = graph.kinds[node], graph.payloads[node]
            children = tuple(new[child] for child in graph.children[node])
            if children == graph.children[node]:
                new[node] = node
            elif kind == SUM:
                new[node] = graph.sum(*children)
            elif kind == PRODUCT:
                new[node] = graph.product(*children)
            elif kind == POWER:
                new[node] = graph.power(children[0], payload)
            else:
                assert kind == CALL
                new[node] = self.build(payload, *children)
        return tuple(new[root] for root in roots)

    def exp(self, x: Node) -> Node:
        """exp(0) = 1, exp(a + c·log u) = u^c·exp(a) for u > 0 and a whole or half c."""
        graph = self.graph
        terms = self._summands(x)
        powers = {term: power for term in terms if (power := self._power_of_log(term)) is not None}
        if powers:
            rest = graph.sum(*(term for term in terms if term not in powers))
            return graph.product(*powers.values(), self.exp(rest))
        return graph.one if x == graph.zero else graph.call("exp", x)

    def _summands(self, x: Node) -> tuple[Node, ...]:
        """The terms of a sum, or of a number times a sum."""
        graph = self.graph
        constant, powers = graph.factors(x)
        (inner, exponent), *others = powers.items() or [(x, 0)]
        if others or exponent != 1 or graph.kinds[inner] != SUM:
            return (x,)
        return tuple(graph.product(graph.constant(constant), c) for c in graph.children[inner])

    def _power_of_log(self, x: Node) -> Node | None:
        """u^c for x = c·log u."""
        constant, powers = self.graph.factors(x)
        (base, exponent), *others = powers.items() or [(x, 0)]
        if others or exponent != 1 or not self.graph.is_call(base, "log"):
            return None
        (u,) = self.graph.children[base]
        if constant.denominator > 2 or abs(constant) > MOST_POWER or not self.bounds.of(u).positive:
            return None
        return self.power(u, self.graph.constant(constant))

    def log(self, x: Node) -> Node:
        """log(1) = 0, log(c·Π u^n) = log c + Σ n·log u; unless x > 0 is known there is a domain."""
        graph = self.graph
        if x == graph.zero:
            raise UndefinedError("the logarithm of zero")
        if x == graph.one:
            return graph.zero
        constant, powers = graph.factors(x)
        if constant <= 0 or not all(self.bounds.of(base).positive for base in powers):
            known = self.bounds.of(x).positive
            return graph.call("log", x, traits=0 if known else HAS_DOMAIN)
        logs = [graph.product(graph.constant(n), self._log(base)) for base, n in powers.items()]
        if constant != 1:
            logs.append(graph.call("log", graph.constant(constant)))
        return graph.sum(*logs)

    def _log(self, x: Node) -> Node:
        """log exp(u) = u, log √u = ½·log u, for x > 0 that is no product."""
        graph = self.graph
        if graph.is_call(x, "exp"):
            return graph.children[x][0]
        if graph.is_call(x, "sqrt"):
            return graph.product(graph.constant(HALF), self.log(graph.children[x][0]))
        return graph.call("log", x)

    def sqrt(self, x: Node) -> Node:
        """√(c·b^{2k+r}·…) = √c·|b|^k·√(b^r·…), r ∈ {0, 1}; positive factors part company."""
        graph = self.graph
        constant, powers = graph.factors(x)
        outside: list[Node] = []
        inside: list[Node] = []
        for base, exponent in powers.items():
            if exponent // 2:
                outside.append(graph.power(self.absolute(base), exponent // 2))
            if exponent % 2:
                positive = self.bounds.of(base).positive
                (outside if positive else inside).append(
                    self._root_of_positive(base) if positive else base
                )
        if constant > 0:
            outside.append(self._sqrt_of_constant(constant))
        elif constant < 0 or not inside:
            inside.append(graph.constant(constant))
        if not inside:
            return graph.product(*outside)
        rest = graph.product(*inside)
        if rest == graph.zero:
            return graph.zero
        return graph.product(*outside, graph.call("sqrt", rest, traits=HAS_ROOT | HAS_DOMAIN))

    def _root_of_positive(self, x: Node) -> Node:
        graph = self.graph
        if graph.is_call(x, "exp"):
            return self.exp(graph.product(graph.constant(HALF), graph.children[x][0]))
        return graph.call("sqrt", x, traits=HAS_ROOT)

    def _sqrt_of_constant(self, constant: Fraction) -> Node:
        top, bottom = isqrt(constant.numerator), isqrt(constant.denominator)
        if Fraction(top * top, bottom * bottom) == constant:
            return self.graph.constant(Fraction(top, bottom))
        return self.graph.call("sqrt", self.graph.constant(constant), traits=HAS_ROOT)

    def root(self, x: Node, order: int) -> Node:
        """x^{1/order} for x ≥ 0, as square roots of an odd root."""
        halvings = (order & -order).bit_length() - 1
        odd = order >> halvings
        if odd > 1 and x not in (self.graph.zero, self.graph.one):
            known = self.bounds.of(x).positive
            x = self.graph.call(
                "root", x, self.graph.constant(odd), traits=0 if known else HAS_DOMAIN
            )
        for _ in range(halvings):
            x = self.sqrt(x)
        return x

    def power(self, base: Node, exponent: Node) -> Node:
        """b^n by multiplication, b^{n/m} by a root, and exp(x·log b) otherwise."""
        value = self.graph.value(exponent)
        if value is None:
            return self.exp(self.graph.product(exponent, self.log(base)))
        if value.denominator == 1:
            return self._whole_power(base, value.numerator)
        return self.graph.power(self.root(base, value.denominator), value.numerator)

    def _whole_power(self, base: Node, exponent: int) -> Node:
        """(√u)^{2n} = u^n where u ≥ 0 wherever it has a value."""
        graph = self.graph
        if exponent % 2 == 0 and graph.is_call(base, "sqrt"):
            (u,) = graph.children[base]
            if self.bounds.of(u).nonnegative:
                return self._whole_power(u, exponent // 2)
        return graph.power(base, exponent)

    def step(self, x: Node) -> Node:
        """1 where x > 0, else 0: step(h·x) = h·step(x), step(−x·y) by the signs of x and y."""
        graph = self.graph
        bounds = self.bounds.of(x)
        if bounds.positive or bounds.nonpositive:
            return graph.one if bounds.positive else graph.zero
        if bounds.nonnegative and self.vanishing.never(x):
            return graph.one
        if graph.kinds[x] == SUM:
            x = graph.with_common_factor(x)
        constant, powers = graph.factors(x)
        steps = [base for base, n in powers.items() if n > 0 and graph.is_call(base, "step")]
        others = [base for base in powers if base not in steps]
        if not all(self.vanishing.never(b) for b in others if powers[b] % 2 == 0):
            return graph.call("step", x, traits=HAS_STEP)
        odd = [b for b in others if powers[b] % 2 and not self.bounds.of(b).positive]
        sign = graph.constant(1 if constant > 0 else -1)
        if not steps and len(odd) > 1 and all(map(self.vanishing.never, odd)):
            signs = [graph.sign_of(self.step(base)) for base in odd]
            return graph.product(
                graph.constant(HALF), graph.sum(graph.one, graph.product(sign, *signs))
            )
        rest = graph.product(sign, *odd)
        if rest == x:
            return graph.call("step", x, traits=HAS_STEP)
        return graph.product(*steps, self.step(rest))

    def sign(self, x: Node) -> Node:
        """2·step(x) − 1; step(x) − step(−x) where x may be 0 on an open set."""
        graph = self.graph
        if self.vanishing.may(x):
            below = self.step(graph.product(graph.constant(-1), x))
            return graph.difference(self.step(x), below)
        return graph.sign_of(self.step(x))

    def reaches(self, x: Node) -> Node:
        """1 where x ≥ 0: step(x), but 1 − step(−x) where x may be 0 on an open set."""
        graph = self.graph
        if self.vanishing.may(x):
            below = self.step(graph.product(graph.constant(-1), x))
            return graph.difference(graph.one, below)
        return self.step(x)

    def absolute(self, x: Node) -> Node:
        """x·sign(x)."""
        return self.graph.product(x, self.sign(x))

    def choose(self, condition: Node, yes: Node, no: Node) -> Node:
        """no + (yes − no)·condition, for a condition that is 0 or 1."""
        graph = self.graph
        return graph.sum(no, graph.product(graph.difference(yes, no), condition))

    def maximum(self, *values: Node) -> Node:
        """The largest of the values, two at a time."""
        largest = values[0]
        for value in values[1:]:
            above = self.step(self.graph.difference(largest, value))
            largest = self.choose(above, largest, value)
        return largest

    def minimum(self, *values: Node) -> Node:
        """−max of the negatives."""
        return self.graph.negative(self.maximum(*map(self.graph.negative, values)))

    def half_sum(self, x: Node, sign: int) -> Node:
        """(eˣ ± e⁻ˣ)/2: cosh and sinh."""
        graph = self.graph
        e = self.exp(x)
        mirrored = graph.product(graph.constant(sign), graph.power(e, -1))
        return graph.product(graph.constant(HALF), graph.sum(e, mirrored))

    def odd(self, name: str, x: Node) -> Node:
        """A function with value 0 at 0."""
        return self.graph.zero if x == self.graph.zero else self.graph.call(name, x)

    def cos(self, x: Node) -> Node:
        """cos(0) = 1."""
        return self.graph.one if x == self.graph.zero else self.graph.call("cos", x)

    def sigmoid(self, x: Node) -> Node:
        """σ(0) = ½."""
        if x == self.graph.zero:
            return self.graph.constant(HALF)
        return self.graph.call("sigmoid", x)


RULES: Mapping[str, Callable[..., Node]] = {
    "exp": Functions.exp,
    "log": Functions.log,
    "sqrt": Functions.sqrt,
    "root": lambda f, x, order: f.root(x, int(f.graph.value(order))),
    "power": Functions.power,
    "sigmoid": Functions.sigmoid,
    "tanh": lambda f, x: f.odd("tanh", x),
    "sin": lambda f, x: f.odd("sin", x),
    "cos": Functions.cos,
    "tan": lambda f, x: f.graph.quotient(f.odd("sin", x), f.cos(x)),
    "erf": lambda f, x: f.odd("erf", x),
    "sinh": lambda f, x: f.half_sum(x, -1),
    "cosh": lambda f, x: f.half_sum(x, 1),
    "sech": lambda f, x: f.graph.power(f.half_sum(x, 1), -1),
    "step": Functions.step,
    "sign": Functions.sign,
    "abs": Functions.absolute,
    "max": Functions.maximum,
    "min": Functions.minimum,
    "pi": lambda f: f.graph.call("pi"),
}
