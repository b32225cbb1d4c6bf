"""Numbers in words: as many digits as can be seen, minus signs as in print, and short axes for tiny or huge values."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

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

    Where six decimals are too few, or six digits before the point are reached, three significant digits.

    >>> shown = Numbers.of(-2.0, 3.0)
    >>> shown(0.1321), shown.spread(0.1321, 1.0)
    ('0.13', '0.13 ± 1.00')
    >>> Numbers.of(0.0, 1e-6)(2.5e-7)
    '2.5e−7'
    """

    span: float
    largest: float

    @staticmethod
    def of(low: float, high: float) -> Numbers:
        """For values between low and high."""
        return Numbers(high - low, max(abs(low), abs(high)))

    @property
    def _places(self) -> int | None:
        places = decimals(self.span) if self.span > 0 else decimals(self.largest)
        too_small = 0 < self.span / 200 < 1e-6
        return None if too_small or self.largest >= 1e6 else places

    def __call__(self, value: float) -> str:
        """The value alone."""
        return self._shown(value)

    def spread(self, value: float, std: float) -> str:
        """Value ± standard deviation, both to the same decimals."""
        return f"{self._shown(value)} ± {self._shown(std)}"

    def _shown(self, value: float) -> str:
        places = self._places
        if places is None or abs(value) >= 1e7:
            return significant(value, self._digits(value))
        return fixed(value, places)

    def _digits(self, value: float) -> int:
        """Digits that show 1/200 of the range in this value, 3 to 7."""
        if self.span <= 0 or value == 0:
            return 3
        return min(max(math.ceil(math.log10(abs(value) / (self.span / 200))) if abs(value) > self.span else 3, 3), 7)


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
    """Text of at most so many characters, the rest as one "…".

    >>> elided("number_of_hidden_units", 10)
    'number_of…'
    """
    text = str(text)
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def plural(count: int, noun: str) -> str:
    """A count and its noun.

    >>> plural(1, "evaluation"), plural(2, "evaluation")
    ('1 evaluation', '2 evaluations')
    """
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
