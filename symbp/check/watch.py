"""Waiting until files change: their times of modification are looked at, again and again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

PERIOD = 0.3
"""Seconds between two looks."""


def versions(
    paths: Sequence[Path], wait: Callable[[float], None] = time.sleep
) -> Iterator[Mapping[Path, tuple[int, int] | None]]:
    """The state of the files now, and again after each change; a folder stands for what is in it.

    A file that is being replaced may be gone for a moment: that is a state too, and is waited out.
    """
    before: Mapping[Path, tuple[int, int] | None] | None = None
    while True:
        now = _state(paths)
        if now != before and all(stamp is not None for stamp in now.values()):
            yield now
            before = now
        wait(PERIOD)


def _state(paths: Sequence[Path]) -> dict[Path, tuple[int, int] | None]:
    found = [each for p in paths for each in (sorted(p.iterdir()) if p.is_dir() else (p,))]
    return {path: _stamp(path) for path in found}


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        stat = path.stat()
    except FileNotFoundError:
        return None
    return stat.st_mtime_ns, stat.st_size
