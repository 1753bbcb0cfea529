"""A corpus that tries to get a wrong verdict: rewrites and mutants of right formulas.

``python -m tests.rewriting --rewrites 2000 --mutants 2000 --seed 1`` runs it over the networks of
``rewriting_subjects``, ``--random 100000`` over random nests. A rewrite (``rewriting_rules``) must
never be different, a mutant (``rewriting_mutants``) never equal. Every pair has a random source of
its own, so that the one with a given seed and number can be had again.
"""

from __future__ import annotations

import argparse
import itertools
import random
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from statistics import median

from sympy import Expr

from symbp.decide import Context, Outcome, Verdict
from tests.rewriting_mutants import mutate
from tests.rewriting_rules import rewrite
from tests.rewriting_subjects import Subject, nest, subjects
from tests.rewriting_terms import shown
from tests.rewriting_values import certainly_different, fault_of

CONTRADICTION = "the two evaluators contradict each other"
"""A reason to be undecided that is a fault as well: what was proved is not so."""


@dataclass(frozen=True)
class Pair:
    """Two sides that are the same value, or certainly are not."""

    left: Expr
    right: Expr
    subject: Subject
    same: bool

    def __str__(self) -> str:
        kind = "rewrite" if self.same else "mutant"
        return f"{kind}, {self.subject.name}: {shown(self.left)} against {shown(self.right)}"

    def fault(self, verdict: Verdict) -> str | None:
        """What is wrong with the verdict: it contradicts the pair, its witness or its factor."""
        if (verdict.outcome == Outcome.equal) > self.same:
            return "a mutant is called equal"
        if verdict.reason == CONTRADICTION:
            return verdict.reason
        if verdict.witness is None:
            return None
        if self.same:
            return f"a rewrite is called {verdict.outcome} at {verdict.witness}"
        if verdict.factor is not None and certainly_different(
            verdict.factor * self.left, self.right, self.subject.names, random.Random(1), wanted=1
        ):
            return f"{verdict.factor} is not the factor"
        return fault_of(verdict.witness, self.left, self.right, self.subject.names)


def pair(subject: Subject, same: bool, rng: random.Random) -> Pair | None:
    """A gradient and its rewrite or mutant, on either side; None where no mutation shows."""
    term, names = rng.choice(subject.gradients), subject.names
    other: Expr | None = term
    if not same:
        other = mutate(rewrite(term, rng, names) if rng.random() < 0.3 else term, rng, names)
    if other is None:
        return None
    sides = [term, rewrite(other, rng, names) if same or rng.random() < 0.7 else other]
    rng.shuffle(sides)
    return Pair(sides[0], sides[1], subject, same)


def network_pairs(count: int, same: bool, seed: int) -> Iterator[Pair]:
    """So many pairs, the networks in turn."""
    return _drawn(count, lambda rng, turn: pair(SUBJECTS[turn % len(SUBJECTS)], same, rng), seed)


def nest_pairs(count: int, seed: int) -> Iterator[Pair]:
    """So many pairs of random nests, rewrites and mutants in turn."""
    return _drawn(
        count,
        lambda rng, turn: pair(
            Subject("nest", [], (nest(rng, rng.randint(2, 5)),)), turn % 2 == 0, rng
        ),
        seed,
    )


def _drawn(count: int, draw: Callable[[random.Random, int], Pair | None], seed: int) -> Iterator[Pair]:
    drawn = (draw(random.Random(f"{seed} {turn}"), turn) for turn in itertools.count())
    return itertools.islice((found for found in drawn if found is not None), count)


@dataclass
class Tally:
    """What became of some pairs."""

    outcomes: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    undecided: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def add(self, case: Pair, context: Context) -> Verdict | None:
        """Decide a pair and count it; None where that is not survived."""
        start = time.perf_counter()
        try:
            verdict = context.decide(case.left, case.right)
        except Exception as problem:  # whatever it is, it is what is looked for
            self.wrong.append(f"{problem!r} is raised: {case}")
            return None
        self.seconds.append(time.perf_counter() - start)
        self.outcomes[verdict.outcome] += 1
        if verdict.outcome == Outcome.undecided:
            self.undecided.append(f"{verdict.reason}: {case}")
        if fault := case.fault(verdict):
            self.wrong.append(f"{fault}: {case}")
        return verdict

    def __str__(self) -> str:
        counts = ", ".join(f"{self.outcomes[o]} {o}" for o in Outcome if self.outcomes[o])
        middle, most = 1000 * median(self.seconds), 1000 * max(self.seconds)
        return (
            f"{len(self.seconds)} pairs: {counts}, {len(self.wrong)} wrong; "
            f"median {middle:.1f} ms, longest {most:.0f} ms"
        )


SUBJECTS = subjects()


def tally(cases: Iterable[Pair]) -> Tally:
    """All verdicts of some pairs; the networks keep their contexts."""
    found = Tally()
    contexts = {subject.name: subject.context() for subject in SUBJECTS}
    for case in cases:
        found.add(case, contexts.get(case.subject.name) or Context())
    return found


def main() -> None:
    """Count what the corpus asked for on the command line comes to."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("rewrites", "mutants", "random"):
        parser.add_argument(f"--{name}", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--shown", type=int, default=5, help="how many undecided pairs to list")
    asked = parser.parse_args()
    corpora = {
        "rewrites": network_pairs(asked.rewrites, True, asked.seed),
        "mutants": network_pairs(asked.mutants, False, asked.seed),
        "random": nest_pairs(asked.random, asked.seed),
    }
    for name, cases in corpora.items():
        if getattr(asked, name):
            found = tally(cases)
            print(f"{name} of seed {asked.seed}: {found}", flush=True)
            for line in (*found.wrong, *found.undecided[: asked.shown]):
                print("   ", line, flush=True)


if __name__ == "__main__":
    main()
