"""A declared network trained on a table, by the settings a document or a command gives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from symbp.core.optimizers import Optimizer, optimizer_of
from symbp.read.directives import Network
from symbp.train.data import Data
from symbp.train.fit import Callback, Run, fit
from symbp.train.model import program_of
from symbp.train.schedules import schedule_of


class SettingError(ValueError):
    """A setting that is unknown or no number; the message says what is accepted."""


@dataclass(frozen=True)
class Settings:
    """How to train; ``validation`` is a share of the samples, ``patience`` a number of epochs."""

    optimizer: str = "sgd"
    lr: float | None = None
    epochs: int = 100
    batch_size: int | None = None
    seed: int = 0
    decay: float = 0.0
    schedule: str = "constant"
    validation: float | None = None
    patience: int | None = None

    @property
    def rule(self) -> Optimizer:
        """The optimizer with its rate and its weight decay."""
        rule = optimizer_of(self.optimizer, self.lr)
        return replace(rule, weight_decay=self.decay) if self.decay else rule  # type: ignore[type-var]

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
        try:
            optimizer_of(settings.optimizer)
            schedule_of(settings.schedule)
        except ValueError as error:
            raise SettingError(str(error)) from None
        if settings.validation is not None and settings.validation >= 1:
            raise SettingError(f"validation={settings.validation:g}: a share below 1 is accepted")
        return settings


_FIELDS: Mapping[str, tuple[str, type]] = {
    "optimizer": ("optimizer", str),
    "lr": ("lr", float),
    "epochs": ("epochs", int),
    "steps": ("epochs", int),
    "batch": ("batch_size", int),
    "seed": ("seed", int),
    "decay": ("decay", float),
    "schedule": ("schedule", str),
    "validation": ("validation", float),
    "patience": ("patience", int),
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
    network: Network, data: Data, settings: Settings, callbacks: Iterable[Callback] = (),
    save: Path | None = None, resume: bool = False,
) -> Run:  # fmt: skip
    """Train the network that a directive declares."""
    return fit(
        program_of(network), data.x, data.d, settings.rule, settings.epochs, settings.batch_size,
        seed=settings.seed, schedule=settings.schedule, validation=settings.validation,
        patience=settings.patience, callbacks=callbacks, save=save, resume=resume,
    )  # fmt: skip
