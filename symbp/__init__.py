"""symbp: derives, checks and trains backpropagation."""

from symbp.core.chain import Derivation, derive
from symbp.core.equations import Equation, Term, array, index, scalar
from symbp.core.networks import mlp
from symbp.core.optimizers import SGD, Momentum
from symbp.core.program import Program

__all__ = [
    "SGD",
    "Derivation",
    "Equation",
    "Momentum",
    "Program",
    "Term",
    "array",
    "derive",
    "index",
    "mlp",
    "scalar",
]
