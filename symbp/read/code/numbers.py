"""What is done with the numbers of a trace: the operations that run on nodes and twins alike."""

from __future__ import annotations

import ast
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from symbp.read.code.entries import boxed, kept, reduced, rule_of
from symbp.read.code.graph import Graph
from symbp.read.code.nodes import Kind, Leaf, Node
from symbp.read.code.values import (
    OPEN,
    Array,
    Broadcast,
    CodeError,
    Count,
    Number,
    Unknown,
    Value,
    check_size,
    first_unknown,
    kind_of,
    pack,
)  # fmt: skip

MAX_DIFFERENCES = 2_000


class Numbers:
    """Arithmetic on values, over one graph."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.line = 0
        self.cuts = True
        """Whether integers cut decimals off; not so while the training loop is looked for."""
        self.symbolic = True
        """Whether numerals in arrays are data, which become symbols; not so inside a pass."""
        self.where: ast.AST | None = None
        self.left_open: dict[str, int] = {}
        """Names that got a value which the script leaves open, and where."""
        self.assumed: dict[str, Value] = {}
        """What the script leaves open, as it was assumed."""
        self.uneven = False
        """Whether data were compared with outputs of another shape."""
        self.random: Any = None
        self.run: Any = None
        """The interpreter, for functions that call functions."""
        self.broadcasts: list[Broadcast] = []
        self._rules: dict[str, np.ufunc] = {}
        self.counters: dict[tuple[Any, ...], Node] = {}
        self.forks: list[tuple[Count, int]] = []
        self.differences: list[tuple[Any, str, tuple[Node, ...], tuple[Node, ...]]] = []
        """Differences between data and what the parameters gave: place, text, target, output."""
        self.stores: list[tuple[NDArray[Any], int]] = []
        """Which entries were stored to, and in which line."""

    def needs(self, value: Value) -> None:
        """Refuse a value that is not followed where one is needed."""
        if isinstance(value, Unknown):
            error = CodeError(f"{value.reason} is needed here and not followed", self.line)
            error.unknown = value
            raise error

    def apply(self, function: Value, *arguments: Value) -> Value:
        """A function of the script or of the tables, called."""
        return self.run.call(function, list(arguments), {})

    def method(self, owner: Value, name: str, *arguments: Value) -> Value:
        """A method of an object, called."""
        return self.run.call(self.run.attribute(owner, name), list(arguments), {})

    def decided(self, test: Value) -> bool:
        """What a condition decides; one that is not known leaves a doubt."""
        return bool(self.run.decided(test))

    def store(self, array: Value, key: Value, value: Value) -> None:
        """``array[key] = value``."""
        self.run.put(array, key, value)

    def node(self, value: Value) -> Node:
        """The node of a plain number."""
        if isinstance(value, Count):
            return self._counter(value)
        if isinstance(value, bool | np.bool_):
            return self.graph.constant(int(value))
        if isinstance(value, int | np.integer):
            return self.graph.constant(int(value))
        if isinstance(value, float | np.floating):
            if not np.isfinite(value):
                return self.graph.opaque(f"the value {value}", self.line)
            return self.graph.constant(Fraction(repr(float(value))))
        self.needs(value)
        raise CodeError(f"{kind_of(value)} stands where a number is needed", self.line)

    def _counter(self, value: Count) -> Node:
        """A symbol for a counted number, one for each way of counting; a condition is a fork."""
        if value.test:
            self.forks.append((value, self.line))
            return self.graph.constant(int(value))
        if value.key not in self.counters:
            leaf = Leaf(Kind.counter, "iteration", float(value), self.line)
            self.counters[value.key] = self.graph.leaf(leaf)
        return self.counters[value.key]

    def datum(self, value: Any) -> Node:
        """A numeral of the script's data: a symbol that knows its number."""
        return self.graph.leaf(Leaf(Kind.data, "data", float(value), self.line))

    def known(self, value: Value) -> Any:
        """The script's own number; the data it comes from are pinned."""
        if isinstance(value, Array) and value.twin.size == 1:
            value = Number(value.entries.item(), value.twin.item())
        if isinstance(value, Number):
            if value.node.kinds & OPEN:
                raise CodeError("a number that must be known depends on the weights", self.line)
            self.graph.pin(value.node)
            return value.twin
        if isinstance(value, int | float):
            return value
        self.needs(value)
        raise CodeError(f"{kind_of(value)} stands where a number is needed", self.line)

    def pair(self, value: Value) -> tuple[Any, Any]:
        """Entries and twin of any numeric value; nested lists become arrays."""
        if isinstance(value, Array):
            return value.entries, value.twin
        if isinstance(value, Number):
            return value.node, value.twin
        if isinstance(value, list | tuple | range):
            array = self.array(value)
            return array.entries, array.twin
        if isinstance(value, Unknown):
            return self.graph.opaque(value.reason, value.line), 0.5
        return self.node(value), int(value) if isinstance(value, Count) else value

    def array(self, value: Value) -> Array:
        """``np.asarray``."""
        if isinstance(value, Array):
            return value
        entries = self._nested(value, lambda v: self.pair(v)[0])
        twin = np.array(self._nested_twin(value))
        if twin.dtype == object or twin.dtype.kind not in "biuf":
            raise CodeError("the rows of an array have different lengths", self.line)
        check_size(twin.shape)
        box = np.empty(twin.shape, dtype=object)
        if twin.size:
            box[...] = entries if twin.ndim else [entries]
        return Array(box, twin) if twin.ndim else Array(boxed(entries), twin)

    def _nested(self, value: Value, leaf: Callable[[Value], Any], depth: int = 0) -> Any:
        if depth > 16:
            raise CodeError("lists nested more than 16 deep", self.line)
        if isinstance(value, list | tuple | range):
            return [self._nested(v, leaf, depth + 1) for v in value]
        return value.entries if isinstance(value, Array) else leaf(value)

    def _nested_twin(self, value: Value) -> Any:
        if isinstance(value, list | tuple | range):
            return [self._nested_twin(v) for v in value]
        return self.pair(value)[1]

    def ufunc(self, name: str) -> np.ufunc:
        """The operation on nodes as a NumPy function, so that it broadcasts."""
        if name not in self._rules:
            rule, count = rule_of(self.graph, name)
            self._rules[name] = np.frompyfunc(rule, count, 1)
        return self._rules[name]

    def operate(self, name: str, twin: Callable[..., Any], *values: Value) -> Value:
        """One elementwise operation, on entries and twins alike."""
        if (unknown := first_unknown(values)) is not None:
            return unknown
        pairs = [self.pair(v) for v in values]
        check_size(np.broadcast_shapes(*(np.shape(t) for _, t in pairs)))
        with np.errstate(all="ignore"):
            result = twin(*(t for _, t in pairs))
        made = pack(self.ufunc(name)(*(e for e, _ in pairs)), result)
        if name == "subtract" and not self.symbolic:
            self._difference(pairs[0][0], pairs[1][0], np.size(result))
        shapes = [np.shape(t) for _, t in pairs]
        if len(shapes) == 2 and np.shape(result) not in shapes:
            self.broadcasts.append(
                Broadcast(self.line, self.where, shapes[0], shapes[1], np.shape(result), made)
            )
        return made

    def product(self, a: Value, b: Value) -> Value:
        """The product of entries, whatever ``*`` is."""
        return self.operate("multiply", np.multiply, a, b)

    def truths(self, value: Value) -> Value:
        """A value as conditions."""
        if isinstance(value, bool) or np.asarray(self.pair(value)[1]).dtype == bool:
            return value
        return self.compare("different", np.not_equal, value, 0)

    def logical(self, word: str, a: Value, b: Value) -> Value:
        """``and`` and ``or`` of conditions, entry by entry."""
        if (unknown := first_unknown((a, b))) is not None:
            return unknown
        left, right = self.truths(a), self.truths(b)
        if word == "and":
            return self.operate("multiply", np.logical_and, left, right)
        return self.operate("maximum", np.logical_or, left, right)

    def _difference(self, a: Any, b: Any, size: int) -> None:
        """Remember ``target − output``, whichever of the two stands first."""
        left, right = np.ravel(a).tolist(), np.ravel(b).tolist()
        if (len(left) != size or len(right) != size) and size and any(
            part[0].kinds & Kind.data and not part[0].kinds & OPEN for part in (left, right)
        ):
            self.uneven = True
        if len(left) != size or len(right) != size or len(self.differences) >= MAX_DIFFERENCES:
            return
        node = self.where if isinstance(self.where, ast.BinOp) else None
        if node is not None and any(isinstance(s, ast.Constant) for s in (node.left, node.right)):
            return
        for targets, outputs in ((left, right), (right, left)):
            made = node is None and all(n.number == 1 for n in targets)
            if not made and all(n.kinds & Kind.state for n in outputs) and not any(
                n.kinds & OPEN for n in targets
            ):
                text = ast.unparse(node) if node is not None else "d - o"
                self.differences.append((node or self.line, text, tuple(targets), tuple(outputs)))

    def compare(self, name: str, twin: Callable[..., Any], a: Value, b: Value) -> Value:
        """A condition, entry by entry: known where only data decide, else a 0-1 node."""
        if (unknown := first_unknown((a, b))) is not None:
            return unknown
        (left, x), (right, y) = self.pair(a), self.pair(b)
        with np.errstate(all="ignore"):
            result = twin(x, y)
        shape = np.shape(result)
        entries = np.empty(shape, dtype=object)
        lefts: Any = np.broadcast_to(left, shape)
        rights: Any = np.broadcast_to(right, shape)
        for at in np.ndindex(shape):
            entries[at] = self._condition(name, lefts[at], rights[at], bool(np.asarray(result)[at]))
        return pack(entries, result)

    def _condition(self, name: str, a: Node, b: Node, truth: bool) -> Node:
        graph, kinds = self.graph, (a.kinds | b.kinds) & OPEN
        if kinds == Kind.counter:
            self.run.watch.depends("the iteration decides a condition", self.line)
            return graph.constant(int(truth))
        if not kinds:
            graph.pin(a)
            graph.pin(b)
            return graph.constant(int(truth))
        if kinds & Kind.shift and graph.leans(graph.subtract(a, b), Kind.shift):
            return graph.opaque("which entry is the largest", self.line, float(truth))
        if name in ("equal", "different"):
            differ = graph.differ(a, b)
            return differ if name == "different" else graph.complement(differ)
        if name in ("above", "below"):
            return graph.above(a, b) if name == "above" else graph.above(b, a)
        lower, upper = (b, a) if name == "below or equal" else (a, b)
        return graph.complement(graph.above(upper, lower))

    def total(self, value: Value, axis: Value = None, keepdims: bool = False) -> Value:
        """The sum over an axis, one node an entry."""
        array = self.array(value)
        result = np.sum(array.twin, axis=axis, **kept(keepdims))
        entries = reduced(array.entries, axis, lambda parts: self.graph.add(*parts))
        return pack(entries.reshape(np.shape(result)), result)

    def largest(self, value: Value, axis: Value = None, keepdims: bool = False) -> Value:
        """The maximum over an axis: data decide it, or it is a free number (``Kind.shift``)."""
        array = self.array(value)
        result = np.asarray(np.max(array.twin, axis=axis, **kept(keepdims)))
        paired = np.empty(array.shape, dtype=object)
        for at in np.ndindex(array.shape):
            paired[at] = (array.entries[at], array.twin[at])
        entries = reduced(paired, axis, self._largest).reshape(result.shape)
        return pack(entries, result)

    def _largest(self, parts: list[Any]) -> Node:
        """The largest entry: among data it is one of them, else a free number (``Kind.shift``)."""
        node: Node
        node, value = max(parts, key=lambda part: float(part[1]))
        if not any(p.kinds & OPEN for p, _ in parts):
            return node
        return self.graph.leaf(Leaf(Kind.shift, "maximum", float(value), self.line))

    def integer(self, value: Value) -> int:
        """A number that must be a known integer; the data it comes from are pinned."""
        if isinstance(value, int | np.integer):
            return value if isinstance(value, Count) else int(value)
        if isinstance(value, Array) and value.twin.size == 1:
            value = Number(value.entries.item(), value.twin.item())
        if isinstance(value, Number):
            if value.node.kinds & OPEN:
                raise CodeError("an integer that depends on the weights", self.line)
            self.graph.pin(value.node)
            return int(value.twin)
        self.needs(value)
        raise CodeError(f"{kind_of(value)} stands where an integer is needed", self.line)
