"""The interpreter of a script's syntax tree, by allow-list; nothing is executed.

Statements and expressions have one method each; what has none is refused with its line. Loops ask a
:class:`Watch` before they run, which is how the training loop is found and one pass of it followed
(``numpy_turn``).
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping

import numpy as np

from symbp.read.numpy_builtins import items
from symbp.read.numpy_control import (
    MAX_STEPS,
    BreakSignal,
    ContinueSignal,
    ReturnSignal,
    harmless,
    leaves,
)
from symbp.read.numpy_expressions import Expressions
from symbp.read.numpy_functions import LIBRARIES
from symbp.read.numpy_nodes import GraphError
from symbp.read.numpy_objects import Class, Closure, Instance, Module, Scope
from symbp.read.numpy_subscripts import index, store
from symbp.read.numpy_values import Array, CodeError, Count, Number, Unknown, Value, kind_of


class Interpreter(Expressions):
    """One run over a script."""

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
        except (CodeError, ReturnSignal, BreakSignal, ContinueSignal):
            raise
        except GraphError as error:
            raise CodeError(str(error), self.numbers.line) from None
        except (ValueError, TypeError, IndexError, KeyError, AttributeError) as error:
            if type(error).__module__ != "builtins" and not isinstance(error, np.exceptions.AxisError):
                raise
            raise CodeError(f"here the script itself fails: {error}", self.numbers.line) from None

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
            if self.is_open(test) and leaves(node.body):
                self.run(node.orelse, scope)
                return
            self._fork(test, node.lineno)
        self.run(node.body if self.truth(test) else node.orelse, scope)

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
        except BreakSignal:
            return False
        except ContinueSignal:
            return True
        return True

    def _function(self, node: ast.FunctionDef, scope: Scope) -> None:
        if node.args.vararg or node.args.kwarg:
            raise CodeError("* and ** arguments are not followed", node.lineno)
        kind = next((d.id for d in node.decorator_list if isinstance(d, ast.Name)), "")
        closure = Closure(node.name, node, scope, self._defaults(node.args, scope), kind)
        scope.bind(node.name, closure)

    def _class(self, node: ast.ClassDef, scope: Scope) -> None:
        bases = [self.value(b, scope) for b in node.bases]
        inner = Scope(scope)
        self.run(node.body, inner)
        known = tuple(b for b in bases if isinstance(b, Class))
        scope.bind(node.name, Class(node.name, known, inner.names))

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
        raise BreakSignal

    def _continue(self, node: ast.stmt, scope: Scope) -> None:
        raise ContinueSignal

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
            self.assigned[target.attr] = target.lineno
            if isinstance(owner, Instance):
                owner.attributes[target.attr] = value
            elif not isinstance(owner, Unknown):
                raise CodeError(f"an attribute of {kind_of(owner)}", target.lineno)
        else:
            raise CodeError("this is nothing to assign to", target.lineno)

    def _store_entry(self, target: ast.Subscript, value: Value, scope: Scope) -> None:
        owner, key = self.value(target.value, scope), self.value(target.slice, scope)
        self.numbers.line = target.lineno
        for word in (key, getattr(target.value, "id", ""), getattr(target.value, "attr", "")):
            if isinstance(word, str):
                self.assigned[word] = target.lineno
        if isinstance(owner, Array):
            store(self.numbers, owner, key, value)
        elif isinstance(owner, list):
            owner[index(self.numbers, key)] = value
        elif isinstance(owner, dict):
            owner[key] = value
        elif not isinstance(owner, Unknown):
            raise CodeError(f"an entry of {kind_of(owner)}", target.lineno)


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
