"""What the search minimises: the validation log loss of the network that some parameters describe."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

import torch

from gp.errors import ParameterError

from ..pruning import RunningTrial
from .network import BASE_NEURONS, count_weights
from .preprocessing import fit_encoder
from .recipe import Recipe
from .splits import Splits, split
from .table import Table
from .training import Rows, log_losses, stack_rows

DEFAULT_PARAMS: dict[str, Any] = {"dropout": 0.2, "learning_rate": 0.001, "neuron_pct": 0.2, "neuron_shrink": 0.2}
WORK = 2_000_000  # weights times epochs that one trial may spend; a limit in seconds would not be repeatable
FEWEST_EPOCHS = 5


@dataclass(frozen=True)
class Evaluation:
    """One trial: the mean validation log loss, that of each fold, the epoch kept, seconds.

    `train_loss` and `test_loss` are log losses of the very same networks on the rows that trained them and on the test
    rows: they show how much was learned by heart, and decide nothing.
    """

    log_loss: float
    fold_losses: tuple[float, ...]
    epochs: int
    train_loss: float
    test_loss: float
    seconds: float


@dataclass(frozen=True)
class Objective:
    """The mean validation log loss over stratified folds, to be minimised; test rows are never looked at.

    Called with parameters by name: dropout, learning_rate, neuron_pct and neuron_shrink, and optionally activation,
    batch_size and weight_decay. All trials share the splits (`split_seed`) and first weights (`weight_seed`). In
    every fold the probabilities of `repeats` networks are averaged, as the final model's are: a fairer score with less
    noise. The folds stop together, in the epoch of the lowest mean validation loss: one number, not one per fold, is
    chosen on the rows that also give the score. A score worse than guessing all classes evenly counts as just that,
    log(number of classes), lest one exploding network dwarf the differences between all others.

    >>> from bayestuner.classifier import as_table, load_customers
    >>> objective = Objective(as_table(load_customers(), "product"), folds=2, epochs=3)
    >>> 0.7 < objective(dropout=0.1, learning_rate=0.01, neuron_pct=0.02, neuron_shrink=0.1) < 1.0
    True
    """

    table: Table
    folds: int = 5
    repeats: int = 2
    test_share: float = 0.2
    split_seed: int = 0
    weight_seed: int = 0
    base_neurons: int = BASE_NEURONS
    batch_size: int = 32
    epochs: int = 100
    patience: int = 10
    device: str = "auto"

    def __call__(self, *, trial: RunningTrial | None = None, **params: Any) -> float:
        """Return the mean validation log loss of these parameters, and report the best so far after each epoch."""
        return self.evaluate(params, trial).log_loss

    def evaluate(self, params: dict[str, Any], trial: RunningTrial | None = None) -> Evaluation:
        """Train the networks of all folds side by side, and return how they did.

        Raises `ParameterError` for parameters that describe no network, `TrainingError` where the training fails.
        """
        started = time.perf_counter()
        training, validation, testing = self._rows
        network, history = self.recipe(params, training.X.shape[2]).train(
            training,
            len(self.table.classes),
            validation=validation,
            averaged=self.repeats,
            seed=self.weight_seed,
            device=self.device,
            report=None if trial is None else partial(self._report, trial),
        )
        log_loss, losses = self._score(history.best)
        train_loss, test_loss = (
            self._score(log_losses(network, rows, self.repeats).tolist())[0] for rows in (training, testing)
        )
        seconds = time.perf_counter() - started
        return Evaluation(log_loss, losses, history.best_epoch, train_loss, test_loss, seconds)

    def _score(self, losses: Sequence[float]) -> tuple[float, tuple[float, ...]]:
        """The mean over folds, and each, none worse than an even guess."""
        even_guess = math.log(len(self.table.classes))
        cut = tuple(min(loss, even_guess) for loss in losses)
        return sum(cut) / len(cut), cut

    def _report(self, trial: RunningTrial, losses: Sequence[float], epoch: int) -> None:
        trial.report(self._score(losses)[0], epoch)

    def recipe(self, params: Mapping[str, Any], n_inputs: int) -> Recipe:
        """Return the network that parameters describe, those left out at their defaults; wide ones get fewer epochs."""
        given = {**DEFAULT_PARAMS, "activation": "prelu", "batch_size": self.batch_size, "weight_decay": 0.0}
        if unknown := sorted(set(params) - set(given)):
            raise ParameterError(f"no parameter {', '.join(unknown)}: the network has {', '.join(given)}")
        given.update(params)
        recipe = Recipe(**given, base_neurons=self.base_neurons, epochs=self.epochs, patience=self.patience)
        affordable = WORK // count_weights(n_inputs, len(self.table.classes), recipe.widths)
        return replace(recipe, epochs=min(self.epochs, max(FEWEST_EPOCHS, affordable)))

    @cached_property
    def splits(self) -> Splits:
        """The rows that train, validate and test."""
        return split(self.table.codes, test_share=self.test_share, folds=self.folds, seed=self.split_seed)

    @cached_property
    def _rows(self) -> tuple[Rows, Rows, Rows]:
        """Training, validation and test rows, `repeats` members per fold, encoded by what its training rows teach."""
        parts: list[list[tuple[torch.Tensor, torch.Tensor]]] = []
        codes = torch.from_numpy(self.table.codes)
        for training, validation in self.splits.folds:
            frame = self.table.features.iloc[training]
            encoder = fit_encoder(frame, self.table.numeric, self.table.categorical)
            X = torch.from_numpy(encoder.transform(self.table.features)).float()
            parts += [[(X[rows], codes[rows]) for rows in (training, validation, self.splits.test)]] * self.repeats
        training_parts, validation_parts, test_parts = zip(*parts, strict=True)
        return stack_rows(training_parts), stack_rows(validation_parts), stack_rows(test_parts)


def default_space() -> dict[str, Any]:
    """Return the ranges that are searched: the rate and the first width by powers, the others evenly."""
    from ..space import Real

    real: Callable[..., Any] = Real
    return {
        "dropout": real(0.0, 0.499),
        "learning_rate": real(1e-4, 0.1, log=True),
        "neuron_pct": real(0.01, 1.0, log=True),
        "neuron_shrink": real(0.01, 1.0),
    }
