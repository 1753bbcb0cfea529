"""C source built and called: one line for the compiler, and CFFI between NumPy and the library."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import sympy as sp
from sympy import Expr, Indexed, Symbol

from symbp.core.equations import name_of
from symbp.core.optimizers import Optimizer, Update
from symbp.core.program import Program
from symbp.write.c import BUILD, C, source
from symbp.write.plan import Function, Plan, Step, TargetError

_HEAD = re.compile(r"^(\w+ (?:f|step|loop|work_size)\([^)]*\)) \{$", re.MULTILINE)


def compiled(program: Program, update: Optimizer | Update | None, dtype: str) -> Function | Step:
    """The function of a program, or with ``update`` its step, built by the C compiler.

    Raises TargetError where there is no compiler, or no CFFI.
    """
    plan = Plan.of(program, update, dtype)
    text = source(plan, f=update is None)
    call = _Call(plan, *built(text))
    return call.function(text) if update is None else call.step(text)


def built(text: str) -> tuple[Any, Any]:
    """CFFI and the library of a source that was printed here."""
    try:
        import cffi
    except ImportError:
        raise TargetError("target 'c' needs CFFI: pip install 'symbp[c]'") from None
    with tempfile.TemporaryDirectory() as folder:
        library = shared_library(text, Path(folder))
        ffi = cffi.FFI()
        ffi.cdef("".join(f"{_unnamed(head)};\n" for head in _HEAD.findall(text)))
        return ffi, ffi.dlopen(str(library))


def shared_library(text: str, folder: Path) -> Path:
    """A source, built in a folder. ``CC`` names another compiler than cc."""
    command, *options = shlex.split(BUILD)
    compiler = shlex.split(os.environ.get("CC", "")) or [command]
    if shutil.which(compiler[0]) is None:
        raise TargetError(
            f"target 'c' needs a C compiler: {compiler[0]} is not found (CC names another)"
        )
    (folder / "net.c").write_text(text, encoding="ascii")
    line = [*compiler, *options, "-o", "net.so", "net.c", "-lm"]
    done = subprocess.run(line, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise TargetError(f"target 'c': {shlex.join(line)} failed:\n{done.stderr.strip()}")
    return folder / "net.so"


def _unnamed(head: str) -> str:
    return head.replace("restrict ", "")


@dataclass
class _Call:
    """A library's functions on NumPy arrays, or on floats for a scalar program."""

    plan: Plan
    ffi: Any
    library: Any
    work: dict[tuple[int, ...], Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.dtype = np.dtype(self.plan.dtype)
        self.pointer = f"{C(self.plan.dtype).kind}[]"
        self.count = len(self.plan.program.parameters)
        self.shapes = [self.plan.shapes[leaf.name] for leaf in self.plan.leaves]
        self.kinds = [np.dtype(np.int64) if leaf.name in self.plan.tables else self.dtype
                      for leaf in self.plan.leaves]  # fmt: skip
        self.names = ", ".join(leaf.name for leaf in self.plan.leaves)

    def function(self, text: str) -> Function:
        """``f(*parameters, *inputs) -> (loss, *gradients)``."""

        def f(*arguments: Any) -> tuple[Any, ...]:
            if self.plan.is_scalar:
                pointers = self._floats(arguments)
                gradient = self.ffi.new(self.pointer, max(1, self.count))
                gradients = [gradient] if self.count else []
                loss = self.library.f(*pointers, *gradients)
                return (loss, *self.ffi.unpack(gradient, self.count))
            values = [np.asarray(a, k, order="C") for a, k in zip(arguments, self.kinds, strict=True)]
            sizes = self._sizes(values)
            made = [np.empty(v.shape, self.dtype) for v in values[: self.count]]
            loss = self.library.f(*sizes, *self._pointers(values), *self._pointers(made),
                                  *self._work(sizes))  # fmt: skip
            return (loss, *made)

        f.source = text  # type: ignore[attr-defined]
        return f  # type: ignore[return-value]

    def step(self, text: str) -> Step:
        """``step(*parameters, *inputs) -> (loss, *parameters)``."""
        state, views = self._state()
        held = self.ffi.from_buffer(self.pointer, state, require_writable=True)

        def loop(n: int, *arguments: Any) -> tuple[Any, ...]:
            if n < 1:
                raise ValueError(f"{n} updates: at least one is accepted")
            if self.plan.is_scalar:
                pointers = self._floats(arguments)
                loss = self.library.loop(n, *pointers, held)
                return (loss, *(self.ffi.unpack(pointers[0], self.count) if self.count else ()))
            parameters = arguments[: self.count]
            self._check(parameters)
            inputs = [np.asarray(a, k, order="C") for a, k in
                      zip(arguments[self.count :], self.kinds[self.count :], strict=True)]  # fmt: skip
            sizes = self._sizes([*parameters, *inputs])
            pointers = [*self._pointers(parameters, writable=True), *self._pointers(inputs)]
            loss = self.library.loop(n, *sizes, *pointers, held, *self._work(sizes))
            return (loss, *parameters)

        def step(*arguments: Any) -> tuple[Any, ...]:
            return loop(1, *arguments)

        step.source, step.state, step.loop = text, views, loop  # type: ignore[attr-defined]
        return step  # type: ignore[return-value]

    def _floats(self, arguments: Sequence[Any]) -> list[Any]:
        """The numbers of a scalar program, as the arrays that its source takes."""
        if len(arguments) != len(self.shapes):
            raise TypeError(f"{len(arguments)} arguments: {self.names} are accepted")
        parts = (arguments[: self.count], arguments[self.count :])
        return [self.ffi.new(self.pointer, [*map(float, part)]) for part in parts if part]

    def _check(self, parameters: Sequence[Any]) -> None:
        """What is updated in place must be able to hold the result."""
        for p in parameters:
            if not (isinstance(p, np.ndarray) and p.dtype == self.dtype and p.flags.c_contiguous):
                names = ", ".join(leaf.name for leaf in self.plan.program.parameters)
                raise TypeError(f"{names}: contiguous {self.dtype} arrays are accepted, for they are "
                                "updated in place")  # fmt: skip

    def _pointers(self, values: Sequence[Any], *, writable: bool = False) -> list[Any]:
        return [
            self.ffi.from_buffer("long[]" if v.dtype.kind == "i" else self.pointer, v,
                                 require_writable=writable)
            for v in values
        ]  # fmt: skip

    def _sizes(self, values: Sequence[Any]) -> tuple[int, ...]:
        """The sizes that the arrays bring. Raises ValueError where a shape or an index is wrong."""
        found = tuple(v.shape for v in values)
        known: dict[Symbol, int] = {}
        if not self.plan.program.sizes:
            want = self._fixed
        else:
            for shape, sizes in zip(found, self.shapes, strict=True):
                known |= {s: n for n, s in zip(shape, sizes, strict=False)
                          if s.is_Symbol and s not in known}  # fmt: skip
            want = tuple(tuple(int(s.xreplace(known)) for s in shape) for shape in self.shapes)
        if found != want:
            raise ValueError(f"{found} are no shapes of {self.names}: {want} is accepted")
        for place, size in self._limits.items():
            table, most = values[place], int(size.xreplace(known))
            if table.size and not (table.min() >= 0 and table.max() < most):
                raise IndexError(f"{self.plan.leaves[place].name}: 0 to {most - 1} is accepted")
        return tuple(known[s] for s in self.plan.program.sizes)

    @cached_property
    def _fixed(self) -> tuple[tuple[int, ...], ...]:
        return tuple(tuple(map(int, shape)) for shape in self.shapes)

    @cached_property
    def _limits(self) -> Mapping[int, Expr]:
        """For each table, by its place among the leaves, the extent of the axis it points into."""
        limits: dict[int, Expr] = {}
        names = [leaf.name for leaf in self.plan.leaves]
        for line in self.plan.lines:
            for use in {a for t in line.equation.terms for a in t.body.atoms(Indexed)}:
                for place, size in zip(use.indices, self.plan.shapes[name_of(use)], strict=True):
                    if isinstance(place, Indexed):
                        at = names.index(name_of(place))
                        limits[at] = sp.Min(limits.get(at, size), size)
                    elif place.has(Indexed):
                        raise TargetError(f"target 'c': {place} as an index is computed from data")
        return limits

    def _work(self, sizes: tuple[int, ...]) -> list[Any]:
        if self.plan.is_small:
            return []
        if sizes not in self.work:
            length = max(1, self.library.work_size(*sizes))
            self.work = {sizes: self.ffi.new(self.pointer, length)}
        return [self.work[sizes]]

    def _state(self) -> tuple[Any, Mapping[str, list[Any]]]:
        """What the optimizer remembers, as one array and as views of it."""
        update = self.plan.update
        assert update is not None
        own = [self.plan.shapes[leaf.name] for leaf in self.plan.program.parameters]
        if any(s.free_symbols for shape in own for s in shape):
            raise ValueError("a step needs a number for each size of a parameter")
        shapes = [tuple(map(int, shape)) for shape in own]
        length = len(update.shared) + len(update.state) * sum(map(prod, shapes))
        state = np.zeros(max(1, length), self.dtype)
        views: dict[str, list[Any]] = {}
        for n, (v, number) in enumerate(update.shared.items()):
            state[n] = number.start
            views[v.name] = state[n : n + 1]  # type: ignore[assignment]
        at = len(update.shared)
        for v in update.state:
            views[v.name] = []
            for shape in shapes:
                views[v.name].append(state[at : at + prod(shape)].reshape(shape))
                at += prod(shape)
        return state, views
