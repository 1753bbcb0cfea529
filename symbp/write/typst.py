r"""Documents as Typst, and as PDF by the compiler in its wheel: no TeX, no network.

A formula stands in a line of text, so that a long sum may break at its signs; a long product is
broken between factors. The Chinese face is a subset that comes along (``faces/``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from symbp.write.document import (
    Block,
    Boxed,
    Cell,
    Check,
    Checks,
    Document,
    Equations,
    Links,
    Paragraph,
    Picture,
    Say,
    Section,
    Steps,
    Table,
)
from symbp.write.formula import Node, Source, broken
from symbp.write.phrases import PHRASES
from symbp.write.typst_math import string, typst_math
from symbp.write.typst_picture import typst_picture

PREAMBLE = """#set page(paper: "a4", margin: 2.2cm, numbering: "1")
#set text(font: ("Libertinus Serif", "symbp CJK"), size: 10.5pt, lang: "LANG")
#show math.equation: set text(font: ("New Computer Modern Math", "symbp CJK"))
#show raw: set text(font: ("DejaVu Sans Mono", "symbp CJK"), size: 8.5pt)
#set par(leading: 0.7em)
#let symbpA = rgb("#B2182B")
#let symbpB = rgb("#2166AC")
#let symbpC = rgb("#6A3D9A")
#let symbpD = rgb("#1B7837")
#let symbpE = rgb("#B35806")
#let symbpF = rgb("#01665E")
#let muted = rgb("#5F6368")
#let card = rgb("#F6F7F8")
#show heading: set block(above: 1.4em, below: 0.8em)
#let small(body) = text(size: 8.5pt, fill: muted, body)
#set table(stroke: none, inset: (x: 6pt, y: 5pt))
// a line is as high as what stands in it, so that fractions do not touch
#let lines(..given) = {
  set text(top-edge: "bounds", bottom-edge: "bounds")
  grid(column-gutter: 5pt, row-gutter: 9pt, ..given)
}
#let aligned = (right + horizon, center + horizon, left + horizon)
"""
IN_A_LINE = 7
"""How many factors of a product stand on one line."""
MOST_TOGETHER = 26
"""Up to how many rows a table stays on one page."""


class PdfError(RuntimeError):
    """No PDF can be made here; the message says what is needed."""


def pdf(document: Document, lang: str = "en") -> bytes:
    """The document as a PDF file. Raises :class:`PdfError` where Typst is not installed."""
    try:
        import typst as compiler
    except ModuleNotFoundError:
        raise PdfError("a PDF needs typst: pip install 'symbp[docs]'; .tex does not") from None
    faces = str(files("symbp.write").joinpath("faces"))
    source: Any = typst(document, lang).encode()
    made: bytes = compiler.compile(source, font_paths=[faces], ignore_system_fonts=True)
    return made


def typst(document: Document, lang: str = "en") -> str:
    """The document as a Typst file."""
    return Typst(lang).document(document)


@dataclass(frozen=True)
class Typst:
    """The renderer for one language."""

    lang: str

    def document(self, document: Document) -> str:
        """The whole file."""
        title = f"#text(size: 17pt, weight: \"bold\")[{self.cell(document.title)}]"
        rule = "#v(-4pt)#line(length: 100%, stroke: 0.6pt)"
        parts = [f"// {document.mark()}", PREAMBLE.replace("LANG", self.lang), title, rule,
                 *self.blocks(document.blocks, 1)]
        return "\n\n".join(parts) + "\n"

    def blocks(self, blocks: Iterable[Block], level: int) -> list[str]:
        """Blocks one after the other; ``level`` is that of the sections among them."""
        return [
            self.section(block, level) if isinstance(block, Section)
            else _BLOCKS[type(block)](self, block)
            for block in blocks
        ]

    def section(self, section: Section, level: int) -> str:
        """A titled part."""
        head = f"#heading(level: {min(level, 4)})[{self.cell(section.title)}]"
        return "\n\n".join([head, *self.blocks(section.blocks, level + 1)])

    def cell(self, cell: Cell) -> str:
        """A phrase, a formula inside text, or text that a person wrote."""
        if isinstance(cell, str):
            return f"#{string(cell)}" if cell else ""
        if isinstance(cell, Links):
            return " · ".join(self.cell(name) for name, _ in cell.items)
        if isinstance(cell, Say):
            return self.words(cell)
        return self.inline(cell)

    def words(self, words: Say) -> str:
        """A phrase with its slots filled."""
        slots = dict(words.slots)
        return "".join(
            (f"#{string(text)}" if text else "") + (self.cell(slots[slot]) if slot else "")
            for text, slot in PHRASES[words.key].pieces(self.lang)
        )

    def inline(self, node: Node) -> str:
        """A formula inside text."""
        return f"${typst_math(node, self.lang)}$"

    def shown(self, node: Node, before: str = "") -> str:
        """A formula in display size that may break like text."""
        pieces = [typst_math(piece, self.lang) for piece in broken(node, IN_A_LINE)]
        lines = [f"$display({before}{'' if n == 0 else 'quad '}{p})$" for n, p in enumerate(pieces)]
        return " #linebreak() ".join(lines)

    def paragraph(self, block: Paragraph) -> str:
        """A paragraph."""
        return self.words(block.words)

    def equations(self, block: Equations) -> str:
        """Lines aligned at the equals sign."""
        relation = typst_math(block.relation, self.lang)
        cells = [
            f"[{self.shown(left)}], [${{}} {relation}$], [{self.shown(right)}],".replace("${} ", "$")
            for left, right in block.lines
        ]
        return _grid("(auto, auto, 1fr)", "aligned", cells)

    def steps(self, block: Steps) -> str:
        """Numbered lines with the rule's name at the right margin."""
        cells = []
        for number, line in enumerate(block.lines, 1):
            left = self.shown(block.left) if number == 1 else ""
            for n, product in enumerate(line.products):
                rule = f"#small[{self.words(line.rule)}]" if n == 0 else ""
                place = f"#small[({number})]" if n == 0 else ""
                sign = "=" if n == 0 else "+"
                cells.append(
                    f"[{left if n == 0 else ''}], [${sign}$], [{self.shown(product)}], "
                    f"[{rule}], [{place}],"
                )
        where = "(..aligned, right + horizon, right + horizon)"
        return _grid("(auto, auto, 1fr, 3.4cm, auto)", where, cells)

    def boxed(self, block: Boxed) -> str:
        """The result in a frame, its products one below the other."""
        cells = []
        for n, product in enumerate(block.products):
            left = self.shown(block.left) if n == 0 else ""
            cells.append(f"[{left}], [${'=' if n == 0 else '+'}$], [{self.shown(product)}],")
        inside = _grid("(auto, auto, auto)", "aligned", cells)
        frame = "fill: card, stroke: 0.6pt + muted, radius: 4pt, inset: 10pt"
        return f"#align(center, block({frame})[#small[{self.words(block.label)}]\n{inside}])"

    def table(self, block: Table) -> str:
        """A ruled table; the last row of a total stands apart."""
        head = " ".join(f"[#small[{self.cell(cell)}]]," for cell in block.head)
        rows = [" ".join(f"[{self.cell(cell)}]," for cell in row) for row in block.rows]
        if block.total:
            rows.insert(len(rows) - 1, "table.hline(stroke: 0.5pt),")
        body = "\n".join(rows)
        whole = "false" if len(rows) <= MOST_TOGETHER else "true"
        return (
            f"#align(center, block(breakable: {whole}, table(columns: {len(block.head)}, "
            f"align: left + horizon,\ntable.hline(stroke: 0.8pt), table.header({head}), "
            f"table.hline(stroke: 0.5pt),\n{body}\ntable.hline(stroke: 0.8pt))))"
        )

    def picture(self, block: Picture) -> str:
        """The graph, and what it shows."""
        drawing = typst_picture(block.graph, lambda node: typst_math(node, self.lang))
        return f"#align(center)[{drawing} #v(-6pt) #small[{self.words(block.caption)}]]"

    def checks(self, block: Checks) -> str:
        """Verdicts, each with a mark, its place and its formula."""
        return "\n\n".join(map(self.check, block.items))

    def check(self, check: Check) -> str:
        """One verdict."""
        colour = "symbpD" if check.good else "symbpA"
        formula = (
            f"#raw({string(check.formula)})" if isinstance(check.formula, str)
            else f"#lines(columns: 1, [{self.shown(_readable(check))}])"
        )
        bold = f"fill: {colour}, weight: \"bold\""
        mark = f"#text({bold})[#{string(check.mark)} {self.words(check.outcome)}]"
        remarks = [self.cell(cell) for cell in (check.reason, *check.detail) if cell]
        if check.expected is not None:
            remarks.insert(min(1, len(remarks)), f"→ {self.inline(check.expected)}")
        said = " · ".join(remarks)
        return (
            f"#block(breakable: false, stroke: (left: 2.5pt + {colour}), inset: (left: 8pt, y: 3pt))"
            f"[{mark} #h(1em) #raw({string(check.place)}) #parbreak() {formula}"
            f"{f' #parbreak() {said}' if said else ''}]"
        )


def _readable(check: Check) -> Node:
    """The formula as mathematics: Typst cannot set LaTeX, but it can set how it was read."""
    assert not isinstance(check.formula, str)
    return check.read if isinstance(check.formula, Source) and check.read else check.formula


def _grid(columns: str, align: str, cells: list[str]) -> str:
    body = "\n".join(cells)
    return f"#lines(columns: {columns}, align: {align},\n{body}\n)"


_BLOCKS: dict[type, Callable[..., str]] = {
    Paragraph: Typst.paragraph,
    Equations: Typst.equations,
    Steps: Typst.steps,
    Boxed: Typst.boxed,
    Table: Typst.table,
    Picture: Typst.picture,
    Checks: Typst.checks,
}
