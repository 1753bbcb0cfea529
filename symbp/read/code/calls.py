"""Calls: how arguments meet names, and what happens where a function is not followed."""

from __future__ import annotations

import ast
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace

from symbp.read.code.control import MAX_CALLS, ReturnSignal
from symbp.read.code.objects import (
    Bound,
    Class,
    Closure,
    Instance,
    Native,
    Produced,
    Scope,
    Super,
    own,
)
from symbp.read.code.operators import Operators
from symbp.read.code.values import Array, CodeError, Unknown, Value, kind_of

ONLY_LOOKS = (
    "matplotlib", "seaborn", "plotly", "sklearn", "tqdm", "logging", "time", "pandas", "scipy", "PIL",
    "cv2", "sys", "os", "csv", "json", "pickle", "tensorboard", "datetime", "pylab", "imageio", "sns",
    "tensorflow", "keras", "torchvision", "warnings", "pprint", "skimage", "h5py", "gzip", "struct",
)  # fmt: skip
"""Libraries whose functions do not change the arrays that they are given."""


class Calls(Operators):
    """What calls do."""

    @abstractmethod
    def run(self, body: list[ast.stmt], scope: Scope) -> None:
        """Statements in order."""

    def _call(self, node: ast.Call, scope: Scope) -> Value:
        if isinstance(node.func, ast.Name) and node.func.id == "super" and not node.args:
            return self._super(node, scope)
        function = self.value(node.func, scope)
        arguments: list[Value] = []
        for argument in node.args:
            if isinstance(argument, ast.Starred):
                arguments += self.items(self.value(argument.value, scope))
            else:
                arguments.append(self.value(argument, scope))
        keywords: dict[str, Value] = {}
        for keyword in node.keywords:
            value = self.value(keyword.value, scope)
            if keyword.arg is not None:
                keywords[keyword.arg] = value
            elif isinstance(value, dict):
                keywords |= value
            else:
                self.numbers.needs(value)
                raise CodeError(f"** of {kind_of(value)}", node.lineno)
        self.numbers.line = node.lineno
        self.numbers.where = node
        return self.call(function, arguments, keywords)

    @abstractmethod
    def items(self, value: Value) -> list[Value]:
        """What a value runs over."""

    def _super(self, node: ast.Call, scope: Scope) -> Value:
        for each in scope.chain:
            if each.of is not None:
                return each.of
        raise CodeError("super() outside of a method", node.lineno)

    def call(
        self, function: Value, arguments: Sequence[Value], keywords: Mapping[str, Value]
    ) -> Value:
        """Apply a function of the script, of the tables, or a class."""
        line = self.numbers.line
        if isinstance(function, Native):
            return self._native(function, arguments, keywords)
        if isinstance(function, Bound):
            first = [] if function.function.static == "staticmethod" else [function.first]
            return self.call(function.function, [*first, *arguments], keywords)
        if isinstance(function, Class):
            return self._made(function, arguments, keywords)
        if isinstance(function, Instance):
            inner = function.of.find("__call__")
            if isinstance(inner, Closure):
                return self.call(Bound(inner, function), arguments, keywords)
            if function.of.open:
                return self.unknown(f"a call of {function.of.name}")
        if isinstance(function, Closure):
            return self._enter(function, arguments, keywords, line)
        if isinstance(function, Unknown):
            return self._opaque_call(function, [*arguments, *keywords.values()])
        raise CodeError(f"{kind_of(function)} is called", line)

    def _native(
        self, function: Native, arguments: Sequence[Value], keywords: Mapping[str, Value]
    ) -> Value:
        unknown = next((a for a in (*arguments, *keywords.values()) if isinstance(a, Unknown)), None)
        if unknown is not None and function.name not in ("print", "append", "isinstance"):
            if function.name in NEEDY:
                self.numbers.needs(unknown)
            return unknown
        return function.rule(self.numbers, *arguments, **keywords)

    def _made(
        self, kind: Class, arguments: Sequence[Value], keywords: Mapping[str, Value]
    ) -> Value:
        made = Instance(kind)
        start = kind.find("__init__")
        if isinstance(start, Closure):
            self.call(start, [made, *arguments], keywords)
        elif arguments and not kind.open:
            raise CodeError(f"{kind.name} takes no arguments", self.numbers.line)
        return made

    def _opaque_call(self, function: Unknown, arguments: list[Value]) -> Value:
        """What is not followed may have changed an array that it was given."""
        if "tqdm" in function.reason and arguments:
            return range(arguments[0]) if isinstance(arguments[0], int) else arguments[0]
        looks = any(word in function.reason for word in ONLY_LOOKS)
        for argument in arguments:
            if isinstance(argument, Array | list | dict | Instance) and not looks:
                self.watch.depends(f"{function.reason} gets an array", self.numbers.line)
        return replace(function, line=self.numbers.line)

    def _enter(
        self, function: Closure, arguments: Sequence[Value], keywords: Mapping[str, Value], line: int
    ) -> Value:
        node = function.node
        scope = Scope(function.scope, function=True)
        bound = self._bound(function, arguments, keywords, line)
        scope.names.update({k: self.watch.rate(self, k, v) for k, v in bound.items()})
        if function.owner is not None and arguments:
            scope.of = Super(function.owner, arguments[0])
        self.calls += 1
        if self.calls > MAX_CALLS:
            raise CodeError(f"more than {MAX_CALLS} calls inside each other", line)
        produced: list[Value] | None = None
        if function.yields:
            produced = scope.produced = Produced()
            self._refuse_effects(function)
        try:
            if isinstance(node, ast.Lambda):
                return self.value(node.body, scope)
            self.run(node.body, scope)
        except ReturnSignal as result:
            return result.value if produced is None else produced
        finally:
            self.calls -= 1
            self.numbers.line = line
        return produced

    def _refuse_effects(self, function: Closure) -> None:
        """A generator is run at once, so it may change nothing that others see."""
        assert isinstance(function.node, ast.FunctionDef)
        for node in own(function.node.body):
            context = node.ctx if isinstance(node, ast.Attribute | ast.Subscript) else None
            if isinstance(context, ast.Store) or isinstance(node, ast.Global):
                raise CodeError("a generator that stores is not followed", function.node.lineno)

    def _bound(
        self, function: Closure, arguments: Sequence[Value], keywords: Mapping[str, Value], line: int
    ) -> dict[str, Value]:
        """Names and their values at a call."""
        taken = function.node.args
        places = [a.arg for a in (*taken.posonlyargs, *taken.args)]
        names = [*places, *(a.arg for a in taken.kwonlyargs)]
        extra = {k: v for k, v in keywords.items() if k not in names}
        if (len(arguments) > len(places) and not taken.vararg) or (extra and not taken.kwarg):
            raise CodeError(f"{function.name} takes {', '.join(names) or 'no arguments'}", line)
        bound = dict(function.defaults) | dict(zip(places, arguments, strict=False))
        bound |= {k: v for k, v in keywords.items() if k in names}
        missing = [n for n in names if n not in bound]
        if missing:
            raise CodeError(f"{function.name} needs {', '.join(missing)}", line)
        if taken.vararg:
            bound[taken.vararg.arg] = tuple(arguments[len(places) :])
        if taken.kwarg:
            bound[taken.kwarg.arg] = extra
        return bound


NEEDY = frozenset(["len", "range", "xrange", "zip", "enumerate"])
"""Functions whose value decides how a script goes on."""

