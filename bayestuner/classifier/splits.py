"""Which rows train, which validate and which test: drawn once, the same for every trial."""

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold, train_test_split

from gp.errors import DataError, ParameterError

Indices = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Splits:
    """Row numbers: those no decision sees (test), all others (train), and these in (training, validation) folds."""

    train: Indices
    test: Indices
    folds: tuple[tuple[Indices, Indices], ...]


def split(codes: Indices, *, test_share: float = 0.2, folds: int = 5, seed: int = 0) -> Splits:
    """Return splits in which every part has the classes in nearly the same shares.

    A class with fewer rows than folds is missing from some validation parts, never from a training part.

    >>> parts = split(np.repeat([0, 1], 10), folds=4)
    >>> len(parts.train), len(parts.test), len(parts.folds), len(parts.folds[0][1])
    (16, 4, 4, 4)

    Raises `ParameterError` for impossible settings and `DataError` for too few rows.
    """
    if not 0 < test_share < 1:
        raise ParameterError(f"test_share = {test_share!r} must lie between 0 and 1: 0.2 keeps a fifth to test")
    if folds < 2:
        raise ParameterError(f"folds = {folds!r} must be at least 2: one to validate with, the others to train on")
    n, classes = len(codes), len(np.unique(codes))
    if n * test_share < classes or n * (1 - test_share) < max(classes, folds):
        raise DataError(f"{n} rows are too few for {classes} classes, {folds} folds and a test share of {test_share}")
    train, test = train_test_split(np.arange(n), test_size=test_share, stratify=codes, random_state=seed)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The least populated class")
        parts = list(StratifiedKFold(folds, shuffle=True, random_state=seed).split(train, codes[train]))
    return Splits(train, test, tuple((train[kept], train[held_out]) for kept, held_out in parts))
