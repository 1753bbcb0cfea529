"""A file is there whole or not at all."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path


def save(path: Path, content: bytes) -> None:
    """Write beside the target and rename; raises OSError."""
    if not path.parent.is_dir():
        raise OSError(errno.ENOENT, f"no such folder as {path.parent}", str(path))
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except OSError:
        os.unlink(name)
        raise
