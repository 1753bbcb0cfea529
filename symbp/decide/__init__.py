"""Deciding whether two terms are equal: a verdict that carries its proof or its witness."""

from symbp.decide.context import Context, MissingValueError, decide
from symbp.decide.graph import UndefinedError, UnsupportedError
from symbp.decide.ladder import RedefinedError
from symbp.decide.printed import Enclosure, TooWideError, judge
from symbp.decide.sizes import IndexContext
from symbp.decide.verdict import Diagnosis, Method, Outcome, Verdict, Witness

__all__ = [
    "Context",
    "Diagnosis",
    "Enclosure",
    "IndexContext",
    "Method",
    "MissingValueError",
    "Outcome",
    "RedefinedError",
    "TooWideError",
    "UndefinedError",
    "UnsupportedError",
    "Verdict",
    "Witness",
    "decide",
    "judge",
]
