r"""SymPy expressions as layout trees, in the order a book prints them.

SymPy keeps sums and products sorted for itself (``-d + o``, ``x*(1 - o)``). A book writes positive
terms first (o − d, 1 − o), polynomials by falling degree, coefficients before letters, adjoints
before weights before activations, a letter before the bracket it belongs to (o(1 − o)), and
functions last. What this table does not know is printed by SymPy's own printers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import sympy as sp
from sympy import Expr, Idx, Indexed, KroneckerDelta, Piecewise, Pow, Rational
from sympy.printing.latex import LatexPrinter
from sympy.printing.str import StrPrinter

from symbp.core.equations import operands
from symbp.core.functions import ROWS
from symbp.core.steps import partial
from symbp.write.formula import (
    Big,
    Call,
    Cases,
    Face,
    Fence,
    Foreign,
    Fraction,
    Joint,
    Node,
    Number,
    Product,
    Root,
    Row,
    Script,
    Sign,
    Symbol,
    Words,
    derivative,
    listed,
    signed_sum,
)
from symbp.write.latex import latex
from symbp.write.notation import Notation, affine, from_one, subscript
from symbp.write.order import common_factor, factor_key, term_key

Signed = tuple[bool, Node]
"""Whether a term is subtracted, and the term without its sign."""

UPRIGHT_NAMES = {
    "step": "step", "relu": "ReLU", "leaky_relu": "LeakyReLU", "elu": "ELU", "silu": "SiLU",
    "gelu": "GELU", "gelu_tanh": "GELU", "softplus": "softplus", "sign": "sign", "Max": "max",
    "Min": "min",
}  # fmt: skip
"""Functions that print under another name than SymPy's, or than their own."""
BARE = frozenset(["log", "sin", "cos", "tan", "sinh", "cosh", "tanh"])
"""Functions whose argument needs no fence when it is one letter."""
RELATIONS = {
    sp.Eq: "=", sp.Ne: "≠", sp.Lt: "<", sp.Le: "≤", sp.Gt: ">", sp.Ge: "≥",
}  # fmt: skip


@dataclass(frozen=True)
class Typesetter:
    """Prints expressions in one program's notation."""

    notation: Notation = Notation()  # noqa: RUF009  # frozen: one value serves all
    joint: Joint = Joint.TIGHT
    """What stands between the factors of a product."""

    def __call__(self, value: Expr) -> Node:
        """The layout tree of an expression."""
        return signed_sum(self.terms(value))

    def factor(self, value: Expr, *, first: bool = False) -> Node:
        """The same as a factor of a product: fenced where it has to be."""
        terms = self.terms(value)
        node = signed_sum(terms)
        alone = len(terms) == 1 and (first or not terms[0][0])
        return node if alone and not value.is_Piecewise else Fence(node)

    def terms(self, value: Expr) -> list[Signed]:
        """The terms of a sum in a book's order, or the one term that a value is."""
        if not isinstance(value, sp.Add):
            return [self._signed(value)]
        common = common_factor(value)
        if common != 1:
            inner = Fence(self(sp.Add(*(part / common for part in value.args))))
            front = [] if abs(common) == 1 else [self._atom(abs(common))]
            return [(bool(common < 0), Product((*front, inner), self.joint) if front else inner)]
        ordered = sorted(value.args, key=term_key(value))
        signed = [self._signed(part) for part in ordered]
        return sorted(signed, key=lambda term: term[0])

    def _signed(self, value: Expr) -> Signed:
        if value.is_Number:
            return bool(value < 0), self._atom(abs(value))
        if isinstance(value, sp.Mul):
            return self._product(value)
        return False, self._atom(value)

    def _product(self, value: sp.Mul) -> Signed:
        coefficient, sizes = sp.S.One, sp.S.One
        top: list[Expr] = []
        bottom: list[Expr] = []
        for part in value.args:
            if part.is_Rational:
                coefficient *= part
            elif isinstance(part, Pow) and part.exp.is_number and part.exp.is_negative:
                if part.base.is_Symbol and part.base.is_integer:
                    sizes *= part.base ** -part.exp
                else:
                    bottom.append(part.base ** -part.exp)
            elif isinstance(part, sp.Add) and (common := common_factor(part)) != 1:
                coefficient *= common
                top.append(sp.Add(*(term / common for term in part.args)))
            else:
                top.append(part)
        for part in [p for p in top if _is_root(p) and coefficient.q % p.base == 0]:
            top.remove(part)
            bottom.append(part)
            coefficient *= part.base
        negative, coefficient = bool(coefficient < 0), abs(coefficient)
        stacked = [p for p in top if isinstance(self._atom(p), Fraction)] if bottom else []
        if stacked:
            rest = value / sp.Mul(*stacked)
            return negative, Product(
                (*self._ordered(stacked), self(-rest if negative else rest)), self.joint
            )
        if bottom:
            over = self._factors(sp.Integer(coefficient.p), top)
            under = self._factors(sp.Integer(coefficient.q) * sizes, bottom)
            return negative, Fraction(over, under)
        if sizes == 1:
            return negative, self._factors(coefficient, top)
        front = Fraction(Number(str(coefficient.p)), self(coefficient.q * sizes))
        return negative, Product((front, *self._ordered(top)), self.joint) if top else front

    def _factors(self, coefficient: Expr, parts: list[Expr]) -> Node:
        nodes = self._ordered(parts, alone=coefficient == 1)
        if coefficient != 1 or not nodes:
            nodes.insert(0, self(coefficient))
        return nodes[0] if len(nodes) == 1 else Product(tuple(nodes), self.joint)

    def _ordered(self, parts: list[Expr], *, alone: bool = False) -> list[Node]:
        ordered = sorted(parts, key=factor_key(self.notation, BARE))
        if alone and len(ordered) == 1:
            return [self(ordered[0])]
        return [self.factor(part) for part in ordered]

    def _atom(self, value: Expr) -> Node:
        """Anything that is no sum and no product."""
        for kind, rule in _RULES:
            if isinstance(value, kind):
                return rule(self, value)
        if isinstance(value, sp.Function):
            return self._call(value)
        return self._foreign(value)

    def _quantity(self, value: Expr) -> Node:
        if isinstance(value, Idx):
            return affine(value.label - 1)
        return self.notation.quantity(value)

    def _number(self, value: Expr) -> Node:
        if isinstance(value, Rational) and value.q != 1:
            return Fraction(Number(str(value.p)), Number(str(value.q)))
        return Number(str(value))

    def _power(self, value: Expr) -> Node:
        base, exponent = value.as_base_exp()
        if exponent.is_number and exponent.is_negative:
            return Fraction(Number("1"), self(base**-exponent))
        if exponent == sp.S.Half:
            return Root(self(base))
        return _raised(self.factor(base), base, self(exponent))

    def _exp(self, value: Expr) -> Node:
        argument = self(value.args[0])
        if isinstance(argument, Fraction) or value.args[0].has(Piecewise):
            return Call(Symbol("exp", Face.UPRIGHT), argument)
        return Script(Symbol("e"), None, argument)

    def _call(self, value: Expr) -> Node:
        name = type(value).__name__
        arguments = listed([self(a) for a in value.args])
        bare = name in BARE and len(value.args) == 1 and value.args[0].is_Atom | isinstance(
            value.args[0], Indexed
        )
        return Call(function_name(name), arguments, fenced=not bare)

    def _cases(self, value: Piecewise) -> Node:
        rows: list[tuple[Node, Node]] = []
        for body, condition in value.args:
            last = condition == sp.true
            if last and len(value.args) == 2:
                condition = ~value.args[0][1]
            shown = Words("otherwise") if condition == sp.true else self._atom(condition)
            rows.append((self(body), shown))
        return Cases(tuple(rows))

    def _relation(self, value: sp.Basic) -> Node:
        mark = next(m for kind, m in RELATIONS.items() if isinstance(value, kind))
        left, right = (self._side(a) for a in value.args)
        return Row((left, Sign(mark), right))

    def _side(self, value: Expr) -> Node:
        """One side of a condition; one about indices alone counts from 1."""
        if value.has(Idx) and not operands(value):
            return affine(sp.expand(from_one(value)))
        return self(value)

    def _bracket(self, value: Expr) -> Node:
        """Iverson's bracket: 1 where the two indices agree, else 0."""
        left, right = (subscript(a) for a in value.args)
        return Fence(Row((left, Sign("="), right)), "[", "]")

    def _total(self, value: sp.Sum) -> Node:
        letters = listed([Symbol(str(limit[0])) for limit in value.limits])
        return Big(self.factor(value.function), letters)

    def _foreign(self, value: Expr) -> Node:
        return Foreign(_Latex(self.notation).doprint(value), StrPrinter().doprint(value))


class _Latex(LatexPrinter):  # type: ignore[misc]  # SymPy has no types
    """SymPy's printer for what the table does not know, with our names in it."""

    def __init__(self, notation: Notation) -> None:
        super().__init__()
        self._notation = notation

    def _print_Symbol(self, expr: Expr, style: str = "plain") -> str:  # noqa: N802  # SymPy's name
        return latex(self._notation.quantity(expr))

    _print_Indexed = _print_Symbol  # noqa: N815


def _is_root(part: Expr) -> bool:
    """√n of a whole number, which books write below the line: z/√2."""
    return isinstance(part, Pow) and part.base.is_Integer and part.exp == sp.S.Half


def function_name(name: str) -> Node:
    """σ, a Greek letter, or a word set upright."""
    if name == "sigmoid":
        return Symbol("sigma")
    return Symbol(UPRIGHT_NAMES.get(name, name), Face.UPRIGHT)


def _raised(node: Node, base: Expr, exponent: Node) -> Node:
    """A power; a base that has something above already is fenced first."""
    if isinstance(node, Script):
        if node.sup is None:
            return Script(node.base, node.sub, exponent)
        return Script(Fence(node), None, exponent)
    if isinstance(node, Call) and not base.is_Atom:
        return Call(Script(node.name, None, exponent), node.argument, node.fenced)
    if isinstance(node, Fraction | Product | Root):
        return Script(Fence(node), None, exponent)
    return Script(node, None, exponent)


def _partial(setter: Typesetter, value: Expr) -> Node:
    return derivative(*(setter.notation.quantity(a) for a in value.args))


_RULES: tuple[tuple[type | tuple[type, ...], Callable[[Typesetter, Expr], Node]], ...] = (
    (partial, _partial),
    ((Indexed, sp.Symbol, Idx), Typesetter._quantity),
    (sp.Number, Typesetter._number),
    (sp.exp, Typesetter._exp),
    (Pow, Typesetter._power),
    (sp.Abs, lambda setter, value: Fence(setter(value.args[0]), "|", "|")),
    (Piecewise, Typesetter._cases),
    (KroneckerDelta, Typesetter._bracket),
    (sp.core.relational.Relational, Typesetter._relation),
    (sp.Sum, Typesetter._total),
    ((sp.Add, sp.Mul), Typesetter.__call__),
    (tuple(ROWS), Typesetter._call),
    (sp.core.numbers.NumberSymbol, lambda setter, value: Symbol(str(value).lower())),
)
"""From a kind of expression to how it is printed; the first that fits."""
