"""All that can be tuned about a network, and the one way in which networks are trained from it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from .network import BASE_NEURONS, build_network, hidden_widths
from .training import History, Rows, TrainingError, choose_device, repeatable, train


@dataclass(frozen=True)
class Recipe:
    """What a network looks like (its shape, dropout and activation) and how Adam trains it.

    >>> Recipe(neuron_pct=0.1, neuron_shrink=0.5).widths
    (51, 25, 12, 6, 3)
    """

    dropout: float = 0.2
    learning_rate: float = 0.001
    neuron_pct: float = 0.2
    neuron_shrink: float = 0.2
    activation: str = "prelu"
    batch_size: int = 32
    weight_decay: float = 0.0
    base_neurons: int = BASE_NEURONS
    epochs: int = 100
    patience: int = 10

    @property
    def widths(self) -> tuple[int, ...]:
        """The widths of the hidden layers."""
        return hidden_widths(self.neuron_pct, self.neuron_shrink, self.base_neurons)

    def architecture(self, n_inputs: int, n_classes: int, members: int = 1) -> dict[str, Any]:
        """Return the arguments of `build_network`."""
        sizes = {"n_inputs": n_inputs, "n_classes": n_classes, "widths": self.widths, "members": members}
        return {**sizes, "dropout": self.dropout, "activation": self.activation}

    def train(
        self,
        rows: Rows,
        n_classes: int,
        *,
        validation: Rows | None = None,
        averaged: int = 1,
        seed: int = 0,
        device: str = "auto",
        report: Callable[[Sequence[float], int], None] | None = None,
    ) -> tuple[nn.Sequential, History]:
        """Return networks trained side by side, one a member of the rows, and what happened; see `training.train`.

        The same seed gives the same weights. Raises `ParameterError` for settings that describe no network and
        `TrainingError` where the training fails.
        """
        place = choose_device(device)
        members, _, n_inputs = rows.X.shape
        try:
            with repeatable(seed, place):
                network = build_network(**self.architecture(n_inputs, n_classes, members)).to(place)
                history = train(
                    network,
                    rows.to(place),
                    validation=None if validation is None else validation.to(place),
                    learning_rate=self.learning_rate,
                    epochs=self.epochs,
                    batch_size=self.batch_size,
                    weight_decay=self.weight_decay,
                    patience=self.patience,
                    averaged=averaged,
                    report=report,
                )
        except torch.cuda.OutOfMemoryError:
            torch.cuda.empty_cache()
            raise TrainingError("the device is out of memory: a smaller neuron_pct needs less") from None
        return network.cpu().eval(), history
