"""What a verdict costs: one formula, all formulas of a net, whole arrays; and SymPy's own answers."""

from __future__ import annotations

import itertools
import math
import multiprocessing
import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection

import sympy as sp
from sympy import Expr, Symbol
from sympy.core.cache import clear_cache

import symbp
from symbp.core.chain import Derivation, derive
from symbp.core.equations import Equation, array, index, scalar
from symbp.core.functions import sigmoid
from symbp.core.program import Program
from symbp.decide import Context, IndexContext, Outcome, decide
from symbp.decide.functions import Functions
from symbp.decide.graph import Graph
from symbp.decide.proof import Prover

LARGE = [32, 128, 128, 10]
WRONG = 0.05
SECONDS = 10.0
"""What SymPy is given for one formula."""
ROUNDS = 20


@dataclass(frozen=True)
class Net:
    """A derived net and the formulas a book gives for its weights, by names or written out."""

    layers: list[int]
    derivation: Derivation

    @classmethod
    def of(cls, layers: list[int]) -> Net:
        return cls(layers, derive(symbp.mlp(layers, bias=False)).scalars())

    @property
    def top(self) -> int:
        return len(self.layers) - 1

    def context(self) -> Context:
        """The derivation as definitions."""
        context = Context()
        for equation in self.derivation.equations:
            context.define(equation.target, sp.Add(*(t.body for t in equation.terms)))
        return context

    def weights(self) -> Iterator[tuple[int, int, int]]:
        """Layer, row and column of every weight, counted from 1."""
        for layer in range(1, self.top + 1):
            rows, columns = range(self.layers[layer]), range(self.layers[layer - 1])
            yield from ((layer, j + 1, k + 1) for j, k in itertools.product(rows, columns))

    def unit(self, layer: int, j: int) -> Symbol:
        """The activation of a unit, an input at layer 0."""
        if layer == self.top:
            return scalar("o" if self.layers[-1] == 1 else f"o_{j}")
        return scalar(f"a{layer}_{j}" if layer else f"x_{j}")

    def delta(self, layer: int, j: int) -> Expr:
        """δ of a unit, nested down from the outputs."""
        a = self.unit(layer, j)
        if layer == self.top:
            return (a - scalar("d" if self.layers[-1] == 1 else f"d_{j}")) * a * (1 - a)
        return self.sent_back(layer, j, self.delta) * a * (1 - a)

    def sent_back(self, layer: int, j: int, delta: Callable[[int, int], Expr]) -> Expr:
        """Σ_i δ_i w_ij over the units of the next layer."""
        units = range(1, self.layers[layer + 1] + 1)
        return sp.Add(*(delta(layer + 1, i) * scalar(f"w{layer + 1}_{i}_{j}") for i in units))

    def claim(self, layer: int, j: int, k: int) -> Expr:
        """The formula for one weight: δ_j a_k."""
        return self.delta(layer, j) * self.unit(layer - 1, k)

    def text(self, layer: int, j: int, k: int) -> str:
        """The claim as somebody types it."""
        return f"diff(E, w{layer}_{j}_{k}) = {self.claim(layer, j, k)}"


def one_formula(layers: list[int]) -> tuple[float, float]:
    """Seconds for the first formula of a context, and for one more of the same net: medians."""
    net = Net.of(layers)
    first, more = [], []
    for _ in range(ROUNDS):
        context, (layer, j, k) = net.context(), (1, 1, 1)
        first.append(_decided(context, bar(layer, j, k), net.claim(layer, j, k)))
    for layer, j, k in net.weights():
        more.append(_decided(context, bar(layer, j, k), net.claim(layer, j, k)))
    return statistics.median(first), statistics.median(more)


def bar(layer: int, j: int, k: int) -> Symbol:
    """The name of a weight's derivative."""
    return scalar(f"w{layer}_{j}_{k}_bar")


def _decided(context: Context, left: Expr, right: Expr) -> float:
    start = time.perf_counter()
    outcome = context.decide(left, right).outcome
    seconds = time.perf_counter() - start
    assert outcome == Outcome.equal
    return seconds


def with_reading(layers: list[int]) -> float:
    """Seconds to read and to decide a formula in plain text: the median over a net's weights."""
    net, times = Net.of(layers), []
    texts = [net.text(*weight) for weight in net.weights()]
    verdicts = symbp.check_formulas(symbp.mlp(layers, bias=False), texts)
    for _ in texts:
        start = time.perf_counter()
        outcome = next(verdicts).outcome
        times.append(time.perf_counter() - start)
        assert outcome == Outcome.equal
    return statistics.median(times)


def all_formulas(layers: list[int]) -> tuple[int, int, float]:
    """Every δ_j a_k of a net, one in twenty of them wrong: how many, how many wrong, seconds."""
    net, choose = Net.of(layers), random.Random(1)
    context = net.context()
    for layer in range(net.top, 0, -1):
        for j in range(1, layers[layer] + 1):
            a = net.unit(layer, j)
            value = (
                (a - scalar(f"d_{j}")) if layer == net.top else net.sent_back(layer, j, _named)
            )
            context.define(_named(layer, j), value * a * (1 - a))
    pairs, wrong = [], set()
    for layer, j, k in net.weights():
        claim = _named(layer, j) * net.unit(layer - 1, k)
        if choose.random() < WRONG:
            other = _named(layer, j % layers[layer] + 1) * net.unit(layer - 1, k)
            claim = choose.choice([-claim, claim / 2, 2 * claim, other])
            wrong.add(len(pairs))
        pairs.append((bar(layer, j, k), claim))
    start = time.perf_counter()
    verdicts = [context.decide(left, right) for left, right in pairs]
    seconds = time.perf_counter() - start
    assert {n for n, v in enumerate(verdicts) if v.outcome != Outcome.equal} == wrong
    return len(pairs), len(wrong), seconds


def _named(layer: int, j: int) -> Symbol:
    return scalar(f"delta{layer}_{j}")


def read_and_derived(layers: list[int]) -> tuple[int, float]:
    """The same net from nothing: derived, all formulas read and decided."""
    net, start = Net.of(layers), time.perf_counter()
    texts = (
        f"diff(E, w{n}_{j}_{k}) = delta{n}_{j}*{net.unit(n - 1, k)}" for n, j, k in net.weights()
    )
    verdicts = list(symbp.check_formulas(symbp.mlp(layers, bias=False), texts))
    assert all(v.outcome == Outcome.equal for v in verdicts)
    return len(verdicts), time.perf_counter() - start


def large_graph(nodes: int) -> float:
    """Seconds to prove that a graph of so many nodes is itself with its last layer written out."""
    graph = Graph()
    functions = Functions(graph)
    row, layer = [graph.symbol(f"x_{i}") for i in range(500)], 0
    while len(graph) < nodes:
        row = [
            functions.build("sigmoid", graph.sum(*(
                graph.product(graph.symbol(f"w{layer}_{j}_{i}"), x) for i, x in enumerate(row)
            )))
            for j in range(500)
        ]
        layer += 1
    written = [
        graph.power(graph.sum(graph.one, graph.call("exp", graph.negative(graph.children[s][0]))), -1)
        for s in row
    ]
    start = time.perf_counter()
    assert Prover(graph).prove(graph.sum(*row), graph.sum(*written)) is not None
    return time.perf_counter() - start


def whole_arrays(layers: list[int]) -> tuple[float, float]:
    """Seconds for the claims W̄ = δ aᵀ and b̄ = δ of a net in index form, and the error bound."""
    derivation = derive(symbp.mlp(layers))
    hand, claims, shapes = [], [], derivation.shapes
    above = None
    for layer in range(len(layers) - 1, 0, -1):
        j, k = index("j", layers[layer]), index("k", layers[layer - 1])
        top = layer == len(layers) - 1
        a = array("o" if top else f"a{layer}", layers[layer])[j]
        value = a - array("d", layers[-1])[j]
        if above is not None:
            i = index("i", layers[layer + 1])
            value = sp.Sum(array(f"W{layer + 1}", *shapes[f"W{layer + 1}"])[i, j] * above[i], i)
        above = array(f"delta{layer}", layers[layer])
        hand.append(Equation.of(above[j], value * a * (1 - a)))
        below = array(f"a{layer - 1}" if layer > 1 else "x", layers[layer - 1])
        claims += [
            Equation.of(array(f"W{layer}_bar", *shapes[f"W{layer}"])[j, k], above[j] * below[k]),
            Equation.of(array(f"b{layer}_bar", layers[layer])[j], above[j]),
        ]
    program = Program((*derivation.equations, *hand), derivation.loss, derivation.parameters,
                      derivation.inputs)  # fmt: skip
    start = time.perf_counter()
    context = IndexContext(program)
    verdicts = [context.decide(claim) for claim in claims]
    seconds = time.perf_counter() - start
    assert all(v.outcome == Outcome.equal for v in verdicts)
    return seconds, max(v.error_bound or 0.0 for v in verdicts)


@dataclass(frozen=True)
class Pair:
    """One formula written out in weights and inputs, as SymPy needs it, and what is true of it."""

    net: str
    truth: bool
    left: Expr
    right: Expr


def pairs() -> Iterator[Pair]:
    """A right and a wrong formula for one weight of every layer of five nets."""
    choose = random.Random(2)
    for layers in ([2, 2, 1], [2, 3, 2], [3, 4, 3], [2, 2, 2, 1], [3, 3, 3, 2]):
        net = Net.of(layers)
        values = {e.target: sp.Add(*(t.body for t in e.terms)) for e in net.derivation.forward}
        loss = _written(scalar("E"), values)
        for layer in range(1, net.top + 1):
            j, k = choose.randint(1, layers[layer]), choose.randint(1, layers[layer - 1])
            left = sp.diff(loss, scalar(f"w{layer}_{j}_{k}"))
            right = _written(net.claim(layer, j, k), values)
            name = "-".join(map(str, layers))
            yield Pair(name, True, left, right)
            yield Pair(name, False, left, right * _written(net.unit(1, 1), values))


def _written(value: Expr, values: dict[Expr, Expr]) -> Expr:
    """A value in weights and inputs alone, the sigmoid as 1/(1 + exp(−z))."""
    while known := values.keys() & value.free_symbols:
        value = value.xreplace({symbol: values[symbol] for symbol in known})
    return value.replace(sigmoid, lambda z: 1 / (1 + sp.exp(-z)))


METHODS: dict[str, Callable[[Pair], bool | None]] = {
    "symbp": lambda pair: {"equal": True, "different": False, "proportional": False}.get(
        decide(pair.left, pair.right).outcome
    ),
    "simplify": lambda pair: bool(sp.simplify(pair.left - pair.right) == 0),
    "equals": lambda pair: pair.left.equals(pair.right),
}


@dataclass(frozen=True)
class Score:
    """What a method said: how many right, wrong and without an answer in time, in how long."""

    right: int
    wrong: int
    silent: int
    seconds: float


def score(method: str, of: Sequence[Pair]) -> Score:
    """Each pair in a process of its own, which is killed when its time is up."""
    answers, seconds = [], 0.0
    for pair in of:
        answer, took = _limited(method, pair)
        answers.append(None if answer is None else answer == pair.truth)
        seconds += took
    return Score(answers.count(True), answers.count(False), answers.count(None), seconds)


def _limited(method: str, pair: Pair) -> tuple[bool | None, float]:
    receiver, sender = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=_answer, args=(method, pair, sender))
    process.start()
    sender.close()
    found: tuple[bool | None, float] = None, SECONDS
    if receiver.poll(SECONDS):
        found = receiver.recv()
    process.kill()
    process.join()
    return found


def _answer(method: str, pair: Pair, sender: Connection) -> None:
    clear_cache()
    start = time.perf_counter()
    answer = METHODS[method](pair)
    sender.send((answer, time.perf_counter() - start))


def deciding_figures() -> Iterator[tuple[str, str]]:
    """What the targets ask for, as rows of the table."""
    for layers in ([2, 2, 1], [4, 8, 8, 3]):
        name, (first, more) = "-".join(map(str, layers)), one_formula(layers)
        yield f"{name}: the first formula of a context", f"{first * 1e3:.2f} ms"
        yield f"{name}: one more formula", f"{more * 1e3:.3f} ms"
        yield f"{name}: one more, with reading", f"{with_reading(layers) * 1e3:.2f} ms"
    count, wrong, seconds = all_formulas(LARGE)
    yield f"{count:,} formulas, {wrong:,} wrong and found", f"{count / seconds:,.0f}/s"
    count, seconds = read_and_derived(LARGE)
    yield f"{count:,} formulas with derivation and reading", f"{count / seconds:,.0f}/s"
    yield "a graph of a million nodes", f"{large_graph(1_000_000):.1f} s"
    seconds, bound = whole_arrays([784, 512, 256, 10])
    error = f"2^{math.log2(bound):.0f}"
    yield "784-512-256-10 in index form, six claims", f"{seconds * 1e3:.0f} ms, error {error}"
    of = list(pairs())
    scores = {method: score(method, of) for method in METHODS}
    for method, found in scores.items():
        yield f"{len(of)} formulas written out: {method}", (
            f"{found.right} right, {found.wrong} wrong, {found.silent} open, {found.seconds:.3g} s"
        )
    for method in ("simplify", "equals"):
        ratio = scores[method].seconds / scores["symbp"].seconds
        yield f"{method} / symbp, with {SECONDS:.0f} s a formula at most", f"{ratio:,.0f}"
