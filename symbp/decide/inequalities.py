"""Whether a system of strict linear inequalities has a solution: Fourier–Motzkin, exactly."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

MOST_PAIRS = 3000


@dataclass(frozen=True)
class Inequality:
    """Σ coefficient·x + constant > 0, over variables numbered from 0."""

    coefficients: tuple[Fraction, ...]
    constant: Fraction


def is_empty(system: Sequence[Inequality]) -> bool:
    """True only if no real point satisfies all of them (Fourier 1826; Motzkin 1936).

    A variable goes by adding every lower bound on it to every upper bound; a system that would
    grow too large counts as one that may have a solution.
    """
    rows = list(system)
    for variable in range(len(rows[0].coefficients) if rows else 0):
        above = [row for row in rows if row.coefficients[variable] > 0]
        below = [row for row in rows if row.coefficients[variable] < 0]
        rows = [row for row in rows if row.coefficients[variable] == 0]
        if len(above) * len(below) > MOST_PAIRS:
            return False
        rows.extend(_eliminate(up, down, variable) for up in above for down in below)
    return any(row.constant <= 0 for row in rows)


def _eliminate(up: Inequality, down: Inequality, variable: int) -> Inequality:
    scale_up, scale_down = -down.coefficients[variable], up.coefficients[variable]
    coefficients = tuple(
        scale_up * a + scale_down * b
        for a, b in zip(up.coefficients, down.coefficients, strict=True)
    )
    return Inequality(coefficients, scale_up * up.constant + scale_down * down.constant)
