"""Learning-rate schedules: the factor of the rate in each epoch.

Cosine is Loshchilov & Hutter (2017) without restarts; a warm-up rises linearly (Goyal et al. 2017).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

Schedule = Callable[[int, int], float]
"""From an epoch, counted from 0, and the number of epochs to the factor of the learning rate."""

ACCEPTED = "constant, linear, cosine, exponential:0.99, step:30:0.5, and warmup:5+ before one of them"


def schedule_of(text: str) -> Schedule:
    """The schedule that a text names. Raises ValueError.

    >>> rate = schedule_of("warmup:2+step:10:0.5")
    >>> [rate(epoch, 30) for epoch in (0, 1, 9, 10, 20)]
    [0.5, 1.0, 1.0, 0.5, 0.25]
    """
    parts = [_part(part.strip()) for part in text.split("+")]
    return lambda epoch, epochs: math.prod(part(epoch, epochs) for part in parts)


def _part(text: str) -> Schedule:
    name, *numbers = text.split(":")
    made = _MAKERS.get(name)
    try:
        values = [float(number) for number in numbers]
    except ValueError:
        values = [-1.0]
    if made is None or len(values) != made[0] or not all(0 < v < 1e9 for v in values):
        raise ValueError(f"schedule {text!r}: accepted are {ACCEPTED}")
    return made[1](*values)


def _warmup(length: float) -> Schedule:
    return lambda epoch, _: min(1.0, (epoch + 1) / length)


def _exponential(factor: float) -> Schedule:
    return lambda epoch, _: float(factor**epoch)


def _step(length: float, factor: float) -> Schedule:
    return lambda epoch, _: float(factor ** (epoch // max(1, int(length))))


_MAKERS: Mapping[str, tuple[int, Callable[..., Schedule]]] = {
    "constant": (0, lambda: lambda *_: 1.0),
    "linear": (0, lambda: lambda epoch, epochs: 1 - epoch / epochs),
    "cosine": (0, lambda: lambda epoch, epochs: (1 + math.cos(math.pi * epoch / epochs)) / 2),
    "exponential": (1, _exponential),
    "step": (2, _step),
    "warmup": (1, _warmup),
}
