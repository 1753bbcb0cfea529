"""symbp: is this backpropagation right? Derives, checks and trains."""

from symbp.check.code.gradient import check_gradient, check_vjp
from symbp.check.files import check_code, check_notes
from symbp.check.formula import check_formula, check_formulas
from symbp.check.report import Report
from symbp.core.chain import Derivation, derive
from symbp.core.equations import Equation, Term, array, index, scalar
from symbp.core.networks import mlp
from symbp.core.optimizers import SGD, Adam, AdamW, Momentum, Nesterov, RMSprop
from symbp.core.program import Program
from symbp.decide import Verdict
from symbp.notebook import load_ipython_extension
from symbp.read.errors import UnreadableError
from symbp.train.fit import Run, fit
from symbp.write.targets import lambdify

__all__ = [
    "SGD",
    "Adam",
    "AdamW",
    "Derivation",
    "Equation",
    "Momentum",
    "Nesterov",
    "Program",
    "RMSprop",
    "Report",
    "Run",
    "Term",
    "UnreadableError",
    "Verdict",
    "array",
    "check_code",
    "check_formula",
    "check_formulas",
    "check_gradient",
    "check_notes",
    "check_vjp",
    "derive",
    "fit",
    "index",
    "lambdify",
    "load_ipython_extension",
    "mlp",
    "scalar",
]
