"""Numbers in words: as many digits as can be seen, minus signs as in print, and short axes for tiny or huge values."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from bayestuner.explain import decimals as decimals
from bayestuner.explain import number as number
from bayestuner.explain import percent as percent
from bayestuner.explain import significant as significant

MINUS = "\N{MINUS SIGN}"
LONGEST = 5  # characters of a tick
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def fixed(value: float, places: int) -> str:
    """A number with so many decimals, never "−0".

    >>> fixed(-1.194, 2), fixed(-0.001, 2)
    ('−1.19', '0.00')
    """
    text = f"{value:.{places}f}"
    return text.lstrip("-") if float(text) == 0 else text.replace("-", MINUS)


@dataclass(frozen=True)
class Numbers:
    """Values of one quantity in words: as many decimals as make 1/200 of its range visible.

    Where six decimals are too few, or more than seven digits stand before the point, all share a power of ten.

    >>> shown = Numbers.of(-2.0, 3.0)
    >>> shown(0.1321), shown.spread(0.1321, 1.0)
    ('0.13', '0.13 ± 1.00')
    >>> Numbers.of(0.0, 1e-6).spread(2.5e-7, 1e-8)
    '0.250e−6 ± 0.010e−6'
    """

    span: float
    largest: float

    @staticmethod
    def of(low: float, high: float) -> Numbers:
        """For values between low and high."""
        return Numbers(high - low, max(abs(low), abs(high)))

    def __call__(self, value: float) -> str:
        """The value alone."""
        if not math.isfinite(value):
            return str(value).replace("-", MINUS)
        exponent = self._exponent
        places = decimals((self.span or self.largest) / 10.0**exponent)
        shown = fixed(value / 10.0**exponent, places)
        return f"{shown}e{exponent}".replace("-", MINUS) if exponent else shown

    def spread(self, value: float, std: float) -> str:
        """Value ± standard deviation, both to the same decimals."""
        return f"{self(value)} ± {self(std)}"

    @property
    def _exponent(self) -> int:
        span = self.span or self.largest
        too_small = 0 < span / 200 < 1e-6
        if not too_small and self.largest < 1e7:
            return 0
        return math.floor(math.log10(self.largest) + 1e-9) if self.largest > 0 else 0


@dataclass(frozen=True)
class AxisUnits:
    """Short labels for an axis: (value - offset) / 10^exponent, which its title then says.

    >>> units = AxisUnits.of(2.0e6, 9.0e6)
    >>> units.title("f(x)"), units.label(4e6, 1e6)
    ('f(x) in 10⁶', '4')
    """

    offset: float = 0.0
    exponent: int = 0

    @staticmethod
    def of(low: float, high: float) -> AxisUnits:
        """For an axis from low to high: a power of ten for tiny or huge values, an offset where all look alike."""
        plain = AxisUnits(0.0, _exponent(max(abs(low), abs(high))))
        span = high - low
        if span <= 0 or max(len(plain.label(value, span / 5)) for value in (low, high)) <= LONGEST:
            return plain
        step = 10.0 ** math.ceil(math.log10(span))
        offset = step * math.floor((low + high) / 2 / step + 0.5)
        return AxisUnits(offset, _exponent(max(abs(low - offset), abs(high - offset))))

    def label(self, value: float, step: float) -> str:
        """The tick at a value, with the decimals that ticks so far apart need."""
        unit = 10.0**self.exponent
        places = min(max(-math.floor(math.log10(step / unit) + 1e-9), 0), 6) if step > 0 else 0
        return fixed((value - self.offset) / unit, places)

    def title(self, name: str) -> str:
        """The axis' title: its name, and what its labels leave out."""
        if self.offset:
            sign = MINUS if self.offset > 0 else "+"
            name = f"{name} {sign} {significant(abs(self.offset), 7)}"
        return f"{name} in 10{str(self.exponent).translate(_RAISED)}" if self.exponent else name


def _exponent(largest: float) -> int:
    """A multiple of 3 for values that would need many digits."""
    return 0 if largest == 0 or 0.01 <= largest < 10000 else 3 * math.floor(math.log10(largest) / 3)


def elided(text: Any, length: int) -> str:
    """Text on one line and of at most so many characters, the rest as one "…".

    >>> elided("number_of_hidden_units", 10)
    'number_of…'
    """
    text = " ".join(str(text).split())
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def plural(count: int, noun: str) -> str:
    """A count and its noun.

    >>> plural(1, "evaluation"), plural(2, "evaluation")
    ('1 evaluation', '2 evaluations')
    """
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def shown_range(values: Any) -> Numbers:
    """How values of this range are put into words."""
    array = np.asarray(values, dtype=float)
    return Numbers.of(float(array.min()), float(array.max()))
