"""What the commands and signs of LaTeX mean to a reader of formulas: tables, nothing else.

A command that stands in no table here and is no declared name is unreadable.
"""

from __future__ import annotations

from collections.abc import Mapping

from symbp.core.names import GREEK
from symbp.read.tree import Join

GREEK_SPELLING: Mapping[str, str] = {**{name: name for name in GREEK}, "ell": "l"}

SUBSCRIPT_SIGNS = dict(zip("₀₁₂₃₄₅₆₇₈₉ᵢⱼₖₗₘₙₒₕ₊₋", "0123456789ijklmnoh+-", strict=True))
SUPERSCRIPT_SIGNS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹ˡⁿᵀ⁺⁻⁽⁾", "0123456789lnT+-()", strict=True))

COMMAND_SIGNS: Mapping[str, str] = {
    "∂": "partial", "·": "cdot", "⋅": "cdot", "•": "cdot", "×": "times", "⊙": "odot", "⊗": "otimes",
    "∘": "circ", "∑": "sum", "∇": "nabla", "≡": "equiv", "≈": "approx", "←": "leftarrow",
    "→": "rightarrow", "⇒": "Rightarrow", "⊤": "top", "≤": "le", "≥": "ge", "≠": "ne", "∈": "in",
    "∞": "infty", "√": "sqrt", "ℓ": "ell", "‖": "Vert", "≜": "triangleq", "÷": "div",
    "ε": "varepsilon", "ϵ": "epsilon", "ϕ": "phi", "φ": "varphi",
    **dict(zip("αβγδζηθικλμνξπρστυχψω", [
        "alpha", "beta", "gamma", "delta", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu",
        "nu", "xi", "pi", "rho", "sigma", "tau", "upsilon", "chi", "psi", "omega",
    ], strict=True)),
    **dict(zip("ΓΔΘΛΞΠΣΦΨΩ", [
        "Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Phi", "Psi", "Omega",
    ], strict=True)),
}  # fmt: skip
PLAIN_SIGNS: Mapping[str, str] = {
    "′": "'", "’": "'", "−": "-", "–": "-", "（": "(", "）": ")", "，": ",", "；": ";", "：": ":",
    "＝": "=", "＋": "+", "－": "-", "＊": "*", "／": "/", "。": ".", "［": "[", "］": "]",
    "｜": "|", "＜": "<", "＞": ">", "∗": "*",
}  # fmt: skip
FRACTION_SIGNS: Mapping[str, tuple[str, str]] = {
    "½": ("1", "2"), "⅓": ("1", "3"), "¼": ("1", "4"), "¾": ("3", "4"), "⅔": ("2", "3"),
}  # fmt: skip

FONTS = frozenset(
    [
        "mathbf", "boldsymbol", "bm", "mathrm", "text", "textbf", "textrm", "mathit", "operatorname",
        "mathsf", "vec", "pmb", "rm", "mathcal", "textit", "mathtt", "mathop", "mbox", "bf", "it",
        "texttt", "mathscr", "textnormal", "textsf",
    ]
)  # fmt: skip
WORD_FONTS = frozenset(
    ["mathrm", "text", "textrm", "operatorname", "textbf", "textit", "mathsf", "mbox", "rm",
     "mathtt", "mathit", "texttt", "textnormal", "textsf"]
)  # fmt: skip
ACCENT_COMMANDS: Mapping[str, str] = {
    "hat": "hat", "widehat": "hat", "tilde": "tilde", "widetilde": "tilde", "bar": "bar",
    "overline": "bar",
}  # fmt: skip
SIZES = frozenset(
    [
        "big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr", "biggl", "biggr", "Biggl",
        "Biggr", "middle", "bigm", "Bigm", "biggm", "displaystyle", "textstyle", "scriptstyle",
        "limits", "nolimits", "nonumber", "notag", "Large", "large", "LARGE", "huge", "small",
        "normalsize", "therefore", "because", "mathstrut", "strut", "allowbreak", "noindent",
    ]
)  # fmt: skip
SPACES = frozenset(
    [",", ";", ":", "!", ">", " ", "enspace", "enskip", "thinspace", "medspace", "thickspace", "/"]
)
QUADS = frozenset(["quad", "qquad"])
DROPPED_WITH_ARGUMENT = frozenset(
    ["tag", "label", "hspace", "vspace", "color", "phantom", "hphantom", "vphantom", "hskip"]
)
ALIGNED = frozenset(
    name + star
    for name in ("align", "aligned", "eqnarray", "equation", "gather", "split", "gathered",
                 "alignat", "alignedat", "multline", "flalign", "displaymath")
    for star in ("", "*")
)  # fmt: skip
CASES = frozenset(["cases", "dcases", "rcases"])
MATRICES = frozenset(["matrix", "pmatrix", "bmatrix", "smallmatrix", "Bmatrix"])

RELATIONS: Mapping[str, str] = {
    "=": "=", "equiv": ":=", "approx": "~", "simeq": "~", "sim": "~", "thickapprox": "~",
    "leftarrow": "<-", "gets": "<-", "longleftarrow": "<-", "rightarrow": "->", "to": "->",
    "longrightarrow": "->", "triangleq": ":=", "coloneqq": ":=", "doteq": ":=", "coloneq": ":=",
    "Leftarrow": "<-",
}  # fmt: skip
SEPARATORS = frozenset(
    ["Rightarrow", "implies", "Longrightarrow", "Leftrightarrow", "iff", "Longleftrightarrow"]
)
CONNECTIVES = frozenset(
    ["with", "where", "and", "so", "thus", "hence", "then", "for", "since", "or", "but", "therefore",
     "其中", "且", "则", "故", "因此", "所以", "和", "又", "那么", "即"]
)  # fmt: skip
COMPARISONS: Mapping[str, str] = {
    "<": "<", ">": ">", "lt": "<", "gt": ">", "le": "<=", "leq": "<=", "leqslant": "<=",
    "ge": ">=", "geq": ">=", "geqslant": ">=", "ne": "!=", "neq": "!=", "=": "==",
}  # fmt: skip
JOINS: Mapping[str, Join] = {
    "*": Join.STAR, "ast": Join.STAR, "cdot": Join.CDOT, "bullet": Join.CDOT, "times": Join.TIMES,
    "odot": Join.ODOT, "circ": Join.ODOT, "otimes": Join.OTIMES, "star": Join.ODOT,
    ".*": Join.ODOT,
}  # fmt: skip
TRANSPOSES = frozenset(["T", "top", "intercal", "mathsf T", "tr"])

FUNCTION_COMMANDS: Mapping[str, str] = {
    "exp": "exp", "log": "log", "ln": "log", "tanh": "tanh", "sin": "sin", "cos": "cos",
    "tan": "tan", "sinh": "sinh", "cosh": "cosh", "max": "max", "min": "min", "sech": "sech",
    "sgn": "sign",
}  # fmt: skip
FUNCTION_WORDS: Mapping[str, str] = {
    **FUNCTION_COMMANDS, "sigmoid": "sigmoid", "relu": "relu", "ReLU": "relu", "softmax": "softmax",
    "softplus": "softplus", "Softplus": "softplus", "LeakyReLU": "leaky_relu", "elu": "elu",
    "ELU": "elu", "silu": "silu", "SiLU": "silu", "gelu": "gelu", "GELU": "gelu", "sign": "sign",
    "step": "step", "abs": "abs", "erf": "erf", "sqrt": "sqrt", "diag": "diag", "Sigmoid": "sigmoid",
    "Softmax": "softmax", "norm": "norm",
}  # fmt: skip
FUNCTION_LETTERS = frozenset(["f", "g", "h", "F", "G", "phi", "varphi", "psi"])
"""Letters that stand for a function by custom where the document has not said what they are."""
LOSSES = frozenset(["E", "J", "L", "C", "loss", "cost", "Loss", "Cost"])
"""What a loss is called."""
CUSTOMARY_WORDS = frozenset(
    ["net", "out", "target", "output", "input", "loss", "cost", "error", "label", "pred", "total",
     "hidden", "bias", "err", "tgt"]
)  # fmt: skip
"""Words that are written without ``\\text`` by custom; other unknown words are refused."""
OTHERWISE = frozenset(["otherwise", "else", "其他", "其它", "否则", "其他情况", "其余"])
CONDITION_WORDS = frozenset(["if", "when", "for", "若", "当", "如果"])
OPENING: Mapping[str, str] = {"(": ")", "[": "]", "lbrace": "rbrace", "{": "}", "lbrack": "rbrack"}
CLOSING = frozenset(OPENING.values())
