"""Gradients written out by hand with a slot for each local derivative, and mistakes to put in.

A mistake is a row: which weight of which networks, and what stands in which slots. A slot is
``what layer unit``; a row names one slot, or ``what`` for all of them. So a kind is planted in five
networks without a line of code of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from symbp.core.chain import Derivation, derive
from symbp.core.networks import mlp

SLOPES = {
    "sigmoid": "{a}*(1-{a})", "tanh": "(1-{a}**2)", "silu": "({a}+sigmoid({z})*(1-{a}))",
    "softplus": "sigmoid({z})", "identity": "1", "softmax": "{a}*(1-{a})",
}  # fmt: skip
"""The derivative of an activation; of a softmax, what its diagonal is."""
LOSSES = {
    "half-squared": "({a}-{d})", "binary-cross-entropy": "({a}-{d})/({a}*(1-{a}))",
    "cross-entropy": "(-{d}/{a})",
}  # fmt: skip
Entry = tuple[int, int, int | None]
"""Layer, unit, and the unit below; no unit below is a bias."""


@dataclass(frozen=True)
class Net:
    """A perceptron as the hand writes it; a layer of one unit has no subscript."""

    sizes: tuple[int, ...]
    activations: tuple[str, ...]
    loss: str = "half-squared"

    @cached_property
    def derivation(self) -> Derivation:
        return derive(mlp(self.sizes, self.activations, self.loss))

    def name(self, letter: str, layer: int, unit: int) -> str:
        return letter + (f"_{unit}" if self.sizes[layer] > 1 else "")

    def a(self, layer: int, unit: int) -> str:
        top = "p" if self.loss.endswith("cross-entropy") else "o"
        letter = "x" if layer == 0 else top if layer == len(self.activations) else f"a{layer}"
        return self.name(letter, layer, unit)

    def names(self, layer: int, unit: int) -> dict[str, str]:
        """What a mistake in a slot at a unit may be made of."""
        a, z = self.a(layer, unit), self.name(f"z{layer}", layer, unit)
        d = self.name("d", layer, unit)
        made = {"a": a, "z": z, "d": d, "other": self.a(layer, unit % self.sizes[layer] + 1)}
        if layer:
            f = self.activations[layer - 1]
            made |= {
                "slope": SLOPES[f].format(a=a, z=z), "at_input": SLOPES[f].format(a=z, z=z),
                "at_output": SLOPES[f].format(a=f"{f}({a})", z=a),
                "loss": LOSSES[self.loss].format(a=a, d=d),
            }  # fmt: skip
            made["typed"] = made["slope"].replace("1-", "3-")
            made["plus"] = made["loss"].replace(f"{a}-{d}", f"{a}+{d}").replace("(-", "(")
            made["swapped"] = LOSSES[self.loss].format(a=d, d=a)
        return made

    def entries(self) -> Iterator[Entry]:
        for layer, size in enumerate(self.sizes[1:], 1):
            for unit in range(1, size + 1):
                for below in (None, *range(1, self.sizes[layer - 1] + 1)):
                    yield layer, unit, below

    def entry(self, layer: int, unit: int, below: int | None) -> str:
        if below is None:
            return self.name(f"b{layer}", layer, unit)
        return f"w{layer}_{unit}_{below}"

    def document(self, mean: bool = False) -> str:
        """The equations as notes, with an update of one weight."""
        lines = [str(e) for e in self.derivation.forward.scalars()]
        if mean:
            lines[-1] = f"E = ({lines[-1].removeprefix('E = ')})/N"
        lines += ["w2_1_1_new = w2_1_1 - eta*diff(E, w2_1_1)"]
        return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class Writing:
    """One gradient being written, with other texts in some slots; ``~`` leaves parentheses out."""

    net: Net
    slots: Mapping[str, str] = field(default_factory=dict)

    def slot(self, key: str, right: str, **names: str) -> str:
        text = self.slots.get(key, self.slots.get(key.split()[0]))
        if text is None:
            return right
        made = text.removeprefix("~").format(right=right, **names)
        return made if text.startswith("~") else f"({made})"

    def delta(self, layer: int, unit: int) -> str:
        """∂E/∂z from the output down, the sum over the units above written out."""
        names = self.net.names(layer, unit)
        slope = self.slot(f"slope {layer} {unit}", names["slope"], **names)
        if layer == len(self.net.activations):
            return self.slot(f"loss {unit}", names["loss"], **names) + "*" + slope
        terms = [self.path(layer, unit, up) for up in range(1, self.net.sizes[layer + 1] + 1)]
        whole = "+".join(terms)
        above = whole if len(terms) == 1 else f"({whole})"
        return f"{self.slot(f'sum {layer}', above, bare=whole)}*{slope}"

    def path(self, layer: int, unit: int, up: int) -> str:
        weight = f"w{layer + 1}_{up}_{unit}"
        other = unit % self.net.sizes[layer] + 1
        made = self.slot(
            f"weight {layer + 1} {up}", weight, turned=f"w{layer + 1}_{unit}_{up}",
            other=f"w{layer + 1}_{up}_{other}", layer=f"w{layer}_{unit}_1", new=f"{weight}_new",
        )  # fmt: skip
        return self.slot(f"path {layer + 1} {up}", f"{self.delta(layer + 1, up)}*{made}")

    def gradient(self, layer: int, unit: int, below: int | None) -> str:
        net = self.net
        units = range(1, net.sizes[layer] + 1)
        made = self.slot(
            "delta", self.delta(layer, unit), every="+".join(self.delta(layer, u) for u in units)
        )
        if below is not None:
            after, out = net.a(layer, unit), net.a(len(net.activations), 1)
            names = net.names(layer - 1, below) | {"after": after, "out": out}
            made = f"{made}*{self.slot('below', net.a(layer - 1, below), **names)}"
        return self.slot("whole", made)


@dataclass(frozen=True)
class Plant:
    """Where a mistake is made: the slots, the networks, the weight; what is claimed of it."""

    slots: Mapping[str, str]
    nets: str = "five"
    entry: Entry = (1, 1, 1)
    left: str = "diff(E, {name})"
    written: Entry | None = None
    document: bool = False
    mean: bool = False

    def formula(self, net: Net) -> str:
        left = self.left.format(name=net.entry(*self.entry))
        return f"{left} = {Writing(net, self.slots).gradient(*(self.written or self.entry))}"


SIGMOID = Net((2, 2, 1), ("sigmoid", "sigmoid"))
TANH = Net((3, 2, 2), ("tanh", "tanh"))
DEEP = Net((2, 2, 2, 1), ("sigmoid", "tanh", "sigmoid"))
SILU = Net((2, 3, 1), ("silu", "sigmoid"), "binary-cross-entropy")
LINEAR = Net((2, 2, 3), ("softplus", "identity"))
HIDDEN = ("sigmoid", "tanh", "silu", "softplus")
BINARY, CROSS = "binary-cross-entropy", "cross-entropy"
NETS: Mapping[str, tuple[Net, ...]] = {
    "five": (SIGMOID, TANH, DEEP, SILU, LINEAR),
    "squared": (SIGMOID, TANH, DEEP, Net((2, 3, 1), ("silu", "sigmoid")), LINEAR),
    "numbered": (SIGMOID, TANH, DEEP, SILU, Net((2, 2, 3), ("sigmoid", "identity"))),
    "products": tuple(
        Net((2, *hidden, n), ("sigmoid",) * len(hidden) + (top,))
        for hidden, n, top in (
            ((2,), 1, "sigmoid"), ((2,), 2, "tanh"), ((2, 2), 1, "sigmoid"), ((3,), 1, "tanh"),
            ((2,), 3, "identity"),
        )
    ),
    "wide": (Net((2, 2, 3), ("sigmoid", "sigmoid")), TANH, DEEP,
             Net((2, 3, 2), ("silu", "sigmoid"), BINARY), LINEAR),
    "three": (*(Net((2, 2, 3), (f, "sigmoid")) for f in HIDDEN), LINEAR),
    "square": (*(Net((2, 2, 2), (f, "sigmoid")) for f in HIDDEN), DEEP),
    "binary": (*(Net((2, 2, 1), (f, "sigmoid"), BINARY) for f in HIDDEN), SILU),
    "softmax": (*(Net((2, 2, 3), (f, "softmax"), CROSS) for f in HIDDEN),
                Net((2, 3, 2), ("tanh", "softmax"), CROSS)),
}  # fmt: skip
"""The networks, five of each sort."""

PLANTS: Mapping[str, Plant] = {
    "sign": Plant({"whole": "-{right}"}),
    "factor": Plant({"whole": "2*{right}"}),
    "activation-derivative-missing": Plant({"slope 1 1": "1"}),
    "function-for-derivative": Plant({"slope 1 1": "{a}"}),
    "derivative-at-output": Plant({"slope 1 1": "{at_output}"}),
    "derivative-at-input": Plant({"slope 1 1": "{at_input}"}, "numbered"),
    "wrong-activation": Plant({"slope 1 1": "step({z})"}),
    "activation-derivative-twice": Plant({"slope 1 1": "({right})**2"}),
    "wrong-index": Plant({"below": "{other}"}),
    "wrong-index of a weight": Plant({"weight 2 1": "{other}"}),
    "transposed": Plant({"weight 2 2": "{turned}"}, "square"),
    "gradient-transposed": Plant({}, "square", (1, 1, 2), written=(1, 2, 1)),
    "wrong-layer": Plant({"weight 2 1": "{layer}"}),
    "updated-weight": Plant({"weight 2 1": "{new}"}, "squared", document=True),
    "path-missing": Plant({"path 2 1": "0"}, "wide"),
    "sum-missing": Plant({"path 2 1": "0", "path 2 2": "0"}, "three"),
    "bias-axis": Plant({"delta": "{every}"}, entry=(1, 1, None)),
    "bias-gets-input": Plant({"whole": "{right}*x_1"}, entry=(1, 1, None)),
    "softmax-diagonal": Plant({}, "softmax"),
    "softmax-diagonal of the last layer": Plant({}, "softmax", (2, 1, 1)),
    "wrong-loss": Plant({"loss": "-{d}/{a}"}),
    "loss-derivative-missing": Plant({"loss": "1"}),
    "target-swapped": Plant({"loss": "{swapped}"}, "binary"),
    "power-kept": Plant({"loss": "{right}**2"}, "squared"),
    "sign-inside": Plant({"loss": "{plus}"}),
    "parentheses-lost": Plant({"loss 1": "~{a}-{d}"}, "three"),
    "parentheses-lost of a sum": Plant({"sum 1": "~{bare}"}, "wide"),
    "before-activation": Plant({"below": "{z}"}, entry=(2, 1, 1)),
    "after-activation": Plant({"below": "{after}"}),
    "last-factor-missing": Plant({"below": "1"}),
    "last-factor-wrong": Plant({"below": "{out}"}),
    "factor-missing": Plant({"weight 2 1": "1"}),
    "part-missing": Plant({"slope 1 1": "1-{a}"}, "products"),
    "part-twice": Plant({"slope 1 1": "{right}*{a}"}, "products"),
    "constant": Plant({"slope 1 1": "{typed}"}, "numbered"),
    "rate-twice": Plant({"whole": "eta*{right}"}, document=True),
    "rate-missing": Plant({}, left="eta*diff(E, {name})", document=True),
    "sum-for-mean": Plant({}, mean=True),
    "mean-for-sum": Plant({"whole": "{right}/N**2"}, mean=True),
}
"""A kind of mistake, with a word on where it is made where there are two."""
