"""Layout trees as one line of Unicode text, for terminals and plain files."""

from __future__ import annotations

from collections.abc import Callable

from symbp.core.names import GREEK
from symbp.write.formula import (
    BINARY,
    RELATIONS,
    Accent,
    Big,
    Brace,
    Call,
    Cases,
    Fence,
    Foreign,
    Fraction,
    Joint,
    Mark,
    Node,
    Number,
    Product,
    Root,
    Row,
    Script,
    Sign,
    Slash,
    Source,
    Symbol,
    Tone,
    Words,
    joined,
)
from symbp.write.phrases import plain

LETTERS = dict(zip(
    [
        "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa",
        "lambda", "mu", "nu", "xi", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi",
        "omega", "varepsilon", "vartheta", "varphi", "Gamma", "Delta", "Theta", "Lambda", "Xi",
        "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega",
    ],
    "αβγδεζηθικλμνξπρστυφχψωεϑφΓΔΘΛΞΠΣΥΦΨΩ", strict=True,
))  # fmt: skip
ACCENTS = {"hat": "\u0302", "tilde": "\u0303", "bar": "\u0304"}
_LOW = dict(zip("0123456789+-=()aehijklmnoprstuvxβγρφχ,",
                "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ,", strict=True))
_HIGH = dict(zip("0123456789+-=()abcdefghijklmnoprstuvwxyzβγδθφχ⊤",
                 "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᵝᵞᵟᶿᵠᵡᵀ", strict=True))


def text(node: Node, lang: str = "en") -> str:
    """A layout tree on one line.

    >>> from symbp.write.formula import derivative
    >>> w = Script(Symbol("w"), Number("11"), Row((Sign("("), Number("1"), Sign(")"))))
    >>> text(derivative(Symbol("E"), w))
    '∂E/∂w₁₁⁽¹⁾'
    """
    return _RULES[type(node)](node, lang)


def _row(node: Row, lang: str) -> str:
    pieces = [text(item, lang) for item in node.items]
    if isinstance(node.items[0], Sign):
        pieces[0] = pieces[0].strip()
    return "".join(pieces)


def _sign(node: Sign, lang: str) -> str:
    if node.mark in BINARY or node.mark in RELATIONS:
        return f" {node.mark} "
    return f"{node.mark} " if node.mark in ",;" else node.mark


_JOINTS = {Joint.THIN: " · ", Joint.DOT: " · ", Joint.ENTRY: " ⊙ "}


def _product(node: Product, lang: str) -> str:
    line = ""
    before: Node | None = None
    for joint, factor in joined(node):
        if before is not None:
            line += _JOINTS.get(joint) or _between(before, factor)
        line += text(factor, lang)
        before = factor
    return line


def _between(left: Node, right: Node) -> str:
    """What keeps two factors side by side from being read as one word, fraction or call."""
    if isinstance(right, Big) or (isinstance(right, Call) and len(_head(right)) > 1):
        return " "
    stacked = isinstance(left, Fraction | Slash) and text(left) != "½"
    word = isinstance(left, Symbol) and len(_symbol(left, "en")) > 1
    open_call = isinstance(left, Call) and not left.fenced
    return "·" if stacked or word or open_call or isinstance(right, Fraction | Slash) else ""


def _head(node: Call) -> str:
    return text(node.name)


def _part(node: Node, lang: str) -> str:
    """One side of a fraction on one line: fenced unless it reads as one thing."""
    line = text(node, lang)
    simple = isinstance(node, Symbol | Number | Script | Fence | Call | Accent | Root) or (
        isinstance(node, Row) and node.items[0] == Sign("∂")
    )
    return line if simple else f"({line})"


def _fraction(node: Fraction | Slash, lang: str) -> str:
    top, bottom = text(node.top, lang), text(node.bottom, lang)
    if (top, bottom) == ("1", "2"):
        return "½"
    return f"{_part(node.top, lang)}/{_part(node.bottom, lang)}"


def _script(node: Script, lang: str) -> str:
    line = text(node.base, lang)
    if node.sub is not None:
        line += _small(text(node.sub, lang), _LOW, "_")
    if node.sup is not None:
        line += _small(text(node.sup, lang), _HIGH, "^")
    return line


def _small(line: str, table: dict[str, str], mark: str) -> str:
    """Raised or lowered where Unicode has every letter of it, else after ``_`` or ``^``."""
    tight = line.replace(" ", "").replace("−", "-")
    if all(c in table for c in tight):
        return "".join(table[c] for c in tight)
    fenced = tight.startswith("(") and tight.find(")") == len(tight) - 1
    return f"{mark}{tight}" if tight.isalnum() or fenced else f"{mark}({tight})"


def _big(node: Big, lang: str) -> str:
    line = "Σ" + _small(text(node.below, lang), _LOW, "_")
    if node.above is not None:
        line += _small(text(node.above, lang), _HIGH, "^")
    return f"{line} {text(node.body, lang)}"


def _call(node: Call, lang: str) -> str:
    argument = text(node.argument, lang)
    return f"{text(node.name, lang)}({argument})" if node.fenced else (
        f"{text(node.name, lang)} {argument}"
    )


def _cases(node: Cases, lang: str) -> str:
    rows = (f"{text(body, lang)} [{text(condition, lang)}]" for body, condition in node.rows)
    return "{" + "; ".join(rows) + "}"


def _symbol(node: Symbol, lang: str) -> str:
    return LETTERS[node.name] if node.name in GREEK and node.name in LETTERS else node.name


def _fence(node: Fence, lang: str) -> str:
    return f"{node.left}{text(node.body, lang)}{node.right}"


def _root(node: Root, lang: str) -> str:
    body = text(node.body, lang)
    return f"√{body}" if len(body) == 1 else f"√({body})"


_RULES: dict[type, Callable[..., str]] = {
    Symbol: _symbol,
    Number: lambda node, lang: node.digits,
    Sign: _sign,
    Row: _row,
    Product: _product,
    Fraction: _fraction,
    Slash: _fraction,
    Script: _script,
    Fence: _fence,
    Big: _big,
    Root: _root,
    Accent: lambda node, lang: text(node.body, lang) + ACCENTS[node.mark],
    Call: _call,
    Cases: _cases,
    Tone: lambda node, lang: text(node.body, lang),
    Brace: lambda node, lang: text(node.body, lang),
    Mark: lambda node, lang: f"✗{text(node.body, lang)}✗",
    Words: lambda node, lang: plain(node.key, lang),
    Foreign: lambda node, lang: node.text,
    Source: lambda node, lang: node.latex,
}
