"""The interpreter of a script's syntax tree, by allow-list; nothing is executed.

Statements and expressions have one method each; what has none is refused with its line. Loops ask a
:class:`Watch` before they run, which is how the training loop is found and one pass of it followed
(``turn``).
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping

import numpy as np

from symbp.read.code.containers import key
from symbp.read.code.control import (
    MAX_STEPS,
    BreakSignal,
    ContinueSignal,
    ReturnSignal,
    Watch,
    harmless,
    leaves,
)
from symbp.read.code.functions import LIBRARIES, names_of
from symbp.read.code.nodes import GraphError
from symbp.read.code.numbers import Numbers
from symbp.read.code.objects import Class, Closure, Module, Scope, Text, bound_names
from symbp.read.code.parse import parse
from symbp.read.code.storing import Storing
from symbp.read.code.subscripts import index, open_mask, store, store_where
from symbp.read.code.values import Array, CodeError, Count, Number, SizeError, Unknown, Value

MAX_PRODUCED = 100_000
HARMLESS = frozenset(["jit", "njit", "abstractmethod", "wraps", "lru_cache", "override"])
"""Decorators that leave what a function returns as it is."""


class Interpreter(Storing):
    """One run over a script; ``neighbours`` gives the source of a module beside it."""

    def __init__(
        self, numbers: Numbers, watch: Watch,
        neighbours: Callable[[str], str | None] = lambda module: None,
    ) -> None:  # fmt: skip
        super().__init__(numbers, watch)
        self.neighbours = neighbours
        self.modules: dict[str, Class] = {}

    def run(self, body: list[ast.stmt], scope: Scope) -> None:
        """Statements in order."""
        for statement in body:
            self.statement(statement, scope)

    def statement(self, node: ast.stmt, scope: Scope) -> None:
        """One statement. Errors of NumPy become errors of the script, with the line."""
        self.steps += 1
        self.numbers.line = node.lineno
        if self.steps > MAX_STEPS:
            raise SizeError(f"more than {MAX_STEPS:,} steps", node.lineno)
        method = _STATEMENTS.get(type(node))
        if method is None:
            raise CodeError(f"{type(node).__name__} is not followed", node.lineno, node.col_offset + 1)
        try:
            method(self, node, scope)
        except (CodeError, ReturnSignal, BreakSignal, ContinueSignal):
            raise
        except GraphError as error:
            raise SizeError(str(error), self.numbers.line) from None
        except (ValueError, TypeError, IndexError, KeyError, AttributeError) as error:
            if type(error).__module__ != "builtins" and not isinstance(error, np.exceptions.AxisError):
                raise
            raise CodeError(f"here the script itself fails: {error}", self.numbers.line) from None

    def _expression(self, node: ast.Expr, scope: Scope) -> None:
        if isinstance(node.value, ast.Yield | ast.YieldFrom):
            self._yield(node.value, scope)
        elif not isinstance(node.value, ast.Constant):
            self.value(node.value, scope)

    def _assign(self, node: ast.Assign, scope: Scope) -> None:
        value = self.value(node.value, scope)
        for target in node.targets:
            self.store(target, value, scope)

    def _annotated(self, node: ast.AnnAssign, scope: Scope) -> None:
        if node.value is not None:
            self.store(node.target, self.value(node.value, scope), scope)

    def _deleted(self, node: ast.Delete, scope: Scope) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                scope.names.pop(target.id, None)
            elif isinstance(target, ast.Subscript):
                owner = self.value(target.value, scope)
                if not isinstance(owner, list | dict):
                    raise CodeError("only entries of lists and dicts are deleted", node.lineno)
                del owner[index(self.numbers, self.value(target.slice, scope))
                          if isinstance(owner, list) else key(self.value(target.slice, scope))]

    def _raise(self, node: ast.Raise, scope: Scope) -> None:
        raise CodeError("the script raises an error here", node.lineno)

    def _augmented(self, node: ast.AugAssign, scope: Scope) -> None:
        """``a += b``: in place on an array, as NumPy does it."""
        if isinstance(node.target, ast.Subscript):
            owner, mask = self.value(node.target.value, scope), self.value(node.target.slice, scope)
            if isinstance(owner, Array) and open_mask(mask) and owner.shape == mask.shape:
                part = self.value(node.value, scope)
                if np.ndim(self.numbers.pair(part)[1]):
                    raise CodeError("an array where the weights decide how many", node.lineno)
                new = self.operation(node.op, owner, part, node)
                self._check_cast(owner, new, node)
                store_where(self.numbers, owner, mask, new)
                return
        old = self.value(node.target, scope)
        new = self.operation(node.op, old, self.value(node.value, scope), node)
        self.numbers.line = node.lineno
        if isinstance(node.target, ast.Attribute):
            self.assigned[node.target.attr] = node.lineno
        if isinstance(old, Array):
            self._check_cast(old, new, node)
            store(self.numbers, old, Ellipsis, new)
            if isinstance(node.target, ast.Subscript):
                self.store(node.target, old, scope)
        elif isinstance(old, list) and isinstance(new, list):
            old[:] = new
        else:
            self.store(node.target, new, scope)

    def _check_cast(self, old: Array, new: Value, node: ast.AugAssign) -> None:
        """NumPy refuses an operation in place that would cut decimals off."""
        if isinstance(new, Array | Number):
            made = np.asarray(new.twin).dtype
            if not np.can_cast(made, old.twin.dtype, "same_kind"):
                raise CodeError(
                    f"here the script itself fails: an array of {old.twin.dtype} takes no {made} "
                    "in place", node.lineno, node.col_offset + 1, "an array of float",
                )

    def _if(self, node: ast.If, scope: Scope) -> None:
        test = self.value(node.test, scope)
        branches = (node.body, node.orelse)
        if isinstance(test, Count) or self.is_open(test):
            if all(harmless(branch) for branch in branches):
                for branch in branches:
                    self.run(branch, scope)
                return
            if leaves(node.body, node in self.watch):
                self.run(node.orelse, scope)
                return
            self._fork(test, node.lineno)
        self.run(node.body if self.truth(test) else node.orelse, scope)

    def _for(self, node: ast.For, scope: Scope) -> None:
        if self.watch.loop(self, node, scope):
            return
        for item in self.items(self.value(node.iter, scope)):
            scope.targets |= bound_names(node.target)
            self.store(node.target, item, scope)
            if not self.turn(node.body, scope):
                return
        self.run(node.orelse, scope)

    def _while(self, node: ast.While, scope: Scope) -> None:
        if self.watch.loop(self, node, scope):
            return
        while self.decided(self.value(node.test, scope)):
            if not self.turn(node.body, scope):
                return
        self.run(node.orelse, scope)

    def turn(self, body: list[ast.stmt], scope: Scope) -> bool:
        """One turn of a loop; False where it broke off."""
        try:
            self.run(body, scope)
        except BreakSignal:
            return False
        except ContinueSignal:
            return True
        return True

    def _function(self, node: ast.FunctionDef, scope: Scope) -> None:
        words = [getattr(d, "id", getattr(d, "attr", "")) for d in node.decorator_list]
        kind = next((w for w in words if w in ("staticmethod", "classmethod", "property")), "")
        strange = [w for w in words if w not in HARMLESS and w != kind]
        if strange:
            raise CodeError(f"the decorator {strange[0]} is not followed", node.lineno)
        closure = Closure(node.name, node, scope, self.defaults(node.args, scope), kind)
        scope.bind(node.name, closure)

    def _class(self, node: ast.ClassDef, scope: Scope) -> None:
        bases = [self.value(b, scope) for b in node.bases]
        inner = Scope(scope)
        self.run(node.body, inner)
        known = tuple(b for b in bases if isinstance(b, Class))
        strange = any(isinstance(b, Unknown) and "abc" not in b.reason for b in bases)
        made = Class(node.name, known, inner.names, strange or any(b.open for b in known))
        for member in inner.names.values():
            if isinstance(member, Closure) and member.scope is inner:
                member.owner, member.scope = made, scope
        scope.bind(node.name, made)

    def _yield(self, node: ast.Yield | ast.YieldFrom, scope: Scope) -> None:
        produced = next((s.produced for s in scope.chain if s.function), None)
        if produced is None:
            raise CodeError("yield outside of a function", node.lineno)
        value = self.value(node.value, scope) if node.value is not None else None
        produced += self.items(value) if isinstance(node, ast.YieldFrom) else [value]
        if len(produced) > MAX_PRODUCED:
            raise CodeError(f"a generator of more than {MAX_PRODUCED:,} items", node.lineno)

    def _return(self, node: ast.Return, scope: Scope) -> None:
        raise ReturnSignal(self.value(node.value, scope) if node.value else None)

    def _global(self, node: ast.Global | ast.Nonlocal, scope: Scope) -> None:
        for name in node.names:
            home = scope.root if isinstance(node, ast.Global) else scope.parent
            scope.elsewhere[name] = (home.find(name) if home else None) or scope.root

    def _import(self, node: ast.Import, scope: Scope) -> None:
        for alias in node.names:
            root = alias.name.split(".")[0]
            name = alias.asname or root
            if root in LIBRARIES:
                scope.bind(name, Module(alias.name if alias.asname else root))
            else:
                found = self.beside(alias.name)
                scope.bind(name, found or self.unknown(f"the library {alias.name}"))

    def _import_from(self, node: ast.ImportFrom, scope: Scope) -> None:
        module = node.module or ""
        beside = self.beside(module) if module.split(".")[0] not in LIBRARIES else None
        for alias in node.names:
            if alias.name == "*":
                names = beside.members if beside else {n: self.member(module, n)
                                                       for n in names_of(module)}
                for name, value in names.items():
                    scope.bind(name, value)
                self.starred = self.starred or not names
            elif beside is not None and alias.name in beside.members:
                scope.bind(alias.asname or alias.name, beside.members[alias.name])
            else:
                scope.bind(alias.asname or alias.name, self.member(module, alias.name))

    def beside(self, module: str) -> Class | None:
        """A module that lies beside the script, followed once; its names as members."""
        if module not in self.modules:
            source = self.neighbours(module)
            if source is None:
                return None
            made = self.modules[module] = Class(module, (), {})
            script = parse(source)
            inner = Scope(function=True)
            inner.names = made.members
            inner.names["__name__"] = Text.of(module)
            self.run(script.tree.body, inner)
        return self.modules[module]

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
        raise BreakSignal

    def _continue(self, node: ast.stmt, scope: Scope) -> None:
        raise ContinueSignal


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
    ast.Delete: Interpreter._deleted,
    ast.Raise: Interpreter._raise,
    ast.Break: Interpreter._break,
    ast.Continue: Interpreter._continue,
}
