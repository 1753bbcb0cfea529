r"""The gradient inside an optimizer: momentum, Nesterov, RMSprop, AdaGrad, Adam, AdamW, weight decay.

A step that rests on a memory of earlier turns is no multiple of the gradient; but what the optimizer
does with a gradient is known. The memory's own update ``m ← β·m + a`` is read for every entry, the
form of the step is proved (``w ← w + κ·m`` is momentum; ``w ← w − K·m/(√v + ε)`` with
``v ← ρ·v + c·a²`` is Adam), and the parameter gets the plain step along ``a`` instead, which is
then judged as any other. A memory of another form is left as it is: its step is undecided.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from symbp.check.code.forms import Nodes, common, near_number, number_of, outermost, same_nodes
from symbp.read.code.floats import values
from symbp.read.code.nodes import Kind, Node, below
from symbp.read.code.parameters import Parameter
from symbp.read.code.turn import Pass

CLIPPING = "no entry of the gradient is so large that it is clipped"


@dataclass(frozen=True)
class Inside:
    """What was found around a gradient: the optimizer's name, and what is wrong with it.

    The plain step may be the gradient's own or ``share`` times it (a running mean's 1 − β).
    ``assumption`` is what the verdict on it rests on.
    """

    name: str = ""
    share: Fraction = Fraction(1)
    problem: str | None = None
    assumption: str | None = None


def unwrapped(found: Pass, root: Node) -> tuple[Pass, dict[str, Inside]]:
    """The turn with plain steps in the place of those of a known optimizer, and which one it was."""
    read = set(below([root]))
    mine = {n for p in found.parameters if read & set(p.old) for n in p.old}
    told: dict[str, Inside] = {}
    parameters = []
    for parameter in found.parameters:
        if mine & set(parameter.old):
            parameter, clipped = _unclipped(found, parameter, read)
            if clipped:
                told[parameter.name] = Inside(assumption=CLIPPING)
            reader = _Reader(found, parameter, mine)
            plain = reader.plain()
            if plain is not None:
                inside, new = plain
                told[parameter.name] = replace(inside, assumption=CLIPPING if clipped else None)
                parameter = replace(parameter, new=new)
        parameters.append(parameter)
    return replace(found, parameters=tuple(parameters)), told


def _unclipped(found: Pass, parameter: Parameter, read: set[Node]) -> tuple[Parameter, bool]:
    """A step without the clipping of what the loss does not read."""
    graph = found.graph
    made = {n: graph.clipped[n] for n in below(parameter.new) if n in graph.clipped}
    inner = {n: a for n, a in made.items() if n not in read and n is not a}
    if not inner:
        return parameter, False
    return replace(parameter, new=tuple(graph.replaced(n, inner) for n in parameter.new)), True


@dataclass(frozen=True)
class _Memory:
    """What is remembered for each entry: before, after, and ``after = decay·before + added``."""

    old: Nodes
    new: Nodes
    decay: Fraction
    added: Nodes


class _Reader:
    """The memories in the step of one parameter, and the form of the step.

    What does not rest on a memory, the gradient above all, has a free name while the form is proved.
    """

    def __init__(self, found: Pass, parameter: Parameter, mine: set[Node]) -> None:
        self.graph = found.graph
        leaves = found.graph.leaves
        memories = {
            old: new for m in found.memories for old, new in zip(m.old, m.new, strict=True)
        }
        self.rested = [
            [n for n in below([new]) if n in leaves and leaves[n].kind & Kind.state and n not in mine]
            for new in parameter.new
        ]
        held = {n for entry in self.rested for n in entry}
        roots = [*parameter.new, *(memories[n] for n in held if n in memories)]
        self.behind = outermost(found.graph, roots, held)
        short = {node: leaf for leaf, node in self.behind.items()}
        self.memories = {
            n: self.graph.replaced(memories[n], short) for n in held if n in memories
        }
        self.old = parameter.old
        self.new = tuple(self.graph.replaced(n, short) for n in parameter.new)

    def plain(self) -> tuple[Inside, Nodes] | None:
        """The optimizer and the plain steps; None where there is no memory, or an unknown one."""
        count = len(self.rested[0])
        if count not in (1, 2) or any(len(entry) != count for entry in self.rested):
            return None
        kept = [self._memory(tuple(entry[k] for entry in self.rested)) for k in range(count)]
        if any(memory is None for memory in kept):
            return None
        first, *others = [memory for memory in kept if memory is not None]
        if not others:
            return self._momentum(first) or self._root_mean_square(first)
        return self._adam(first, others[0]) or self._adam(others[0], first)

    def _memory(self, old: Nodes) -> _Memory | None:
        if len(set(old)) < len(old) or any(node not in self.memories for node in old):
            return None
        graph, new = self.graph, tuple(self.memories[node] for node in old)
        at = [self._at(new, [(old, graph.constant(k))]) for k in range(3)]
        decay = number_of(graph, graph.subtract(at[1][0], at[0][0]))
        if decay is None or not 0 <= decay <= 1:
            return None
        linear = [
            (a, graph.add(at[0][n], graph.constant(k * decay)))
            for k in (1, 2) for n, a in enumerate(at[k])
        ]  # fmt: skip
        return _Memory(old, new, decay, at[0]) if same_nodes(graph, linear) else None

    def _at(self, nodes: Sequence[Node], by: Sequence[tuple[Nodes, Node]]) -> Nodes:
        """The nodes of each entry with its own memory exchanged for a number."""
        return tuple(
            self.graph.replaced(node, {old[k]: value for old, value in by})
            for k, node in enumerate(nodes)
        )

    def _step(self, *by: tuple[Nodes, Node]) -> Nodes | None:
        """w_new − w_old with memories exchanged; None where some memory is still in it."""
        new = self._at(self.new, by)
        left = {n for entry in self.rested for n in entry}
        if any(left & set(below([node])) for node in new):
            return None
        return tuple(map(self.graph.subtract, new, self.old))

    def _momentum(self, memory: _Memory) -> tuple[Inside, Nodes] | None:
        graph, share = self.graph, 1 - memory.decay
        if not 0 < memory.decay < 1:
            return None
        step = tuple(map(graph.subtract, self.new, self.old))
        ends = [self._at(step, [(memory.old, graph.constant(k))]) for k in (0, 1)]
        pull = number_of(graph, graph.subtract(ends[1][0], ends[0][0]))
        if not pull:
            return None
        ahead = [
            graph.add(a, graph.multiply(graph.constant(memory.decay), m))
            for a, m in zip(memory.added, memory.new, strict=True)
        ]
        for name, along, power in (("momentum", memory.new, 1), ("Nesterov momentum", ahead, 2)):
            factor = graph.constant(pull / memory.decay**power)
            scaled = [graph.multiply(factor, m) for m in along]
            if same_nodes(graph, list(zip(step, scaled, strict=True))):
                # With the rate as the script writes it: the step from an empty memory.
                part = graph.constant(1 if power == 1 else 1 / (1 + memory.decay))
                return Inside(name, share), self._moved([graph.multiply(part, s) for s in ends[0]])
        return None

    def _root_mean_square(self, memory: _Memory) -> tuple[Inside, Nodes] | None:
        roots = self._roots(memory)
        if roots is None:
            return None
        steps = [self._step((roots, self.graph.constant(k))) for k in (1, 2, 3)]
        plain = self._undivided(steps)
        if plain is None:
            return None
        name = "AdaGrad" if memory.decay == 1 else "RMSprop"
        wrong = None if self._is_square(memory.added, plain) else (
            f"what {name} averages is not the square of the gradient in its step"
        )
        return Inside(name, problem=wrong), self._moved(plain)

    def _roots(self, memory: _Memory) -> Nodes | None:
        """The √(λ·v + ε) of each entry; None where v stands otherwise."""
        graph, found = self.graph, []
        for new, v in zip(self.new, memory.new, strict=True):
            roots = [n for n in below([new]) if n.operation == "sqrt" and v in set(below([n]))]
            if len(roots) != 1:
                return None
            found.append(roots[0])
        under = [
            tuple(
                graph.replaced(root.arguments[0], {v: graph.constant(k)})
                for root, v in zip(found, memory.new, strict=True)
            )
            for k in range(3)
        ]
        held = {n for entry in self.rested for n in entry}
        free = not any(held & set(below(nodes)) for nodes in under)
        return tuple(found) if free and self._level(under) else None

    def _undivided(self, steps: Sequence[Nodes | None]) -> Nodes | None:
        """p of steps p/(r + ε) at r = 1, 2, 3."""
        graph = self.graph
        at = [step for step in steps if step is not None]
        if len(at) < 3 or not self._level(
            [[graph.divide(graph.one, s) for s in step] for step in at]
        ):
            return None
        return tuple(
            graph.divide(graph.multiply(a, b), graph.subtract(a, b))
            for a, b in zip(at[0], at[1], strict=True)
        )

    def _level(self, at: Sequence[Sequence[Node]]) -> bool:
        """Whether three values in a row go up evenly, for each entry."""
        graph = self.graph
        return same_nodes(graph, [
            (graph.add(a, c), graph.multiply(graph.constant(2), b)) for a, b, c in zip(*at, strict=True)
        ])  # fmt: skip

    def _is_square(self, added: Nodes, plain: Nodes) -> bool:
        """Whether what is added to a second moment is one number times the step's square."""
        graph = self.graph
        added, plain = self._whole(added), self._whole(plain)
        short = common(graph, added, plain)
        added = tuple(graph.replaced(a, short) for a in added)
        squares = [graph.multiply(p, p) for p in (graph.replaced(p, short) for p in plain)]
        ratio = number_of(graph, graph.divide(added[0], squares[0]))
        return bool(ratio) and same_nodes(
            graph, [(a, graph.multiply(graph.constant(ratio or 0), s))
                    for a, s in zip(added, squares, strict=True)]
        )  # fmt: skip

    def _adam(self, first: _Memory, second: _Memory) -> tuple[Inside, Nodes] | None:
        graph, roots = self.graph, self._roots(second)
        if roots is None or not 0 < first.decay < 1 or not 0 < second.decay < 1:
            return None
        at = {
            (m, r): self._step((first.new, graph.constant(m)), (roots, graph.constant(r)))
            for m, r in ((0, 1), (0, 2), (1, 1), (1, 2), (1, 3), (2, 1))
        }
        base = at[0, 1]
        if base is None or any(step is None for step in at.values()):
            return None
        moved = {key: tuple(map(graph.subtract, step or (), base)) for key, step in at.items()}
        even = [(a, graph.zero) for a in moved[0, 2]] + [
            (b, graph.multiply(graph.constant(2), a))
            for a, b in zip(moved[1, 1], moved[2, 1], strict=True)
        ]
        if not same_nodes(graph, even):
            return None
        rates = self._undivided([moved[1, 1], moved[1, 2], moved[1, 3]])
        rate = None if rates is None else near_number(graph, self._whole(rates[:1])[0])
        if rates is None or rate is None or not same_nodes(graph, [(r, rates[0]) for r in rates]):
            return None
        name, problem = "Adam", None
        if not same_nodes(graph, [(b, graph.zero) for b in base]):
            name = "AdamW"
            if not self._decays(base):
                return None
        if not self._is_square(second.added, first.added):
            problem = f"what {name} averages is not the square of its gradient"
        elif rate > 0:
            problem = f"{name} goes up its gradient"
        else:
            under = (graph.replaced(roots[0].arguments[0], {second.new[0]: graph.constant(k)})
                     for k in (1, 0))  # fmt: skip
            scale = graph.subtract(*under)
            speed, under_root = self._whole([rates[0], scale])
            correction = self._correction(speed, under_root, first.decay, second.decay)
            if correction is False:
                problem = f"the bias correction of {name} is not 1 − βᵗ of its own β"
            name += " without bias correction" if correction is None else ""
        down = [graph.negate(a) for a in first.added]
        return Inside(name, 1 - first.decay, problem), self._moved(down)

    def _decays(self, base: Nodes) -> bool:
        """Whether what moves without any gradient is a small part of the weight, toward zero."""
        graph = self.graph
        parts = [graph.divide(b, w) for b, w in zip(self._whole(base), self.old, strict=True)]
        shrink = near_number(graph, parts[0])
        return shrink is not None and -0.5 < shrink < 0 and same_nodes(
            graph, [(part, parts[0]) for part in parts]
        )

    def _correction(
        self, rate: Node, scale: Node, one: Fraction, other: Fraction
    ) -> bool | None:
        """Whether −K/√λ goes with the turn as √(1 − ρᵗ)/(1 − βᵗ); None where it does not change."""
        graph = self.graph
        counters = [
            n for n in below([rate, scale]) if n.kinds & Kind.counter and not n.arguments
        ]
        if not counters:
            return None
        start = {n: float(graph.leaves[n].value) for n in counters}
        first = int(min(start.values()))
        found = []
        for k in range(4):
            at = values(graph, [rate, scale], given={n: x + k for n, x in start.items()})
            found.append(at[rate] / math.sqrt(at[scale]) if at[scale] > 0 else math.nan)
        wanted = [
            math.sqrt(1 - float(other) ** t) / (1 - float(one) ** t)
            for t in range(max(first, 1), first + 4)
        ]
        ratios = [f / w for f, w in zip(found[-len(wanted) :], wanted, strict=True)]
        return max(ratios) - min(ratios) <= 1e-9 * max(map(abs, ratios))

    def _moved(self, steps: Sequence[Node]) -> Nodes:
        return tuple(map(self.graph.add, self.old, self._whole(steps)))

    def _whole(self, nodes: Sequence[Node]) -> Nodes:
        """With what stood behind the short names again."""
        return tuple(self.graph.replaced(n, self.behind) for n in nodes)
