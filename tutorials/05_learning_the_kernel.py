"""
Learning the kernel
===================

A kernel has numbers in it: a length-scale, an amplitude, a period. They are called *hyperparameters*. Where do they
come from? From the data. Ask of every value: **how probable would these data have been?** And take the best answer.
"""

import matplotlib.pyplot as plt
import numpy as np

from gp import RBF, GaussianProcess
from viz import animate_lengthscale, plot_lengthscale, plot_surrogate
from viz.style import LIGHT, rc

plt.rcParams.update(rc(LIGHT))

# %%
# Ten measurements of a wave, with errors. Three length-scales try to explain them. Which one would you buy?

rng = np.random.default_rng(7)
X = np.sort(rng.uniform(0, 6, 10))[:, None]
y = np.sin(2 * X[:, 0]) + 0.3 * rng.standard_normal(10)

model = GaussianProcess(RBF(lengthscale=1.0), noise=0.1).fit(X, y, seed=0)
learned = model.prior.kernel.lengthscale
print(f"learned: length-scale {learned:.2f}, noise {model.prior.noise:.3f}")

# %%
# The top row shows the three. Too short: every point is an island. Too long: the curve is too stiff to follow. The
# middle one was learned. Below, the same story for all length-scales: the blue curve says how probable the data are.

layout = [["short", "learned", "long"], ["likelihood"] * 3]
figure, axes = plt.subplot_mosaic(layout, figsize=(9, 7))
for name, lengthscale in {"short": 0.1, "learned": learned, "long": 4.0}.items():
    process = GaussianProcess(RBF(lengthscale), noise=model.prior.noise)
    posterior = process.condition(X, y)
    ax = plot_surrogate(posterior, ax=axes[name], bounds=(0, 6))
    ax.get_legend().remove()
    ax.set(title=f"{name}: length-scale {lengthscale:.2g}", ylim=(-2.6, 2.6))
    ax.set_yticks(range(-2, 3), ["−2", "−1", "0", "1", "2"])
plot_lengthscale(model, ax=axes["likelihood"])
figure.tight_layout()

# %%
# A bet
# -----
#
# Think of a bet. Each length-scale has one euro, to be spread over all data that could come out. The short one thinks
# that anything may happen: it puts a little everywhere, so only a little on your data. The long one puts all its money
# on lines that are nearly straight, and they did not come. The winner is bold enough to promise something, and careful
# enough to keep it. What a length-scale had put on your data is called its *marginal likelihood*. The logarithm has
# three parts:
#
# .. math::
#
#    \log\, p(y) = -\tfrac12 y^\top C^{-1} y - \tfrac12 \log\, |C| - \tfrac{n}{2} \log\, 2\pi, \quad C = K + \sigma^2 I
#
# They are called *data fit*, *simplicity* and a constant. :math:`K` is the kernel matrix of the :math:`n` measured
# points, :math:`\sigma^2` the noise variance, and :math:`|C|` a determinant: the volume of all the data that this
# kernel thinks possible. A large volume is a thinly spread euro.


def parts(lengthscale):
    C = RBF(lengthscale)(X, X) + model.prior.noise * np.eye(10)
    data_fit, simplicity = -y @ np.linalg.solve(C, y) / 2, -np.linalg.slogdet(C)[1] / 2
    return np.array([data_fit, simplicity, -10 / 2 * np.log(2 * np.pi)])


print("length-scale: data fit, simplicity, constant = their sum")
table = {lengthscale: parts(lengthscale) for lengthscale in (0.03, 0.12, learned, 4.0)}
for lengthscale, three in table.items():
    fit, simplicity, constant = three.round(3)  # before they are added, so that the sum is right as you see it
    total = fit + simplicity + constant
    print(f"{lengthscale:12.2f}: {fit:8.3f} {simplicity:+7.3f} {constant:+7.3f} = {total:7.3f}")
assert np.isclose(table[learned].sum(), model.log_marginal_likelihood)

# %%
# Go down the columns, or look at the picture again. As the length-scale grows, simplicity rises. Data fit rises a
# little at first, then it falls, steeply beyond 1. Their sum has a top.

fits, simplicities, _ = np.transpose(list(table.values()))
assert fits[0] < fits[1] > fits[2] > fits[3]
assert all(np.diff(simplicities) > 0)

# %%
# No data had to be set aside for a validation. Nor is simplicity a penalty that somebody added: it comes with the bell
# curve. Now turn the knob:

animate_lengthscale(model, bounds=(0, 6), objective=lambda x: np.sin(2 * x))

# %%
# ``fit`` climbs this hill for all hyperparameters at once, the noise among them, along the slope. And because there may
# be more than one top, it starts from several places.
#
# Exercise
# --------
#
# There *is* a second top for these ten points. Find it: make a map of the log marginal likelihood over length-scale
# *and* noise. What does the second top believe about your data?

# %%
# Solution
# --------
#
# A map is a table of ``log_marginal_likelihood``. To stand on the second top, start near it, and forbid other starts.

lengths, noises = np.geomspace(0.2, 50, 60), np.geomspace(0.005, 2, 50)
models = [[GaussianProcess(RBF(l), v).condition(X, y) for l in lengths] for v in noises]
table = [[m.log_marginal_likelihood for m in row] for row in models]
start = GaussianProcess(RBF(lengthscale=10.0), noise=0.5)
second = start.fit(X, y, restarts=0)

# %%
# Both tops as stars on the map, and beside it the curve that the second one draws:

figure, (ground, fits) = plt.subplots(1, 2, figsize=(9, 3.8))
levels = model.log_marginal_likelihood - np.array([20, 12, 8, 6, 5, 4.5, 4, 3.5, 3, 2, 1, 0])
star = {"marker": "*", "s": 220, "c": LIGHT.best, "edgecolor": LIGHT.ink}
blues = LIGHT.ramp("mean", maximize=True, steps=11)
ground.contourf(lengths, noises, table, levels, colors=blues)
for top in [model, second]:
    ground.scatter(top.prior.kernel.lengthscale, top.prior.noise, **star)
ground.set(xscale="log", yscale="log", xlabel="length-scale", ylabel="noise (a variance)")
ground.set_title("two tops")
plot_surrogate(second, ax=fits, bounds=(0, 6))
fits.set_title("what the second top believes")
figure.tight_layout()

# %%
# "Nothing happens here, except for a slow drift. All the rest is noise." It explains your data, too, only less well:

wave, noise = model.log_marginal_likelihood, second.log_marginal_likelihood
print(f"the wave: {wave:.2f}, all noise: {noise:.2f}")
assert wave - noise > 3

# %%
# Now read
# --------
#
# Now read ``gp/likelihood.py``, 49 lines: the formula above and its slope. ``gp/fit.py`` is the climb, with its starts.
