"""Python's syntax tree of a side → ours, by an allow-list."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from symbp.core.functions import FUNCTIONS
from symbp.core.names import GREEK
from symbp.read.errors import MAX_NESTING, UnreadableError
from symbp.read.numbers import numeral
from symbp.read.scope import Names
from symbp.read.text_scanner import DIFFERENTIAL, NAME, RATIO, is_named
from symbp.read.tree import (
    Application,
    Call,
    Cases,
    Comparison,
    Join,
    Negation,
    Number,
    Partial,
    Power,
    Product,
    Quantity,
    Quotient,
    Span,
    Sum,
    Summation,
    Transpose,
    Tree,
)

SYNONYMS: Mapping[str, str] = {
    "ln": "log", "maximum": "max", "minimum": "min", "sgn": "sign", "sigma": "sigmoid",
}  # fmt: skip
COMPARISONS: Mapping[type, str] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip
JOINS: Mapping[type, Join] = {ast.Mult: Join.STAR, ast.MatMult: Join.MATMUL}
_ADDED = (ast.Add, ast.Sub)
_MULTIPLIED = (ast.Mult, ast.MatMult, ast.Div)


def _spine(
    node: ast.BinOp, signs: tuple[type[ast.operator], ...]
) -> tuple[ast.expr, list[ast.BinOp]]:
    """A row of operations of one rank without brackets: its first operand, then its steps."""
    steps: list[ast.BinOp] = []
    first: ast.expr = node
    while isinstance(first, ast.BinOp) and isinstance(first.op, signs):
        if first.col_offset != node.col_offset:
            break
        steps.append(first)
        first = first.left
    return first, steps[::-1]


@dataclass(frozen=True)
class Builder:
    """From Python's syntax tree to ours, by an allow-list.

    Python's tree has no brackets, but a node begins where its first operand does exactly when that
    operand is not bracketed.
    """

    names: Names
    source: str
    code: str
    places: tuple[int, ...]
    head: bool

    def span(self, node: ast.expr) -> Span:
        """Offsets in the source."""
        return self.places[node.col_offset], self.places[node.end_col_offset or node.col_offset]

    def error(self, node: ast.expr, message: str, accepted: str) -> UnreadableError:
        return UnreadableError(message, *self.span(node), accepted)

    def tree(self, node: ast.expr, depth: int) -> Tree:
        if depth > MAX_NESTING:
            raise self.error(node, "nested too deep", f"{MAX_NESTING} levels")
        kind = type(node.op) if isinstance(node, ast.BinOp | ast.UnaryOp) else type(node)
        if kind not in _READERS:
            what = f"{kind.__name__.lower()} is no part of a formula"
            raise self.error(node, what, "numbers, names, + - * / ** @ .T, calls")
        return _READERS[kind](self, node, depth + 1)

    def constant(self, node: ast.Constant, depth: int) -> Tree:
        start, end = self.span(node)
        read = numeral(self.source[start:end], start)
        return Number(read.text, read.value, read.unit, span=(start, end))

    def name(self, node: ast.Name, depth: int) -> Tree:
        start, end = self.span(node)
        ratio = RATIO.fullmatch(self.source, start, end)
        if ratio is None:
            return self.quantity(start, end)
        of, by = (self.quantity(*ratio.span(part)) for part in (2, 3))
        return Partial(of, (by,), span=(start, end))

    def quantity(self, start: int, end: int) -> Quantity:
        """A name, or a refusal where it is none or another spelling of a known one."""
        name = self.source[start:end]
        known = name in self.names.quantities or name in self.names.functions
        spelled = " or ".join(n for n in self.names.spellings.get(name, ()) if n != name)
        if spelled and not known:
            what = f"{name} has not been met; is it {spelled}?"
            raise UnreadableError(what, start, end, spelled)
        if not known and not NAME.fullmatch(name):
            raise UnreadableError(f"{name} is no name", start, end, "letters, digits, _ between")
        return Quantity(name, span=(start, end))

    def negated(self, node: ast.UnaryOp, depth: int) -> Tree:
        return Negation(self.tree(node.operand, depth), span=self.span(node))

    def power(self, node: ast.BinOp, depth: int) -> Tree:
        base, exponent = self.tree(node.left, depth), self.tree(node.right, depth)
        if base == Quantity("e") and "e" not in self.names.quantities:
            return Call("exp", (exponent,), span=self.span(node))
        return Power(base, exponent, span=self.span(node))

    def added(self, node: ast.BinOp, depth: int) -> Tree:
        first, steps = _spine(node, _ADDED)
        terms = [self.tree(first, depth)]
        for step in steps:
            right = self.tree(step.right, depth)
            minus = isinstance(step.op, ast.Sub)
            terms.append(Negation(right, span=right.span) if minus else right)
        return Sum(tuple(terms), span=self.span(node))

    def multiplied(self, node: ast.BinOp, depth: int) -> Tree:
        """Factors from left to right; a sign before them is the sign of them all."""
        first, steps = _spine(node, _MULTIPLIED)
        signed = isinstance(first, ast.UnaryOp) and isinstance(first.op, ast.USub)
        signed = signed and first.col_offset == node.col_offset
        if isinstance(first, ast.UnaryOp) and signed:
            first = first.operand
        found, grown = self.tree(first, depth), False
        start = self.places[first.col_offset if signed else node.col_offset]
        for step in steps:
            right = self.tree(step.right, depth)
            span = (start, self.span(step)[1])
            join = JOINS.get(type(step.op))
            if join is None:
                found = self.quotient(found, right, span)
                grown = grown and isinstance(found, Product)
            elif grown and isinstance(found, Product):
                found = Product((*found.factors, right), (*found.joins, join), span=span)
            else:
                found, grown = Product((found, right), (join,), span=span), True
        return Negation(found, span=self.span(node)) if signed else found

    def quotient(self, above: Tree, below: Tree, span: Span) -> Tree:
        """above / below; ``a*dE/(dw)`` is read as ``a*dE/dw`` is, which ends in a derivative."""
        if not isinstance(above, Product):
            return self.derivative(above, below, span) or Quotient(above, below, span=span)
        *before, last = above.factors
        found = self.derivative(last, below, (last.span[0], span[1]))
        if found is None:
            return Quotient(above, below, span=span)
        return replace(above, factors=(*before, found), span=span)

    def derivative(self, above: Tree, below: Tree, span: Span) -> Partial | None:
        """The derivative that dE over dw is, where neither of them is a name."""
        if not isinstance(above, Quantity) or not isinstance(below, Quantity) or above.indices:
            return None
        lines = above, below
        if not all(DIFFERENTIAL.fullmatch(q.name) and not is_named(q.name, self.names) for q in lines):
            return None
        of, by = (self.quantity(q.span[0] + 1, q.span[0] + len(q.name)) for q in lines)
        return Partial(of, (replace(by, indices=below.indices, span=below.span),), span=span)

    def call(self, node: ast.Call, depth: int) -> Tree:
        written = self.source[slice(*self.span(node.func))]
        if not isinstance(node.func, ast.Name) or "/" in written:
            raise self.error(node, "a product needs its *", "2*(x - y)")
        if node.keywords:
            raise self.error(node, "an argument has no name and no **", "f(x)")
        bare = written.rstrip("'")
        own = bare in self.names.functions or bare in self.names.quantities or self.defines(node, bare)
        name = bare if own else SYNONYMS.get(bare, bare)
        primes = len(written) - len(bare)
        if name in _SPECIAL and not primes and name not in self.names.functions:
            return _SPECIAL[name](self, node, depth)
        if name in self.names.quantities:
            raise self.error(node, f"{name} is a quantity, not a function", f"{name}*(…)")
        arguments = tuple(self.tree(a, depth) for a in node.args)
        if name in self.names.functions or (name not in FUNCTIONS and self.defines(node, name)):
            return Application(name, arguments, primes, span=self.span(node))
        if name not in FUNCTIONS or not arguments:
            raise self.error(node, f"{name} is no known function", ", ".join(sorted(FUNCTIONS)))
        return Call(name, arguments, primes, span=self.span(node))

    def defines(self, node: ast.Call, name: str) -> bool:
        """Whether a call is the head of a definition: a letter of letters, alone on its side."""
        match = NAME.fullmatch(name)
        letter = match is not None and (len(match[1]) == 1 or match[1] in GREEK)
        alone = (node.col_offset, node.end_col_offset) == (0, len(self.code))
        named = bool(node.args) and all(isinstance(a, ast.Name) for a in node.args)
        return self.head and letter and alone and named

    def diff(self, node: ast.Call, depth: int) -> Tree:
        of, *by = (self.tree(a, depth) for a in node.args) if node.args else (None,)
        if of is None or not by or not all(isinstance(b, Quantity) for b in by):
            raise self.error(node, "diff needs what and by what", "diff(E, w)")
        return Partial(of, tuple(by), span=self.span(node))

    def where(self, node: ast.Call, depth: int) -> Tree:
        if len(node.args) != 3 or not isinstance(node.args[0], ast.Compare):
            raise self.error(node, "where needs a condition and two values", "where(c > 0, a, b)")
        condition = self.condition(node.args[0], depth)
        then, other = (self.tree(a, depth) for a in node.args[1:])
        return Cases(((then, condition), (other, None)), span=self.span(node))

    def sum(self, node: ast.Call, depth: int) -> Tree:
        if len(node.args) not in (2, 4) or not isinstance(node.args[1], ast.Name):
            raise self.error(node, "sum needs a body and a letter", "sum(x[k], k)")
        body, *bounds = (self.tree(a, depth) for a in (node.args[0], *node.args[2:]))
        low, high = bounds or (None, None)
        letter = self.quantity(*self.span(node.args[1])).name
        return Summation(body, letter, low, high, span=self.span(node))

    def compare(self, node: ast.Compare, depth: int) -> Tree:
        raise self.error(node, "a comparison stands in where alone", "where(c > 0, a, b)")

    def condition(self, node: ast.Compare, depth: int) -> Tree:
        sign = COMPARISONS.get(type(node.ops[0]))
        if sign is None or len(node.ops) != 1:
            raise self.error(node, "one comparison at a time", "a > b")
        left, right = self.tree(node.left, depth), self.tree(node.comparators[0], depth)
        return Comparison(left, sign, right, span=self.span(node))

    def subscript(self, node: ast.Subscript, depth: int) -> Tree:
        places = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        of = self.name(node.value, depth) if isinstance(node.value, ast.Name) else None
        if of is None or not places:
            raise self.error(node, "only a name has indices", "w[j, k]")
        indices, (start, end) = tuple(self.tree(p, depth) for p in places), self.span(node)
        match of:
            case Partial(by=(Quantity() as by,)):
                by = replace(by, indices=indices, span=(by.span[0], end))
                return replace(of, by=(by,), span=(start, end))
            case Quantity():
                return replace(of, indices=indices, span=(start, end))
        raise self.error(node, "only a name has indices", "w[j, k]")

    def attribute(self, node: ast.Attribute, depth: int) -> Tree:
        if node.attr != "T":
            raise self.error(node, f".{node.attr} is no part of a formula", ".T")
        return Transpose(self.tree(node.value, depth), span=self.span(node))


_READERS: Mapping[type, Callable[..., Tree]] = {
    **dict.fromkeys(_ADDED, Builder.added),
    **dict.fromkeys(_MULTIPLIED, Builder.multiplied),
    ast.Pow: Builder.power,
    ast.USub: Builder.negated,
    ast.UAdd: lambda reader, node, depth: reader.tree(node.operand, depth),
    ast.Constant: Builder.constant,
    ast.Name: Builder.name,
    ast.Call: Builder.call,
    ast.Compare: Builder.compare,
    ast.Subscript: Builder.subscript,
    ast.Attribute: Builder.attribute,
}
_SPECIAL: Mapping[str, Callable[[Builder, ast.Call, int], Tree]] = {
    "diff": Builder.diff,
    "where": Builder.where,
    "sum": Builder.sum,
}
