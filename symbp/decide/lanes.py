"""Arithmetic in lanes: independent residues modulo 2³¹ − 1, and free elements for functions.

In lanes of the Mersenne prime 2³¹ − 1 NumPy's 64-bit integers multiply without overflow. Two
fractions of degree d that are not equal agree in all lanes with a probability of at most
(d/2³¹)^lanes (Schwartz 1980; Zippel 1979).

A function value is a free element for each different argument: σ(−x) = 1 − σ(x), tanh is odd, and
exp x = σ(x)/(1 − σ(x)), so that a net of σ and tanh is a polynomial in its elements. What holds for
independent elements holds for the functions; a relation that is overlooked costs completeness,
never truth.
"""

import secrets
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

PRIME = 2**31 - 1
LANES = 6

Lanes = NDArray[np.uint64]
"""Residues; the first axis are the lanes."""
SHIFT, MASK, ONE = np.uint64(31), np.uint64(PRIME), np.uint64(1)


def reduced(x: Lanes) -> Lanes:
    """x modulo the prime, for x < 2⁶³: 2³¹ = 1, so the high bits are added to the low."""
    x = (x & MASK) + (x >> SHIFT)
    x = (x & MASK) + (x >> SHIFT)
    x -= MASK * (x >= MASK)
    return x


def plus(a: Lanes, b: Lanes) -> Lanes:
    """a + b."""
    return reduced(a + b)


def times(a: Lanes, b: Lanes) -> Lanes:
    """a·b for reduced a and b."""
    return reduced(a * b)


def negative(a: Lanes) -> Lanes:
    """−a."""
    return reduced(MASK - a)


def power(base: Lanes, exponent: int) -> Lanes:
    """base^exponent, by squaring; a negative one by Fermat's base^{p−2} = 1/base."""
    if exponent < 0:
        if not base.all():
            raise ZeroDivisionError
        exponent = exponent * (2 - PRIME) % (PRIME - 1) if exponent != -1 else PRIME - 2
    result = np.ones_like(base)
    while exponent:
        if exponent & 1:
            result = times(result, base)
        base, exponent = times(base, base), exponent >> 1
    return result


class Elements:
    """Free random elements: one for each name and index, one for each function and argument.

    ``reflected`` tells whether a function was taken both at some x and at −x.
    """

    def __init__(self) -> None:
        self._random = np.random.Generator(np.random.PCG64DXSM(secrets.randbits(256)))
        self._known: dict[tuple[str, bytes], int] = {}
        self._rows: list[Lanes] = []
        self._seen: defaultdict[str, tuple[set[int], set[int]]] = defaultdict(lambda: (set(), set()))
        self.reflected = False

    def array(self, shape: Sequence[int]) -> Lanes:
        """An array of new elements."""
        return self._random.integers(0, PRIME, (LANES, *shape), dtype=np.uint32).astype(np.uint64)

    def of(self, function: str, argument: Lanes) -> Lanes:
        """An element for each entry of the argument; equal entries get equal elements."""
        width, whole = LANES * argument.itemsize, argument.reshape(LANES, -1).T.tobytes()
        keys = [(function, whole[i : i + width]) for i in range(0, len(whole), width)]
        new = [key for key in dict.fromkeys(keys) if key not in self._known]
        for row, key in enumerate(new, len(self._rows)):
            self._known[key] = row
        self._rows.extend(self.array((len(new),)).T)
        chosen = np.array([self._rows[self._known[key]] for key in keys], dtype=np.uint64)
        return np.ascontiguousarray(chosen.T).reshape(argument.shape)

    def mirrored(
        self, function: str, x: Lanes, mirror: Callable[[Lanes], Lanes]
    ) -> Lanes:
        """f(x) where f(−x) is given by f(x): of x and −x one is chosen by the first lane."""
        other = x[0] > MASK >> ONE
        chosen = np.where(other, negative(x), x)
        value = self.of(function, chosen)
        seen = self._seen[function]
        for side, mask in enumerate((~other, other)):
            seen[side].update(chosen[0][mask].tolist())
        self.reflected |= not seen[0].isdisjoint(seen[1])
        return np.where(other, mirror(value), value)

    def sigmoid(self, x: Lanes) -> Lanes:
        """σ(x), with σ(−x) = 1 − σ(x)."""
        return self.mirrored("sigmoid", x, lambda value: reduced(ONE + MASK - value))

    def tanh(self, x: Lanes) -> Lanes:
        """tanh(x), with tanh(−x) = −tanh(x)."""
        return self.mirrored("tanh", x, negative)

    def exp(self, x: Lanes) -> Lanes:
        """σ(x)/(1 − σ(x))."""
        value = self.sigmoid(x)
        return times(value, power(reduced(ONE + MASK - value), -1))


def _free(name: str) -> Callable[[Elements, Lanes], Lanes]:
    return lambda elements, x: elements.of(name, x)


CALLS: Mapping[str, Callable[..., Lanes]] = {
    "exp": Elements.exp,
    "sigmoid": Elements.sigmoid,
    "tanh": Elements.tanh,
    **{name: _free(name) for name in ("log", "sqrt", "sin", "cos", "erf", "step")},
}
