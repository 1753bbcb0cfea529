"""Modules that lie beside a script, or in the folder above: their source, never run."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from symbp.read.fragments import FileError, read_source

Neighbours = Callable[[str], str | None]


def alone(module: str) -> str | None:
    """No neighbours: a text without a file."""
    return None


def beside(script: Path) -> Neighbours:
    """The source of a module by its dotted name; None where there is no such file."""
    folder = script.resolve().parent

    def source(module: str) -> str | None:
        if not re.fullmatch(r"\w+(\.\w+)*", module):
            return None
        for base in (folder, folder.parent):
            path = base.joinpath(*module.split(".")).with_suffix(".py")
            if path.is_file() and path.resolve() != script.resolve():
                try:
                    return read_source(path)
                except FileError:
                    return None
        return None

    return source
