"""How an object shows itself in a notebook: the rooms that print say so, the object only asks."""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import Any

Bundle = dict[str, str]
"""By MIME type: ``text/plain``, ``text/markdown``, ``text/latex``, ``text/html`` (no script)."""

SHOWN: dict[type, Callable[[Any], Bundle]] = {}
"""What makes the bundle of an object, by its class; ``symbp.notebook`` fills it."""


class Shown:
    """An object that a notebook can show."""

    def _repr_mimebundle_(
        self, include: Container[str] | None = None, exclude: Container[str] | None = None
    ) -> Bundle:
        rule = next((SHOWN[kind] for kind in type(self).__mro__ if kind in SHOWN), None)
        bundle = {"text/plain": repr(self)} if rule is None else rule(self)
        return {
            kind: text for kind, text in bundle.items()
            if (not include or kind in include) and not (exclude and kind in exclude)
        }
