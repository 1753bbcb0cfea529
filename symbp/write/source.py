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
        "bigl", "bigr", "Bigl", "Bigr", "big", "Big", "sum", "prod", "sqrt",
        "log", "ln", "exp", "sin", "cos", "tan", "sinh", "cosh", "tanh", "sech", "max", "min",
        "argmax", "argmin", "lim", "hat", "bar", "tilde", "vec", "dot", "overline", "widehat",
        "mathbf", "boldsymbol", "mathrm", "mathit", "mathcal", "mathbb", "mathsf", "text",
        "textbf", "textit", "rm", "bf", "it", "quad", "qquad", "le", "leq", "ge", "geq", "lt",
        "gt", "ne", "neq", "approx", "equiv", "sim", "propto", "in", "to", "rightarrow",
        "leftarrow", "gets", "coloneqq", "triangleq", "Rightarrow", "Leftarrow", "iff",
        "implies", "mapsto", "top", "prime",
        "infty", "nabla", "ell", "forall", "ldots", "cdots", "dots", "vdots", "underbrace",
        "overbrace", "lVert", "rVert", "lvert", "rvert", "Vert", "vert", "langle", "rangle",
        "mid", "nonumber", "displaystyle", "limits", "ast", "star", "neg",
        "lnot", "land", "lor", "hbar",
    ]
)
ENVIRONMENTS = frozenset(
    ["aligned", "cases", "matrix", "pmatrix", "bmatrix", "vmatrix", "split", "gathered"]
)
_TOKEN = re.compile(
    r"\\(?P<env>begin|end)\s*\{(?P<name>[^{}]*)\}"
    r"|\\(?P<fence>left|right)\s*(?P<delimiter>[()\[\]|./<>]|\\[{}|]|\\[lr](?:angle|[vV]ert))?"
    r"|\\(?P<command>[A-Za-z]+|.)|(?P<brace>[{}])|(?P<tab>&)",
    re.DOTALL,
)
_MARKS = frozenset(",;:! {}|")
_FORBIDDEN = re.compile(r"[%#$~`\x00-\x08\x0b-\x1f\x7f]|\^\^|\n\s*\n")


def formula_as_written(source: str) -> Source | str:
    r"""The formula if it is plain mathematics, else its text.

    >>> formula_as_written(r"\frac{\partial E}{\partial w}"), formula_as_written(r"\input{x}")
    (Source(latex='\\frac{\\partial E}{\\partial w}'), '\\input{x}')
    """
    tidy = source.strip()
    return Source(tidy) if _is_mathematics(tidy) else tidy


def _is_mathematics(source: str) -> bool:
    """Known commands only, everything that opens closed in order, lines only in environments."""
    if not source or _FORBIDDEN.search(source):
        return False
    open_: list[str] = []
    for token in _TOKEN.finditer(source):
        if not _accept(token, open_):
            return False
    return not open_


def _accept(token: re.Match[str], open_: list[str]) -> bool:
    """Whether a token may stand where it does; ``open_`` holds what has to be closed."""
    if token["env"]:
        if token["name"] not in ENVIRONMENTS:
            return False
        return _opens(open_, token["name"]) if token["env"] == "begin" else _closes(
            open_, token["name"]
        )
    if token["fence"]:
        if token["delimiter"] is None:
            return False
        return _opens(open_, "left") if token["fence"] == "left" else _closes(open_, "left")
    if token["brace"]:
        return _opens(open_, "{") if token["brace"] == "{" else _closes(open_, "{")
    if token["tab"] or token["command"] == "\\":
        return bool(open_) and open_[-1] in ENVIRONMENTS
    return token["command"] in COMMANDS or token["command"] in _MARKS


def _opens(open_: list[str], what: str) -> bool:
    open_.append(what)
    return True


def _closes(open_: list[str], what: str) -> bool:
    return bool(open_) and open_.pop() == what
