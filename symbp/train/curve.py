"""A loss history as one line of text."""

from __future__ import annotations

import math
from collections.abc import Sequence

BARS = "▁▂▃▄▅▆▇█"


def sparkline(history: Sequence[float], width: int = 60) -> str:
    """The history on a logarithmic scale, one bar a point, at most ``width`` points.

    >>> sparkline([1.0, 0.1, 0.01, 0.001])
    '█▆▃▁'
    """
    if not history:
        return ""
    stride = max(1, -(-len(history) // width))
    points = [math.log10(max(value, 1e-300)) for value in history[::stride]]
    low, high = min(points), max(points)
    span = (high - low) or 1.0
    return "".join(BARS[round((p - low) / span * (len(BARS) - 1))] for p in points)
