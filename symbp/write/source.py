r"""LaTeX that a person wrote, let through only where it is nothing but mathematics.

A formula is set as it stands if every command in it is on the list below, its braces balance, and
no character acts on the document around it; anything else is shown as text, letter by letter. So
neither ``\input{…}`` nor an unbalanced brace reaches a document.
"""

from __future__ import annotations

import re

from symbp.core.names import GREEK
from symbp.write.formula import Source

COMMANDS = frozenset(GREEK) | frozenset(
    [
        "frac", "dfrac", "tfrac", "partial", "cdot", "times", "odot", "circ", "div", "pm", "mp",
        "left", "right", "bigl", "bigr", "Bigl", "Bigr", "big", "Big", "sum", "prod", "sqrt",
        "log", "ln", "exp", "sin", "cos", "tan", "sinh", "cosh", "tanh", "sech", "max", "min",
        "argmax", "argmin", "lim", "hat", "bar", "tilde", "vec", "dot", "overline", "widehat",
        "mathbf", "boldsymbol", "mathrm", "mathit", "mathcal", "mathbb", "mathsf", "text",
        "textbf", "textit", "rm", "bf", "it", "quad", "qquad", "le", "leq", "ge", "geq", "lt",
        "gt", "ne", "neq", "approx", "equiv", "sim", "propto", "in", "to", "rightarrow",
        "leftarrow", "Rightarrow", "Leftarrow", "iff", "implies", "mapsto", "top", "prime",
        "infty", "nabla", "ell", "forall", "ldots", "cdots", "dots", "vdots", "underbrace",
        "overbrace", "lVert", "rVert", "lvert", "rvert", "Vert", "vert", "langle", "rangle",
        "mid", "begin", "end", "nonumber", "displaystyle", "limits", "ast", "star", "neg",
        "lnot", "land", "lor", "hbar",
    ]
)
ENVIRONMENTS = frozenset(
    ["aligned", "cases", "matrix", "pmatrix", "bmatrix", "vmatrix", "split", "gathered"]
)
_COMMAND = re.compile(r"\\([A-Za-z]+|.)", re.DOTALL)
_ENVIRONMENT = re.compile(r"\\(begin|end)\s*\{([^{}]*)\}")
_SAFE_MARKS = frozenset(",;:! {}|\\")
_FORBIDDEN = re.compile(r"[%#$~`\x00-\x08\x0b-\x1f\x7f]|\^\^|\n\s*\n")


def formula_as_written(source: str) -> Source | str:
    r"""The formula if it is plain mathematics, else its text.

    >>> formula_as_written(r"\frac{\partial E}{\partial w}"), formula_as_written(r"\input{x}")
    (Source(latex='\\frac{\\partial E}{\\partial w}'), '\\input{x}')
    """
    tidy = source.strip()
    return Source(tidy) if _is_mathematics(tidy) else tidy


def _is_mathematics(source: str) -> bool:
    if not source or _FORBIDDEN.search(source) or not _balanced(source):
        return False
    for command in _COMMAND.findall(source):
        if command not in COMMANDS and command not in _SAFE_MARKS:
            return False
    if "&" in _ENVIRONMENT.sub("", source) and "\\begin" not in source:
        return False
    return _nested(source)


def _balanced(source: str) -> bool:
    depth = 0
    for mark in _COMMAND.sub(lambda m: "" if m[1] in "{}\\" else m[0], source):
        depth += (mark == "{") - (mark == "}")
        if depth < 0:
            return False
    return depth == 0


def _nested(source: str) -> bool:
    """Whether every environment is a known one and is closed in order."""
    open_: list[str] = []
    for kind, name in _ENVIRONMENT.findall(source):
        if name not in ENVIRONMENTS:
            return False
        if kind == "begin":
            open_.append(name)
        elif not open_ or open_.pop() != name:
            return False
    return not open_
