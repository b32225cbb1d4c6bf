"""Differences seed by seed: how large they are, how certain, and whether chance alone makes such ones.

Two methods that met the same splits share their luck; their differences do not have it. n differences d (n,):

    interval      mean(d) ± t(n - 1) · s / √n,  s the standard deviation with n - 1
    sign flips    if neither were better, each d could as well have the other sign: the share of the 2ⁿ
                  patterns of signs that make |mean| at least as large as it is (Fisher 1935)

With 5 seeds the smallest possible p of the second is 2 / 32.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from gp import ParameterError

EXACT = 16  # differences whose patterns of signs are all looked at
DRAWN = 100_000  # patterns drawn where there are more
ROUNDING = 1e-12  # of the mean: the same pattern may sum up to another last digit

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Interval:
    """A mean, and the ends of its 95 % interval; infinite ends where there is but one value."""

    mean: float
    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        """Whether zero is not in it: a difference is shown."""
        return self.low > 0 or self.high < 0


def t_interval(values: Sequence[float] | Floats, *, overlap: float = 0.0, level: float = 0.95) -> Interval:
    """mean ± t · s · √(1/n + overlap).

    Random splits of one table share most of their training rows. `overlap`, test rows per training row, makes the
    interval one for splits of new tables of the kind, not only for further splits of this one (Nadeau & Bengio 2003).
    Raises ParameterError where there is no value.

    >>> t_interval([1.0, 2.0, 3.0]).high.__round__(3)
    4.484
    """
    x = np.asarray(values, dtype=float)
    if not len(x):
        raise ParameterError("an interval needs at least one value")
    mean = float(x.mean())
    if len(x) == 1:
        return Interval(mean, -math.inf, math.inf)
    half = float(stdtrit(len(x) - 1, (1 + level) / 2) * x.std(ddof=1) * math.sqrt(1 / len(x) + overlap))
    return Interval(mean, mean - half, mean + half)


def sign_flip_p(differences: Sequence[float] | Floats) -> float:
    """Two-sided p of the mean being zero by flipping signs; exact up to 16 differences, by 100,000 draws above.

    >>> sign_flip_p([1.0, 2.0, 3.0, 4.0, 5.0])
    0.0625
    """
    d = np.asarray(differences, dtype=float)
    least = abs(d.sum()) - ROUNDING * np.abs(d).sum()
    if len(d) <= EXACT:
        signs = np.array(list(itertools.product((1.0, -1.0), repeat=len(d))))
        return float((np.abs(signs @ d) >= least).mean())
    signs = np.random.default_rng(0).choice((1.0, -1.0), size=(DRAWN, len(d)))
    return float((1 + (np.abs(signs @ d) >= least).sum()) / (1 + DRAWN))
