"""Multilayer perceptrons for scikit-learn, trained with derived and compiled gradients.

    from symbp.sklearn import SymbolicMLPClassifier

    make_pipeline(StandardScaler(), SymbolicMLPClassifier((32,))).fit(x, y).score(x, y)

Needs scikit-learn: ``pip install 'symbp[sklearn]'``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import check_is_fitted, validate_data

from symbp.core.networks import mlp
from symbp.core.optimizers import OPTIMIZERS
from symbp.core.program import Program
from symbp.train.fit import SAMPLES, fit, predict

Array = NDArray[Any]


class _SymbolicMLP(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """What both estimators share; the parameters are those of :func:`symbp.fit`."""

    def __init__(
        self,
        hidden_layer_sizes: Sequence[int] = (100,),
        activation: str = "relu",
        *,
        optimizer: str = "adam",
        learning_rate: float = 0.001,
        weight_decay: float = 0.0,
        batch_size: int = 200,
        epochs: int = 200,
        schedule: str = "constant",
        validation: float | None = None,
        patience: int | None = None,
        random_state: Any = None,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.batch_size = batch_size
        self.epochs = epochs
        self.schedule = schedule
        self.validation = validation
        self.patience = patience
        self.random_state = random_state

    def _trained(self, x: Array, d: Array, last: str, loss: str) -> None:
        sizes = (x.shape[1], *self.hidden_layer_sizes, d.shape[1])
        activations = [*(self.activation for _ in self.hidden_layer_sizes), last]
        program = mlp(sizes, activations, loss, samples=SAMPLES)
        if self.optimizer not in OPTIMIZERS:
            raise ValueError(f"optimizer {self.optimizer!r}: accepted are {', '.join(OPTIMIZERS)}")
        rule = OPTIMIZERS[self.optimizer](lr=self.learning_rate, weight_decay=self.weight_decay)
        seed = check_random_state(self.random_state).randint(2**31)
        run = fit(
            program, x, d, rule, self.epochs, self.batch_size, seed=seed, schedule=self.schedule,
            validation=self.validation, patience=self.patience,
        )  # fmt: skip
        self.program_: Program = program
        self.parameters_ = run.parameters
        self.loss_curve_ = list(run.history)
        self.n_iter_ = len(run.history)

    def _outputs(self, x: ArrayLike) -> Array:
        check_is_fitted(self)
        rows = validate_data(self, x, reset=False, dtype=float)
        return predict(self.program_, self.parameters_, rows)


class SymbolicMLPClassifier(ClassifierMixin, _SymbolicMLP):  # type: ignore[misc]
    """Softmax (two classes: sigmoid) and cross-entropy above the hidden layers.

    ``classes_``, ``parameters_`` by name, ``loss_curve_`` and ``program_``, whose derivation can be
    printed, are there after ``fit``.
    """

    def fit(self, x: ArrayLike, y: ArrayLike) -> SymbolicMLPClassifier:
        """Train on rows x with their classes y."""
        rows, labels = validate_data(self, x, y, dtype=float)
        check_classification_targets(labels)
        self.classes_, numbers = np.unique(labels, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError("one class alone cannot be learned: the classifier needs two classes")
        if len(self.classes_) == 2:
            target = numbers.reshape(-1, 1).astype(float)
            self._trained(rows, target, "sigmoid", "binary-cross-entropy")
        else:
            target = np.eye(len(self.classes_))[numbers]
            self._trained(rows, target, "softmax", "cross-entropy")
        return self

    def predict_proba(self, x: ArrayLike) -> Array:
        """The probability of each class, a row a sample."""
        outputs = self._outputs(x)
        return np.hstack([1 - outputs, outputs]) if outputs.shape[1] == 1 else outputs

    def predict(self, x: ArrayLike) -> Array:
        """The most probable class of each row."""
        likely = self.predict_proba(x).argmax(axis=1)
        return np.asarray(self.classes_[likely])


class SymbolicMLPRegressor(RegressorMixin, _SymbolicMLP):  # type: ignore[misc]
    """Identity outputs and ½(d − o)² above the hidden layers; one target or several."""

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def fit(self, x: ArrayLike, y: ArrayLike) -> SymbolicMLPRegressor:
        """Train on rows x with their targets y."""
        rows, targets = validate_data(self, x, y, dtype=float, multi_output=True, y_numeric=True)
        self._single = targets.ndim == 1 or not type_of_target(targets).endswith("multioutput")
        self._trained(rows, targets.reshape(len(rows), -1), "identity", "half-squared")
        return self

    def predict(self, x: ArrayLike) -> Array:
        """The targets of each row."""
        outputs = self._outputs(x)
        return outputs[:, 0] if self._single else outputs
