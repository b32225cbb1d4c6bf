"""
The loop
========

You have all the parts: a model that says what it believes (tutorials 2 to 6) and a score that says where to look (7).
Bayesian optimization is these two in a circle:

**fit** the model → **score** every x → **choose** the best score → **evaluate** there → **update**, and again.
"""

from math import sin

import matplotlib.pyplot as plt
import numpy as np

from acquisition import ExpectedImprovement, UpperConfidenceBound, maximize
from bayestuner import Optimizer
from gp import GaussianProcess, Matern52
from viz import animate, animate_exploration, plot_surrogate
from viz.style import LIGHT, rc

plt.rcParams.update(rc(LIGHT))  # the look of all pictures here


def f(x):  # the Forrester function, as in many books; its lowest point is f(0.757) = -6.0207
    return (6 * x - 2) ** 2 * sin(12 * x - 4)


# %%
# Ten lines
# ---------
#
# Here is the whole method, nothing left out. Two small things need a word. Scores are always maximised and we minimise
# f, so the model learns -f. And the model likes values around 0 with spread 1, so they are *standardised*: subtract the
# average, divide by the standard deviation.

X = np.array([[0.2], [0.6], [0.9]])
y = np.array([f(x) for [x] in X])

for step in range(8):
    z = -(y - y.mean()) / y.std()  # standardised, and larger is better
    posterior = GaussianProcess(1.0 * Matern52(lengthscale=0.2), noise=1e-6).fit(X, z, learn_noise=False, seed=step)
    x, score = maximize(ExpectedImprovement(), posterior, z.max(), [(0.0, 1.0)], seed=step)
    X, y = np.vstack([X, x]), np.append(y, f(x[0]))
    print(f"step {step}: EI {score:.1e} at x = {x[0]:.3f}, f(x) = {y[-1]:+.4f}")

print(f"the best of {len(y)}: f({X[y.argmin(), 0]:.3f}) = {y.min():.4f}")
assert y.min() < -6.0

# %%
# Read the loop's body again: fit, score and choose (both in ``maximize``), evaluate, update. The package's
# :class:`~bayestuner.Optimizer` is this loop, with care for all that can go wrong: learned noise, a prior for the
# length-scale, points that were tried already. You **ask** for a point, and **tell** its value.

optimizer = Optimizer({"x": (0.0, 1.0)}, acquisition=ExpectedImprovement(), n_initial=3, seed=0)
for x in (0.2, 0.6, 0.9):  # the same three points to start with
    optimizer.tell({"x": x}, f(x))

for _ in range(9):
    params = optimizer.ask()
    optimizer.tell(params, f(**params))

print(optimizer.explain())
print(f"the best: f({optimizer.best.params['x']:.3f}) = {optimizer.best.value:.4f}")
assert optimizer.best.value < -5.9

# %%
# (To beat is the model's mean at the best point, not the value told, which may be luck.) The model is the ``kernel``
# of a step. At first it is ``SeparableMatern52``: the Matérn 5/2 of tutorial 4, one along each parameter, all
# multiplied; with one parameter it is the same. Where the evidence is for a smoother function, ``RBF`` takes its
# place, as here in the end. Next to both is a large constant, so that the level of the function is left to the data.

kernels = [str(step.kernel) for step in optimizer.history.steps]
print(f"first: {kernels[0]}\nlast: {kernels[-1]}")
assert "SeparableMatern52" in kernels[0]
assert "RBF" in kernels[-1]

# %%
# Watch it think
# --------------
#
# Every ask was recorded, so nothing has to be run again. Press play, or go from phase to phase with the arrow keys. The
# orange point is always the newest. Dotted lines show what the model believed a moment before.

animate(optimizer.history, objective=f)

# %%
# Look for two things. The band closes around each new point, and EI collapses there: it never asks quite the same
# question twice. And the choices change their character: first *exploring*, where the band is wide, then *exploiting*,
# beside the best.

# %%
# Exercise
# --------
#
# How much exploring is right? The confidence bound has a knob for it: :math:`\kappa`, the number of standard deviations
# of optimism. With :math:`\kappa = 0` the search is **greedy**: it goes where the mean is best, and believes what it
# sees. We minimise, so optimism looks down: the picture says LCB, the *lower* confidence bound, mean - κσ.
#
# 1. Freeze one model and turn κ from small to large. Does the choice move, or does it jump?
# 2. Build a trap: a function and three starting points for which a greedy search never finds the lowest point.

# %%
# Solution
# --------
#
# 1. It jumps. Between two hills of the score there is no way but a leap. (EI and PI have a knob, too: ξ, a gain that is
#    too small to count. Write ``parameter="xi"``.)

animate_exploration(optimizer.history, step=2, parameter="kappa", objective=f)

# %%
# 2. Two valleys, and a start that shows only the wide, shallow one. The greedy search walks down into it and stays: all
#    values nearby are good, and it never wonders what is on the left.


def trap(x):
    return -np.exp(-(((x - 0.75) / 0.2) ** 2)) - 2 * np.exp(-(((x - 0.15) / 0.12) ** 2))


def search(kappa):
    optimizer = Optimizer({"x": (0.0, 1.0)}, acquisition=UpperConfidenceBound(kappa), n_initial=3, seed=0)
    for x in (0.5, 0.7, 0.9):
        optimizer.tell({"x": x}, trap(x))
    return optimizer.run(trap, 7)


# %%
# Condition a model on what each search has seen, and look at it:

figure, axes = plt.subplots(2, figsize=(9, 6), sharex=True, layout="constrained")
for kappa, ax in zip((0.0, 3.0), axes, strict=True):
    history = search(kappa)
    x, y = np.array([[trial.params["x"], trial.value] for trial in history.trials]).T
    prior = GaussianProcess(0.3 * Matern52(lengthscale=0.2), noise=1e-6, mean=y.mean())
    plot_surrogate(prior.condition(x[:, None], y), bounds=(0, 1), objective=trap, ax=ax)
    ax.set_title(f"κ = {kappa:.0f}: the best of 10 lies at x = {history.best_params['x']:.2f}")
    assert (history.best_value < -1.5) == (kappa > 0)

# %%
# Greed fails quietly. In the upper picture the model knows that it doesn't know: the band on the left is wide open. The
# greedy search never looks at the band.

# %%
# Now read
# --------
#
# Now read ``bayestuner/suggest.py``, 208 lines: the body of the loop is ``_suggest``.
