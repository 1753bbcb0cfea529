"""One step along gradients that a script returns: which belongs to which array of an object."""

from __future__ import annotations

import re

import numpy as np

from symbp.read.code.heap import Place, inside
from symbp.read.code.numbers import Numbers
from symbp.read.code.objects import Instance
from symbp.read.code.values import Array, CodeError, Value

PREFIX = re.compile(r"^(d_?(j|l|e|c|loss|cost)?_?(d|_d_|_)?|grad_?|nabla_?|g_)|(_?(grads?|bar))$", re.I)


def descend(numbers: Numbers, owner: Value, slopes: Value, names: Value) -> None:
    """``p -= slope`` for each array p of the object."""
    assert isinstance(owner, Instance)
    arrays = [p for p in inside(owner) if isinstance(p.value, Array)]
    if isinstance(slopes, dict):
        pairs = [(str(name), slope) for name, slope in slopes.items()]
    elif isinstance(slopes, list | tuple):
        words = [*map(str, names), *[""] * len(slopes)][: len(slopes)]
        pairs = list(zip(words, slopes, strict=True))
    else:
        pairs = [(str(names[0]) if names else "", slopes)]
    met = 0
    for word, slope in pairs:
        place = _meant(arrays, word)
        if place is not None and isinstance(slope, Array) and slope.shape == place.value.shape:
            place.put(numbers.operate("subtract", np.subtract, place.value, slope))
            met += 1
    if not met:
        raise CodeError("which gradient belongs to which array is not told", numbers.line)


def _meant(arrays: list[Place], word: str) -> Place | None:
    """The array whose name is in the name of a gradient."""
    plain = PREFIX.sub("", word).lower()
    for place in arrays:
        if place.name.lower() in (word.lower(), plain):
            return place
    fit = [p for p in arrays if p.name and word.lower().endswith(p.name.lower())]
    return max(fit, key=lambda p: len(p.name), default=None)
