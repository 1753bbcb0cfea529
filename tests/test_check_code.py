"""Verdicts on scripts as people write them, right ones and with one mistake each.

Each row is run as well, by the tests alone: what it really does, told by central differences, must
be what the row says and what the checker says.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from symbp.check.code.script import check_script
from tests.code_oracle import Runner, outcomes
from tests.code_scripts import SCRIPTS, Script
from tests.code_styles import MORE_SCRIPTS

ALL = (*SCRIPTS, *MORE_SCRIPTS)


@pytest.mark.parametrize("script", ALL, ids=lambda s: s.name)
def test_the_verdict_is_what_the_script_does(script: Script, tmp_path: Path) -> None:
    found = {p.name: str(p.outcome) for p in check_script(script.source)}
    allowed = {name: {outcome} for name, outcome in script.outcomes.items()}
    for name in script.undecided:
        allowed[name].add("undecided")
    assert found.keys() == allowed.keys()
    assert all(found[name] in allowed[name] for name in found), found
    runner = Runner(script.source, tuple(script.outcomes), script.loss, tmp_path, script.turn)
    really = {name: outcome for name, (outcome, _) in outcomes(runner, script.rate).items()}
    assert really == {**script.outcomes, **script.in_turn}


@pytest.mark.parametrize("script", [s for s in SCRIPTS if s.faulty.strip()], ids=lambda s: s.name)
def test_a_wrong_parameter_is_told_with_its_line(script: Script) -> None:
    lines = script.source.splitlines()
    for parameter in check_script(script.source):
        if str(parameter.outcome) != "equal":
            line = lines[parameter.line - 1]
            assert parameter.name.split(".")[-1] in line or script.faulty in line
