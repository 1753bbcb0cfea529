"""One thing to say to people, English and Chinese side by side, with slots in braces."""

from __future__ import annotations

from dataclasses import dataclass
from string import Formatter


@dataclass(frozen=True)
class Phrase:
    """One thing to say, in both languages."""

    en: str
    zh: str

    def pieces(self, lang: str) -> tuple[tuple[str, str | None], ...]:
        """Pairs of text and the name of the slot that follows it."""
        return tuple((text, slot) for text, slot, _, _ in Formatter().parse(getattr(self, lang)))

    def slots(self, lang: str) -> frozenset[str]:
        """The names of the slots."""
        return frozenset(slot for _, slot in self.pieces(lang) if slot)
