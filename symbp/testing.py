"""For people's own tests: a gradient that is not proved right fails the test.

    from symbp.testing import assert_gradient

    def test_the_gradient() -> None:
        assert_gradient(loss, gradient, shapes={"W": (3, 2), "x": (2,)})
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from symbp.check.code.gradient import Shapes, check_gradient, check_vjp
from symbp.decide import Outcome


def assert_gradient(
    loss_fn: Callable[..., Any], grad_fn: Callable[..., Any], shapes: Shapes,
    wrt: Sequence[str] | None = None,
) -> None:  # fmt: skip
    """Fail unless every gradient is proved equal; see :func:`symbp.check_gradient`."""
    found = check_gradient(loss_fn, grad_fn, shapes, wrt)
    assert found.outcome == Outcome.equal, f"not the gradient\n{found}"


def assert_vjp(
    forward: Callable[..., Any], backward: Callable[..., Any], shapes: Shapes,
    wrt: Sequence[str] | None = None,
) -> None:  # fmt: skip
    """Fail unless every gradient is proved equal; see :func:`symbp.check_vjp`."""
    found = check_vjp(forward, backward, shapes, wrt)
    assert found.outcome == Outcome.equal, f"not the gradient\n{found}"
