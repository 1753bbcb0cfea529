"""A loss history as one line of text, or as a picture."""

from __future__ import annotations

import io
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


def plotted(history: Sequence[float], validation: Sequence[float], kind: str) -> bytes:
    """The loss of each epoch as a picture, ``png``, ``svg`` or ``pdf``; needs matplotlib."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ModuleNotFoundError:
        raise PlotError("a plot needs matplotlib: pip install 'symbp[plot]'") from None
    figure = Figure(figsize=(6.4, 3.6), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    for values, name, style in ((history, "training", "-"), (validation, "validation", "--")):
        if values:
            axes.plot(range(1, len(values) + 1), values, style, label=name)
    if min([*history, *validation]) > 0:
        axes.set_yscale("log")
    axes.set_xlabel("epoch")
    axes.set_ylabel("loss")
    axes.grid(alpha=0.3)
    axes.legend(frameon=False)
    file = io.BytesIO()
    figure.savefig(file, format=kind, metadata={"Date": None} if kind == "svg" else None, dpi=150)
    return file.getvalue()


class PlotError(ValueError):
    """A plot that cannot be drawn here; the message says what is needed."""
