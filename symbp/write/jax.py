"""A plan as JAX: the array code of NumPy, as pure functions that XLA compiles.

``f`` and ``step`` run wherever their arguments lie: with the samples of the inputs sharded over a
mesh and the parameters on every device, XLA sums the gradients over the devices by itself. In
float64 the source turns JAX's 64-bit mode on, which holds for the whole process.
"""

from __future__ import annotations

import re

from sympy import Expr, Symbol

from symbp.core.names import ADJOINT
from symbp.core.optimizers import G, Optimizer, Update, W
from symbp.core.program import Program
from symbp.write.numpy import function_of, step_of
from symbp.write.numpy_array import ArrayCode, define
from symbp.write.numpy_module import self_test
from symbp.write.numpy_printer import RESERVED, ArrayPrinter, Names
from symbp.write.plan import Function, Plan, Step, TargetError, equations

OWN = ("jax", "jnp", "updated", "repeated", "turn", "carry", "own", "inputs", "loss", "new")
"""What no variable may be called, beside what every source needs."""

STEPS = """state = {state}


@jax.jit
def repeated(n, state, own, inputs):
    \"\"\"n updates; the loss before the last.\"\"\"
    def turn(_, carry):
        return updated(carry[2], *carry[1], *inputs)

    return jax.lax.fori_loop(0, n, turn, (jnp.zeros((), dtype), own, state))


def loop(n, *arguments):
    \"\"\"n updates of (*parameters, *inputs); the loss before the last, and new parameters.\"\"\"
    if n < 1:
        raise ValueError(f"{{n}} updates: at least one is accepted")
    own = [jnp.asarray(a, dtype) for a in arguments[:{count}]]
    loss, own, new = repeated(n, state, own, arguments[{count}:])
    state.update(new)
    return loss, *own


def step(*arguments):
    \"\"\"One update of (*parameters, *inputs); the loss before it, and new parameters.\"\"\"
    loss, own, new = updated(state, *arguments)
    state.update(new)
    return loss, *own"""


def compiled(program: Program, update: Optimizer | Update | None, dtype: str) -> Function | Step:
    """The function of a program, or with ``update`` its step, compiled at its first call.

    A step returns new parameters: JAX's arrays do not change. Raises TargetError without JAX.
    """
    try:
        import jax  # noqa: F401
    except ImportError:
        raise TargetError("target 'jax' needs JAX: pip install 'symbp[jax]'") from None
    text = source(Plan.of(program, update, dtype), f=update is None)
    return function_of(text) if update is None else step_of(text)


def module(
    program: Program, update: Optimizer | None = None, dtype: str = "float64", made_by: str = ""
) -> str:
    """The text of a module with ``f``, and with ``update`` with ``step`` and ``loop``.

    Raises ValueError where a size is open.
    """
    head = ['"""The loss and its gradient, derived by the chain rule. Needs JAX."""', "",
            *equations(program, made_by, "#")]  # fmt: skip
    text = source(Plan.of(program, update, dtype, fold=False))
    test = self_test(program, dtype).replace("SHAPES =", "import numpy as np\n\nSHAPES =", 1)
    return "\n".join(head) + f"\n\n{text}\n\n{test}"


def source(plan: Plan, *, f: bool = True) -> str:
    """The text of ``f``, and with an update of ``step`` and ``loop``."""
    code = JaxCode(plan, Names(taken={*RESERVED, *OWN}))
    functions = [code.pure_function()] if f else []
    functions += code.pure_steps(plan.update) if plan.update is not None else []
    text = re.sub(r"\bnp\.", "jnp.", "\n\n\n".join([*code.helpers(), *functions]))
    special = [name for name in ("erf", "erfc") if f"{name}(" in text]
    lines = ["import jax", "import jax.numpy as jnp"]
    lines += [f"from jax.scipy.special import {', '.join(special)}"] if special else []
    wide = ['jax.config.update("jax_enable_x64", True)'] if plan.dtype == "float64" else []
    lines += ["", *wide, f"dtype = jnp.dtype(jnp.{plan.dtype})"]
    return "\n".join(lines) + f"\n\n\n{text}\n"


class JaxCode(ArrayCode):
    """Array code that changes nothing in place."""

    def pure_function(self) -> str:
        """The definition of ``f``."""
        gradients = [self.names(p.name + ADJOINT) for p in self.parameters]
        returned = f"return {', '.join([self.names(self.loss), *gradients])},"
        body = [*self._lines(), returned]
        return "@jax.jit\n" + define("f", self.leaves, "The loss and its gradient.", body)

    def _lines(self) -> list[str]:
        lines = [text for line in self.lines for text in self.assigned(line)]
        return [*self.taken(self.leaves), *lines]

    def pure_steps(self, update: Update) -> list[str]:
        """The definitions of one update, of its state, and of ``step`` and ``loop``."""
        own, memory = self.leaves[: len(self.parameters)], self.names.fresh("state")
        lines = self._lines()
        numbers = {v: self.names(f"state {v.name}", v.name) for v in update.shared}
        lines += [f"({name},) = {memory}[{v.name!r}]" for v, name in numbers.items()]
        lines += [_set(numbers[v], value, numbers) for v, (_, value) in update.shared.items()
                  if value != v]  # fmt: skip
        kept: dict[Symbol, list[str]] = {v: [] for v in update.state}
        for number, leaf in enumerate(self.parameters):
            texts = {**numbers, W: self.names(leaf.name), G: self.names(leaf.name + ADJOINT)}
            for v in update.state:
                key = f"state {v.name} {leaf.name}"
                texts[v] = self.names(key, f"{v.name}_{leaf.name}")
                kept[v].append(texts[v])
                lines.append(f"{texts[v]} = {memory}[{v.name!r}][{number}]")
            lines += [_set(texts[v], value, texts) for v, value in update.state.items()]
            lines.append(_set(texts[W], update.weight, texts))
        both = {**kept, **{v: [name] for v, name in numbers.items()}}
        new = _dictionary({v.name: names for v, names in both.items()})
        returned = [self.names(self.loss), f"[{', '.join(own)}]", new]
        body = [*lines, f"return {', '.join(returned)}"]
        start = {v.name: [f"np.zeros({self._shape(self.shapes[p.name])}, dtype)"
                          for p in self.parameters] for v in update.state}  # fmt: skip
        start |= {v.name: [repr(float(number.start))] for v, number in update.shared.items()}
        text = "One update: the loss before it, new parameters, new state."
        return [
            "@jax.jit\n" + define("updated", [memory, *self.leaves], text, body),
            STEPS.format(state=_dictionary(start), count=len(own)),
        ]


def _set(name: str, value: Expr, texts: dict[Symbol, str]) -> str:
    return f"{name} = {ArrayPrinter(texts.__getitem__).doprint(value)}"


def _dictionary(lists: dict[str, list[str]]) -> str:
    return "{" + ", ".join(f"{key!r}: [{', '.join(own)}]" for key, own in lists.items()) + "}"
