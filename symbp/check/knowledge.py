r"""What a document has established so far: names, definitions, values, derivatives, printed numbers.

A derivative ``∂E/∂w`` that a formula mentions is the true one: the definitions so far are a
program with E as its loss, the chain rule gives the adjoint equations, and these are defined in the
same context as the author's own, under names no author can write (``∂E/∂w_31``).
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import sympy as sp
from sympy import Expr, Symbol

from symbp.core.chain import Derivation, derive
from symbp.core.equations import Equation, Term, name_of, scalar
from symbp.core.functions import recognise
from symbp.core.names import Name
from symbp.core.program import Program
from symbp.core.steps import partial
from symbp.decide import Context, Enclosure, MissingValueError
from symbp.decide.backward import Backward
from symbp.read.latex_tables import LOSSES
from symbp.read.meaning import Function
from symbp.read.scope import Names

RATES = ("eta", "alpha", "lr", "epsilon", "gamma", "mu")
"""Names that stand for a learning rate in an update."""
COUNTS = ("N", "M", "m", "n")
"""Names that stand for a number of samples or outputs."""


class Knowledge:
    """The growing state of one document; every method either extends it or asks it."""

    def __init__(self, exact: bool = False) -> None:
        self.exact = exact
        self.names = Names()
        self.functions: dict[str, Function] = {}
        self.equations: list[Equation] = []
        self.values: dict[str, Fraction] = {}
        self.units: dict[str, Fraction | None] = {}
        self.printed: dict[str, Fraction] = {}
        self.loss: str | None = None
        self.derived_by: set[str] = set()
        self.updated: dict[Symbol, Symbol] = {}
        self.renamed: dict[Symbol, Symbol] = {}
        self._later: dict[Symbol, Symbol] = {}
        self.assumptions: tuple[sp.Basic, ...] = ()
        self.context = Context(exact=exact)
        self._defined: dict[Symbol, Expr] = {}
        self._derived: set[str] = set()
        self._adjoints: dict[tuple[str, str], Symbol] = {}
        self._scopes: list[tuple[int, dict[str, Function]]] = []

    # -- extending -----------------------------------------------------------------------------

    def assume(self, relation: sp.Basic) -> None:
        """Take a relation as given from here on."""
        self.assumptions = (*self.assumptions, relation)
        self.context = Context(self.assumptions, self.exact)
        for symbol, expression in self._defined.items():
            self.context.define(symbol, expression)

    def know(self, *names: str) -> None:
        """Free names: weights, inputs."""
        self.names = self.names.with_quantity(*names)

    def set_value(self, name: str, value: Fraction, unit: Fraction | None) -> None:
        """A free name gets its number."""
        self.know(name)
        self.values[name] = value
        self.units[name] = unit

    def define(self, name: str, value: Expr) -> None:
        """A quantity is defined by a formula; the sigmoid written out is known as the sigmoid."""
        self.know(name)
        resolved = self.resolve(value)
        self._define(scalar(name), resolved)
        if not any(s.name.startswith("∂") for s in resolved.free_symbols):
            parts = sp.Add.make_args(recognise(resolved))
            self.equations.append(Equation(scalar(name), tuple(Term((), p) for p in parts)))

    def define_function(self, name: str, function: Function) -> None:
        """f(x) = …; its parameters are letters that formulas may use as long as it holds."""
        self.functions[name] = function
        self.names = self.names.with_function(name, len(function.parameters))

    def update(self, name: str, value: Expr, reused: bool) -> None:
        """w⁺ is the value after the update; where the same name is reused, later w is w⁺."""
        new = Name.parse(name).as_updated()
        old, symbol = scalar(name), scalar(str(new))
        if symbol in self.updated.values():
            return
        self.know(str(new))
        self._define(symbol, self.resolve(value))
        self.updated[old] = symbol
        if reused:
            self._later[old] = symbol

    def settle(self) -> None:
        """At the end of a formula, a name that it set anew means the new value from here on."""
        self.renamed |= self._later
        self._later = {}

    def heading(self, level: int) -> None:
        """A section ends the definitions of functions made in the one before it."""
        while self._scopes and self._scopes[-1][0] >= level:
            self.functions = dict(self._scopes.pop()[1])
        self._scopes.append((level, dict(self.functions)))
        names = self.names.without_functions()
        for name, function in self.functions.items():
            names = names.with_function(name, len(function.parameters))
        self.names = names

    def _define(self, symbol: Symbol, value: Expr) -> None:
        self.context.define(symbol, value)
        self._defined[symbol] = value

    def adopt(self, network: Program) -> None:
        """The entries of a network are known, and the derivatives of its loss by each of them."""
        derivation = derive_all(network).scalars()
        self.loss = derivation.loss
        self.know(*(leaf.name for leaf in (*derivation.parameters, *derivation.inputs)))
        for equation in derivation.forward:
            self.define(equation.name, sp.Add(*(t.body for t in equation.terms)))
        self._derived.add(derivation.loss)
        self._derived_from(derivation)
        self.derived_by |= {p.name for p in derivation.parameters}
        for equation in derivation.forward:
            name = Name.parse(equation.name)
            if name.base == "z":
                delta = Name("delta", name.layer, name.subscripts)
                self.define(str(delta), self.adjoint(derivation.loss, equation.name))

    # -- asking --------------------------------------------------------------------------------

    def knows(self, name: str) -> bool:
        """Whether a quantity of this name has been met, or is a letter of a function in force."""
        return name in self.names.quantities or any(
            name in function.parameters for function in self.functions.values()
        )

    def is_defined(self, name: str) -> bool:
        """Whether a formula defines the name."""
        return scalar(name) in self._defined

    @property
    def definitions(self) -> dict[str, Expr]:
        """The right sides of all definitions by name, true derivatives included."""
        return {symbol.name: value for symbol, value in self._defined.items()}

    def printed_but(self, value: Expr) -> dict[str, Fraction]:
        """The printed numbers of all names but the one that is asked for."""
        return {name: number for name, number in self.printed.items() if name != str(value)}

    def resolve(self, value: Expr) -> Expr:
        """The expression with every ∂y/∂x replaced by the true derivative, reused names renamed.

        A learning rate that was given as a number is that number.
        """
        found = {p: self.adjoint(*map(name_of, p.args)) for p in value.atoms(partial)}
        rates = {
            scalar(name): sp.Rational(self.values[name].numerator, self.values[name].denominator)
            for name in RATES
            if name in self.values
        }
        for rule in filter(None, (found, self.renamed, rates)):
            value = value.xreplace(rule)
        return value

    def adjoint(self, of: str, by: str) -> Expr:
        """∂of/∂by through every path of the definitions so far; by itself held free."""
        if of == by:
            return sp.S.One
        if of not in self._derived:
            self._derive(of)
        return self._adjoints.get((of, by), sp.S.Zero)

    def unrelated(self, value: Expr) -> list[tuple[str, str]]:
        """The (y, x) of each ∂y/∂x in it that is 0 along the definitions, and need not be.

        Where y and x are made of the same names, one moves with the other. Where y is a loss that no
        path joins to x, a definition between them is missing.
        """
        found = {tuple(map(name_of, p.args)) for p in value.atoms(partial)}
        return [
            (of, by) for of, by in sorted(found)
            if of != by and self.is_defined(of) and self.adjoint(of, by) == 0
            and (self._apart(of, by) or (self.is_defined(by) and self._leaves(of) & self._leaves(by)))
        ]  # fmt: skip

    def _apart(self, loss: str, by: str) -> bool:
        """Whether a loss is not made of a name at all."""
        used = {name_of(use) for line in self.upstream(loss) for use in line.operands}
        return loss.split("_")[0] in LOSSES and by not in used

    def _leaves(self, name: str) -> set[str]:
        used = {name_of(use) for equation in self.upstream(name) for use in equation.operands}
        return {use for use in used if not self.is_defined(use)}

    def _derive(self, of: str) -> None:
        self._derived.add(of)
        needed = self.upstream(of)
        if not needed:
            return
        self._derived_from(derive_all(Program.of(needed, (), of)))

    def _derived_from(self, derivation: Derivation) -> None:
        """The adjoints of a scalar derivation become the derivatives of its loss."""
        of, adjoints = derivation.loss, dict[Expr, Symbol]()
        for name, equation in derivation.adjoints.items():
            symbol = self._adjoints[of, name] = Symbol(f"∂{of}/∂{name}", real=True)
            value = sp.Add(*(term.body for term in equation.terms)).xreplace(adjoints)
            adjoints[equation.target] = symbol
            self._define(symbol, value)

    def gradients(self) -> dict[Symbol, Backward]:
        """What each derivative that a formula has named is made of."""
        return {
            symbol: Backward(self.upstream(of), scalar(of), scalar(by), self.updated)
            for (of, by), symbol in self._adjoints.items()
        }

    def upstream(self, of: str) -> list[Equation]:
        """The equations that ``of`` depends on, its own included, in order."""
        wanted, kept = {of}, []
        for equation in reversed(self.equations):
            if equation.name in wanted:
                kept.append(equation)
                wanted.update(name_of(use) for use in equation.operands)
        return kept[::-1]

    def program(self) -> Program | None:
        """The definitions that lead to the loss, with the weights as parameters.

        A weight is what an update changes or a claim derives by; None where no loss is known.
        """
        if self.loss is None or not (needed := self.upstream(self.loss)):
            return None
        whole = Program.of(needed, (), self.loss)
        leaves = [leaf.name for leaf in whole.inputs]
        return Program.of(needed, [n for n in leaves if n in self.weights], self.loss)

    @property
    def weights(self) -> set[str]:
        """Free names that were updated, or by which the loss was derived in a claim."""
        return {s.name for s in self.updated} | self.derived_by

    @property
    def constants(self) -> list[Symbol]:
        """The learning rates and numbers of samples that are known, and are nothing else."""
        return [
            scalar(name) for name in (*RATES, *COUNTS)
            if name in self.names.quantities and not self.is_defined(name)
            and name not in self.weights
        ]  # fmt: skip

    def enclose(
        self, value: Expr, printed: Mapping[str, Fraction] | None = None
    ) -> Enclosure | None:
        """Bounds of an expression at the document's values; None where a value is missing."""
        try:
            return self.context.enclose(value, self.values | dict(printed or {}))
        except MissingValueError:
            return None

    def carried(self, value: Expr) -> dict[str, Fraction]:
        """The printed numbers on which an expression rests when it is computed from them."""
        definitions = self.definitions
        used: dict[str, Fraction] = {}
        todo = sorted((s.name for s in value.free_symbols), reverse=True)
        if isinstance(value, Symbol) and value.name in definitions:
            todo = sorted((s.name for s in definitions[value.name].free_symbols), reverse=True)
        seen: set[str] = set()
        while todo:
            name = todo.pop()
            if name in seen:
                continue
            seen.add(name)
            if name in self.printed:
                used[name] = self.printed[name]
            elif name in definitions:
                todo += sorted((s.name for s in definitions[name].free_symbols), reverse=True)
        return used

    def folded(self, value: Expr) -> Expr:
        """The expression with right sides of definitions folded into names that were printed."""
        known = {
            expression: symbol
            for symbol, expression in self._defined.items()
            if symbol.name in self.printed and expression.args
        }
        return value.xreplace(known)


def derive_all(program: Program) -> Derivation:
    """The derivatives of the loss by every other quantity."""
    return derive(program, [name for name in program.shapes if name != program.loss])
