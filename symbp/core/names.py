r"""Printed names and plain names: one injective table, in one place.

A quantity has a base letter, maybe a layer, subscripts, and a mark for an updated value::

    printed                 plain       base   layer  subscripts
    w_{11}^{(1)}            w1_1_1      w      1      1, 1
    w_{11}                  w_11        w             11
    z^{(2)}                 z2          z      2
    y_{out}                 y_out       y             out
    \delta^{(2)}_1          delta2_1    delta  2      1
    \hat{y}                 yhat        yhat
    w_{53}^{+}              w_53_new    w             53, new

Without a layer the subscript is kept as one piece, because ``w_{11}`` alone does not say
whether it is row 1, column 1 or the eleventh weight.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

GREEK = frozenset(
    [
        "alpha", "beta", "gamma", "delta", "epsilon", "varepsilon", "zeta", "eta", "theta",
        "vartheta", "iota", "kappa", "lambda", "mu", "nu", "xi", "pi", "rho", "sigma", "tau",
        "upsilon", "phi", "varphi", "chi", "psi", "omega", "Gamma", "Delta", "Theta", "Lambda",
        "Xi", "Pi", "Sigma", "Phi", "Psi", "Omega",
    ]
)  # fmt: skip
ACCENTS = ("hat", "tilde", "bar")
UPDATED = "new"
ADJOINT = "_bar"
"""What an adjoint's name adds to that of its quantity: ``W1_bar`` is ∂E/∂W1."""

HAN = "\u4e00-\u9fff"
"""Chinese characters, as a range of a regular expression; a name may consist of them."""

_PLAIN = re.compile(rf"([A-Za-z{HAN}]+)(\d*)((?:_[A-Za-z0-9{HAN}]+)*)")


class PlainNameError(ValueError):
    """A text that is no plain name."""


@dataclass(frozen=True, order=True)
class Name:
    r"""A printed name taken apart; ``str`` of it is the plain name.

    >>> str(Name("w", "1", ("1", "2")))
    'w1_1_2'
    >>> Name.parse("w1_1_2").latex()
    'w_{12}^{(1)}'
    >>> print(Name.parse("y_out").latex(), Name.parse("yhat_1").latex())
    y_{\mathrm{out}} \hat{y}_{1}
    """

    base: str
    layer: str = ""
    subscripts: tuple[str, ...] = ()

    @classmethod
    def parse(cls, plain: str) -> Name:
        """The parts of a plain name. Raises :class:`PlainNameError` on anything else."""
        match = _PLAIN.fullmatch(plain)
        if match is None:
            raise PlainNameError(f"{plain!r} is no plain name: letters, a layer, _subscripts")
        base, layer, rest = match.groups()
        return cls(base, layer, tuple(rest.split("_")[1:]))

    def __str__(self) -> str:
        return self.base + self.layer + "".join(f"_{part}" for part in self.subscripts)

    @property
    def updated(self) -> bool:
        """Whether this names the value after an update (``w^{+}``)."""
        return self.subscripts[-1:] == (UPDATED,)

    def as_updated(self) -> Name:
        """The same quantity after its update."""
        return Name(self.base, self.layer, (*self.subscripts, UPDATED))

    def latex(self) -> str:
        r"""The printed name: ``w_{11}^{(1)}``, ``\hat{y}``, ``w_{53}^{+}``."""
        parts = self.subscripts[:-1] if self.updated else self.subscripts
        sub = f"_{{{_subscript(parts)}}}" if parts else ""
        sup = (f"({self.layer})" if self.layer else "") + ("+" if self.updated else "")
        return latex_base(self.base) + sub + (f"^{{{sup}}}" if sup else "")


def latex_base(base: str) -> str:
    r"""A letter itself, a Greek name as its letter, an accent over its letter, a word upright."""
    if base in GREEK:
        return f"\\{base}"
    for accent in ACCENTS:
        stem = base.removesuffix(accent)
        if stem and stem != base:
            return f"\\{accent}{{{latex_base(stem)}}}"
    if not base.isascii():
        return f"\\text{{{base}}}"
    return base if len(base) == 1 else f"\\mathrm{{{base}}}"


def _subscript(parts: tuple[str, ...]) -> str:
    separator = "" if all(len(part) == 1 for part in parts) else ","
    return separator.join(_piece(part) for part in parts)


def _piece(part: str) -> str:
    if part in GREEK:
        return f"\\{part}"
    if not part.isascii():
        return f"\\text{{{part}}}"
    return part if len(part) == 1 or not part[0].isalpha() or part[1:].isdigit() else (
        f"\\mathrm{{{part}}}"
    )
