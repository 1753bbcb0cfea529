r"""How far a Σ and a function without brackets reach: to the end of their term, where that is sure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from symbp.read.errors import UnreadableError
from symbp.read.tree import Call, Negation, Product, Quantity, Summation, Tree, children


def check_reach(name: str, argument: Tree) -> None:
    r"""``\log \sum_k e^{z_k}``: each factor under the sum depends on its letter, so none is outside."""
    inner, letters = argument, set[str | None]()
    while isinstance(inner, Summation):
        letters.add(inner.index)
        inner = inner.body
    for factor in inner.factors if isinstance(inner, Product) else (inner,):
        if not any(used.name in letters for used in _index_letters(factor)):
            raise UnreadableError(
                f"does {name} reach over this?", *factor.span, "brackets around its argument"
            )


def check_scope(earlier: Iterable[Tree], term: Tree) -> None:
    """``Σ_k a_k + b_k``: a later term may not use the letter of an earlier sum."""
    used_letters = tuple(_index_letters(term))
    if not used_letters:
        return
    letters = {s.index for t in earlier for s in _sums(t) if s.index}
    for used in used_letters:
        if used.name in letters:
            raise UnreadableError(
                f"is this term still in the sum over {used.name}?", *term.span, "brackets"
            )


def _sums(tree: Tree) -> Iterator[Summation]:
    if isinstance(tree, Negation):
        tree = tree.of
    parts = map(_unbracketed, tree.factors if isinstance(tree, Product) else (tree,))
    yield from (p for p in parts if isinstance(p, Summation))


def _unbracketed(tree: Tree) -> Tree:
    """The argument of functions without brackets; it ends where they end."""
    while isinstance(tree, Call) and tree.arguments[-1].span[1] == tree.span[1]:
        tree = tree.arguments[-1]
    return tree


def _index_letters(tree: Tree, bound: frozenset[str] = frozenset()) -> Iterator[Quantity]:
    if isinstance(tree, Summation) and tree.index:
        bound = bound | {tree.index}
    if isinstance(tree, Quantity):
        yield from (
            i for i in (*tree.indices, *tree.upper) if isinstance(i, Quantity) and i.name not in bound
        )
    for child in children(tree):
        yield from _index_letters(child, bound)
