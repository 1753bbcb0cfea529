"""A gallery: folders of notes and scripts, and the index that says what each derives."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from symbp.check.files import NOTES, SCRIPTS, check_file
from symbp.check.notes import Notes, read_notes
from symbp.check.report import FileReport, Report
from symbp.check.review import in_a_sentence
from symbp.check.signs import SIGNS
from symbp.core.program import Program
from symbp.read.fragments import read_source
from symbp.write.document import Cell, Document, Links, Paragraph, Table, generated, say
from symbp.write.formula import Sign, listed
from symbp.write.matrix import Bold
from symbp.write.notation import Notation

MOST_NAMED = 8
"""Up to how many parameters are named in a line of the index."""
TITLE = "# "
DOCUMENTS = (".html", ".md", ".tex")
"""What a derivation is written as, the one that a reader of the index wants first."""


@dataclass(frozen=True)
class Entry:
    """A folder of a gallery: what was written there, what was generated, and its verdicts."""

    folder: Path
    sources: tuple[Path, ...]
    documents: tuple[Path, ...]
    program: Program | None
    report: Report

    @classmethod
    def of(cls, folder: Path, read: tuple[Notes, ...] | None = None) -> Entry:
        """The entry of a folder; notes that were read before need not be read again."""
        sources, documents = _files(folder)
        notes = read or tuple(read_notes(path) for path in sources if path.suffix in NOTES)
        paths = [path for path in sources if path.suffix in NOTES]
        reports = [FileReport(str(p), tuple(n.statements)) for p, n in zip(paths, notes, strict=True)]
        reports += [check_file(path) for path in sources if path.suffix in SCRIPTS]
        program = next((n.program for n in notes if n.program is not None), None)
        return cls(folder, sources, documents, program, Report(tuple(reports)))

    @property
    def title(self) -> str:
        """The first title in its sources; the name of the folder where none has one."""
        notes = (path for path in self.sources if path.suffix == ".md")
        lines = (line for path in notes for line in read_source(path).splitlines())
        return next((li.removeprefix(TITLE) for li in lines if li.startswith(TITLE)), self.folder.name)

    @property
    def row(self) -> tuple[Cell, ...]:
        """Its line in the index."""
        first = self.documents[0] if self.documents else self.sources[0]
        return (self._links(first, text=self.title), self._derived, self._verdicts,
                self._links(*self.sources), self._links(*self.documents))  # fmt: skip

    @property
    def _derived(self) -> Cell:
        """The loss and the parameters by which it is derived."""
        if self.program is None:
            return ""
        bold = Bold.of_notation(Notation.of(self.program))
        names = [bold.quantity(leaf) for leaf in self.program.parameters]
        shown = names if len(names) <= MOST_NAMED else [*names[: MOST_NAMED - 1], Sign("…")]
        return say("loss by", loss=bold.name(self.program.loss), parameters=listed(shown))

    @property
    def _verdicts(self) -> str:
        counts = Counter(SIGNS[str(item.outcome)][0] for item in self.report.judged)
        signs = dict.fromkeys(sign for sign, _ in SIGNS.values())
        return " · ".join(f"{sign} {counts[sign]}" for sign in signs if counts[sign])

    def _links(self, *paths: Path, text: str | None = None) -> Links:
        return Links(tuple((text or p.name, f"{self.folder.name}/{p.name}") for p in paths))


def folders(gallery: Path) -> tuple[Path, ...]:
    """The folders in a folder that hold notes or scripts, in the order of their names."""
    return tuple(each for each in sorted(gallery.iterdir()) if each.is_dir() and _files(each)[0])


def index(entries: tuple[Entry, ...], command: str = "") -> Document:
    """One line for each entry: what it derives, its verdicts, its sources and documents."""
    report = Report(tuple(file for each in entries for file in each.report.files))
    head = (say("entry"), say("derives"), say("verdicts"), say("sources"), say("documents"))
    table = Table(head, tuple(each.row for each in entries))
    blocks = (Paragraph(say("about gallery")), table, in_a_sentence(report))
    return Document(say("gallery"), blocks, command)


def is_gallery(path: Path) -> bool:
    """Whether a path is a folder of such folders, without notes of its own that define a network."""
    if not path.is_dir() or not folders(path):
        return False
    own = (read_notes(each) for each in _files(path)[0] if each.suffix in NOTES)
    return all(notes.program is None for notes in own)


def read_gallery(path: Path) -> tuple[Entry, ...]:
    """Every entry of a gallery, checked."""
    return tuple(map(Entry.of, folders(path)))


def _files(folder: Path) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """What people wrote in a folder, and what was generated from it."""
    inside = sorted(p for p in folder.iterdir() if p.is_file())
    made = [p for p in inside if p.suffix in DOCUMENTS and generated(read_source(p))]
    written = [p for p in inside if p.suffix in (*NOTES, *SCRIPTS) and p not in made]
    return tuple(written), tuple(sorted(made, key=lambda p: DOCUMENTS.index(p.suffix)))
