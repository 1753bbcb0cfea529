"""Matrix and index notation against NumPy: what a formula means, at numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import SimpleNamespace

import numpy as np
import pytest
import sympy as sp
from numpy.typing import NDArray

from symbp.check.notes import read_text
from symbp.core.functions import Elementwise

Array = NDArray[np.float64]
SHAPES: Mapping[str, tuple[int, ...]] = {
    "W": (3, 2), "V": (2, 3), "A": (4, 3), "B": (4, 3), "M": (3, 3), "x": (2,), "b": (3,), "c": (3,),
    "r": (4,),
}  # fmt: skip
DECLARED = "```symbp\n" + "\n".join(f"shape {n} {s}" for n, s in SHAPES.items()) + "\n```\n\n"


def sigmoid(z: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-z)))


FORMULAS: list[tuple[str, Callable[[SimpleNamespace], object]]] = [
    (r"W x + b", lambda g: g.W @ g.x + g.b),
    (r"\sigma(W x + b)", lambda g: sigmoid(g.W @ g.x + g.b)),
    (r"b c^\top", lambda g: np.outer(g.b, g.c)),
    (r"b^\top c", lambda g: g.b @ g.c),
    (r"b^\top M c", lambda g: g.b @ g.M @ g.c),
    (r"W V c", lambda g: g.W @ g.V @ g.c),
    (r"A^\top B", lambda g: g.A.T @ g.B),
    (r"A M + c", lambda g: g.A @ g.M + g.c),
    (r"A + r", lambda g: g.A + g.r[:, None]),
    (r"(A \odot B) M^\top", lambda g: (g.A * g.B) @ g.M.T),
    (r"A \odot B M", lambda g: g.A * (g.B @ g.M)),
    (r"(1 - b \odot b) \odot M^\top c", lambda g: (1 - g.b * g.b) * (g.M.T @ g.c)),
    (r"\frac{b}{1 + c^2} - 2c", lambda g: g.b / (1 + g.c**2) - 2 * g.c),
    (r"-\tanh(M b) \odot c", lambda g: -np.tanh(g.M @ g.b) * g.c),
    (r"\tanh'(M b)", lambda g: 1 - np.tanh(g.M @ g.b) ** 2),
    (r"\mathrm{softmax}(M b)", lambda g: np.exp(g.M @ g.b) / np.exp(g.M @ g.b).sum()),
    (r"\mathrm{softmax}(A M)",
     lambda g: np.exp(g.A @ g.M) / np.exp(g.A @ g.M).sum(axis=1, keepdims=True)),
    (r"\max(0, M b - c)", lambda g: np.maximum(0, g.M @ g.b - g.c)),
    (r"\frac12 \|W x - b\|^2", lambda g: ((g.W @ g.x - g.b) ** 2).sum() / 2),
    (r"\sum_i b_i c_i", lambda g: g.b @ g.c),
    (r"\sum_i \sum_j A_{ij} \log(1 + B_{ij}^2)", lambda g: (g.A * np.log(1 + g.B**2)).sum()),
    (r"(\sum_i b_i)(\sum_i c_i)", lambda g: g.b.sum() * g.c.sum()),
    (r"(\sum_i b_i)^2 - \sum_i b_i^2", lambda g: g.b.sum() ** 2 - (g.b**2).sum()),
    (r"\frac{\sum_i b_i c_i}{\sum_i b_i^2}", lambda g: g.b @ g.c / (g.b @ g.b)),
]  # fmt: skip


@pytest.mark.parametrize(("source", "numpy"), FORMULAS, ids=[source for source, _ in FORMULAS])
def test_a_formula_means_what_numpy_computes(
    source: str, numpy: Callable[[SimpleNamespace], object]
) -> None:
    random = np.random.default_rng(7)
    given = {name: random.uniform(-1, 1, shape) for name, shape in SHAPES.items()}
    (found,) = read_text(DECLARED + f"$q = {source}$").statements
    assert found.kind == "definition", found
    expected = np.asarray(numpy(SimpleNamespace(**given)))
    np.testing.assert_allclose(_value(source, given), expected, rtol=1e-12)


def _value(source: str, given: Mapping[str, Array]) -> Array:
    """q at numbers, each of its equations written out and computed in order."""
    program = read_text(DECLARED + f"$q = {source}$").matrices.known.program(())
    symbols = program.entries.symbols
    values = {
        symbol: sp.Float(float(given[name][place]), 20)
        for name, row in symbols.items() if name in given
        for place, symbol in row.items()
    }  # fmt: skip
    for line in program.written_out(program.entries):
        body = sp.Add(*(term.body for term in line.terms)).xreplace(values)
        while body.has(Elementwise):
            body = body.replace(lambda e: isinstance(e, Elementwise), lambda e: e.definition())
        values[line.target] = sp.N(body, 20)
    shape = tuple(int(size) for size in program.shapes["q"])
    return np.array([float(values[s]) for s in symbols["q"].values()]).reshape(shape)
