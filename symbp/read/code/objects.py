"""What a script can hold besides numbers: functions, classes, objects, modules, texts."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from symbp.read.code.values import Value

Row = Callable[..., Value]
"""A function that is followed; it takes the ``Numbers`` of the trace first."""


class Scope:
    """Names of one block and the scope around it."""

    def __init__(self, parent: Scope | None = None, *, function: bool = False) -> None:
        self.names: dict[str, Value] = {}
        self.parent = parent
        self.function = function
        self.of: Super | None = None
        self.targets: set[str] = set()
        """Names that loops bind: other names for what is kept elsewhere."""
        self.produced: list[Value] | None = None
        self.elsewhere: dict[str, Scope] = {}

    @property
    def root(self) -> Scope:
        """The module's scope."""
        return self if self.parent is None else self.parent.root

    @property
    def chain(self) -> Iterator[Scope]:
        """This scope and those around it, the module's last."""
        here: Scope | None = self
        while here is not None:
            yield here
            here = here.parent

    def find(self, name: str) -> Scope | None:
        """The innermost scope that holds a name."""
        if name in self.elsewhere:
            return self.elsewhere[name] if name in self.elsewhere[name].names else None
        if name in self.names:
            return self
        return None if self.parent is None else self.parent.find(name)

    def bind(self, name: str, value: Value) -> None:
        """Assign a name where Python would."""
        self.elsewhere.get(name, self).names[name] = value


def bound_names(target: ast.expr) -> set[str]:
    """The names in a target of assignment."""
    return {node.id for node in ast.walk(target) if isinstance(node, ast.Name)}


@dataclass(eq=False)
class Closure:
    """A function or lambda of the script; its defaults are evaluated once."""

    name: str
    node: ast.FunctionDef | ast.Lambda
    scope: Scope
    defaults: dict[str, Value] = field(default_factory=dict)
    static: str = ""
    owner: Class | None = None
    """The class in whose body it stands."""

    @property
    def yields(self) -> bool:
        """Whether it is a generator."""
        return isinstance(self.node, ast.FunctionDef) and any(
            isinstance(n, ast.Yield | ast.YieldFrom) for n in own(self.node.body)
        )


def own(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """The nodes of a block without those of functions and classes defined in it."""
    todo: list[ast.AST] = list(body)
    while todo:
        node = todo.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.Lambda | ast.ClassDef):
            todo.extend(ast.iter_child_nodes(node))


@dataclass(eq=False)
class Class:
    """A plain class."""

    name: str
    bases: tuple[Class, ...]
    members: dict[str, Value]
    open: bool = False
    """Whether it also inherits from what is not followed."""

    @property
    def line_of_descent(self) -> Iterator[Class]:
        """The class and its bases, depth first."""
        yield self
        for base in self.bases:
            yield from base.line_of_descent

    def find(self, name: str) -> Value:
        """A member, or None; bases from left to right."""
        if name in self.members:
            return self.members[name]
        return next((m for m in (b.find(name) for b in self.bases) if m is not None), None)


@dataclass(eq=False)
class Instance:
    """An object of a plain class."""

    of: Class
    attributes: dict[str, Value] = field(default_factory=dict)


@dataclass(eq=False)
class Bound:
    """A function with its first argument."""

    function: Closure
    first: Value


@dataclass(eq=False)
class Super:
    """``super()``: an object seen as one of its class's bases."""

    of: Class
    first: Value


class Produced(list[Value]):
    """What a generator gives, made at once; running over it uses it up."""


@dataclass(frozen=True)
class Native:
    """A function of NumPy, math or Python that is followed: a row of the tables."""

    name: str
    rule: Row


@dataclass(frozen=True)
class Module:
    """A library, by its full name; its members are looked up in the tables alone."""

    name: str


class Text(str):
    """A text with the values that were formatted into it, so that a printed loss is found.

    ``open`` marks a text whose letters depend on values that are not plain.
    """

    values: tuple[Value, ...] = ()
    open: bool = False

    @classmethod
    def of(cls, text: str, values: Any = (), *, open: bool = False) -> Text:
        """The text with its values."""
        made = cls(text)
        made.values = tuple(values)
        made.open = open
        return made


def values_in(text: Value) -> tuple[Value, ...]:
    """The values inside a text."""
    return text.values if isinstance(text, Text) else ()


def is_open(text: Value) -> bool:
    """Whether a text's letters are not known."""
    return isinstance(text, Text) and text.open
