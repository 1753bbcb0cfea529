"""Formulas of the gallery, and what becomes of damaged ones: ``python -m tests.reading 10000``."""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from symbp.read.errors import UnreadableError
from symbp.read.fragments import fragments
from symbp.read.latex import read
from symbp.read.plain import plain
from symbp.read.scope import Names

GALLERY = Path(__file__).parent.parent / "derivations"
NAMES = (
    Names().with_function("f", 1).with_function("g", 1).with_index("k", 1, "n")
    .with_quantity("w", "b", "o", "d", "E", "x", "z", "w1_1_1", "w2_1_1", "a1_1", "z2", "W1", "W2")
)  # fmt: skip
PIECES = (
    *"{}^_\\&()[]=+-*/,'|!.:;~%$#123xzwd ", "^{(2)}", "_{jk}", "²", "₁", "∂", "（", "e-1", r"\\",
    r"\frac", r"\partial", r"\sum", r"\left(", r"\right)", r"\text{", r"\sigma", r"\odot",
    r"\begin{cases}", r"\end{cases}",
)  # fmt: skip


def formulas() -> list[str]:
    """Every formula of the gallery's notes."""
    return [
        part.text
        for path in sorted(GALLERY.glob("*/notes.md"))
        for part in fragments(path.read_text(encoding="utf-8"), ".md")
        if part.kind == "latex"
    ]


def damaged(source: str, chance: random.Random) -> str:
    """The formula after one or two accidents: a piece lost, added, doubled or exchanged."""
    for _ in range(chance.randint(1, 2)):
        at = chance.randint(0, len(source))
        end = min(len(source), at + chance.randint(0, 4))
        piece = chance.choice((*PIECES, source[at:end], source[at:end] * 2))
        source = source[:at] + piece + source[chance.choice((at, end)) :]
    return source


def outcomes(count: int, seed: int = 1) -> Iterator[tuple[str, float]]:
    """Read or refused, and the seconds, for each of so many damaged formulas."""
    chance = random.Random(seed)
    known = formulas()
    for _ in range(count):
        text = damaged(chance.choice(known), chance)
        start = time.perf_counter()
        try:
            outcome = "read" if [plain(chain) for chain in read(text, NAMES)] else "empty"
        except UnreadableError as error:
            assert str(error) and 0 <= error.start <= error.end <= max(len(text), 1), text
            outcome = "refused"
        yield outcome, time.perf_counter() - start


def main() -> None:
    """Print how many were read and refused, and the longest time."""
    found = list(outcomes(int(sys.argv[1])))
    print(dict(Counter(outcome for outcome, _ in found)), f"longest {max(s for _, s in found):.3f} s")


if __name__ == "__main__":
    main()
