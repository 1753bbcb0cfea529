"""The calls that a script leaves to its reader: a class or function that trains, made and called.

Each driver is a few statements that stand after the script. Arguments are taken from the script's
own names where it has them, else they are assumed (``assumptions``).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

TRAINS = re.compile(
    r"_*(fit|sgd|.*train.*|learn|.*descent|optimi[sz]e|build_model|nn_model|model|run)\w*", re.I
)
STEPS = re.compile(r"_*(do_?)?(back_?prop.*|backward.*|update.*|step|backpropagat.*|bp)", re.I)
GRADIENT = re.compile(r"_*(.*(grad|prime|deriv|back_?prop|backward).*)", re.I)
LOSS = re.compile(r"_*(compute_?|calc_?|calculate_?|get_?)?(.*(loss|cost).*|j)", re.I)
FORWARD = re.compile(r"_*(feed_?forward|forward.*|propagate|predict|think)", re.I)
OUTPUT = re.compile(r"o|outs?|outputs?|y_?(hat|pred|out)|pred\w*|a\d|result", re.I)
OPEN_NAME = "symbp_open_"
LOOP = "for symbp_turn in range(3):\n"


def drivers(tree: ast.Module) -> Iterator[ast.Module]:
    """Statements that train with what the script defines, the most likely first."""
    known = _assigned(tree)
    classes = [n for n in tree.body if isinstance(n, ast.ClassDef)]
    functions = [n for n in tree.body if isinstance(n, ast.FunctionDef)]
    for pattern in (TRAINS, STEPS):
        for node in reversed(classes):
            for method in _methods(node):
                if pattern.fullmatch(method.name) and len(method.args.args) > 1:
                    yield from _after_forward(node, method, tree, known)
                    call = f"    symbp_object.{_called(method, known, True)}\n"
                    yield _parsed(_made(node, tree, known) + LOOP + call)
        for function in reversed(functions):
            if pattern.fullmatch(function.name) and function.args.args:
                yield _parsed(LOOP + f"    {_called(function, known, False)}\n")
    for node in reversed(classes):
        yield from _gradients(node, tree, known)


def _after_forward(
    node: ast.ClassDef, method: ast.FunctionDef, tree: ast.Module, known: set[str]
) -> Iterator[ast.Module]:
    """A step that takes the output as an argument, after the forward pass that gives it."""
    taken = next((a.arg for a in method.args.args[1:] if OUTPUT.fullmatch(a.arg)), None)
    forward = next((m for m in _methods(node) if FORWARD.fullmatch(m.name)), None)
    if taken is None or forward is None or taken in known:
        return
    call = _called(method, known, True).replace(OPEN_NAME + taken, "symbp_output")
    yield _parsed(
        _made(node, tree, known) + LOOP
        + f"    symbp_output = symbp_object.{_called(forward, known, True)}\n"
        + f"    symbp_object.{call}\n"
    )


def _gradients(node: ast.ClassDef, tree: ast.Module, known: set[str]) -> Iterator[ast.Module]:
    """A class that gives a loss and its gradient and leaves the step to its reader."""
    methods = _methods(node)
    losses = [m for m in methods if LOSS.fullmatch(m.name) and not GRADIENT.fullmatch(m.name)]
    for method in methods:
        names = _returned(method)
        if not names or not (GRADIENT.fullmatch(method.name) or len(names) == 2):
            continue
        for loss in losses:
            if loss is method:
                continue
            yield _parsed(
                _made(node, tree, known) + LOOP
                + f"    symbp_loss = symbp_object.{_called(loss, known, True)}\n"
                + f"    symbp_slopes = symbp_object.{_called(method, known, True)}\n"
                + f"    symbp_descend(symbp_object, symbp_slopes, {names!r})\n"
            )
    for method in losses:
        names = _returned(method)
        if len(names) == 2:
            yield _parsed(
                _made(node, tree, known) + LOOP
                + f"    symbp_loss, symbp_slopes = symbp_object.{_called(method, known, True)}\n"
                + "    symbp_descend(symbp_object, symbp_slopes, [])\n"
            )


def _returned(method: ast.FunctionDef) -> list[str]:
    """The names that a function returns last."""
    returns = [n for n in ast.walk(method) if isinstance(n, ast.Return) and n.value is not None]
    if not returns:
        return []
    value = returns[-1].value
    parts: Sequence[ast.expr | None] = value.elts if isinstance(value, ast.Tuple) else [value]
    return [p.id if isinstance(p, ast.Name) else "" for p in parts]


def _methods(node: ast.ClassDef) -> list[ast.FunctionDef]:
    return [n for n in node.body if isinstance(n, ast.FunctionDef)]


def _made(node: ast.ClassDef, tree: ast.Module, known: set[str]) -> str:
    """An object of the class: the script's own, or a new one."""
    for statement in ast.walk(tree):
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call):
            called = statement.value.func
            target = statement.targets[0]
            if isinstance(called, ast.Name) and called.id == node.name and (
                isinstance(target, ast.Name) and target.id in known
            ):
                return f"symbp_object = {target.id}\n"
    start = next((m for m in _methods(node) if m.name == "__init__"), None)
    arguments = _called(start, known, True).removeprefix("__init__") if start is not None else "()"
    return f"symbp_object = {node.name}{arguments}\n"


def _called(function: ast.FunctionDef, known: set[str], method: bool) -> str:
    """A call with the arguments that have no defaults."""
    taken = function.args
    names = [a.arg for a in taken.args]
    static = any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in function.decorator_list)
    needed = names[: len(names) - len(taken.defaults)][1 if method and not static else 0 :]
    written = [n if n in known else OPEN_NAME + n for n in needed]
    return f"{function.name}({', '.join(written)})"


def _assigned(tree: ast.Module) -> set[str]:
    """Names that the module gives values to, also under ``if __name__``."""
    found: set[str] = set()
    for statement in tree.body:
        inner = statement.body if isinstance(statement, ast.If) else [statement]
        for each in inner:
            for target in each.targets if isinstance(each, ast.Assign) else ():
                parts = target.elts if isinstance(target, ast.Tuple) else [target]
                found |= {p.id for p in parts if isinstance(p, ast.Name)}
    return found


def _parsed(text: str) -> ast.Module:
    return ast.parse(text)
