"""From what was written to what it means: a tree becomes a SymPy expression.

Scalar notation: a quantity is the real symbol of its plain name, a decimal is exact, a declared
function is its body at the argument. A derivative of a quantity stays ``partial(E, w)``, to be
replaced by the true adjoint; one of an expression is taken here, by the chain rule over the
quantities in it, ``d(expr)/dx = ∂expr/∂x + Σ_q ∂expr/∂q · partial(q, x)``.

What has no meaning in scalar notation is unreadable, with its place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce

import sympy as sp
from sympy import Dummy, Expr, Piecewise, Rational, Symbol

from symbp.core.equations import scalar
from symbp.core.functions import FUNCTIONS
from symbp.core.slopes import slope
from symbp.core.steps import partial
from symbp.read.errors import UnreadableError
from symbp.read.tree import (
    Application,
    Call,
    Cases,
    Comparison,
    Negation,
    Number,
    Partial,
    Power,
    Product,
    Quantity,
    Quotient,
    Sum,
    Tree,
)

MAX_POWER = 64
RELATIONS: Mapping[str, Callable[[Expr, Expr], sp.Basic]] = {
    "<": sp.Lt, "<=": sp.Le, ">": sp.Gt, ">=": sp.Ge,
}  # fmt: skip
ARITY = {"max": None, "min": None}
"""Functions of any number of arguments; all others take one."""


@dataclass(frozen=True)
class Function:
    """A function that the document defines: parameters and body, in the parameters' symbols."""

    parameters: tuple[str, ...]
    body: Expr

    def at(self, arguments: tuple[Expr, ...]) -> Expr:
        """The body at arguments."""
        places = {scalar(p): a for p, a in zip(self.parameters, arguments, strict=True)}
        return self.body.xreplace(places)

    def derived(self, parameter: str, times: int = 1) -> Function:
        """The derivative by one of the parameters."""
        return Function(self.parameters, slope(self.body, scalar(parameter), times))


Functions = Mapping[str, Function]


def expression(tree: Tree, functions: Functions) -> Expr:
    """The expression a tree means. Raises :class:`UnreadableError` where it has no scalar meaning."""
    value = _meaning(tree, functions)
    if value.has(sp.zoo, sp.nan, sp.oo):
        raise UnreadableError("this divides by zero", *tree.span)
    return value


def _meaning(tree: Tree, functions: Functions) -> Expr:
    reader = _READERS.get(type(tree))
    if reader is None:
        kind = type(tree).__name__.lower()
        raise UnreadableError(f"a {kind} has no meaning between scalars", *tree.span)
    return reader(tree, functions)


def _number(tree: Number, functions: Functions) -> Expr:
    return Rational(tree.value.numerator, tree.value.denominator)


def _quantity(tree: Quantity, functions: Functions) -> Expr:
    if tree.indices or tree.upper:
        raise UnreadableError(
            f"{tree.name} is indexed by letters; this document is in scalar notation", *tree.span,
            "numbers for indices, as in w_{12}",
        )  # fmt: skip
    if tree.name in functions:
        raise UnreadableError(f"{tree.name} is a function", *tree.span, f"{tree.name}(…)")
    return scalar(tree.name)


def _sum(tree: Sum, functions: Functions) -> Expr:
    return sp.Add(*(_meaning(t, functions) for t in tree.terms))


def _negation(tree: Negation, functions: Functions) -> Expr:
    return -_meaning(tree.of, functions)


def _product(tree: Product, functions: Functions) -> Expr:
    return sp.Mul(*(_meaning(f, functions) for f in tree.factors))


def _quotient(tree: Quotient, functions: Functions) -> Expr:
    below = _meaning(tree.below, functions)
    if below == 0:
        raise UnreadableError("this divides by zero", *tree.span)
    return _meaning(tree.above, functions) / below


def _power(tree: Power, functions: Functions) -> Expr:
    base, exponent = _meaning(tree.base, functions), _meaning(tree.exponent, functions)
    if exponent.is_number and abs(exponent) > MAX_POWER:
        raise UnreadableError(f"a power over {MAX_POWER}", *tree.exponent.span)
    return base**exponent


def _call(tree: Call, functions: Functions) -> Expr:
    function = FUNCTIONS.get(tree.function)
    if function is None:
        known = ", ".join(sorted(FUNCTIONS))
        raise UnreadableError(f"{tree.function} is no function of numbers", *tree.span, known)
    if tree.function not in ARITY and len(tree.arguments) != 1:
        raise UnreadableError(f"{tree.function} takes one argument", *tree.span)
    arguments = [_meaning(a, functions) for a in tree.arguments]
    if not tree.primes:
        return function(*arguments)
    z = Dummy(real=True)
    derivative = slope(function(z), z, tree.primes)
    if derivative.has(sp.Derivative):
        raise UnreadableError(f"{tree.function} has no derivative here", *tree.span)
    return derivative.xreplace({z: arguments[0]})


def _application(tree: Application, functions: Functions) -> Expr:
    function = functions.get(tree.function)
    if function is None:
        raise UnreadableError(
            f"the function {tree.function} is not defined here", *tree.span,
            "a definition before this formula, in this section",
        )  # fmt: skip
    if len(tree.arguments) != len(function.parameters):
        raise UnreadableError(
            f"{tree.function} takes {len(function.parameters)} arguments, not "
            f"{len(tree.arguments)}", *tree.span,
        )  # fmt: skip
    if tree.primes:
        if len(function.parameters) != 1:
            raise UnreadableError(
                f"{tree.function}' of a function of {len(function.parameters)}", *tree.span,
                r"\frac{\partial f}{\partial x}",
            )  # fmt: skip
        function = function.derived(function.parameters[0], tree.primes)
    return function.at(tuple(_meaning(a, functions) for a in tree.arguments))


def _partial(tree: Partial, functions: Functions) -> Expr:
    by = tuple(_variable(v) for v in tree.by)
    if isinstance(tree.of, Quantity) and tree.of.name in functions:
        return _function_derivative(tree, functions[tree.of.name], by)
    if isinstance(tree.of, Quantity) and not tree.of.indices and not tree.of.upper:
        if len(by) > 1:
            raise UnreadableError("a second derivative of a quantity", *tree.span, "one variable")
        return partial(scalar(tree.of.name), by[0])
    return reduce(_total_derivative, by, _meaning(tree.of, functions))


def _function_derivative(tree: Partial, function: Function, by: tuple[Symbol, ...]) -> Expr:
    """∂f/∂x of a declared function, by its parameters, at its parameters."""
    for variable in by:
        if variable.name not in function.parameters:
            raise UnreadableError(
                f"{variable.name} is no argument of this function", *tree.span,
                ", ".join(function.parameters),
            )  # fmt: skip
        function = function.derived(variable.name)
    return function.body


def _variable(tree: Tree) -> Symbol:
    if not isinstance(tree, Quantity) or tree.indices or tree.upper:
        raise UnreadableError("a derivative is by a quantity", *tree.span, r"\partial w_{11}")
    return scalar(tree.name)


def _total_derivative(value: Expr, x: Symbol) -> Expr:
    others = sorted(value.free_symbols - {x}, key=str)
    inner = [slope(value, q) * partial(q, x) for q in others]
    return sp.Add(slope(value, x), *inner)


def _cases(tree: Cases, functions: Functions) -> Expr:
    branches = [
        (_meaning(value, functions), True if when is None else _condition(when, functions))
        for value, when in tree.branches
    ]
    return Piecewise(*branches)


def _condition(tree: Tree, functions: Functions) -> sp.Basic:
    if not isinstance(tree, Comparison) or tree.relation not in RELATIONS:
        raise UnreadableError("a condition compares with <, <=, > or >=", *tree.span, "x > 0")
    relation = RELATIONS[tree.relation]
    return relation(_meaning(tree.left, functions), _meaning(tree.right, functions))


_READERS: Mapping[type, Callable[..., Expr]] = {
    Number: _number,
    Quantity: _quantity,
    Sum: _sum,
    Negation: _negation,
    Product: _product,
    Quotient: _quotient,
    Power: _power,
    Call: _call,
    Application: _application,
    Partial: _partial,
    Cases: _cases,
}
