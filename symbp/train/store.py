"""Arrays and facts in one file that is whole or refused: an NPZ archive with a checksum.

The archive holds numbers and one JSON text, never objects. It is written beside its target, flushed
to the disk and renamed, so whatever interrupts the writing, the old file or the new one is there.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from symbp.train.data import MAX_BYTES, DataError
from symbp.write.save import save

Array = NDArray[Any]
FACTS = "symbp"
"""The name of the JSON text among the arrays."""


def write(path: Path, kind: str, arrays: Mapping[str, Array], facts: Mapping[str, Any]) -> None:
    """Write a file of a kind (``model``, ``checkpoint``); raises OSError."""
    text = json.dumps({**facts, "kind": kind, "checksum": _checksum(arrays)}, sort_keys=True)
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **{**arrays, FACTS: np.array(text)})
    save(path, file.getvalue(), durable=True)


def read(path: Path, kind: str) -> tuple[dict[str, Array], dict[str, Any]]:
    """The arrays and the facts. Raises :class:`DataError` for a file that is not whole."""
    if not path.is_file():
        raise DataError(f"{path}: no such file")
    if path.stat().st_size > MAX_BYTES:
        raise DataError(f"{path}: larger than {MAX_BYTES} bytes")
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        facts = json.loads(str(arrays.pop(FACTS)))
    except (ValueError, OSError, EOFError, KeyError, RecursionError, zipfile.BadZipFile) as error:
        raise DataError(f"{path}: no {kind} that symbp wrote: {error}") from None
    if not isinstance(facts, dict) or facts.get("kind") != kind:
        raise DataError(f"{path}: no {kind} that symbp wrote")
    if facts.get("checksum") != _checksum(arrays):
        raise DataError(f"{path}: damaged, its checksum does not fit")
    return arrays, facts


def _checksum(arrays: Mapping[str, Array]) -> str:
    digest = hashlib.sha256()
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        digest.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()
