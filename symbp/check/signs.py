"""The sign and the colour of each outcome, and a witness on one line: what all reports show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from symbp.decide import Outcome, Verdict, Witness
from symbp.write.phrases import Told, told

SIGNS: Mapping[str, tuple[str, str]] = {
    "equal": ("✓", "green"),
    "proportional": ("∝", "yellow"),
    "different": ("✗", "red"),
    "not-updated": ("✗", "red"),
    "undecided": ("?", "yellow"),
    "unreadable": ("!", "magenta"),
}
MAX_NAMES = 4
MAX_DIGITS = 12


def at_point(witness: Witness) -> str:
    """Both sides and the first names with their values; the rest is in the JSON."""
    values = [f"{name}={value}" for name, value in sorted(witness.at.items())]
    shown = ", ".join(values[:MAX_NAMES]) + (", …" if len(values) > MAX_NAMES else "")
    sides = f"{_short(witness.left)} ≠ {_short(witness.right)}"
    return f"{sides}  ({shown})" if shown else sides


def conditions(verdict: Verdict) -> Iterator[str]:
    """Under which the sides are the same, each as a sentence: where x > 0."""
    if verdict.outcome in (Outcome.equal, Outcome.proportional):
        for condition in verdict.assumptions:
            is_sentence = isinstance(condition, Told) or condition.startswith("checked at")
            yield condition if is_sentence else told("given", it=condition)


def _short(decimal: str) -> str:
    mantissa, mark, exponent = decimal.partition("e")
    return mantissa[:MAX_DIGITS] + mark + exponent
