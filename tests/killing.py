"""Training that is killed again and again: ``python -m tests.killing --kills 1000``.

A child process trains and writes a checkpoint after each epoch; it is killed with SIGKILL at a random
moment and another one goes on, until the training is over. The parameters must be bit for bit
those of a training that nobody disturbed, and no checkpoint may ever be unreadable.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import tempfile
import time
from pathlib import Path

import numpy as np

from symbp.core.networks import mlp
from symbp.core.optimizers import Adam
from symbp.train import store
from symbp.train.fit import SAMPLES, Run, fit

EPOCHS = 40
DONE = 0


def training(save: Path | None) -> Run:
    """A training with batches, a schedule and an optimizer that remembers."""
    rng = np.random.default_rng(5)
    x = rng.normal(size=(50, 3))
    d = np.sin(x[:, :2])
    return fit(
        mlp([3, 5, 2], ["tanh", "identity"], samples=SAMPLES), x, d, Adam(lr=0.01), EPOCHS, 16,
        seed=3, schedule="cosine", validation=0.2, patience=EPOCHS, save=save, resume=True,
    )  # fmt: skip


def killed(kills: int, seed: int) -> tuple[int, int]:
    """How many kills there were, and how many trainings came to their end in between."""
    choose, done, ended = random.Random(seed), 0, 0
    expected = training(None).parameters
    with tempfile.TemporaryDirectory() as folder:
        save = Path(folder) / "run.npz"
        while done < kills:
            child = os.fork()
            if child == 0:
                training(save)
                os._exit(DONE)
            time.sleep(choose.uniform(0.01, 0.12))
            os.kill(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
            if save.exists():
                store.read(save, "checkpoint")
            if os.WIFSIGNALED(status):
                done += 1
                continue
            assert os.waitstatus_to_exitcode(status) == DONE
            ended += 1
            assert_same(training(save), expected)
            save.unlink()
        if save.exists():
            assert_same(training(save), expected)
        left = [p.name for p in Path(folder).iterdir() if p != save]
        assert len(left) <= kills, left
    return done, ended


def assert_same(run: Run, expected: dict[str, np.ndarray]) -> None:
    """Bit for bit the same parameters."""
    for name, array in expected.items():
        assert run.parameters[name].tobytes() == array.tobytes(), name


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    kills, ended = killed(asked.kills, asked.seed)
    print(f"{kills} kills, {ended} trainings ended: every checkpoint whole, every end the same bits")
