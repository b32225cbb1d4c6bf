"""
Your own parts
==============

Two ice-cream carts on a beach of 10 km: where should they stand? You know things about this problem that no general
method can know. The carts are alike, so swapping them changes nothing. And a day far away from the depot costs more.

Whatever you know, you can build in: knowledge about the *function* goes into a **kernel**, knowledge about the
*evaluations* into an **acquisition**. Each is a class with one formula, and a check tells you what is wrong with it.
"""

from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np

from acquisition import Acquisition, AcquisitionError, LogExpectedImprovement, check_acquisition
from bayestuner import Integer, Space, maximize, minimize
from gp import Kernel, KernelError, Matern52, check_kernel, positive, squared_distance
from viz.style import LIGHT, rc

plt.rcParams.update(rc(LIGHT))  # the look of all pictures here

# %%
# The beach: three crowds. A cart serves who is near. What a day costs depends on the cart that has to go farther.

km = np.linspace(0, 10, 201)
people = 40 * np.exp(-(((km - 1.8) / 0.7) ** 2)) + 30 * np.exp(-(((km - 5.4) / 0.8) ** 2))
people += 20 * np.exp(-(((km - 8.6) / 0.7) ** 2))


def customers(cart1, cart2):
    missed1, missed2 = (1 - np.exp(-((km - cart) ** 2)) for cart in (cart1, cart2))
    return 10 * np.mean(people * (1 - missed1 * missed2))


def euros(farthest):
    return 2 + farthest**2 / 4


# %%
# A kernel
# --------
#
# A kernel says how alike f is at two points. ``x1`` has n rows, ``x2`` has m, a row for each point; you give back a table
# of n × m likenesses. ``positive`` declares a number that the fit may learn. That is the whole contract.
#
# First try: a point is like the *swapped* other point. So we turn the columns of ``x2`` around.


@dataclass(frozen=True)
class Swapped(Kernel):
    lengthscale: float = positive(0.3)

    def __call__(self, x1, x2):
        return np.exp(-squared_distance(x1, x2[:, ::-1]) / (2 * self.lengthscale**2))


try:
    check_kernel(Swapped())
except KernelError as problem:
    print(problem)

# %%
# Not every table of likenesses is possible. A point must be more like itself than anything else: that's what *positive
# semi-definite* asks for, and here a point is like its mirror image, and unlike itself.
#
# Better: **sort** the two numbers, and leave the rest to a kernel that is known to be right. Whatever you do to the inputs
# before a good kernel sees them, the result is a good kernel. This one trick takes you a long way.


@dataclass(frozen=True)
class Interchangeable(Kernel):
    lengthscale: float = positive(0.3, bounds=(0.05, 1.0))

    def __call__(self, x1, x2):
        return Matern52(self.lengthscale)(np.sort(x1, axis=1), np.sort(x2, axis=1))


check_kernel(Interchangeable())  # silent: all is well

# %%
# What your kernel gets to see are points of the *unit cube*: each parameter from 0 to 1, one column each, in the order of
# the space (a list of choices has a column for each choice). So a lengthscale of 0.3 is 0.3 of the beach, 3 km.
#
# Slopes are found by small steps. That is slower than a formula; if it matters, write ``gradient`` yourself, and
# ``check_kernel`` compares it with the steps.
#
# An acquisition
# --------------
#
# An acquisition makes a number of the mean and the standard deviation at each point (tutorial 7). **Larger is always
# better**: values are turned around before you see them when the search minimises, and standardised. ``best`` is the
# value to beat. Who forgets that is told:


@dataclass(frozen=True)
class Hopeful(Acquisition):
    def score(self, mean, std, best):
        return best - mean + 2 * std


try:
    check_acquisition(Hopeful())
except AcquisitionError as problem:
    print(problem)

# %%
# Ours needs more than mean and standard deviation: the price depends on the point. Then write ``__call__`` in place of
# ``score``. It gets the model itself, and the points ``X`` in the unit cube. We want gain per euro. On the log scale a
# quotient is a difference, and log EI keeps its slope where EI has none (tutorial 9).


@dataclass(frozen=True)
class GainPerEuro(Acquisition):
    def __call__(self, posterior, X, best):
        gain = LogExpectedImprovement()(posterior, X, best)
        return gain - np.log(euros(10 * X.max(axis=1)))  # 10 km, and the cart that is farther away


check_acquisition(GainPerEuro())

# %%
# Do they help?
# -------------
#
# Three searches, each from the same three starts. ``1.0 *`` gives our kernel an amplitude to learn.

beach = {"cart1": (0.0, 10.0), "cart2": (0.0, 10.0)}
searches = {
    "built-in": ({}, LIGHT.model),
    "own kernel": ({"kernel": 1.0 * Interchangeable()}, LIGHT.new),
    "own acquisition": ({"acquisition": GainPerEuro()}, LIGHT.acq),
}
figure, ax = plt.subplots(figsize=(9, 4), layout="constrained")
for name, (parts, colour) in searches.items():
    runs = [maximize(customers, beach, 20, seed=seed, **parts) for seed in range(3)]
    bill = [np.cumsum([euros(max(t.params.values())) for t in run.trials]) for run in runs]
    best = [np.maximum.accumulate([t.value for t in run.trials]) for run in runs]
    for spent, value in zip(bill, best, strict=True):
        ax.step(spent, value, where="post", color=colour, alpha=0.35)
    ax.step(np.mean(bill, axis=0), np.mean(best, axis=0), where="post", color=colour, linewidth=2.6, label=name)
    print(
        f"{name:15}  20 days cost {np.mean(bill, axis=0)[-1]:.0f} euros, the best day has {np.mean(best, axis=0)[-1]:.1f}"
    )
ax.set(xlabel="euros spent", ylabel="customers on the best day")
ax.legend(loc="lower right")

# %%
# Exercise
# --------
