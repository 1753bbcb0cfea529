r"""Layout trees as Typst mathematics.

Letters and signs stand as themselves; whatever a person wrote is a string literal, in which nothing
acts as markup. Commas, brackets and slashes are escaped, for inside a call they would mean something.
"""

from __future__ import annotations

from collections.abc import Callable

from symbp.core.names import GREEK
from symbp.write.formula import (
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
from symbp.write.latex import TONES
from symbp.write.phrases import plain
from symbp.write.text import LETTERS

SIGNS = {
    "−": "minus", "·": "dot.op", "′": "prime", ",": r"\,", ";": r"\;", "/": r"\/", "(": r"\(",
    ")": r"\)", "[": r"\[", "]": r"\]", "{": r"\{", "}": r"\}", "|": "bar.v", "‖": "bar.v.double",
    "⊤": "top", "∑": "sum", "⏎": "\\\n", "_": r"\_", "^": r"\^", "&": r"\&", "#": r"\#", "$": r"\$",
    '"': r"\"", "\\": r"\\", "*": "*", ":": r"\:", "'": "prime", "=": "=", "<": "<", ">": ">",
    "+": "+", "…": "dots.h",
}  # fmt: skip
FENCES = {"‖": "bar.v.double", "|": "bar.v"}
ACCENTS = {"hat": "hat", "tilde": "tilde", "bar": "macron"}
JOINTS = {Joint.TIGHT: "", Joint.THIN: "thin", Joint.DOT: "dot.op", Joint.ENTRY: "dot.o"}
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": " ", "\r": " ", "\t": " "}


def string(text: str) -> str:
    r"""Text as a string literal.

    >>> print(string('a"b\\'))
    "a\"b\\"
    """
    return f'"{"".join(_ESCAPES.get(c, c) if c.isprintable() or c in _ESCAPES else " " for c in text)}"'


def typst_math(node: Node, lang: str = "en") -> str:
    """A layout tree as Typst, for use between dollars.

    >>> typst_math(Script(Symbol("w"), Number("11"), Row((Sign("("), Number("1"), Sign(")")))))
    'attach(w, b: 11, t: \\\\( 1 \\\\))'
    """
    return _RULES[type(node)](node, lang)


def _symbol(node: Symbol, lang: str) -> str:
    letter = LETTERS[node.name] if node.name in GREEK else node.name
    single = len(letter) == 1 and letter.isalpha()
    if node.face is Face.BOLD:
        return f"upright(bold({letter if single else string(letter)}))"
    if node.face is Face.UPRIGHT:
        return f"upright({string(letter)})"
    return letter if single else f"italic({string(letter)})"


def _sign(node: Sign, lang: str) -> str:
    known = SIGNS.get(node.mark)
    if known is not None:
        return known
    return node.mark if len(node.mark) == 1 and not node.mark.isalnum() else string(node.mark)


def _row(node: Row, lang: str) -> str:
    return " ".join(typst_math(item, lang) for item in node.items)


def _product(node: Product, lang: str) -> str:
    parts: list[str] = []
    for joint, factor in joined(node):
        if parts and JOINTS[joint]:
            parts.append(JOINTS[joint])
        parts.append(typst_math(factor, lang))
    return " ".join(parts)


def _script(node: Script, lang: str) -> str:
    sub = f", b: {typst_math(node.sub, lang)}" if node.sub is not None else ""
    sup = f", t: {typst_math(node.sup, lang)}" if node.sup is not None else ""
    return f"attach({typst_math(node.base, lang)}{sub}{sup})"


def _fence(node: Fence, lang: str) -> str:
    left, right = (FENCES.get(mark, f"\\{mark}") for mark in (node.left, node.right))
    body = f"{left} {typst_math(node.body, lang)} {right}"
    return f"lr({body})" if tall(node.body) else body


def _big(node: Big, lang: str) -> str:
    above = f", t: {typst_math(node.above, lang)}" if node.above is not None else ""
    head = f"attach(limits({SIGNS[node.mark]}), b: {typst_math(node.below, lang)}{above})"
    return f"{head} {typst_math(node.body, lang)}"


def _call(node: Call, lang: str) -> str:
    argument = typst_math(Fence(node.argument) if node.fenced else node.argument, lang)
    return f"{typst_math(node.name, lang)} {'' if node.fenced else 'thin '}{argument}"


def _cases(node: Cases, lang: str) -> str:
    rows = (f"{typst_math(a, lang)} quad {typst_math(b, lang)}" for a, b in node.rows)
    return f"cases({', '.join(rows)})"


def _tone(node: Tone, lang: str) -> str:
    return f"text(fill: #{TONES[node.tone % len(TONES)]}, {typst_math(node.body, lang)})"


def _mark(node: Mark, lang: str) -> str:
    return (
        f"#box(stroke: 0.9pt + symbpA, inset: (x: 3pt), outset: (y: 4pt))"
        f"[${typst_math(node.body, lang)}$]"
    )


_RULES: dict[type, Callable[..., str]] = {
    Symbol: _symbol,
    Number: lambda node, lang: node.digits if node.digits.isdecimal() else string(node.digits),
    Sign: _sign,
    Row: _row,
    Product: _product,
    Fraction: lambda node, lang: f"frac({typst_math(node.top, lang)}, {typst_math(node.bottom, lang)})",
    Slash: lambda node, lang: rf"{typst_math(node.top, lang)} \/ {typst_math(node.bottom, lang)}",
    Script: _script,
    Fence: _fence,
    Big: _big,
    Root: lambda node, lang: f"sqrt({typst_math(node.body, lang)})",
    Accent: lambda node, lang: f"{ACCENTS[node.mark]}({typst_math(node.body, lang)})",
    Call: _call,
    Cases: _cases,
    Tone: _tone,
    Brace: lambda node, lang: (
        f"underbrace({typst_math(node.body, lang)}, {typst_math(node.label, lang)})"
    ),
    Mark: _mark,
    Words: lambda node, lang: string(plain(node.key, lang)),
    Foreign: lambda node, lang: string(node.text),
    Source: lambda node, lang: f"#raw({string(node.latex)})",
}
