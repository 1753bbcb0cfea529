"""Python functions of a running program, followed by their source; they are never called.

Names that a function does not define are looked up where it was defined: modules are followed by
the tables, functions and classes by their source, numbers and arrays are what they are.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from symbp.read.code.functions import LIBRARIES
from symbp.read.code.graph import Graph
from symbp.read.code.interpreter import Interpreter
from symbp.read.code.nodes import Kind, Leaf
from symbp.read.code.numbers import Numbers
from symbp.read.code.objects import Class, Closure, Module, Scope, Text
from symbp.read.code.parse import parse
from symbp.read.code.values import Array, CodeError, Unknown, Value, pack


@dataclass
class Doubts:
    """A watch that remembers what was not followed."""

    found: list[tuple[str, int]] = field(default_factory=list)

    def loop(self, run: Any, node: ast.For | ast.While, scope: Scope) -> bool:
        """Loops run as they are."""
        return False

    def printed(self, values: Iterable[Value], line: int) -> None:
        """Prints do not matter."""

    def named(self, name: str, value: Value) -> None:
        """Nor do names."""

    def depends(self, reason: str, line: int) -> None:
        """Something that is not followed decided what came next."""
        self.found.append((reason, line))

    def forks(self, test: Value, line: int) -> None:
        """There is one turn only."""

    def assumed(self, run: Any, value: Unknown, line: int) -> Value:
        """Nothing is assumed."""
        return value

    def rate(self, run: Any, name: str, value: Value) -> Value:
        """Numbers stay what they are."""
        return value

    def __contains__(self, node: ast.AST) -> bool:
        return False


class Surroundings(Scope):
    """The names around a function: its closure, its module."""

    def __init__(self, run: Interpreter, function: FunctionType) -> None:
        super().__init__(function=True)
        self.run = run
        self.around: Mapping[str, Any] = {
            **function.__globals__, **inspect.getclosurevars(function).nonlocals
        }

    def find(self, name: str) -> Scope | None:
        """This scope, where the name is known around the function."""
        if name not in self.names and name in self.around:
            self.names[name] = borrowed(self.run, self.around[name])
        return self if name in self.names else None


def borrowed(run: Interpreter, value: Any) -> Value:
    """A value of the running program as the interpreter holds it."""
    if isinstance(value, ModuleType):
        known = value.__name__.split(".")[0] in LIBRARIES
        return Module(value.__name__) if known else run.unknown(f"the library {value.__name__}")
    if isinstance(value, FunctionType):
        return closure(run, value)
    if isinstance(value, type) and value.__module__ not in ("builtins", "numpy"):
        return _class(run, value)
    if isinstance(value, np.ndarray) and value.dtype.kind in "biuf":
        return Array(np.frompyfunc(run.numbers.node, 1, 1)(value.astype(object)), value.copy())
    if isinstance(value, str):
        return Text.of(value)
    if isinstance(value, bool | int | float) or value is None:
        return value
    if isinstance(value, list | tuple):
        return type(value)(borrowed(run, v) for v in value)
    if isinstance(value, dict):
        return {k: borrowed(run, v) for k, v in value.items()}
    module, name = getattr(value, "__module__", None), getattr(value, "__name__", None)
    if isinstance(value, np.ufunc):
        module = "numpy"
    if isinstance(module, str) and isinstance(name, str) and module.split(".")[0] in LIBRARIES:
        return run.member(module.split(".")[0], name)
    return run.unknown(f"a {type(value).__name__}")


def closure(run: Interpreter, function: FunctionType) -> Closure:
    """A function by its source. Raises CodeError where there is none."""
    tree = _source(function)
    scope = Surroundings(run, function)
    node = next(
        (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name == function.__name__),
        None,
    )
    lambdas = [n for n in ast.walk(tree) if isinstance(n, ast.Lambda)]
    if function.__name__ == "<lambda>" and len(lambdas) == 1:
        return Closure("lambda", lambdas[0], scope, run.defaults(lambdas[0].args, scope))
    if node is None:
        raise CodeError(f"the source of {function.__name__} is not found")
    return Closure(node.name, node, scope, run.defaults(node.args, scope))


def _class(run: Interpreter, kind: type) -> Value:
    method = next((m for m in vars(kind).values() if isinstance(m, FunctionType)), None)
    if method is None:
        return run.unknown(f"the class {kind.__name__}")
    scope = Surroundings(run, method)
    run.run(_source(kind).body, scope)
    return scope.names.get(kind.__name__, Class(kind.__name__, (), {}))


def _source(what: Any) -> ast.Module:
    try:
        text = inspect.getsource(what)
    except (OSError, TypeError):
        raise CodeError(f"{what!r} has no source that could be followed") from None
    try:
        return parse(textwrap.dedent(text)).tree
    except CodeError:
        # A lambda stands in the middle of a statement: what follows it may belong to another one.
        return parse(_cut(text)).tree


def _cut(text: str) -> str:
    """The longest piece from the first lambda on that is an expression."""
    start = text.find("lambda")
    for end in range(len(text), start, -1):
        try:
            ast.parse(text[start:end].strip(), mode="eval")
        except SyntaxError:
            continue
        return text[start:end].strip()
    raise CodeError("a lambda whose source could not be told")


@dataclass
class Trace:
    """One graph on which functions are followed."""

    doubts: Doubts = field(default_factory=Doubts)

    def __post_init__(self) -> None:
        self.graph = Graph()
        self.run = Interpreter(Numbers(self.graph), self.doubts)

    def symbols(self, name: str, shape: Any, kind: Kind) -> Value:
        """An argument: symbols in a shape; a number or an array of numbers is what it is."""
        if not isinstance(shape, tuple):
            return borrowed(self.run, np.asarray(shape) if isinstance(shape, list) else shape)
        twin = np.random.default_rng(len(name)).uniform(0.2, 0.8, shape)

        def fresh(at: tuple[int, ...]) -> Any:
            label = name + "".join(f"_{k + 1}" for k in at)
            return self.graph.leaf(Leaf(kind, label, float(twin[at]), 0))

        entries = np.empty(shape, dtype=object)
        for at in np.ndindex(shape):
            entries[at] = fresh(at)
        return pack(entries, twin if shape else twin.item())

    def call(self, function: Callable[..., Any], arguments: Iterable[Value]) -> Value:
        """The value of a function at arguments, each of which it gets as a copy."""
        if not isinstance(function, FunctionType):
            raise CodeError(f"{function!r} is no plain Python function")
        copies = [a.both(lambda v: v.copy()) if isinstance(a, Array) else a for a in arguments]
        return self.run.call(closure(self.run, function), copies, {})
