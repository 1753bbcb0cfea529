"""Expressions of a script: names, entries and attributes. One method each, by allow-list."""

from __future__ import annotations

import ast
from abc import abstractmethod
from collections.abc import Callable, Mapping

from symbp.read.code.assumptions import ARGUMENT
from symbp.read.code.builtins import BUILTINS, items
from symbp.read.code.containers import key
from symbp.read.code.descend import descend
from symbp.read.code.drivers import OPEN_NAME
from symbp.read.code.members import Members
from symbp.read.code.numbers import Numbers
from symbp.read.code.objects import (
    Class,
    Closure,
    Instance,
    Module,
    Native,
    Produced,
    Scope,
    Text,
    values_in,
)
from symbp.read.code.python import PYTHON_NAMES
from symbp.read.code.subscripts import index
from symbp.read.code.texts import formatted
from symbp.read.code.values import Array, CodeError, Unknown, Value, kind_of

IMPLIED = {"np": "numpy", "numpy": "numpy", "math": "math", "random": "random"}
"""Libraries that a snippet uses without importing them."""
EXCEPTIONS = frozenset(
    ["Exception", "ValueError", "TypeError", "KeyError", "IndexError", "NotImplementedError",
     "AssertionError", "RuntimeError", "AttributeError", "IOError", "OSError", "ImportError",
     "ZeroDivisionError", "OverflowError", "StopIteration", "KeyboardInterrupt", "NameError",
     "FileNotFoundError", "ModuleNotFoundError", "SystemExit"]
)  # fmt: skip

ALIASES = ast.Name | ast.Attribute | ast.IfExp | ast.Starred
"""Expressions that give what they name, and not what is made of it."""


class Expressions(Members):
    """What expressions are worth."""

    @abstractmethod
    def store(self, target: ast.expr, value: Value, scope: Scope) -> None:
        """Assign to a name, a tuple of targets, an entry or an attribute."""

    def value(self, node: ast.expr, scope: Scope) -> Value:
        """The value of an expression."""
        self.steps += 1
        rule = _EXPRESSIONS.get(type(node))
        if rule is None:
            raise CodeError(f"{type(node).__name__} is not followed", node.lineno, node.col_offset + 1)
        found = rule(self, node, scope)
        if isinstance(found, Unknown) and found.hole and not isinstance(node, ALIASES):
            return found.made()
        return found

    def items(self, value: Value) -> list[Value]:
        """What a value runs over."""
        return items(self.numbers, value)

    def _constant(self, node: ast.Constant, scope: Scope) -> Value:
        if isinstance(node.value, complex | bytes):
            raise CodeError(f"{node.value!r} is not followed", node.lineno)
        return Text.of(node.value) if isinstance(node.value, str) else node.value

    def _name(self, node: ast.Name, scope: Scope) -> Value:
        home = scope.find(node.id)
        if home is not None:
            return self.opened(home.names, node.id)
        if node.id in BUILTINS:
            return Native(node.id, BUILTINS[node.id])
        if node.id in PYTHON_NAMES:
            return Native(node.id, PYTHON_NAMES[node.id])
        if node.id == "print":
            return Native("print", self._print)
        if node.id in ("object", *EXCEPTIONS):
            return Class(node.id, (), {})
        if node.id == "__name__":
            return Text.of("__main__")
        if node.id == "__file__":
            return self.unknown("the path of the script")
        if node.id.startswith(OPEN_NAME):
            hole = node.id.removeprefix(OPEN_NAME)
            return self.watch.assumed(self, Unknown(ARGUMENT, node.lineno, hole), node.lineno)
        if node.id == "symbp_descend":
            return Native(node.id, descend)
        if node.id in IMPLIED:
            return Module(IMPLIED[node.id])
        if node.id == "plt" or self.starred:
            return self.unknown("matplotlib" if node.id == "plt" else node.id)
        raise CodeError(f"{node.id} has no value here", node.lineno, node.col_offset + 1)

    def _print(self, numbers: Numbers, *values: Value, **_: Value) -> Value:
        self.watch.printed(values, numbers.line)
        return None

    def _elements(self, nodes: list[ast.expr], scope: Scope) -> list[Value]:
        found: list[Value] = []
        for node in nodes:
            if isinstance(node, ast.Starred):
                found += self.items(self.value(node.value, scope))
            else:
                found.append(self.value(node, scope))
        return found

    def _list(self, node: ast.List, scope: Scope) -> Value:
        return self._elements(node.elts, scope)

    def _tuple(self, node: ast.Tuple, scope: Scope) -> Value:
        return tuple(self._elements(node.elts, scope))

    def _set(self, node: ast.Set, scope: Scope) -> Value:
        return BUILTINS["set"](self.numbers, self._elements(node.elts, scope))

    def _dict(self, node: ast.Dict, scope: Scope) -> Value:
        made: dict[Value, Value] = {}
        for name, value in zip(node.keys, node.values, strict=True):
            if name is None:
                made |= self.value(value, scope)
            else:
                made[key(self.value(name, scope))] = self.value(value, scope)
        return made

    def _slice(self, node: ast.Slice, scope: Scope) -> Value:
        return slice(
            *(self.value(p, scope) if p else None for p in (node.lower, node.upper, node.step))
        )

    def _lambda(self, node: ast.Lambda, scope: Scope) -> Value:
        return Closure("lambda", node, scope, self.defaults(node.args, scope))

    def _formatted(self, node: ast.JoinedStr, scope: Scope) -> Value:
        template, inner = "", []
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                inner.append(self.value(part.value, scope))
                shape = part.format_spec
                spec = self.value(shape, scope) if shape is not None else ""
                conversion = f"!{chr(part.conversion)}" if part.conversion > 0 else ""
                template += "{" + conversion + (f":{spec}" if spec else "") + "}"
            elif isinstance(part, ast.Constant):
                template += str(part.value).replace("{", "{{").replace("}", "}}")
        return formatted(Text.of(template), *inner)

    def _comprehension(
        self, node: ast.ListComp | ast.GeneratorExp | ast.SetComp | ast.DictComp, scope: Scope
    ) -> Value:
        inner, found = Scope(scope), list[Value]()

        def nest(level: int) -> None:
            if level == len(node.generators):
                found.append(
                    (self.value(node.key, inner), self.value(node.value, inner))
                    if isinstance(node, ast.DictComp) else self.value(node.elt, inner)
                )  # fmt: skip
                return
            part = node.generators[level]
            for item in self.items(self.value(part.iter, inner if level else scope)):
                self.store(part.target, item, inner)
                if all(self.decided(self.value(test, inner)) for test in part.ifs):
                    nest(level + 1)

        nest(0)
        if isinstance(node, ast.DictComp):
            return {key(k): v for k, v in found}
        if isinstance(node, ast.SetComp):
            return BUILTINS["set"](self.numbers, found)
        return Produced(found) if isinstance(node, ast.GeneratorExp) else found

    def _subscript(self, node: ast.Subscript, scope: Scope) -> Value:
        owner, at = self.value(node.value, scope), self.value(node.slice, scope)
        if isinstance(owner, Array):
            if isinstance(at, Unknown):
                return at
            where = index(self.numbers, at)
            return owner.both(lambda a: a[where])
        if isinstance(owner, list | tuple | range):
            return owner[index(self.numbers, at)]
        if isinstance(owner, str):
            return Text.of(str(owner)[index(self.numbers, at)], values_in(owner))
        if isinstance(owner, dict):
            return owner[key(at)]
        if isinstance(owner, Unknown):
            return owner
        if isinstance(owner, Instance) and owner.of.find("__getitem__") is not None:
            return self.call(self.attribute(owner, "__getitem__"), [at], {})
        if isinstance(owner, Native) and owner.name in ("numpy.c_", "numpy.r_"):
            return owner.rule(self.numbers, at)
        raise CodeError(f"an entry of {kind_of(owner)}", node.lineno, node.col_offset + 1)

    def _attribute(self, node: ast.Attribute, scope: Scope) -> Value:
        owner = self.value(node.value, scope)
        found = self.attribute(owner, node.attr)
        self.numbers.line = node.lineno
        return found

    def defaults(self, arguments: ast.arguments, scope: Scope) -> dict[str, Value]:
        """The values of arguments that have one."""
        names = [a.arg for a in (*arguments.posonlyargs, *arguments.args)]
        given = dict(zip(names[::-1], arguments.defaults[::-1], strict=False))
        given |= {
            a.arg: d for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if d
        }
        return {name: self.value(default, scope) for name, default in given.items()}


_EXPRESSIONS: Mapping[type, Callable[..., Value]] = {
    ast.Constant: Expressions._constant,
    ast.Name: Expressions._name,
    ast.BinOp: Expressions._binary,
    ast.UnaryOp: Expressions._unary,
    ast.BoolOp: Expressions._boolean,
    ast.Compare: Expressions._compare,
    ast.IfExp: Expressions._choice,
    ast.List: Expressions._list,
    ast.Tuple: Expressions._tuple,
    ast.Set: Expressions._set,
    ast.Dict: Expressions._dict,
    ast.Slice: Expressions._slice,
    ast.Lambda: Expressions._lambda,
    ast.JoinedStr: Expressions._formatted,
    ast.ListComp: Expressions._comprehension,
    ast.SetComp: Expressions._comprehension,
    ast.DictComp: Expressions._comprehension,
    ast.GeneratorExp: Expressions._comprehension,
    ast.Subscript: Expressions._subscript,
    ast.Attribute: Expressions._attribute,
    ast.Call: Expressions._call,
}
