"""A plan as C99: scalar straight-line code where it is small, loops over arrays above.

Every array is a pointer to its entries, row-major, and every function returns the loss::

    double f(sizes, const double *parameters…, const double *inputs…, double *gradients…)
    double step(sizes, double *parameters…, const double *inputs…, double *state)
    double loop(long n, sizes, …)              // n updates; the loss before the last

The sizes that are open come first. Of a scalar program the parameters are one array, and so are the
inputs. Loops need a last argument ``work`` for the intermediates: ``work_size(sizes)`` numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sympy import Expr

from symbp.write.c_printer import CFloatPrinter, CNames, CPrinter, PlacePrinter
from symbp.write.language import Language, indented, linear
from symbp.write.nests import Nests
from symbp.write.numpy_printer import FloatPrinter, Names
from symbp.write.plan import Plan
from symbp.write.straight import Straight

BUILD = (
    "cc -std=gnu99 -O3 -march=native -fno-math-errno -fopenmp-simd -fno-tree-loop-if-convert "
    "-shared -fPIC"
)
"""The line that builds a library, before ``-o net.so net.c -lm``.

Conditions stay branches: with AVX-512, GCC 12 turns ``z > 0 ? 1 : a + 1`` in an unrolled loop into
additions that are all masked by the condition of the first.
"""


def source(plan: Plan, *, f: bool = True) -> str:
    """The text of ``f``, and with an update of ``step`` and ``loop``."""
    code = (Straight if plan.is_small else Nests)(plan, C(plan.dtype))
    parts = ["#include <math.h>", *code.sizes()]
    parts += [code.f("f")] if f else []
    parts += [code.steps(plan.update)] if plan.update is not None else []
    return "\n\n".join(parts) + "\n"


@dataclass(frozen=True)
class C(Language):
    """C99."""

    places = PlacePrinter
    least = "-INFINITY"

    @property
    def kind(self) -> str:
        """The type of a number."""
        return {"float64": "double", "float32": "float"}[self.dtype]

    @property
    def numbers(self) -> type[FloatPrinter]:
        """Prints numbers of the dtype."""
        return {"float64": CPrinter, "float32": CFloatPrinter}[self.dtype]

    def names(self) -> Names:
        """The names of a new source."""
        return CNames()

    def argument(self, name: str, kind: str = "real", *, mutable: bool = False) -> str:
        """``const double *restrict W1``"""
        if kind == "size":
            return f"long {name}"
        const = "" if mutable else "const "
        return f"{const}{'long' if kind == 'table' else self.kind} *restrict {name}"

    def number(self, whole: str) -> str:
        """``(double)i``"""
        return f"({self.kind}){whole}"

    def constant(self, name: str, value: str) -> str:
        """``const double x = 1.0;``"""
        return f"const {self.kind} {name} = {value};"

    def variable(self, name: str, value: str = "") -> list[str]:
        """``double x = 1.0;``"""
        return [f"{self.kind} {name}{f' = {value}' if value else ''};"]

    def store(self, place: str, value: str, sign: str = "=") -> str:
        """``W1[0] = x;``"""
        return f"{place} {sign} {value};"

    def entry(
        self, name: str, at: Sequence[Expr], shape: Sequence[Expr], index: Callable[[Expr], str]
    ) -> str:
        """``W1[2*j + k]``"""
        return f"{name}[{index(linear(at, shape))}]"

    def view(self, name: str, source: str, start: str, stop: str, shape: Sequence[str]) -> str:
        """``double *restrict z1 = work + 12;``"""
        return f"{self.kind} *restrict {name} = {source} + {start};"

    def loop(self, variable: str, count: str, lines: Iterable[str], total: str = "") -> list[str]:
        """A loop; a sum may be taken in any order."""
        head = f"for (long {variable} = 0; {variable} < {count}; {variable}++) {{"
        lines = [*lines]
        plain = total and not any(" ? " in line for line in lines)
        simd = [f"#pragma omp simd reduction(+:{total})"] if plain else []
        return [*simd, head, *indented(lines), "}"]

    def guarded(self, conditions: Sequence[str], lines: Iterable[str]) -> list[str]:
        """Lines under conditions."""
        return [f"if ({' && '.join(conditions)}) {{", *indented(lines), "}"]

    def scope(self, lines: Iterable[str]) -> list[str]:
        """A block."""
        return ["{", *indented(lines), "}"]

    def function(
        self, name: str, arguments: Sequence[str], text: str, body: Iterable[str], *,
        whole: bool = False,
    ) -> str:  # fmt: skip
        """A definition, with a comment before it."""
        head = f"{'long' if whole else self.kind} {name}({', '.join(arguments) or 'void'})"
        return "\n".join([f"/* {text} */", f"{head} {{", *indented(body), "}"])

    def returned(self, value: str) -> str:
        """The end of a function."""
        return f"return {value};"

    def steps(
        self, arguments: Sequence[str], count: str, text: str, opening: Sequence[str],
        inside: Sequence[str], closing: Sequence[str],
    ) -> str:  # fmt: skip
        """The functions ``loop`` and ``step``, which is a loop of one."""
        turns = ["do {", *indented(inside), f"}} while (--{count} > 0);"]
        names = [argument.rpartition(" ")[2].lstrip("*") for argument in arguments]
        unused = [] if any("state" in line for line in opening) else ["(void)state;"]
        return "\n\n".join([
            self.function("loop", [f"long {count}", *arguments],
                          f"{count} updates, at least one; the loss before the last. {text}",
                          [*unused, *opening, *turns, *closing]),
            self.function("step", arguments, "One update; the loss before it.",
                          [self.returned(f"loop(1, {', '.join(names)})")]),
        ])  # fmt: skip
