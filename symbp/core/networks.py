"""Networks as programs: builders that write the equations a textbook would write.

A builder only names arrays and indices and lists equations; what it returns is an ordinary
:class:`~symbp.core.program.Program`, and a program for anything else is written by hand in the
same way, with ``Program.of``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import sympy as sp
from sympy import Expr, Idx, IndexedBase, Symbol, exp

from symbp.core.equations import Equation, Lemma, Term, array, extent, index, scalar
from symbp.core.functions import ACTIVATIONS, LOSSES, Loss, sigmoid
from symbp.core.program import Program

UNIT_LETTERS = "ijkpqrstuv"
"""Index letters from the output layer back to the input."""
REDUCTIONS = ("mean", "sum")


class NetworkError(ValueError):
    """A network that cannot be built as asked; the message says what would be accepted."""


@dataclass(frozen=True)
class Layer:
    """What a layer's activation needs to write its equations: names and indices of its units."""

    number: int
    output: str
    unit: Idx
    other: Idx
    sample: tuple[Idx, ...]

    def at(self, name: str, *units: Idx) -> Expr:
        """The entry of an array of this layer at the given units and the sample."""
        places = (*units, *self.sample)
        return array(name, *(extent(i) for i in places))[places] if places else scalar(name)


def _pointwise(function: Callable[[Expr], Expr]) -> Callable[[Layer], list[Equation]]:
    def equations(layer: Layer) -> list[Equation]:
        z = layer.at(f"z{layer.number}", layer.unit)
        return [Equation.of(layer.at(layer.output, layer.unit), function(z))]

    return equations


def _softmax(layer: Layer) -> list[Equation]:
    """``e = exp(z)``, ``s = Σ e``, ``p = e/s`` over a layer (Bishop 2006, eq. 4.104)."""
    number, unit, other = layer.number, layer.unit, layer.other
    e, s = f"e{number}", layer.at(f"s{number}")
    return [
        Equation.of(layer.at(e, unit), exp(layer.at(f"z{number}", unit))),
        Equation(s, (Term((other,), layer.at(e, other)),)),
        Equation.of(layer.at(layer.output, unit), layer.at(e, unit) / s),
    ]


LAYERS: dict[str, Callable[[Layer], list[Equation]]] = {
    **{name: _pointwise(function) for name, function in ACTIVATIONS.items()},
    "softmax": _softmax,
}
"""From an activation's name to the equations between z and the layer's output."""


def mlp(
    layers: Sequence[int | Symbol],
    activation: str | Sequence[str] = "sigmoid",
    loss: str = "half-squared",
    bias: bool = True,
    samples: int | Symbol | None = None,
    reduction: str = "mean",
) -> Program:
    """A multilayer perceptron and its loss; a size is a number or a positive integer symbol.

    ``z_l[j,n] = Σ_k W_l[j,k]·a_{l−1}[k,n] + b_l[j]``, ``a_l = f_l(z_l)``, and the loss summed over
    the outputs, then summed or averaged over the samples. Shapes: W (out, in), b (out,), x and d
    (units,) without samples and (units, samples) with them. Parameters in the order W1, b1, W2, …

    Raises NetworkError for layers, names or sizes that make no network.

    >>> print(mlp([2, 2, 1], bias=False))
    z1[j] = Σ_{k} W1[j, k]*x[k]
    a1[j] = sigmoid(z1[j])
    z2[i] = Σ_{j} W2[i, j]*a1[j]
    o[i] = sigmoid(z2[i])
    E = Σ_{i} (d[i] - o[i])**2/2
    """
    names = _activations(layers, activation)
    row = _row(loss)
    if reduction not in REDUCTIONS:
        raise NetworkError(f"reduction {reduction!r}: {' or '.join(REDUCTIONS)} is accepted")
    sample = () if samples is None else (_sample_index(samples),)
    units = _unit_letters(layers)
    equations: list[Equation] = []
    parameters: list[IndexedBase] = []
    below = _entry("x", units[0], sample)
    for number, (unit, name) in enumerate(zip(units[1:], names, strict=True), 1):
        weight = array(f"W{number}", extent(unit), extent(units[number - 1]))
        offset = array(f"b{number}", extent(unit))
        terms = [Term((units[number - 1],), weight[unit, units[number - 1]] * below)]
        terms += [Term((), offset[unit])] if bias else []
        parameters += [weight, offset] if bias else [weight]
        output = row.output if number == len(names) else f"a{number}"
        layer = Layer(number, output, unit, _other(unit, units), sample)
        equations.append(Equation(layer.at(f"z{number}", unit), tuple(terms)))
        equations += LAYERS[name](layer)
        below = layer.at(output, unit)
    equations.append(_loss_equation(row, units[-1], sample, reduction))
    inputs = (array("x", *_extents(units[0], sample)), array("d", *_extents(units[-1], sample)))
    lemmas = _lemmas(names[-1], row, layer, reduction)
    return Program(tuple(equations), "E", tuple(parameters), inputs, lemmas)


def _loss_equation(row: Loss, unit: Idx, sample: tuple[Idx, ...], reduction: str) -> Equation:
    value = row.value(_entry("d", unit, sample), _entry(row.output, unit, sample), extent(unit))
    return Equation(scalar("E"), (Term((unit, *sample), value * _weight(sample, reduction)),))


def _weight(sample: tuple[Idx, ...], reduction: str) -> Expr:
    """1/N for a mean over samples, else 1."""
    return 1 / extent(sample[0]) if sample and reduction == "mean" else sp.S.One


def _lemmas(activation: str, row: Loss, layer: Layer, reduction: str) -> tuple[Lemma, ...]:
    """The loss by the last pre-activation where activation and loss belong together.

    Softmax with cross-entropy: ``z̄ = p·Σ_k d_k − d``; sigmoid with binary cross-entropy:
    ``z̄ = p − d`` (Bishop 2006, §4.3.6: canonical links).
    """
    d, p, unit, other = "d", row.output, layer.unit, layer.other
    weight = _weight(layer.sample, reduction)
    z = f"z{layer.number}"
    if (activation, row.name) == ("softmax", "cross-entropy"):
        product = Term((other,), layer.at(p, unit) * layer.at(d, other) * weight)
        return (
            Lemma(z, (product, Term((), -layer.at(d, unit) * weight))),
            Lemma(
                z,
                (Term((), (layer.at(p, unit) - layer.at(d, unit)) * weight),),
                given=sp.Eq(sp.Sum(layer.at(d, other), other), 1),
            ),
        )
    if (activation, row.name) == (sigmoid.__name__, "binary-cross-entropy"):
        return (Lemma(z, (Term((), (layer.at(p, unit) - layer.at(d, unit)) * weight),)),)
    return ()


def _entry(name: str, unit: Idx, sample: tuple[Idx, ...]) -> Expr:
    return array(name, *_extents(unit, sample))[(unit, *sample)]


def _extents(unit: Idx, sample: tuple[Idx, ...]) -> tuple[Expr, ...]:
    return tuple(extent(i) for i in (unit, *sample))


def _unit_letters(layers: Sequence[int | Symbol]) -> list[Idx]:
    """One index a layer, from the input to the output; the output's is i."""
    count = len(layers)
    letters = [
        UNIT_LETTERS[n] if n < len(UNIT_LETTERS) else f"i{n}" for n in range(count)
    ]
    return [index(letters[count - 1 - n], size) for n, size in enumerate(layers)]


def _other(unit: Idx, units: Sequence[Idx]) -> Idx:
    """A second index over the same units, not the letter of a neighbouring layer."""
    letter = "k" if len(units) < UNIT_LETTERS.index("k") + 1 else "l"
    return index(letter, extent(unit))


def _sample_index(samples: int | Symbol) -> Idx:
    if isinstance(samples, int) and samples < 1:
        raise NetworkError(f"samples={samples}: at least one sample, or a symbol, is accepted")
    return index("n", samples)


def _activations(
    layers: Sequence[int | Symbol], activation: str | Sequence[str]
) -> tuple[str, ...]:
    if len(layers) < 2 or not all(_is_size(n) for n in layers):
        raise NetworkError(f"layers {list(layers)}: two or more positive sizes are accepted")
    count = len(layers) - 1
    names = (activation,) * count if isinstance(activation, str) else tuple(activation)
    if len(names) != count:
        raise NetworkError(f"{len(names)} activations for {count} layers: one, or one a layer")
    for name in names:
        if name not in LAYERS:
            raise NetworkError(f"activation {name!r}: accepted are {', '.join(LAYERS)}")
    return names


def _is_size(size: int | Symbol) -> bool:
    if isinstance(size, Symbol):
        return bool(size.is_integer and size.is_positive)
    return isinstance(size, int) and size > 0


def _row(loss: str) -> Loss:
    if loss not in LOSSES:
        raise NetworkError(f"loss {loss!r}: accepted are {', '.join(LOSSES)}")
    return LOSSES[loss]
