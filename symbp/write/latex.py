r"""Layout trees as LaTeX mathematics.

Two dialects: ``TEX`` for xelatex, with a colour for each factor, and ``GITHUB`` for GitHub's
Markdown, which refuses ``\operatorname`` and ``\mbox`` and where colours are not relied on.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from symbp.core.names import GREEK
from symbp.write.formula import (
    BINARY,
    RELATIONS,
    Accent,
    Big,
    Brace,
    Call,
    Cases,
    Face,
    Fence,
    Foreign,
    Fraction,
    Joint,
    Mark,
    Node,
    Number,
    Product,
    Root,
    Row,
    Script,
    Sign,
    Slash,
    Source,
    Symbol,
    Tone,
    Words,
    joined,
    tall,
)
from symbp.write.phrases import plain

TONES = ("symbpA", "symbpB", "symbpC", "symbpD", "symbpE", "symbpF")
"""The colour names of the factors; the preamble of a document defines them."""


@dataclass(frozen=True)
class Dialect:
    """What differs between the places that print LaTeX mathematics."""

    colours: bool
    breakable: bool
    """Whether a long product may be broken between its factors."""


TEX = Dialect(colours=True, breakable=True)
GITHUB = Dialect(colours=False, breakable=False)

SIGNS = {
    "−": "-", "·": r"\cdot", "⊙": r"\odot", "×": r"\times", "∂": r"\partial", "≤": r"\leq",
    "≥": r"\geq", "≈": r"\approx", "≠": r"\neq", "∈": r"\in", "←": r"\leftarrow",
    "→": r"\rightarrow", "…": r"\dots", "⊤": r"\top", "∑": r"\sum", "‖": r"\|", "′": r"'",
    "⏎": r"\\",
}  # fmt: skip
WORDS = frozenset(["exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "max", "min"])
"""Functions that LaTeX has a command for."""
FENCES = {"‖": r"\|", "{": r"\{", "}": r"\}"}
_COMMAND = re.compile(r"\\[A-Za-z]+$")


def latex(node: Node, dialect: Dialect = GITHUB, lang: str = "en") -> str:
    r"""A layout tree as LaTeX, for use in mathematics mode.

    >>> latex(Script(Symbol("w"), Number("11"), Row((Sign("("), Number("1"), Sign(")")))))
    'w_{11}^{(1)}'
    """
    return Latex(dialect, lang)(node)


@dataclass(frozen=True)
class Latex:
    """The printer: one rule for each kind of node."""

    dialect: Dialect
    lang: str
    tight: bool = False
    """Whether it stands in a script, where signs take no space."""

    def __call__(self, node: Node) -> str:
        """The LaTeX of a node."""
        return _RULES[type(node)](self, node)

    def join(self, pieces: list[str]) -> str:
        """Pieces side by side, with a space where a command would swallow a letter."""
        text = ""
        for piece in pieces:
            if _COMMAND.search(text) and piece[:1].isalpha():
                text += " "
            text += piece
        return text

    def symbol(self, node: Symbol) -> str:
        """A letter in its face; words are set upright, letters of a word never as a product."""
        if node.name in GREEK:
            return f"\\boldsymbol{{\\{node.name}}}" if node.face is Face.BOLD else f"\\{node.name}"
        if node.face is Face.BOLD:
            return f"\\mathbf{{{escape(node.name)}}}"
        if node.face is Face.UPRIGHT:
            return f"\\{node.name}" if node.name in WORDS else f"\\mathrm{{{escape(node.name)}}}"
        return escape(node.name)

    def row(self, node: Row) -> str:
        """A row; signs bring their own space, except one that stands first."""
        pieces = [self(item) for item in node.items]
        if isinstance(node.items[0], Sign):
            pieces[0] = pieces[0].strip()
        return self.join(pieces)

    def sign(self, node: Sign) -> str:
        """An operator or a relation with a space on each side, a comma with one behind."""
        mark = SIGNS.get(node.mark, node.mark)
        if self.tight:
            return mark
        if node.mark in BINARY or node.mark in RELATIONS:
            return f" {mark} "
        return f"{mark} " if node.mark in ",;" else mark

    def product(self, node: Product) -> str:
        """Factors, and where they may be broken over lines."""
        pieces: list[str] = []
        for joint, factor in joined(node):
            if pieces:
                pieces.append(self.between(joint))
            pieces.append(self(factor))
        return self.join(pieces)

    def between(self, joint: Joint) -> str:
        """What stands between two factors."""
        mark = {Joint.TIGHT: "", Joint.THIN: r"\,", Joint.DOT: r" \cdot ",
                Joint.ENTRY: r" \odot "}[joint]
        return rf"\allowbreak{mark}" if self.dialect.breakable and mark else mark

    def fraction(self, node: Fraction) -> str:
        """A stacked fraction."""
        return f"\\frac{{{self(node.top)}}}{{{self(node.bottom)}}}"

    def slash(self, node: Slash) -> str:
        """A fraction on one line."""
        return f"{self(node.top)}/{self(node.bottom)}"

    def script(self, node: Script) -> str:
        """Subscript first, as LaTeX writers do."""
        sub = f"_{{{self.small(node.sub)}}}" if node.sub else ""
        sup = f"^{{{self.small(node.sup)}}}" if node.sup else ""
        return self(node.base) + sub + sup

    def small(self, node: Node) -> str:
        """What stands in a script."""
        return replace(self, tight=True)(node)

    def fence(self, node: Fence) -> str:
        """Delimiters that grow only where the content is tall."""
        left, right = (FENCES.get(mark, mark) for mark in (node.left, node.right))
        if tall(node.body):
            return f"\\left{left}{self(node.body)}\\right{right}"
        return self.join([left, self(node.body), right])

    def big(self, node: Big) -> str:
        """A sum with its index below."""
        mark = SIGNS[node.mark] + f"_{{{self.small(node.below)}}}"
        if node.above is not None:
            mark += f"^{{{self.small(node.above)}}}"
        return f"{mark} {self(node.body)}"

    def call(self, node: Call) -> str:
        """A function and its argument."""
        if node.fenced:
            return self(node.name) + self.fence(Fence(node.argument))
        return f"{self(node.name)} {self(node.argument)}"

    def cases(self, node: Cases) -> str:
        """A brace with a line for each case."""
        lines = (f"{self(body)} & {self(condition)}" for body, condition in node.rows)
        return r"\begin{cases} " + r" \\ ".join(lines) + r" \end{cases}"

    def tone(self, node: Tone) -> str:
        """A factor in its colour, where there are colours."""
        body = self(node.body)
        if not self.dialect.colours:
            return body
        return f"{{\\color{{{TONES[node.tone % len(TONES)]}}}{body}}}"

    def brace(self, node: Brace) -> str:
        """An underbrace with its label."""
        return f"\\underbrace{{{self(node.body)}}}_{{{self(node.label)}}}"

    def mark(self, node: Mark) -> str:
        """A frame around what is wrong."""
        return f"\\boxed{{{self(node.body)}}}"


def escape(text: str) -> str:
    """What a person wrote, as letters: nothing in it acts as LaTeX."""
    return "".join(_SPECIAL.get(c, c) for c in text)


_SPECIAL = {
    "\\": r"\backslash ", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%",
    "_": r"\_", "^": r"\hat{}", "~": r"\sim ", "\n": " ",
}  # fmt: skip

_RULES: dict[type, Callable[..., str]] = {
    Symbol: Latex.symbol,
    Number: lambda printer, node: node.digits,
    Sign: Latex.sign,
    Row: Latex.row,
    Product: Latex.product,
    Fraction: Latex.fraction,
    Slash: Latex.slash,
    Script: Latex.script,
    Fence: Latex.fence,
    Big: Latex.big,
    Root: lambda printer, node: f"\\sqrt{{{printer(node.body)}}}",
    Accent: lambda printer, node: f"\\{node.mark}{{{printer(node.body)}}}",
    Call: Latex.call,
    Cases: Latex.cases,
    Tone: Latex.tone,
    Brace: Latex.brace,
    Mark: Latex.mark,
    Words: lambda printer, node: f"\\text{{{plain(node.key, printer.lang)}}}",
    Foreign: lambda printer, node: node.latex,
    Source: lambda printer, node: node.latex,
}
