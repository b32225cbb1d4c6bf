"""The network as a scikit-learn classifier: what `bayestuner tune` trains, for tables of numbers and pipelines."""

from __future__ import annotations

import copy
import math
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import train_test_split
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, column_or_1d, validate_data

from gp.errors import DataError, ParameterError

from ..arguments import checked_count, seed_of
from .network import BASE_NEURONS
from .recipe import Recipe
from .training import Rows, stack_rows

Indices = NDArray[np.int64]


class TunableClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Layers of neurons with PReLU and dropout, trained by Adam on the cross-entropy until it stops getting better.

    The first hidden layer has `neuron_pct` times `base_neurons` neurons, each next one `neuron_shrink` times as many as
    the one before, down to a half percent of the base. Inputs are numbers, best with mean 0 and variance 1: put a
    `StandardScaler`, and a `OneHotEncoder` for texts, before it in a pipeline.

    With `early_stopping`, a share `validation_fraction` of the rows is held out, in which each class has its part;
    training ends when their log loss has not fallen for `patience` epochs, and the best weights are put back. Without,
    or where there are too few rows to hold any out, it runs for all `epochs`. Of `members` > 1 networks, which differ
    in first weights and order of the rows, the probabilities are averaged. The same `random_state` gives the same
    network; `device` is "auto", "cpu" or "cuda".

    What `tune` finds are arguments of it: `TunableClassifier(**history.best_params)`.

    After `fit`: `classes_`, `n_features_in_`, `feature_names_in_` (of a frame), `n_epochs_` (the epoch that was kept),
    `training_` (losses by epoch), `network_` (the PyTorch module, its members side by side).

    Raises `ParameterError` for settings that describe no network, `DataError` for rows of one class only, and
    `TrainingError` where the loss becomes NaN.

    >>> X, y = np.array([[-1.0], [1.0]] * 20), np.array(["low", "high"] * 20)
    >>> model = TunableClassifier(learning_rate=0.01, neuron_pct=0.05, epochs=20, random_state=0).fit(X, y)
    >>> model.predict([[-1.0], [1.0]])
    array(['low', 'high'], dtype='<U4')
    """

    def __init__(
        self,
        *,
        dropout: float = 0.2,
        learning_rate: float = 0.001,
        neuron_pct: float = 0.2,
        neuron_shrink: float = 0.2,
        activation: str = "prelu",
        batch_size: int = 32,
        weight_decay: float = 0.0,
        base_neurons: int = BASE_NEURONS,
        epochs: int = 100,
        patience: int = 10,
        early_stopping: bool = True,
        validation_fraction: float = 0.1,
        members: int = 1,
        random_state: Any = None,
        device: str = "auto",
    ) -> None:
        self.dropout = dropout
        self.learning_rate = learning_rate
        self.neuron_pct = neuron_pct
        self.neuron_shrink = neuron_shrink
        self.activation = activation
        self.batch_size = batch_size
        self.weight_decay = weight_decay
        self.base_neurons = base_neurons
        self.epochs = epochs
        self.patience = patience
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.members = members
        self.random_state = random_state
        self.device = device

    @property
    def recipe(self) -> Recipe:
        """What is built and how it is trained, without the data's part."""
        return Recipe(**{name: getattr(self, name) for name in Recipe.__dataclass_fields__})

    def fit(self, X: Any, y: Any) -> TunableClassifier:
        """Train on rows X (n, d) with labels y (n,), numbers or texts."""
        X, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        self.classes_, codes = np.unique(column_or_1d(y, warn=True), return_inverse=True)
        if len(self.classes_) < 2:
            raise DataError(f"y has 1 class only, {self.classes_.tolist()}: at least 2 classes are needed")
        seed = seed_of(self.random_state)
        training, validation = self._parts(codes, seed)
        network, self.training_ = self.recipe.train(
            self._rows(X, codes, training),
            len(self.classes_),
            validation=self._rows(X, codes, validation) if len(validation) else None,
            averaged=self.members,
            seed=seed,
            device=self.device,
        )
        self.network_, self.n_epochs_ = network, self.training_.best_epoch
        return self

    def predict_log_proba(self, X: Any) -> NDArray[np.float64]:
        """Return the logarithm of each class's probability, shape (n, classes)."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        # In double precision a row's probabilities do not depend on the rows beside it.
        network = copy.deepcopy(self.network_).double()
        members = len(next(network.parameters()))
        with torch.no_grad():
            log_p = network(torch.tensor(X).expand(members, -1, -1)).log_softmax(2)
        return (log_p.logsumexp(0) - math.log(members)).numpy()

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return the probability of each class in the order of `classes_`, shape (n, classes)."""
        return np.exp(self.predict_log_proba(X))

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the most probable class of each row, shape (n,)."""
        log_p = self.predict_log_proba(X)
        return self.classes_[log_p.argmax(axis=1)]

    def _rows(self, X: NDArray[np.float64], codes: Indices, rows: Indices) -> Rows:
        """The rows of that number, once for every member."""
        return stack_rows(
            [(torch.tensor(X[rows]), torch.tensor(codes[rows]))] * checked_count("members", self.members, 1)
        )

    def _parts(self, codes: Indices, seed: int) -> tuple[Indices, Indices]:
        """Row numbers to train on and to validate with; a class of one row trains, and nothing validates few rows."""
        if not 0 < self.validation_fraction < 1:
            raise ParameterError(
                f"validation_fraction = {self.validation_fraction!r} must lie between 0 and 1: 0.1 holds a tenth out"
            )
        counts = np.bincount(codes)
        shared = np.flatnonzero(counts[codes] > 1)
        classes = int((counts > 1).sum())
        held_out = max(math.ceil(self.validation_fraction * len(shared)), classes)
        if not self.early_stopping or classes == 0 or len(shared) - held_out < classes:
            return np.arange(len(codes)), np.arange(0)
        _, validation = train_test_split(shared, test_size=held_out, stratify=codes[shared], random_state=seed)
        return np.setdiff1d(np.arange(len(codes)), validation), np.sort(validation)
