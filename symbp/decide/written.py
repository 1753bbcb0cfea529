"""A pair of terms as the nodes of a certificate, and the node of the graph for each.

The language of certificates is a little smaller than SymPy's: b^e for an exponent that is no whole
or half number is exp(e·log b), and max and min take two at a time.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy as sp
from sympy.logic.boolalg import BooleanFalse, BooleanTrue

from symbp.decide.graph import Node
from symbp.decide.lower import Lowering, decimal_of
from symbp.decide.proof import Prover
from symbp.decide.terms import NATIVE, Term, Terms


@dataclass(frozen=True)
class Grounds:
    """A pair of terms with all that was known when it was decided.

    ``given`` are the terms assumed to be positive; ``point`` is one at which both sides have the
    same value; None where they have not.
    """

    terms: Terms
    lowering: Lowering
    prover: Prover
    sides: tuple[Term, Term]
    given: tuple[Term, ...]
    point: Mapping[str, Fraction] | None


class Written:
    """The nodes of a certificate so far; equal ones are written once. The last call is ``pruned``.

    ``nodes`` are as JSON has them, and ``lowered`` what the graph has for each.
    """

    def __init__(self, grounds: Grounds) -> None:
        self.nodes: list[list[Any]] = []
        self.lowered: list[Node] = []
        self._grounds = grounds
        self._numbers: dict[tuple[Any, ...], int] = {}
        self._terms: dict[Term, int] = {}

    def term(self, root: Term) -> int:
        """The number of a term's node."""
        terms, written = self._grounds.terms, self._terms
        for term in terms.reach(root, written):
            expression = terms.expressions[term]
            parts = [written[part] for part in terms.parts[term]]
            rule = RULES.get(type(expression), _other)
            written[term] = rule(self, expression, parts, self._grounds.lowering.lower(term))
        return written[root]

    def pruned(self, roots: Sequence[int]) -> list[int]:
        """Leaves out what the roots are not made of (an exponent); their new numbers."""
        kept, stack = set(roots), list(roots)
        while stack:
            for operand in self._operands(stack.pop()):
                if operand not in kept:
                    kept.add(operand)
                    stack.append(operand)
        new = {old: number for number, old in enumerate(sorted(kept))}
        self.nodes = [
            [new[part] if type(part) is int else part for part in self.nodes[old]] for old in new
        ]
        self.lowered = [self.lowered[old] for old in new]
        return [new[root] for root in roots]

    def _operands(self, number: int) -> list[int]:
        return [part for part in self.nodes[number] if type(part) is int]

    def node(self, lowered: Node, operation: str, *rest: str | int) -> int:
        """The number of a node, with its payload before its operands."""
        key = (operation, *rest)
        if key not in self._numbers:
            self._numbers[key] = len(self.nodes)
            self.nodes.append(list(key))
            self.lowered.append(lowered)
        return self._numbers[key]

    def number(self, value: Fraction) -> int:
        """The node of a rational number."""
        return self.node(self._grounds.lowering.graph.constant(value), "number", ratio(value))

    def built(self, function: str, operation: str, *operands: int) -> int:
        """The node of a function value that no term stands for."""
        arguments = [self.lowered[n] for n in operands]
        lowered = self._grounds.lowering.functions.build(function, *arguments)
        return self.node(lowered, operation, *operands)

    def times(self, one: int, other: int) -> int:
        """The node of a product."""
        product = self._grounds.lowering.graph.product(self.lowered[one], self.lowered[other])
        return self.node(product, "multiply", one, other)


def ratio(value: Fraction) -> str:
    """A fraction as certificates write it."""
    return str(value)


Rule = Callable[[Written, Any, list[int], Node], int]


def _plain(operation: str) -> Rule:
    return lambda written, _, parts, lowered: written.node(lowered, operation, *parts)


def _rational(written: Written, number: sp.Rational, _: list[int], __: Node) -> int:
    return written.number(Fraction(int(number.p), int(number.q)))


def _symbol(written: Written, symbol: sp.Symbol, parts: list[int], lowered: Node) -> int:
    return written.node(lowered, "defined" if parts else "name", symbol.name, *parts)


def _power(written: Written, term: sp.Pow, parts: list[int], lowered: Node) -> int:
    base, exponent = parts
    if term.exp.is_Rational and term.exp.q in (1, 2):
        return written.node(lowered, "power", str(term.exp), base)
    logarithm = written.built("log", "log", base)
    return written.node(lowered, "exp", written.times(exponent, logarithm))


def _two_at_a_time(operation: str) -> Rule:
    def rule(written: Written, _: Any, parts: list[int], __: Node) -> int:
        result = parts[0]
        for part in parts[1:]:
            result = written.built(operation, operation, result, part)
        return result

    return rule


def _other(written: Written, term: Any, parts: list[int], lowered: Node) -> int:
    """A symbol, a native function, or a function of ours, which stands for its definition."""
    if isinstance(term, sp.Symbol):
        return _symbol(written, term, parts, lowered)
    name = type(term).__name__
    return written.node(lowered, name, *parts) if name in NATIVE else parts[0]


RULES: Mapping[type, Rule] = {
    **dict.fromkeys((sp.Rational, sp.Integer), _rational),
    **dict.fromkeys(map(type, (sp.S.Zero, sp.S.One, sp.S.Half, sp.S.NegativeOne)), _rational),
    sp.Float: lambda written, number, *_: written.number(decimal_of(number)),
    type(sp.E): lambda written, _, __, lowered: written.node(
        lowered, "exp", written.number(Fraction(1))
    ),
    type(sp.pi): _plain("pi"),
    sp.Add: _plain("add"),
    sp.Mul: _plain("multiply"),
    sp.Pow: _power,
    **{
        kind: _plain(kind.__name__)
        for kind in (sp.exp, sp.log, sp.sin, sp.cos, sp.tan, sp.sinh, sp.cosh, sp.tanh, sp.sech,
                     sp.erf, sp.sign)
    },
    sp.Abs: _plain("abs"),
    sp.Heaviside: _plain("heaviside"),
    sp.Max: _two_at_a_time("max"),
    sp.Min: _two_at_a_time("min"),
    sp.Piecewise: _plain("piecewise"),
    sp.StrictGreaterThan: _plain(">"),
    sp.GreaterThan: _plain(">="),
    sp.StrictLessThan: _plain("<"),
    sp.LessThan: _plain("<="),
    sp.And: _plain("and"),
    sp.Or: _plain("or"),
    sp.Not: _plain("not"),
    BooleanTrue: _plain("true"),
    BooleanFalse: _plain("false"),
}  # fmt: skip
