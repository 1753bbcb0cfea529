"""Expressions as Python: SymPy's code printers, on the floats of ``math`` or on NumPy arrays.

Two printers, one for each kind of number, differ in a table of function names and in how a case
distinction is written (``a if c else b``, ``np.where(c, a, b)``). Every name that they print comes
from a :class:`Names`, so no text of a user's reaches the source: a name that Python or the source
itself needs (``lambda``, ``exp``) and a name that is no identifier get another.
"""

# SymPy dispatches on the names of these methods.
# ruff: noqa: N802, N815

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import sympy as sp
from sympy import Basic, Expr
from sympy.codegen.cfunctions import expm1, log1p
from sympy.printing.precedence import PRECEDENCE
from sympy.printing.pycode import PythonCodePrinter

from symbp.core.functions import ROWS, sigmoid

MATH: Mapping[type, str] = {
    sp.exp: "exp", sp.log: "log", expm1: "expm1", log1p: "log1p", sp.erf: "erf", sp.erfc: "erfc",
    sp.sin: "sin", sp.cos: "cos", sp.tan: "tan", sp.sinh: "sinh", sp.cosh: "cosh", sp.tanh: "tanh",
    sp.asin: "asin", sp.acos: "acos", sp.atan: "atan", sp.asinh: "asinh", sp.acosh: "acosh",
    sp.atanh: "atanh", sp.Abs: "abs",
}  # fmt: skip
"""SymPy's functions under the names of Python's ``math``."""

ARRAY: Mapping[type, str] = {
    **{f: f"np.{name}" for f, name in MATH.items()},
    sp.asin: "np.arcsin", sp.acos: "np.arccos", sp.atan: "np.arctan", sp.asinh: "np.arcsinh",
    sp.acosh: "np.arccosh", sp.atanh: "np.arctanh", sp.erf: "erf", sp.erfc: "erfc",
    sp.sign: "np.sign",
}  # fmt: skip
"""The same functions under NumPy's names; it has no erf, so the source brings its own."""

RESERVED = frozenset((
    *keyword.kwlist, *keyword.softkwlist, *dir(builtins), *MATH.values(),
    "np", "sqrt", "f", "step", "loop", "broadcast", "Struct", "state", "dtype",
))  # fmt: skip
"""What no variable of a printed source may be called."""


@dataclass
class Names:
    """Python's name for each quantity of a program: its own where that is possible.

    >>> names = Names()
    >>> names("W1"), names("lambda"), names("exp"), names("a b"), names("a_b"), names("W1")
    ('W1', 'lambda_', 'exp_', 'a_b', 'a_b_', 'W1')
    """

    given: dict[str, str] = field(default_factory=dict)
    taken: set[str] = field(default_factory=lambda: set(RESERVED))

    def __call__(self, name: str, like: str | None = None) -> str:
        """The identifier that stands for a quantity's name, or looks ``like`` another; always
        the same one."""
        if name not in self.given:
            self.given[name] = self.fresh(like or name)
        return self.given[name]

    def fresh(self, name: str) -> str:
        """An identifier like ``name`` that nothing else is called."""
        plain = re.sub(r"\W", "_", unicodedata.normalize("NFKC", name)).lstrip("_")
        plain = plain if plain.isidentifier() else f"q{plain}"
        while plain in self.taken:
            plain += "_"
        self.taken.add(plain)
        return plain


Operand = Callable[[Expr], str]
"""What an operand (a Symbol, an Indexed, an index) is written as."""


class FloatPrinter(PythonCodePrinter):  # type: ignore[misc]  # SymPy has no types
    """Python floats and ``math``.

    >>> x = sp.Symbol("x")
    >>> print(FloatPrinter(str).doprint(sp.Piecewise((x**2 / 2, x > 0), (sp.sqrt(sp.pi), True))))
    ((1/2)*(x*x) if (x > 0.0) else 1.772453850905516)
    """

    functions: ClassVar[Mapping[type, str]] = MATH
    forms: ClassVar[Mapping[type, Callable[[Expr], Expr]]] = {
        # Of a float only one branch is computed, which is faster than the exponential of −|z|.
        sigmoid: lambda z: sp.Piecewise((1 / (1 + sp.exp(-z)), z > -700), (sp.exp(z), True)),
    }
    root: ClassVar[str] = "sqrt"

    def __init__(self, operand: Operand) -> None:
        super().__init__({"fully_qualified_modules": False, "allow_unknown_functions": False})
        self.operand = operand

    @classmethod
    def form(cls, function: type) -> Callable[[Expr], Expr]:
        """The stable form of a function of the table that suits this kind of number."""
        return cls.forms.get(function, ROWS[function].code)

    def _print(self, expr: Basic, **settings: object) -> str:
        if isinstance(expr, Expr) and expr.is_number and expr.args and not expr.is_Rational:
            return repr(float(expr.evalf(20)))
        return str(super()._print(expr, **settings))

    def _print_Symbol(self, expr: Expr) -> str:
        return self.operand(expr)

    _print_Dummy = _print_Indexed = _print_Idx = _print_Symbol

    def _print_Float(self, expr: Expr) -> str:
        return repr(float(expr))

    def _print_Integer(self, expr: Expr) -> str:
        return repr(float(expr))  # CPython adds floats to floats faster than to integers

    def _print_NumberSymbol(self, expr: Expr) -> str:
        return repr(float(expr))

    _print_Pi = _print_Exp1 = _print_EulerGamma = _print_GoldenRatio = _print_NumberSymbol

    def _as_ordered_terms(self, expr: Expr, order: str | None = None) -> list[Expr]:
        terms: list[Expr] = super()._as_ordered_terms(expr, order=order)
        # o − d instead of −d + o: one operation less.
        return sorted(terms, key=lambda term: bool(term.could_extract_minus_sign()))

    def _print_Mul(self, expr: Expr) -> str:
        irrational = [a for a in expr.args if a.is_number and not a.is_Rational]
        if irrational:
            number = sp.Mul(*(a for a in expr.args if a.is_number)).evalf(20)
            expr = sp.Mul(number, *(a for a in expr.args if not a.is_number), evaluate=False)
        return str(super()._print_Mul(expr))

    def _print_Pow(self, expr: Expr, rational: bool = False) -> str:
        base, power = expr.args
        if power.is_Rational and power.is_negative:
            return f"{self._print(sp.S.One)}/{self.parenthesize(base**-power, PRECEDENCE['Mul'])}"
        if power == 2 and isinstance(base, (sp.Symbol, sp.Indexed)):
            return f"({self.operand(base)}*{self.operand(base)})"
        if power == sp.S.Half:
            return f"{self.root}({self._print(base)})"
        one = self.parenthesize(base, PRECEDENCE["Pow"])
        other = str(power) if power.is_Integer else self.parenthesize(power, PRECEDENCE["Pow"])
        return f"{one}**{other}"

    def _print_exp(self, expr: Expr) -> str:
        return self._print_Function(expr)

    def _print_Function(self, expr: Expr) -> str:
        if type(expr) not in self.functions:
            raise NotImplementedError(f"{type(expr).__name__} has no name in Python or NumPy")
        return f"{self.functions[type(expr)]}({', '.join(map(self._print, expr.args))})"

    _print_log = _print_Abs = _print_log1p = _print_expm1 = _print_Function
    _print_sin = _print_cos = _print_tan = _print_sinh = _print_cosh = _print_tanh = _print_Function
    _print_erf = _print_erfc = _print_Function

    def _print_sech(self, expr: Expr) -> str:
        return f"(1/{self._print(sp.cosh(expr.args[0]))})"

    def _print_sign(self, expr: Expr) -> str:
        at = self._print(expr.args[0])
        return f"(({at} > 0.0) - ({at} < 0.0))"

    def _print_KroneckerDelta(self, expr: Expr) -> str:
        one, other = map(self._print, expr.args)
        return f"({one} == {other})"

    def _print_Max(self, expr: Expr) -> str:
        return self._extreme(list(expr.args), ">")

    def _print_Min(self, expr: Expr) -> str:
        return self._extreme(list(expr.args), "<")

    def _extreme(self, args: list[Expr], sign: str) -> str:
        if len(args) > 2 or any(a.args and not a.is_number for a in args):
            return f"{'max' if sign == '>' else 'min'}({', '.join(map(self._print, args))})"
        one, other = map(self._print, args)
        return f"({one} if {one} {sign} {other} else {other})"

    def _print_Piecewise(self, expr: Expr) -> str:
        *cases, (last, _) = expr.args
        parts = [f"{self._print(value)} if {self._print(when)} else " for value, when in cases]
        return f"({''.join(parts)}{self._print(last)})"


class ArrayPrinter(FloatPrinter):
    """NumPy arrays.

    >>> x = sp.Symbol("x")
    >>> print(ArrayPrinter(str).doprint(sp.Piecewise((x**2 / 2, x > 0), (sp.Max(x, 3), True))))
    np.where((x > 0), (1/2)*(x*x), np.maximum(3, x))
    """

    functions = ARRAY
    forms: ClassVar[Mapping[type, Callable[[Expr], Expr]]] = {}
    root = "np.sqrt"

    def _print_Integer(self, expr: Expr) -> str:
        return str(expr)

    def _print_sign(self, expr: Expr) -> str:
        return self._print_Function(expr)

    def _extreme(self, args: list[Expr], sign: str) -> str:
        name = "np.maximum" if sign == ">" else "np.minimum"
        *first, last = map(self._print, args)
        for arg in reversed(first):
            last = f"{name}({arg}, {last})"
        return last

    def _print_Piecewise(self, expr: Expr) -> str:
        *cases, (last, _) = expr.args
        text = self._print(last)
        for value, when in reversed(cases):
            text = f"np.where({self._print(when)}, {self._print(value)}, {text})"
        return text

    def _print_And(self, expr: Basic) -> str:
        return " & ".join(f"({self._print(a)})" for a in expr.args)

    def _print_Or(self, expr: Basic) -> str:
        return " | ".join(f"({self._print(a)})" for a in expr.args)
