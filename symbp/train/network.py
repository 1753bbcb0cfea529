"""A declared network trained on a table, by the settings a document or a command gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from symbp.core.networks import mlp
from symbp.core.optimizers import OPTIMIZERS
from symbp.read.directives import Network
from symbp.train.data import Data
from symbp.train.fit import SAMPLES, Run, fit


class SettingError(ValueError):
    """A setting that is unknown or no number; the message says what is accepted."""


@dataclass(frozen=True)
class Settings:
    """How to train: optimizer, learning rate, epochs (or steps), batch size, seed."""

    optimizer: str = "sgd"
    lr: float | None = None
    epochs: int = 100
    batch_size: int | None = None
    seed: int = 0

    @classmethod
    def of(cls, words: Mapping[str, str]) -> Settings:
        """Settings as written. Raises :class:`SettingError`.

        >>> Settings.of({"optimizer": "momentum", "lr": "0.5", "steps": "10"}).epochs
        10
        """
        settings = cls()
        for key, text in words.items():
            if key not in _FIELDS:
                raise SettingError(f"setting {key!r}: accepted are {', '.join(_FIELDS)}")
            name, kind = _FIELDS[key]
            change: dict[str, Any] = {name: _read(key, kind, text)}
            settings = replace(settings, **change)
        if settings.optimizer not in OPTIMIZERS:
            raise SettingError(
                f"optimizer {settings.optimizer!r}: accepted are {', '.join(OPTIMIZERS)}"
            )
        return settings


_FIELDS: Mapping[str, tuple[str, type]] = {
    "optimizer": ("optimizer", str),
    "lr": ("lr", float),
    "epochs": ("epochs", int),
    "steps": ("epochs", int),
    "batch": ("batch_size", int),
    "seed": ("seed", int),
}


def _read(key: str, kind: type, text: str) -> object:
    try:
        value = kind(text)
    except ValueError:
        raise SettingError(f"{key}={text}: a number is accepted") from None
    if kind is not str and key != "seed" and not 0 < value < 1e9:
        raise SettingError(f"{key}={text}: a positive number is accepted")
    return value


def train_network(
    network: Network,
    data: Data,
    settings: Settings,
    report: Callable[[int, float], None] | None = None,
) -> Run:
    """Train the network that a directive declares."""
    activation = network.activation if len(network.activation) > 1 else network.activation[0]
    program = mlp(
        network.widths, activation, network.loss, network.bias, SAMPLES, network.reduction
    )
    return fit(
        program, data.x, data.d, settings.optimizer, settings.epochs, settings.batch_size,
        settings.lr, settings.seed, report,
    )  # fmt: skip
