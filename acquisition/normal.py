"""The standard normal distribution, and the expected improvement of it, without loss far out.

    φ(z), Φ(z)    density and distribution         h(z) = φ(z) + z Φ(z) = E max(z + N(0, 1), 0)

Far below 0 the two terms of h cancel; log h is then taken from the scaled complementary error
function, and beyond -50 from its series (Ament et al. 2023, arXiv 2310.20708, eq. 9, with a
later switch and a series of more terms: errors of the value stay near 1e-15, of the slope below 1e-12).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import erfcx, ndtr

Array = NDArray[np.float64]

LOG_SQRT_2PI = 0.5 * math.log(2 * math.pi)
SQRT_HALF_PI = math.sqrt(0.5 * math.pi)
SQRT_HALF = math.sqrt(0.5)
FAR_BELOW = -50.0


def phi(z: Array) -> Array:
    """Density of the standard normal, exp(-z²/2) / √2π."""
    return np.exp(-0.5 * np.square(z) - LOG_SQRT_2PI)


def Phi(z: Array) -> Array:
    """Distribution of the standard normal."""
    return np.asarray(ndtr(z))


def h(z: Array) -> Array:
    """Expected improvement of a standard normal over -z, φ(z) + z Φ(z): without loss, far below 0 too."""
    return np.where(z > -1, phi(z) + z * Phi(z), np.exp(log_h(np.minimum(z, -1.0))))


def mills(z: Array) -> Array:
    """Φ(z) / φ(z), for z <= 0."""
    return SQRT_HALF_PI * np.asarray(erfcx(-SQRT_HALF * z))


def inverse_mills(z: Array) -> Array:
    """φ(z) / Φ(z), the slope of log Φ, for every z."""
    return np.where(z < 0, 1 / mills(np.minimum(z, 0.0)), phi(z) / Phi(np.maximum(z, 0.0)))


def log_h(z: Array) -> Array:
    """Logarithm of h, finite for every finite z down to -1e150."""
    return log_h_and_slope(z)[0]


def log_h_and_slope(z: Array) -> tuple[Array, Array]:
    """Return log h(z) and g(z) = d log h / dz = Φ/h.

    z > -1:         log(φ + z Φ)                            g = Φ / (φ + z Φ)
    -50 < z <= -1:  log φ + log(1 + z R),  R = Φ/φ          g = R / (1 + z R)
    z <= -50:       log φ - 2 log|z| + log of a series in u = 1/z²,  g = |z| times a ratio of series
    """
    z = np.asarray(z, dtype=float)
    near, far = z > -1, z <= FAR_BELOW
    value, slope = np.empty_like(z), np.empty_like(z)
    for where, formulas in ((near, _near), (~(near | far), _between), (far, _far)):
        if where.any():
            value[where], slope[where] = formulas(z[where])
    return value, slope


def _near(z: Array) -> tuple[Array, Array]:
    improvement = phi(z) + z * Phi(z)
    return np.log(improvement), Phi(z) / improvement


def _between(z: Array) -> tuple[Array, Array]:
    ratio = mills(z)
    remainder = 1 + z * ratio
    return np.log(remainder) - 0.5 * z**2 - LOG_SQRT_2PI, ratio / remainder


def _far(z: Array) -> tuple[Array, Array]:
    u = 1 / z**2
    series = -u * (3 - u * (15 - u * (105 - 945 * u)))
    value = np.log1p(series) - 0.5 * z**2 - LOG_SQRT_2PI - 2 * np.log(-z)
    return value, -z * (1 - u * (1 - u * (3 - u * (15 - 105 * u)))) / (1 + series)
