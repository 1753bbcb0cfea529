"""Work done in a child process, within limits of time and memory that the parent enforces.

The parent looks at the child every few milliseconds and kills it when it has run too long or holds
too much; the child cannot talk it out of that. What comes back is JSON.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

SECONDS = 10.0
"""Of processor time; of the clock's, where the machine is busy, three times as many."""
PATIENCE = 3
BYTES = 1 << 30
PAUSE = 0.01
PAGE = 4096


class LimitError(Exception):
    """The work took too long, too much memory, or ended without an answer."""


def in_child(work: Callable[[], Any], seconds: float = SECONDS, most: int = BYTES) -> Any:
    """What the work gives, as JSON carries it. Raises :class:`LimitError`."""
    context = multiprocessing.get_context("fork")
    mine, theirs = context.Pipe(duplex=False)
    child = context.Process(target=_answer, args=(work, theirs), daemon=True)
    child.start()
    theirs.close()
    start, reason = time.monotonic(), None
    own = _held(child.pid)
    try:
        while reason is None and not mine.poll(PAUSE):
            if _worked(child.pid) > seconds or time.monotonic() - start > PATIENCE * seconds:
                reason = f"it takes more than {seconds:g} s"
            elif _held(child.pid) - own > most:
                reason = f"it needs more than {most >> 20:,} MiB"
            elif not child.is_alive() and not mine.poll(PAUSE):
                reason = "the check of it ended without an answer"
        answer = None if reason else json.loads(mine.recv_bytes())
    except (EOFError, OSError):
        reason = "the check of it ended without an answer"
    finally:
        child.kill()
        child.join()
        mine.close()
    if reason is not None:
        raise LimitError(reason)
    return answer


def _answer(work: Callable[[], Any], pipe: Connection) -> None:
    pipe.send_bytes(json.dumps(work()).encode())
    pipe.close()


def _worked(process: int | None) -> float:
    """The processor time of a process in seconds; 0 where the system does not tell."""
    try:
        words = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")
    except (OSError, IndexError, ValueError):
        return 0.0


def _held(process: int | None) -> int:
    """The resident memory of a process in bytes; 0 where the system does not tell."""
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * PAGE
    except (OSError, IndexError, ValueError):
        return 0
