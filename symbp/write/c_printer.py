"""Expressions as C99: SymPy's code printer with C's operators, numbers and names."""

# SymPy dispatches on the names of a printer's methods.
# ruff: noqa: N802, N815

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import ClassVar

import sympy as sp
from sympy import Basic, Expr, Indexed, Symbol

from symbp.write.numpy_printer import MATH, RESERVED, FloatPrinter, Names

KEYWORDS = frozenset((
    "auto", "break", "case", "char", "const", "continue", "default", "do", "double", "else", "enum",
    "extern", "float", "for", "goto", "if", "inline", "int", "long", "register", "restrict", "return",
    "short", "signed", "sizeof", "static", "struct", "switch", "typedef", "union", "unsigned", "void",
    "volatile", "while", "asm", "typeof", "linux", "unix", "main", "work", "work_size", "INFINITY",
    "NAN", "HUGE_VAL", "HUGE_VALF", "HUGE_VALL", "math_errhandling", "MATH_ERRNO", "MATH_ERREXCEPT",
    "fabs", "fmax", "fmin", "pow",
))  # fmt: skip
"""What the language and its mathematics need, beside what every source needs."""


class CNames(Names):
    """C's name for each quantity: letters of ASCII, and no word that the language needs."""

    def __init__(self) -> None:
        words = RESERVED | KEYWORDS
        super().__init__(taken={*words, *(f"{word}f" for word in words)})

    def fresh(self, name: str) -> str:
        """An identifier like ``name`` that nothing else is called."""
        plain = unicodedata.normalize("NFKC", name)
        return super().fresh(re.sub(r"[^0-9A-Za-z_]", "_", plain))


class CPrinter(FloatPrinter):
    """C expressions in doubles.

    >>> x = Symbol("x")
    >>> print(CPrinter(str).doprint(sp.Piecewise((x**3 / 2, x > 0), (sp.Max(x, 3), True))))
    ((x > 0.0) ? 0.5*(x*x*x) : (3.0 > x ? 3.0 : x))
    """

    suffix: ClassVar[str] = ""
    functions: ClassVar[Mapping[type, str]] = {**MATH, sp.Abs: "fabs"}
    forms: ClassVar[Mapping[type, Callable[[Expr], Expr]]] = {}

    def _number(self, value: float) -> str:
        text = repr(value)
        return f"({text}{self.suffix})" if value < 0 else f"{text}{self.suffix}"

    def _print(self, expr: Basic, **settings: object) -> str:
        if isinstance(expr, Expr) and expr.is_number:
            return self._number(float(expr.evalf(20)))
        return super()._print(expr, **settings)

    def parenthesize(self, item: Basic, level: int, strict: bool = False) -> str:
        """A number needs no parentheses but for its sign."""
        if isinstance(item, Expr) and item.is_number:
            return self._print(item)
        return str(super().parenthesize(item, level, strict))

    def _print_Function(self, expr: Expr) -> str:
        name, rest = super()._print_Function(expr).split("(", 1)
        return f"{name}{self.suffix}({rest}"

    _print_log = _print_Abs = _print_log1p = _print_expm1 = _print_exp = _print_Function
    _print_sin = _print_cos = _print_tan = _print_sinh = _print_cosh = _print_tanh = _print_Function
    _print_erf = _print_erfc = _print_Function

    def _print_Pow(self, expr: Expr, rational: bool = False) -> str:
        base, power = expr.args
        if power == sp.S.Half:
            return f"sqrt{self.suffix}({self._print(base)})"
        if power.is_Rational and power.is_negative:
            return f"{self._number(1.0)}/({self._print(base**-power)})"
        if power in (2, 3, 4) and isinstance(base, (Symbol, Indexed)):
            return f"({'*'.join([self.operand(base)] * int(power))})"
        return f"pow{self.suffix}({self._print(base)}, {self._print(power)})"

    def _print_sign(self, expr: Expr) -> str:
        at = self._print(expr.args[0])
        return f"(({at} > 0) - ({at} < 0))"

    def _extreme(self, args: list[Expr], sign: str) -> str:
        first, *others = args
        if not others:
            return self._print(first)
        one, other = self._print(first), self._extreme(others, sign)
        if len(others) > 1 or any(a.args and not isinstance(a, Indexed) for a in args):
            return f"{'fmax' if sign == '>' else 'fmin'}{self.suffix}({one}, {other})"
        return f"({one} {sign} {other} ? {one} : {other})"

    def _print_Piecewise(self, expr: Expr) -> str:
        *cases, (last, _) = expr.args
        parts = [f"{self._print(when)} ? {self._print(value)} : " for value, when in cases]
        return f"({''.join(parts)}{self._print(last)})"

    def _print_And(self, expr: Basic) -> str:
        return f"({' && '.join(map(self._print, expr.args))})"

    def _print_Or(self, expr: Basic) -> str:
        return f"({' || '.join(map(self._print, expr.args))})"

    def _print_Not(self, expr: Basic) -> str:
        return f"!({self._print(expr.args[0])})"


class CFloatPrinter(CPrinter):
    """C expressions in floats."""

    suffix = "f"


class PlacePrinter(CPrinter):
    """Indices and sizes: whole numbers."""

    def _number(self, value: float) -> str:
        return f"({int(value)})" if value < 0 else str(int(value))
