"""Terms by number: every different subexpression once, operands before what they are operands of.

Each evaluation of a term (in the graph, in balls, in a certificate) goes through this list, so a
SymPy tree is walked and hashed once, however often its values are asked for. A name with a
definition has the definition as its operand, and is never substituted.
"""

from collections.abc import Callable, Container, Mapping
from functools import cache, lru_cache
from operator import attrgetter
from typing import Any

import sympy as sp
from sympy.core.function import Function
from sympy.functions.elementary.piecewise import ExprCondPair

Term = int
Operands = tuple[sp.Basic, ...]

NATIVE = frozenset({"sigmoid", "step"})
"""The functions of ours that are not written with others."""


class Terms:
    """A growing list of terms; ``definitions`` says what a name stands for.

    ``expressions`` and ``parts`` give a term's SymPy form and the numbers of its operands, and
    ``free`` are the names that were met without a definition.

    >>> x = sp.Symbol("x")
    >>> terms = Terms({})
    >>> terms.number(x + 1) == terms.number(1 + x)
    True
    """

    def __init__(self, definitions: Mapping[str, sp.Basic]) -> None:
        self.expressions: list[sp.Basic] = []
        self.parts: list[tuple[Term, ...]] = []
        self.free: set[str] = set()
        self._definitions = definitions
        self._numbers: dict[sp.Basic, Term] = {}

    def number(self, expression: sp.Basic) -> Term:
        """The number of a term; the walk keeps its own stack, so a term may be deep."""
        numbers, free = self._numbers, len(self.expressions)
        number = numbers.get(expression)
        if number is not None:
            return number
        stack = [expression]
        while stack:
            operands = self._operands(stack[-1])
            try:
                parts = tuple([numbers[part] for part in operands])
            except KeyError:
                stack.extend([part for part in operands if part not in numbers])
                continue
            current = stack.pop()
            number = numbers.setdefault(current, free)
            if number == free:
                free += 1
                self.expressions.append(current)
                self.parts.append(parts)
        assert number is not None
        return number

    def reach(self, root: Term, known: Container[Term] = ()) -> list[Term]:
        """The terms that the root is made of and that are not known yet, operands first."""
        parts, chain = self.parts, [root]
        missing = [part for part in parts[root] if part not in known]
        while len(missing) == 1:
            chain.append(missing[0])
            missing = [part for part in parts[missing[0]] if part not in known]
        if not missing:
            return chain[::-1]
        seen, stack = {*chain, *missing}, missing
        while stack:
            for part in parts[stack.pop()]:
                if part not in seen and part not in known:
                    seen.add(part)
                    stack.append(part)
        return sorted(seen)

    def _operands(self, expression: sp.Basic) -> Operands:
        rule = OPERANDS.get(type(expression))
        if rule is not None:
            return rule(expression)
        if isinstance(expression, sp.Symbol):
            written = self._definitions.get(expression.name)
            if written is not None:
                return (written,)
            self.free.add(expression.name)
            return ()
        definition = definition_of(expression)
        if definition is not None:
            return (definition,)
        arguments: Operands = expression.args
        return arguments


OPERANDS: Mapping[type, Callable[[Any], Operands]] = {
    **dict.fromkeys((sp.Add, sp.Mul, sp.Pow), attrgetter("args")),
    sp.Piecewise: lambda cases: tuple(part for pair in cases.args for part in pair.args),
}


def definition_of(expression: sp.Basic) -> sp.Basic | None:
    """What a function of ours is written with, None for SymPy's and the native ones.

    The argument is put in as it stands: SymPy, which would rearrange it, decides nothing here.
    """
    if isinstance(expression, Function) and type(expression).__name__ not in NATIVE:
        return _written_out(expression) if hasattr(expression, "definition") else None
    return None


@lru_cache(maxsize=4096)  # asked for three times for each term
def _written_out(expression: Function) -> sp.Basic:
    return _put_in(_pattern(expression.func), expression.args[0])


_ARGUMENT = sp.Dummy("z", real=True)


@cache  # one for each function
def _pattern(function: type[Function]) -> sp.Basic:
    pattern: sp.Basic = function(_ARGUMENT).definition()
    return pattern


def _put_in(pattern: sp.Basic, argument: sp.Basic) -> sp.Basic:
    if pattern is _ARGUMENT:
        return argument
    if not pattern.args:
        return pattern
    parts = [_put_in(part, argument) for part in pattern.args]
    if isinstance(pattern, sp.Piecewise | ExprCondPair):
        return sp.Basic.__new__(type(pattern), *parts)
    return pattern.func(*parts, evaluate=False)
