"""A derivation as a module that stands alone: NumPy, the equations as comments, and a self-test."""

from __future__ import annotations

from symbp.core.optimizers import Optimizer
from symbp.core.program import Program
from symbp.write.numpy import source
from symbp.write.numpy_printer import Names
from symbp.write.plan import TOLERANCES, equations

SELF_TEST = '''SHAPES = {shapes}
PARAMETERS = {count}


def self_test(seed=0, h={h}, tolerance={tolerance}):
    """How many entries of the gradient were compared with central differences; raises if one fails."""
    rng = np.random.default_rng(seed)
    arguments = [np.array(rng.uniform(0.1, 0.9, shape)) for shape in SHAPES.values()]
    call = {call}
    _, *gradients = call()
    count = 0
    for argument, gradient in zip(arguments[:PARAMETERS], gradients):
        for place in np.ndindex(argument.shape):
            start = argument[place]
            argument[place] = start + h
            above = call()[0]
            argument[place] = start - h
            below = call()[0]
            argument[place] = start
            slope, own = (above - below) / (2 * h), np.asarray(gradient)[place]
            if abs(slope - own) > tolerance * max(1.0, abs(slope)):
                raise AssertionError(f"entry {{place}}: {{own}}, and by differences {{slope}}")
            count += 1
    return count


if __name__ == "__main__":
    print(f"{{self_test()}} entries of the gradient meet central differences")
'''


def module(
    program: Program, update: Optimizer | None = None, dtype: str = "float64", made_by: str = ""
) -> str:
    """The text of a module with ``f(*parameters, *inputs) -> (loss, *gradients)``.

    With ``update`` it has ``step`` and ``loop`` as well. Every size must be a number; raises
    ValueError where one is open.

    >>> from symbp.core.networks import mlp
    >>> print(module(mlp([1, 1], "identity", bias=False)).splitlines()[4])
    # z1[i] = Σ_{j} W1[i, j]*x[j]
    """
    head = ['"""The loss and its gradient, derived by the chain rule. Needs NumPy alone."""', ""]
    head += equations(program, made_by, "#")
    text = source(program, update, dtype)
    if "import numpy as np" not in text:
        text = f"import numpy as np\n\n{text}"
    return "\n".join(head) + f"\n\n{text}\n\n{self_test(program, dtype)}"


def self_test(program: Program, dtype: str) -> str:
    """The lines of a module that compare its gradient with central differences."""
    leaves = (*program.parameters, *program.inputs)
    shapes = {leaf.name: tuple(map(int, program.shapes[leaf.name])) for leaf in leaves}
    names = Names()
    call = "lambda: f(*arguments)"
    if not any(shapes.values()):
        call = "lambda: f(*map(float, arguments))"
    h, tolerance = TOLERANCES[dtype]
    return SELF_TEST.format(
        shapes=_table({names(name): shape for name, shape in shapes.items()}),
        count=len(program.parameters), h=h, tolerance=tolerance, call=call,
    )  # fmt: skip


def _table(shapes: dict[str, tuple[int, ...]]) -> str:
    lines = "".join(f"    {name!r}: {shape},\n" for name, shape in shapes.items())
    return f"{{\n{lines}}}"
