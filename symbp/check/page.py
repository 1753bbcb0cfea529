"""A derivation as a document: the network, every derivative with its steps, and the verdicts.

What the reader asked for stands first in each section: the result in a box, then the path it comes
from, then the lines that prove it. The document holds no words of any language and no markup; see
``write.document``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from sympy import Expr

from symbp.check.entry import Subject, entry_section
from symbp.check.overview import network_section, symbols_section
from symbp.check.recursion import (
    backward_section,
    local_section,
    matrix_section,
    recursion_section,
    update_section,
)
from symbp.check.values import Given, evaluate
from symbp.core.chain import Derivation
from symbp.core.scalars import ScalarError
from symbp.write.document import (
    Block,
    Cell,
    Check,
    Checks,
    Document,
    Paragraph,
    Say,
    Section,
    say,
)
from symbp.write.formula import Node
from symbp.write.lines import Lines
from symbp.write.notation import Notation
from symbp.write.source import formula_as_written

MOST_ENTRIES = 12
"""Up to how many parameters each gets its own section; above, one entry of each array."""


@dataclass(frozen=True)
class CheckedFormula:
    """A formula that somebody wrote, with its verdict.

    ``source`` is its LaTeX, ``place`` where it stands (``notes.md:41``), ``outcome`` a key of the
    phrases (``equal``, ``different`` …). ``expected`` says that the outcome is the one the author
    announced; ``instead`` is what should stand there; ``read`` is the formula as it was understood,
    for the formats that do not set LaTeX.
    """

    source: str
    place: str
    outcome: str
    explanation: Say | str = ""
    expected: bool = False
    instead: Node | None = None
    read: Node | None = None


def page(
    derivation: Derivation,
    *,
    title: Cell | None = None,
    values: Given | None = None,
    checks: Sequence[CheckedFormula] = (),
    entries: Iterable[str] | None = None,
    digits: int = 6,
    rate: Fraction | int | float | str | None = None,
    command: str = "",
) -> Document:
    """The document of a derivation.

    ``values`` gives every input and parameter by its plain name (``w1_1_2``) and adds the numbers;
    ``entries`` chooses the parameters whose steps are shown; ``rate`` is the learning rate of the
    update. Raises KeyError on an unknown entry and ValuesError on values that do not fit.
    """
    lines = Lines(Notation.of(derivation))
    numbers = evaluate(derivation, values) if values else None
    subject = Subject(derivation, lines, numbers, digits)
    blocks: list[Block] = [
        Paragraph(say("about", loss=lines.notation.name(derivation.loss))),
        network_section(derivation, lines),
        symbols_section(derivation, lines),
        *_entry_sections(subject, entries),
        backward_section(derivation, lines),
        local_section(subject),
        recursion_section(derivation, lines),
        matrix_section(derivation, lines),
        update_section(subject, rate),
        checked_section(checks),
    ]
    kept = tuple(b for b in blocks if not isinstance(b, Section) or b.blocks)
    return Document(title if title is not None else say("title"), kept, command)


def _entry_sections(subject: Subject, wanted: Iterable[str] | None) -> list[Block]:
    """The steps of every parameter, or of those that stand for the rest."""
    try:
        symbols = _parameters(subject.derivation)
    except ScalarError:
        return []
    before: list[Block] = []
    if wanted is not None:
        entries = subject.derivation.entries
        chosen = [entries.symbol(*entries.find(name)) for name in wanted]
    elif sum(map(len, symbols)) <= MOST_ENTRIES:
        chosen = [symbol for row in symbols for symbol in row]
    else:
        chosen = [row[0] for row in symbols]
        before = [Paragraph(say("about representative", count=str(sum(map(len, symbols)))))]
    if subject.numbers:
        before.append(Paragraph(say("about rounding", digits=str(subject.digits))))
    sections = tuple(entry_section(subject, symbol) for symbol in chosen)
    return [Section(say("derivatives"), (*before, *sections))]


def _parameters(derivation: Derivation) -> list[tuple[Expr, ...]]:
    wrt = [p for p in derivation.parameters if p.name in derivation.adjoints]
    return [derivation.entries.all(p.name) for p in wrt]


def checked_section(checks: Sequence[CheckedFormula]) -> Section:
    """The author's own formulas with their verdicts."""
    if not checks:
        return Section(say("checks"), ())
    items = Checks(tuple(map(_check, checks)))
    return Section(say("checks"), (Paragraph(say("about checks")), items))


def _check(checked: CheckedFormula) -> Check:
    """What could not be read is shown letter by letter, the rest as mathematics."""
    readable = checked.outcome != "unreadable"
    return Check(
        formula_as_written(checked.source) if readable else checked.source,
        checked.place,
        say(checked.outcome),
        good=checked.outcome == "equal" or checked.expected,
        reason=checked.explanation,
        expected=checked.instead,
        read=checked.read,
    )

