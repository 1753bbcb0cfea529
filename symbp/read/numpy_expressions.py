"""Expressions of a script: names, entries, attributes and calls. One method each, by allow-list."""

from __future__ import annotations

import ast
from abc import abstractmethod
from collections.abc import Callable, Mapping

import numpy as np

from symbp.read.numpy_builtins import BUILTINS, DICTS, LISTS, METHODS, items
from symbp.read.numpy_control import MAX_CALLS, ReturnSignal
from symbp.read.numpy_functions import CONSTANTS, LIBRARIES, member
from symbp.read.numpy_numbers import Numbers
from symbp.read.numpy_objects import Bound, Class, Closure, Instance, Module, Native, Scope, Text
from symbp.read.numpy_operators import Operators
from symbp.read.numpy_random import RANDOM
from symbp.read.numpy_subscripts import index
from symbp.read.numpy_values import Array, CodeError, Number, Unknown, Value, kind_of


class Expressions(Operators):
    """What expressions are worth."""

    @abstractmethod
    def run(self, body: list[ast.stmt], scope: Scope) -> None:
        """Statements in order."""

    @abstractmethod
    def store(self, target: ast.expr, value: Value, scope: Scope) -> None:
        """Assign to a name, a tuple of targets, an entry or an attribute."""

    def value(self, node: ast.expr, scope: Scope) -> Value:
        """The value of an expression."""
        self.steps += 1
        method = _EXPRESSIONS.get(type(node))
        if method is None:
            raise CodeError(f"{type(node).__name__} is not followed", node.lineno, node.col_offset + 1)
        return method(self, node, scope)

    def _constant(self, node: ast.Constant, scope: Scope) -> Value:
        if isinstance(node.value, complex | bytes):
            raise CodeError(f"{node.value!r} is not followed", node.lineno)
        return Text.of(node.value) if isinstance(node.value, str) else node.value

    def _name(self, node: ast.Name, scope: Scope) -> Value:
        home = scope.find(node.id)
        if home is not None:
            return home.names[node.id]
        if node.id in BUILTINS:
            return Native(node.id, BUILTINS[node.id])
        if node.id == "print":
            return Native("print", self._print)
        if node.id == "object":
            return Class("object", (), {})
        if node.id == "__name__":
            return Text.of("__main__")
        raise CodeError(f"{node.id} has no value here", node.lineno, node.col_offset + 1)

    def _print(self, numbers: Numbers, *values: Value, **_: Value) -> Value:
        self.watch.printed(values, numbers.line)
        return None

    def _list(self, node: ast.List, scope: Scope) -> Value:
        return [self.value(e, scope) for e in node.elts]

    def _tuple(self, node: ast.Tuple, scope: Scope) -> Value:
        return tuple(self.value(e, scope) for e in node.elts)

    def _dict(self, node: ast.Dict, scope: Scope) -> Value:
        if None in node.keys:
            raise CodeError("** in a dict is not followed", node.lineno)
        return {
            self.value(k, scope): self.value(v, scope)
            for k, v in zip(node.keys, node.values, strict=True)
            if k is not None
        }

    def _slice(self, node: ast.Slice, scope: Scope) -> Value:
        return slice(
            *(self.value(p, scope) if p else None for p in (node.lower, node.upper, node.step))
        )

    def _lambda(self, node: ast.Lambda, scope: Scope) -> Value:
        return Closure("lambda", node, scope, self._defaults(node.args, scope))

    def _formatted(self, node: ast.JoinedStr, scope: Scope) -> Value:
        inner = [self.value(v.value, scope) for v in node.values if isinstance(v, ast.FormattedValue)]
        return Text.of("", inner)

    def _comprehension(self, node: ast.ListComp | ast.GeneratorExp, scope: Scope) -> Value:
        inner, found = Scope(scope), list[Value]()

        def nest(level: int) -> None:
            if level == len(node.generators):
                found.append(self.value(node.elt, inner))
                return
            part = node.generators[level]
            for item in items(self.numbers, self.value(part.iter, inner)):
                self.store(part.target, item, inner)
                if all(self.truth(self.value(test, inner)) for test in part.ifs):
                    nest(level + 1)

        nest(0)
        return found

    def _subscript(self, node: ast.Subscript, scope: Scope) -> Value:
        owner, key = self.value(node.value, scope), self.value(node.slice, scope)
        if isinstance(owner, Array):
            where = index(self.numbers, key)
            return owner.both(lambda a: a[where])
        if isinstance(owner, list | tuple | range):
            return owner[index(self.numbers, key)]
        if isinstance(owner, dict):
            return owner[key]
        if isinstance(owner, Unknown):
            return owner
        raise CodeError(f"an entry of {kind_of(owner)}", node.lineno, node.col_offset + 1)

    def _attribute(self, node: ast.Attribute, scope: Scope) -> Value:
        owner = self.value(node.value, scope)
        if isinstance(owner, Module):
            return self.member(owner.name, node.attr)
        if isinstance(owner, Instance):
            if node.attr in owner.attributes:
                return owner.attributes[node.attr]
            found = owner.of.find(node.attr)
            return Bound(found, owner) if isinstance(found, Closure) else found
        if isinstance(owner, Class):
            return owner.find(node.attr)
        if isinstance(owner, Array | Number):
            return self._of_array(owner, node)
        if isinstance(owner, list | dict):
            table = LISTS if isinstance(owner, list) else DICTS
            if node.attr in table:
                rule = table[node.attr]
                return Native(node.attr, lambda _, *a: rule(owner, *a))
        if isinstance(owner, str):
            return Native(node.attr, lambda _, *a, **k: Text.of("", (*a, *k.values(), owner)))
        if isinstance(owner, Unknown):
            return owner
        raise CodeError(
            f".{node.attr} of {kind_of(owner)} is not followed", node.lineno, node.col_offset + 1
        )

    def _of_array(self, owner: Value, node: ast.Attribute) -> Value:
        if node.attr == "T":
            return METHODS["T"](self.numbers, owner)
        if node.attr in ("shape", "size", "ndim"):
            return getattr(np.asarray(owner.twin), node.attr)
        if node.attr == "dtype":
            return Text.of(str(np.asarray(owner.twin).dtype))
        if node.attr in METHODS:
            rule = METHODS[node.attr]
            return Native(node.attr, lambda numbers, *a, **k: rule(numbers, owner, *a, **k))
        raise CodeError(
            f".{node.attr} of an array is not followed", node.lineno, node.col_offset + 1
        )

    def member(self, module: str, name: str) -> Value:
        """A member of a library: from the tables, or not followed."""
        root = module.split(".")[0]
        if root == "numpy" and name in CONSTANTS:
            return CONSTANTS[name]
        if module in ("numpy.random", "random") and name in RANDOM:
            return Native(f"{module}.{name}", RANDOM[name])
        found = member(module, name)
        if found is not None:
            return found
        if root in LIBRARIES and name in ("random", "linalg", "special"):
            return Module(f"{module}.{name}")
        return self.unknown(f"{module}.{name}")

    def _defaults(self, arguments: ast.arguments, scope: Scope) -> dict[str, Value]:
        names = [a.arg for a in arguments.args]
        given = dict(zip(names[::-1], arguments.defaults[::-1], strict=False))
        given |= {
            a.arg: d for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if d
        }
        return {name: self.value(default, scope) for name, default in given.items()}

    def _call(self, node: ast.Call, scope: Scope) -> Value:
        function = self.value(node.func, scope)
        starred = any(isinstance(a, ast.Starred) for a in node.args)
        if starred or any(k.arg is None for k in node.keywords):
            raise CodeError("* and ** in a call are not followed", node.lineno)
        arguments = [self.value(a, scope) for a in node.args]
        keywords = {k.arg or "": self.value(k.value, scope) for k in node.keywords}
        self.numbers.line = node.lineno
        self.numbers.where = node
        return self.call(function, arguments, keywords, node)

    def call(
        self, function: Value, arguments: list[Value], keywords: dict[str, Value], node: ast.AST
    ) -> Value:
        """Apply a function of the script, of the tables, or a class."""
        line = self.numbers.line
        if isinstance(function, Native):
            if any(isinstance(a, Unknown) for a in arguments) and function.name != "print":
                return next(a for a in arguments if isinstance(a, Unknown))
            return function.rule(self.numbers, *arguments, **keywords)
        if isinstance(function, Bound):
            first = [] if function.function.static == "staticmethod" else [function.first]
            return self.call(function.function, [*first, *arguments], keywords, node)
        if isinstance(function, Class):
            made = Instance(function)
            start = function.find("__init__")
            if isinstance(start, Closure):
                self.call(start, [made, *arguments], keywords, node)
            return made
        if isinstance(function, Instance):
            return self.call(Bound(function.of.find("__call__"), function), arguments, keywords, node)
        if isinstance(function, Closure):
            return self._enter(function, arguments, keywords, line)
        if isinstance(function, Unknown):
            return self._opaque_call(function, arguments)
        raise CodeError(f"{kind_of(function)} is called", line)

    def _opaque_call(self, function: Unknown, arguments: list[Value]) -> Value:
        """What is not followed may have changed an array that it was given."""
        for argument in arguments:
            if isinstance(argument, Array):
                self.watch.depends(f"{function.reason} gets an array", self.numbers.line)
        return Unknown(function.reason, self.numbers.line)

    def _enter(
        self, function: Closure, arguments: list[Value], keywords: dict[str, Value], line: int
    ) -> Value:
        node = function.node
        names = [a.arg for a in (*node.args.args, *node.args.kwonlyargs)]
        scope = Scope(function.scope, function=True)
        scope.names.update(function.defaults)
        if len(arguments) > len(node.args.args) or not set(keywords) <= set(names):
            raise CodeError(f"{function.name} takes {', '.join(names) or 'no arguments'}", line)
        scope.names.update(zip(names, arguments, strict=False))
        scope.names.update(keywords)
        missing = [n for n in names if n not in scope.names]
        if missing:
            raise CodeError(f"{function.name} needs {', '.join(missing)}", line)
        self.calls += 1
        if self.calls > MAX_CALLS:
            raise CodeError(f"more than {MAX_CALLS} calls inside each other", line)
        try:
            if isinstance(node, ast.Lambda):
                return self.value(node.body, scope)
            self.run(node.body, scope)
        except ReturnSignal as result:
            return result.value
        finally:
            self.calls -= 1
            self.numbers.line = line
        return None


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
    ast.Dict: Expressions._dict,
    ast.Slice: Expressions._slice,
    ast.Lambda: Expressions._lambda,
    ast.JoinedStr: Expressions._formatted,
    ast.ListComp: Expressions._comprehension,
    ast.GeneratorExp: Expressions._comprehension,
    ast.Subscript: Expressions._subscript,
    ast.Attribute: Expressions._attribute,
    ast.Call: Expressions._call,
}
