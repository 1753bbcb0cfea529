"""Documents as one HTML file that needs nothing else: no network, no script, no font to install.

Both languages are in the file and a switch without a script chooses; pointing at a factor dims the
others, by style sheet alone. Formulas are MathML; the picture is SVG lines under MathML labels.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.resources import files
from urllib.parse import quote

from symbp.write.document import (
    Block,
    Boxed,
    Cell,
    Check,
    Checks,
    Document,
    Equations,
    Line,
    Links,
    Paragraph,
    Picture,
    Say,
    Section,
    Steps,
    Table,
)
from symbp.write.formula import Node, Source, broken
from symbp.write.mathml import escape, mathml
from symbp.write.phrases import LANGUAGES, PHRASES
from symbp.write.svg import picture

IN_A_LINE = 7
"""How many factors of a boxed result stand on one line."""
_HOME = files("symbp.write")


def html(document: Document, lang: str = "en") -> str:
    """The document as a page that opens in ``lang`` and holds both languages."""
    return Html().document(document, lang)


def style() -> str:
    """The style sheet, with the face for mathematics in it."""
    face = base64.b64encode(_HOME.joinpath("faces", "math.woff2").read_bytes()).decode()
    sheet = _HOME.joinpath("faces", "page.css").read_text(encoding="utf-8")
    return sheet.replace("MATH_FACE", f"data:font/woff2;base64,{face}")


@dataclass(frozen=True)
class Html:
    """The renderer: words in both languages, formulas once."""

    def document(self, document: Document, lang: str) -> str:
        """The whole page."""
        checked = {each: " checked" if each == lang else "" for each in LANGUAGES}
        switch = "".join(
            f'<input type="radio" name="lang" id="{each}"{checked[each]}>'
            f'<label for="{each}">{name}</label>'
            for each, name in (("en", "EN"), ("zh", "中文"))
        )
        title = self.cell(document.title)
        return "\n".join([
            f'<!-- {document.mark()} --><!doctype html>',
            f'<html lang="{lang}"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width,initial-scale=1">',
            f"<title>{escape(_plain(document.title, lang))}</title>",
            f"<style>{style()}</style></head><body>",
            f'<header><h1>{title}</h1><fieldset class="switch">'
            f'<legend>{self.words(Say("language"))}</legend>{switch}</fieldset></header>',
            "<main>", *self.blocks(document.blocks, 2), "</main></body></html>",
        ]) + "\n"

    def blocks(self, blocks: Iterable[Block], level: int) -> list[str]:
        """Blocks one after the other; ``level`` is that of the headings among them."""
        return [
            self.section(block, level) if isinstance(block, Section)
            else _BLOCKS[type(block)](self, block)
            for block in blocks
        ]

    def section(self, section: Section, level: int) -> str:
        """A titled part."""
        tag = f"h{min(level, 6)}"
        body = "\n".join(self.blocks(section.blocks, level + 1))
        return f"<section><{tag}>{self.cell(section.title)}</{tag}>\n{body}</section>"

    def cell(self, cell: Cell) -> str:
        """A phrase in both languages, a formula, or escaped text."""
        if isinstance(cell, str):
            return escape(cell)
        if isinstance(cell, Links):
            return " · ".join(
                f'<a href="{quote(path)}">{escape(name)}</a>' for name, path in cell.items
            )
        return self.words(cell) if isinstance(cell, Say) else self.math(cell)

    def words(self, words: Say) -> str:
        """A phrase in each language; the style sheet shows one."""
        slots = dict(words.slots)
        return "".join(
            f'<span lang="{lang}">' + "".join(
                escape(text) + (self.cell(slots[slot]) if slot else "")
                for text, slot in PHRASES[words.key].pieces(lang)
            ) + "</span>"
            for lang in LANGUAGES
        )

    def math(self, node: Node, *, display: bool = False) -> str:
        """A formula; one that somebody wrote in LaTeX is shown as it was written."""
        if isinstance(node, Source):
            return f"<code>{escape(node.latex)}</code>"
        return mathml(node, display=display)

    def paragraph(self, block: Paragraph) -> str:
        """A paragraph."""
        return f"<p>{self.words(block.words)}</p>"

    def equations(self, block: Equations) -> str:
        """Lines aligned at the equals sign."""
        relation = self.math(block.relation)
        rows = "".join(
            f'<tr><td>{self.math(left, display=True)}</td><td>{relation}</td>'
            f"<td>{self.math(right, display=True)}</td></tr>"
            for left, right in block.lines
        )
        return f'<div class="wide"><table class="equations">{rows}</table></div>'

    def steps(self, block: Steps) -> str:
        """Numbered lines; the name of a rule opens and says why."""
        left = f'<div class="left">{self.math(block.left, display=True)}</div>'
        lines = (
            f'<li>{left if n == 0 else "<div></div>"}'
            f'<div class="right">{self.sum(line.products)}</div>{self.why(line)}</li>'
            for n, line in enumerate(block.lines)
        )
        return f'<ol class="steps">{"".join(lines)}</ol>'

    def sum(self, products: Iterable[Node]) -> str:
        """``= product + product``, each on its line."""
        return "<br>".join(
            f'<span class="sign">{"+" if n else "="}</span> {self.math(product, display=True)}'
            for n, product in enumerate(products)
        )

    def why(self, line: Line) -> str:
        """The rule, and behind it the reason and the equation it was applied to."""
        used = "".join(f"<div>{self.math(node)}</div>" for node in line.used)
        why = self.words(Say(f"why {line.rule.key.removeprefix('rule ')}"))
        return (
            f'<details class="why"><summary>{self.words(line.rule)}</summary>'
            f"<div>{why}{used}</div></details>"
        )

    def boxed(self, block: Boxed) -> str:
        """The result in a card."""
        lines = "<br>".join(
            f'{"<span class=sign>+</span> " if n else ""}'
            + "<br>".join(self.math(part, display=True) for part in broken(product, IN_A_LINE))
            for n, product in enumerate(block.products)
        )
        left = self.math(block.left, display=True)
        return (
            f'<div class="result wide"><div class="label">{self.words(block.label)}</div>'
            f'<div class="sides"><div>{left} <span class="sign">=</span></div>'
            f"<div>{lines}</div></div></div>"
        )

    def table(self, block: Table) -> str:
        """A table with its head."""
        head = "".join(f'<th scope="col">{self.cell(cell)}</th>' for cell in block.head)
        rows = "".join(
            f"<tr>{''.join(f'<td>{self.cell(cell)}</td>' for cell in row)}</tr>"
            for row in block.rows
        )
        total = ' class="total"' if block.total else ""
        return (
            f'<div class="wide"><table{total}><thead><tr>{head}</tr></thead>'
            f"<tbody>{rows}</tbody></table></div>"
        )

    def picture(self, block: Picture) -> str:
        """The graph with its caption."""
        drawing = picture(block.graph, self.math)
        return (
            f'<figure><div class="wide">{drawing}</div>'
            f"<figcaption>{self.words(block.caption)}</figcaption></figure>"
        )

    def checks(self, block: Checks) -> str:
        """Verdicts, one below the other."""
        return "".join(map(self.check, block.items))

    def check(self, check: Check) -> str:
        """One verdict: a sign, a word and a colour; the formula as read, and as written."""
        written = (
            f"<code>{escape(check.formula)}</code>" if isinstance(check.formula, str)
            else self.math(check.formula)
        )
        read = f"{self.math(check.read, display=True)}" if check.read is not None else ""
        expected = ""
        if check.expected is not None:
            expected = f'<span class="sign">→</span> {self.math(check.expected, display=True)}'
        remarks = " · ".join(self.cell(cell) for cell in (check.reason, *check.detail) if cell)
        look = "plain" if check.mark == "" else "good" if check.good else "bad"
        return (
            f'<div class="check {look}"><b>{check.mark} {self.words(check.outcome)}</b>'
            f"<small>{escape(check.place)}</small>{read}{written}"
            f"{expected}<em>{remarks}</em></div>"
        )


def _plain(title: Cell, lang: str) -> str:
    """A title without formulas, for the window."""
    if isinstance(title, str):
        return title
    if isinstance(title, Say):
        return "".join(text for text, _ in PHRASES[title.key].pieces(lang))
    return "symbp"


_BLOCKS: dict[type, Callable[..., str]] = {
    Paragraph: Html.paragraph,
    Equations: Html.equations,
    Steps: Html.steps,
    Boxed: Html.boxed,
    Table: Html.table,
    Picture: Html.picture,
    Checks: Html.checks,
}
