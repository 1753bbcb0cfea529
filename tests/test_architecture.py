"""The floors of the house: an import points down, none is hidden in a function, no text is run."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

import symbp

HOUSE = Path(symbp.__file__).parent
FLOORS = ["verify", "core", "decide", "write", "read", "check", "train", "cli"]
ROOMS = sorted(HOUSE.rglob("*.py"))
EXTRAS = {"matplotlib", "numba", "jax", "torch", "typst", "dask", "cffi", "scipy"}
FORBIDDEN_CALLS = {"eval", "sympify", "parse_expr", "__import__"}
PRINTED_SOURCE = "write/numpy"
"""The one place that compiles source, which it printed itself from a program."""


def floor_of(module: str) -> int | None:
    """The floor of a module of the house; None for the package itself and for others."""
    parts = module.split(".")
    inside = parts[0] == "symbp" and len(parts) > 1 and parts[1] in FLOORS
    return FLOORS.index(parts[1]) if inside else None


def module_of(room: Path) -> str:
    return ".".join(("symbp", *room.relative_to(HOUSE).with_suffix("").parts))


def imports(tree: ast.AST) -> list[tuple[str, ast.AST]]:
    found: list[tuple[str, ast.AST]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(alias.name, node) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.append((node.module, node))
    return found


@pytest.mark.parametrize("room", ROOMS, ids=module_of)
def test_imports_point_down(room: Path) -> None:
    here = floor_of(module_of(room))
    for name, node in imports(ast.parse(room.read_text(encoding="utf-8"))):
        there = floor_of(name)
        if here is not None and there is not None:
            assert there <= here, f"{room}:{node.lineno} reaches up to {name}"


@pytest.mark.parametrize("room", ROOMS, ids=module_of)
def test_imports_stand_at_the_top(room: Path) -> None:
    for function in ast.walk(ast.parse(room.read_text(encoding="utf-8"))):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            hidden = [n for n, _ in imports(function) if n.split(".")[0] not in EXTRAS]
            assert not hidden, f"{room}: {function.name} hides {hidden}"


@pytest.mark.parametrize("room", ROOMS, ids=module_of)
def test_no_text_is_evaluated(room: Path) -> None:
    for node in ast.walk(ast.parse(room.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            plain = isinstance(node.func, ast.Name)
            assert not (plain and name in FORBIDDEN_CALLS), f"{room}:{node.lineno} calls {name}"
            if plain and name in {"exec", "compile"}:
                assert PRINTED_SOURCE in room.as_posix(), f"{room}:{node.lineno} calls {name}"


def test_only_the_command_line_prints_or_exits() -> None:
    for room in ROOMS:
        if "cli" in room.parts or room.name == "__main__.py":
            continue
        for node in ast.walk(ast.parse(room.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in {"print", "exit", "input"}, f"{room}:{node.lineno}"


def test_a_room_is_small() -> None:
    long = {r.name: n for r in ROOMS if (n := len(r.read_text().splitlines())) > 330}
    assert not long, f"more than one subject? {long}"


@pytest.mark.parametrize("room", sorted((HOUSE / "verify").glob("*.py")), ids=module_of)
def test_the_second_program_shares_no_code(room: Path) -> None:
    for name, node in imports(ast.parse(room.read_text(encoding="utf-8"))):
        top = name.split(".")[0]
        own = name.startswith("symbp.verify.")
        assert own or top == "flint" or top in sys.stdlib_module_names, f"{room}:{node.lineno} {name}"


def test_the_pickle_is_not_used() -> None:
    for room in ROOMS:
        names = [name for name, _ in imports(ast.parse(room.read_text(encoding="utf-8")))]
        assert "pickle" not in names and "marshal" not in names, room
