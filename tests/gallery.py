"""The gallery as tests read it: each entry once."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from symbp.check.gallery import Entry, folders
from symbp.check.notes import Notes, read_notes

GALLERY = Path(__file__).parent.parent / "derivations"
NAMES = tuple(folder.name for folder in folders(GALLERY))


@cache
def notes_of(name: str) -> Notes:
    """The notes of an entry, checked."""
    return read_notes(GALLERY / name / "notes.md")


@cache
def entry_of(name: str) -> Entry:
    """An entry with its verdicts."""
    return Entry.of(GALLERY / name, (notes_of(name),))
