"""Reading a certificate: from JSON to a document whose every part has been looked at.

Whatever is not as it should be is one ``MalformedError``; nothing that follows has to ask again.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from symbp.verify.document import (
    MOST_EXPONENT,
    MOST_OPERANDS,
    OPERATIONS,
    Document,
    Factor,
    Generator,
    Node,
    Operation,
    Proof,
    Terms,
    Witness,
    common,
    needs_relation,
)
from symbp.verify.pieces import (
    MOST_LETTERS,
    MalformedError,
    decimal,
    hexadecimal,
    listed,
    octets,
    ratio,
    table,
    text,
    wanted,
    whole,
)

FORMAT, VERSION = "symbp-certificate", 1
OUTCOMES = ("equal", "proportional", "different")
MOST_NODES = 200_000
MOST_BITS = 16_384
MOST_GROWTH = 20_000
"""How often, at most, the size of a value may double from node to node."""


def read(value: object) -> Document:
    """The document that a piece of JSON stands for; raises MalformedError."""
    top = table(value, "certificate")
    wanted(top.get("format") == FORMAT, "format", f'"{FORMAT}"')
    wanted(top.get("version") == VERSION, "version", str(VERSION))
    outcome = top.get("outcome")
    wanted(outcome in OUTCOMES, "outcome", ", ".join(OUTCOMES))
    nodes = _nodes(top.get("nodes"))
    assumptions = listed(top.get("assumptions", []), MOST_LETTERS, "assumptions")
    numbers = [_number(nodes, top.get(side), side) for side in ("left", "right")]
    given = listed(top.get("given", []), MOST_NODES, "given")
    return Document(
        outcome=str(outcome),
        assumptions=tuple(text(a, "assumptions") for a in assumptions),
        nodes=nodes,
        left=numbers[0],
        right=numbers[1],
        given=tuple(_number(nodes, n, "given") for n in given),
        factor=_factor(top.get("factor"), outcome == "proportional"),
        witness=_witness(top.get("witness"), outcome != "equal"),
        point=None if top.get("point") is None else _point(top["point"], "point"),
        proof=None if top.get("proof") is None else _proof(top["proof"], nodes),
    )


def _nodes(value: object) -> tuple[Node, ...]:
    nodes: list[Node] = []
    growth: list[int] = []
    left = MOST_OPERANDS
    for number, written in enumerate(listed(value, MOST_NODES, "nodes", 1)):
        node = _node(written, nodes, f"node {number}")
        nodes.append(node)
        growth.append(_growth(node) + max([growth[n] for n in node.operands], default=0))
        wanted(growth[-1] <= MOST_GROWTH, f"node {number}", "a term of a moderate size")
        left -= len(node.operands)
        wanted(left >= 0, "nodes", f"{MOST_OPERANDS} operands in all")
    _check_names(nodes)
    return tuple(nodes)


def _check_names(nodes: list[Node]) -> None:
    """A name is free, or has one definition."""
    free = {node.payload for node in nodes if node.operation == "name"}
    defined = [node.payload for node in nodes if node.operation == "defined"]
    distinct = len({*free, *defined}) == len(free) + len(defined)
    wanted(distinct, "nodes", "one definition for a name, or none")


def _growth(node: Node) -> int:
    """How many bits longer the exponent of a value may be than those of its operands."""
    if node.operation == "power":
        return int(node.payload.numerator.bit_length())
    return len(node.operands).bit_length() if node.operation == "multiply" else 0


def _node(written: object, before: list[Node], where: str) -> Node:
    name, *rest = listed(written, MOST_OPERANDS, where, 1)
    operation = OPERATIONS.get(name) if isinstance(name, str) else None
    if operation is None:
        raise MalformedError(f"{where}: accepted are {', '.join(OPERATIONS)}")
    payload = None
    if operation.payload is not None:
        wanted(bool(rest), where, f"{name} with its text")
        payload = operation.payload(rest.pop(0), where)
    few = operation.least <= len(rest) <= operation.most
    wanted(few, where, f"{name} with {operation.least} to {operation.most} operands")
    operands = tuple(whole(operand, len(before), where) for operand in rest)
    _check_types(name, operation, [OPERATIONS[before[o].operation].is_condition for o in operands],
                 where)  # fmt: skip
    return Node(name, payload, operands)


def _check_types(name: str, operation: Operation, conditions: list[bool], where: str) -> None:
    if name == "piecewise":
        alternating = [bool(index % 2) for index in range(len(conditions))]
        wanted(conditions == alternating and len(conditions) % 2 == 0, where,
               "a value, its condition, the next value, …")  # fmt: skip
    else:
        kind = "conditions" if operation.takes_conditions else "values"
        right = all(c == operation.takes_conditions for c in conditions)
        wanted(right, where, f"{name} of {kind}")


def _number(nodes: tuple[Node, ...], value: object, where: str) -> int:
    number = whole(value, len(nodes), where)
    wanted(not OPERATIONS[nodes[number].operation].is_condition, where, "the number of a value")
    return number


def _factor(value: object, needed: bool) -> Factor:
    if not needed:
        wanted(value is None, "factor", "one with the outcome proportional alone")
        return Factor(Fraction(1), "", 0)
    parts = table(value, "factor")
    number = ratio(parts.get("number"), "factor")
    wanted(number != 0, "factor", "a number that is not 0")
    power = whole(parts.get("power", 0), 2, "power of the factor", -1)
    return Factor(number, text(parts.get("name", ""), "factor"), power)


def _point(value: object, where: str) -> Mapping[str, Fraction]:
    return {name: ratio(number, where) for name, number in table(value, where).items()}


def _witness(value: object, needed: bool) -> Witness | None:
    if value is None or not needed:
        wanted(value is None, "witness", "one with the outcomes different and proportional alone")
        return None
    parts = table(value, "witness")
    sides = [decimal(parts.get(side), f"{side} side of the witness") for side in ("left", "right")]
    bits = whole(parts.get("bits"), MOST_BITS + 1, "bits of the witness", 2)
    return Witness(_point(parts.get("at"), "witness"), sides[0], sides[1], bits)


def _proof(value: object, nodes: tuple[Node, ...]) -> Proof:
    parts = table(value, "proof")
    generators = tuple(
        _generator(each, nodes, f"generator {number}")
        for number, each in enumerate(listed(parts.get("generators"), MOST_NODES, "generators"))
    )
    values = table(parts.get("values"), "values")
    return Proof(
        generators=generators,
        relations=_relations(parts.get("relations"), nodes, generators),
        prime=hexadecimal(parts.get("prime"), "prime"),
        seed=octets(parts.get("seed"), "seed"),
        values=(hexadecimal(values.get("left"), "left value"),
                hexadecimal(values.get("right"), "right value")),
    )  # fmt: skip


KINDS = {"exp": 1, "log": 1, "root": 1, "angle": 1, "erf": 1, "sign": 2}
"""Of how many nodes or numbers a generator is made; a sign is that of a difference."""
MOST_FINE = 5040


def _generator(written: object, nodes: tuple[Node, ...], where: str) -> Generator:
    parts = listed(written, 4, where, 3)
    kind, over, of = parts[0], whole(parts[1], MOST_FINE + 1, where, 1), parts[2:]
    wanted(isinstance(kind, str) and kind in KINDS, where, ", ".join(KINDS))
    wanted(len(of) == KINDS[kind], where, f"{kind} of {KINDS[kind]}")
    made = tuple(
        ratio(each, where) if isinstance(each, str) else _number(nodes, each, where) for each in of
    )
    return Generator(kind, made, over)


def _relations(
    value: object, nodes: tuple[Node, ...], generators: tuple[Generator, ...]
) -> Mapping[int, Terms]:
    relations: dict[int, Terms] = {}
    for written in listed(value, MOST_NODES, "relations"):
        number, terms = listed(written, 2, "relation", 2)
        number = whole(number, len(nodes), "relation")
        where = f"relation of node {number}"
        wanted(number not in relations, where, "one")
        accepted = OPERATIONS[nodes[number].operation].generators
        relations[number] = tuple(
            _term(term, number, generators, accepted, where)
            for term in listed(terms, MOST_LETTERS, where)
        )
        _check_terms(nodes[number], relations[number], where)
    for number, node in enumerate(nodes):
        wanted(needs_relation(node) == (number in relations), f"node {number}",
               "one relation for each function value and for nothing else")  # fmt: skip
    return relations


def _check_terms(node: Node, terms: Terms, where: str) -> None:
    """A logarithm has fractions before its generators, a sign any ratio; all else is whole."""
    if node.operation == "erf":
        wanted(len(terms) == 1 and abs(terms[0][1]) == 1, where, "one generator, with 1 or -1")
    elif OPERATIONS[node.operation].generators == ("sign",):
        wanted(len(terms) > 0, where, "at least one generator")
    else:
        fine = MOST_FINE if node.operation == "log" else 1
        wanted(common(terms) <= fine, where, f"exponents with a common denominator up to {fine}")


def _term(
    written: object, number: int, generators: tuple[Generator, ...], accepted: tuple[str, ...],
    where: str,
) -> tuple[int, Fraction]:  # fmt: skip
    """A generator with its exponent; it must be made of nodes that come before."""
    index, exponent = listed(written, 2, where, 2)
    index = whole(index, len(generators), where)
    generator = generators[index]
    wanted(generator.kind in accepted, where, f"a generator of kind {', '.join(accepted)}")
    before = all(isinstance(n, Fraction) or n < number for n in generator.of)
    wanted(before, where, "a generator that is made of earlier nodes")
    power = ratio(exponent, where)
    small = max(abs(power.numerator), power.denominator) <= MOST_EXPONENT
    wanted(small or generator.kind == "sign", where, f"an exponent up to {MOST_EXPONENT}")
    return index, power
