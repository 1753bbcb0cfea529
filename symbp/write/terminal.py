"""Documents as plain Unicode text, for a terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

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
from symbp.write.graph import paths
from symbp.write.phrases import PHRASES
from symbp.write.text import text

INDENT = "  "


def terminal(document: Document, lang: str = "en") -> str:
    """The document as lines of text, each formula on one line."""
    return Terminal(lang).document(document)


def width(line: str) -> int:
    """How many columns a terminal gives a line: Chinese characters take two, accents none."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in line
    )


@dataclass(frozen=True)
class Terminal:
    """The renderer for one language."""

    lang: str

    def document(self, document: Document) -> str:
        """The whole text."""
        title = self.cell(document.title)
        blocks = self.blocks(document.blocks, 0)
        return "\n\n".join([f"{title}\n{'═' * width(title)}", *blocks]) + "\n"

    def blocks(self, blocks: Iterable[Block], level: int) -> list[str]:
        """Blocks one after the other."""
        return [
            self.section(block, level) if isinstance(block, Section)
            else _BLOCKS[type(block)](self, block)
            for block in blocks
        ]

    def section(self, section: Section, level: int) -> str:
        """A titled part."""
        title = self.cell(section.title)
        head = f"{title}\n{'─' * width(title)}" if level == 0 else title
        return "\n\n".join([head, *self.blocks(section.blocks, level + 1)])

    def cell(self, cell: Cell) -> str:
        """A phrase, a formula, or text without control characters."""
        if isinstance(cell, str):
            return "".join(c if c.isprintable() else " " for c in cell)
        if isinstance(cell, Links):
            return " · ".join(self.cell(name) for name, _ in cell.items)
        if isinstance(cell, Say):
            return self.words(cell)
        return text(cell, self.lang)

    def words(self, words: Say) -> str:
        """A phrase with its slots filled."""
        slots = dict(words.slots)
        pieces = PHRASES[words.key].pieces(self.lang)
        return "".join(piece + (self.cell(slots[slot]) if slot else "") for piece, slot in pieces)

    def paragraph(self, block: Paragraph) -> str:
        """A paragraph on one line: the terminal wraps it."""
        return self.words(block.words)

    def equations(self, block: Equations) -> str:
        """Lines aligned at the equals sign."""
        relation = text(block.relation, self.lang).strip()
        return _columns(
            [[self.cell(left), f"{relation} {self.cell(right)}"] for left, right in block.lines],
            right_first=True,
        )

    def steps(self, block: Steps) -> str:
        """Numbered lines with the rule's name behind."""
        rows = []
        for number, line in enumerate(block.lines, 1):
            left = self.cell(block.left) if number == 1 else ""
            for n, product in enumerate(line.products):
                body = f"{'+' if n else '='} {self.cell(product)}"
                notes = ["", ""] if n else [f"  {self.words(line.rule)}", f"({number})"]
                rows.append(["" if n else left, body, *notes])
        return _columns(rows, right_first=True)

    def boxed(self, block: Boxed) -> str:
        """The result in a frame."""
        products = [self.cell(product) for product in block.products]
        left = f"{self.cell(block.left)} = "
        lines = [left + products[0], *(f"{' ' * (width(left) - 2)}+ {p}" for p in products[1:])]
        wide = max(map(width, lines))
        middle = [f"│ {line}{' ' * (wide - width(line))} │" for line in lines]
        framed = ["┌" + "─" * (wide + 2) + "┐", *middle, "└" + "─" * (wide + 2) + "┘"]
        return "\n".join(INDENT + line for line in framed)

    def table(self, block: Table) -> str:
        """Columns under their heads."""
        rows = [[self.cell(cell) for cell in row] for row in (block.head, *block.rows)]
        return _columns(rows, rule=True)

    def picture(self, block: Picture) -> str:
        """The backward path as a chain of arrows, one line for each path."""
        labels = {v.name: text(v.label, self.lang) for v in block.graph.vertices}
        lines = [
            labels[path[0].start] + "".join(
                f" ─[{text(edge.label, self.lang)}]→ {labels[edge.end]}" for edge in path
            )
            for path in paths(block.graph)
        ]
        return "\n".join(INDENT + line for line in lines)

    def checks(self, block: Checks) -> str:
        """Verdicts, one below the other."""
        return "\n".join(map(self.check, block.items))

    def check(self, check: Check) -> str:
        """One verdict."""
        formula = check.formula if check.read is None else check.read
        parts = [check.mark, self.cell(check.place), self.words(check.outcome),
                 self.cell(formula), self.cell(check.reason),
                 self.cell(check.expected) if check.expected is not None else "",
                 *map(self.cell, check.detail)]
        return INDENT + "  ".join(filter(None, parts))


def _columns(
    rows: Sequence[Sequence[str]], *, right_first: bool = False, rule: bool = False
) -> str:
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [cell + " " * (w - width(cell)) for cell, w in zip(row, widths, strict=True)]
        if right_first:
            cells[0] = " " * (widths[0] - width(row[0])) + row[0]
        lines.append(INDENT + (" " if right_first else "  ").join(cells).rstrip())
    if rule:
        lines.insert(1, INDENT + "─" * (sum(widths) + 2 * len(widths) - 2))
    return "\n".join(lines)


_BLOCKS: dict[type, Callable[..., str]] = {
    Paragraph: Terminal.paragraph,
    Equations: Terminal.equations,
    Steps: Terminal.steps,
    Boxed: Terminal.boxed,
    Table: Terminal.table,
    Picture: Terminal.picture,
    Checks: Terminal.checks,
}
