"""
Conditioning
============

Before any data, a Gaussian process is a crowd of curves (tutorial 2). Then you measure. What should you believe now?
The answer needs no new idea: **keep the curves that go through the data, forget the rest**.
"""

import matplotlib.pyplot as plt
import numpy as np
from scipy.linalg import solve_triangular

from gp import RBF, GaussianProcess
from viz import animate_samples, plot_surrogate
from viz.style import LIGHT, rc

plt.rcParams.update(rc(LIGHT))

# %%
# The slow way
# ------------
#
# Take that sentence at its word. Draw 100,000 curves. You measured :math:`f(1) = 0.5` and :math:`f(3) = -1`. Throw away
# every curve that misses one of the two by more than 0.2.

grid = np.linspace(0, 5, 101)[:, None]  # a column: 101 values of x
X, y = np.array([[1.0], [3.0]]), np.array([0.5, -1.0])
prior = GaussianProcess(RBF(lengthscale=1.0), noise=0.2**2 / 3)  # variance of an error within 0.2

curves = prior.sample(grid, size=100_000, seed=0)
misses = np.abs(curves[:, [20, 60]] - y)  # grid points 20 and 60 are x = 1 and x = 3
kept = curves[(misses < 0.2).all(axis=1)]
print(f"{len(kept)} of {len(curves)} curves are left")
assert 0.01 < len(kept) / len(curves) < 0.02

# %%
# Look at the ones that are left. At the data they have no choice. Between them they may still swing, and far away they
# do what they like: that is the band, the mean of the curves and two standard deviations to each side.

figure, (before, after, formula) = plt.subplots(1, 3, figsize=(10, 3.4), sharey=True)
crowds = [(before, curves, "all curves"), (after, kept, "curves through the data")]
for ax, crowd, title in crowds:
    mean, std = crowd.mean(axis=0), crowd.std(axis=0)
    ax.fill_between(grid[:, 0], mean - 2 * std, mean + 2 * std, color=LIGHT.band2)
    ax.plot(grid, crowd[:30].T, color=LIGHT.model, linewidth=0.7, alpha=0.6)
    ax.plot(X, y, "o", color=LIGHT.obs, markeredgecolor=LIGHT.bg, markersize=9)
    ax.set(title=title, xlabel="x", xlim=(0, 5))
posterior = prior.condition(X, y)
plot_surrogate(posterior, ax=formula, bounds=(0, 5))
formula.set(title="the formula, without any draws", ylabel="", ylim=(-3, 3))
figure.tight_layout()

# %%
# The fast way
# ------------
#
# Throwing away 99 of 100 curves is wasteful, and with ten measurements none would be left. Bell curves have a gift:
# **what is left of a bell curve is a bell curve**, and its mean and spread have a formula. That is the right panel.
#
# Write :math:`X` for the measured places and :math:`y` for the values there. :math:`K` holds the kernel between all
# pairs of measured places, :math:`\sigma^2` is the variance of the measuring error (the *noise*), :math:`I` has ones on
# its diagonal, and the column :math:`k` is the kernel between the measured places and the :math:`x` that you ask about.
# Then
#
# .. math::
#
#    \text{mean}(x) = k^\top (K + \sigma^2 I)^{-1} y
#    \qquad
#    \text{variance}(x) = k(x, x) - k^\top (K + \sigma^2 I)^{-1} k
#
# Read the mean aloud: a weighted sum of the data, where only those count that are alike to :math:`x`. Read the
# variance: what you did not know before, less what the data tell you. It does not contain :math:`y`! How *sure* you are
# depends on where you looked, not on what you found.

mean, std = posterior.predict(grid)
print(f"largest difference of the means: {np.abs(mean - kept.mean(axis=0)).max():.2f}")
print(f"largest difference of the spreads: {np.abs(std - kept.std(axis=0)).max():.2f}")
assert np.abs(mean - kept.mean(axis=0)).max() < 0.1

# %%
# One point after the other
# -------------------------
#
# Now watch a crowd of curves while data come in, one point at a time. The dotted lines are the band as it was before
# the point. The curves are not drawn anew, the same ones are pulled to the data. Far from the new point nothing moves.


def truth(x):
    return np.sin(1.6 * x) - 0.3 * x


seen = np.array([1.0, 3.0, 4.4, 2.1])
animate_samples(prior, seen, truth(seen), bounds=(0, 5), objective=truth)

# %%
# Exercise
# --------
#
# Write the posterior yourself. Nobody inverts a matrix in earnest: it is slow and loses digits. Use the Cholesky factor
# of tutorial 2, :math:`K + \sigma^2 I = L L^\top`, and two triangular solves. Your mean and your standard deviation
# should match the package to eight digits.

# %%
# Solution
# --------
#
# With :math:`v = L^{-1} k` and :math:`w = L^{-1} y` the mean is :math:`v^\top w`, and the variance is
# :math:`k(x, x) - v^\top v`. For this kernel :math:`k(x, x) = 1`.

kernel, noise = prior.kernel, prior.noise
L = np.linalg.cholesky(kernel(X, X) + noise * np.eye(len(X)))
v = solve_triangular(L, kernel(X, grid), lower=True)
w = solve_triangular(L, y, lower=True)
own_mean, own_std = v.T @ w, np.sqrt(1 - (v**2).sum(axis=0))
difference = np.abs(np.array([own_mean, own_std]) - [mean, std]).max()
print(f"largest difference: {difference:.0e}")
assert difference < 1e-8

# %%
# Now read
# --------
#
# Now read ``gp/regression.py``, 122 lines: ``condition`` takes the Cholesky factor. ``gp/posterior.py`` holds the rest:
# ``predict`` is the lines that you have just written, and the top of the file says what every letter stands for.
