"""The tables of scikit-learn as CSV: ``python -m tests.tables digits digits.csv``."""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

from sklearn import datasets

NAMES = ("digits", "breast_cancer", "diabetes", "iris", "wine")


def write_table(name: str, path: Path) -> None:
    """One of them with a header line; a class is written by its name."""
    found = getattr(datasets, f"load_{name}")()
    header = [str(feature).replace(" ", "_") for feature in found.feature_names]
    names = getattr(found, "target_names", None)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([*header, "target"])
        for row, target in zip(found.data, found.target, strict=True):
            writer.writerow([*row, target if names is None else names[target]])


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("file", type=Path)
    asked = parser.parse_args()
    write_table(asked.name, asked.file)
