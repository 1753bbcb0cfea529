"""A report as terminal tables: what was written, the verdict, and why; colour is never alone."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from symbp.check.report import FileReport, Report, as_expected
from symbp.check.signs import SIGNS, at_point, conditions
from symbp.check.statement import Kind, Parameter, Statement
from symbp.decide import Method, Outcome, Verdict
from symbp.write.phrases import fill, plain, spoken


def tables(report: Report, lang: str = "en", readings: bool = False) -> RenderableType:
    """One table a file, and the summary under them; with ``readings`` also what was written."""
    parts: list[RenderableType] = []
    for file in report.files:
        if file.statements or not file.parameters:
            shown = _statements(file, lang, readings) if file.statements else Text(file.path, "bold")
            parts.append(shown)
        if file.parameters:
            parts.append(_parameters(file, lang))
    parts.append(summary(report, lang))
    return Group(*parts)


def summary(report: Report, lang: str = "en") -> Text:
    """How many of each outcome, and whether all is as expected."""
    counts = " · ".join(
        f"{SIGNS[name][0]} {count} {plain(name, lang)}" for name, count in report.summary.items()
    )
    unexpected = len(report.unexpected)
    key = "report unexpected" if unexpected else "report as expected"
    text = Text(f"{counts}\n" if counts else "")
    text.append(fill(key, lang, count=unexpected), "bold red" if unexpected else "bold green")
    return text


def _table(title: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", expand=True, pad_edge=False)
    table.add_column("", justify="right", no_wrap=True, style="dim")
    return table


def _statements(file: FileReport, lang: str, readings: bool) -> Table:
    table = _table(file.path)
    table.add_column(plain("statement", lang), ratio=5, overflow="fold")
    table.add_column(plain("verdict", lang), no_wrap=True)
    table.add_column("", ratio=3, overflow="fold", style="dim")
    for statement in file.statements:
        source = " ".join(statement.source.split())
        written = statement.reading or source
        if readings and statement.reading:
            written = f"{source}\n  ⇒ {statement.reading}"
        table.add_row(
            str(statement.line), Text(written), _word(statement, lang),
            Text("\n".join(_why(statement.verdict, lang))),
        )  # fmt: skip
    return table


def _parameters(file: FileReport, lang: str) -> Table:
    table = _table(file.path)
    table.add_column(plain("parameter", lang), no_wrap=True)
    table.add_column(plain("verdict", lang), no_wrap=True)
    table.add_column("", ratio=1, overflow="fold", style="dim")
    for parameter in file.parameters:
        shape = f" {parameter.shape}" if parameter.shape else ""
        loss = [f"E = {parameter.loss}"] if parameter.loss else []
        table.add_row(
            str(parameter.line), Text(parameter.name + shape), _word(parameter, lang),
            Text("\n".join([*_why(parameter.verdict, lang), *loss])),
        )  # fmt: skip
    return table


def _word(item: Statement | Parameter, lang: str) -> Text:
    """The outcome with its sign; what was expected is said, what was not stands out."""
    if item.outcome is None:
        kind = item.kind if isinstance(item, Statement) else Kind.value
        return Text(plain(f"kind {kind}", lang), "dim")
    sign, colour = SIGNS[item.outcome]
    text = Text(f"{sign} {plain(str(item.outcome), lang)}", colour)
    method = item.verdict.method if item.verdict else None
    if method in (Method.rounded, Method.truncated, Method.carried):
        text.append(f" ({plain(str(method), lang)})", colour)
    if item.expected is not None and as_expected(item):
        text.append(f"\n{plain('as marked', lang)}", "dim")
    elif not as_expected(item):
        text.stylize("bold reverse")
    return text


def _why(verdict: Verdict | None, lang: str) -> Iterator[str]:
    if verdict is None:
        return
    if verdict.factor is not None:
        yield fill("times", lang, factor=verdict.factor)
    if verdict.diagnosis is not None:
        yield spoken(verdict.diagnosis.text, lang)
        expected = verdict.diagnosis.expected
        if expected and verdict.outcome == Outcome.different and expected not in verdict.diagnosis.text:
            yield f"→ {expected}"
    if verdict.reason is not None:
        yield spoken(verdict.reason, lang)
    yield from (spoken(given, lang) for given in conditions(verdict))
    if verdict.witness is not None:
        yield at_point(verdict.witness)
