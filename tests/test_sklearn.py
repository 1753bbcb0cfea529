"""The estimators keep scikit-learn's contract, and learn real data as well as its own MLP."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator

from symbp.sklearn import SymbolicMLPClassifier, SymbolicMLPRegressor


@pytest.mark.parametrize("kind", [SymbolicMLPClassifier, SymbolicMLPRegressor])
def test_the_contract_of_an_estimator(kind: type) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scikit-learn's own checks warn of themselves
        done = check_estimator(kind((16,), learning_rate=0.02, epochs=120), on_skip=None)
    assert sum(each["status"] == "passed" for each in done) > 40


@pytest.mark.parametrize(("load", "width", "rate", "epochs", "seeds"), [
    (load_digits, 32, 0.003, 30, 5), (load_breast_cancer, 10, 0.003, 40, 5),
    (load_diabetes, 16, 0.01, 60, 15),
])  # fmt: skip
def test_as_good_as_scikit_learns(
    load: Callable[..., Any], width: int, rate: float, epochs: int, seeds: int
) -> None:
    """The mean score on held-out data over the seeds is at most 1% below that of its MLP."""
    x, y = load(return_X_y=True)
    regression = load is load_diabetes
    mine, other = ((SymbolicMLPRegressor, MLPRegressor) if regression
                   else (SymbolicMLPClassifier, MLPClassifier))  # fmt: skip
    scores = []
    for seed in range(seeds):
        parts = train_test_split(x, y, test_size=0.25, random_state=seed)
        ours = mine((width,), "relu", learning_rate=rate, batch_size=32, epochs=epochs,
                    random_state=seed)  # fmt: skip
        theirs = other(hidden_layer_sizes=(width,), activation="relu", alpha=0.0, batch_size=32,
                       learning_rate_init=rate, max_iter=epochs, n_iter_no_change=epochs,
                       random_state=seed)  # fmt: skip
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # as many epochs as ours, no more
            scores.append([
                make_pipeline(StandardScaler(), each).fit(parts[0], parts[2]).score(parts[1], parts[3])
                for each in (ours, theirs)
            ])  # fmt: skip
    own, reference = np.mean(scores, axis=0)
    assert own >= reference - 0.01, (own, reference)
