"""Small rational points, the same for a name whenever it is asked for."""

import random
from collections.abc import Collection

from flint import fmpq

SPREAD = (16, 8, 24, 32, 6, 64)


def sample(name: str, index: int, positive: Collection[str] = ()) -> fmpq:
    """The value of a name at the point with this number: an odd number of eighths.

    Odd numbers of eighths are neither 0 nor ±1, where different formulas often agree.
    """
    spread = SPREAD[index % len(SPREAD)]
    # A stream for each name, so that a witness does not depend on what was asked before.
    numerator = 2 * random.Random(f"{index} {name}").randrange(-spread // 2, spread // 2) + 1
    return fmpq(abs(numerator) if name in positive else numerator, 8)
