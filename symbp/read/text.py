r"""Plain text in Python's notation → the same trees, over ``ast`` with an allow-list.

>>> from symbp.read.plain import plain
>>> print(plain(read("diff(E, w_11) = (o - d)*o*(1 - o)*x_1")[0]))
diff(E, w_11) = (o - d)*o*(1 - o)*x_1
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from symbp.core.functions import FUNCTIONS
from symbp.read.errors import MAX_CHARACTERS, MAX_NESTING, UnreadableError
from symbp.read.numbers import numeral
from symbp.read.scope import Names
from symbp.read.tree import (
    Application,
    Call,
    Cases,
    Chain,
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

NO_NAMES = Names()
_SPLIT = re.compile(r"(?P<relation>:=|<-|==|~=|≈|←|(?<![<>!=])=)|(?P<open>[(\[])|(?P<close>[)\]])")
RELATIONS: Mapping[str, str] = {
    ":=": ":=", "<-": "<-", "==": "=", "~=": "~", "≈": "~", "←": "<-", "=": "=",
}  # fmt: skip
SIGNS = str.maketrans({"−": "-", "·": "*", "×": "*", "∂": "d"})
SYNONYMS: Mapping[str, str] = {"ln": "log", "maximum": "max", "minimum": "min", "sgn": "sign"}
_DERIVATIVE = re.compile(r"d([A-Za-z]\w*)")
_PRIMED = re.compile(r"([A-Za-z]\w*)('+)(?=\()")
COMPARISONS: Mapping[type, str] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip


def read(source: str, names: Names = NO_NAMES) -> tuple[Chain, ...]:
    """The one chain that a line of plain text is. Raises :class:`UnreadableError`."""
    if len(source) > MAX_CHARACTERS:
        raise UnreadableError(
            "the formula is too long", 0, len(source), f"at most {MAX_CHARACTERS} characters"
        )
    sides: list[Tree] = []
    relations: list[str] = []
    begin = 0
    for start, end, relation in _relations(source):
        sides.append(_side(source, begin, start, names))
        relations.append(relation)
        begin = end
    sides.append(_side(source, begin, len(source), names))
    return (Chain(tuple(sides), tuple(relations)),)


def _relations(source: str) -> list[tuple[int, int, str]]:
    """Where the relations outside brackets stand."""
    depth, found = 0, []
    for match in _SPLIT.finditer(source):
        if match["open"]:
            depth += 1
        elif match["close"]:
            depth -= 1
        elif depth == 0:
            found.append((match.start(), match.end(), RELATIONS[match["relation"]]))
    return found


def _side(source: str, start: int, end: int, names: Names) -> Tree:
    """One side; ``^`` is a power, ``f'(x)`` a derivative; offsets stay those of the source."""
    text = source[start:end]
    shift = start + len(text) - len(text.lstrip())
    text = text.strip().translate(SIGNS)
    if not text:
        raise UnreadableError("nothing stands here", start, max(end, start + 1), "an expression")
    text = _PRIMED.sub(lambda m: f"{m[1]}{'ʹ' * len(m[2])}", text)
    places = [shift + k for k in range(len(text) + 1)]
    while (at := text.find("^")) >= 0:
        text = f"{text[:at]}**{text[at + 1 :]}"
        places.insert(at, places[at])
    try:
        parsed = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        offset = getattr(error, "offset", None) or 1
        where = places[min(max(offset - 1, 0), len(places) - 1)]
        raise UnreadableError("this is no expression", where, where + 1, "a*b, (a + b)/c, f(x)") from None
    return _Reader(names, text, tuple(places)).tree(parsed, 0)


@dataclass(frozen=True)
class _Reader:
    """From Python's syntax tree to ours, by an allow-list."""

    names: Names
    text: str
    places: tuple[int, ...]

    def span(self, node: ast.expr) -> Span:
        """Offsets in the source; ``ast`` counts columns in UTF-8 bytes."""
        raw = self.text.encode()
        ends = (node.col_offset, node.end_col_offset or node.col_offset)
        start, end = (len(raw[:k].decode()) for k in ends)
        return self.places[start], self.places[min(end, len(self.places) - 1)]

    def tree(self, node: ast.expr, depth: int) -> Tree:
        if depth > MAX_NESTING:
            raise UnreadableError("nested too deep", *self.span(node), f"{MAX_NESTING} levels")
        reader = _READERS.get(type(node))
        if reader is None:
            raise UnreadableError(
                f"{type(node).__name__.lower()} is no part of a formula", *self.span(node),
                "numbers, names, + - * / ** @ .T, calls",
            )  # fmt: skip
        return reader(self, node, depth + 1)

    def constant(self, node: ast.Constant, depth: int) -> Tree:
        span = self.span(node)
        if isinstance(node.value, bool) or not isinstance(node.value, int | float):
            raise UnreadableError(f"{node.value!r} is no number", *span, "a number")
        read = numeral(ast.get_source_segment(self.text, node) or "", span[0])
        return Number(read.text, read.value, read.unit, span=span)

    def name(self, node: ast.Name, depth: int) -> Tree:
        span = self.span(node)
        if node.id in self.names.quantities or node.id in self.names.functions:
            return Quantity(node.id, span=span)
        spelled = [n for n in self.names.spellings.get(node.id, ()) if n != node.id]
        if spelled:
            raise UnreadableError(
                f"{node.id} has not been met; is it {' or '.join(spelled)}?", *span,
                " or ".join(spelled),
            )  # fmt: skip
        if not re.fullmatch(r"[A-Za-z]+\d*(_[A-Za-z0-9]+)*", node.id):
            raise UnreadableError(f"{node.id} is no name", *span, "letters, digits, _ between")
        return Quantity(node.id, span=span)

    def unary(self, node: ast.UnaryOp, depth: int) -> Tree:
        if isinstance(node.op, ast.UAdd):
            return self.tree(node.operand, depth)
        if not isinstance(node.op, ast.USub):
            raise UnreadableError("this sign is no part of a formula", *self.span(node), "-x")
        return Negation(self.tree(node.operand, depth), span=self.span(node))

    def binary(self, node: ast.BinOp, depth: int) -> Tree:
        span = self.span(node)
        if (found := self.derivative(node)) is not None:
            return found
        left, right = self.tree(node.left, depth), self.tree(node.right, depth)
        match node.op:
            case ast.Add():
                return Sum((*_terms(node.left, left), right), span=span)
            case ast.Sub():
                minus = Negation(right, span=right.span)
                return Sum((*_terms(node.left, left), minus), span=span)
            case ast.Mult():
                return _product(left, right, Join.STAR, span, grown=self.grows(node.left))
            case ast.MatMult():
                return _product(left, right, Join.MATMUL, span, grown=self.grows(node.left))
            case ast.Div():
                return Quotient(left, right, span=span)
            case ast.Pow():
                return Power(left, right, span=span)
        raise UnreadableError(
            f"{type(node.op).__name__} is no part of a formula", *span, "+ - * / ** @"
        )

    def grows(self, node: ast.expr) -> bool:
        """Whether a product was written on without brackets."""
        if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Mult | ast.MatMult):
            return False
        return not self.text[: node.col_offset].rstrip().endswith("(") or not (
            self.text[node.end_col_offset :].lstrip().startswith(")")
        )

    def derivative(self, node: ast.BinOp) -> Tree | None:
        """``dE/dw``, where neither dE nor dw is a name."""
        if not isinstance(node.op, ast.Div):
            return None
        parts = []
        for side in (node.left, node.right):
            match = _DERIVATIVE.fullmatch(side.id) if isinstance(side, ast.Name) else None
            if match is None or (isinstance(side, ast.Name) and side.id in self.names.quantities):
                return None
            start, end = self.span(side)
            parts.append(Quantity(match[1], span=(start + 1, end)))
        return Partial(parts[0], (parts[1],), span=self.span(node))

    def call(self, node: ast.Call, depth: int) -> Tree:
        span = self.span(node)
        if not isinstance(node.func, ast.Name) or node.keywords:
            raise UnreadableError("only a named function can be called", *span, "f(x)")
        name = node.func.id.rstrip("ʹ")
        primes = len(node.func.id) - len(name)
        name = SYNONYMS.get(name, name)
        special = _SPECIAL.get(name)
        if special is not None and name not in self.names.functions:
            return special(self, node, depth)
        arguments = tuple(self.tree(a, depth) for a in node.args)
        if name in self.names.functions:
            return Application(name, arguments, primes, span=span)
        if name in self.names.quantities:
            raise UnreadableError(f"{name} is a quantity, not a function", *span, f"{name}*(…)")
        if name in FUNCTIONS:
            return Call(name, arguments, primes, span=span)
        letters = all(isinstance(a, Quantity) for a in arguments) and arguments
        if letters and node.col_offset == 0 and len(name) <= 2:
            return Application(name, arguments, primes, span=span)
        raise UnreadableError(f"{name} is no known function", *span, ", ".join(sorted(FUNCTIONS)))

    def diff(self, node: ast.Call, depth: int) -> Tree:
        if len(node.args) < 2:
            raise UnreadableError("diff needs what and by what", *self.span(node), "diff(E, w)")
        of, *by = (self.tree(a, depth) for a in node.args)
        return Partial(of, tuple(by), span=self.span(node))

    def where(self, node: ast.Call, depth: int) -> Tree:
        if len(node.args) != 3 or not isinstance(node.args[0], ast.Compare):
            raise UnreadableError(
                "where needs a condition and two values", *self.span(node), "where(c > 0, a, b)"
            )
        condition, then, other = (self.tree(a, depth) for a in node.args)
        return Cases(((then, condition), (other, None)), span=self.span(node))

    def sum(self, node: ast.Call, depth: int) -> Tree:
        if len(node.args) not in (2, 4) or not isinstance(node.args[1], ast.Name):
            raise UnreadableError("sum needs a body and a letter", *self.span(node), "sum(x[k], k)")
        body, *bounds = (self.tree(a, depth) for a in (node.args[0], *node.args[2:]))
        low, high = bounds or (None, None)
        return Summation(body, node.args[1].id, low, high, span=self.span(node))

    def compare(self, node: ast.Compare, depth: int) -> Tree:
        sign = COMPARISONS.get(type(node.ops[0]))
        if sign is None or len(node.ops) != 1:
            raise UnreadableError("one comparison at a time", *self.span(node), "a > b")
        left, right = self.tree(node.left, depth), self.tree(node.comparators[0], depth)
        return Comparison(left, sign, right, span=self.span(node))

    def subscript(self, node: ast.Subscript, depth: int) -> Tree:
        if not isinstance(node.value, ast.Name):
            raise UnreadableError("only a name has indices", *self.span(node), "w[j, k]")
        places = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        indices = tuple(self.tree(place, depth) for place in places)
        return Quantity(node.value.id, indices, span=self.span(node))

    def attribute(self, node: ast.Attribute, depth: int) -> Tree:
        if node.attr != "T":
            raise UnreadableError(f".{node.attr} is no part of a formula", *self.span(node), ".T")
        return Transpose(self.tree(node.value, depth), span=self.span(node))


def _terms(node: ast.expr, tree: Tree) -> tuple[Tree, ...]:
    added = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub)
    return tree.terms if added and isinstance(tree, Sum) else (tree,)


def _product(left: Tree, right: Tree, join: Join, span: Span, grown: bool) -> Tree:
    if grown and isinstance(left, Product):
        return Product((*left.factors, right), (*left.joins, join), span=span)
    return Product((left, right), (join,), span=span)


_READERS: Mapping[type, Callable[..., Tree]] = {
    ast.Constant: _Reader.constant,
    ast.Name: _Reader.name,
    ast.UnaryOp: _Reader.unary,
    ast.BinOp: _Reader.binary,
    ast.Call: _Reader.call,
    ast.Compare: _Reader.compare,
    ast.Subscript: _Reader.subscript,
    ast.Attribute: _Reader.attribute,
}
_SPECIAL: Mapping[str, Callable[[_Reader, ast.Call, int], Tree]] = {
    "diff": _Reader.diff,
    "where": _Reader.where,
    "sum": _Reader.sum,
}
