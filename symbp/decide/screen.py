"""Many points at once in double precision: where two nodes might differ.

What is found here is only a place to look; a difference is established by balls.
"""

import zlib
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from symbp.decide.graph import CALL, CONSTANT, POWER, PRODUCT, SUM, SYMBOL, Graph, Node

Lanes = NDArray[np.float64]
SCALES = np.array([2.0, 1.0, 0.5, 4.0, 16.0, 64.0])
SMALLEST_GAP = 1e-13
FIRST_CENTRED = 2
"""The first attempt of which half the points lie around constants of the terms."""
LARGEST_CENTRE = 1e9
MEMORY = 15_000_000


def _erf(x: Lanes) -> Lanes:
    """To 1e-7 (Abramowitz & Stegun 7.1.26)."""
    t = 1 / (1 + 0.3275911 * np.abs(x))
    series = np.polyval([1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592, 0], t)
    return np.asarray(np.sign(x) * (1 - series * np.exp(-x * x)))


CALLS: Mapping[str, Callable[..., Any]] = {
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "root": lambda x, order: np.power(x, 1 / order),
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "tanh": np.tanh,
    "sin": np.sin,
    "cos": np.cos,
    "erf": _erf,
    "step": lambda x: (x > 0) * 1.0,
    "pi": lambda: np.pi,
}


def candidates(
    graph: Graph, left: Node, right: Node, positive: Collection[str], attempt: int, lanes: int = 512
) -> list[dict[str, int]]:
    """Up to three points at which the sides seem to differ, in units of 1/128."""
    order = graph.reach((left, right))
    lanes = max(16, min(lanes, MEMORY // len(order)))
    points: dict[str, Lanes] = {}
    scales = SCALES[np.arange(lanes) % len(SCALES)]
    centres = _centres(graph, order)

    def point(name: str) -> Lanes:
        lane = _uniform(name, attempt, lanes) * scales
        if attempt >= FIRST_CENTRED:
            lane[::2] += centres[_source(name, -attempt).integers(len(centres), size=len(lane[::2]))]
        lane = np.round(lane * 64) / 64 + 1 / 128
        points[name] = np.abs(lane) if name in positive else lane
        return points[name]

    with np.errstate(all="ignore"):
        values = evaluate(graph, order, point)
        a, b = (np.broadcast_to(values[node], (lanes,)) for node in (left, right))
        gaps = np.abs(a - b) / (np.abs(a) + np.abs(b) + 1e-300)
    gaps = np.where(np.isfinite(gaps), gaps, 0)
    best = [lane for lane in np.argsort(-gaps)[:3] if gaps[lane] > SMALLEST_GAP]
    return [{name: round(float(p[lane]) * 128) for name, p in points.items()} for lane in best]


def _centres(graph: Graph, order: Iterable[Node]) -> Lanes:
    """0 and the constants of the terms: pieces may meet there, as in relu(x − 1000)."""
    found = {graph.payloads[node] for node in order if graph.kinds[node] == CONSTANT}
    numbers = [float(number) for number in found if 1 < abs(number) < LARGEST_CENTRE]
    return np.array([0.0, *numbers, *(-number for number in numbers)])


def evaluate(
    graph: Graph, order: Iterable[Node], point: Callable[[str], Lanes]
) -> dict[Node, Any]:
    """Every node in double precision, children first; ``point`` gives a name its lanes."""
    values: dict[Node, Any] = {}
    for node in order:
        kind, payload = graph.kinds[node], graph.payloads[node]
        parts = [values[child] for child in graph.children[node]]
        if kind == SYMBOL:
            values[node] = point(payload)
        elif kind == CONSTANT:
            values[node] = _as_float(payload.numerator, payload.denominator)
        elif kind == SUM:
            values[node] = sum(parts)
        elif kind == PRODUCT:
            values[node] = _product(parts)
        elif kind == POWER:
            values[node] = np.power(parts[0], float(max(-1e300, min(1e300, payload))))
        else:
            assert kind == CALL
            values[node] = CALLS[payload](*parts)
    return values


def near(name: str, lanes: int, positive: bool) -> Lanes:
    """Numbers of a name's own, around 1 in size: where no function is saturated."""
    lane = _uniform(name, 0, lanes) * 2
    return np.abs(lane) if positive else lane


def _uniform(name: str, attempt: int, lanes: int) -> Lanes:
    return _source(name, attempt).uniform(-1, 1, lanes)


def _source(name: str, attempt: int) -> np.random.Generator:
    return np.random.default_rng(zlib.crc32(f"{attempt} {name}".encode()))


def _product(parts: list[Any]) -> Any:
    """The product, with a piece that is switched off counting as 0 wherever it has no value."""
    total: Any = 1.0
    off: Any = False
    for part in parts:
        total, off = total * part, off | (np.asarray(part) == 0)
    return np.where(off, 0.0, total)


def _as_float(numerator: int, denominator: int) -> float:
    """A double near the fraction, however many digits it has."""
    shift = max(0, max(numerator.bit_length(), denominator.bit_length()) - 1000)
    bottom = denominator >> shift
    return (numerator >> shift) / bottom if bottom else np.inf
