"""The figures of the README and of the targets, as one table: ``python -m tests.benchmarks``."""

from __future__ import annotations

from itertools import chain

from rich.console import Console
from rich.table import Table

from tests.benchmarks.deciding import deciding_figures
from tests.benchmarks.figures import derivation_figures, step_figures


def main() -> None:
    """Measure everything once and print it."""
    table = Table(title="symbp: ratios and seconds, measured in one run")
    table.add_column("figure")
    table.add_column("measured", justify="right")
    for name, value in chain(step_figures(), derivation_figures(), deciding_figures()):
        table.add_row(name, value)
    Console().print(table)


main()
