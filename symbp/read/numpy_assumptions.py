"""What is taken for values that a script leaves open: its data, sizes, arguments."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from symbp.read.numpy_numbers import Numbers
from symbp.read.numpy_values import Unknown, Value


@dataclass
class Assumptions:
    """Nothing yet."""

    taken: dict[str, Any] = field(default_factory=dict)

    def take(self, numbers: Numbers, value: Unknown, line: int) -> Value:
        """The value itself."""
        return value
