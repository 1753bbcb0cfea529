r"""Documents as .tex for a stock xelatex: ctex for Chinese, TikZ for the picture, no shell escape.

Long products may break between their factors, because a formula line is a paragraph in
mathematics mode; what cannot break (a boxed result, a picture) is scaled to the line. So no line
runs into the margin, however deep the network is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
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
from symbp.write.formula import Node, broken
from symbp.write.latex import TEX, latex
from symbp.write.phrases import PHRASES
from symbp.write.tikz import tikz

LEVELS = ("section", "subsection", "subsubsection")

PREAMBLE = r"""\documentclass[11pt]{article}
\usepackage[a4paper,margin=2.3cm]{geometry}
\usepackage{amsmath,amssymb,graphicx,array,longtable,booktabs,xcolor,tikz}
\usepackage[UTF8,fontset=fandol,scheme=plain,heading=false]{ctex}
\definecolor{symbpA}{HTML}{B2182B}
\definecolor{symbpB}{HTML}{2166AC}
\definecolor{symbpC}{HTML}{6A3D9A}
\definecolor{symbpD}{HTML}{1B7837}
\definecolor{symbpE}{HTML}{B35806}
\definecolor{symbpF}{HTML}{01665E}
\definecolor{symbpmuted}{HTML}{5F6368}
\definecolor{symbpcard}{HTML}{F6F7F8}
\setlength{\parindent}{0pt}\setlength{\parskip}{5pt plus 2pt}
\setlength{\LTpre}{3pt}\setlength{\LTpost}{3pt}\setlength{\LTleft}{0pt}\setlength{\LTright}{0pt}
\setlength{\emergencystretch}{3em}
\relpenalty=0 \binoppenalty=100
\newlength{\symbpleft}\newlength{\symbpside}
\newsavebox{\symbpbox}
% the widest left side of the lines below
\newcommand{\symbpwiden}[1]{\settowidth{\symbpside}{#1}%
  \ifdim\symbpside>\symbpleft\setlength{\symbpleft}{\symbpside}\fi}
% what cannot break is scaled to the line
\newcommand{\symbpfit}[1]{\sbox{\symbpbox}{#1}%
  \ifdim\wd\symbpbox>\linewidth\resizebox{\linewidth}{!}{\usebox{\symbpbox}}%
  \else\usebox{\symbpbox}\fi}
\newcommand{\symbprule}[1]{\footnotesize\textcolor{symbpmuted}{#1}}
\newcommand{\symbpstrut}{\rule[-1.1ex]{0pt}{3.4ex}}
\newcolumntype{H}[1]{>{\raggedright\arraybackslash\hangindent=1.6em\hangafter=1}p{#1}}
\newcolumntype{R}[1]{>{\raggedleft\arraybackslash}p{#1}}
"""

IN_A_LINE = 7
"""How many factors of a boxed result stand on one line."""
MOST_TOGETHER = 26
"""Up to how many rows a table stays on one page."""
NEXT_LINE = r"\\\noalign{\vskip5pt}" + "\n"
"""Between the lines of a derivation, so that fractions do not touch."""

_TEXT = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#",
    "%": r"\%", "_": r"\_", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", "`": r"\textasciigrave{}",
    '"': r"\textquotedbl{}", "'": r"\textquotesingle{}", "-": "{-}",
    "∂": r"$\partial$", "η": r"$\eta$", "δ": r"$\delta$", "σ": r"$\sigma$", "Σ": r"$\Sigma$",
}  # fmt: skip
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def tex(document: Document, lang: str = "en") -> str:
    """The document as a .tex file."""
    return Tex(lang).document(document)


def escape(text: str) -> str:
    """What a person wrote, as text: nothing in it acts as LaTeX."""
    return "".join(_TEXT.get(c, c) for c in _CONTROL.sub(" ", text))


@dataclass(frozen=True)
class Tex:
    """The renderer for one language."""

    lang: str

    def document(self, document: Document) -> str:
        """The whole file."""
        title = rf"{{\LARGE\bfseries {self.cell(document.title)}\par}}\vspace{{4pt}}\hrule"
        parts = [f"% {document.mark()}", PREAMBLE + r"\begin{document}", title,
                 *self.blocks(document.blocks, 0), r"\end{document}"]
        return "\n".join(parts) + "\n"

    def blocks(self, blocks: Iterable[Block], level: int) -> list[str]:
        """Blocks one after the other; ``level`` is that of the sections among them."""
        return [
            self.section(block, level) if isinstance(block, Section)
            else _BLOCKS[type(block)](self, block)
            for block in blocks
        ]

    def section(self, section: Section, level: int) -> str:
        """A titled part."""
        head = rf"\{LEVELS[min(level, len(LEVELS) - 1)]}*{{{self.cell(section.title)}}}"
        return "\n".join([head, *self.blocks(section.blocks, level + 1)])

    def cell(self, cell: Cell) -> str:
        """A phrase, a formula inside text, or escaped text."""
        if isinstance(cell, str):
            return escape(cell)
        if isinstance(cell, Links):
            return " · ".join(escape(name) for name, _ in cell.items)
        if isinstance(cell, Say):
            return self.words(cell)
        return f"${self.math(cell)}$"

    def words(self, words: Say) -> str:
        """A phrase with its slots filled."""
        slots = dict(words.slots)
        pieces = PHRASES[words.key].pieces(self.lang)
        return "".join(
            _prose(text) + (self.cell(slots[slot]) if slot else "") for text, slot in pieces
        )

    def math(self, node: Node) -> str:
        """A formula, without the dollars."""
        return latex(node, TEX, self.lang).strip()

    def shown(self, node: Node) -> str:
        """A formula in display size, inside a paragraph."""
        return rf"$\displaystyle {self.math(node)}$"

    def paragraph(self, block: Paragraph) -> str:
        """A paragraph."""
        return self.words(block.words) + r"\par"

    def equations(self, block: Equations) -> str:
        """Lines aligned at the equals sign; a long right side breaks and hangs."""
        relation = self.math(block.relation)
        rows = [
            rf"{self.shown(left)} & $\displaystyle{{}}{relation} {self.math(right)}$\symbpstrut"
            for left, right in block.lines
        ]
        columns = (
            r"@{}R{\symbpleft}@{\;}"
            r"H{\dimexpr\linewidth-\symbpleft-1em\relax}@{}"
        )
        return self._aligned([left for left, _ in block.lines], columns, rows)

    def steps(self, block: Steps) -> str:
        """Numbered lines with the rule's name at the right margin."""
        rows = []
        for number, line in enumerate(block.lines, 1):
            left = self.shown(block.left) if number == 1 else ""
            body = r"\newline ".join(
                rf"$\displaystyle{{}}{'=' if n == 0 else '+'}{self.math(product)}$"
                for n, product in enumerate(line.products)
            )
            rows.append(
                rf"{left} & {body}\symbpstrut & \symbprule{{{self.words(line.rule)}}}"
                rf" & \symbprule{{({number})}}"
            )
        columns = (
            r"@{}R{\symbpleft}@{\;}"
            r"H{\dimexpr\linewidth-\symbpleft-4.6cm\relax}@{\quad}R{3cm}@{\quad}R{0.6cm}@{}"
        )
        return self._aligned([block.left], columns, rows)

    def _aligned(self, lefts: Iterable[Node], columns: str, rows: list[str]) -> str:
        widths = [rf"\symbpwiden{{{self.shown(left)}}}" for left in dict.fromkeys(lefts)]
        return "\n".join(
            [r"\setlength{\symbpleft}{0pt}%", *(f"{w}%" for w in widths),
             rf"\begin{{longtable}}{{{columns}}}", NEXT_LINE.join(rows), r"\end{longtable}"]
        )

    def boxed(self, block: Boxed) -> str:
        """The result in a frame, its products one below the other."""
        left = self.math(block.left)
        first, *more = (
            r" \\ &\quad{}".join(map(self.math, broken(product, IN_A_LINE)))
            for product in block.products
        )
        lines = [rf"{left} ={{}}& {first}", *(rf"&{{}}+ {product}" for product in more)]
        aligned = r"\begin{aligned} " + r" \\[6pt] ".join(lines) + r" \end{aligned}"
        label = rf"\symbprule{{{self.words(block.label)}}}"
        return (
            r"\begin{center}\symbpfit{\tikz\node[draw=symbpmuted!60,fill=symbpcard,"
            rf"rounded corners=4pt,inner sep=9pt]{{{label}\quad $\displaystyle {aligned}$}};}}"
            r"\end{center}"
        )

    def table(self, block: Table) -> str:
        """A ruled table: one piece, scaled to the line, or over pages where it is long."""
        rows = [self._row(cells) for cells in block.rows]
        if block.total:
            rows[-1] = r"\midrule " + rows[-1]
        columns = "@{}" + "l" * len(block.head) + "@{}"
        head = " & ".join(rf"\symbprule{{{self.cell(cell)}}}" for cell in block.head)
        if len(rows) <= MOST_TOGETHER:
            return "\n".join(
                [rf"\begin{{center}}\symbpfit{{\begin{{tabular}}{{{columns}}}\toprule",
                 rf"{head}\\\midrule", *rows, r"\bottomrule\end{tabular}}\end{center}"]
            )
        return "\n".join(
            [r"{\setlength{\LTleft}{\fill}\setlength{\LTright}{\fill}",
             rf"\begin{{longtable}}{{{columns}}}\toprule",
             rf"{head}\\\midrule\endhead", *rows, r"\bottomrule\end{longtable}}"]
        )

    def _row(self, cells: tuple[Cell, ...]) -> str:
        return " & ".join(map(self.cell, cells)) + r"\symbpstrut\\\noalign{\vskip2pt}"

    def picture(self, block: Picture) -> str:
        """The graph, scaled to the line where it is wider."""
        drawing = tikz(block.graph, self.math)
        return (
            rf"\begin{{center}}\symbpfit{{{drawing}}}\\[2pt]"
            rf"\symbprule{{{self.words(block.caption)}}}\end{{center}}"
        )

    def checks(self, block: Checks) -> str:
        """Verdicts, each with a mark, its place and its formula."""
        return "\n".join(map(self.check, block.items))

    def check(self, check: Check) -> str:
        """One verdict."""
        colour, mark = ("symbpD", r"\checkmark") if check.good else ("symbpA", r"\times")
        formula = (
            rf"\texttt{{{escape(check.formula)}}}" if isinstance(check.formula, str)
            else self.shown(check.formula)
        )
        reason = " · ".join(self.cell(cell) for cell in (check.reason, *check.detail) if cell)
        expected = rf"\quad{self.shown(check.expected)}" if check.expected is not None else ""
        return (
            rf"{{\color{{{colour}}}\vrule width 3pt\ $\boldsymbol{{{mark}}}$"
            rf"\ \textbf{{{self.words(check.outcome)}}}}}\quad"
            rf"\texttt{{\footnotesize {escape(check.place)}}}\par"
            rf"{{\leftskip=1.6em\raggedright {formula}\par {reason}{expected}\par}}"
        )


def _prose(text: str) -> str:
    """A phrase's own words: quotation marks and hyphens keep their typography."""
    return "".join(_TEXT.get(c, c) if c not in "'-" else c for c in text)


_BLOCKS: dict[type, Callable[..., str]] = {
    Paragraph: Tex.paragraph,
    Equations: Tex.equations,
    Steps: Tex.steps,
    Boxed: Tex.boxed,
    Table: Tex.table,
    Picture: Tex.picture,
    Checks: Tex.checks,
}
