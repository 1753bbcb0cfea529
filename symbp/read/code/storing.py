"""Assignments: what a name, an entry or an attribute holds from now on."""

from __future__ import annotations

import ast
from dataclasses import replace

from symbp.read.code.containers import key
from symbp.read.code.expressions import Expressions
from symbp.read.code.objects import Class, Closure, Instance, Scope
from symbp.read.code.subscripts import index, store
from symbp.read.code.values import Array, CodeError, Unknown, Value, kind_of


class Storing(Expressions):
    """What assignments do."""

    def store(self, target: ast.expr, value: Value, scope: Scope) -> None:
        """Assign to a name, a tuple of targets, an entry or an attribute."""
        if isinstance(target, ast.Name):
            value = self._named(target.id, value, target.lineno)
            value = self.watch.rate(self, target.id, value)
            scope.bind(target.id, value)
            home = scope.elsewhere.get(target.id, scope)
            self.written[id(home.names), target.id] = target.lineno
            self.assigned[target.id] = target.lineno
            self.watch.named(target.id, value)
        elif isinstance(target, ast.Tuple | ast.List):
            for each, part in zip(target.elts, self._parts(target, value), strict=True):
                self.store(each, part, scope)
        elif isinstance(target, ast.Subscript):
            self._store_entry(target, value, scope)
        elif isinstance(target, ast.Attribute):
            self._store_attribute(target, value, scope)
        else:
            raise CodeError("this is nothing to assign to", target.lineno)

    def _store_attribute(self, target: ast.Attribute, value: Value, scope: Scope) -> None:
        owner = self.value(target.value, scope)
        self.assigned[target.attr] = target.lineno
        value = self._named(target.attr, value, target.lineno)
        if isinstance(owner, Instance):
            setter = owner.of.find(target.attr)
            if isinstance(setter, Closure) and setter.static == "property":
                raise CodeError("a property that is set is not followed", target.lineno)
            owner.attributes[target.attr] = value
            self.written[id(owner.attributes), target.attr] = target.lineno
        elif isinstance(owner, Class):
            owner.members[target.attr] = value
        elif isinstance(owner, Array) and target.attr == "shape":
            raise CodeError("a shape that is set is not followed", target.lineno)
        elif not isinstance(owner, Unknown):
            raise CodeError(f"an attribute of {kind_of(owner)}", target.lineno)

    def _named(self, name: str, value: Value, line: int) -> Value:
        """A value that the script leaves open is known by the first name it gets."""
        if not isinstance(value, Unknown) or value.hole:
            return value
        self.numbers.left_open.setdefault(name, line)
        return replace(value, hole=name)

    def _parts(self, target: ast.Tuple | ast.List, value: Value) -> list[Value]:
        """The values of several targets, one of which may be starred."""
        count = len(target.elts)
        if isinstance(value, Unknown):
            return [value] * count
        parts = self.items(value)
        star = next((k for k, e in enumerate(target.elts) if isinstance(e, ast.Starred)), None)
        if star is not None and len(parts) >= count - 1:
            end = len(parts) - (count - 1 - star)
            parts = [*parts[:star], parts[star:end], *parts[end:]]
        if len(parts) != count:
            raise CodeError(f"{len(parts)} values for {count} names", target.lineno)
        return parts

    def put(self, owner: Value, at: Value, value: Value) -> None:
        """Store to an entry of an array, a list or a dict."""
        if isinstance(owner, Array):
            store(self.numbers, owner, at, value)
        elif isinstance(owner, list):
            where = index(self.numbers, at)
            owner[where] = self.items(value) if isinstance(at, slice) else value
            if isinstance(where, int):
                self.written[id(owner), where % len(owner)] = self.numbers.line
        elif isinstance(owner, dict):
            owner[key(at)] = value
            self.written[id(owner), at] = self.numbers.line
        elif isinstance(owner, Instance) and owner.of.find("__setitem__") is not None:
            self.numbers.method(owner, "__setitem__", at, value)
        elif not isinstance(owner, Unknown):
            raise CodeError(f"an entry of {kind_of(owner)}", self.numbers.line)

    def _store_entry(self, target: ast.Subscript, value: Value, scope: Scope) -> None:
        owner, at = self.value(target.value, scope), self.value(target.slice, scope)
        self.numbers.line = target.lineno
        for word in (at, getattr(target.value, "id", ""), getattr(target.value, "attr", "")):
            if isinstance(word, str):
                self.assigned[word] = target.lineno
        self.put(owner, at, value)
