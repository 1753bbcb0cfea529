"""The interpreter of a script's syntax tree, by allow-list; nothing is executed.

Statements and expressions have one method each; what has none is refused with its line. Loops ask a
:class:`Watch` before they run, which is how the training loop is found and one pass of it followed
(``numpy_code``).
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

import numpy as np

from symbp.read.numpy_builtins import BUILTINS, DICTS, LISTS, METHODS, items
from symbp.read.numpy_functions import CONSTANTS, LIBRARIES, member
from symbp.read.numpy_nodes import GraphError
from symbp.read.numpy_objects import Bound, Class, Closure, Instance, Module, Native, Scope, Text
from symbp.read.numpy_random import RANDOM
from symbp.read.numpy_values import (
    Array,
    CodeError,
    Count,
    Number,
    Numbers,
    Unknown,
    Value,
    first_unknown,
    kind_of,
)

MAX_STEPS = 400_000
MAX_CALLS = 60

OPERATIONS: Mapping[type, tuple[str, Callable[..., Any]]] = {
    ast.Add: ("add", np.add), ast.Sub: ("subtract", np.subtract),
    ast.Mult: ("multiply", np.multiply), ast.Div: ("divide", np.true_divide),
    ast.Pow: ("power", np.power),
}  # fmt: skip
PLAIN: Mapping[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Mod: operator.mod,
    ast.FloorDiv: operator.floordiv, ast.Div: operator.truediv,
}  # fmt: skip
COMPARISONS: Mapping[type, tuple[str, Callable[..., Any]]] = {
    ast.Lt: ("below", np.less), ast.LtE: ("below or equal", np.less_equal),
    ast.Gt: ("above", np.greater), ast.GtE: ("above or equal", np.greater_equal),
    ast.Eq: ("equal", np.equal), ast.NotEq: ("different", np.not_equal),
}  # fmt: skip


class Watch(Protocol):
    """Who decides what a loop does."""

    def loop(self, run: Interpreter, node: ast.For | ast.While, scope: Scope) -> bool:
        """Take the loop over; False lets it run as written."""

    def printed(self, values: Iterable[Value], line: int) -> None:
        """What a script prints is where its loss is found."""

    def named(self, name: str, value: Value) -> None:
        """A value gets a name."""

    def depends(self, reason: str, line: int) -> None:
        """Something that is not followed decided what the script did next."""


class _ReturnSignal(Exception):  # noqa: N818  # no error: how a function ends
    def __init__(self, value: Value) -> None:
        self.value = value


class _BreakSignal(Exception):  # noqa: N818
    pass


class _ContinueSignal(Exception):  # noqa: N818
    pass


class Interpreter:
    """One run over a script."""

    def __init__(self, numbers: Numbers, watch: Watch) -> None:
        self.numbers = numbers
        self.watch = watch
        self.scope = Scope(function=True)
        self.steps = 0
        self.calls = 0
        self.assigned: dict[str, int] = {}

    def run(self, body: list[ast.stmt], scope: Scope) -> None:
        """Statements in order."""
        for statement in body:
            self.statement(statement, scope)

    def statement(self, node: ast.stmt, scope: Scope) -> None:
        """One statement. Errors of NumPy become errors of the script, with the line."""
        self.steps += 1
        self.numbers.line = node.lineno
        if self.steps > MAX_STEPS:
            raise CodeError(f"more than {MAX_STEPS:,} steps", node.lineno)
        method = _STATEMENTS.get(type(node))
        if method is None:
            raise CodeError(f"{type(node).__name__} is not followed", node.lineno, node.col_offset + 1)
        try:
            method(self, node, scope)
        except (CodeError, _ReturnSignal, _BreakSignal, _ContinueSignal):
            raise
        except GraphError as error:
            raise CodeError(str(error), self.numbers.line) from None
        except (ValueError, TypeError, IndexError, KeyError, AttributeError) as error:
            if type(error).__module__ != "builtins" and not isinstance(error, np.exceptions.AxisError):
                raise
            raise CodeError(f"here the script itself fails: {error}", self.numbers.line) from None

    # --- statements ----------------------------------------------------------------------------

    def _expression(self, node: ast.Expr, scope: Scope) -> None:
        if not isinstance(node.value, ast.Constant):
            self.value(node.value, scope)

    def _assign(self, node: ast.Assign, scope: Scope) -> None:
        value = self.value(node.value, scope)
        for target in node.targets:
            self.store(target, value, scope)

    def _annotated(self, node: ast.AnnAssign, scope: Scope) -> None:
        if node.value is not None:
            self.store(node.target, self.value(node.value, scope), scope)

    def _augmented(self, node: ast.AugAssign, scope: Scope) -> None:
        """``a += b``: in place on an array, as NumPy does it."""
        old = self.value(node.target, scope)
        new = self.operation(node.op, old, self.value(node.value, scope), node)
        if isinstance(old, Array):
            self.numbers.store(old, Ellipsis, new)
            if isinstance(node.target, ast.Subscript):
                self.store(node.target, old, scope)
        elif isinstance(old, list) and isinstance(new, list):
            old[:] = new
        else:
            self.store(node.target, new, scope)

    def _if(self, node: ast.If, scope: Scope) -> None:
        test = self.value(node.test, scope)
        branches = (node.body, node.orelse)
        if isinstance(test, Count) or self.is_open(test):
            if all(_harmless(branch) for branch in branches):
                for branch in branches:
                    self.run(branch, scope)
                return
            self.watch.depends("the iteration or the weights decide this branch", node.lineno)
        self.run(node.body if self.truth(test) else node.orelse, scope)

    def is_open(self, test: Value) -> bool:
        """Whether a condition is not decided by known numbers."""
        return isinstance(test, Unknown) or (
            isinstance(test, Number) and test.node.number is None
        )

    def truth(self, value: Value) -> bool:
        """What Python would decide."""
        if isinstance(value, Unknown):
            return True
        if isinstance(value, Array):
            if value.twin.size != 1:
                raise CodeError("the truth of an array", self.numbers.line)
            return bool(value.twin.item())
        return bool(value.twin) if isinstance(value, Number) else bool(value)

    def _for(self, node: ast.For, scope: Scope) -> None:
        if self.watch.loop(self, node, scope):
            return
        for item in items(self.numbers, self.value(node.iter, scope)):
            self.store(node.target, item, scope)
            if not self.turn(node.body, scope):
                return
        self.run(node.orelse, scope)

    def _while(self, node: ast.While, scope: Scope) -> None:
        if self.watch.loop(self, node, scope):
            return
        while self.truth(self.value(node.test, scope)):
            if not self.turn(node.body, scope):
                return

    def turn(self, body: list[ast.stmt], scope: Scope) -> bool:
        """One turn of a loop; False where it broke off."""
        try:
            self.run(body, scope)
        except _BreakSignal:
            return False
        except _ContinueSignal:
            return True
        return True

    def _function(self, node: ast.FunctionDef, scope: Scope) -> None:
        if node.args.vararg or node.args.kwarg:
            raise CodeError("* and ** arguments are not followed", node.lineno)
        kind = next((d.id for d in node.decorator_list if isinstance(d, ast.Name)), "")
        closure = Closure(node.name, node, scope, self._defaults(node.args, scope), kind)
        scope.bind(node.name, closure)

    def _defaults(self, arguments: ast.arguments, scope: Scope) -> dict[str, Value]:
        names = [a.arg for a in arguments.args]
        given = dict(zip(names[::-1], arguments.defaults[::-1], strict=False))
        given |= {
            a.arg: d for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if d
        }
        return {name: self.value(default, scope) for name, default in given.items()}

    def _class(self, node: ast.ClassDef, scope: Scope) -> None:
        bases = [self.value(b, scope) for b in node.bases]
        inner = Scope(scope)
        self.run(node.body, inner)
        known = tuple(b for b in bases if isinstance(b, Class))
        scope.bind(node.name, Class(node.name, known, inner.names))

    def _return(self, node: ast.Return, scope: Scope) -> None:
        raise _ReturnSignal(self.value(node.value, scope) if node.value else None)

    def _global(self, node: ast.Global | ast.Nonlocal, scope: Scope) -> None:
        for name in node.names:
            home = scope.root if isinstance(node, ast.Global) else scope.parent
            scope.elsewhere[name] = (home.find(name) if home else None) or scope.root

    def _import(self, node: ast.Import, scope: Scope) -> None:
        for alias in node.names:
            root = alias.name.split(".")[0]
            name = alias.asname or root
            known = root in LIBRARIES or root == "random"
            full = alias.name if alias.asname else root
            scope.bind(name, Module(full) if known else self.unknown(f"the library {alias.name}"))

    def _import_from(self, node: ast.ImportFrom, scope: Scope) -> None:
        for alias in node.names:
            found = self.member(node.module or "", alias.name)
            scope.bind(alias.asname or alias.name, found)

    def _with(self, node: ast.With, scope: Scope) -> None:
        for item in node.items:
            value = self.value(item.context_expr, scope)
            if item.optional_vars is not None:
                self.store(item.optional_vars, value, scope)
        self.run(node.body, scope)

    def _try(self, node: ast.Try, scope: Scope) -> None:
        self.run([*node.body, *node.orelse, *node.finalbody], scope)

    def _nothing(self, node: ast.stmt, scope: Scope) -> None:
        return

    def _break(self, node: ast.stmt, scope: Scope) -> None:
        raise _BreakSignal

    def _continue(self, node: ast.stmt, scope: Scope) -> None:
        raise _ContinueSignal

    def store(self, target: ast.expr, value: Value, scope: Scope) -> None:
        """Assign to a name, a tuple of targets, an entry or an attribute."""
        if isinstance(target, ast.Name):
            scope.bind(target.id, value)
            self.assigned[target.id] = target.lineno
            self.watch.named(target.id, value)
        elif isinstance(target, ast.Tuple | ast.List):
            parts = items(self.numbers, value)
            if len(parts) != len(target.elts):
                raise CodeError(f"{len(parts)} values for {len(target.elts)} names", target.lineno)
            for each, part in zip(target.elts, parts, strict=True):
                self.store(each, part, scope)
        elif isinstance(target, ast.Subscript):
            self._store_entry(target, value, scope)
        elif isinstance(target, ast.Attribute):
            owner = self.value(target.value, scope)
            if isinstance(owner, Instance):
                owner.attributes[target.attr] = value
            elif not isinstance(owner, Unknown):
                raise CodeError(f"an attribute of {kind_of(owner)}", target.lineno)
        else:
            raise CodeError("this is nothing to assign to", target.lineno)

    def _store_entry(self, target: ast.Subscript, value: Value, scope: Scope) -> None:
        owner, key = self.value(target.value, scope), self.value(target.slice, scope)
        if isinstance(owner, Array):
            self.numbers.store(owner, key, value)
        elif isinstance(owner, list):
            owner[self.numbers.index(key)] = value
        elif isinstance(owner, dict):
            owner[key] = value
        elif not isinstance(owner, Unknown):
            raise CodeError(f"an entry of {kind_of(owner)}", target.lineno)

    # --- expressions ---------------------------------------------------------------------------

    def value(self, node: ast.expr, scope: Scope) -> Value:
        """The value of an expression."""
        self.steps += 1
        method = _EXPRESSIONS.get(type(node))
        if method is None:
            raise CodeError(f"{type(node).__name__} is not followed", node.lineno, node.col_offset + 1)
        return method(self, node, scope)

    def unknown(self, what: str) -> Unknown:
        """A value that is not followed."""
        return Unknown(what, self.numbers.line)

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

    def _binary(self, node: ast.BinOp, scope: Scope) -> Value:
        left, right = self.value(node.left, scope), self.value(node.right, scope)
        return self.operation(node.op, left, right, node)

    def operation(self, op: ast.operator, left: Value, right: Value, node: ast.AST) -> Value:
        """An operation between two values; between plain numbers and texts it is Python's own."""
        self.numbers.line = getattr(node, "lineno", self.numbers.line)
        self.numbers.where = node
        if isinstance(left, str) or isinstance(right, str):
            return Text.of("", (left, right))
        if isinstance(op, ast.MatMult):
            return self.numbers.dot(left, right, np.matmul)
        if isinstance(left, list | tuple) and isinstance(right, list | tuple | int):
            return PLAIN[type(op)](left, right)
        if isinstance(left, int) and isinstance(right, int) and type(op) in PLAIN:
            return self._counted(op, left, right)
        if (unknown := first_unknown((left, right))) is not None:
            return unknown
        if type(op) not in OPERATIONS:
            return PLAIN[type(op)](self.numbers.known(left), self.numbers.known(right))
        return self.numbers.operate(*OPERATIONS[type(op)], left, right)

    def _counted(self, op: ast.operator, left: int, right: int) -> Value:
        value = PLAIN[type(op)](left, right)
        if isinstance(left, Count) or isinstance(right, Count):
            return Count.of(value, lambda _: value) if isinstance(value, int) else Number(
                self.numbers.node(Count.of(0, lambda _: value)), value
            )
        return value

    def _unary(self, node: ast.UnaryOp, scope: Scope) -> Value:
        value = self.value(node.operand, scope)
        if isinstance(node.op, ast.Not):
            return self.unknown("a condition") if self.is_open(value) else not self.truth(value)
        if isinstance(node.op, ast.UAdd) or isinstance(value, Unknown):
            return value
        if isinstance(value, int | float):
            return -value
        return self.numbers.operate("negate", np.negative, value)

    def _boolean(self, node: ast.BoolOp, scope: Scope) -> Value:
        value: Value = None
        for part in node.values:
            value = self.value(part, scope)
            if self.is_open(value) or isinstance(value, Count):
                return self.unknown("a condition")
            if self.truth(value) != isinstance(node.op, ast.And):
                return value
        return value

    def _compare(self, node: ast.Compare, scope: Scope) -> Value:
        left, right = self.value(node.left, scope), self.value(node.comparators[0], scope)
        if len(node.ops) != 1:
            raise CodeError("one comparison at a time is followed", node.lineno)
        op = node.ops[0]
        if isinstance(op, ast.Is | ast.IsNot):
            return (left is right or left == right) == isinstance(op, ast.Is)
        if isinstance(op, ast.In | ast.NotIn):
            return (left in items(self.numbers, right)) == isinstance(op, ast.In)
        if isinstance(left, Array | Number | list) or isinstance(right, Array | Number | list):
            return self.numbers.compare(*COMPARISONS[type(op)], left, right)
        if (unknown := first_unknown((left, right))) is not None:
            return unknown
        result = bool(COMPARISONS[type(op)][1](left, right)) if not isinstance(left, str) else (
            (left == right) == isinstance(op, ast.Eq)
        )
        counted = isinstance(left, Count) or isinstance(right, Count)
        return Count.of(int(result), lambda _: result) if counted else result

    def _choice(self, node: ast.IfExp, scope: Scope) -> Value:
        test = self.value(node.test, scope)
        if self.is_open(test) or isinstance(test, Count):
            self.watch.depends("the iteration or the weights decide this value", node.lineno)
        return self.value(node.body if self.truth(test) else node.orelse, scope)

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
            where = self.numbers.index(key)
            return owner.both(lambda a: a[where])
        if isinstance(owner, list | tuple | range):
            return owner[self.numbers.index(key)]
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
        except _ReturnSignal as result:
            return result.value
        finally:
            self.calls -= 1
            self.numbers.line = line
        return None


def _harmless(branch: list[ast.stmt]) -> bool:
    """Whether a branch only prints, plots or records."""
    return all(
        isinstance(s, ast.Pass)
        or (isinstance(s, ast.Expr) and _shows(s.value))
        or (isinstance(s, ast.If) and _harmless(s.body) and _harmless(s.orelse))
        for s in branch
    )


SHOWS = frozenset(
    ["append", "plot", "show", "write", "flush", "info", "pause", "draw", "scatter", "legend",
     "title", "xlabel", "ylabel", "figure", "clf", "cla", "format"]
)  # fmt: skip


def _shows(node: ast.expr) -> bool:
    """A call that prints, plots or appends, without a call of the script's inside."""
    if isinstance(node, ast.Constant):
        return True
    if not isinstance(node, ast.Call):
        return False
    function = node.func
    shown = (isinstance(function, ast.Name) and function.id == "print") or (
        isinstance(function, ast.Attribute) and function.attr in SHOWS
    )
    return shown


_STATEMENTS: Mapping[type, Callable[..., None]] = {
    ast.Expr: Interpreter._expression,
    ast.Assign: Interpreter._assign,
    ast.AnnAssign: Interpreter._annotated,
    ast.AugAssign: Interpreter._augmented,
    ast.If: Interpreter._if,
    ast.For: Interpreter._for,
    ast.While: Interpreter._while,
    ast.FunctionDef: Interpreter._function,
    ast.ClassDef: Interpreter._class,
    ast.Return: Interpreter._return,
    ast.Global: Interpreter._global,
    ast.Nonlocal: Interpreter._global,
    ast.Import: Interpreter._import,
    ast.ImportFrom: Interpreter._import_from,
    ast.With: Interpreter._with,
    ast.Try: Interpreter._try,
    ast.Pass: Interpreter._nothing,
    ast.Assert: Interpreter._nothing,
    ast.Break: Interpreter._break,
    ast.Continue: Interpreter._continue,
}
_EXPRESSIONS: Mapping[type, Callable[..., Value]] = {
    ast.Constant: Interpreter._constant,
    ast.Name: Interpreter._name,
    ast.BinOp: Interpreter._binary,
    ast.UnaryOp: Interpreter._unary,
    ast.BoolOp: Interpreter._boolean,
    ast.Compare: Interpreter._compare,
    ast.IfExp: Interpreter._choice,
    ast.List: Interpreter._list,
    ast.Tuple: Interpreter._tuple,
    ast.Dict: Interpreter._dict,
    ast.Slice: Interpreter._slice,
    ast.Lambda: Interpreter._lambda,
    ast.JoinedStr: Interpreter._formatted,
    ast.ListComp: Interpreter._comprehension,
    ast.GeneratorExp: Interpreter._comprehension,
    ast.Subscript: Interpreter._subscript,
    ast.Attribute: Interpreter._attribute,
    ast.Call: Interpreter._call,
}
