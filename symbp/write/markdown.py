r"""Documents as Markdown in GitHub's dialect.

Formulas stand in ``math`` fences and in $`…`$, which keep Markdown's hands off underscores and
stars; GitHub refuses ``\operatorname``, ``\mbox`` and ``\phantom``, and none of them is written.
There are no colours: underbraces name the factors.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import quote

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
from symbp.write.formula import Mark, Node, children
from symbp.write.graph import Edge, Graph, paths
from symbp.write.latex import GITHUB, latex
from symbp.write.phrases import PHRASES
from symbp.write.text import text as one_line

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$&:@])")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


def markdown(document: Document, lang: str = "en") -> str:
    """The document as a Markdown file."""
    return Markdown(lang).document(document)


def escape(text: str) -> str:
    """What a person wrote, as text: nothing in it acts as Markdown or HTML."""
    return _SPECIAL.sub(r"\\\1", _CONTROL.sub(" ", text))


@dataclass(frozen=True)
class Markdown:
    """The renderer for one language."""

    lang: str

    def document(self, document: Document) -> str:
        """The whole file."""
        parts = [f"<!-- {document.mark()} -->", f"# {self.cell(document.title)}",
                 *self.blocks(document.blocks, 2)]
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
        head = f"{'#' * min(level, 6)} {self.cell(section.title)}"
        return "\n\n".join([head, *self.blocks(section.blocks, level + 1)])

    def cell(self, cell: Cell) -> str:
        """A phrase, a formula inside text, or escaped text."""
        if isinstance(cell, str):
            return escape(cell)
        if isinstance(cell, Links):
            return " · ".join(f"[{escape(name)}]({quote(path)})" for name, path in cell.items)
        if isinstance(cell, Say):
            return self.words(cell)
        return self.inline(cell)

    def words(self, words: Say) -> str:
        """A phrase with its slots filled; a formula stands off from the words beside it."""
        slots = dict(words.slots)
        line = ""
        for text, slot in PHRASES[words.key].pieces(self.lang):
            line += text
            if slot:
                line += self._spaced(line, slots[slot])
        return line.replace("\u200b ", " ").replace("\u200b", "") .strip()

    def _spaced(self, before: str, slot: Node | str) -> str:
        if isinstance(slot, str):
            return escape(slot)
        return ("" if not before or before[-1] in " (" else " ") + self.inline(slot)

    def math(self, node: Node) -> str:
        """A formula, without its delimiters."""
        return latex(node, GITHUB, self.lang).strip()

    def inline(self, node: Node) -> str:
        """A formula inside text."""
        return f"$`{self.math(node)}`$"

    def display(self, body: str) -> str:
        """A formula on its own."""
        return f"```math\n{body}\n```"

    def paragraph(self, block: Paragraph) -> str:
        """A paragraph."""
        return self.words(block.words)

    def equations(self, block: Equations) -> str:
        """Lines aligned at the equals sign."""
        return self.display(_aligned(
            f"{self.math(left)} &{self.math(block.relation)} {self.math(right)}"
            for left, right in block.lines
        ))

    def steps(self, block: Steps) -> str:
        """Numbered lines with the rule's name behind each."""
        lines = []
        for number, line in enumerate(block.lines, 1):
            left = self.math(block.left) if number == 1 else ""
            rule = rf"&& ({number})\ \text{{{_in_text(self.words(line.rule))}}}"
            products = [self.math(product) for product in line.products]
            lines += [
                f"{left if n == 0 else ''} &{'=' if n == 0 else '+'} {product} "
                f"{rule if n == 0 else ''}".strip()
                for n, product in enumerate(products)
            ]
        return self.display(_aligned(lines))

    def boxed(self, block: Boxed) -> str:
        """The result in a frame."""
        first, *more = map(self.math, block.products)
        left = self.math(block.left)
        if not more:
            return self.display(rf"\boxed{{ {left} = {first} }}")
        lines = [f"{left} &= {first}", *(f"&+ {product}" for product in more)]
        return self.display(rf"\boxed{{ {_aligned(lines)} }}")

    def table(self, block: Table) -> str:
        """A table; the last row of a total is bold where it is text."""
        head = "| " + " | ".join(self.cell(cell) or " " for cell in block.head) + " |"
        rule = "|" + " --- |" * len(block.head)
        rows = ["| " + " | ".join(self.cell(c) or " " for c in row) + " |" for row in block.rows]
        return "\n".join([head, rule, *rows])

    def picture(self, block: Picture) -> str:
        """The backward path as a chain of arrows, one line for each path."""
        chains = [_chain(path, block.graph, self.math) for path in paths(block.graph)]
        lines = chains[0] if len(chains) == 1 else _aligned(f"& {c}" for c in chains)
        return f"{self.words(block.caption)}\n\n{self.display(lines)}"

    def checks(self, block: Checks) -> str:
        """Verdicts, one below the other."""
        return "\n\n".join(map(self.check, block.items))

    def check(self, check: Check) -> str:
        """One verdict."""
        place = f"**{' '.join(filter(None, [check.mark, self.words(check.outcome)]))}**"
        head = f"{place} {escape(check.place)}"
        written = (
            f"```\n{_CONTROL.sub(' ', check.formula).replace('```', '')}\n```"
            if isinstance(check.formula, str) else self.display(self.math(check.formula))
        )
        read = self.reading(check.read) if check.read is not None else ""
        remarks = [self.cell(check.reason), *map(self.cell, check.detail)]
        if check.expected is not None:
            remarks.insert(1, f"→ {self.inline(check.expected)}")
        return "\n\n".join(filter(None, [head, written, read, " · ".join(filter(None, remarks))]))

    def reading(self, node: Node) -> str:
        """How a formula was understood: one line of text; as mathematics where a piece is framed."""
        return self.display(self.math(node)) if _marked(node) else f"`{one_line(node, self.lang)}`"


def _marked(node: Node) -> bool:
    return isinstance(node, Mark) or any(map(_marked, children(node)))


def _aligned(lines: Iterable[str]) -> str:
    return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"


def _in_text(words: str) -> str:
    """A phrase inside \\text: its few marks that LaTeX would act on."""
    return re.sub(r"([%$#&_{}])", r"\\\1", words)


def _chain(path: list[Edge], graph: Graph, math: Callable[[Node], str]) -> str:
    labels = {v.name: math(v.label) for v in graph.vertices}
    return labels[path[0].start] + "".join(
        rf" \xrightarrow{{\;{math(edge.label)}\;}} {labels[edge.end]}" for edge in path
    )


_BLOCKS: dict[type, Callable[..., str]] = {
    Paragraph: Markdown.paragraph,
    Equations: Markdown.equations,
    Steps: Markdown.steps,
    Boxed: Markdown.boxed,
    Table: Markdown.table,
    Picture: Markdown.picture,
    Checks: Markdown.checks,
}
