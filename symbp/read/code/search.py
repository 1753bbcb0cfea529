"""Following a script that leaves things open: the first assumptions with which it trains.

Values are assumed in the order in which the script needs them, depth first. Where two sizes do not
meet, the size that the script wants is tried, once for each letter. Assumptions under which targets
and outputs have different shapes, or a target decides an index, are taken only when there are no
others.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from symbp.read.code.assumptions import SIZES, Assumptions, Guess, OpenSignal, Sizes, guesses
from symbp.read.code.turn import Pass
from symbp.read.code.values import CodeError, SizeError

MAX_RUNS = 160
MAX_SIZE = 40
FEWEST_SAMPLES = 3
"""So many samples there are at least, so that a sum over them shows."""
Trial = Callable[[Assumptions], tuple[Pass, ...]]
"""Follows the script under assumptions. Raises OpenSignal where one more is needed."""


@dataclass
class Budget:
    """How often a script may still be followed."""

    left: int = 480

    def spend(self) -> bool:
        """Whether it may once more."""
        self.left -= 1
        return self.left >= 0


@dataclass
class Search:
    """The search for one script."""

    trial: Trial
    budget: Budget
    given: Mapping[str, Guess] = field(default_factory=dict)
    runs: int = 0
    first_error: CodeError | None = None
    second_best: tuple[Pass, ...] | None = None

    def found(self) -> tuple[Pass, ...] | None:
        """The turns under the first assumptions that hold; None without any."""
        return self._under(self.given, SIZES) or self.second_best

    def _under(self, taken: Mapping[str, Guess], sizes: Sizes) -> tuple[Pass, ...] | None:
        if self.runs >= MAX_RUNS or not self.budget.spend():
            return None
        self.runs += 1
        try:
            passes = self.trial(Assumptions(taken, sizes, active=True))
        except OpenSignal as open_:
            return self._with(open_.name, taken, sizes)
        except SizeError:
            raise
        except CodeError as error:
            self.first_error = self.first_error or error
            hole = error.unknown.hole or error.unknown.source if error.unknown is not None else ""
            if hole and hole not in taken:
                return self._with(hole, taken, sizes)
            return self._resized(str(error), taken, sizes)
        if any(turn.strange for turn in passes):
            self.second_best = self.second_best or passes
            return None
        return passes

    def _with(
        self, name: str, taken: Mapping[str, Guess], sizes: Sizes
    ) -> tuple[Pass, ...] | None:
        for guess in guesses(name, taken):
            result = self._under({**taken, name: guess}, sizes)
            if result is not None:
                return result
        return None

    def _resized(
        self, message: str, taken: Mapping[str, Guess], sizes: Sizes
    ) -> tuple[Pass, ...] | None:
        """Where sizes did not meet, the ones that were assumed may be the script's other ones."""
        used = {letter for guess in taken.values() for letter in sizes if "{" + letter in guess.layout}
        for letter in sorted(used):
            for wanted in _wanted(message, sizes[letter]) if sizes[letter] == SIZES[letter] else ():
                if FEWEST_SAMPLES * (letter == "N") <= wanted <= MAX_SIZE:
                    result = self._under(taken, {**sizes, letter: wanted})
                    if result is not None:
                        return result
        return None


def _wanted(message: str, size: int) -> list[int]:
    """What should stand where a size stood that did not meet another one.

    >>> _wanted("shapes (4,6) and (2,5) not aligned: 6 (dim 1) != 2 (dim 0)", 2)
    [6]
    >>> _wanted("Mismatch is between arg 0 with shape (4, 2) and arg 1 with shape (3, 2).", 3)
    [4]
    """
    pairs = [(int(a), int(b)) for a, b in re.findall(r"(\d+) \(dim \d+\) != (\d+)", message)]
    shapes = [[int(n) for n in re.findall(r"\d+", t)] for t in re.findall(r"\([\d, ]+\)", message)]
    if not pairs and len(shapes) > 1:
        pairs = [(a, b) for a, b in zip(shapes[0][::-1], shapes[1][::-1], strict=False) if a != b]
    if pairs:
        return [new for pair in pairs for old, new in (pair, pair[::-1]) if old == size and new]
    numbers = {int(n) for n in re.findall(r"\d+", message.partition(": ")[2])}
    return sorted(numbers - {0, size}) if size in numbers else []


def appended(tree: ast.Module, more: ast.Module) -> ast.Module:
    """The statements of a driver after those of the script."""
    return ast.Module([*tree.body, *more.body], [])


def in_order(first: ast.Module, drivers: Iterator[ast.Module]) -> Iterator[ast.Module]:
    """The script as it is, then with each driver."""
    yield first
    for driver in drivers:
        yield appended(first, driver)
