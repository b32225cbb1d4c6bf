"""
Kernels are opinions
====================

The kernel says how alike the heights of a function are at two points. It is all that a Gaussian process knows about
functions before it sees data. So to choose one is **to state an opinion**: smooth or rough, rising, repeating.
"""

import textwrap
from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np

from gp import RBF, GaussianProcess, Kernel, KernelError, Linear, Matern12, Periodic, check_kernel, distance, positive
from viz.style import LIGHT, rc

plt.rcParams.update(rc(LIGHT))

# %%
# A lemonade stand counts its sales for six weeks. They grow, and they go up and down with the wages, which are paid
# every second week. What will the next three weeks bring?


def sales(week):
    return 0.4 * week + np.sin(np.pi * week)


rng = np.random.default_rng(1)
past, future = np.sort(rng.uniform(0, 6, 18))[:, None], np.linspace(6, 9, 31)[:, None]
x = np.linspace(0, 9, 181)[:, None]  # where we draw
y = sales(past[:, 0]) + 0.1 * rng.standard_normal(len(past))

# %%
# Six opinions. Kernels are added and multiplied like numbers: a **sum** says "this *and* that go on at once", a
# **product** says "alike only if alike in *both* ways". A number in front scales the variance: 0.1 makes gentle slopes.

opinions = {
    "smooth": RBF(lengthscale=0.5),
    "rough": Matern12(lengthscale=1.0),
    "trend": 0.1 * Linear(offset=1.0),
    "period": Periodic(period=2.0),
    "trend + period": 0.1 * Linear(offset=1.0) + Periodic(period=2.0),
    "smooth x period": RBF(lengthscale=3.0) * Periodic(period=2.0),
}

# %%
# One column for each opinion. Top: the kernel matrix over nine weeks; dark means alike. Middle: curves drawn from it,
# before any data. Bottom: the same eighteen sales, seen through this opinion, with a band of two standard deviations.
# The dashed line is what will really happen.

figure, axes = plt.subplots(3, 6, figsize=(12, 6), sharey="row", layout="constrained")
for (matrix, before, after), (name, kernel) in zip(axes.T, opinions.items(), strict=True):
    process = GaussianProcess(kernel, noise=0.1**2)
    matrix.imshow(kernel(x, x), cmap="Blues", extent=(0, 9, 9, 0))
    matrix.set(title=name, xticks=[], yticks=[])
    before.plot(x, process.sample(x, size=4, seed=2).T, color=LIGHT.model, linewidth=0.9)
    mean, std = process.condition(past, y).predict(x)
    after.fill_between(x[:, 0], mean - 2 * std, mean + 2 * std, color=LIGHT.band2)
    after.plot(x, sales(x), "--", color=LIGHT.truth)
    after.plot(x, mean, color=LIGHT.model)
    after.plot(past, y, "o", color=LIGHT.obs, markeredgecolor=LIGHT.bg)
    after.set(xlabel="week", ylim=(-3, 7))
plt.setp(axes[1:], xticks=[0, 3, 6, 9])
for ax, label in zip(axes[:, 0], ["kernel matrix", "before data", "after data"], strict=True):
    ax.set_ylabel(label)

# %%
# Smooth, rough and the two mixtures agree where there are data. They part where there are none: there, only the opinion
# speaks. *Smooth* forgets everything soon after the last point and goes back to 0 ± 2, for it never believed in growth.
# *Trend* and *period* contradict the data, and their narrow bands do not know it. **A band is honest only if the
# opinion is.** So ask two things of a model: how far off is it, and was the truth inside its band?

for name, kernel in opinions.items():
    mean, std = GaussianProcess(kernel, noise=0.1**2).condition(past, y).predict(future)
    off = np.abs(mean - sales(future[:, 0]))
    inside = np.mean(off < 2 * std)
    print(f"{name:16} off by {off.mean():.2f} on average, truth in the band {inside:4.0%}")
    assert (off.mean() < 0.2) == (name == "trend + period")

# %%
# You seldom know as much about the error of a neural network as you do about lemonade. So a search of this package
# tries two opinions that promise little: *smooth*, and a *Matérn 5/2*, which lies between smooth and rough. It keeps
# the one that makes the data more probable, and how it knows that is the next tutorial. If you do know more, say so:
# ``minimize(..., kernel=...)``.
#
# What may be a kernel?
# ---------------------
#
# Not every formula. A matrix of covariances must allow *some* crowd of curves. Say, "alike within distance 1, strangers
# beyond": then A is like B, B is like C, but A has nothing to do with C. No curves can do that, and the check says so:


@dataclass(frozen=True)
class Box(Kernel):
    width: float = positive(1.0)

    def __call__(self, x1, x2):
        return (distance(x1, x2) < self.width).astype(float)


try:
    check_kernel(Box(), x)
except KernelError as error:
    print(textwrap.fill(str(error), 90))

# %%
# Exercise
# --------
#
# Write the kernel *tent*: 1 at distance 0, falling in a straight line to 0 at distance ``width``. Six lines. Does it
# pass ``check_kernel`` on our ``x``? And with two inputs, at a hundred random points of a square?

# %%
# Solution
# --------
#
# With one input it passes. With two it does not: what is possible along a line need not be possible in a plane. You
# would hardly have found that by thinking, so let the check think. Its message names a width that you never gave: a
# fit moves the width, so the check also looks where a fit may go.


@dataclass(frozen=True)
class Tent(Kernel):
    width: float = positive(1.0)

    def __call__(self, x1, x2):
        return np.maximum(0, 1 - distance(x1, x2) / self.width)


check_kernel(Tent(), x)
refusal = ""
try:
    check_kernel(Tent(), rng.uniform(size=(100, 2)))
except KernelError as error:
    refusal = str(error)
print(textwrap.fill(refusal, 90))
assert "'width': 0.49" in refusal

# %%
# Now read
# --------
#
# Now read ``gp/structured.py``, 195 lines: ``Linear`` and ``Periodic``, each with its formula and its derivatives. The
# sums and products are in ``gp/algebra.py``.
