"""What is taken for values that a script leaves open: its data, sizes, arguments.

A name tells what a value is likely to be: samples, targets, layer sizes, a rate. Each has a few ways
in which people write it (samples as rows, as columns, one by one); the first with which the script
runs is taken (``search``). Sizes are different for each axis, so that a transpose shows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from symbp.read.code.nodes import Kind, Leaf, Node
from symbp.read.code.numbers import Numbers
from symbp.read.code.objects import Text
from symbp.read.code.values import Array, Unknown, Value, pack

Sizes = Mapping[str, int]
SIZES: Sizes = {"N": 5, "D": 2, "H": 4, "K": 3}
"""Samples, inputs, hidden units, outputs."""


class OpenSignal(Exception):  # noqa: N818  # no error: something has to be assumed first
    """A value that the script leaves open is needed."""

    def __init__(self, name: str) -> None:
        self.name = name


@dataclass(frozen=True)
class Guess:
    """One way to write a value: in words, and how to make it."""

    layout: str
    make: Callable[[Numbers, str, Sizes], Value]


@dataclass
class Assumptions:
    """What was taken for which name."""

    taken: Mapping[str, Guess] = field(default_factory=dict)
    sizes: Sizes = field(default_factory=lambda: SIZES)
    active: bool = False

    def take(self, numbers: Numbers, value: Unknown, line: int) -> Value:
        """The value assumed for a name. Raises OpenSignal for data without one."""
        name = value.hole
        if name in self.taken:
            if name not in numbers.assumed:
                numbers.assumed[name] = self.taken[name].make(numbers, name, self.sizes)
            return numbers.assumed[name]
        if not self.active:
            return value
        if value.reason == SIZE and value.source and value.source not in self.taken:
            raise OpenSignal(value.source)
        kind, drawn = kind_of_name(name), any(word in value.reason for word in DRAWS)
        if value.reason == ARGUMENT or (kind in ("samples", "targets") and not drawn):
            raise OpenSignal(self._first(numbers, name, kind))
        return value

    def _first(self, numbers: Numbers, name: str, kind: str) -> str:
        """Targets fit samples: where samples are open too, they are assumed before."""
        if kind != "targets" or any(guess.layout in FITTING for guess in self.taken.values()):
            return name
        line = numbers.left_open.get(name, 0)
        return min(
            (n for n in numbers.left_open if kind_of_name(n) == "samples" and n not in self.taken),
            key=lambda n: abs(numbers.left_open[n] - line), default=name,
        )

    def __str__(self) -> str:
        return ", ".join(f"{name} {guess.layout.format(**self.sizes)}"
                         for name, guess in self.taken.items())  # fmt: skip


ARGUMENT = "an argument"
SIZE = "a size"
"""Why a value is open: it is an argument; it counts the entries of what is open."""
DRAWS = ("matplotlib", "seaborn", "plotly", "tqdm")


def kind_of_name(name: str) -> str:
    """What a value with this name is likely to be."""
    return next((kind for kind, names in NAMES.items() if names.fullmatch(name)), "samples?")


def guesses(name: str, taken: Mapping[str, Guess]) -> tuple[Guess, ...]:
    """The ways to write a value with this name, the most likely first."""
    kind = kind_of_name(name)
    if kind == "targets":
        layout = next((g.layout for g in reversed(list(taken.values())) if g.layout in FITTING), None)
        return FITTING[layout] if layout is not None else tuple(
            g for group in FITTING.values() for g in group)  # fmt: skip
    return GUESSES[kind]


_WORDS = (
    r"(_?(train|test|training|data|set|batch|list|assess|values?|vectors?|arr|in|true|i|raw|all|new))*"
)
NAMES: Mapping[str, re.Pattern[str]] = {
    kind: re.compile(pattern, re.I) for kind, pattern in {
        "rate": r"(lr|eta|alpha|.*(learn|rate).*|step_?size|l_?r|.*(reg|lambda|decay|momentum|beta|"
                r"keep|prob|mu|tol|accuracy|eps|epsilon|std|scale|threshold).*)",
        "epochs": r"(.*(epoch|iter|rounds?|passes|n_?steps|times).*)",
        "batch": r".*batch_?(size)?$",
        "flag": r"(verbose|.*(print|plot|show|debug|shuffle|is_).*|trace|display)",
        "seed": r"(seed|random_?state)",
        "activation": r".*(activation|act_?f).*",
        "layers": r"(layers?|sizes?|layer_?(sizes?|dims?|shapes?|nodes)|dims?|shape|structure|topology|"
                  r"architecture|nn_?architecture|neurons|layers_?dims?|net_?(size|shape)|num_?nodes)",
        "inputs": r"(n_?x|(n|num|number|no|nb)(_?of)?_?(in|inputs?|features?|x)(_?\w*)?|inputs?_?"
                  r"(size|dim|nodes|units|neurons|layer|num|n|layer_?size|layer_?nodes)|"
                  r"n_?features|inodes|in_?(size|dim|features|channels)|nn_?input_?dim|input_?layer_?\w*)",
        "hidden": r"(n_?h\d*|.*hid.*|hnodes|units|n_?units|nn_?hdim|n_?neurons|num_?neurons)",
        "outputs": r"(n_?y|(n|num|number|no|nb)(_?of)?_?(out|outputs?|class(es)?|labels?)(_?\w*)?|"
                   r"outputs?_?(size|dim|nodes|units|neurons|layer|num|n|layer_?size|layer_?nodes)|n_?class(es)?|"
                   r"onodes|out_?(size|dim|features|channels)|nn_?output_?dim|output_?layer_?\w*)",
        "pairs": r"(training_?data|train_?data|dataset|data_?set|train_?set|training_?sets?|"
                 r"mini_?batch|data|train|rows?|examples|training_?examples|patterns|samples_?and_?labels)",
        "samples": r"(x|xs|inputs?|features?|samples?|images?|train_?x|training_?inputs?|"
                   r"training_?set_?inputs?|input_?(data|list|vector|array|values?|layer)|inputs_?list|"
                   r"x_?(train|test|data|batch|i)|a0|train_?inputs?|pixels|sample)" + _WORDS,
        "targets": r"(y|ys|t|d|targets?|labels?|outputs?|expected|desired|answers?|train_?y|"
                   r"training_?(outputs?|labels|targets?)|training_?set_?outputs?|y_?(true|train|data)|"
                   r"target_?(data|list|vector|array|values?|output)|targets_?list|test_?y|"
                   r"expected_?(output|outputs|value)|desired_?output|train_?(outputs?|labels|targets)|"
                   r"real|actual|correct|ground_?truth|label|t_?(train|test))" + _WORDS,
    }.items()
}  # fmt: skip
"""Names by what they are likely to hold; the first that fits."""


def _leaves(numbers: Numbers, name: str, shape: tuple[int, ...], seed: int) -> Value:
    """Data: symbols whose own numbers lie in (0, 1)."""
    twin = np.random.default_rng(seed).uniform(0.1, 0.9, shape)

    def fresh(value: float) -> Node:
        return numbers.graph.leaf(Leaf(Kind.data, name, float(value), numbers.line))

    return pack(np.frompyfunc(fresh, 1, 1)(twin.astype(object)), twin)


def _data(*letters: str) -> Callable[[Numbers, str, Sizes], Value]:
    def make(numbers: Numbers, name: str, sizes: Sizes) -> Value:
        return _leaves(numbers, name, tuple(int(n) if n.isdigit() else sizes[n] for n in letters), 7)

    return make


def known_shapes(shapes: Mapping[str, Sequence[int | str]]) -> dict[str, Guess]:
    """What the author says: an array of symbols in a shape; a letter is one of :data:`SIZES`."""
    return {
        name: Guess(f"({', '.join(map(str, shape))})", _data(*map(str, shape)))
        for name, shape in shapes.items()
    }


def _shares(axis: int, *letters: str) -> Callable[[Numbers, str, Sizes], Value]:
    """Targets that add up to one over the outputs, as one-hot ones do."""

    def make(numbers: Numbers, name: str, sizes: Sizes) -> Value:
        shape = tuple(int(n) if n.isdigit() else sizes[n] for n in letters)
        made = _leaves(numbers, name, shape, 11)
        if not isinstance(made, Array) or shape[axis] < 2:
            return made
        twin = made.twin / made.twin.sum(axis=axis, keepdims=True)
        entries = np.moveaxis(made.entries.copy(), axis, -1)
        for at in np.ndindex(entries.shape[:-1]):
            rest = numbers.graph.add(*entries[at][:-1])
            entries[at][-1] = numbers.graph.subtract(numbers.graph.one, rest)
        return Array(np.moveaxis(entries, -1, axis), twin)

    return make


def _constant(twin: Callable[[Sizes], Value]) -> Callable[[Numbers, str, Sizes], Value]:
    def make(numbers: Numbers, name: str, sizes: Sizes) -> Value:
        value = twin(sizes)
        if isinstance(value, np.ndarray):
            return Array(np.frompyfunc(numbers.node, 1, 1)(value.astype(object)), value)
        return Text.of(value) if isinstance(value, str) else value

    return make


def _classes(sizes: Sizes, count: int) -> Value:
    return np.arange(sizes["N"]) % count


def _one_hot(sizes: Sizes) -> Value:
    return np.eye(sizes["K"])[[k % sizes["K"] for k in range(sizes["N"])]]


def _listed(make: Callable[[Numbers, str, Sizes], Value]) -> Callable[[Numbers, str, Sizes], Value]:
    """The rows of an array as a list."""

    def rows(numbers: Numbers, name: str, sizes: Sizes) -> Value:
        whole = make(numbers, name, sizes)
        return [whole.both(lambda v, k=k: v[k]) for k in range(len(whole.twin))]

    return rows


def _pairs(x: tuple[str, ...], y: tuple[str, ...]) -> Callable[[Numbers, str, Sizes], Value]:
    """A list of tuples (sample, target)."""

    def make(numbers: Numbers, name: str, sizes: Sizes) -> Value:
        return [
            (_data(*x)(numbers, f"{name}_x", sizes), _shares(0, *y)(numbers, f"{name}_y", sizes))
            for _ in range(sizes["N"])
        ]

    return make


def _labelled(numbers: Numbers, name: str, sizes: Sizes) -> Value:
    """Rows whose last entry is a class."""
    made = _leaves(numbers, name, (sizes["N"], sizes["D"] + 1), 7)
    for row in range(sizes["N"]):
        made.twin[row, -1] = row % 2
        made.entries[row, -1] = numbers.node(row % 2)
    return made


def _labelled_lists(numbers: Numbers, name: str, sizes: Sizes) -> Value:
    made = _labelled(numbers, name, sizes)
    return [
        [*(made.both(lambda v, r=row, c=column: v[r, c]) for column in range(sizes["D"])), row % 2]
        for row in range(sizes["N"])
    ]


def _labelled_first(numbers: Numbers, name: str, sizes: Sizes) -> Value:
    """Rows of whole numbers whose first one is a class; the last class is in every second row.

    So a part of the rows, shuffled or not, is likely to hold it, and as many classes are counted.
    """
    shape = (sizes["N"] + 8, sizes["D"] + 1)
    twin = np.random.default_rng(7).integers(1, 9, shape)
    rows = np.arange(shape[0])
    twin[:, 0] = np.where(rows % 2, sizes["K"] - 1, rows // 2 % sizes["K"])

    def fresh(value: int) -> Node:
        return numbers.graph.leaf(Leaf(Kind.data, name, float(value), numbers.line))

    entries = np.frompyfunc(fresh, 1, 1)(twin.astype(object))
    entries[:, 0] = np.frompyfunc(numbers.node, 1, 1)(twin[:, 0].astype(object))
    return Array(entries, twin)


CLASSES = (
    Guess("classes ({N},)", _constant(lambda s: _classes(s, 2))),
    Guess("classes of {K} ({N},)", _constant(lambda s: _classes(s, s["K"]))),
)
ROWS, COLUMNS = Guess("({N}, {D})", _data("N", "D")), Guess("({D}, {N})", _data("D", "N"))
VECTOR, COLUMN = Guess("({D},)", _data("D")), Guess("({D}, 1)", _data("D", "1"))
SAMPLES = (
    ROWS, COLUMNS, VECTOR, COLUMN, Guess("{N} arrays ({D},)", _listed(_data("N", "D"))),
    Guess("a list of {D}", _listed(_data("D"))),
)  # fmt: skip
FITTING: Mapping[str, tuple[Guess, ...]] = {
    ROWS.layout: (
        Guess("({N}, {K})", _shares(1, "N", "K")), Guess("({N}, 1)", _data("N", "1")),
        Guess("one-hot ({N}, {K})", _constant(_one_hot)), Guess("({N},)", _data("N")), *CLASSES,
    ),
    COLUMNS.layout: (
        Guess("({K}, {N})", _shares(0, "K", "N")), Guess("(1, {N})", _data("1", "N")),
        Guess("one-hot ({K}, {N})", _constant(lambda s: _one_hot(s).T)),
        Guess("({N},)", _data("N")), *CLASSES,
    ),
    VECTOR.layout: (Guess("({K},)", _shares(0, "K")), Guess("a number", _data()),
                    Guess("(1,)", _data("1"))),
    COLUMN.layout: (Guess("({K}, 1)", _shares(0, "K", "1")), Guess("(1, 1)", _data("1", "1"))),
    SAMPLES[4].layout: (Guess("{N} arrays ({K},)", _listed(_shares(1, "N", "K"))),
                        Guess("{N} numbers", _listed(_data("N")))),
    SAMPLES[5].layout: (Guess("a list of {K}", _listed(_data("K"))), Guess("a number", _data())),
}  # fmt: skip
"""Targets by how the samples are written."""

LABELLED = (
    Guess("({N}, {D} + 1) with a class at the end", _labelled),
    Guess("({N} + 8, 1 + {D}) with one of {K} classes in front", _labelled_first),
)


def _word(word: str) -> Guess:
    return Guess(repr(word), _constant(lambda _: word))


GUESSES: Mapping[str, tuple[Guess, ...]] = {
    "rate": (Guess("0.125", _constant(lambda s: 0.125)),),
    "epochs": (Guess("3", _constant(lambda s: 3)),),
    "batch": (Guess("2", _constant(lambda s: 2)),),
    "flag": (Guess("False", _constant(lambda s: False)),),
    "seed": (Guess("0", _constant(lambda s: 0)),),
    "activation": tuple(map(_word, ("sigmoid", "tanh", "relu", "logistic"))),
    "layers": (
        Guess("[{D}, {H}, {K}]", _constant(lambda s: [s["D"], s["H"], s["K"]])),
        Guess("{H}", _constant(lambda s: s["H"])),
    ),
    "inputs": (Guess("{D}", _constant(lambda s: s["D"])),),
    "hidden": (Guess("{H}", _constant(lambda s: s["H"])),
               Guess("[{H}]", _constant(lambda s: [s["H"]]))),
    "outputs": (Guess("{K}", _constant(lambda s: s["K"])),),
    "pairs": (
        Guess("{N} pairs of ({D}, 1) and ({K}, 1)", _pairs(("D", "1"), ("K", "1"))),
        Guess("{N} pairs of ({D},) and ({K},)", _pairs(("D",), ("K",))),
        *LABELLED,
        Guess("{N} lists of {D} numbers and a class", _labelled_lists),
        *SAMPLES,
    ),
    "samples": SAMPLES,
    "samples?": (*SAMPLES, *LABELLED, Guess("{H}", _constant(lambda s: s["H"])),
                 Guess("0.5", _constant(lambda s: 0.5))),
}  # fmt: skip
