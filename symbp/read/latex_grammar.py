r"""The grammar of a side of a formula: LALR(1), without conflicts, over the scanner's tokens.

Everything that needs the document (names, calls, fractions, sums' ranges) was settled by the scanner;
what is left is precedence: sums of products of factors, a Σ that reaches to the end of its term, and
functions written without brackets, which take one plain atom or another function's value, and nothing
that could be read otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from lark import Lark, Token, UnexpectedInput
from lark.lexer import Lexer

from symbp.read.errors import UnreadableError
from symbp.read.latex_build import Build, settled
from symbp.read.tree import Span, Tree

GRAMMAR = r"""
?start: side
?side: sum | sum COMPARE sum -> comparison
?sum: term | MINUS term -> negated | PLUS term -> plus
    | sum PLUS term -> add | sum MINUS term -> subtract
?term: run -> product | run big -> with_big | run JOIN big -> with_big | big
run: factor -> first_factor | run tail -> more_factors
tail: factor | JOIN factor | JOIN MINUS factor | SLASH factor
big: SUM term | SUM MINUS term | FN big -> big_call
?factor: atom | factor POWER -> power | factor TRANSPOSE -> transpose
    | factor COMPONENT -> component | factor AT -> at
?atom: VALUE -> value | LP side RP -> bracketed
    | OPERATOR VALUE -> bare_operator | OPERATOR LP side RP -> operator
    | OPERATOR applied -> operator_call | INDICATOR LP side RP -> indicator | applied
?applied: FN arguments -> call | FN VALUE -> bare_call | FN applied -> nested_call
arguments: LP side (COMMA side)* RP
"""
TERMINALS = (
    "COMPARE PLUS MINUS JOIN SLASH SUM POWER TRANSPOSE COMPONENT AT VALUE LP RP FN OPERATOR "
    "INDICATOR COMMA"
)


class _Passing(Lexer):
    """The tokens come ready from the scanner."""

    def __init__(self, lexer_conf: object) -> None:
        del lexer_conf

    def lex(self, lexer_state: Any, parser_state: Any = None) -> Iterator[Token]:
        del parser_state
        yield from lexer_state


def parse(tokens: Sequence[Token], span: Span) -> Tree:
    """The tree of one side. Raises :class:`UnreadableError` where the grammar has no place."""
    if not tokens:
        raise UnreadableError("nothing stands here", *span, "an expression")
    try:
        tree: Any = _PARSER.parse(list(tokens))
    except UnexpectedInput as error:
        raise _unexpected(error, span) from None
    return settled(tree)


def _unexpected(error: UnexpectedInput, span: Span) -> UnreadableError:
    found = getattr(error, "token", None)
    if found is None or found.type == "$END":
        return UnreadableError("the formula breaks off", max(span[1] - 1, span[0]), span[1])
    shown = _SHOWN.get(found.type, "this")
    start = found.start_pos if found.start_pos is not None else span[0]
    return UnreadableError(f"{shown} has no place here", start, found.end_pos or start)


_SHOWN = {
    "RP": "a closing bracket", "LP": "an opening bracket", "COMMA": "a comma", "JOIN": "a product sign",
    "PLUS": "a plus", "MINUS": "a minus", "COMPARE": "a relation", "SLASH": "a division",
    "POWER": "a second superscript", "VALUE": "this name or number", "FN": "this function",
}  # fmt: skip


_PARSER = Lark(
    f"%declare {TERMINALS}\n{GRAMMAR}", parser="lalr", lexer=_Passing, strict=True,
    transformer=Build(),
)
