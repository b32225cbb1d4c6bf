"""
Noise
=====

The honest guest of tutorial 1 has moods: the same cake gets a 7 today and a 9 tomorrow. So it is with a neural network.
Train it again with another seed, and it scores differently. **What you see is not the function. It is the function
plus luck.**
"""

import matplotlib.pyplot as plt
import numpy as np

from bayestuner import Optimizer
from gp import RBF, GaussianProcess
from viz import plot_surrogate
from viz.style import LIGHT, rc

plt.rcParams.update(rc(LIGHT))

# %%
# Call the function :math:`f`, what the guest says :math:`y`, and the mood :math:`\varepsilon` (epsilon). It is 0 on
# average and has a variance, the *noise*:
#
# .. math:: y = f(x) + \varepsilon, \qquad \text{variance of } \varepsilon = \sigma^2
#
# The oven stays at 215 °C. You bake eleven cakes of different minutes, and the one of 30 minutes three times more.


def f(minutes):
    return 10 * np.exp(-8 * (minutes / 28.7 - 1) ** 2)


rng = np.random.default_rng(4)
MOOD = 1.0  # the standard deviation of the noise
X = np.append(np.linspace(12, 48, 11), [30, 30, 30])[:, None]
y = f(X[:, 0]) + MOOD * rng.standard_normal(len(X))
print("four times 30 minutes:", *y[X[:, 0] == 30].round(1))

# %%
# The same fourteen marks under three beliefs about the noise: none, learned from the data, far too much. Every
# model begins with 5 marks for any cake, give or take a few. How many, how smooth, how noisy: that is learned.

learned = GaussianProcess(10.0 * RBF(lengthscale=8.0), noise=1.0, mean=5.0).fit(X, y, seed=0)
kernel = learned.prior.kernel
beliefs = {"no noise": 1e-4, "learned": learned.prior.noise, "far too much": 50.0}

figure, axes = plt.subplots(1, 3, figsize=(10, 3.8), sharey=True)
for ax, (name, noise) in zip(axes, beliefs.items(), strict=True):
    posterior = GaussianProcess(kernel, noise=noise, mean=5.0).condition(X, y)
    plot_surrogate(posterior, ax=ax, bounds=(10, 50), objective=f).get_legend().remove()
    ax.set(title=f"{name}: ±{noise**0.5:.2g}", xlabel="minutes", ylabel="", ylim=(-3, 13))
axes[0].set_ylabel("marks")
figure.tight_layout()

# %%
# *No noise* takes every mood for the taste of the cake. It is very sure and very wrong. *Far too much* shrugs: perhaps
# it was all luck. In between, ``fit`` found the moods by itself, to a good approximation, because they are a
# hyperparameter like any other (tutorial 5).
#
# Look at 30 minutes. Four cakes were baked there, and each mark may be off by 1. But the band is narrower than that: it
# is about :math:`f`, not about the next mark, and luck averages out: the mean of :math:`n` marks is off by
# :math:`\sigma / \sqrt{n}` only. That would be ±0.5 here; the cakes of 26 and 34 minutes help a little more.

mean, std = learned.predict([[30.0]])
mood = learned.prior.noise**0.5
print(f"moods of ±{mood:.2f}, but f(30) = {mean[0]:.1f} ± {std[0]:.2f}; truth {f(30):.1f}")
assert 0.7 < mood < 1.3
assert std[0] < 0.5

# %%
# The best seen is not the best
# -----------------------------
#
# Now let the search bake for this guest, six times, twenty cakes each. At the end ask: which cake is the best? The one
# with the highest mark had a good recipe *and* a good mood. Bake it again, and you will be disappointed. Ask for
# ``recommend()`` instead: the place where the model's mean is highest.


def guest(minutes):
    return f(minutes) + MOOD * rng.standard_normal()


rows = []
for seed in range(6):
    optimizer = Optimizer({"minutes": (10.0, 50.0)}, direction="maximize", seed=seed)
    optimizer.run(guest, n_trials=20)
    best, advice = optimizer.best, optimizer.recommend()
    rows.append([best.value, f(best.params["minutes"]), f(advice["minutes"])])
highest, truth, recommended = np.mean(rows, axis=0)
print(f"highest mark {highest:.1f}, for a cake that deserves {truth:.2f}")
print(f"the recommended cake deserves {recommended:.2f}")
assert highest > 10.5
assert recommended > truth

# %%
# No cake deserves more than 10, yet the highest mark is above that. The search is not to blame. It happens whenever you
# take the largest of many lucky numbers, to everybody who reports the best of fifty trainings. The recommended cakes
# are a little better on average, in single searches sometimes a little worse, and they cost nothing.
#
# One thing more the search does about moods. A cake that was baked ten times is known better than one more baking can
# tell: whatever the guest says, the mean will hardly move. So the gain that a cake promises is counted as the gain of
# the *mean* after its mark, not of the function itself, and the search goes where a mark still teaches something.
#
# Exercise
# --------
#
# Measure the luck of an objective. Here is a small one: a linear model, trained by a hundred steps of gradient descent
# on random examples. The seed decides where it starts and what it sees. Is the error at a learning rate of 0.04 smaller
# than at 0.06? How often does a single run of each tell you the opposite? How many seeds do you need?

data = np.random.default_rng(0)
A = data.standard_normal((200, 5))
b = A @ [0.5, 1.0, 1.5, 2.0, 2.5] + data.standard_normal(200)


def error(rate, seed):
    luck = np.random.default_rng(seed)
    w = luck.standard_normal(5)
    for i in luck.integers(200, size=100):
        w += rate * (b[i] - A[i] @ w) * A[i]
    return np.sqrt(np.mean((b - A @ w) ** 2))


# %%
# Solution
# --------
#
# Forty seeds each. The difference of two single runs has both variances; the mean of :math:`n` pairs has them divided
# by :math:`n`. Two standard deviations should fit into the difference.

small, large = (np.array([error(rate, seed) for seed in range(40)]) for rate in [0.04, 0.06])
gap, noise = large.mean() - small.mean(), small.var() + large.var()
for rate, errors in {"0.04": small, "0.06": large}.items():
    print(f"rate {rate}: {errors.mean():.3f} ± {errors.std():.3f}")
print(f"single runs that say the opposite: {np.mean(small[:, None] > large):.0%}")
print(f"seeds needed: {np.ceil(4 * noise / gap**2):.0f}")
assert gap > 0

# %%
# Now read
# --------
#
# Now read ``bayestuner/surrogate.py``, 158 lines: how trials become the data of a model, and the default model with its
# learned noise. ``value_to_beat``, at its end, is why luck does not lead the search astray.
