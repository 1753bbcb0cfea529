"""A plan as C99: scalar straight-line code where it is small, loops over arrays above.

Every array is a pointer to its entries, row-major, and every function returns the loss::

    double f(sizes, const double *parameters…, const double *inputs…, double *gradients…)
    double step(sizes, double *parameters…, const double *inputs…, double *state)
    double loop(long n, sizes, …)              // n updates; the loss before the last

The sizes that are open come first. Of a scalar program the parameters are one array, and so are the
inputs. Loops need a last argument ``work`` for the intermediates: ``work_size(sizes)`` numbers.
"""

from __future__ import annotations

from typing import Protocol

from symbp.core.optimizers import Update
from symbp.write.c_loops import LoopC
from symbp.write.c_scalar import ScalarC
from symbp.write.plan import Plan

BUILD = "cc -std=gnu99 -O3 -march=native -fno-math-errno -fopenmp-simd -shared -fPIC"
"""The line that builds a library, before ``-o net.so net.c -lm``."""


class Code(Protocol):
    """The definitions of a plan in C."""

    def sizes(self) -> list[str]:
        """How much room the others need."""

    def f(self) -> str:
        """The function ``f``."""

    def steps(self, update: Update) -> str:
        """The functions ``step`` and ``loop``."""


def source(plan: Plan, *, f: bool = True) -> str:
    """The text of ``f``, and with an update of ``step`` and ``loop``."""
    code: Code = ScalarC(plan) if plan.is_small else LoopC(plan)
    parts = ["#include <math.h>", *code.sizes()]
    parts += [code.f()] if f else []
    parts += [code.steps(plan.update)] if plan.update is not None else []
    return "\n\n".join(parts) + "\n"
