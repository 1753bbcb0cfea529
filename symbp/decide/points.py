"""Small rational points, the same for a name whenever it is asked for."""

from collections.abc import Collection
from hashlib import blake2b

from flint import fmpq

SPREAD = (16, 8, 24, 32, 6, 64)


def sample(name: str, index: int, positive: Collection[str] = ()) -> fmpq:
    """The value of a name at the point with this number: an odd number of eighths.

    Odd numbers of eighths are neither 0 nor ±1, where different formulas often agree. The value
    depends on the name alone, so that a witness does not depend on what was asked before.
    """
    spread = SPREAD[index % len(SPREAD)]
    digest = blake2b(f"{index} {name}".encode(), digest_size=4).digest()
    numerator = 2 * (int.from_bytes(digest, "big") % spread - spread // 2) + 1
    return fmpq(abs(numerator) if name in positive else numerator, 8)
