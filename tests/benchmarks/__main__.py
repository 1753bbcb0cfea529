"""The figures of the README and of the targets, as one table: ``python -m tests.benchmarks``.

``python -m tests.benchmarks targets`` measures one part: steps, derivation, deciding or targets.
"""

from __future__ import annotations

import sys

from rich.console import Console
from rich.table import Table

from tests.benchmarks.deciding import deciding_figures
from tests.benchmarks.figures import derivation_figures, step_figures
from tests.benchmarks.targets import target_figures

PARTS = {"steps": step_figures, "derivation": derivation_figures, "deciding": deciding_figures,
         "targets": target_figures}  # fmt: skip


def main() -> None:
    """Measure everything once and print it."""
    table = Table(title="symbp: ratios and seconds, measured in one run")
    table.add_column("figure")
    table.add_column("measured", justify="right")
    for part in sys.argv[1:] or PARTS:
        for name, value in PARTS[part]():
            table.add_row(name, value)
    Console().print(table)


main()
