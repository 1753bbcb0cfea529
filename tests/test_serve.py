"""The live page: what it answers, and whom."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from symbp.cli.serve import LARGEST, checked, derived, server

ARTICLE = Path(__file__).parent.parent / "derivations" / "article"
EVIL = '</script><script>alert(1)</script><img src=x onerror=alert(2)> $x_{"<b>"} = 1$'
RIGHT = "$y = x^2$ and $\\frac{dy}{dx} = 2x$\n"


@pytest.fixture
def port() -> Iterator[int]:
    with server(EVIL, ".md", "en") as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running.server_port
        running.shutdown()
        thread.join()


def ask(
    port: int, path: str, body: object = None, **headers: str
) -> tuple[int, dict[str, object] | str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    if body is None:
        connection.request("GET", path, headers=headers)
    else:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        connection.request("POST", path, data, {"Content-Type": "application/json"} | headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    is_json = answer.getheader("Content-Type") == "application/json"
    return answer.status, json.loads(text) if is_json else text


class Scripts(HTMLParser):
    """How many scripts a page has, and whether anything in it acts on its own or leaves the machine."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts, self.active = 0, list[str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script"
        self.active += [name for name, _ in attrs if name.startswith("on")]
        self.active += [v for n, v in attrs if n in ("src", "href") and v and not v.startswith("data:")]


def test_the_page_holds_what_it_opened_and_nothing_of_it_acts(port: int) -> None:
    status, page = ask(port, "/")
    found = Scripts()
    assert isinstance(page, str)
    found.feed(page)
    assert (status, found.scripts, found.active) == (200, 1, [])
    assert "http://" not in page.replace("http://www.w3.org", "") and "https://" not in page


def test_verdicts_as_one_types(port: int) -> None:
    status, answer = ask(port, "/check", {"text": RIGHT + "\n$\\frac{dy}{dx} = x$", "kind": ".md"})
    assert status == 200 and isinstance(answer, dict)
    (spot,) = answer["spots"]  # type: ignore[misc]
    text = RIGHT + "\n$\\frac{dy}{dx} = x$"
    assert text[spot["start"] : spot["end"]] == "\\frac{dy}{dx} = x" and spot["look"] == "bad"
    assert "equal" in str(answer["page"])


def test_an_error_is_underlined_where_it_stands() -> None:
    text = "$y = x^2$\n\n$z = \\foo x$"
    (spot,) = checked(text, ".md")["spots"]
    assert text[spot["start"] :].startswith("\\foo") and spot["look"] == "bad"


def test_a_script_is_judged_by_its_parameters(port: int) -> None:
    source = (ARTICLE / "train.py").read_text().replace("# symbp: expect W0 different", "#")
    status, answer = ask(port, "/check", {"text": source, "kind": ".py"})
    assert status == 200 and isinstance(answer, dict)
    assert "W0" in str(answer["page"]) and len(answer["spots"]) == 1  # type: ignore[arg-type]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_derivation_of_the_notes(lang: str) -> None:
    made = derived((ARTICLE / "notes.md").read_text(), ".md", lang)["page"]
    assert f'<html lang="{lang}">' in made and "<math" in made
    assert "<math" not in derived("nothing", ".md", lang)["page"]


def test_what_is_typed_does_not_act() -> None:
    found = Scripts()
    found.feed(checked(EVIL, ".md")["page"])
    assert (found.scripts, found.active) == (0, [])


@pytest.mark.parametrize(("headers", "status"), [
    ({"Host": "evil.example"}, 403), ({"Origin": "http://evil.example"}, 403),
    ({"Content-Type": "text/plain"}, 415), ({"Content-Length": str(LARGEST + 1)}, 413),
])  # fmt: skip
def test_no_other_site_may_ask(port: int, headers: dict[str, str], status: int) -> None:
    assert ask(port, "/check", {"text": RIGHT, "kind": ".md"}, **headers)[0] == status


def test_another_name_is_not_served(port: int) -> None:
    assert ask(port, "/", Host="evil.example")[0] == 404
    assert ask(port, "/etc/passwd")[0] == 404


@pytest.mark.parametrize("body", [b"{", b"[]", {"text": 3, "kind": ".md"}, {"text": "", "kind": ".c"}])
def test_what_asks_for_nothing_is_refused(port: int, body: object) -> None:
    assert ask(port, "/check", body)[0] == 400
    assert ask(port, "/other", {"text": "", "kind": ".md"})[0] == 400
