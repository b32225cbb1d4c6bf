"""
Scale: log or not
=================

You tune the learning rate of a network. Somewhere between 0.00001 and 1 there is a good one. Every practitioner turns
this knob by factors: 0.001, 0.01, 0.1. The model doesn't know that. **It only sees the numbers that you give it**, and
one word decides whether it can make sense of them.
"""

import matplotlib.pyplot as plt
import numpy as np

from bayestuner import Integer, Real, minimize
from gp import Matern52
from viz import plot_convergence, plot_surrogate
from viz.style import LIGHT, rc

plt.rcParams.update(rc(LIGHT))  # the look of all pictures here

# %%
# A stand-in for the training: a small rate learns too slowly, a large one overshoots. In between lies a valley, and a
# factor of ten is a long way in it.


def error(rate):
    slow, wild = np.exp(-rate / 0.002), 1 / (1 + (0.05 / rate) ** 2)
    return 0.05 + 0.6 * slow + 0.8 * wild


# %%
# Two searches
# ------------
#
# The same function, the same range, 10 evaluations each. The only difference is ``log=True``: the second search works
# with the *logarithm* of the rate. Equal steps are equal factors then.

linear = minimize(error, {"rate": Real(1e-5, 1.0)}, 10, seed=0)
log = minimize(error, {"rate": Real(1e-5, 1.0, log=True)}, 10, seed=0)

figure, axes = plt.subplots(2, figsize=(9, 7), layout="constrained")
for ax, (name, run) in zip(axes, {"linear": linear, "log": log}.items(), strict=True):
    plot_surrogate(run, objective=error, ax=ax)
    ax.set_title(f"{name} axis: best error {run.best_value:.3f} at a rate of {run.best_params['rate']:.4f}")
assert log.best_value < 0.1

# %%
# In the upper picture the whole valley is a crack at the left edge. The search has to find it among numbers that all
# look alike to it: 0.2, 0.5, 0.9. In the lower picture the same valley is wide, and the model sees it from far away.
#
# What went wrong above?
# ----------------------
#
# A kernel has **one length-scale** for the whole axis: how far f stays alike. On the linear axis no single number is
# right. At a rate of 0.001 the error changes within 0.001, at a rate of 0.5 hardly within 0.5. On the log axis one
# number fits all.
#
# The kernel says how alike it takes two rates to be; 1 is "the same". Here is a factor of ten, three times:

kernel = Matern52(lengthscale=0.2)
pairs = ((0.0001, 0.001), (0.001, 0.01), (0.01, 0.1))
for name, axis in {"linear": Real(1e-5, 1.0), "log": Real(1e-5, 1.0, log=True)}.items():
    alike = [kernel(axis.to_unit([a]), axis.to_unit([b]))[0, 0] for a, b in pairs]
    print(f"{name:6}", "  ".join(f"{a} and {b}: {k:.4f}" for (a, b), k in zip(pairs, alike, strict=True)))

# %%
# ``to_unit`` is all that the word ``log`` changes: where a value lies between 0 and 1, which is where the model lives.
#
# .. math::
#    u_{\text{linear}} = \frac{x - a}{b - a}, \qquad
#    u_{\log} = \frac{\log\, x - \log\, a}{\log\, b - \log\, a}
#
# with :math:`a` and :math:`b` the ends of the range. On the linear axis the rates 0.0001 and 0.001 are one and the same
# to the model, and 0.01 is hardly another. So it believes that one evaluation has settled all three.

rates = np.geomspace(1e-5, 1, 6)
figure, axes = plt.subplots(2, figsize=(9, 2.6), layout="constrained", sharex=True)
for ax, (name, axis) in zip(axes, {"linear": Real(1e-5, 1.0), "log": Real(1e-5, 1.0, log=True)}.items(), strict=True):
    ax.plot(axis.to_unit(rates)[:, 0], np.zeros(6), "o", color=LIGHT.obs, clip_on=False)
    ax.set(yticks=[], ylabel=name)
axes[1].set(xlabel="u, what the model sees of 0.00001, 0.0001, 0.001, 0.01, 0.1 and 1")

# %%
# **When to use it.** Ask yourself: from where you are, would you add, or multiply? Rates, penalties, sizes and counts
# that span more than a factor of ten are multiplied. Shares, angles and temperatures are added. It is the most
# rewarding minute of the whole search. (The *values* of f take care of themselves: where they span powers of ten, the
# search sees their logarithm far from the best. Of the parameters it can't know.)

# %%
# Exercise
# --------
#
# Here is a search space as one often sees it. Repair it, run both three times, and compare.

broken = {"rate": (1e-5, 1.0), "units": (4, 1024), "decay": (1e-8, 0.1), "dropout": (0.0, 0.5)}


def training(rate, units, decay, dropout):
    size, penalty = np.log10(units / 60), np.log10(decay / 1e-4)
    return error(rate) + 0.1 * size**2 + 0.01 * penalty**2 + (dropout - 0.2) ** 2


# %%
# Solution
# --------
#
# Three of the four are multiplied. A share like dropout stays as it is. (``Integer`` has ``log``, too.)

repaired = {
    "rate": Real(1e-5, 1.0, log=True),
    "units": Integer(4, 1024, log=True),
    "decay": Real(1e-8, 0.1, log=True),
    "dropout": (0.0, 0.5),
}
runs = {
    name: [minimize(training, space, 18, seed=seed) for seed in range(3)]
    for name, space in {"broken": broken, "repaired": repaired}.items()
}
figure, ax = plt.subplots(figsize=(9, 4), layout="constrained")
plot_convergence(runs, ax=ax)
final = {name: np.median([run.best_value for run in histories]) for name, histories in runs.items()}
print(", ".join(f"{name}: {value:.3f}" for name, value in final.items()))
assert final["repaired"] < 0.75 * final["broken"]

# %%
# Now read
# --------
#
# Now read ``bayestuner/dimensions.py``, 232 lines: how a value becomes a place between 0 and 1, and back.
