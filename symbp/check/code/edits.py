"""Single edits of a script that undo a known mistake: each is a cause, a line and a new statement."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass

DERIVATIVE = ("deriv", "prime", "grad", "_d", "backward")


@dataclass(frozen=True)
class Edit:
    """A change of one statement: the known mistake that it undoes, and the script with it."""

    kind: str
    line: int
    tree: ast.Module
    changed: ast.AST

    @property
    def after(self) -> str:
        """The changed statement."""
        text = ast.unparse(self.changed)
        return f"after the backward pass: {text}" if self.kind == "updated weights" else text


def edits(
    tree: ast.Module, lines: Container[int], kinds: Container[str] | None = None
) -> Iterator[Edit]:
    """The edits of the statements in some lines, the likely ones first."""
    nodes = list(ast.walk(tree))
    homes, places = _homes(tree), {id(node): k for k, node in enumerate(nodes)}
    names = _names(tree, lines)
    for kind, rule in RULES:
        if kind == "updated weights" and (kinds is None or kind in kinds):
            yield from _moves(tree, lines)
        if kinds is not None and kind not in kinds:
            continue
        for place, node in enumerate(nodes):
            home = homes.get(id(node))
            if home is None or home.lineno not in lines:
                continue
            for new in rule(node, names):
                made = _replaced(tree, place, new)
                # Up to the statement both walks are the same.
                yield Edit(kind, home.lineno, made, list(ast.walk(made))[places[id(home)]])


def _homes(tree: ast.Module) -> dict[int, ast.stmt]:
    """The simple statement in which each node stands."""
    found: dict[int, ast.stmt] = {}
    for statement in ast.walk(tree):
        if isinstance(statement, ast.Assign | ast.AugAssign | ast.Expr | ast.Return | ast.AnnAssign):
            for node in ast.walk(statement):
                found[id(node)] = statement
    return found


def _names(tree: ast.Module, lines: Container[int]) -> list[str]:
    """Names and attributes that are given values in the lines."""
    found: dict[str, None] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and node.lineno in lines:
            for target in node.targets:
                if isinstance(target, ast.Name | ast.Attribute):
                    found[ast.unparse(target)] = None
    return list(found)


def _replaced(tree: ast.Module, place: int, new: ast.AST) -> ast.Module:
    """A copy of the tree with another node at a place of its walk."""
    made = copy.deepcopy(tree)
    old = list(ast.walk(made))[place]
    fresh = copy.deepcopy(new)
    ast.copy_location(fresh, old)
    for parent in ast.walk(made):
        for name, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, name, fresh)
            elif isinstance(value, list):
                for k, each in enumerate(value):
                    if each is old:
                        value[k] = fresh
    return ast.fix_missing_locations(made)


Rule = Callable[[ast.AST, list[str]], Iterator[ast.AST]]


def _assigned(node: ast.AST, names: list[str]) -> Iterator[ast.AST]:
    """``b = -lr * d`` for ``b -= lr * d``; ``W - lr * d`` alone for ``W -= lr * d``."""
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name | ast.Attribute | (
        ast.Subscript)
    ):
        target = ast.unparse(node.targets[0])
        if target not in ast.unparse(node.value):
            for sign in "+-":
                yield from ast.parse(f"{target} {sign}= {ast.unparse(node.value)}").body
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.BinOp):
        left = ast.unparse(node.value.left)
        yield from ast.parse(f"{left} = {ast.unparse(node.value)}").body


def _signs(node: ast.AST, names: list[str]) -> Iterator[ast.AST]:
    """``+=`` for ``-=``, ``a - b`` for ``b - a``."""
    if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add | ast.Sub):
        op = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
        yield ast.AugAssign(node.target, op, node.value)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub):
        yield ast.BinOp(node.right, ast.Sub(), node.left)
        yield ast.BinOp(node.left, ast.Add(), node.right)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        yield ast.BinOp(node.left, ast.Sub(), node.right)


def _transposes(node: ast.AST, names: list[str]) -> Iterator[ast.AST]:
    """A ``.T`` too many or too few, in a product of matrices."""
    sides = _product(node)
    if sides is None:
        return
    left, right = sides
    for one in (_turned(left), left):
        for two in (_turned(right), right):
            yield _dot(one, two)
            yield _dot(two, one)


def _product(node: ast.AST) -> tuple[ast.expr, ast.expr] | None:
    """The two sides of a matrix product."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        return node.left, node.right
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and (
        node.func.attr in ("dot", "matmul")
    ):
        if len(node.args) == 2:
            return node.args[0], node.args[1]
        if len(node.args) == 1:
            return node.func.value, node.args[0]
    return None


def _turned(node: ast.expr) -> ast.expr:
    if isinstance(node, ast.Attribute) and node.attr == "T":
        return node.value
    return ast.Attribute(node, "T", ast.Load())


def _dot(left: ast.expr, right: ast.expr) -> ast.expr:
    return ast.Call(ast.Attribute(left, "dot", ast.Load()), [right], [])


def _spread(node: ast.AST, names: list[str]) -> Iterator[ast.AST]:
    """``a * b`` for a product of matrices."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        for a, b in ((node.left, node.right), (node.right, node.left)):
            yield _dot(_turned(a), b)
            yield _dot(a, b)
            yield _dot(a, _turned(b))


def _axes(node: ast.AST, names: list[str]) -> Iterator[ast.AST]:
    """A sum over the wrong axis, over all of them, or an average for a sum."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or (
        node.func.attr not in ("sum", "mean")
    ):
        return
    plain = [a for a in node.args[:1]]
    method = not (isinstance(node.func.value, ast.Name) and node.func.value.id in ("np", "numpy"))
    for word in ("axis=0, keepdims=True", "axis=1, keepdims=True", "axis=0", "axis=1", ""):
        inside = ", ".join([*([] if method else map(ast.unparse, plain)), *([word] if word else [])])
        for name in ("sum", "mean"):
            owner = ast.unparse(node.func.value)
            owner = owner if owner.replace(".", "").isidentifier() else f"({owner})"
            text = f"{owner}.{name}({inside})"
            if text != ast.unparse(node):
                yield ast.parse(text, mode="eval").body


def _missing(node: ast.AST, names: list[str]) -> Iterator[ast.AST]:
    """A derivative that is missing or another one: ``o * (1 - o)``, ``1 - a ** 2``, ``a > 0``."""
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.BinOp | ast.Call):
        target = ast.unparse(node.targets[0])
        for value in _prefixes(node.value):
            for name in names:
                if name != target:
                    for slope in (f"{name} * (1 - {name})", f"(1 - {name} ** 2)", f"({name} > 0)"):
                        yield from ast.parse(f"{target} = ({ast.unparse(value)}) * {slope}").body


def _prefixes(value: ast.expr) -> Iterator[ast.expr]:
    """A product, and what is left of it without its last factors."""
    yield value
    while isinstance(value, ast.BinOp) and isinstance(value.op, ast.Mult):
        value = value.left
        yield value


def _wrong_point(node: ast.AST, names: list[str]) -> Iterator[ast.AST]:
    """A derivative of another value, or another one: ``a * (1 - a)`` for ``s(a) * (1 - s(a))``."""
    if isinstance(node, ast.Call) and len(node.args) >= 1 and any(
        word in ast.unparse(node.func) for word in DERIVATIVE
    ):
        for name in names:
            yield ast.Call(node.func, [ast.parse(name, mode="eval").body, *node.args[1:]],
                           node.keywords)  # fmt: skip


def _dropped(node: ast.AST, names: list[str]) -> Iterator[ast.AST]:
    """A factor too many."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div):
        yield node.left
        if isinstance(node.op, ast.Mult):
            yield node.right


def _nothing(node: ast.AST, names: list[str]) -> Iterator[ast.AST]:
    """Statements are moved as a whole."""
    return iter(())


def _other_name(node: ast.AST, names: list[str]) -> Iterator[ast.AST]:
    """One name for another, or for a difference: the error for the delta."""
    plain = isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in names
    if plain or (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub)):
        for name in names:
            if name.isidentifier() and name != getattr(node, "id", ""):
                yield ast.Name(name, ast.Load())


RULES: tuple[tuple[str, Rule], ...] = (
    ("assignment", _assigned), ("sign", _signs), ("axis", _axes), ("transposed", _transposes),
    ("broadcast", _spread), ("updated weights", _nothing), ("derivative", _wrong_point),
    ("name", _other_name), ("derivative", _missing), ("factor", _dropped),
)  # fmt: skip


def _moves(tree: ast.Module, lines: Container[int]) -> Iterator[Edit]:
    """An update that stands before the backward pass is done with the old weights."""
    for owner in ast.walk(tree):
        body = getattr(owner, "body", None)
        if not isinstance(body, list) or len(body) < 2:
            continue
        for k, statement in enumerate(body[:-1]):
            if isinstance(statement, ast.Assign | ast.AugAssign) and statement.lineno in lines:
                made = copy.deepcopy(tree)
                place = list(ast.walk(tree)).index(owner)
                twin = list(ast.walk(made))[place]
                inner = getattr(twin, "body")  # noqa: B009  # only some nodes have a body
                inner.append(inner.pop(k))
                yield Edit("updated weights", statement.lineno, made, inner[-1])
