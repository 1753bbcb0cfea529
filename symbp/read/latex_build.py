"""From the grammar's nodes to the tree of a side: order kept, and what is ambiguous refused."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from lark import Token, Transformer, v_args

from symbp.read.errors import UnreadableError
from symbp.read.latex_reach import check_reach, check_scope
from symbp.read.latex_tables import OPENING
from symbp.read.latex_tokens import Head, Range
from symbp.read.tree import (
    Application,
    At,
    Call,
    Cases,
    Comparison,
    Component,
    Join,
    Negation,
    Number,
    Partial,
    Power,
    Product,
    Quotient,
    Span,
    Sum,
    Summation,
    Transpose,
    Tree,
    replaced,
)

Tail = tuple[Token | None, Tree]
Run = list[Tail]
"""The factors of a product as they come, each with the sign before it."""


@dataclass(frozen=True)
class _Bare(Tree):
    """A function or operator on an atom without brackets; what follows it must be told apart."""

    of: Tree
    text: str


def _span(*items: Any) -> Span:
    spans = [_place(item) for item in items]
    return min(s for s, _ in spans), max(e for _, e in spans)


def _place(item: Any) -> Span:
    if isinstance(item, Token):
        return item.start_pos or 0, item.end_pos or 0
    place: Span = item.span
    return place


def _closed(tree: Tree) -> Tree:
    return tree.of if isinstance(tree, _Bare) else tree


def _terms(tree: Tree) -> tuple[Tree, ...]:
    return tree.terms if isinstance(tree, _Open) else (tree,)


@dataclass(frozen=True)
class _Open(Sum):
    """A sum that may still grow; in brackets it is a plain :class:`Sum`."""


def settled(tree: Tree) -> Tree:
    return Sum(tree.terms, span=tree.span) if isinstance(tree, _Open) else _closed(tree)


@v_args(inline=True)
class Build(Transformer[Token, Any]):
    """From the grammar's nodes to the tree, order kept."""

    def start(self, tree: Tree) -> Tree:
        return settled(tree)

    def comparison(self, left: Tree, sign: Token, right: Tree) -> Tree:
        left, right = settled(left), settled(right)
        return Comparison(left, str(sign.value), right, span=_span(left, right))

    def negated(self, sign: Token, term: Tree) -> Tree:
        return Negation(_closed(term), span=_span(sign, term))

    def plus(self, sign: Token, term: Tree) -> Tree:
        del sign
        return term

    def add(self, left: Tree, sign: Token, term: Tree) -> Tree:
        del sign
        check_scope(_terms(left), term)
        return _Open((*map(_closed, _terms(left)), _closed(term)), span=_span(left, term))

    def subtract(self, left: Tree, sign: Token, term: Tree) -> Tree:
        return self.add(left, sign, Negation(_closed(term), span=_span(sign, term)))

    def tail(self, *items: Any) -> Tail:
        if len(items) == 3:
            return items[0], Negation(_closed(items[2]), span=_span(items[1], items[2]))
        return (items[0] if len(items) == 2 else None), items[-1]

    def first_factor(self, factor: Tree) -> Run:
        return [(None, factor)]

    def more_factors(self, run: Run, tail: Tail) -> Run:
        run.append(tail)
        return run

    def product(self, run: Run) -> Tree:
        factors, joins = _factors(run)
        if len(factors) == 1:
            return factors[0]
        return Product(tuple(map(_closed, factors)), tuple(joins), span=_span(*factors))

    def with_big(self, run: Run, *rest: Any) -> Tree:
        factors, joins = _factors(run)
        big = rest[-1]
        join = rest[0].value if len(rest) == 2 else Join.IMPLIED
        return Product(
            tuple(map(_closed, [*factors, big])), (*joins, join), span=_span(*factors, big)
        )

    def big(self, head: Token, *rest: Any) -> Tree:
        body = _closed(rest[-1])
        if len(rest) == 2:
            body = Negation(body, span=_span(*rest))
        return _summation(head.value, body, _span(head, body))

    def big_call(self, head: Token, argument: Tree) -> Tree:
        check_reach(head.value.name, argument)
        return self._bare(head, argument, _span(head, argument)).of

    def value(self, held: Token) -> Tree:
        tree: Tree = held.value
        return tree

    def bracketed(self, opening: Token, inner: Tree, closing: Token) -> Tree:
        _check_brackets(opening, closing)
        span = _span(opening, closing)
        if isinstance(inner, Comparison):
            return _indicator(inner, span)
        return _respanned(settled(inner), span)

    def indicator(self, sign: Token, opening: Token, inner: Tree, closing: Token) -> Tree:
        _check_brackets(opening, closing)
        if not isinstance(inner, Comparison):
            span = _span(opening, closing)
            raise UnreadableError("an indicator needs a condition", *span, "1(z > 0)")
        return _indicator(inner, _span(sign, closing))

    def arguments(self, *items: Any) -> tuple[tuple[Tree, ...], Token]:
        _check_brackets(items[0], items[-1])
        inner = tuple(settled(x) for x in items[1:-1] if not isinstance(x, Token))
        return inner, items[-1]

    def call(self, head: Token, arguments: tuple[tuple[Tree, ...], Token]) -> Tree:
        inner, closing = arguments
        return applied(head.value, inner, _span(head, closing))

    def bare_call(self, head: Token, argument: Token) -> Tree:
        return self._bare(head, argument.value, _span(head, argument))

    def nested_call(self, head: Token, inner: Tree) -> Tree:
        return self._bare(head, _closed(inner), _span(head, inner))

    def _bare(self, head: Token, argument: Tree, span: Span) -> _Bare:
        if not head.value.known:
            raise UnreadableError(f"{head.value.name} needs its argument in brackets", *span)
        return _Bare(applied(head.value, (argument,), span), head.value.name, span=span)

    def operator(self, head: Token, opening: Token, inner: Tree, closing: Token) -> Tree:
        _check_brackets(opening, closing)
        return _partial(head, settled(inner), closing)

    def bare_operator(self, head: Token, held: Token) -> Tree:
        tree = _partial(head, held.value, held)
        return tree if head.value.gradient else _Bare(tree, "the derivative", span=tree.span)

    def operator_call(self, head: Token, inner: Tree) -> Tree:
        tree = _partial(head, _closed(inner), inner)
        return _Bare(tree, "the derivative", span=tree.span) if isinstance(inner, _Bare) else tree

    def power(self, base: Tree, exponent: Token) -> Tree:
        span = _span(base, exponent)
        if isinstance(base, _Bare):
            raise UnreadableError(
                f"the power after {base.text} belongs to its argument, or to all", *span, "brackets"
            )
        if isinstance(base, Power) and base.span[1] == base.exponent.span[1]:
            raise UnreadableError("two superscripts", *span, "brackets")
        return Power(base, exponent.value, span=span)

    def transpose(self, base: Tree, sign: Token) -> Tree:
        return Transpose(_closed(base), span=_span(base, sign))

    def component(self, base: Tree, places: Token) -> Tree:
        return Component(_closed(base), places.value, span=_span(base, places))

    def at(self, base: Tree, place: Token) -> Tree:
        variable, value = place.value
        return At(_closed(base), variable, value, span=_span(base, place))


def _factors(run: Run) -> tuple[list[Tree], list[Join]]:
    """A run's factors and how they are joined; a slash takes the one factor before it."""
    factors, joins = [run[0][1]], list[Join]()
    divided = False
    for sign, factor in run[1:]:
        if sign is not None and sign.type == "SLASH":
            above, below = _closed(factors[-1]), _closed(factor)
            factors[-1] = Quotient(above, below, span=_span(above, below))
            divided = True
            continue
        if sign is None:
            _check_implied(factors[-1], factor, divided)
        divided = divided and sign is None
        factors.append(factor)
        joins.append(Join.IMPLIED if sign is None else sign.value)
    return factors, joins


def applied(head: Head, arguments: tuple[Tree, ...], span: Span) -> Tree:
    """The function of the head at its arguments."""
    node = Call if head.known else Application
    for letter, count in head.over:
        arguments = tuple(replaced(a, letter, n) for n in range(1, count + 1) for a in arguments)
    tree = node(head.name, arguments, head.primes, span=span)
    return tree if head.power is None else Power(tree, head.power, span=span)


def _partial(head: Token, of: Tree, end: Any) -> Tree:
    return Partial(of, head.value.by, head.value.gradient, span=_span(head, of, end))


def _indicator(condition: Comparison, span: Span) -> Tree:
    one, zero = (Number(str(k), Fraction(k), None, span=span) for k in (1, 0))
    return Cases(((one, condition), (zero, None)), span=span)


def _summation(head: Range, body: Tree, span: Span) -> Tree:
    if not head.indices:
        return Summation(body, None, head.low, head.high, head.domain, span=span)
    for letter in reversed(head.indices):
        body = Summation(body, letter, head.low, head.high, head.domain, span=span)
    return body


def _respanned(tree: Tree, span: Span) -> Tree:
    values = {k: v for k, v in vars(tree).items() if k != "span"}
    return type(tree)(**values, span=span)


def _check_brackets(opening: Token, closing: Token) -> None:
    if OPENING[opening.value] != closing.value:
        wanted = f"a closing {OPENING[opening.value]}"
        raise UnreadableError("these brackets do not match", *_span(opening, closing), wanted)


def _check_implied(before: Tree, factor: Tree, divided: bool) -> None:
    span = _span(before, factor)
    if divided:
        raise UnreadableError(
            "a/b c: is c below the line?", *span, r"\frac{a}{b} c, or \frac{a}{b c}"
        )
    if isinstance(before, _Bare):
        raise UnreadableError(
            f"does {before.text} reach over what follows?", *span, "brackets around its argument"
        )
    if isinstance(factor, Number):
        raise UnreadableError("a number right after a factor", *span, r"\cdot between them")
