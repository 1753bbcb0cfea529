"""A plan as PyTorch: the array code of NumPy on tensors, and a function of autograd.

``loss(*parameters, *inputs)`` is an ``autograd.Function`` whose forward pass are the program's lines
and whose backward pass are the derived ones, so it stands in an ``nn.Module`` like any other
function. ``f`` and ``step`` run without autograd, on the device of the first argument.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sympy import Indexed, Symbol

from symbp.core.equations import name_of
from symbp.core.names import ADJOINT
from symbp.core.optimizers import Optimizer, Update
from symbp.core.program import Program
from symbp.write.language import indented
from symbp.write.numpy import run
from symbp.write.numpy_array import ArrayCode, define
from symbp.write.numpy_module import self_test
from symbp.write.numpy_printer import RESERVED, Names
from symbp.write.numpy_stable import Line
from symbp.write.plan import Function, Plan, Step, TargetError, equations

OWN = ("torch", "tensors", "vdot", "einsum", "maximum", "minimum", "where", "full", "ctx", "slope",
       "Loss", "loss", "contextlib")  # fmt: skip
"""What no variable may be called, beside what every source needs."""

NAMES: Mapping[str, str] = {
    "dot": "torch.matmul", "matmul": "torch.matmul", "vdot": "vdot", "einsum": "torch.einsum",
    "max": "torch.amax", "maximum": "maximum", "minimum": "minimum", "where": "where",
    "full": "full", "asarray": "torch.as_tensor", "array": "torch.clone",
}  # fmt: skip
"""NumPy's functions that have another name, or are defined in the source; others keep theirs."""

HELPERS: Mapping[str, str] = {
    "tensors": '''def tensors(*values):
    """Numbers as tensors, beside those that are."""
    device = next((v.device for v in values if torch.is_tensor(v)), None)
    return [v if torch.is_tensor(v) else torch.tensor(v, dtype=dtype, device=device)
            for v in values]''',
    "vdot": '''def vdot(one, other):
    """The sum of all products."""
    return torch.sum(one * other)''',
    "maximum": '''def maximum(one, other):
    """The greater of each pair."""
    return torch.maximum(*tensors(one, other))''',
    "minimum": '''def minimum(one, other):
    """The smaller of each pair."""
    return torch.minimum(*tensors(one, other))''',
    "where": '''def where(condition, one, other):
    """One where the condition holds, else the other."""
    return torch.where(*tensors(condition, one, other))''',
    "full": '''def full(shape, value, dtype):
    """The value at every place."""
    return torch.as_tensor(value, dtype=dtype).expand(shape).clone()''',
}
FACTORIES = re.compile(r"\b(?:arange|zeros|full)\(")
"""What makes a tensor of its own, which must lie on the device of the others."""


def compiled(program: Program, update: Optimizer | Update | None, dtype: str) -> Function | Step:
    """The function of a program, with ``.loss`` for autograd, or with ``update`` its step.

    Raises TargetError without PyTorch.
    """
    try:
        import torch  # noqa: F401
    except ImportError:
        raise TargetError("target 'torch' needs PyTorch: pip install 'symbp[torch]'") from None
    text = source(program, update, dtype, f=update is None)
    space = run(text)
    made: Any = space["f" if update is None else "step"]
    made.source = text
    if update is None:
        made.loss = space["loss"]
    else:
        made.state, made.loop = space["state"], space["loop"]
    return made  # type: ignore[no-any-return]


def module(
    program: Program, update: Optimizer | None = None, dtype: str = "float64", made_by: str = ""
) -> str:
    """The text of a module with ``f`` and ``loss``, and with ``update`` with ``step`` and ``loop``.

    Raises ValueError where a size is open.
    """
    head = ['"""The loss and its gradient, derived by the chain rule. Needs PyTorch."""', "",
            *equations(program, made_by, "#")]  # fmt: skip
    test = self_test(program, dtype).replace("SHAPES =", "import numpy as np\n\nSHAPES =", 1)
    return "\n".join(head) + f"\n\n{source(program, update, dtype, fold=False)}\n\n{test}"


def source(
    program: Program, update: Optimizer | Update | None, dtype: str, *, f: bool = True,
    fold: bool = True,
) -> str:  # fmt: skip
    """The text of ``f`` and ``loss``, and with an update of ``step`` and ``loop``."""
    plan = Plan.of(program, update, dtype, fold=fold)
    code = TorchCode(plan, Names(taken={*RESERVED, *OWN}))
    head, functions = ([], []) if plan.update is None else code.placed_steps(plan.update)
    if f:
        functions = [code.placed_function(), code.autograd(), *functions]
    text = _torch("\n\n\n".join([*code.helpers(), *functions]))
    special = [name for name in ("erf", "erfc") if f"{name}(" in text]
    head = ["import torch", "", f"dtype = torch.{dtype}",
            *(f"{name} = torch.{name}" for name in special), *map(_torch, head)]  # fmt: skip
    used = [t for n, t in HELPERS.items() if f"{n}(" in text or n == "tensors"]
    return "\n".join(head) + "\n\n\n" + "\n\n\n".join([*used, text]) + "\n"


def _torch(text: str) -> str:
    """NumPy's names as PyTorch's."""
    text = re.sub(r"\bnp\.(\w+)", lambda m: NAMES.get(m[1], f"torch.{m[1]}"), text)
    text = text.replace(", optimize=True)", ")").replace(".astype(dtype)", ".to(dtype)")
    text = re.sub(r"(as_tensor|zeros|arange)(\(.*?), dtype\)", r"\1\2, dtype=dtype)", text)
    return text.replace(".transpose(", ".permute(")


class TorchCode(ArrayCode):
    """Array code on tensors, each new one on the device of the others."""

    def remembered(self, name: str, place: str, leaf: str) -> str:
        """What the optimizer remembers moves to the device of its parameter."""
        return f"{name} = {place} = {place}.to({self.names(leaf)}.device)"

    def placed_function(self) -> str:
        """The definition of ``f``."""
        gradients = [self.names(p.name + ADJOINT) for p in self.parameters]
        returned = f"return {', '.join([self.names(self.loss), *gradients])},"
        body = [*self.taken(self.leaves), *self._on_device([*self._lines(self.lines), returned])]
        return "@torch.no_grad()\n" + define("f", self.leaves, "The loss and its gradient.", body)

    def _lines(self, lines: Iterable[Line]) -> list[str]:
        return [text for line in lines for text in self.assigned(line)]

    def _on_device(self, lines: Sequence[str], like: str = "") -> list[str]:
        """Lines that make tensors of their own do so on the device of the first argument."""
        like = like or (self.leaves or [""])[0]
        if not like or not FACTORIES.search("\n".join(lines)):
            return [*lines]
        return [f"with {like}.device:", *indented(lines)]

    def placed_steps(self, update: Update) -> tuple[list[str], list[str]]:
        """The state of an optimizer, and the definitions of ``step`` and ``loop``."""
        own, inputs = self.leaves[: len(self.parameters)], self.leaves[len(self.parameters) :]
        states, updates = self.updates(update)
        number, turn = self.names.fresh("n"), self.names.fresh("turn")
        taken = [f"{name} = np.asarray({name})" for name in own]
        opening = [*taken, *self.checks(own), *self.taken(inputs, own)]
        lines = [*self._lines(self.lines), *updates]
        loop = [f"for {turn} in range({number}):", *indented(lines)]
        returned = f"return {', '.join([self.names(self.loss), *own])},"
        once = f"return loop({', '.join(['1', *self.leaves])})"
        return states, [
            "@torch.no_grad()\n" + define(
                "loop", [number, *self.leaves], f"{number} updates; the loss before the last.",
                [*opening, *self._on_device([*loop, returned])],
            ),
            define("step", self.leaves, "One update; the loss before it.", [once]),
        ]  # fmt: skip

    def autograd(self) -> str:
        """The function of autograd, with gradients for the inputs as well."""
        program, tables = self.plan.program, self.plan.tables
        inputs = [leaf.name for leaf in program.inputs if leaf.name not in tables]
        wanted = [*(p.name for p in program.parameters), *inputs]
        more = Plan.of(program, None, self.dtype, wrt=wanted).lines
        known = {line.name for line in self.lines}
        plain = Plan.of(program, None, self.dtype).lines
        backward = [line for line in plain if line.adjoint]
        rest = [line for line in more if line.adjoint and line.name not in known]
        forward = [line for line in plain if not line.adjoint]
        names = [leaf.name for leaf in self.plan.leaves] + [line.name for line in forward]
        read = _read([*backward, *rest])
        saved = [self.names(name) for name in names if name in read]
        sizes = [self.terms.size(s) for s in program.sizes]
        slopes = [f"slope*{self.names(p.name + ADJOINT)}" for p in self.parameters]
        others = [self.names(name + ADJOINT) if name in inputs else "None"
                  for name in (leaf.name for leaf in program.inputs)]  # fmt: skip
        last = [f"slope*{name}" if name != "None" else name for name in others]
        none = ", ".join([*slopes, *(["None"] * len(others))])
        opening = [f"{', '.join(saved)}, = ctx.saved_tensors"] if saved else []
        opening += [f"{', '.join(sizes)}, = ctx.sizes"] if sizes else []
        kept = [f"ctx.save_for_backward({', '.join(saved)})"] if saved else []
        kept += [f"ctx.sizes = {', '.join(sizes)},"] if sizes else []
        returned = f"return {self.names(self.loss)}"
        needs = f"if not any(ctx.needs_input_grad[{len(slopes)}:]):"
        back = [*self._lines(backward), *([needs, f"    return {none},"] if others else []),
                *self._lines(rest), f"return {', '.join([*slopes, *last])},"]  # fmt: skip
        body = [*opening, *self._on_device(back, "slope")]
        return "\n".join([
            "class Loss(torch.autograd.Function):",
            '    """The loss, whose backward pass is the derived one."""', "",
            "    @staticmethod",
            *indented(define("forward", ["ctx", *self.leaves], "The loss.", [
                *self.taken(self.leaves), *self._on_device([*self._lines(forward), *kept, returned]),
            ]).splitlines()), "",
            "    @staticmethod", "    @torch.autograd.function.once_differentiable",
            *indented(define("backward", ["ctx", "slope"], "The gradient.", body).splitlines()),
            "", "", "loss = Loss.apply",
        ])  # fmt: skip


def _read(lines: Iterable[Line]) -> set[str]:
    """The names of all that some lines read."""
    terms = [t for line in lines for t in line.equation.terms]
    parts = [part for t in terms for part in (t.body, *t.guard)]
    uses = {a for part in parts for a in part.atoms(Indexed)}
    return {name_of(u) for u in uses} | {s.name for part in parts for s in part.atoms(Symbol)}
