r"""Plain text in Python's notation → the same trees, over ``ast`` with an allow-list.

Before Python's parser sees a side, it is scanned into the few tokens that a formula may have; what
Python does not know (``^``, ``f'(x)``, ``dE/dw``, a quantity called ``lambda``) is replaced by a
stand-in of known place, and every name is read from the source itself, by its offsets.

>>> from symbp.read.plain import plain
>>> print(plain(read("diff(E, w_11) = (o - d)*o*(1 - o)*x_1")[0]))
diff(E, w_11) = (o - d)*o*(1 - o)*x_1
>>> print(plain(read("dE/dw = dE/do*do/dw")[0]))
diff(E, w) = diff(E, o)*diff(o, w)
"""

from __future__ import annotations

import ast
import keyword
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from symbp.core.functions import FUNCTIONS
from symbp.core.names import GREEK
from symbp.read.errors import MAX_CHARACTERS, MAX_NESTING, MAX_TOKENS, UnreadableError
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
RELATIONS: Mapping[str, str] = {
    ":=": ":=", "<-": "<-", "==": "=", "~=": "~", "≈": "~", "←": "<-", "=": "=",
}  # fmt: skip
SIGNS: Mapping[str, str] = {"^": "**", "−": "-", "·": "*", "×": "*"}
SYNONYMS: Mapping[str, str] = {"ln": "log", "maximum": "max", "minimum": "min", "sgn": "sign"}
COMPARISONS: Mapping[type, str] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip
JOINS: Mapping[type, Join] = {ast.Mult: Join.STAR, ast.MatMult: Join.MATMUL}
STAND_IN = "_"
"""What no name consists of, so that a run of it cannot be taken for one."""

_SPLIT = re.compile(r"(?P<relation>:=|<-|==|~=|≈|←|(?<![<>!=])=)|(?P<open>[(\[])|(?P<close>[)\]])")
_TOKEN = re.compile(
    r"(?P<number>(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)(?P<glued>[a-z_]\w*)?"
    r"|(?P<word>[a-z_]\w*)(?P<primes>'+(?=\())?"
    r"|(?P<space>\s+)|(?P<open>[(\[])|(?P<close>[)\]])|(?P<sign>\*\*|[-+*/@^.,<>=!−·×])",
    re.ASCII | re.IGNORECASE,
)
_RATIO = re.compile(r"([d∂])([A-Za-z]\w*)\s*/\s*\1([A-Za-z]\w*)", re.ASCII)
_NAME = re.compile(r"([A-Za-z]+)\d*(_[A-Za-z0-9]+)*")
_ADDED = (ast.Add, ast.Sub)
_MULTIPLIED = (ast.Mult, ast.MatMult, ast.Div)
_WRONG = "this is no expression", "a*b, (a + b)/c, f(x)"
_LARGE = "the formula is too long or nested too deep", f"{MAX_NESTING} levels, {MAX_TOKENS} signs"


def read(source: str, names: Names = NO_NAMES) -> tuple[Chain, ...]:
    """The one chain that a line of plain text is. Raises :class:`UnreadableError`."""
    if len(source) > MAX_CHARACTERS:
        raise UnreadableError(
            "the formula is too long", 0, len(source), f"at most {MAX_CHARACTERS} characters"
        )
    found = relations(source)
    starts = (0, *(end for _, end, _ in found))
    ends = (*(start for start, _, _ in found), len(source))
    sides = tuple(
        _side(source, start, end, names, head=bool(found) and start == 0)
        for start, end in zip(starts, ends, strict=True)
    )
    return (Chain(sides, tuple(relation for _, _, relation in found)),)


def relations(source: str) -> tuple[tuple[int, int, str], ...]:
    """Where the relations outside brackets stand, and which they are."""
    depth, found = 0, []
    for match in _SPLIT.finditer(source):
        if match["open"]:
            depth += 1
        elif match["close"]:
            depth -= 1
        elif depth == 0:
            found.append((match.start(), match.end(), RELATIONS[match["relation"]]))
    return tuple(found)


def _side(source: str, start: int, end: int, names: Names, head: bool) -> Tree:
    """One side; ``head`` where it may be the head of a function's definition."""
    text = source[start:end]
    start, end = end - len(text.lstrip()), start + len(text.rstrip())
    if start >= end:
        raise UnreadableError("nothing stands here", end, end + 1, "an expression")
    code, places = _scan(source, start, end, names)
    try:
        parsed = ast.parse(code, mode="eval").body
    except (RecursionError, MemoryError):
        raise UnreadableError(_LARGE[0], start, end, _LARGE[1]) from None
    except SyntaxError as error:
        at = places[min(max((error.offset or 1) - 1, 0), len(places) - 1)]
        raise UnreadableError(_WRONG[0], at, at + 1, _WRONG[1]) from None
    return _Reader(names, source, code, places, head).tree(parsed, 0)


def _scan(source: str, start: int, end: int, names: Names) -> tuple[str, tuple[int, ...]]:
    """A side as ASCII for Python's parser, and the offset in the source of each character."""
    pieces: list[str] = []
    places: list[int] = []
    at, depth = start, 0
    while at < end:
        match = _ratio(source, at, end, names) or _TOKEN.match(source, at, end)
        if match is None:
            what = f"{source[at]!r} is no part of plain text"
            raise UnreadableError(what, at, at + 1, "letters, digits, + - * / ^")
        known = match.re is _TOKEN
        depth += bool(match["open"]) - bool(match["close"]) if known else 0
        if depth > MAX_NESTING or len(pieces) >= MAX_TOKENS:
            raise UnreadableError(_LARGE[0], *match.span(), _LARGE[1])
        pieces.append(_piece(match) if known else STAND_IN * len(match[0]))
        places += [min(at + k, match.end() - 1) for k in range(len(pieces[-1]))]
        at = match.end()
    return "".join(pieces), (*places, end)


def _piece(match: re.Match[str]) -> str:
    """What Python's parser is given for one token."""
    number, glued, word = match["number"], match["glued"], match["word"]
    if number:
        numeral(number, match.start())
    if glued:
        raise UnreadableError("a product needs its *", *match.span(), f"{number}*{glued}")
    if word in {"True", "False", "None"}:
        raise UnreadableError(f"{word} is no number", *match.span(), "a number")
    if word:
        shown = STAND_IN * len(word) if keyword.iskeyword(word) else word
        return shown + STAND_IN * len(match["primes"] or "")
    return " " * len(match[0]) if match["space"] else SIGNS.get(match[0], match[0])


def _ratio(source: str, at: int, end: int, names: Names) -> re.Match[str] | None:
    """``dE/dw``, where neither dE nor dw is a name; it binds as one atom does.

    Raises :class:`UnreadableError` beside a power or after another ``/``, where it can be taken
    in two ways.
    """
    match = _RATIO.match(source, at, end)
    if match is None or (match[1] == "d" and any(_named(f"d{m}", names) for m in match.groups()[1:])):
        return None
    before, after = source[:at].rstrip(), source[match.end() : end].lstrip()
    if before.endswith(("/", "**", "^")) or after.startswith(("**", "^")):
        accepted = f"({match[0]}), diff({match[2]}, {match[3]}, {match[3]})"
        raise UnreadableError(f"{match[0]} has two readings here", *match.span(), accepted)
    return match


def _named(name: str, names: Names) -> bool:
    """Whether a word that begins with d is a name: declared, or delta."""
    match = _NAME.match(name)
    greek = match is not None and match[1] in GREEK
    return greek or name in names.quantities or name in names.functions


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
class _Reader:
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
        ratio = _RATIO.fullmatch(self.source, start, end)
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
        if not known and not _NAME.fullmatch(name):
            raise UnreadableError(f"{name} is no name", start, end, "letters, digits, _ between")
        return Quantity(name, span=(start, end))

    def negated(self, node: ast.UnaryOp, depth: int) -> Tree:
        return Negation(self.tree(node.operand, depth), span=self.span(node))

    def power(self, node: ast.BinOp, depth: int) -> Tree:
        base, exponent = self.tree(node.left, depth), self.tree(node.right, depth)
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
                found, grown = Quotient(found, right, span=span), False
            elif grown and isinstance(found, Product):
                found = Product((*found.factors, right), (*found.joins, join), span=span)
            else:
                found, grown = Product((found, right), (join,), span=span), True
        return Negation(found, span=self.span(node)) if signed else found

    def call(self, node: ast.Call, depth: int) -> Tree:
        written = self.source[slice(*self.span(node.func))]
        if not isinstance(node.func, ast.Name) or "/" in written:
            raise self.error(node, "a product needs its *", "2*(x - y)")
        if node.keywords:
            raise self.error(node, "an argument has no name and no **", "f(x)")
        bare = written.rstrip("'")
        name, primes = SYNONYMS.get(bare, bare), len(written) - len(bare)
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
        match = _NAME.fullmatch(name)
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
    **dict.fromkeys(_ADDED, _Reader.added),
    **dict.fromkeys(_MULTIPLIED, _Reader.multiplied),
    ast.Pow: _Reader.power,
    ast.USub: _Reader.negated,
    ast.UAdd: lambda reader, node, depth: reader.tree(node.operand, depth),
    ast.Constant: _Reader.constant,
    ast.Name: _Reader.name,
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
