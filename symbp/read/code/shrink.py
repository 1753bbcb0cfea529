"""A script with smaller sizes: where it is too large to follow, 784 inputs stand for 784 inputs.

Whole numbers from ten on become small ones, equal ones equal and different ones different, products
of others the products; what a verdict rests on is said with it.
"""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Iterator, Mapping

LEAST = 10
SMALLEST = 4
MAX_VALUES = 12
KEPT = re.compile(r".*(seed|state|epoch|iter|every|print|display|max_|steps?$).*", re.I)


def shrunk(tree: ast.Module) -> tuple[ast.Module, str] | None:
    """The tree with small sizes, and which numbers stand for which; None where there are none."""
    values = sorted({_whole(n) for n in _sizes(tree)})
    if not values or len(values) > MAX_VALUES:
        return None
    taken = {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant)}
    small = _smaller(values, {n for n in taken if isinstance(n, int)})
    made = copy.deepcopy(tree)
    for node in _sizes(made):
        new = small[_whole(node)]
        node.value = float(new) if isinstance(node.value, float) else new
    told = ", ".join(f"{new} for {old}" for old, new in small.items())
    return made, f"smaller sizes: {told}"


def _whole(node: ast.Constant) -> int:
    assert isinstance(node.value, int | float)
    return int(node.value)


def _smaller(values: list[int], taken: set[int]) -> Mapping[int, int]:
    """Small numbers for large ones."""
    found: dict[int, int] = {}
    free = (n for n in range(SMALLEST, 1000) if n not in taken)
    known = [n for n in sorted(taken) if 1 < n < LEAST]
    for value in values:
        smaller = {n: n for n in known} | found
        pair = next(
            ((a, b) for a in smaller for b in smaller if a * b == value and (a in found or b in found)),
            None,
        )
        found[value] = smaller[pair[0]] * smaller[pair[1]] if pair else next(free)
    return found


def _sizes(tree: ast.AST) -> Iterator[ast.Constant]:
    """Numerals that may be sizes: not seeds, not counts of turns, not what a counter is compared to."""
    todo: list[ast.AST] = [tree]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Constant):
            whole = type(node.value) is int or (type(node.value) is float and node.value.is_integer())
            if whole and isinstance(node.value, int | float) and LEAST <= node.value <= 10**7:
                yield node
        elif not _kept(node):
            kept = _kept_defaults(node) if isinstance(node, ast.arguments) else ()
            todo.extend(child for child in ast.iter_child_nodes(node) if child not in kept)


def _kept_defaults(node: ast.arguments) -> list[ast.expr]:
    """The defaults of arguments that count turns."""
    names = [a.arg for a in (*node.posonlyargs, *node.args)][-len(node.defaults):]
    pairs = [*zip(names, node.defaults, strict=False),
             *zip((a.arg for a in node.kwonlyargs), node.kw_defaults, strict=True)]  # fmt: skip
    return [value for name, value in pairs if value is not None and KEPT.fullmatch(name)]


def _kept(node: ast.AST) -> bool:
    """Whether the numerals inside stay as they are."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod | ast.Pow):
        return True
    if isinstance(node, ast.Compare | ast.JoinedStr):
        return True
    if isinstance(node, ast.keyword):
        return node.arg is not None and KEPT.fullmatch(node.arg) is not None
    if isinstance(node, ast.Assign):
        target = node.targets[0]
        name = getattr(target, "id", getattr(target, "attr", ""))
        return bool(KEPT.fullmatch(name))
    if isinstance(node, ast.Call):
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        return name in ("seed", "RandomState", "default_rng", "print")
    return False
