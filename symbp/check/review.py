"""A report as a document: each formula as it was written and read, its verdict, and why.

The same printers that set a derivation set this; a wrong piece is framed and the expected one stands
beside it, so that no sign rests on colour alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from symbp.check.report import FileReport, Report, as_expected
from symbp.check.signs import SIGNS, at_point, conditions
from symbp.check.statement import Kind, Parameter, Statement
from symbp.decide import Method, Outcome, Verdict
from symbp.read import text
from symbp.read.errors import UnreadableError
from symbp.read.layout import Layout
from symbp.write.document import Block, Check, Checks, Document, Paragraph, Say, Section, say
from symbp.write.formula import Node
from symbp.write.phrases import Told
from symbp.write.source import formula_as_written

SHOWN_METHODS = (Method.rounded, Method.truncated, Method.carried)


def review(report: Report, command: str = "") -> Document:
    """The document of a report."""
    blocks: list[Block] = [in_a_sentence(report)]
    blocks += [Section(say("review of", path=f.path), tuple(_blocks(f))) for f in report.files]
    return Document(say("review"), tuple(blocks), command)


def in_a_sentence(report: Report) -> Paragraph:
    """Whether all is as expected, and how much is not."""
    unexpected = len(report.unexpected)
    if unexpected:
        return Paragraph(say("report unexpected", count=str(unexpected)))
    return Paragraph(say("report as expected"))


def _blocks(file: FileReport) -> Iterator[Block]:
    items = (*map(_statement, file.statements), *map(_parameter, file.parameters))
    if items:
        yield Checks(items)


def _statement(statement: Statement) -> Check:
    source = " ".join(statement.source.split())
    unreadable = statement.kind == Kind.unreadable
    read = None
    if statement.chain is not None and not unreadable:
        read = Layout(statement.wrong).chain(statement.chain)
    place = f"{statement.line}:{statement.column}"
    formula = source if unreadable else formula_as_written(source.replace("&", " "))
    return _check(statement, place, formula, read)


def _parameter(parameter: Parameter) -> Check:
    shape = f" {parameter.shape}" if parameter.shape else ""
    loss = f"   E = {parameter.loss}" if parameter.loss else ""
    return _check(parameter, str(parameter.line), f"{parameter.name}{shape}{loss}", None)


def _check(item: Statement | Parameter, place: str, formula: Node | str, read: Node | None) -> Check:
    verdict = item.verdict
    if verdict is None:
        kind = item.kind if isinstance(item, Statement) else Kind.value
        return Check(formula, place, say(f"kind {kind}"), good=True, read=read, sign="")
    return Check(
        formula, place, say(str(verdict.outcome)),
        good=as_expected(item), reason=_reason(verdict), expected=_expected(verdict), read=read,
        sign=SIGNS[verdict.outcome][0],
        detail=tuple(_details(item, verdict)),
    )  # fmt: skip


def _reason(verdict: Verdict) -> Say | str:
    """The mistake, or why it could not be decided, or the constant that is too much."""
    if verdict.diagnosis is not None:
        return _say(verdict.diagnosis.text)
    if verdict.factor is not None:
        return say("times", factor=str(verdict.factor))
    return _say(verdict.reason or "")


def _say(sentence: str) -> Say | str:
    return say(sentence.key, **sentence.slots) if isinstance(sentence, Told) else sentence


def _expected(verdict: Verdict) -> Node | None:
    """What belongs there, as mathematics where it reads as such."""
    expected = verdict.diagnosis.expected if verdict.diagnosis else None
    if not expected or verdict.outcome != Outcome.different:
        return None
    try:
        return Layout()(text.read(expected)[0].sides[0])
    except UnreadableError:
        return None


def _details(item: Statement | Parameter, verdict: Verdict) -> Iterator[Say | str]:
    if verdict.method in SHOWN_METHODS:
        yield say(str(verdict.method))
    if item.expected is not None and as_expected(item):
        yield say("as marked")
    elif not as_expected(item) and item.expected is not None:
        yield say("was marked", outcome=str(item.expected))
    yield from map(_say, conditions(verdict))
    if verdict.witness is not None:
        yield at_point(verdict.witness)
