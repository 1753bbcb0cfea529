"""The syntax tree of a script, within bounds."""

from __future__ import annotations

import ast

from symbp.read.numpy_values import CodeError

MAX_SOURCE = 200_000
MAX_DEPTH = 90


def parse(source: str) -> ast.Module:
    """The syntax tree, within bounds. Raises :class:`CodeError` with line and column."""
    if len(source) > MAX_SOURCE:
        raise CodeError(f"a script of {len(source):,} characters", 1, 1, f"at most {MAX_SOURCE:,}")
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        raise CodeError(
            f"no Python 3: {error.msg}", error.lineno or 0, error.offset or 0, "Python 3"
        ) from None
    except (ValueError, MemoryError, RecursionError):
        raise CodeError("a script that Python cannot parse", 1, 1, "Python 3") from None
    _check_depth(tree)
    return tree


def _check_depth(tree: ast.AST) -> None:
    todo: list[tuple[ast.AST, int]] = [(tree, 0)]
    while todo:
        node, depth = todo.pop()
        if depth > MAX_DEPTH:
            raise CodeError("nested too deep", getattr(node, "lineno", 1), 1, f"{MAX_DEPTH} levels")
        todo += [(child, depth + 1) for child in ast.iter_child_nodes(node)]
