r"""Plain text in Python's notation → the same trees, over ``ast`` with an allow-list.

Before Python's parser sees a side, it is scanned into the few tokens that a formula may have; what
Python does not know (``^``, ``f'(x)``, ``dE/dw``, a quantity called ``lambda``) is replaced by a
stand-in of known place, and every name is read from the source itself, by its offsets.

>>> from symbp.read.plain import plain
>>> print(plain(read("diff(E, w_11) = (o - d)*o*(1 - o)*x_1")[0]))
diff(E, w_11) = (o - d)*o*(1 - o)*x_1
>>> print(plain(read("dE/dw = dE/(do)*do/dw")[0]))
diff(E, w) = diff(E, o)*diff(o, w)
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping

from symbp.read.errors import MAX_CHARACTERS, UnreadableError
from symbp.read.scope import Names
from symbp.read.text_build import Builder
from symbp.read.text_scanner import LARGE, scan
from symbp.read.text_signs import at_source, spelled_out
from symbp.read.tree import Chain, Tree

NO_NAMES = Names()
RELATIONS: Mapping[str, str] = {
    ":=": ":=", "<-": "<-", "==": "=", "~=": "~", "≈": "~", "←": "<-", "=": "=",
}  # fmt: skip
_SPLIT = re.compile(r"(?P<relation>:=|<-|==|~=|≈|←|(?<![<>!=])=)|(?P<open>[(\[])|(?P<close>[)\]])")
_WRONG = "this is no expression", "a*b, (a + b)/c, f(x)"


def read(source: str, names: Names = NO_NAMES) -> tuple[Chain, ...]:
    """The one chain that a line of plain text is. Raises :class:`UnreadableError`."""
    if len(source) > MAX_CHARACTERS:
        raise UnreadableError(
            "the formula is too long", 0, len(source), f"at most {MAX_CHARACTERS} characters"
        )
    plain, places = spelled_out(source)
    try:
        chain = _chain(plain, names)
    except UnreadableError as error:
        raise error.at(places) from None
    return (chain if plain == source else at_source(chain, places),)


def _chain(source: str, names: Names) -> Chain:
    found = relations(source)
    starts = (0, *(end for _, end, _ in found))
    ends = (*(start for start, _, _ in found), len(source))
    sides = tuple(
        _side(source, start, end, names, head=bool(found) and start == 0)
        for start, end in zip(starts, ends, strict=True)
    )
    return Chain(sides, tuple(relation for _, _, relation in found))


def heads(source: str, names: Names = NO_NAMES) -> tuple[Tree | str, ...]:
    """The left side of a line that has no reading as a whole; its text where it has none alone."""
    if len(source) > MAX_CHARACTERS or not (found := relations(source)):
        return ()
    try:
        source, _ = spelled_out(source)
        found = relations(source)
        return (_side(source, 0, found[0][0], names, head=True),)
    except UnreadableError:
        return (source[: found[0][0]],)


def relations(source: str) -> tuple[tuple[int, int, str], ...]:
    """Where the relations outside brackets stand, and which they are."""
    depth, found = 0, []
    for match in _SPLIT.finditer(source):
        if match["open"]:
            depth += 1
        elif match["close"]:
            depth -= 1
        elif depth == 0:
            found.append((match.start(), match.end(), RELATIONS[match["relation"]]))
    return tuple(found)


def _side(source: str, start: int, end: int, names: Names, head: bool) -> Tree:
    """One side; ``head`` where it may be the head of a function's definition."""
    text = source[start:end]
    start, end = end - len(text.lstrip()), start + len(text.rstrip())
    if start >= end:
        raise UnreadableError("nothing stands here", end, end + 1, "an expression")
    code, places = scan(source, start, end, names)
    try:
        parsed = ast.parse(code, mode="eval").body
    except (RecursionError, MemoryError):
        raise UnreadableError(LARGE[0], start, end, LARGE[1]) from None
    except SyntaxError as error:
        at = places[min(max((error.offset or 1) - 1, 0), len(places) - 1)]
        raise UnreadableError(_WRONG[0], at, at + 1, _WRONG[1]) from None
    return Builder(names, source, code, places, head).tree(parsed, 0)
