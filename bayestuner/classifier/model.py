"""The model that is kept: several networks with the best parameters, whose probabilities are averaged."""

import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..errors import CorruptStateError
from .network import build_network
from .objective import Objective
from .preprocessing import Encoder, fit_encoder
from .training import stack_rows

FORMAT = "bayestuner-classifier-1"


@dataclass(frozen=True, eq=False)
class CustomerModel:
    """Trained networks side by side, the encoder before them, the target's name, and the parameters of it all."""

    encoder: Encoder
    classes: tuple[str, ...]
    target: str
    params: dict[str, Any]
    architecture: dict[str, Any]
    weights: dict[str, Tensor]

    def predict_proba(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the probability of each class, one row per row of the frame and one column per class.

        Raises `DataError` for a missing column and for a cell that should be a number and is none.
        """
        network = build_network(**self.architecture)
        network.load_state_dict(self.weights)
        X = torch.from_numpy(self.encoder.transform(frame)).float()
        with torch.no_grad():
            members = network.eval()(X.expand(self.architecture["members"], -1, -1)).double().softmax(2)
        return pd.DataFrame(members.mean(0).numpy(), index=frame.index, columns=list(self.classes))

    def predict(self, frame: pd.DataFrame) -> NDArray[np.object_]:
        """Return the most probable class of each row, shape (n,)."""
        return np.array(self.classes, dtype=object)[self.predict_proba(frame).to_numpy().argmax(1)]

    def save(self, path: str | Path) -> None:
        """Write the model to a file of tensors and plain data, all of it or nothing."""
        state = {
            "format": FORMAT,
            "encoder": asdict(self.encoder),
            "classes": self.classes,
            "target": self.target,
            "params": self.params,
            "architecture": self.architecture,
            "weights": self.weights,
        }
        final = Path(path)
        descriptor, name = tempfile.mkstemp(dir=final.parent, prefix=f".{final.name}.")
        try:
            with os.fdopen(descriptor, "wb") as file:
                torch.save(state, file)
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, final)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def load(path: str | Path) -> CustomerModel:
    """Return the model that `CustomerModel.save` wrote; nothing in the file is executed.

    Raises `CorruptStateError` naming the file when it is damaged or something else.
    """
    with open(path, "rb") as file:
        try:
            state = torch.load(file, map_location="cpu", weights_only=True)
            if state.pop("format") != FORMAT:
                raise ValueError("unknown format")
            model = CustomerModel(**{**state, "encoder": Encoder(**state["encoder"])})
            build_network(**model.architecture).load_state_dict(model.weights)
        except Exception as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise CorruptStateError(
                f"{path} is not a readable model ({reason[:80]}): it may be cut short or something else; train it again"
            ) from None
    return model


def fit(
    objective: Objective, params: Mapping[str, Any], epochs: int, *, members: int = 8, seed: int = 0, target: str = ""
) -> CustomerModel:
    """Return the model of these parameters trained for `epochs` on all rows that are not test rows.

    `epochs` is the one that `Objective.evaluate` kept: validation rows have chosen it and may now train. The members
    differ in their first weights and in the order of the rows.
    """
    table, rows = objective.table, objective.splits.train
    encoder = fit_encoder(table.features.iloc[rows], table.numeric, table.categorical)
    X = torch.from_numpy(encoder.transform(table.features.iloc[rows])).float()
    training = stack_rows([(X, torch.from_numpy(table.codes[rows]))] * members)
    recipe = replace(objective.recipe(params, X.shape[1]), epochs=epochs)
    network, _ = recipe.train(training, len(table.classes), seed=seed, device=objective.device)
    weights = {name: value.detach() for name, value in network.state_dict().items()}
    architecture = recipe.architecture(X.shape[1], len(table.classes), members)
    return CustomerModel(encoder, table.classes, target, dict(params), architecture, weights)
