"""Array code: one statement, or a few, for each equation in index notation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from textwrap import indent

import sympy as sp
from sympy import Expr, Symbol

from symbp.core.equations import Equation, Term, extent, letters_of
from symbp.core.names import ADJOINT
from symbp.core.optimizers import G, Update, W
from symbp.write.numpy_contract import Factor, Letters, Terms, reduced
from symbp.write.numpy_printer import ArrayPrinter, Names
from symbp.write.numpy_scalar import Writer
from symbp.write.numpy_stable import Line
from symbp.write.plan import Plan

ERF = '''def {name}(z):
    """{name} of each element, by Python's own."""
    return np.array(np.frompyfunc(math.{name}, 1, 1)(z), dtype)'''


@dataclass
class ArrayCode:
    """A program's lines on arrays, and what the functions around them take."""

    plan: Plan
    names: Names = field(default_factory=Names)

    def __post_init__(self) -> None:
        self.dtype, self.lines, self.shapes = self.plan.dtype, self.plan.lines, self.plan.shapes
        self.loss, self.parameters = self.plan.program.loss, self.plan.program.parameters
        self.leaves = [self.names(leaf.name) for leaf in self.plan.leaves]
        self.terms = Terms(self.names, self.shapes.__getitem__)

    def function(self) -> str:
        """The source of ``f(*parameters, *inputs) -> (loss, *gradients)``."""
        return self._module([], [self._function()])

    def whole(self, update: Update | None) -> str:
        """The source of all of it in one module."""
        head, steps = ([], []) if update is None else self._steps(update)
        return self._module(head, [self._function(), *steps])

    def _function(self) -> str:
        lines = [text for line in self.lines for text in self.assigned(line)]
        gradients = [self.names(p.name + ADJOINT) for p in self.parameters]
        body = [
            *self.taken(self.leaves), *lines,
            f"return {', '.join([f'float({self.names(self.loss)})', *gradients])}",
        ]
        return self._def("f", self.leaves, "The loss and its gradient.", body)

    def outputs(self, wanted: Sequence[str]) -> str:
        """The source of ``f(*parameters, *inputs)`` that returns quantities of the forward lines."""
        lines = [text for line in self.lines for text in self.assigned(line)]
        body = [*self.taken(self.leaves), *lines, f"return {_tuple([*map(self.names, wanted)])}"]
        return self._module([], [self._def("f", self.leaves, "Quantities of the program.", body)])

    def step(self, update: Update) -> str:
        """The source of ``step`` and ``loop``, which update the parameters in place."""
        return self._module(*self._steps(update))

    def _steps(self, update: Update) -> tuple[list[str], list[str]]:
        buffers: dict[str, str] = {}
        lines = [text for line in self.lines for text in self.assigned(line, buffers)]
        states, updates = self.updates(update)
        count = len(self.parameters)
        own, inputs = self.leaves[:count], self.leaves[count:]
        opening = [*self.checks(own), *self.taken(inputs, own)]
        returned = f"return {', '.join([f'float({self.names(self.loss)})', *own])}"
        number, each = self.names.fresh("n"), self.names.fresh("turn")
        loop = [f"for {each} in range({number}):", *(f"    {s}" for s in (*lines, *updates))]
        head = [f"{name} = np.empty({shape}, dtype)" for name, shape in buffers.items()]
        return [*head, *states], [
            self._def("step", self.leaves, "One update; the loss before it.",
                      [*opening, *lines, *updates, returned]),
            self._def("loop", [number, *self.leaves], "n updates; the loss before the last.",
                      [*opening, *loop, returned]),
        ]

    def taken(
        self, names: Sequence[str], arrays: Sequence[str] = (), order: str = ""
    ) -> list[str]:
        """The arguments as arrays, the sizes they bring, and a check of their shapes."""
        tables = {self.names(name) for name in self.plan.tables}
        lines = [
            f"{n} = np.asarray({n}{'' if n in tables else ', dtype'}{order})" for n in names
        ]
        everything = [*arrays, *names]
        shapes = {self.names(leaf.name): self.shapes[leaf.name] for leaf in self.plan.leaves}
        known: set[Symbol] = set()
        for name in everything:
            for axis, size in enumerate(shapes[name]):
                if size.is_Symbol and size not in known:
                    known.add(size)
                    lines.append(f"{self.terms.size(size)} = {name}.shape[{axis}]")
        found = self.names("shapes of the arguments", "shapes")
        want = _tuple([self._shape(shapes[n]) for n in everything])
        return [
            *lines,
            f"{found} = {_tuple([f'{n}.shape' for n in everything])}",
            f"if {found} != {want}:",
            f'    raise ValueError(f"{{{found}}} are no shapes of {", ".join(everything)}: "',
            f'                     f"{{{want}}} is accepted")',
        ]

    def checks(self, own: Sequence[str]) -> list[str]:
        """Lines that refuse an array that could not hold the result."""
        if not own:
            return []
        same = " is ".join(f"{name}.dtype" for name in own)
        return [f"if not {same} is dtype:",
                f'    raise TypeError("{", ".join(own)}: {self.dtype} arrays are accepted, '
                'for they are updated in place")']

    def _shape(self, sizes: Iterable[Expr]) -> str:
        return _tuple([self.terms.size(s) for s in sizes])

    def assigned(self, line: Line, buffers: dict[str, str] | None = None) -> list[str]:
        """The statements that compute one line."""
        equation, letters = line.equation, line.equation.indices
        name = self.names(line.name)
        if not equation.terms:
            return [f"{name} = np.zeros({self._shape(map(extent, letters))}, dtype)"]
        if line.reducer == "max":
            return [f"{name} = {self._maximum(equation.terms, letters)}"]
        parts = [self.terms.term(t, letters) for term in equation.terms for t in _split(term)]
        covered = {i for factors in parts for f in factors for i in f.axes}
        if buffers is not None and covered >= {*letters} and self._buffered(parts, letters):
            buffers[name] = self._shape(map(extent, letters))
            return self._into(name, parts, letters)
        text = _sum([_product(factors, letters) for factors in parts])
        if not covered >= {*letters}:
            text = f"np.full({self._shape(map(extent, letters))}, {text}, dtype)"
        elif _is_alias(equation):
            text = f"np.array({text})"
        return [f"{name} = {text}"]

    def _buffered(self, parts: Sequence[Sequence[Factor]], letters: Letters) -> bool:
        """Whether a matrix product may be written straight into an array that is kept."""
        fixed = all(extent(i).is_Integer for i in letters)
        first = parts[0]
        return bool(letters) and fixed and len(first) == 1 and first[0].text.startswith("np.dot(")

    def _into(
        self, name: str, parts: Sequence[Sequence[Factor]], letters: Letters
    ) -> list[str]:
        product, *others = parts
        lines = [f"{product[0].text[:-1]}, out={name})"]
        for factors in others:
            lines.append(f"np.add({name}, {_product(factors, letters)}, out={name})")
        return lines

    def _maximum(self, terms: Iterable[Term], letters: Letters) -> str:
        texts = []
        for term in terms:
            value = self.terms.elementwise(term.body, (*letters, *term.indices))
            over = [n for n, i in enumerate(value.axes) if i in term.indices]
            texts.append(reduced("np.max", value, over).within(letters))
        text = texts[-1]
        for other in reversed(texts[:-1]):
            text = f"np.maximum({other}, {text})"
        return text

    def updates(self, update: Update) -> tuple[list[str], list[str]]:
        """What the optimizer remembers, and the lines that change state and parameters."""
        states, lines = [], []
        lists = {v: self.names(f"state {v.name}", v.name) for v in update.state}
        for name in lists.values():
            zeros = (f"np.zeros({self._shape(self.shapes[p.name])}, dtype)"
                     for p in self.parameters)
            states.append(f"{name} = [{', '.join(zeros)}]")
        shared = {v: self.names(f"state {v.name}", v.name) for v in update.shared}
        states += [f"{n} = [{float(update.shared[v].start)!r}]" for v, n in shared.items()]
        both = {**lists, **shared}
        states.append(f"state = {{{', '.join(f'{v.name!r}: {n}' for v, n in both.items())}}}")
        numbers = {v: f"{name}[0]" for v, name in shared.items()}
        for variable, (_, value) in update.shared.items():
            if value != variable:
                text = ArrayPrinter(numbers.__getitem__).doprint(value)
                lines.append(f"{numbers[variable]} = {text}")
        for number, leaf in enumerate(self.parameters):
            texts = {W: self.names(leaf.name), G: self.names(leaf.name + ADJOINT), **numbers}
            for variable, name in lists.items():
                texts[variable] = self.names(
                    f"state {variable.name} {leaf.name}", f"{variable.name}_{leaf.name}"
                )
                lines.append(f"{texts[variable]} = {name}[{number}]")
            for variable, value in update.state.items():
                lines += _changed(variable, value, texts)
            lines += _changed(W, update.weight, texts)
        return states, lines

    def _def(self, name: str, arguments: Iterable[str], text: str, body: Iterable[str]) -> str:
        lines = indent("\n".join((f'"""{text}"""', *body)), "    ")
        return f"def {name}({', '.join(arguments)}):\n{lines}"

    def _module(self, head: Sequence[str], functions: Sequence[str]) -> str:
        helpers = [self._helper(f) for f in self.terms.functions]
        text = "\n\n\n".join([*helpers, *functions])
        special = [name for name in ("erf", "erfc") if f"{name}(" in text]
        parts = [ERF.format(name=name) for name in special] + [text]
        math = "import math\n\n" if special else ""
        start = [f"dtype = np.dtype(np.{self.dtype})", *head]
        lines = "\n".join(start)
        return f"{math}import numpy as np\n\n{lines}\n\n\n" + "\n\n\n".join(parts) + "\n"

    def _helper(self, function: type) -> str:
        """A function of the table on arrays, in its stable form."""
        writer = Writer(Names(), ArrayPrinter)
        z = Symbol("z", real=True)
        value = writer.expression(function(z))
        name = self.names(function.__name__)
        return self._def(name, ["z"], f"{function.__name__}, stable.",
                         [*writer.lines, f"return {value}"])


def _changed(target: Symbol, value: Expr, texts: Mapping[Symbol, str]) -> list[str]:
    """``target = value`` in place: ``w -= g``, ``v *= 0.9``."""
    printer = ArrayPrinter(lambda s: texts[s])
    name, expanded = texts[target], sp.expand(value)
    factor = expanded.coeff(target)
    rest = expanded - factor * target
    if rest.has(target) or not factor.is_number:
        return [f"{name}[...] = {printer.doprint(value)}"]
    lines = [] if factor == 1 else [f"{name} *= {printer.doprint(factor)}"]
    if rest == 0:
        return lines
    if all(t.could_extract_minus_sign() for t in sp.Add.make_args(rest)):
        return [*lines, f"{name} -= {printer.doprint(-rest)}"]
    return [*lines, f"{name} += {printer.doprint(rest)}"]


def _split(term: Term) -> list[Term]:
    """A sum under a sum as several terms, where an addend lacks a letter that others have."""
    number, rest = term.body.as_coeff_Mul()
    addends = sp.Add.make_args(rest)
    if not term.indices or all(letters_of(a) == letters_of(rest) for a in addends):
        return [term]
    return [Term(term.indices, number * a, term.guard) for a in addends]


def _is_alias(equation: Equation) -> bool:
    """Whether a line only gives an array, or a part of it, a second name."""
    (first, *others) = equation.terms
    return not others and not first.indices and isinstance(first.body, (sp.Indexed, Symbol))


def _product(factors: Sequence[Factor], letters: Letters) -> str:
    if len(factors) == 1:
        return factors[0].within(letters)
    texts = []
    for factor in factors:
        text = factor.within(letters)
        texts.append(text if factor.atom or text != factor.text else f"({text})")
    return "*".join(texts) or "1"


def _sum(texts: Sequence[str]) -> str:
    return " + ".join(texts)


def _tuple(texts: Sequence[str]) -> str:
    return f"({', '.join(texts)}{',' if len(texts) == 1 else ''})"
