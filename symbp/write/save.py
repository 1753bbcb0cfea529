"""A file is there whole or not at all."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path


def save(path: Path, content: bytes, *, durable: bool = False) -> None:
    """Write beside the target and rename; raises OSError.

    A ``durable`` file outlives a power cut: file and folder are flushed to the disk.
    """
    if not path.parent.is_dir():
        raise OSError(errno.ENOENT, f"no such folder as {path.parent}", str(path))
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        os.chmod(name, 0o644)
        os.replace(name, path)
    except OSError:
        os.unlink(name)
        raise
    if durable:
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
