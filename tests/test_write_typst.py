"""PDF without TeX: every derivation compiles in both languages, and nothing a person writes acts."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from symbp.check.derivation import document
from symbp.check.files import first_notes
from symbp.core.networks import mlp
from symbp.write.document import Check, Checks, Document, Equations, Paragraph, Section, Table, say
from symbp.write.formula import (
    Accent,
    Big,
    Brace,
    Call,
    Cases,
    Face,
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
)
from symbp.write.phrases import PHRASES
from symbp.write.typst import pdf, typst
from symbp.write.typst_math import typst_math

ROOT = Path(__file__).parent.parent / "derivations"
NOTES = sorted(p.parent.name for p in ROOT.glob("*/notes.md"))
EVIL = '#panic("x") $ ] } ) ; , \\ " // /* `raw` #read("/etc/passwd") @a <b> ~ _ * = -'


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", NOTES)
def test_every_derivation_is_a_pdf(name: str, lang: str) -> None:
    found = first_notes([ROOT / name])
    assert found is not None
    path, notes = found
    program = notes.program or mlp([2, 2, 1])
    made = pdf(document(program, notes=notes, path=path, command="symbp"), lang)
    assert made.startswith(b"%PDF") and len(made) > 10_000


@pytest.mark.parametrize(("node", "expected"), [
    (Script(Symbol("w"), Number("11"), Sign("′")), "attach(w, b: 11, t: prime)"),
    (Symbol("delta"), "δ"), (Symbol("out"), 'italic("out")'),
    (Symbol("exp", Face.UPRIGHT), 'upright("exp")'), (Symbol("W", Face.BOLD), "upright(bold(W))"),
    (Product((Symbol("a"), Symbol("b")), Joint.ENTRY), "a dot.o b"),
    (Product((Number("2"), Number("0.5"))), '2 dot.op "0.5"'),
    (Slash(Symbol("a"), Symbol("b")), r"a \/ b"), (Root(Symbol("x")), "sqrt(x)"),
    (Fence(Fraction(Symbol("a"), Symbol("b"))), r"lr(\( frac(a, b) \))"),
    (Call(Symbol("f"), Row((Symbol("x"), Sign(","), Symbol("y")))), r"f \( x \, y \)"),
])  # fmt: skip
def test_a_formula(node: Node, expected: str) -> None:
    assert typst_math(node) == expected


def test_nothing_that_a_person_wrote_acts() -> None:
    """Names, formulas, places and titles full of markup: the document compiles and shows them."""
    evil: Node = Symbol(EVIL)
    nodes = [
        evil, Symbol(EVIL, Face.BOLD), Number(EVIL), Sign(EVIL), Foreign(EVIL, EVIL), Source(EVIL),
        Script(evil, evil, evil), Fraction(evil, evil), Fence(evil, "{", "‖"), Mark(evil),
        Big(evil, evil, evil), Accent(evil, "bar"), Call(evil, evil), Cases(((evil, evil),)),
        Tone(evil, 7), Brace(evil, evil), Words("otherwise"),
    ]  # fmt: skip
    check = Check(EVIL, EVIL, say("equal"), True, EVIL, evil, evil)
    made = Document(EVIL, (
        Section(say("network"), (Equations(tuple((n, n) for n in nodes)),)),
        Table((EVIL,), ((EVIL,), (evil,)), total=True), Checks((check, check)),
        Paragraph(say("equal")),
    ), command=EVIL + "\n#panic()")  # fmt: skip
    assert pdf(made).startswith(b"%PDF")
    assert "#panic" not in typst(made).splitlines()[1]


def test_the_chinese_face_has_every_letter_of_the_phrases() -> None:
    with files("symbp.write").joinpath("faces/cjk.otf").open("rb") as file:
        known = TTFont(file).getBestCmap()
    for key, phrase in PHRASES.items():
        missing = {c for c in phrase.zh if "\u2e80" <= c <= "\uffef" and ord(c) not in known}
        assert not missing, (key, missing)
