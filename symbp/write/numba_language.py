"""Python as Numba compiles it: printers, statements, and an exponential that becomes vector code."""

# SymPy dispatches on the names of a printer's methods.
# ruff: noqa: N802

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import factorial
from typing import ClassVar

import numpy as np
import sympy as sp
from sympy import Basic, Expr

from symbp.write.language import Language, indented
from symbp.write.numpy_printer import RESERVED, FloatPrinter, Names

OWN = ("math", "numba", "real", "compiled", "slopes", "updates", "work", "memory", "kept", "room",
       "turn", "slope", "loss", "parameters", "inputs", "exponential")  # fmt: skip
"""What no variable may be called, beside what every source needs."""

EXPONENTIAL = '''@numba.njit(error_model="numpy", fastmath={{"contract"}}, forceinline=True)
def exponential(x):
    """e to the power of x, in arithmetic alone."""
    x = real({most}) if x > real({most}) else x
    x = real({least}) if x < real({least}) else x
    shifted = x*real(1.4426950408889634) + real({shift})
    n = shifted - real({shift})
    r = (x - n*real({high})) - n*real({low})
    power = np.{dtype}(shifted).view(np.{whole}) - np.{whole}({zero})
    half = power >> np.{whole}(1)
    one = np.{whole}((half + np.{whole}({bias})) << np.{whole}({bits})).view(np.{dtype})
    other = np.{whole}((power - half + np.{whole}({bias})) << np.{whole}({bits})).view(np.{dtype})
    return ({series})*one*other'''


def exponential(dtype: str) -> str:
    """The source of ``exp`` in a form that a compiler turns into vector code.

    ``exp(x) = 2ⁿ·exp(r)`` for n the whole number nearest to x/ln 2 and r = x − n·ln 2, |r| < 0.35,
    with ln 2 in two parts (Cody & Waite 1980) and exp(r) by its series. Adding ``shift`` rounds to n
    and leaves it in the last bits; 2ⁿ is made of two factors, so that neither the largest nor the
    smallest results are lost.
    """
    high, low, shift, whole, bits, bias, degree, ends = {
        "float64": (6.93147180369123816490e-01, 1.90821492927058770002e-10, 1.5 * 2**52, "int64", 52,
                    1023, 13, (-746.0, 710.0)),
        "float32": (6.93145752e-01, 1.42860677e-06, 1.5 * 2**23, "int32", 23, 127, 7, (-104.0, 89.0)),
    }[dtype]  # fmt: skip
    series = " + r*(".join(f"real({1 / factorial(k)!r})" for k in range(degree + 1))
    return EXPONENTIAL.format(
        high=high, low=low, shift=shift, whole=whole, bits=bits, bias=bias, least=ends[0],
        most=ends[1], dtype=dtype, zero=int(np.array(shift, dtype).view(whole)),
        series=f"{series}{')' * degree}",
    )  # fmt: skip


class NumbaNames(Names):
    """The names of a source for Numba."""

    def __init__(self) -> None:
        super().__init__(taken={*RESERVED, *OWN})


class NumbaPrinter(FloatPrinter):
    """Numbers as Numba reads them: functions of ``math``."""

    root = "math.sqrt"
    forms: ClassVar[Mapping[type, Callable[[Expr], Expr]]] = {}
    functions: ClassVar[Mapping[type, str]] = {
        f: name if name == "abs" else f"math.{name}" for f, name in FloatPrinter.functions.items()
    }


class SinglePrinter(NumbaPrinter):
    """The same in float32: a number that is written out is one as well."""

    def _number(self, value: float) -> str:
        return f"real({value!r})"

    def _print(self, expr: Basic, **settings: object) -> str:
        if isinstance(expr, Expr) and expr.is_number:
            return self._number(float(expr.evalf(20)))
        return super()._print(expr, **settings)


class WideNumbaPrinter(NumbaPrinter):
    """The same where many exponentials are computed at once."""

    functions: ClassVar[Mapping[type, str]] = {**NumbaPrinter.functions, sp.exp: "exponential"}


class WideSinglePrinter(SinglePrinter):
    """The same in float32."""

    functions: ClassVar[Mapping[type, str]] = WideNumbaPrinter.functions


class WholePrinter(FloatPrinter):
    """Indices, sizes, and conditions on them."""

    def _print_Integer(self, expr: Expr) -> str:
        return str(expr)


@dataclass(frozen=True)
class Numba(Language):
    """Python for Numba; in loops, ``wide``, an exponential is written out."""

    wide: bool = False
    places = WholePrinter
    least = "real(-np.inf)"
    product = "np.dot({left}, {right}, {target})"

    @property
    def numbers(self) -> type[FloatPrinter]:
        """Prints numbers of the dtype."""
        if self.wide:
            return {"float64": WideNumbaPrinter, "float32": WideSinglePrinter}[self.dtype]
        return {"float64": NumbaPrinter, "float32": SinglePrinter}[self.dtype]

    def names(self) -> Names:
        """The names of a new source."""
        return NumbaNames()

    def argument(self, name: str, kind: str = "real", *, mutable: bool = False) -> str:
        """A name."""
        return name

    def number(self, whole: str) -> str:
        """``real(i)``"""
        return f"real({whole})"

    def constant(self, name: str, value: str) -> str:
        """``x = 1.0``"""
        return f"{name} = {value}"

    def variable(self, name: str, value: str = "") -> list[str]:
        """``x = 1.0``; nothing where the value comes later."""
        return [f"{name} = {value}"] if value else []

    def store(self, place: str, value: str, sign: str = "=") -> str:
        """``W1[0, 0] = x``"""
        return f"{place} {sign} {value}"

    def entry(
        self, name: str, at: Sequence[Expr], shape: Sequence[Expr], index: Callable[[Expr], str]
    ) -> str:
        """``W1[j, k]``"""
        return f"{name}[{', '.join(map(index, at)) or '()'}]"

    def view(self, name: str, source: str, start: str, stop: str, shape: Sequence[str]) -> str:
        """``z1 = work[12:24].reshape((3, 4))``"""
        sizes = f"{', '.join(shape)}{',' if len(shape) == 1 else ''}"
        return f"{name} = {source}[{start}:{stop}].reshape(({sizes}))"

    def loop(self, variable: str, count: str, lines: Iterable[str], total: str = "") -> list[str]:
        """A loop."""
        return [f"for {variable} in range({count}):", *indented(lines)]

    def guarded(self, conditions: Sequence[str], lines: Iterable[str]) -> list[str]:
        """Lines under conditions."""
        return [f"if {' and '.join(conditions)}:", *indented(lines)]

    def scope(self, lines: Iterable[str]) -> list[str]:
        """Python's functions have one scope."""
        return [*lines]

    def function(
        self, name: str, arguments: Sequence[str], text: str, body: Iterable[str], *,
        whole: bool = False,
    ) -> str:  # fmt: skip
        """A definition that Numba compiles."""
        head = [] if whole else ["@compiled"]
        return "\n".join([*head, f"def {name}({', '.join(arguments)}):", f'    """{text}"""',
                          *indented(body)])  # fmt: skip

    def returned(self, value: str) -> str:
        """The end of a function."""
        return f"return {value}"

    def steps(
        self, arguments: Sequence[str], count: str, text: str, opening: Sequence[str],
        inside: Sequence[str], closing: Sequence[str],
    ) -> str:  # fmt: skip
        """The kernel of ``loop``."""
        turns = [f"for turn in range({count}):", *indented(inside)]
        text = f"{count} updates; the loss before the last. {text}"
        return self.function("updates", [count, *arguments], text, [*opening, *turns, *closing])
