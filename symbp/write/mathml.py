"""Layout trees as MathML Core, which browsers set without a script.

Factors carry their tone as a class and as ``data-t``, so that a style sheet can colour one factor
everywhere. Everything that is text is escaped.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape as escape_html

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
from symbp.write.latex import TONES
from symbp.write.phrases import plain
from symbp.write.text import LETTERS

TIMES, APPLY = "\u2062", "\u2061"
"""Invisible: what a screen reader says between factors, and after a function's name."""
_JOINTS = {
    Joint.TIGHT: f"<mo>{TIMES}</mo>",
    Joint.THIN: f'<mo>{TIMES}</mo><mspace width="0.17em"/>',
    Joint.DOT: "<mo>·</mo>",
    Joint.ENTRY: "<mo>⊙</mo>",
}
_MARKS = {"hat": "^", "tilde": "~", "bar": "¯"}
_FENCES = frozenset("()[]|‖{}")
_BOLD = (("A", "Z", 0x1D400), ("a", "z", 0x1D41A), ("0", "9", 0x1D7CE), ("α", "ω", 0x1D6C2))


def escape(text: str) -> str:
    """Text in which nothing acts as markup, without control characters."""
    return escape_html("".join(c if c.isprintable() else " " for c in text))


def mathml(node: Node, lang: str = "en", *, display: bool = False) -> str:
    """A layout tree as a ``math`` element.

    >>> mathml(Symbol("x"))
    '<math><mi>x</mi></math>'
    """
    style = ' displaystyle="true"' if display else ""
    return f"<math{style}>{element(node, lang)}</math>"


def element(node: Node, lang: str) -> str:
    """The MathML of a node."""
    return _RULES[type(node)](node, lang)


def _symbol(node: Symbol, lang: str) -> str:
    letter = LETTERS[node.name] if node.name in GREEK else node.name
    if node.face is Face.BOLD:
        return f'<mi mathvariant="normal">{escape("".join(map(_bold, letter)))}</mi>'
    if node.face is Face.UPRIGHT and len(letter) == 1:
        return f'<mi mathvariant="normal">{escape(letter)}</mi>'
    return f"<mi>{escape(letter)}</mi>"


def _bold(letter: str) -> str:
    for first, last, start in _BOLD:
        if first <= letter <= last:
            return chr(start + ord(letter) - ord(first))
    return letter


def _sign(node: Sign, lang: str) -> str:
    if node.mark == "∂":
        return '<mi mathvariant="normal">∂</mi>'
    if node.mark in _FENCES:
        return f'<mo stretchy="false">{node.mark}</mo>'
    return f"<mo>{escape(node.mark)}</mo>"


def _row(node: Row, lang: str) -> str:
    return f"<mrow>{''.join(element(item, lang) for item in node.items)}</mrow>"


def _product(node: Product, lang: str) -> str:
    parts: list[str] = []
    for joint, factor in joined(node):
        parts += [_JOINTS[joint], element(factor, lang)] if parts else [element(factor, lang)]
    return f"<mrow>{''.join(parts)}</mrow>"


def _fraction(node: Fraction, lang: str) -> str:
    return f"<mfrac>{element(node.top, lang)}{element(node.bottom, lang)}</mfrac>"


def _slash(node: Slash, lang: str) -> str:
    top, bottom = element(node.top, lang), element(node.bottom, lang)
    return f'<mrow>{top}<mo lspace="0" rspace="0">/</mo>{bottom}</mrow>'


def _script(node: Script, lang: str) -> str:
    base = element(node.base, lang)
    sub = element(node.sub, lang) if node.sub is not None else ""
    sup = element(node.sup, lang) if node.sup is not None else ""
    tag = f"m{'sub' if sub else ''}{'sup' if sup else ''}"
    return f"<{tag}>{base}{_tight(sub)}{_tight(sup)}</{tag}>"


def _tight(small: str) -> str:
    """Signs in a script take no space."""
    for mark in (*BINARY, *RELATIONS):
        sign = f"<mo>{escape(mark)}</mo>"
        small = small.replace(sign, f'<mo lspace="0" rspace="0">{escape(mark)}</mo>')
    return small


def _fence(node: Fence, lang: str) -> str:
    grows = "" if tall(node.body) else ' stretchy="false"'
    body = element(node.body, lang)
    return (
        f'<mrow><mo form="prefix"{grows}>{escape(node.left)}</mo>{body}'
        f'<mo form="postfix"{grows}>{escape(node.right)}</mo></mrow>'
    )


def _big(node: Big, lang: str) -> str:
    below, mark = _tight(element(node.below, lang)), f'<mo movablelimits="false">{node.mark}</mo>'
    if node.above is None:
        head = f"<munder>{mark}{below}</munder>"
    else:
        head = f"<munderover>{mark}{below}{_tight(element(node.above, lang))}</munderover>"
    return f"<mrow>{head}{element(node.body, lang)}</mrow>"


def _accent(node: Accent, lang: str) -> str:
    mark = f'<mo stretchy="false">{_MARKS[node.mark]}</mo>'
    return f'<mover accent="true">{element(node.body, lang)}{mark}</mover>'


def _call(node: Call, lang: str) -> str:
    argument = Fence(node.argument) if node.fenced else node.argument
    space = "" if node.fenced else '<mspace width="0.17em"/>'
    name = element(node.name, lang)
    return f"<mrow>{name}<mo>{APPLY}</mo>{space}{element(argument, lang)}</mrow>"


def _cases(node: Cases, lang: str) -> str:
    rows = "".join(
        f"<mtr>{_cell(body, lang)}{_cell(condition, lang)}</mtr>" for body, condition in node.rows
    )
    return f'<mrow><mo form="prefix">{{</mo><mtable class="cases">{rows}</mtable></mrow>'


def _cell(node: Node, lang: str) -> str:
    return f'<mtd style="text-align:left">{element(node, lang)}</mtd>'


def _tone(node: Tone, lang: str) -> str:
    tone = node.tone % len(TONES)
    return f'<mrow class="t{tone}" data-t="{tone}">{element(node.body, lang)}</mrow>'


def _brace(node: Brace, lang: str) -> str:
    body = element(node.body, lang)
    braced = f'<munder accentunder="true"><mrow>{body}</mrow><mo stretchy="true">⏟</mo></munder>'
    return f"<munder>{braced}{element(node.label, lang)}</munder>"


def _text(content: str) -> str:
    return f"<mtext>{escape(content)}</mtext>"


_RULES: dict[type, Callable[..., str]] = {
    Symbol: _symbol,
    Number: lambda node, lang: f"<mn>{escape(node.digits)}</mn>",
    Sign: _sign,
    Row: _row,
    Product: _product,
    Fraction: _fraction,
    Slash: _slash,
    Script: _script,
    Fence: _fence,
    Big: _big,
    Root: lambda node, lang: f"<msqrt>{element(node.body, lang)}</msqrt>",
    Accent: _accent,
    Call: _call,
    Cases: _cases,
    Tone: _tone,
    Brace: _brace,
    Mark: lambda node, lang: f'<mrow class="wrong">{element(node.body, lang)}</mrow>',
    Words: lambda node, lang: _text(plain(node.key, lang)),
    Foreign: lambda node, lang: _text(node.text),
    Source: lambda node, lang: _text(node.latex),
}
