"""Straight-line code on Python floats: one assignment for each entry of each equation.

The intermediates of the derivation are the shared subexpressions; inside one line only a table
row's stable form shares anything more (``exp(−|z|)`` of the sigmoid).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

import sympy as sp
from sympy import Dummy, Expr, Symbol

from symbp.core.functions import ROWS
from symbp.write.numpy_printer import FloatPrinter, Names

_Z = Dummy("z", real=True)


@dataclass(frozen=True)
class Recipe:
    """A row's stable form with what it shares named: ``t = exp(−|z|)``, then the value."""

    shared: tuple[tuple[Expr, Expr], ...]
    value: Expr


@cache
def recipe(form: Callable[[Expr], Expr]) -> Recipe:
    """A stable form of the table, as a function of the dummy ``_Z``."""
    shared, (value,) = sp.cse([form(_Z)], symbols=sp.numbered_symbols("t"))
    return Recipe(tuple(shared), value)


@dataclass
class Writer:
    """Writes assignments with one printer; temporaries get fresh names."""

    names: Names
    printer: type[FloatPrinter]
    temporaries: dict[Expr, Symbol] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)

    def expression(self, value: Expr) -> str:
        """The text of a value; shared parts of its functions are written as lines before."""
        return str(self.printer(self.name).doprint(self._stable(value)))

    def assign(self, target: Expr, value: Expr) -> None:
        """``target = value``."""
        text = self.expression(value)
        self.lines.append(f"{self.name(target)} = {text}")

    def name(self, symbol: Expr) -> str:
        """The identifier of a symbol; a dummy, which is no quantity, never shares one."""
        if isinstance(symbol, Dummy):
            return self.names(f"dummy {symbol.dummy_index}", symbol.name)
        return self.names(symbol.name)

    def _stable(self, value: Expr) -> Expr:
        calls = [f for f in value.atoms(sp.Function) if type(f) in ROWS]
        for call in sorted(calls, key=_size):
            value = value.xreplace({call: self._call(type(call), self._stable(call.args[0]))})
        squares = [p for p in value.atoms(sp.Pow) if p.exp == 2 and p.base.is_Add]
        return value.xreplace({p: self._temporary(p.base) ** 2 for p in squares})

    def _call(self, function: type, argument: Expr) -> Expr:
        form = recipe(self.printer.form(function))
        if not (argument.is_Symbol or argument.is_number):
            argument = self._temporary(argument)
        rule = {_Z: argument}
        for symbol, value in form.shared:
            rule[symbol] = self._temporary(value.xreplace(rule))
        return form.value.xreplace(rule)

    def _temporary(self, value: Expr) -> Symbol:
        if value not in self.temporaries:
            symbol = Dummy(f"t{len(self.temporaries) + 1}", real=True)
            self.assign(symbol, value)
            self.temporaries[value] = symbol
        return self.temporaries[value]


def _size(call: Expr) -> int:
    return -len(list(sp.preorder_traversal(call)))
