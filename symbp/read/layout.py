"""A reading as a layout tree, so that a formula can be shown as it was understood.

Nothing is reordered: factors, terms and sides stand where they were written. One piece can be
framed as the wrong one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from symbp.core.names import GREEK, Name, PlainNameError
from symbp.read.tree import (
    Application,
    At,
    Call,
    Cases,
    Chain,
    Change,
    Comparison,
    Component,
    Join,
    Matrix,
    Negation,
    Number,
    Partial,
    Power,
    Product,
    Quantity,
    Quotient,
    Sum,
    Summation,
    Transpose,
    Tree,
)
from symbp.write import formula as shown
from symbp.write.formula import Joint, Node, Sign, derivative, listed, row, signed_sum
from symbp.write.notation import name_node

SIGNS: Mapping[str, str] = {
    "=": "=", "~": "≈", ":=": "=", "<-": "←", "->": "→", "<=": "≤", ">=": "≥", "==": "=", "!=": "≠",
}  # fmt: skip
JOINS: Mapping[Join, Node] = {
    Join.CDOT: Sign("·"), Join.TIMES: Sign("×"), Join.STAR: Sign("·"), Join.ODOT: Sign("⊙"),
}  # fmt: skip
LOOSE = (Sum, Negation, Comparison)
"""What stands in brackets as a factor."""


class Layout:
    """Lays trees out; the tree that is ``wrong`` gets its frame."""

    def __init__(self, wrong: Tree | None = None) -> None:
        self._wrong = wrong

    def chain(self, chain: Chain) -> Node:
        """The sides with their relations between them."""
        items = [self(chain.sides[0])]
        for relation, side in zip(chain.relations, chain.sides[1:], strict=True):
            items += [Sign(SIGNS[relation]), self(side)]
        return row(*items)

    def __call__(self, tree: Tree) -> Node:
        node = _RULES[type(tree)](self, tree)
        return shown.Mark(node) if tree is self._wrong else node

    def factor(self, tree: Tree) -> Node:
        """A factor, in brackets where it needs them."""
        return self._fenced(tree, LOOSE)

    def base(self, tree: Tree) -> Node:
        """What carries an exponent or a mark, in brackets unless it is one thing."""
        return self._fenced(tree, (*LOOSE, Product, Quotient, Power, Summation))

    def _fenced(self, tree: Tree, loose: tuple[type, ...]) -> Node:
        return shown.Fence(self(tree)) if isinstance(tree, loose) else self(tree)

    def number(self, tree: Number) -> Node:
        """Digits; 2.4e-3 as 2.4 × 10⁻³."""
        digits, mark, exponent = tree.text.lower().partition("e")
        if not mark:
            return shown.Number(digits)
        power = int(exponent)
        above: Node = shown.Number(str(abs(power)))
        above = row(Sign("−"), above) if power < 0 else above
        return row(shown.Number(digits), Sign("×"), shown.Script(shown.Number("10"), sup=above))

    def quantity(self, tree: Quantity) -> Node:
        """A name with its indices below and its layers above."""
        node = name_node(_name(tree.name), tuple(map(self, tree.indices)))
        if not tree.upper:
            return node
        above = shown.Fence(listed(map(self, tree.upper)))
        if isinstance(node, shown.Script):
            sup = row(node.sup, above) if node.sup is not None else above
            return shown.Script(node.base, node.sub, sup)
        return shown.Script(node, sup=above)

    def sum(self, tree: Sum) -> Node:
        """Terms in order."""
        return signed_sum((_negative(t), self._term(t)) for t in tree.terms)

    def _term(self, tree: Tree) -> Node:
        inner = tree.of if isinstance(tree, Negation) else tree
        return self.factor(inner)

    def product(self, tree: Product) -> Node:
        """Factors with what was written between them."""
        items: list[Node] = [self.factor(tree.factors[0])]
        for join, factor in zip(tree.joins, tree.factors[1:], strict=True):
            part = self.factor(factor)
            if join in JOINS:
                items += [JOINS[join], part]
            elif items and not isinstance(items[-1], Sign):
                items[-1] = _side_by_side(items[-1], part)
            else:
                items.append(part)
        return row(*items)

    def call(self, tree: Call | Application) -> Node:
        """A function at its arguments."""
        if isinstance(tree, Call) and not tree.primes and tree.function in _FUNCTIONS:
            return _FUNCTIONS[tree.function](self, tree)
        name: Node = _function(tree.function)
        if tree.primes:
            name = row(name, *(Sign("′") for _ in range(tree.primes)))
        return shown.Call(name, listed(map(self, tree.arguments)))

    def partial(self, tree: Partial) -> Node:
        """∂of/∂by; a second variable stands beside the first."""
        of = self.base(tree.of)
        if len(tree.by) == 1:
            return derivative(of, self(tree.by[0]))
        below = row(*(part for v in tree.by for part in (Sign("∂"), self(v))))
        above = row(shown.Script(Sign("∂"), sup=shown.Number(str(len(tree.by)))), of)
        return shown.Fraction(above, below)

    def summation(self, tree: Summation) -> Node:
        """Σ with its bounds."""
        letter: Node = shown.Symbol(tree.index) if tree.index else row(Sign(" "))
        below = letter if tree.low is None else row(letter, Sign("="), self(tree.low))
        if tree.domain:
            below = row(letter, Sign("∈"), shown.Symbol(tree.domain))
        above = self(tree.high) if tree.high is not None else None
        return shown.Big(self.factor(tree.body), below, above)

    def cases(self, tree: Cases) -> Node:
        """One value a line."""
        return shown.Cases(tuple(
            (self(value), self(when) if when is not None else shown.Words("otherwise"))
            for value, when in tree.branches
        ))

    def matrix(self, tree: Matrix) -> Node:
        """Row by row: commas within, semicolons between."""
        rows = [listed(map(self, each)) for each in tree.rows]
        return shown.Fence(listed(rows, ";"), "[", "]")


def _name(plain: str) -> Name:
    try:
        return Name.parse(plain)
    except PlainNameError:
        return Name(plain)


def _negative(tree: Tree) -> bool:
    return isinstance(tree, Negation)


def _side_by_side(left: Node, right: Node) -> Node:
    factors = left.factors if isinstance(left, shown.Product) else (left,)
    stacked = any(isinstance(f, shown.Fraction) for f in (*factors, right))
    return shown.Product((*factors, right), Joint.THIN if stacked else Joint.TIGHT)


def _function(name: str) -> Node:
    spelled = {"sigmoid": "sigma"}.get(name, name)
    upright = len(spelled) > 1 and spelled not in GREEK
    return shown.Symbol(spelled, shown.Face.UPRIGHT if upright else shown.Face.ITALIC)


def _script(layout: Layout, base: Tree, above: Iterable[Node]) -> Node:
    node = layout.base(base)
    if isinstance(node, shown.Script) and node.sup is None:
        return shown.Script(node.base, node.sub, row(*above))
    raised = isinstance(node, shown.Script)
    return shown.Script(shown.Fence(node) if raised else node, sup=row(*above))


_FUNCTIONS: Mapping[str, Callable[[Layout, Call], Node]] = {
    "sqrt": lambda layout, tree: shown.Root(layout(tree.arguments[0])),
    "abs": lambda layout, tree: shown.Fence(layout(tree.arguments[0]), "|", "|"),
    "exp": lambda layout, tree: shown.Script(
        shown.Symbol("e", shown.Face.ITALIC), sup=layout(tree.arguments[0])
    ),
}
"""Functions that are not written as a name before its argument."""

_RULES: Mapping[type, Callable[..., Node]] = {
    Number: Layout.number,
    Quantity: Layout.quantity,
    Sum: Layout.sum,
    Negation: lambda layout, tree: row(Sign("−"), layout.factor(tree.of)),
    Product: Layout.product,
    Quotient: lambda layout, tree: shown.Fraction(layout(tree.above), layout(tree.below)),
    Power: lambda layout, tree: _script(layout, tree.base, [layout(tree.exponent)]),
    Call: Layout.call,
    Application: Layout.call,
    Partial: Layout.partial,
    Summation: Layout.summation,
    Comparison: lambda layout, tree: row(
        layout(tree.left), Sign(SIGNS.get(tree.relation, tree.relation)), layout(tree.right)
    ),
    Cases: Layout.cases,
    Transpose: lambda layout, tree: _script(layout, tree.of, [Sign("⊤")]),
    Component: lambda layout, tree: shown.Script(
        shown.Fence(layout(tree.of)), listed(map(layout, tree.indices))
    ),
    At: lambda layout, tree: shown.Script(
        shown.Fence(layout(tree.of), "", "|"),
        row(layout(tree.variable), Sign("="), layout(tree.value)),
    ),
    Change: lambda layout, tree: row(shown.Symbol("Delta"), layout.factor(tree.of)),
    Matrix: Layout.matrix,
}
