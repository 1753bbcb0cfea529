"""Steps that are along the gradient of no loss of the outputs at all.

A script that shows no loss may descend one that is not known here. Whatever it is, the steps are
``−η Σ_k γ_k ∂o_k/∂p`` with some γ_k = ∂L/∂o_k for the outputs o_k. The step on a parameter that
reaches one output alone tells its γ_k; the other steps must then follow. Where they do not, they are
wrong for every loss.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from symbp.check.code.entries import define, together
from symbp.check.code.steps import Judged
from symbp.decide import Context, Diagnosis, Outcome, Verdict
from symbp.read.code.equations import Equations
from symbp.read.code.nodes import Kind, Node, below
from symbp.read.code.parameters import Parameter
from symbp.read.code.reverse import adjoints
from symbp.read.code.turn import Pass

NONE = "no loss of the outputs"
MAX_OUTPUTS = 12


def no_loss(found: Pass) -> Judged | None:
    """Different verdicts on parameters that follow no loss; None where there are none."""
    graph = found.graph
    for outputs in reversed(found.outputs):
        if len(outputs) > MAX_OUTPUTS:
            continue
        parameters = tuple(p for p in found.parameters if set(below(outputs)) & set(p.old))
        if len(parameters) < 2 or _not_followed(parameters):
            continue
        keys = [_key(parameters, outputs, k) for k in range(len(outputs))]
        seeds = {}
        for output, key in zip(outputs, keys, strict=True):
            if key is None:
                break
            slope = adjoints(graph, {output: graph.one})
            if slope is None or slope.get(key[0], graph.zero).number == 0:
                break
            seeds[output] = graph.divide(graph.subtract(key[1], key[0]), slope[key[0]])
        if len(seeds) != len(outputs):
            continue
        return _judged(found, parameters, seeds, {k[0] for k in keys if k})
    return None


def _not_followed(parameters: Sequence[Parameter]) -> bool:
    """Whether a step rests on what is not followed or on a memory of earlier turns."""
    mine = {n for p in parameters for n in p.old}
    return any(
        n.kinds & (Kind.opaque | Kind.shift | Kind.counter) or (
            not n.arguments and n.kinds & Kind.state and n not in mine)
        for p in parameters for n in below(p.new)
    )  # fmt: skip


def _key(
    parameters: Sequence[Parameter], outputs: Sequence[Node], k: int
) -> tuple[Node, Node] | None:
    """The entry nearest to an output that reaches it alone and that moves."""
    reach = [set(below([o])) for o in outputs]
    fit = [
        (old, new)
        for p in parameters for old, new in zip(p.old, p.new, strict=True)
        if new is not old and old in reach[k] and all(
            old not in r for j, r in enumerate(reach) if j != k)
    ]  # fmt: skip
    distance = _distances(outputs[k])
    return min(fit, key=lambda pair: distance[pair[0]], default=None)


def _distances(root: Node) -> dict[Node, int]:
    """How many operations lie between a node and the root."""
    found = {root: 0}
    for node in reversed(list(below([root]))):
        for argument in node.arguments:
            found[argument] = min(found.get(argument, 10**9), found[node] + 1)
    return found


def _judged(
    found: Pass, parameters: tuple[Parameter, ...], seeds: dict[Node, Node], keys: set[Node]
) -> Judged | None:
    graph = found.graph
    wanted = adjoints(graph, seeds)
    if wanted is None:
        return None
    pairs = {
        p.name: [(wanted.get(old, graph.zero), graph.subtract(new, old))
                 for old, new in zip(p.old, p.new, strict=True)]
        for p in parameters
    }  # fmt: skip
    equations = Equations(graph, [n for group in pairs.values() for pair in group for n in pair])
    context = Context()
    define(context, equations.lines)
    verdicts = []
    for p in parameters:
        entries = [context.decide(equations.of(a), equations.of(b)) for a, b in pairs[p.name]]
        whole = together(entries)
        if whole.outcome in (Outcome.proportional, Outcome.not_updated):
            whole = replace(whole, outcome=Outcome.different, factor=None)
        if whole.outcome == Outcome.equal or set(p.old) & keys:
            whole = Verdict(Outcome.undecided, reason="the script shows no loss to judge it by")
        elif whole.outcome == Outcome.different:
            text = "together with the steps of the last layer it follows the gradient of no loss"
            whole = replace(whole, diagnosis=Diagnosis("no-loss", text, line=p.line))
        verdicts.append(whole)
    if not any(v.outcome == Outcome.different for v in verdicts):
        return None
    return Judged(parameters, tuple(verdicts), None, next(iter(seeds)))
