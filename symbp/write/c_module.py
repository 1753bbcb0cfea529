"""A derivation as one C file: the equations as comments, the functions, and a self-test."""

from __future__ import annotations

from math import prod

from symbp.core.optimizers import Optimizer
from symbp.core.program import Program
from symbp.write.c import BUILD, C, source
from symbp.write.plan import TOLERANCES, Plan, equations

HEAD = """/* The loss and its gradient, derived by the chain rule.

As a library: {build} -o net.so net.c -lm
The self-test: cc -DSELF_TEST net.c -lm && ./a.out */
"""
SELF_TEST = """#ifdef SELF_TEST
#include <stdio.h>
#include <stdlib.h>

{declared}
static {kind} *const arguments[] = {{{pointers}}};
static const long lengths[] = {{{lengths}}};
static {kind} *const gradients[] = {{{gradients}}};

static {kind} value(void) {{
    return f({call});
}}

/* How many entries of the gradient meet central differences; ends at the first that does not. */
int main(void) {{
    const {kind} h = {h}, tolerance = {tolerance};
    unsigned long random = 1;
    long count = 0;
{work}    for (int a = 0; a < {leaves}; a++) {{
        for (long n = 0; n < lengths[a]; n++) {{
            random = (1103515245 * random + 12345) % 2147483648;
            arguments[a][n] = 0.1 + 0.8 * random / 2147483648;
        }}
    }}
    for (int a = 0; a < {parameters}; a++) {{
        for (long n = 0; n < lengths[a]; n++) {{
            const {kind} start = arguments[a][n];
            arguments[a][n] = start + h;
            const {kind} above = value();
            arguments[a][n] = start - h;
            const {kind} below = value();
            arguments[a][n] = start;
            value();
            const {kind} slope = (above - below) / (2 * h), own = gradients[a][n];
            if (!(fabs(slope - own) <= tolerance * fmax(1, fabs(slope)))) {{
                printf("array %d, entry %ld: %g, and by differences %g\\n", a, n, own, slope);
                return 1;
            }}
            count++;
        }}
    }}
    printf("%ld entries of the gradient meet central differences\\n", count);
    return 0;
}}
#endif
"""


def module(
    program: Program, update: Optimizer | None = None, dtype: str = "float64", made_by: str = ""
) -> str:
    """The text of a C file with ``f``, and with ``update`` with ``step`` and ``loop``.

    Raises ValueError where a size is open.
    """
    head = [_escaped(line) for line in equations(program, made_by, "//")]
    plan = Plan.of(program, update, dtype, fold=False)
    text = HEAD.format(build=BUILD) + "\n".join(head)
    return f"{text}\n\n{source(plan)}\n{_self_test(plan)}"


def _self_test(plan: Plan) -> str:
    kind, (h, tolerance) = C(plan.dtype).kind, TOLERANCES[plan.dtype]
    lengths = {leaf.name: prod(map(int, plan.shapes[leaf.name])) for leaf in plan.leaves}
    count = len(plan.program.parameters)
    if plan.is_scalar:
        both = {"parameters": count, "inputs": len(lengths) - count}
        lengths = {name: length for name, length in both.items() if length}
        count = min(count, 1)
    arrays = {f"a{n}": (name, length) for n, (name, length) in enumerate(lengths.items())}
    numbers = {a: length for a, (name, length) in arrays.items() if name not in plan.tables}
    gradients = {f"g{n}": length for n, length in enumerate([*lengths.values()][:count])}
    declared = [f"{a}[{length}]" for a, length in (numbers | gradients).items()]
    declared += [] if plan.is_small else ["*work"]
    tables = [f"static long {a}[{length}];" for a, (_, length) in arrays.items() if a not in numbers]
    return SELF_TEST.format(
        kind=kind, declared="\n".join([f"static {kind} {', '.join(declared)};", *tables]),
        pointers=", ".join(numbers), lengths=", ".join(map(str, numbers.values())),
        gradients=", ".join(gradients), leaves=len(numbers), parameters=count, h=h,
        call=", ".join([*arrays, *gradients, *([] if plan.is_small else ["work"])]),
        work="" if plan.is_small else f"    work = malloc(sizeof({kind}) * work_size());\n",
        tolerance=tolerance,
    )  # fmt: skip


def _escaped(comment: str) -> str:
    """A line's comment that ends where the line ends: no backslash, written out or as ??/."""
    return comment.replace("\\", "∖").replace("??/", "? ?/")
