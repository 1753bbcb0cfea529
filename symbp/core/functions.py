r"""The functions of the field: one table of activations, one of losses, one of named functions.

A row holds what every reader of a program needs to know about a function: its value, its
derivative in the form a book prints (in terms of the output a = f(z) where that is nicer), its
LaTeX name, a form that neither overflows nor loses digits, and the convention at a kink.
Sources: Goodfellow, Bengio & Courville, *Deep Learning* (2016), §6.2-6.3; Hendrycks & Gimpel,
*Gaussian Error Linear Units* (2016) for gelu; Huber (1964) for the loss of that name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import sympy as sp
from sympy import Abs, Expr, Function, Max, Piecewise, Rational, exp, log, sqrt, tanh
from sympy.codegen.cfunctions import expm1, log1p

ALPHA = Rational(1, 100)
"""Slope of leaky_relu below zero."""
HUBER_DELTA = sp.Integer(1)
"""Where huber passes from a parabola to a line."""


@dataclass(frozen=True)
class Activation:
    """One function of one pre-activation z, with a = f(z).

    ``derivative(z, a)`` may use either; ``kink`` states the derivative's value where it has none.
    """

    name: str
    latex: str
    value: Callable[[Expr], Expr]
    derivative: Callable[[Expr, Expr], Expr]
    code: Callable[[Expr], Expr]
    kink: str = ""


class Elementwise(Function):  # type: ignore[misc]  # SymPy has no types
    """A SymPy function that gets value, derivative and name from its row of the table."""

    row: ClassVar[Activation]
    nargs = 1

    def fdiff(self, argindex: int = 1) -> Expr:
        """f'(z), in terms of f(z) itself where the row says so."""
        return self.row.derivative(self.args[0], self)

    def definition(self) -> Expr:
        """f(z) written out with exp, log, erf and step."""
        return self.row.value(self.args[0])

    def _latex(self, printer: Any, exp: Any = None) -> str:
        power = f"^{{{exp}}}" if exp else ""
        return f"{self.row.latex}{power}\\left({printer._print(self.args[0])}\\right)"


def _elementwise(row: Activation) -> type[Elementwise]:
    return type(row.name, (Elementwise,), {"row": row})


def _upright(name: str) -> str:
    return f"\\operatorname{{{name}}}"


def _step_code(z: Expr) -> Expr:
    return Piecewise((1, z > 0), (0, True))


def _sigmoid_code(z: Expr) -> Expr:
    # exp of a negative number alone: neither overflow nor 1 − (something near 1).
    return Piecewise((1, z >= 0), (exp(-Abs(z)), True)) / (1 + exp(-Abs(z)))


def _gelu_inner(z: Expr) -> Expr:
    return sqrt(2 / sp.pi) * (z + Rational("0.044715") * z**3)


def _gelu_tanh_slope(z: Expr, a: Expr) -> Expr:
    t = tanh(_gelu_inner(z))
    return (1 + t) / 2 + z * (1 - t**2) / 2 * sqrt(2 / sp.pi) * (1 + Rational("0.134145") * z**2)


step = _elementwise(
    Activation(
        "step",
        _upright("step"),
        value=_step_code,
        derivative=lambda z, a: sp.Integer(0),
        code=_step_code,
        kink="step(0) = 0",
    )
)
sigmoid = _elementwise(
    Activation(
        "sigmoid",
        r"\sigma",
        value=lambda z: 1 / (1 + exp(-z)),
        derivative=lambda z, a: a * (1 - a),
        code=_sigmoid_code,
    )
)
relu = _elementwise(
    Activation(
        "relu",
        _upright("ReLU"),
        value=lambda z: z * step(z),
        derivative=lambda z, a: step(z),
        code=lambda z: Max(z, 0),
        kink="relu'(0) = 0",
    )
)
leaky_relu = _elementwise(
    Activation(
        "leaky_relu",
        _upright("LeakyReLU"),
        value=lambda z: Piecewise((z, z > 0), (ALPHA * z, True)),
        derivative=lambda z, a: Piecewise((1, z > 0), (ALPHA, True)),
        code=lambda z: Max(z, ALPHA * z),
        kink="leaky_relu'(0) = 1/100",
    )
)
elu = _elementwise(
    Activation(
        "elu",
        _upright("ELU"),
        value=lambda z: Piecewise((z, z > 0), (exp(z) - 1, True)),
        derivative=lambda z, a: Piecewise((1, z > 0), (a + 1, True)),
        code=lambda z: Piecewise((z, z > 0), (expm1(-Abs(z)), True)),
    )
)
softplus = _elementwise(
    Activation(
        "softplus",
        _upright("softplus"),
        value=lambda z: log(1 + exp(z)),
        derivative=lambda z, a: sigmoid(z),
        code=lambda z: Max(z, 0) + log1p(exp(-Abs(z))),
    )
)
silu = _elementwise(
    Activation(
        "silu",
        _upright("SiLU"),
        value=lambda z: z * sigmoid(z),
        derivative=lambda z, a: a + sigmoid(z) * (1 - a),
        code=lambda z: z * _sigmoid_code(z),
    )
)
gelu = _elementwise(
    Activation(
        "gelu",
        _upright("GELU"),
        value=lambda z: z * (1 + sp.erf(z / sqrt(2))) / 2,
        derivative=lambda z, a: (1 + sp.erf(z / sqrt(2))) / 2
        + z * exp(-(z**2) / 2) / sqrt(2 * sp.pi),
        code=lambda z: z * sp.erfc(-z / sqrt(2)) / 2,
    )
)
gelu_tanh = _elementwise(
    Activation(
        "gelu_tanh",
        _upright("GELU"),
        value=lambda z: z * (1 + tanh(_gelu_inner(z))) / 2,
        derivative=_gelu_tanh_slope,
        code=lambda z: z * (1 + tanh(_gelu_inner(z))) / 2,
    )
)

_TANH = Activation(
    "tanh",
    r"\tanh",
    value=lambda z: (exp(z) - exp(-z)) / (exp(z) + exp(-z)),
    derivative=lambda z, a: 1 - a**2,
    code=tanh,
)

ACTIVATIONS: Mapping[str, Callable[[Expr], Expr]] = {
    "identity": lambda z: z,
    "sigmoid": sigmoid,
    "tanh": tanh,
    "relu": relu,
    "leaky_relu": leaky_relu,
    "elu": elu,
    "softplus": softplus,
    "silu": silu,
    "gelu": gelu,
    "gelu_tanh": gelu_tanh,
}
"""Activations of one number. softmax acts on a whole layer: its equations are in ``networks``."""

ROWS: Mapping[type, Activation] = {
    tanh: _TANH,
    **{
        f: f.row
        for f in (step, sigmoid, relu, leaky_relu, elu, softplus, silu, gelu, gelu_tanh)
    },
}
"""From a SymPy function to its row."""

_SYMPY_FUNCTIONS = (
    exp, log, sqrt, sp.sign, sp.sin, sp.cos, sp.tan, sp.sinh, sp.cosh, sp.sech, sp.erf,
)  # fmt: skip

FUNCTIONS: Mapping[str, Callable[..., Expr]] = {
    **{f.__name__: f for f in ROWS},
    **{f.__name__: f for f in _SYMPY_FUNCTIONS},
    "abs": Abs,
    "max": Max,
    "min": sp.Min,
}
"""What a formula may call, by its plain name."""


@dataclass(frozen=True)
class Loss:
    """The loss of one output o against its target d, where a sample has m outputs.

    The loss of a sample is the sum over its outputs; ``derivative`` is by o. ``output`` is the
    letter books use for the prediction.
    """

    name: str
    value: Callable[[Expr, Expr, Expr], Expr]
    derivative: Callable[[Expr, Expr, Expr], Expr]
    rule: str
    output: str = "o"
    kink: str = ""


LOSSES: Mapping[str, Loss] = {
    row.name: row
    for row in (
        Loss("half-squared", lambda d, o, m: (d - o) ** 2 / 2, lambda d, o, m: o - d, "power"),
        Loss("squared", lambda d, o, m: (d - o) ** 2, lambda d, o, m: 2 * (o - d), "power"),
        Loss("mse", lambda d, o, m: (d - o) ** 2 / m, lambda d, o, m: 2 * (o - d) / m, "power"),
        Loss(
            "cross-entropy",
            lambda d, o, m: -d * log(o),
            lambda d, o, m: -d / o,
            "logarithm",
            output="p",
        ),
        Loss(
            "binary-cross-entropy",
            lambda d, o, m: -(d * log(o) + (1 - d) * log(1 - o)),
            lambda d, o, m: (o - d) / (o * (1 - o)),
            "logarithm",
            output="p",
        ),
        Loss(
            "absolute",
            lambda d, o, m: Abs(d - o),
            lambda d, o, m: sp.sign(o - d),
            "absolute",
            kink="sign(0) = 0",
        ),
        Loss(
            "huber",
            lambda d, o, m: Piecewise(
                ((d - o) ** 2 / 2, Abs(d - o) <= HUBER_DELTA),
                (HUBER_DELTA * (Abs(d - o) - HUBER_DELTA / 2), True),
            ),
            lambda d, o, m: Piecewise(
                (o - d, Abs(d - o) <= HUBER_DELTA), (HUBER_DELTA * sp.sign(o - d), True)
            ),
            "cases",
        ),
        Loss(
            "hinge",
            lambda d, o, m: relu(1 - d * o),
            lambda d, o, m: -d * step(1 - d * o),
            "cases",
            kink="the derivative at d·o = 1 is 0",
        ),
    )
}


TARGET, OUTPUT = (sp.Dummy(name, real=True) for name in "do")
"""The d and o in which the rows below are written out once."""


def _primitive(value: Expr) -> tuple[Expr, Expr]:
    """A product's constant factor, and the rest."""
    factor, rest = value.as_independent(TARGET, OUTPUT, as_Add=False)
    return factor, rest


def _book_forms() -> dict[Expr, tuple[Loss, Expr]]:
    forms: dict[Expr, tuple[Loss, Expr]] = {}
    for row in LOSSES.values():
        factor, rest = _primitive(row.value(TARGET, OUTPUT, sp.S.One))
        derivative = row.derivative(TARGET, OUTPUT, sp.S.One) / factor
        forms.setdefault(rest, (row, derivative))
    return forms


_BOOK_FORMS = _book_forms()


def book_derivative(body: Expr) -> tuple[Loss, Expr] | None:
    """The derivative by OUTPUT of a body in TARGET and OUTPUT, in the form of a loss's row.

    A constant factor (a mean's 1/N) is kept: ``∂(c·value)/∂o = c·derivative``. None where no row
    fits.

    >>> book_derivative(3 * (TARGET - OUTPUT) ** 2)[1]
    -6*_d + 6*_o
    """
    factor, rest = _primitive(body)
    row = _BOOK_FORMS.get(rest)
    return None if row is None else (row[0], factor * row[1])


_ANY = sp.Wild("z")


def recognise(expression: Expr) -> Expr:
    """The expression with a sigmoid or softplus that was written out under its own name.

    >>> z = sp.Symbol("z")
    >>> recognise(3 / (1 + exp(-z)) + log(1 + exp(z)))
    3*sigmoid(z) + softplus(z)
    """
    for function in (sigmoid, softplus) if expression.has(exp) else ():
        expression = expression.replace(function.row.value(_ANY), function(_ANY))
    return expression
