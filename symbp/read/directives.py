"""What a ``symbp`` block can say besides formulas: one line, one directive.

``shape W1 (2, 2)`` · ``shape x (m + k - 1)`` · ``zero outside x`` · ``loss E`` · ``index j 1..2`` ·
``network layers=2,2,1 activation=sigmoid loss=half-squared bias=no`` · ``assume sum(y[k], k) == 1`` ·
``train steps=100 optimizer=sgd lr=1`` · ``ignore`` · ``expect different`` · ``expect W0 different``
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from symbp.decide import Outcome
from symbp.read.errors import UnreadableError
from symbp.read.scope import Size
from symbp.read.sizes import size

MAX_WIDTH = 100_000
YES_NO: Mapping[str, bool] = {"yes": True, "no": False, "true": True, "false": False}


@dataclass(frozen=True)
class Shape:
    """An array and its extents."""

    name: str
    sizes: tuple[Size, ...]


@dataclass(frozen=True)
class ZeroOutside:
    """An array whose entries are zero beyond its ends."""

    name: str


@dataclass(frozen=True)
class Loss:
    """The quantity that is the loss."""

    name: str


@dataclass(frozen=True)
class IndexRange:
    """An index letter, ends included."""

    letter: str
    low: Size
    high: Size


@dataclass(frozen=True)
class Network:
    """A multilayer perceptron, in the words of ``symbp.mlp``; a letter for a size is any size."""

    layers: tuple[Size, ...]
    activation: tuple[str, ...] = ("sigmoid",)
    loss: str = "half-squared"
    bias: bool = True
    samples: int | None = None
    reduction: str = "mean"

    @property
    def widths(self) -> tuple[int, ...]:
        """The sizes as numbers. Raises :class:`UnreadableError` where one is a letter."""
        found = tuple(size for size in self.layers if isinstance(size, int))
        if len(found) != len(self.layers):
            raise UnreadableError("a network of any size has no numbers", accepted="layers=2,2,1")
        return found


@dataclass(frozen=True)
class Assume:
    """A relation to be taken as given, in plain text."""

    claim: str


@dataclass(frozen=True)
class Train:
    """Settings of a training run, as written."""

    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Ignore:
    """The next statement is not checked."""


@dataclass(frozen=True)
class Expect:
    """The next statement, or the parameter of a script, has this outcome on purpose."""

    name: str | None
    outcome: str


@dataclass(frozen=True)
class Parameters:
    """Of a script: what it trains."""

    names: tuple[str, ...]


@dataclass(frozen=True)
class Data:
    """Of a script: what it does not train."""

    names: tuple[str, ...]


Directive = (
    Shape | ZeroOutside | Loss | IndexRange | Network | Assume | Train | Ignore | Expect | Parameters
    | Data
)


def directive(text: str) -> Directive | None:
    """The directive that a line is; None where it is a statement.

    Raises :class:`UnreadableError` for a directive that is not well formed.

    >>> directive("expect W0 different")
    Expect(name='W0', outcome='different')
    >>> directive("loss = 3") is None
    True
    """
    match = re.match(r"\s*([a-z]+)\b\s*", text)
    if match is None or match[1] not in _READERS:
        return None
    rest = text[match.end() :].strip()
    if rest[:1] in {"=", "*", "+", "-", "/", "^"} or (rest[:1] == "(" and match[1] != "shape"):
        return None
    return _READERS[match[1]](rest, text)


def _refuse(text: str, accepted: str) -> UnreadableError:
    word = text.split()[0]
    return UnreadableError(f"this is no {word!r} directive", 0, len(text), accepted)


def _shape(rest: str, text: str) -> Shape:
    match = re.fullmatch(r"([A-Za-z]\w*)\s*\(([^()]*)\)", rest)
    sizes = [s.strip() for s in match[2].split(",") if s.strip()] if match else []
    if match is None or not sizes:
        raise _refuse(text, "shape W1 (2, 2)")
    try:
        return Shape(match[1], tuple(map(_size, sizes)))
    except UnreadableError as error:
        raise _refuse(text, f"shape W1 (2, 2); a size is {error.accepted}") from None


def _size(text: str) -> Size:
    return int(text) if text.isdigit() else str(size(text))


def _zero(rest: str, text: str) -> ZeroOutside:
    match = re.fullmatch(r"outside\s+([A-Za-z]\w*)", rest)
    if match is None:
        raise _refuse(text, "zero outside x")
    return ZeroOutside(match[1])


def _loss(rest: str, text: str) -> Loss:
    if not re.fullmatch(r"[A-Za-z]\w*", rest):
        raise _refuse(text, "loss E")
    return Loss(rest)


def _index(rest: str, text: str) -> IndexRange:
    match = re.fullmatch(r"([A-Za-z])\s+(\w+)\s*\.\.\s*(\w+)", rest)
    if match is None:
        raise _refuse(text, "index j 1..2")
    return IndexRange(match[1], _size(match[2]), _size(match[3]))


def _settings(rest: str, text: str, accepted: str) -> dict[str, str]:
    pairs = [word.split("=", 1) for word in rest.split()]
    if not pairs or any(len(pair) != 2 or not all(pair) for pair in pairs):
        raise _refuse(text, accepted)
    return {key: value for key, value in pairs}


def _network(rest: str, text: str) -> Network:
    accepted = "network layers=2,2,1 activation=sigmoid loss=half-squared bias=no"
    given = _settings(rest, text, accepted)
    layers = given.pop("layers", "").split(",")
    known = {"activation", "loss", "bias", "samples", "reduction"}
    sizes = [_size(n) for n in layers if re.fullmatch(r"\d{1,6}|[A-Za-z]\d?", n)]
    widest = max((n for n in sizes if isinstance(n, int)), default=1)
    if len(sizes) != len(layers) or widest > MAX_WIDTH or set(given) - known:
        raise _refuse(text, accepted)
    if given.get("bias", "yes") not in YES_NO or not given.get("samples", "1").isdigit():
        raise _refuse(text, accepted)
    return Network(
        tuple(sizes),
        tuple(given.get("activation", "sigmoid").split(",")),
        given.get("loss", "half-squared"),
        YES_NO[given.get("bias", "yes")],
        int(given["samples"]) if "samples" in given else None,
        given.get("reduction", "mean"),
    )


def _assume(rest: str, text: str) -> Assume:
    if not rest:
        raise _refuse(text, "assume sum(y[k], k) == 1")
    return Assume(rest)


def _train(rest: str, text: str) -> Train:
    return Train(_settings(rest, text, "train steps=100 optimizer=sgd lr=1"))


def _names(rest: str, text: str, accepted: str) -> tuple[str, ...]:
    names = tuple(part.strip() for part in rest.split(","))
    if not all(re.fullmatch(r"[A-Za-z_][\w.]*(\[\d+\])?", name) for name in names):
        raise _refuse(text, accepted)
    return names


def _ignore(rest: str, text: str) -> Ignore:
    if rest:
        raise _refuse(text, "ignore, alone on its line")
    return Ignore()


def _expect(rest: str, text: str) -> Expect:
    words = rest.split()
    outcomes = [str(outcome) for outcome in Outcome]
    if len(words) not in (1, 2) or words[-1] not in outcomes:
        raise _refuse(text, f"expect, and one of {', '.join(outcomes)}")
    return Expect(words[0] if len(words) == 2 else None, words[-1])


_READERS: Mapping[str, Callable[[str, str], Directive]] = {
    "shape": _shape,
    "zero": _zero,
    "loss": _loss,
    "index": _index,
    "network": _network,
    "assume": _assume,
    "train": _train,
    "ignore": _ignore,
    "expect": _expect,
    "parameters": lambda rest, text: Parameters(_names(rest, text, "parameters W1, b1")),
    "data": lambda rest, text: Data(_names(rest, text, "data X, y")),
}
