"""
A budget of fifteen
===================

You want to bake the best cake of your life. You can turn two knobs: the temperature of the oven and the minutes. Each
try costs an hour, a cake, and an honest guest. You can afford fifteen.

That is the whole problem of this package: **a function that you can ask, at a price, and a budget**. Nobody gives you
its formula, and nobody gives you its slope. The currency is not computing time. It is *evaluations*.
"""

import matplotlib.pyplot as plt
import numpy as np

from bayestuner import grid_search, maximize, random_search
from viz import animate, plot_convergence
from viz.style import LIGHT, rc

plt.rcParams.update(rc(LIGHT))  # how all pictures here look

# %%
# Here is the guest, with marks from 0 to 10. No search will read this code. It may only call it.

space = {"temperature": (140.0, 230.0), "minutes": (10.0, 70.0)}  # °C, min


def marks(temperature, minutes):
    baked = (temperature - 100) / 100 * minutes / 33  # 1 is done, less is raw, more is burnt
    crust = (temperature - 215) / 25  # 0 is golden
    return 10 * np.exp(-8 * (baked - 1) ** 2 - crust**2 / 2)


# %%
# Three ways to spend fifteen cakes
# ---------------------------------
#
# *Grid search* bakes every combination of a few temperatures and times. Fifteen will not make a square: it is asked for
# fifteen, and rounds up to sixteen, four by four. *Random search* throws darts. *Bayesian search* learns from the cakes
# that it has already baked.
#
# A single run can be lucky. So run each search with ten seeds: ten different darts, ten different beginnings.

seeds, up = range(10), {"direction": "maximize"}
runs = {
    "grid search": [grid_search(marks, space, 15, seed=s, **up) for s in seeds],
    "random search": [random_search(marks, space, 15, seed=s, **up) for s in seeds],
    "Bayesian search": [maximize(marks, space, 15, seed=s) for s in seeds],
}
median = {name: np.median([run.best_value for run in many]) for name, many in runs.items()}
for name in runs:
    print(f"{name:15}  {len(runs[name][0])} cakes, the best gets {median[name]:.1f} (median)")
assert [len(many[0]) for many in runs.values()] == [16, 15, 15]

# %%
# Now look where the cakes went: for each search, the run that came out in the middle. The blue map is the truth, dark
# is good; none of the three ever saw it. Numbers are the order of the cakes, the gold star is the best one. Below: the
# best mark so far after each cake, median and middle half of the ten runs.


def draw_cakes(ax, run):
    T, M = np.meshgrid(np.linspace(132, 238, 107), np.linspace(7, 73, 67))
    blues = LIGHT.ramp("mean", maximize=True, steps=14)
    ax.contourf(T, M, marks(T, M), levels=14, colors=blues)
    for trial in run.trials:
        at, n = list(trial.params.values()), trial.number + 1
        ax.scatter(*at, s=130, c=LIGHT.obs, edgecolor=LIGHT.bg, zorder=2 + n)
        ax.scatter(*at, s=28 * len(str(n)), c=LIGHT.bg, lw=0, marker=f"${n}$", zorder=2 + n)
    best = run.best_params.values()
    ax.scatter(*best, s=300, c=LIGHT.best, marker="*", edgecolor=LIGHT.ink, zorder=20)
    ax.set(xlabel="temperature, °C", ylabel="minutes", xticks=[150, 180, 210])


# %%
# Three maps and one race:

figure, axes = plt.subplot_mosaic([list(runs), ["race"] * 3], figsize=(9, 7.2))
for name, many in runs.items():
    middle = sorted(many, key=lambda run: run.best_value)[5]
    draw_cakes(axes[name], middle)
    axes[name].set_title(f"{name}: {middle.best_value:.1f}")
plot_convergence(runs, ax=axes["race"], optimum=10)
figure.tight_layout()

# %%
# Grid and random search end at about the same mark, and neither can do anything about it: every cake is planned before
# the first one is tasted. Bayesian search begins just as blindly. Then it uses what it has tasted, and after twelve
# cakes it is nearly at the top. Nor is it greedy. Follow the numbers: now and then a cake goes where nobody has been,
# in case there is something better.

twelve = [max(trial.value for trial in run.trials[:12]) for run in runs["Bayesian search"]]
print(f"Bayesian search after twelve cakes: {np.median(twelve):.1f}")
assert np.median(twelve) > 9.4 > max(median["grid search"], median["random search"])

# %%
# You can watch it decide. In each step a model is fitted to the cakes so far, every place gets a score, and the top of
# the score is baked next. The tutorials that follow take this apart, piece by piece.

animate(runs["Bayesian search"][0], objective=marks, pace="keys")

# %%
# Exercise
# --------
#
# Be the search. Pick fifteen points by hand, five at a time, looking at the marks in between, and beat the median of
# random search. Do not look at the map!

# %%
# Solution
# --------
#
# Spread the first five over the box. The hot and quick one wins, so bake around it, then close in on the best of these.
# This is "explore, then exploit", and you did it with a model in your head.

spread = [(185, 40), (160, 25), (160, 55), (210, 25), (210, 55)]
around = [(210, 30), (225, 25), (195, 30), (220, 20), (200, 35)]
closer = [(210, 32), (215, 28), (205, 30), (215, 30), (218, 29)]
mine = [marks(*point) for point in spread + around + closer]
for name, five in {"spread": mine[:5], "around": mine[5:10], "closer": mine[10:]}.items():
    print(f"{name}:", " ".join(f"{mark:.1f}" for mark in five))
print(f"best by hand {max(mine):.1f}, random search {median['random search']:.1f}")
assert max(mine) > median["random search"]

# %%
# Now read
# --------
#
# Now read ``bayestuner/baselines.py``, 142 lines: the grid, the darts, and the record that they share with the real
# search, so that the comparison is fair.
