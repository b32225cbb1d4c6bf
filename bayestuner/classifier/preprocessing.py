"""From columns to inputs of a network: missing values filled, numbers standardised, texts one-hot.

scikit-learn fits the steps, on training rows only; `Encoder` keeps what was learned as plain numbers and texts, so
that a stored model needs no pickle.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from gp.errors import DataError

from .columns import numbers, texts

RARE = 0.015  # levels with a smaller share of the training rows have one input in common
MISSING_TEXT = "(missing)"


def preprocessor(numeric: Sequence[str], categorical: Sequence[str]) -> ColumnTransformer:
    """Return the unfitted steps.

    Numbers: the median and a flag where missing, then mean 0 and variance 1. Texts: one-hot, rare levels together.
    """
    numeric_steps = Pipeline(
        [
            ("impute", SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)),
            ("scale", StandardScaler()),
        ]
    )
    text_steps = Pipeline(
        [
            ("impute", SimpleImputer(strategy="constant", fill_value=MISSING_TEXT)),
            ("onehot", OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=RARE, sparse_output=False)),
        ]
    )
    return ColumnTransformer([("numeric", numeric_steps, list(numeric)), ("text", text_steps, list(categorical))])


@dataclass(frozen=True)
class Encoder:
    """A fitted preprocessor as plain data; `flagged` are the numeric columns with a flag where missing.

    `levels` are the texts with an input of their own, by column; where `pooled`, all others share one more input.
    """

    numeric: tuple[str, ...]
    medians: tuple[float, ...]
    flagged: tuple[int, ...]
    means: tuple[float, ...]
    scales: tuple[float, ...]
    categorical: tuple[str, ...]
    levels: tuple[tuple[str, ...], ...]
    pooled: tuple[bool, ...]

    def transform(self, frame: pd.DataFrame, source: str = "the frame") -> NDArray[np.float64]:
        """Return the inputs, shape (n, d); other columns are ignored, unknown texts count as rare ones.

        Raises `DataError` for a missing column, and for a cell that should be a number and is none.
        """
        if absent := [name for name in (*self.numeric, *self.categorical) if name not in frame.columns]:
            raise DataError(f"{source} lacks the column(s) {', '.join(absent)} that the model was trained with")
        return np.hstack([self._numbers(frame, source), *self._one_hots(frame)])

    def _numbers(self, frame: pd.DataFrame, source: str) -> NDArray[np.float64]:
        columns = [numbers(frame[name], source).to_numpy(dtype=float) for name in self.numeric]
        X = np.stack(columns, axis=1) if columns else np.empty((len(frame), 0))
        missing = np.isnan(X)
        filled = np.hstack([np.where(missing, self.medians, X), missing[:, list(self.flagged)]])
        return (filled - self.means) / self.scales

    def _one_hots(self, frame: pd.DataFrame) -> list[NDArray[np.float64]]:
        blocks = []
        for name, levels, pooled in zip(self.categorical, self.levels, self.pooled, strict=True):
            values = texts(frame[name]).fillna(MISSING_TEXT).to_numpy(dtype=object)
            known = values[:, None] == np.array(levels, dtype=object)
            other = ~known.any(axis=1, keepdims=True)
            blocks.append(np.hstack([known, other] if pooled else [known]).astype(float))
        return blocks


def fit_encoder(frame: pd.DataFrame, numeric: Sequence[str], categorical: Sequence[str]) -> Encoder:
    """Return the encoder that these (training) rows teach.

    >>> encoder = fit_encoder(pd.DataFrame({"x": [1.0, 2.0, None, 3.0]}), ["x"], [])
    >>> encoder.medians, encoder.transform(pd.DataFrame({"x": [2.0]})).round(2).tolist()
    ((2.0,), [[0.0, -0.58]])
    """
    steps = preprocessor(numeric, categorical).fit(frame)
    medians: list[float] = []
    flagged: list[int] = []
    means: list[float] = []
    scales: list[float] = []
    levels: list[tuple[str, ...]] = []
    pooled: list[bool] = []
    if numeric:
        impute, scale = (step for _, step in steps.named_transformers_["numeric"].steps)
        medians, means, scales = impute.statistics_.tolist(), scale.mean_.tolist(), scale.scale_.tolist()
        flagged = impute.indicator_.features_.tolist()
    if categorical:
        onehot = steps.named_transformers_["text"]["onehot"]
        for known, rare in zip(onehot.categories_, onehot.infrequent_categories_, strict=True):
            levels.append(tuple(str(level) for level in known if rare is None or level not in rare))
            pooled.append(rare is not None)
    return Encoder(
        tuple(numeric), tuple(medians), tuple(flagged), tuple(means), tuple(scales),
        tuple(categorical), tuple(levels), tuple(pooled),
    )  # fmt: skip
