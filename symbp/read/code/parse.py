"""The syntax tree of a script, within bounds: Python 3, Python 2 or the code cells of a notebook."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fissix import refactor
from fissix.pgen2.parse import ParseError
from fissix.pgen2.tokenize import TokenError

from symbp.read.code.values import CodeError

MAX_SOURCE = 200_000
MAX_DEPTH = 90
FIXERS = tuple(
    f"fissix.fixes.fix_{name}" for name in ("print", "except", "ne", "repr", "numliterals", "has_key",
                                            "exec", "raise", "paren", "tuple_params")
)
"""Only what Python 3 cannot parse is rewritten; names of Python 2 are builtins that are followed."""
OLD_NAMES = re.compile(r"\b(xrange|raw_input)\s*\(")
NEW_DIVISION = re.compile(r"^\s*from\s+__future__\s+import\s+[^\n]*\bdivision\b", re.M)
MAGIC = re.compile(r"^(\s*)[%!].*$", re.M)


@dataclass(frozen=True)
class Script:
    """A script's syntax tree, its text by lines, and whether ``/`` cuts integers as in Python 2."""

    tree: ast.Module
    text: str
    old_division: bool = False
    given: Mapping[str, Any] = field(default_factory=dict)
    """What the author says of values that the script leaves open."""


def parse(source: str) -> Script:
    """The syntax tree, within bounds. Raises :class:`CodeError` with line and column."""
    if len(source) > MAX_SOURCE:
        raise CodeError(f"a script of {len(source):,} characters", 1, 1, f"at most {MAX_SOURCE:,}")
    try:
        tree, old = ast.parse(source), bool(OLD_NAMES.search(source))
    except SyntaxError as error:
        tree = _old_tree(source, error)
        old = True
    except (ValueError, MemoryError, RecursionError):
        raise CodeError("a script that Python cannot parse", 1, 1, "Python 3") from None
    _check_depth(tree)
    return Script(tree, source, old and not NEW_DIVISION.search(source))


def _old_tree(source: str, error: SyntaxError) -> ast.Module:
    """The tree of Python 2 source, which lib2to3's heir rewrites line by line."""
    tool = refactor.RefactoringTool(list(FIXERS), {"print_function": False})
    try:
        return ast.parse(str(tool.refactor_string(source.expandtabs(8) + "\n", "script")))
    except (SyntaxError, ParseError, TokenError, ValueError, RecursionError, AttributeError):
        raise CodeError(
            f"no Python 3: {error.msg}", error.lineno or 0, error.offset or 0, "Python 3"
        ) from None


def code_cells(text: str) -> str | None:
    """The code cells of a notebook, one after the other; None where it is no notebook."""
    try:
        cells = [c for c in json.loads(text)["cells"] if c["cell_type"] == "code"]
        return "\n".join(MAGIC.sub(r"\1pass", "".join(c["source"])) for c in cells) + "\n"
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _check_depth(tree: ast.AST) -> None:
    todo: list[tuple[ast.AST, int]] = [(tree, 0)]
    while todo:
        node, depth = todo.pop()
        if depth > MAX_DEPTH:
            raise CodeError("nested too deep", getattr(node, "lineno", 1), 1, f"{MAX_DEPTH} levels")
        todo += [(child, depth + 1) for child in ast.iter_child_nodes(node)]
