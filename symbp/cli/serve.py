"""``symbp serve``: notes on the left, verdicts and the derivation on the right, as one types.

The page is served to this machine alone, and a request must come from the page itself. What is typed
is checked in a child process within the limits of any script.
"""

from __future__ import annotations

import json
import webbrowser
from collections.abc import Iterator, Mapping
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

import typer

from symbp.check.derivation import document
from symbp.check.files import check_code
from symbp.check.isolation import LimitError, in_child
from symbp.check.notes import Notes, read_text
from symbp.check.report import FileReport, Report
from symbp.check.review import review
from symbp.check.statement import Kind, Parameter, Statement
from symbp.cli.console import Lang, check_language, fail, out
from symbp.core.program import ProgramError
from symbp.decide import Outcome
from symbp.read.fragments import read_source
from symbp.write.html import Html, html, style
from symbp.write.phrases import LANGUAGES, PHRASES

HOME = "127.0.0.1"
LARGEST = 1 << 18
"""Bytes of a request."""
NOTES, SCRIPTS = (".md", ".tex", ".txt"), (".py",)
LOOKS: Mapping[Outcome, str] = {
    Outcome.different: "bad", Outcome.proportional: "bad", Outcome.not_updated: "bad",
    Outcome.unreadable: "bad", Outcome.undecided: "open",
}  # fmt: skip
"""How a piece is underlined."""

Answer = dict[str, Any]


def serve(
    source: Annotated[Path | None, typer.Argument(help="Notes or a script to open.")] = None,
    port: Annotated[int, typer.Option(help="Where to serve; 0 takes a free one.")] = 8317,
    browse: Annotated[bool, typer.Option(help="Open the page in the browser.")] = True,
    lang: Lang = "en",
) -> None:
    """A live page on this machine: verdicts as one types. Ctrl-C ends it."""
    check_language(lang)
    if source is not None and source.suffix not in (*NOTES, *SCRIPTS):
        fail(f"{source}: accepted are {', '.join((*NOTES, *SCRIPTS))}")
    text = read_source(source) if source is not None else ""
    with server(text, source.suffix if source is not None else ".md", lang, port) as running:
        address = f"http://{HOME}:{running.server_port}/"
        out.print(address, markup=False)
        if browse:
            webbrowser.open(address)
        try:
            running.serve_forever()
        except KeyboardInterrupt:
            return


def server(text: str, kind: str, lang: str, port: int = 0) -> HTTPServer:
    """The server of a page that opens with this text; it listens on this machine alone."""
    page = _page(text, kind, lang)
    if kind in NOTES:
        checked(text[:LARGEST], kind)  # what it fills of the caches, each child begins with

    class Handler(_Handler):
        start = page

    return HTTPServer((HOME, port), Handler)


def checked(text: str, kind: str) -> Answer:
    """The verdicts on a text as HTML, and where in it to underline."""
    report = _report(text, kind)
    body = "\n".join(Html().blocks(review(Report((report,))).blocks, 2))
    return {"page": body, "spots": list(_spots(text, report))}


def derived(text: str, kind: str, lang: str) -> Answer:
    """The page of the derivation that notes define; says so where they define none."""
    notes = read_text(text, kind) if kind in NOTES else Notes()
    try:
        program = notes.program
        if program is not None:
            made = document(program, notes=notes, path=Path("notes.md"), command="symbp serve")
            return {"page": html(made, lang)}
    except ProgramError as error:
        return {"page": f"<p>{escape(str(error))}</p>"}
    return {"page": f"<p>{escape(PHRASES['no derivation'].pieces(lang)[0][0])}</p>"}


def _report(text: str, kind: str) -> FileReport:
    if kind not in SCRIPTS:
        return FileReport("notes", tuple(read_text(text, kind).statements))
    return check_code(text).files[0]


def _spots(text: str, report: FileReport) -> Iterator[Answer]:
    """The pieces to underline, in the order in which they stand."""
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    items: list[Statement | Parameter] = [*report.statements, *report.parameters]
    for item in sorted(items, key=lambda item: (item.line, item.column)):
        look = LOOKS.get(item.outcome) if item.outcome is not None else None
        if look is None or item.expected == item.outcome or not 0 < item.line < len(starts):
            continue
        start = starts[item.line - 1] + item.column - 1
        yield {"start": start, "end": _end(text, start, starts[item.line], item), "look": look}


def _end(text: str, start: int, line_end: int, item: Statement | Parameter) -> int:
    if isinstance(item, Statement) and item.kind != Kind.unreadable:
        whole = start + len(item.source)
        return whole if text[start:whole] == item.source else line_end - 1
    if isinstance(item, Statement):
        word = start + 1
        while word < line_end and text[word].isalnum():
            word += 1
        return word
    return line_end - 1


def _page(text: str, kind: str, lang: str) -> bytes:
    opened = json.dumps({"text": text, "kind": kind}).replace("<", "\\u003c")
    page = files("symbp.write").joinpath("faces", "live.html").read_text(encoding="utf-8")
    words = {
        "STYLE": style(), "LANG": lang, "OPENED": opened,
        **{f"{each.upper()}CHECKED": " checked" if each == lang else "" for each in LANGUAGES},
        **{key.upper(): escape(PHRASES[f"live {key}"].pieces(lang)[0][0])
           for key in ("label", "verdicts", "derivation")},
    }  # fmt: skip
    for word, meaning in sorted(words.items(), key=lambda pair: pair[0] == "OPENED"):
        page = page.replace(word, meaning)
    return page.encode()


class _Handler(BaseHTTPRequestHandler):
    """GET / is the page; POST /check and POST /derive take and give JSON."""

    start = b""
    timeout = 10

    def do_GET(self) -> None:
        """The page."""
        if self._is_ours() and self.path == "/":
            self._send(HTTPStatus.OK, "text/html; charset=utf-8", self.start)
        else:
            self._refuse(HTTPStatus.NOT_FOUND)

    def do_POST(self) -> None:
        """What a text is worth."""
        size = self.headers.get("Content-Length", "")
        if not self._is_ours():
            self._refuse(HTTPStatus.FORBIDDEN)
        elif self.headers.get("Content-Type") != "application/json":
            self._refuse(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
        elif not size.isdigit() or int(size) > LARGEST:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        else:
            answer = _answer(self.path, self.rfile.read(int(size)))
            if answer is None:
                self._refuse(HTTPStatus.BAD_REQUEST)
            else:
                self._send(HTTPStatus.OK, "application/json", json.dumps(answer).encode())

    def _is_ours(self) -> bool:
        """Whether the request comes from the page: no other site may ask, under no other name."""
        assert isinstance(self.server, HTTPServer)
        hosts = {f"{name}:{self.server.server_port}" for name in (HOME, "localhost")}
        origin = self.headers.get("Origin")
        return self.headers.get("Host") in hosts and (
            origin is None or origin in {f"http://{host}" for host in hosts}
        )

    def _refuse(self, status: HTTPStatus) -> None:
        self._send(status, "text/plain", status.phrase.encode())

    def _send(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is logged: what is typed stays on the page."""


def _answer(path: str, body: bytes) -> Answer | None:
    """The answer to a request; None where it asks for nothing that is known."""
    try:
        asked = json.loads(body)
    except ValueError:
        return None
    if not isinstance(asked, dict):
        return None
    text, kind, lang = asked.get("text"), asked.get("kind"), asked.get("lang", "en")
    if not isinstance(text, str) or kind not in (*NOTES, *SCRIPTS) or lang not in LANGUAGES:
        return None
    if path == "/check" and kind in SCRIPTS:
        return checked(text, kind)  # a script is followed in a child process of its own
    try:
        if path == "/check":
            return dict(in_child(lambda: checked(text, kind)))
        return dict(in_child(lambda: derived(text, kind, lang))) if path == "/derive" else None
    except LimitError as error:
        return {"page": f"<p>{escape(str(error))}</p>", "spots": []}
