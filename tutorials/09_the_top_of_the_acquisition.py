"""
The top of the acquisition
==========================

The loop of tutorial 8 hides a second search. "Choose the best score" is an optimization problem of its own: it is asked
at every step, and it is not an easy one. The score has many hills. And between the hills it may be so flat that nobody
standing there can tell which way is up.
"""

import matplotlib.pyplot as plt
import numpy as np
from scipy.optimize import minimize

from acquisition import ExpectedImprovement, LogExpectedImprovement, maximize
from bayestuner import Space
from bayestuner.benchmarks import branin
from gp import GaussianProcess, Matern52
from viz.style import LIGHT, rc

plt.rcParams.update(rc(LIGHT))  # the look of all pictures here

# %%
# A model that has seen n points
# ------------------------------
#
# The Branin function has two parameters and three equally low valleys. Inside the package every parameter runs from 0
# to 1: ``encode`` takes the points there. As in tutorial 8 the values are standardised, and larger is better.

space = Space(branin.space)
points = space.sample(40, seed=0)
U = space.encode(points)
y = np.array([branin(**point) for point in points])


def model(n):
    z = -(y[:n] - y[:n].mean()) / y[:n].std()
    posterior = GaussianProcess(1.0 * Matern52(lengthscale=0.4), noise=1e-6).condition(U[:n], z)
    return posterior, z.max()


# %%
# Climbing
# --------
#
# The score is cheap, smooth, and we know its slope. So we climb: from a starting point step after step uphill, with the
# well-known method L-BFGS-B. SciPy only goes down, hence the minus signs. We keep every step, to draw the path.


def climb(acquisition, posterior, best, start):
    def down(x):  # value and slope
        return -acquisition(posterior, x[None], best)[0], -acquisition.gradient(posterior, x, best)

    path = [start]
    minimize(down, start, jac=True, bounds=[(0, 1), (0, 1)], callback=lambda x: path.append(x.copy()))
    return np.array(path)


# %%
# Now 20 climbers set off at random places: after 10, 20 and 40 evaluations; once on EI, and once on its logarithm. The
# logarithm has its top at the same place, because a larger number has a larger logarithm. So what could it change?

starts = np.random.default_rng(1).random((20, 2))
ROWS = {"EI": ExpectedImprovement(), "log EI": LogExpectedImprovement()}
paths = {(name, n): [climb(ROWS[name], *model(n), x) for x in starts] for name in ROWS for n in (10, 20, 40)}
stuck = {key: sum(np.ptp(path, axis=0).max() < 0.01 for path in climbed) for key, climbed in paths.items()}
assert stuck["EI", 40] > 10 > 5 > stuck["log EI", 40]

# %%
# Draw the maps: white is a low score, dark green a high one, and the star is the top.

side = np.linspace(0, 1, 81)
box = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)


def draw_map(ax, name, n):
    score = ROWS[name](model(n)[0], box, model(n)[1])
    shares = np.linspace(0, 1, 15)
    levels = np.quantile(score, shares) if name == "log EI" else score.max() * shares**2
    ax.contourf(side, side, score.reshape(81, 81), levels, colors=LIGHT.ramp("acquisition"))
    ax.plot(*box[score.argmax()], "*", color=LIGHT.best, markeredgecolor=LIGHT.ink, markersize=15, zorder=5)
    ax.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.03), xticks=[0, 1], yticks=[0, 1])


# %%
# And the paths: each from a black dot to a ring. An orange cross is a climber who hardly left the start.

figure, axes = plt.subplots(2, 3, figsize=(9, 6.4), sharex=True, sharey=True, layout="constrained")
for (name, n), ax in zip(paths, axes.flat, strict=True):
    draw_map(ax, name, n)
    for path in paths[name, n]:
        ax.plot(*path.T, color=LIGHT.ink, linewidth=0.8, alpha=0.7)
        ax.plot(*path[-1], "o", color=LIGHT.bg, markeredgecolor=LIGHT.ink, markersize=5)
        if np.ptp(path, axis=0).max() >= 0.01:
            ax.plot(*path[0], "o", color=LIGHT.ink, markersize=4)
        else:
            ax.plot(*path[0], "X", color=LIGHT.new, markersize=8)
    ax.set_title(f"{name}, n = {n}: {stuck[name, n]} of 20 stuck")

# %%
# The upper row goes white. With every evaluation the model gets surer of itself, and over most of the box it says: no
# gain here. The slope is too small to notice, and in places EI is too small for any number of the computer, so it is 0.

posterior, best = model(40)
gain, log_gain = (acquisition(posterior, box, best) for acquisition in ROWS.values())
print(f"EI is exactly 0 on {np.mean(gain == 0):.0%} of the box; log EI goes down to {log_gain.min():.0f}")
assert np.mean(gain == 0) > 0.1
assert np.isfinite(log_gain).all()

# %%
# The lower row still has its slopes: below :math:`e^{-745}` a computer has no numbers, but :math:`-745` is a fine one.
# ``LogExpectedImprovement`` never computes EI first and then its logarithm. That is why it is the optimizer's default.
#
# Slopes are one half of the cure. The other is *many starts*, for log EI has many hills, too. ``maximize`` looks at
# some 500 points first, and climbs from the ten best of them, all at once.

x, value = maximize(ROWS["log EI"], posterior, best, [(0, 1), (0, 1)], seed=0)
print(f"maximize finds log EI = {value:.3f}; the best of all pixels has {log_gain.max():.3f}")
assert value >= log_gain.max()

# %%
# Exercise
# --------
#
# One climber on log EI against many: how often does a single one reach the highest top after 40 evaluations? Show those
# who end on a lower hill.

# %%
# Solution
# --------
#
# Each end has a height: compare it with the highest. On the map, those who arrived are gold, the others orange.

ends = np.array([path[-1] for path in paths["log EI", 40]])
there = ROWS["log EI"](posterior, ends, best) > value - 0.01
share = there.mean()
print(f"one climber arrives with a chance of {share:.0%}, the best of ten with {1 - (1 - share) ** 10:.0%}")
assert 0 < share < 0.7

figure, ax = plt.subplots(figsize=(4.6, 4.6), layout="constrained")
draw_map(ax, "log EI", 40)
for path, arrived in zip(paths["log EI", 40], there, strict=True):
    ax.plot(*path[[0, -1]].T, color=LIGHT.ink, linewidth=0.8)
    ax.plot(*path[-1], "o", color=LIGHT.best if arrived else LIGHT.new, markersize=8, markeredgecolor=LIGHT.bg)
ax.set_title(f"log EI, n = 40: {there.sum()} of 20 reach the top")

# %%
# Now read
# --------
#
# Now read ``acquisition/search.py``, 135 lines: where to start, and what to do when everything is flat.
