r"""The formulas of a document in the order of reading, each with its place in the file.

Markdown: ``$$…$$``, ``\[…\]``, inline ``$…$`` and ``\(…\)`` that hold a relation, GitHub's
```` ```math ```` and ``$`…`$``, the lines of ```` ```symbp ```` blocks, headings. LaTeX: equation,
align, gather and their like, ``\[…\]``, ``$…$``, ``\(…\)``, sections, ``% symbp:`` comments. Plain
text: a statement a line. Notebooks: their Markdown cells.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin

from symbp.write.document import generated

MAX_BYTES = 2_000_000
_RELATION = re.compile(r"=|\\approx|\\equiv|\\gets|\\leftarrow|\\triangleq|\\simeq|≈|←|≡")
_COMMENT = "#"


class FileError(ValueError):
    """A file that cannot be read: its path and the reason."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path, self.reason = path, reason


@dataclass(frozen=True)
class Fragment:
    """A formula, a line of plain text, or a heading; ``line`` and ``column`` start at 1."""

    kind: str
    text: str
    line: int
    column: int
    level: int = 0

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column in the file of an offset into the text."""
        before = self.text[:offset]
        row = before.count("\n")
        if row == 0:
            return self.line, self.column + offset
        return self.line + row, offset - before.rfind("\n")


def read_file(path: Path) -> tuple[Fragment, ...]:
    """The fragments of a file; none where symbp generated it. Raises :class:`FileError`."""
    text = read_source(path)
    suffix = path.suffix.lower()
    if suffix == ".ipynb":
        text, suffix = _markdown_cells(path, text), ".md"
    if suffix not in _READERS:
        raise FileError(path, f"accepted are {', '.join(sorted((*_READERS, '.ipynb')))}")
    return () if generated(text) else fragments(text, suffix)


def read_source(path: Path) -> str:
    """A text file's content, within bounds. Raises :class:`FileError`."""
    if not path.is_file():
        raise FileError(path, "no such file")
    if path.stat().st_size > MAX_BYTES:
        raise FileError(path, f"larger than {MAX_BYTES} bytes")
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileError(path, f"no UTF-8 text at byte {error.start}") from None


def fragments(text: str, suffix: str = ".md") -> tuple[Fragment, ...]:
    """The fragments of a text of one of the accepted kinds."""
    return tuple(_READERS[suffix](text))


def _markdown_cells(path: Path, text: str) -> str:
    """The Markdown cells one after the other; lines count from the first cell on."""
    try:
        cells = json.loads(text)["cells"]
        return "\n\n".join(
            "".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        raise FileError(path, "no notebook: its JSON has no list of cells") from None


# -- Markdown ----------------------------------------------------------------------------------

_MARKDOWN = MarkdownIt("commonmark").use(
    dollarmath_plugin, allow_labels=False, allow_space=False, allow_digits=False, double_inline=True
)
_BRACKETED = re.compile(r"\\\[(.*?)\\\]", re.DOTALL)
_ROUND = re.compile(r"\\\((.+?)\\\)")
_TICKED = re.compile(r"\$`([^`]+)`\$")


def _markdown(text: str) -> Iterator[Fragment]:
    source = _TICKED.sub(lambda m: f"${m[1].strip()}$", text)
    source = _ROUND.sub(lambda m: f"${m[1].strip()}$", source)
    source = _BRACKETED.sub(lambda m: f"$${m[1]}$$", source)
    lines = text.splitlines()
    for token in _MARKDOWN.parse(source):
        if token.map is None:
            continue
        begin, end = token.map
        if token.type == "heading_open":
            yield Fragment("heading", "", begin + 1, 1, int(token.tag[1:]))
        elif token.type == "fence":
            yield from _fence(token, begin)
        elif token.type in ("math_block", "math_block_label"):
            yield _placed(token.content, lines, begin, end)
        elif token.type == "inline":
            yield from _inline(token, lines, begin, end)


def _fence(token: Token, begin: int) -> Iterator[Fragment]:
    word = (token.info.split() or [""])[0]
    if word == "symbp":
        for row, line in enumerate(token.content.splitlines()):
            yield from _statement(line, begin + 2 + row)
    elif word == "math":
        yield Fragment("latex", token.content, begin + 2, 1)


def _inline(token: Token, lines: list[str], begin: int, end: int) -> Iterator[Fragment]:
    """The formulas in a paragraph, each found again in the source after the one before it."""
    place = (begin, 0)
    for child in token.children or ():
        if child.type not in ("math_inline", "math_inline_double"):
            continue
        found = _find(child.content, lines, place, end)
        place = (found.line - 1, found.column - 1 + len(child.content.split("\n")[0]))
        if child.type == "math_inline_double" or _RELATION.search(child.content):
            yield found


def _placed(content: str, lines: list[str], begin: int, end: int) -> Fragment:
    return _find(content, lines, (begin, 0), end)


def _find(content: str, lines: list[str], start: tuple[int, int], end: int) -> Fragment:
    """A formula with the line and column at which its first line stands."""
    first = next((part for part in content.split("\n") if part.strip()), "")
    skipped = content.split("\n").index(first) if first else 0
    for row in range(start[0], min(end, len(lines))):
        column = lines[row].find(first.strip(), start[1] if row == start[0] else 0)
        if column >= 0 and first.strip():
            text = "\n".join(content.split("\n")[skipped:])
            indent = len(first) - len(first.lstrip())
            return Fragment("latex", text[indent:], row + 1, column + 1)
    return Fragment("latex", content, start[0] + 1, 1)


def _statement(line: str, number: int) -> Iterator[Fragment]:
    body = line.split(_COMMENT, 1)[0].rstrip()
    if body.strip():
        indent = len(body) - len(body.lstrip())
        yield Fragment("text", body.strip(), number, indent + 1)


# -- LaTeX and plain text ----------------------------------------------------------------------

_ENVIRONMENTS = "equation|align|gather|split|multline|eqnarray|alignat|displaymath|flalign"
_VERBATIM = "verbatim|lstlisting|minted|comment"
_TEX = re.compile(
    rf"""
      %\s*symbp:(?P<order>[^\n]*)
    | (?<!\\)%[^\n]*
    | \\begin\{{(?P<skipped>(?:{_VERBATIM})\*?)\}}.*?\\end\{{(?P=skipped)\}}
    | \\(?P<section>section|subsection|subsubsection|paragraph)\*?\s*\{{
    | \\begin\{{(?P<name>(?:{_ENVIRONMENTS})\*?)\}}(?P<body>.*?)\\end\{{(?P=name)\}}
    | \\\[(?P<bracketed>.*?)\\\]
    | \\\((?P<round>.*?)\\\)
    | \$\$(?P<display>.*?)\$\$
    | (?<!\\)\$(?P<inline>[^$]+?)(?<!\\)\$
    """,
    re.VERBOSE | re.DOTALL,
)
_LEVELS = {"section": 1, "subsection": 2, "subsubsection": 3, "paragraph": 4}


def _tex(text: str) -> Iterator[Fragment]:
    for match in _TEX.finditer(text):
        if match["section"]:
            yield Fragment("heading", "", *_place(text, match.start()), _LEVELS[match["section"]])
        elif match["order"]:
            line, _ = _place(text, match.start())
            yield from _statement(match["order"], line)
        for group in ("body", "bracketed", "display", "inline", "round"):
            content = match[group]
            if content and (group not in ("inline", "round") or _RELATION.search(content)):
                # the environment itself tells the reader how rows are aligned
                whole = group == "body"
                start = match.start() if whole else match.start(group)
                yield Fragment("latex", match[0] if whole else content, *_place(text, start))


def _place(text: str, offset: int) -> tuple[int, int]:
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def _plain(text: str) -> Iterator[Fragment]:
    for number, line in enumerate(text.splitlines(), 1):
        yield from _statement(line, number)


_READERS: Mapping[str, Callable[[str], Iterator[Fragment]]] = {
    ".md": _markdown,
    ".tex": _tex,
    ".txt": _plain,
}
