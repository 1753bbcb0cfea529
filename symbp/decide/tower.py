"""The generators of a tower of functions, with values at a random point of a prime field.

exp(a) and log(u) are no polynomials, so in the field they are *generators*: free random elements,
except where a relation ties them to earlier ones. A generator is a positive quantity y with its
logarithm x; for exp(a) it is y = exp(a), x = a, and for log(u) or √u it is y = u, x = log u. What
identifies it is the logarithmic derivative D = y′/y in one random direction: Da for exp(a), Du/u
for the others. When the D of a new function is a rational combination Σ q_k·D_k of known ones,
then it equals c·Π y_k^{q_k} with a constant c that is found back from its residue. So e^{−z}
becomes 1/e^z, σ and tanh are fractions in e^z, and log(ab) = log a + log b.

A relation that is overlooked leaves a generator free, and an identity that holds for free
generators holds for the functions: that costs completeness, never truth (Risch 1969; Ax 1971).
"""

from dataclasses import dataclass
from fractions import Fraction

from symbp.decide.angles import Angles
from symbp.decide.constants import Constants
from symbp.decide.graph import Node
from symbp.decide.residue import Drawing, Multiples, Relation, rational, residue


class VanishedError(ArithmeticError):
    """A denominator, a radicand or the argument of a logarithm is zero in the field."""


class RootOrderError(Exception):
    """An exponential is needed to a power finer than its generator's root allows."""

    def __init__(self, order: int) -> None:
        super().__init__(f"a root of order {order} is needed")
        self.order = order


class _NoRootError(Exception):
    """A relation asks for a root of a generator that the field cannot give."""


@dataclass
class Generator:
    """A positive quantity and its logarithm; an exponential also keeps y^{1/order}."""

    value: int
    logarithm: int | None
    fine_root: int | None = None
    square_root: int | None = None


@dataclass(frozen=True)
class StepClass:
    """A step h(g) up to positive factors of g: its argument and its free value."""

    node: Node
    argument: int
    value: int


class Tower:
    """Generators met so far; each method gives the value of one function.

    ``order`` is the common denominator of exponents that exponentials may get. ``relations``
    counts how often a relation was accepted, each with a chance of error of its own.
    """

    def __init__(
        self, prime: int, draw: Drawing, lattice: bool = False, order: int = 2, flips: int = 0
    ) -> None:
        self.prime = prime
        self.order = order
        self.relations = 0
        self.steps: dict[Node, tuple[int, bool] | bool] = {}
        self.step_classes: list[StepClass] = []
        self._draw = draw
        self._known = Multiples(prime, lattice)
        self._generators: list[Generator] = []
        self._steps_by_dual: dict[int, list[int]] = {}
        self.constants = Constants(prime, draw, order, flips)
        self.angles = Angles(prime, draw, lattice, order, self.constants)
        self._errors: dict[int, int] = {}

    def inverse(self, value: int) -> int:
        """1/value; raises VanishedError for zero."""
        if value == 0:
            raise VanishedError
        return pow(value, -1, self.prime)

    @property
    def roots(self) -> int:
        """How many square roots were chosen."""
        return self.constants.roots

    def exp(self, value: int, dual: int) -> int:
        """exp(value)."""
        if dual == 0:
            return self.constants.exp(value)
        relation = self._known.find(dual)
        if relation is not None:
            rest = value - sum(self._logarithm(k) * residue(q, self.prime) for k, q in relation)
            constant = rational(rest % self.prime, self.prime)
            if constant is not None:
                try:
                    result = self._monomial(relation) * self.constants.exp_of(constant)
                except _NoRootError:
                    return self._new_exponential(value, dual)
                self.relations += 1
                return result % self.prime
        return self._new_exponential(value, dual)

    def _new_exponential(self, value: int, dual: int) -> int:
        fine = self._draw("exp", value)
        generator = Generator(pow(fine, self.order, self.prime), value, fine_root=fine)
        self._add(generator, dual)
        return generator.value

    def log(self, value: int, dual: int) -> int:
        """log(value)."""
        derivative = dual * self.inverse(value) % self.prime
        if derivative == 0:
            return self.constants.log(value)
        product = self._as_product(value, derivative)
        if product is not None:
            relation, constant = product
            result = self.constants.log_of(constant)
            result += sum(self._logarithm(k) * residue(q, self.prime) for k, q in relation)
            return result % self.prime
        generator = Generator(value, self._draw("log", value))
        self._add(generator, derivative)
        return self._logarithm(len(self._generators) - 1)

    def sqrt(self, value: int, dual: int) -> int:
        """√value, the root that is positive where value is."""
        derivative = dual * self.inverse(value) % self.prime
        if derivative == 0:
            return self.constants.sqrt(value)
        product = self._as_product(value, derivative)
        if product is not None:
            relation, constant = product
            halves = tuple((k, q / 2) for k, q in relation)
            try:
                return self._monomial(halves) * self.constants.sqrt_of(constant) % self.prime
            except _NoRootError:
                self.relations -= 1
        self._add(Generator(value, None), derivative)
        return self._square_root(len(self._generators) - 1)

    def odd_root(self, value: int, order: int) -> int:
        """The one root of an odd order; raises VanishedError where it is not unique."""
        return self.constants.odd_root(value, order)

    def erf(self, value: int) -> int:
        """erf, an odd function with a free value for each argument."""
        for sign in (1, -1):
            known = self._errors.get(sign * value % self.prime)
            if known is not None:
                return sign * known % self.prime
        self._errors[value] = result = self._draw("erf", value) if value else 0
        return result

    def step(self, node: Node, value: int, dual: int, vanishing: bool = False) -> int:
        """A free value for each class of arguments that differ by a positive constant factor.

        A negative constant gives the complement: step(−g) = 1 − step(g) where g is not zero. A g
        that is ``vanishing`` may be 0 on an open set, and has no complement.
        """
        if value == 0:
            self.steps[node] = False
            return 0
        derivative = dual * self.inverse(value) % self.prime
        for index in self._steps_by_dual.get(derivative, ()):
            known = self.step_classes[index]
            ratio = rational(value * self.inverse(known.argument) % self.prime, self.prime)
            if ratio is not None and not (vanishing and ratio < 0):
                self.relations += 1
                self.steps[node] = (index, ratio > 0)
                return known.value if ratio > 0 else (1 - known.value) % self.prime
        if derivative == 0:
            constant = rational(value, self.prime)
            if constant is not None:
                self.steps[node] = constant > 0
                return int(constant > 0)
        index = len(self.step_classes)
        self.step_classes.append(StepClass(node, value, self._draw("step", value)))
        self._steps_by_dual.setdefault(derivative, []).append(index)
        self.steps[node] = (index, True)
        return self.step_classes[index].value

    def _add(self, generator: Generator, dual: int) -> None:
        self._generators.append(generator)
        self._known.add(dual)

    def _logarithm(self, index: int) -> int:
        generator = self._generators[index]
        if generator.logarithm is None:
            generator.logarithm = self._draw("log", generator.value)
        return generator.logarithm

    def _square_root(self, index: int) -> int:
        generator = self._generators[index]
        if generator.square_root is None:
            generator.square_root = self.constants.choose_root(generator.value)
        return generator.square_root

    def _as_product(self, value: int, dual: int) -> tuple[Relation, Fraction] | None:
        """value = c·Π y_k^{q_k} with a positive rational c.

        The value is positive where its logarithm or root is real, and so is each y_k: a root that
        is first chosen here is the one that makes c positive.
        """
        relation = self._known.find(dual)
        if relation is None:
            return None
        fresh = [k for k, q in relation if q.denominator % 2 == 0 and self._is_rootless(k)]
        try:
            product = self._monomial(relation)
        except _NoRootError:
            return None
        constant = rational(value * self.inverse(product) % self.prime, self.prime)
        if constant is not None and constant < 0 and fresh:
            chosen = self._generators[fresh[0]]
            chosen.square_root = -self._square_root(fresh[0]) % self.prime
            constant = -constant
        if constant is None or constant <= 0:
            return None
        self.relations += 1
        return relation, constant

    def _is_rootless(self, index: int) -> bool:
        generator = self._generators[index]
        return generator.fine_root is None and generator.square_root is None

    def _monomial(self, relation: Relation) -> int:
        result = 1
        for index, exponent in relation:
            result = result * self._power(index, exponent) % self.prime
        return result

    def _power(self, index: int, exponent: Fraction) -> int:
        generator, prime = self._generators[index], self.prime
        if generator.fine_root is not None:
            scaled = exponent * self.order
            if scaled.denominator != 1:
                raise RootOrderError(self.order * scaled.denominator)
            return pow(generator.fine_root, scaled.numerator, prime)
        base, denominator = generator.value, exponent.denominator
        if denominator % 2 == 0:
            base, denominator = self._square_root(index), denominator // 2
        if denominator % 2 == 0:
            raise _NoRootError
        if denominator > 1:
            base = self.odd_root(base, denominator)
        return pow(base, exponent.numerator, prime)


