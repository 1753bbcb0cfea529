"""A plan as one function for Numba: loops that it compiles, and BLAS for the products of matrices.

The kernels take arrays of one dtype, as the C functions do; around them stand functions of Python
that bring the arguments into that form. NumPy's rules hold for numbers (1/0 is infinite), and a
product may be fused with a sum, so results differ from NumPy's by rounding.
"""

# SymPy dispatches on the names of a printer's methods.
# ruff: noqa: N802

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import prod
from typing import ClassVar

from sympy import Basic, Expr

from symbp.core.names import ADJOINT
from symbp.core.optimizers import Optimizer, Update
from symbp.core.program import Program
from symbp.write.language import Language, indented
from symbp.write.nests import Nests
from symbp.write.numpy import function_of, step_of
from symbp.write.numpy_array import ArrayCode
from symbp.write.numpy_module import self_test
from symbp.write.numpy_printer import RESERVED, FloatPrinter, Names
from symbp.write.plan import Function, Plan, Step, TargetError, equations
from symbp.write.straight import Straight

HEAD = """import math

import numba
import numpy as np

dtype = np.dtype(np.{dtype})
real = np.{dtype}
compiled = numba.njit(error_model="numpy", fastmath={{"contract"}})"""
OWN = ("math", "numba", "real", "compiled", "slopes", "updates", "work", "memory", "kept", "room",
       "turn", "slope", "loss", "parameters", "inputs")  # fmt: skip
"""What no variable may be called, beside what every source needs."""
ROOM = """kept = [np.empty(0, dtype)]


def room(count):
    \"\"\"The place of the intermediates, kept from call to call.\"\"\"
    if kept[0].size != count:
        kept[0] = np.empty(count, dtype)
    return kept[0]"""


def compiled(program: Program, update: Optimizer | Update | None, dtype: str) -> Function | Step:
    """The function of a program, or with ``update`` its step, compiled at its first call.

    Raises TargetError without Numba, or without SciPy, whose BLAS Numba calls.
    """
    try:
        import numba  # noqa: F401
        import scipy  # noqa: F401
    except ImportError:
        raise TargetError("target 'numba' needs Numba: pip install 'symbp[numba]'") from None
    text = source(Plan.of(program, update, dtype), f=update is None)
    return function_of(text) if update is None else step_of(text)


def module(
    program: Program, update: Optimizer | None = None, dtype: str = "float64", made_by: str = ""
) -> str:
    """The text of a module with ``f``, and with ``update`` with ``step`` and ``loop``.

    Raises ValueError where a size is open.
    """
    head = ['"""The loss and its gradient, derived by the chain rule. Needs Numba and SciPy."""', "",
            *equations(program, made_by, "#")]  # fmt: skip
    plan = Plan.of(program, update, dtype, fold=False)
    return "\n".join(head) + f"\n\n{source(plan)}\n\n{self_test(program, dtype)}"


def source(plan: Plan, *, f: bool = True) -> str:
    """The kernels, and the functions around them."""
    language = Numba(plan.dtype)
    code = (Straight if plan.is_small else Nests)(plan, language)
    around = _Around(plan, code)
    parts = [HEAD.format(dtype=plan.dtype)]
    parts += [ROOM] if code.length is not None else []
    parts += [code.f("slopes"), around.f()] if f else []
    if plan.update is not None:
        parts += [around.state(plan.update), code.steps(plan.update), *around.steps()]
    return "\n\n\n".join(parts) + "\n"


class _Around:
    """The functions of Python around the kernels."""

    def __init__(self, plan: Plan, code: Straight | Nests) -> None:
        self.plan, self.arrays = plan, ArrayCode(plan, NumbaNames())
        self.names, self.leaves = self.arrays.names, self.arrays.leaves
        self.own = self.leaves[: len(plan.program.parameters)]
        self.inputs = self.leaves[len(self.own) :]
        size = self.arrays.terms.size
        self.sizes = [size(s) for s in plan.program.sizes]
        self.work = [] if code.length is None else [f"room({size(code.length)})"]

    def f(self) -> str:
        """``f(*parameters, *inputs) -> (loss, *gradients)``."""
        text = "The loss and its gradient."
        if self.plan.is_scalar:
            call = [name for name, _ in self._packed()]
            made = [f"slope = np.empty({len(self.own)}, dtype)"] if self.own else []
            returned = [f"slopes({', '.join([*call, *(['slope'] if self.own else [])])})",
                        *(["*slope.tolist()"] if self.own else [])]  # fmt: skip
            body = [*(line for _, line in self._packed()), *made, f"return {', '.join(returned)},"]
            return _def("f", self.leaves, text, body)
        gradients = [self.names(p.name + ADJOINT) for p in self.plan.program.parameters]
        made = [f"{g} = np.empty({own}.shape, dtype)"
                for g, own in zip(gradients, self.own, strict=True)]  # fmt: skip
        call = [*self.sizes, *self.leaves, *gradients, *self.work]
        returned = [f"float(slopes({', '.join(call)}))", *gradients]
        body = [*self.arrays.taken(self.leaves, order=', order="C"'), *made,
                f"return {', '.join(returned)},"]  # fmt: skip
        return _def("f", self.leaves, text, body)

    def _packed(self) -> list[tuple[str, str]]:
        """The numbers of a scalar program as arrays."""
        both = (("parameters", self.own), ("inputs", self.inputs))
        return [(name, f"{name} = np.array([{', '.join(part)}], dtype)") for name, part in both if part]

    def state(self, update: Update) -> str:
        """What the optimizer remembers: one array, and views of it."""
        shapes = [tuple(map(int, self.plan.shapes[p.name])) for p in self.plan.program.parameters]
        lines, views, at = [], [], len(update.shared)
        for n, (v, number) in enumerate(update.shared.items()):
            lines += [f"memory[{n}] = {float(number.start)!r}"]
            views.append(f"    {v.name!r}: memory[{n}:{n + 1}],")
        for v in update.state:
            items = []
            for shape in shapes:
                items.append(f"memory[{at}:{at + prod(shape)}].reshape({shape})")
                at += prod(shape)
            views.append(f"    {v.name!r}: [{', '.join(items)}],")
        state = ["state = {", *views, "}"] if views else ["state = {}"]
        return "\n".join([f"memory = np.zeros({max(at, 1)}, dtype)", *lines, *state])

    def steps(self) -> list[str]:
        """``loop(n, *parameters, *inputs) -> (loss, *parameters)``, and ``step``."""
        count = self.names.fresh("n")
        body = [f"if {count} < 1:",
                f'    raise ValueError(f"{{{count}}} updates: at least one is accepted")']
        if self.plan.is_scalar:
            call = [count, *(name for name, _ in self._packed()), "memory"]
            body += [*(line for _, line in self._packed()), f"loss = updates({', '.join(call)})"]
            returned = ["*parameters.tolist()"] if self.own else []
        else:
            body += self.arrays.checks(self.own)
            contiguous = " and ".join(f"{name}.flags.c_contiguous" for name in self.own)
            if contiguous:
                names = ", ".join(self.own)
                body += [f"if not ({contiguous}):",
                         f'    raise TypeError("{names}: contiguous arrays are accepted")']
            body += self.arrays.taken(self.inputs, self.own, order=', order="C"')
            call = [count, *self.sizes, *self.leaves, "memory", *self.work]
            body += [f"loss = updates({', '.join(call)})"]
            returned = self.own
        body.append(f"return {', '.join(['float(loss)', *returned])},")
        once = f"return loop({', '.join(['1', *self.leaves])})"
        return [
            _def("loop", [count, *self.leaves], f"{count} updates; the loss before the last.", body),
            _def("step", self.leaves, "One update; the loss before it.", [once]),
        ]


def _def(name: str, arguments: Sequence[str], text: str, body: Iterable[str]) -> str:
    head = f"def {name}({', '.join(arguments)}):"
    return "\n".join([head, *indented([f'"""{text}"""', *body])])


class NumbaNames(Names):
    """The names of a source for Numba."""

    def __init__(self) -> None:
        super().__init__(taken={*RESERVED, *OWN})


class NumbaPrinter(FloatPrinter):
    """Numbers as Numba reads them: functions of ``math``."""

    root = "math.sqrt"
    functions: ClassVar = {
        f: name if name == "abs" else f"math.{name}" for f, name in FloatPrinter.functions.items()
    }


class SinglePrinter(NumbaPrinter):
    """The same in float32: a number that is written out is one as well."""

    def _number(self, value: float) -> str:
        return f"real({value!r})"

    def _print(self, expr: Basic, **settings: object) -> str:
        if isinstance(expr, Expr) and expr.is_number:
            return self._number(float(expr.evalf(20)))
        return super()._print(expr, **settings)


class WholePrinter(FloatPrinter):
    """Indices, sizes, and conditions on them."""

    def _print_Integer(self, expr: Expr) -> str:
        return str(expr)


@dataclass(frozen=True)
class Numba(Language):
    """Python for Numba."""

    places = WholePrinter
    least = "real(-np.inf)"
    product = "np.dot({left}, {right}, {target})"

    @property
    def numbers(self) -> type[FloatPrinter]:
        """Prints numbers of the dtype."""
        return {"float64": NumbaPrinter, "float32": SinglePrinter}[self.dtype]

    def names(self) -> Names:
        """The names of a new source."""
        return NumbaNames()

    def argument(self, name: str, kind: str = "real", *, mutable: bool = False) -> str:
        """A name."""
        return name

    def number(self, whole: str) -> str:
        """``real(i)``"""
        return f"real({whole})"

    def constant(self, name: str, value: str) -> str:
        """``x = 1.0``"""
        return f"{name} = {value}"

    def variable(self, name: str, value: str = "") -> list[str]:
        """``x = 1.0``; nothing where the value comes later."""
        return [f"{name} = {value}"] if value else []

    def store(self, place: str, value: str, sign: str = "=") -> str:
        """``W1[0, 0] = x``"""
        return f"{place} {sign} {value}"

    def entry(
        self, name: str, at: Sequence[Expr], shape: Sequence[Expr], index: Callable[[Expr], str]
    ) -> str:
        """``W1[j, k]``"""
        return f"{name}[{', '.join(map(index, at)) or '()'}]"

    def view(self, name: str, source: str, start: str, stop: str, shape: Sequence[str]) -> str:
        """``z1 = work[12:24].reshape((3, 4))``"""
        sizes = f"{', '.join(shape)}{',' if len(shape) == 1 else ''}"
        return f"{name} = {source}[{start}:{stop}].reshape(({sizes}))"

    def loop(self, variable: str, count: str, lines: Iterable[str], total: str = "") -> list[str]:
        """A loop."""
        return [f"for {variable} in range({count}):", *indented(lines)]

    def guarded(self, conditions: Sequence[str], lines: Iterable[str]) -> list[str]:
        """Lines under conditions."""
        return [f"if {' and '.join(conditions)}:", *indented(lines)]

    def scope(self, lines: Iterable[str]) -> list[str]:
        """Python's functions have one scope."""
        return [*lines]

    def function(
        self, name: str, arguments: Sequence[str], text: str, body: Iterable[str], *,
        whole: bool = False,
    ) -> str:  # fmt: skip
        """A definition that Numba compiles."""
        head = [] if whole else ["@compiled"]
        return "\n".join([*head, f"def {name}({', '.join(arguments)}):", f'    """{text}"""',
                          *indented(body)])  # fmt: skip

    def returned(self, value: str) -> str:
        """The end of a function."""
        return f"return {value}"

    def steps(
        self, arguments: Sequence[str], count: str, text: str, opening: Sequence[str],
        inside: Sequence[str], closing: Sequence[str],
    ) -> str:  # fmt: skip
        """The kernel of ``loop``."""
        turns = [f"for turn in range({count}):", *indented(inside)]
        text = f"{count} updates; the loss before the last. {text}"
        return self.function("updates", [count, *arguments], text, [*opening, *turns, *closing])
