r"""A reading as LaTeX again, spelled so that it has one reading: this one.

Every product, bracket, layer and label is written out (``\left(w_{1,1}^{(2)}\right)^{2}``), as a
document would not; what a person is shown comes from :mod:`symbp.write`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from symbp.core.names import GREEK, UPDATED, Name, PlainNameError, latex_base
from symbp.read.latex_tables import FUNCTION_WORDS
from symbp.read.plain import ATOM, POWER, PRODUCT, SUM
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

JOINS: Mapping[Join, str] = {
    Join.IMPLIED: r"\,", Join.MATMUL: r"\,", Join.CDOT: r"\cdot", Join.TIMES: r"\times",
    Join.STAR: "*", Join.ODOT: r"\odot",
}  # fmt: skip
RELATIONS: Mapping[str, str] = {
    "=": "=", "~": r"\approx", ":=": r"\equiv", "<-": r"\gets", "->": r"\to",
}  # fmt: skip
COMPARISONS: Mapping[str, str] = {
    "<": "<", ">": ">", "<=": r"\le", ">=": r"\ge", "==": "=", "!=": r"\ne",
}  # fmt: skip
WORDS: Mapping[str, str] = {name: word for word, name in [*FUNCTION_WORDS.items()][::-1]}
"""What a function of the house is called in LaTeX."""
OTHERWISE = r"\text{otherwise}"
BREAK = r" \\ "
MARKS: Mapping[str, str] = {UPDATED: "+", "star": "*"}


def latex(node: Tree | Chain) -> str:
    r"""LaTeX that is read as this tree.

    >>> from symbp.read.latex import read
    >>> print(latex(read(r"f'(z) = f(z)(1 - f(z))")[0]))
    f'\left(z\right) = f\left(z\right) \, \left(1 - f\left(z\right)\right)
    """
    if isinstance(node, Chain):
        parts = [latex(node.sides[0])]
        for relation, side in zip(node.relations, node.sides[1:], strict=True):
            parts += [RELATIONS[relation], latex(side)]
        return " ".join(parts)
    return _WRITERS[type(node)](node)[0]


def _in(node: Tree, level: int) -> str:
    text, own = _WRITERS[type(node)](node)
    return _bracketed(text) if own < level else text


def _bracketed(text: str) -> str:
    return rf"\left({text}\right)"


def _number(node: Number) -> tuple[str, int]:
    digits, ten, exponent = node.text.partition("e")
    return (rf"{digits} \times 10^{{{exponent}}}", PRODUCT) if ten else (digits, ATOM)


def _quantity(node: Quantity) -> tuple[str, int]:
    try:
        name = Name.parse(node.name)
    except PlainNameError:
        return rf"\text{{{node.name}}}", ATOM
    parts, marks = list(name.subscripts), ""
    if parts and parts[-1] in MARKS:
        marks = MARKS[parts.pop()]
    below = [_part(part) for part in parts] + [latex(index) for index in node.indices]
    layers = [f"({name.layer})"] if name.layer else []
    above = "".join((*layers, *(_upper(each) for each in node.upper), marks))
    text = latex_base(name.base) + (f"_{{{','.join(below)}}}" if below else "")
    return (f"{text}^{{{above}}}", POWER) if above else (text, ATOM)


def _part(part: str) -> str:
    if part in GREEK:
        return f"\\{part}"
    return part if len(part) == 1 or part.isdigit() else rf"\mathrm{{{part}}}"


def _upper(tree: Tree) -> str:
    word = isinstance(tree, Quantity) and len(tree.name) > 1
    return rf"\text{{{latex(tree)}}}" if word else f"({latex(tree)})"


def _sum(node: Sum) -> tuple[str, int]:
    text = _in(node.terms[0], PRODUCT)
    for term in node.terms[1:]:
        body = term.of if isinstance(term, Negation) else term
        text += (" - " if isinstance(term, Negation) else " + ") + _in(body, PRODUCT)
    return text, SUM


def _negation(node: Negation) -> tuple[str, int]:
    level = ATOM if isinstance(node.of, Negation) else PRODUCT
    return f"-{_in(node.of, level)}", SUM


def _product(node: Product) -> tuple[str, int]:
    last = len(node.factors) - 1
    text = _factor(node.factors[0], final=False)
    for k, (join, factor) in enumerate(zip(node.joins, node.factors[1:], strict=True), 1):
        text += f" {JOINS[join]} {_factor(factor, final=k == last)}"
    return text, PRODUCT


def _factor(node: Tree, final: bool) -> str:
    text, own = _WRITERS[type(node)](node)
    alone = isinstance(node, Summation) and not final
    return _bracketed(text) if own <= PRODUCT and (alone or not _big(node)) else text


def _big(node: Tree) -> bool:
    return isinstance(node, Summation)


def _quotient(node: Quotient) -> tuple[str, int]:
    above = node.above
    differential = isinstance(above, Product) and above.factors[0] == Quantity("d")
    shown = _bracketed(latex(above)) if differential else latex(above)
    return rf"\frac{{{shown}}}{{{latex(node.below)}}}", ATOM


def _power(node: Power) -> tuple[str, int]:
    base = latex(node.base)
    plain = isinstance(node.base, Call | Application)
    return f"{base if plain else _bracketed(base)}^{{{latex(node.exponent)}}}", POWER


def _call(node: Call) -> tuple[str, int]:
    head = rf"\operatorname{{{WORDS.get(node.function, node.function)}}}"
    return f"{head}{chr(39) * node.primes}{_bracketed(_list(node.arguments))}", ATOM


def _application(node: Application) -> tuple[str, int]:
    head = _quantity(Quantity(node.function))[0]
    return f"{head}{chr(39) * node.primes}{_bracketed(_list(node.arguments))}", ATOM


def _list(nodes: tuple[Tree, ...]) -> str:
    return ", ".join(latex(n) for n in nodes)


def _partial(node: Partial) -> tuple[str, int]:
    of = _in(node.of, POWER)
    if node.gradient:
        by = f"_{{{latex(node.by[0])}}}" if node.by else ""
        return rf"\nabla{by} {of}", PRODUCT
    order = f"^{{{len(node.by)}}}" if len(node.by) > 1 else ""
    below = " ".join(rf"\partial {_in(v, POWER)}" for v in node.by)
    return rf"\frac{{\partial{order} {of}}}{{{below}}}", ATOM


def _summation(node: Summation) -> tuple[str, int]:
    below = node.index or ""
    if node.low is not None:
        below += f" = {latex(node.low)}"
    elif node.domain:
        below += rf" \in {node.domain}"
    above = f"^{{{latex(node.high)}}}" if node.high is not None else ""
    body = _in(node.body, PRODUCT)
    return rf"\sum{f'_{{{below}}}' if below else ''}{above} {body}", PRODUCT


def _comparison(node: Comparison) -> tuple[str, int]:
    return f"{latex(node.left)} {COMPARISONS[node.relation]} {latex(node.right)}", SUM


def _cases(node: Cases) -> tuple[str, int]:
    shown = [
        f"{latex(value)} & {OTHERWISE if when is None else latex(when)}"
        for value, when in node.branches
    ]
    return rf"\begin{{cases}} {BREAK.join(shown)} \end{{cases}}", ATOM


def _transpose(node: Transpose) -> tuple[str, int]:
    text = latex(node.of)
    if isinstance(node.of, Quantity) and text.endswith(")}"):
        return rf"{text[:-1]}\top}}", POWER
    return rf"{_in(node.of, ATOM)}^{{\top}}", POWER


def _component(node: Component) -> tuple[str, int]:
    return f"{_bracketed(latex(node.of))}_{{{','.join(latex(i) for i in node.indices)}}}", POWER


def _at(node: At) -> tuple[str, int]:
    point = f"{latex(node.variable)} = {latex(node.value)}"
    return rf"\left. {latex(node.of)} \right|_{{{point}}}", POWER


def _matrix(node: Matrix) -> tuple[str, int]:
    rows = BREAK.join(" & ".join(latex(cell) for cell in row) for row in node.rows)
    return rf"\begin{{pmatrix}} {rows} \end{{pmatrix}}", ATOM


_WRITERS: Mapping[type, Callable[..., tuple[str, int]]] = {
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
    Summation: _summation,
    Comparison: _comparison,
    Cases: _cases,
    Transpose: _transpose,
    Component: _component,
    At: _at,
    Change: lambda n: (rf"\Delta {latex(n.of)}", POWER),
    Matrix: _matrix,
}
