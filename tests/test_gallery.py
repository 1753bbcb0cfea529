"""The whole gallery: every verdict the expected one, every gradient against differences of the loss."""

from __future__ import annotations

import re

import mpmath as mp
import pytest

from symbp.check.gallery import index, is_gallery
from symbp.core.equations import name_of
from symbp.core.program import Program
from symbp.write.html import html
from symbp.write.markdown import markdown
from tests.gallery import GALLERY, NAMES, entry_of, notes_of
from tests.oracle import DIGITS, Values, evaluate, leaves_for

COMMAND = "symbp derive derivations"
"""Writes the index: ``-o derivations/README.md``, ``-o derivations/index.html``."""
ROWS = {"README.md": re.compile(r"^\| \[.*\n", re.M), "index.html": re.compile(r"<tr><td>.*?</tr>")}
WRITERS = {"README.md": markdown, "index.html": html}
SMALLEST = 2
STEP = mp.mpf(10) ** -15


@pytest.mark.parametrize("name", NAMES)
def test_every_verdict_is_the_expected_one(name: str) -> None:
    report = entry_of(name).report
    assert [(s.line, s.outcome) for s in report.unexpected] == []
    assert report.exit_code == 0


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("file", WRITERS)
def test_the_index_has_its_line(file: str, name: str) -> None:
    (line,) = ROWS[file].findall(WRITERS[file](index((entry_of(name),), COMMAND)))
    assert line in ROWS[file].findall((GALLERY / file).read_text(encoding="utf-8"))


@pytest.mark.parametrize("file", WRITERS)
def test_the_index_has_no_other_lines(file: str) -> None:
    kept = (GALLERY / file).read_text(encoding="utf-8")
    assert len(ROWS[file].findall(kept)) == len(NAMES)
    assert ROWS[file].sub("", kept) == WRITERS[file](index((), COMMAND))


def test_a_gallery_is_a_folder_of_folders() -> None:
    assert is_gallery(GALLERY)
    assert not is_gallery(GALLERY / "article") and not is_gallery(GALLERY / "article" / "notes.md")


@pytest.mark.parametrize("name", NAMES)
def test_every_gradient_meets_differences_of_its_loss(name: str) -> None:
    """Along a random direction in each array: a wrong entry anywhere is seen."""
    known = notes_of(name).matrices.known
    whole = known.program(())
    small = whole.at({size: SMALLEST + k % 3 for k, size in enumerate(whole.sizes)})
    leaves = leaves_for(small)
    values = evaluate(small, leaves)
    losses = [of for of in known.derived if small.shapes[of] == () and of in known.table.shapes]
    for loss in losses:
        cone = _cone(small, loss)
        for by, adjoint in known.derived[loss].items():
            if by in leaves:
                inner = {n: leaves[n] for n in leaves if n in cone.shapes}
                _assert_slope(cone, inner, by, values[adjoint])
    assert losses or not known.derived


def _cone(program: Program, loss: str) -> Program:
    """The equations of a loss alone."""
    wanted, kept = {loss}, []
    for equation in reversed(program.equations):
        if equation.name in wanted:
            kept.append(equation)
            wanted.update(map(name_of, equation.operands))
    return Program.of(kept[::-1], (), loss)


def _assert_slope(program: Program, leaves: Values, by: str, adjoint: object) -> None:
    assert isinstance(adjoint, dict)
    direction = {at: mp.mpf(1 + (7 * k) % 5) / 4 for k, at in enumerate(leaves[by])}
    with mp.workdps(DIGITS):
        ends = [
            evaluate(program, {**leaves, by: {a: x + h * direction[a] for a, x in leaves[by].items()}})
            for h in (STEP, -STEP)
        ]
        expected = (ends[0][program.loss][()] - ends[1][program.loss][()]) / (2 * STEP)
        found = mp.fsum(direction[at] * adjoint[at] for at in direction)
        assert abs(found - expected) <= mp.mpf(10) ** -20 * (1 + abs(expected)), by
