"""Documents in notebooks: as what a cell shows, and as a notebook of their own.

Jupyter's Markdown has its formulas between dollars; its HTML keeps no script and no style sheet of a
page, so one language is written and MathML stands by itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace

from symbp.core.shown import Bundle
from symbp.write.document import Block, Boxed, Document, Equations, Section
from symbp.write.formula import Node
from symbp.write.html import Html
from symbp.write.markdown import Markdown

STYLE = (
    ".symbp [lang=zh]{display:none} .symbp .t0{color:#b2182b} .symbp .t1{color:#2166ac} "
    ".symbp .t2{color:#6a3d9a} .symbp .t3{color:#1b7837} .symbp .t4{color:#b35806} "
    ".symbp .t5{color:#01665e} .symbp .wrong{border:1px solid #b2182b}"
)


@dataclass(frozen=True)
class Jupyter(Markdown):
    """Markdown with formulas between dollars."""

    def inline(self, node: Node) -> str:
        """A formula inside text."""
        return f"${self.math(node)}$"

    def display(self, body: str) -> str:
        """A formula on its own."""
        return f"$$\n{body}\n$$"


def bundle(document: Document, plain: str, lang: str = "en") -> Bundle:
    """What a cell shows of a document; ``plain`` is its text for a terminal."""
    printer = Jupyter(lang)
    formulas = [printer.blocks([b], 3)[0] for b in _formulas(document.blocks)]
    shown = {"text/plain": plain, "text/markdown": "\n\n".join(printer.blocks(document.blocks, 3))}
    if formulas:
        shown["text/latex"] = "\n".join(formulas)
    body = "\n".join(Html().blocks(document.blocks, 4))
    shown["text/html"] = f'<div class="symbp"><style>{STYLE}</style>{body}</div>'
    return shown


def notebook(document: Document, lang: str = "en") -> str:
    """The document as a notebook: a cell for each section."""
    printer = Jupyter(lang)
    head = replace(document, blocks=())
    cells = [f"# {printer.cell(head.title)}", *_parts(document.blocks, printer, 2)]
    made = {
        "cells": [
            {"cell_type": "markdown", "id": f"cell-{n}", "metadata": {}, "source": text}
            for n, text in enumerate(cells)
        ],
        "metadata": {
            "generated": document.mark(),
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4, "nbformat_minor": 5,
    }  # fmt: skip
    return json.dumps(made, ensure_ascii=False, indent=1) + "\n"


def _parts(blocks: Iterable[Block], printer: Jupyter, level: int) -> list[str]:
    """The text of each section that holds no other, with the blocks between sections by themselves."""
    found: list[str] = []
    open_: list[str] = []
    for block in blocks:
        if isinstance(block, Section):
            found += ["\n\n".join(open_)] if open_ else []
            head = f"{'#' * min(level, 6)} {printer.cell(block.title)}"
            first, *rest = _parts(block.blocks, printer, level + 1) or [""]
            found += [f"{head}\n\n{first}".strip(), *rest]
            open_ = []
        else:
            open_ += printer.blocks([block], level)
    return [*found, "\n\n".join(open_)] if open_ else found


def _formulas(blocks: Iterable[Block]) -> Iterable[Block]:
    for block in blocks:
        if isinstance(block, Section):
            yield from _formulas(block.blocks)
        elif isinstance(block, (Equations, Boxed)):
            yield block
