"""A plan as one function for Numba: loops that it compiles, and BLAS for the products of matrices.

The kernels take arrays of one dtype, as the C functions do; around them stand functions of Python
that bring the arguments into that form. NumPy's rules hold for numbers (1/0 is infinite), and a
product may be fused with a sum and a sum taken in any order, so results differ by rounding.
"""

from __future__ import annotations

from math import prod

from symbp.core.names import ADJOINT
from symbp.core.optimizers import Optimizer, Update
from symbp.core.program import Program
from symbp.write.nests import Nests
from symbp.write.numba_language import Numba, NumbaNames, exponential
from symbp.write.numpy import function_of, step_of
from symbp.write.numpy_array import ArrayCode, define
from symbp.write.numpy_module import self_test
from symbp.write.plan import Function, Plan, Step, TargetError, equations
from symbp.write.straight import Straight

HEAD = """import math

import numba
import numpy as np

dtype = np.dtype(np.{dtype})
real = np.{dtype}
compiled = numba.njit(error_model="numpy", fastmath={{"contract", "reassoc"}})"""
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
    language = Numba(plan.dtype, wide=not plan.is_small)
    code = (Straight if plan.is_small else Nests)(plan, language)
    around = _Around(plan, code)
    parts = [HEAD.format(dtype=plan.dtype)]
    parts += [ROOM] if code.length is not None else []
    parts += [code.f("slopes"), around.f()] if f else []
    if plan.update is not None:
        parts += [around.state(plan.update), code.steps(plan.update), *around.steps()]
    if any("exponential(" in part for part in parts):
        parts.insert(1, exponential(plan.dtype))
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
            return define("f", self.leaves, text, body)
        gradients = [self.names(p.name + ADJOINT) for p in self.plan.program.parameters]
        made = [f"{g} = np.empty({own}.shape, dtype)"
                for g, own in zip(gradients, self.own, strict=True)]  # fmt: skip
        call = [*self.sizes, *self.leaves, *gradients, *self.work]
        returned = [f"float(slopes({', '.join(call)}))", *gradients]
        body = [*self.arrays.taken(self.leaves, order=', order="C"'), *made,
                f"return {', '.join(returned)},"]  # fmt: skip
        return define("f", self.leaves, text, body)

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
            define("loop", [count, *self.leaves], f"{count} updates; the loss before the last.", body),
            define("step", self.leaves, "One update; the loss before it.", [once]),
        ]
