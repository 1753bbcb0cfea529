"""An independent oracle: a program evaluated by loops in 50 digits, and central differences of it.

It shares nothing with symbp's writers: it walks the SymPy bodies itself and asks mpmath.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

import mpmath as mp
import sympy as sp
from sympy import Expr, Idx, Indexed

from symbp.core.equations import Equation, Term, name_of
from symbp.core.functions import Elementwise
from symbp.core.program import Program

DIGITS = 50
Array = Mapping[tuple[int, ...], mp.mpf]
Values = dict[str, Array]

FUNCTIONS = {
    sp.exp: mp.exp,
    sp.log: mp.log,
    sp.tanh: mp.tanh,
    sp.sin: mp.sin,
    sp.cos: mp.cos,
    sp.erf: mp.erf,
    sp.erfc: mp.erfc,
    sp.Abs: abs,
    sp.sign: mp.sign,
    sp.Max: max,
    sp.Min: min,
    sp.Heaviside: lambda x, at_zero: mp.mpf(x > 0) if x else at_zero,
}


def evaluate(program: Program, leaves: Mapping[str, Array]) -> Values:
    """Every quantity of a program whose sizes are numbers, entry by entry."""
    values: Values = {name: dict(array) for name, array in leaves.items()}
    with mp.workdps(DIGITS):
        for equation in program:
            values[equation.name] = {
                at: mp.fsum(_terms(equation, at, values)) for at in _positions(equation.indices)
            }
    return values


def _positions(letters: tuple[Idx, ...]) -> Iterator[tuple[int, ...]]:
    return product(*(range(int(i.lower), int(i.upper) + 1) for i in letters))


def _terms(equation: Equation, at: tuple[int, ...], values: Values) -> Iterator[mp.mpf]:
    free = dict(zip(equation.indices, at, strict=True))
    for term in equation.terms:
        for more in _positions(term.indices):
            here = free | dict(zip(term.indices, more, strict=True))
            if _counts(term, here):
                yield number(term.body, here, values)


def _counts(term: Term, here: Mapping[Idx, int]) -> bool:
    rule = {i: sp.Integer(v) for i, v in here.items()}
    return all(bool(g.xreplace(rule).doit()) for g in term.guard)


def number(node: Expr, here: Mapping[Idx, int], values: Values) -> mp.mpf:
    """A body's value at given indices."""
    if isinstance(node, Indexed):
        return values[name_of(node)][tuple(int(number(i, here, values)) for i in node.indices)]
    if isinstance(node, Idx):
        return mp.mpf(here[node])
    if node.is_Symbol:
        return values[node.name][()]
    if isinstance(node, Elementwise):
        return number(node.definition(), here, values)
    if isinstance(node, sp.Piecewise):
        return next(
            number(value, here, values)
            for value, condition in node.args
            if condition == sp.true or _true(condition, here, values)
        )
    if isinstance(node, sp.KroneckerDelta):
        left, right = (number(a, here, values) for a in node.args)
        return mp.mpf(left == right)
    if node.is_Rational:
        return mp.mpf(node.p) / node.q
    if node.is_number and not node.args:
        return mp.mpf(sp.N(node, DIGITS + 10))
    parts = [number(a, here, values) for a in node.args]
    if node.is_Add:
        return mp.fsum(parts)
    if node.is_Mul:
        return mp.fprod(parts)
    if node.is_Pow:
        return mp.power(*parts)
    return FUNCTIONS[node.func](*parts)


def _true(condition: sp.Basic, here: Mapping[Idx, int], values: Values) -> bool:
    left, right = (number(side, here, values) for side in (condition.lhs, condition.rhs))
    return {">": left > right, ">=": left >= right, "<": left < right, "<=": left <= right}[
        condition.rel_op
    ]


def slope(
    program: Program, leaves: Mapping[str, Array], name: str, at: tuple[int, ...]
) -> mp.mpf:
    """∂loss/∂name[at] by a central difference of step 1e-15: right to some 30 digits."""
    with mp.workdps(DIGITS):
        step = mp.mpf(10) ** -15
        ends = []
        for sign in (1, -1):
            moved = {**leaves[name], at: leaves[name][at] + sign * step}
            ends.append(evaluate(program, {**leaves, name: moved})[program.loss][()])
        return (ends[0] - ends[1]) / (2 * step)


def leaves_for(program: Program, seed: int = 0) -> dict[str, Array]:
    """Distinct values in (−1, 1), away from zero, for every parameter and input."""
    state = mp.mpf(seed % 97 + 3) / 101
    result: dict[str, Array] = {}
    for leaf in (*program.parameters, *program.inputs):
        entries: dict[tuple[int, ...], mp.mpf] = {}
        for at in product(*(range(int(size)) for size in program.shapes[leaf.name])):
            state = mp.frac(state * mp.mpf("3.7") + mp.mpf("0.313"))
            entries[at] = (state * mp.mpf("1.6") + mp.mpf("0.15")) * (1 if state < 0.5 else -1) / 2
        result[leaf.name] = entries
    return result


def assert_gradients(program: Program, derivation: Program, leaves: Mapping[str, Array]) -> None:
    """Every derived adjoint of a leaf equals the central difference to 20 digits."""
    derived = evaluate(derivation, leaves)
    for name, entries in leaves.items():
        if name + "_bar" not in derived:
            continue
        for at in entries:
            expected = slope(program, leaves, name, at)
            got = derived[name + "_bar"][at]
            assert abs(got - expected) <= mp.mpf(10) ** -20 * (1 + abs(expected)), (name, at)
