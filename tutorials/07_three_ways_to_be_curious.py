"""
Three ways to be curious
========================

The model has an opinion about every x: a mean, and how far off it may be. Together they are a **bell curve** standing
at x. Only one x can be tried next. So every bell must become one number, its *score*, and the highest score wins. That
is all that an *acquisition function* is: a bell goes in, a number comes out. Here are three.
"""

import matplotlib.pyplot as plt
import numpy as np
from scipy.stats import norm

from acquisition import ExpectedImprovement, ProbabilityOfImprovement, UpperConfidenceBound
from bayestuner import Optimizer
from gp import RBF, GaussianProcess
from viz import animate, plot_surrogate
from viz.style import LIGHT, rc

plt.rcParams.update(rc(LIGHT))  # the look of all pictures here
PI, EI, UCB = ProbabilityOfImprovement(), ExpectedImprovement(), UpperConfidenceBound(kappa=2.0)
COLOURS = {name: LIGHT.look(name).colour for name in ("PI", "EI", "UCB")}
# sphinx_gallery_thumbnail_number = 2

# %%
# One bell, three questions
# -------------------------
#
# Larger is better today; the best value so far is 1.0. At some x the model says: mean 0.6, standard deviation 0.7.

mean, std, best = 0.6, 0.7, 1.0
value = np.linspace(-1.8, 3, 400)
density = norm(mean, std).pdf(value)
figure, axes = plt.subplots(1, 3, figsize=(9, 2.8), sharey=True, layout="constrained")
for ax in axes:
    ax.plot(value, density, color=LIGHT.model)
    ax.axvline(best, color=LIGHT.best, dashes=(6, 2, 1, 2))
    ax.set(xlabel="f(x), what it may turn out to be", yticks=[], ylim=(0, 0.78))
axes[0].fill_between(value, density, where=value > best, color=COLOURS["PI"], alpha=0.75)
axes[0].set_title("PI: how likely is any gain?\nthe area beyond the best")
axes[1].fill_between(value, (value - best) * density, where=value > best, color=COLOURS["EI"], alpha=0.75)
axes[1].set_title("EI: how large is the gain on average?\nthe same area, times the gain")
axes[2].annotate("", (mean + 2 * std, 0.3), (mean, 0.3), arrowprops={"arrowstyle": "->", "color": COLOURS["UCB"]})
axes[2].axvline(mean + 2 * std, color=COLOURS["UCB"], linewidth=2.4)
axes[2].set_title("UCB: how good, with some luck?\nκ = 2 standard deviations up")

# %%
# The gold line is the best so far, :math:`f^*`. Write μ for the mean, σ for the standard deviation, and z for how many
# σ the mean lies above the best: :math:`z = (\mu - f^*) / \sigma`. With φ, the standard bell's height at z, and Φ, the
# area under it up to z, the three numbers are
#
# .. math::
#    \mathrm{PI} = \Phi(z), \qquad
#    \mathrm{EI} = \sigma\,\bigl(\varphi(z) + z\,\Phi(z)\bigr), \qquad
#    \mathrm{UCB} = \mu + \kappa\sigma .
#
# The package computes the same. ``score`` takes arrays, one entry for each x.

z = (mean - best) / std
formulas = {"PI": norm.cdf(z), "EI": std * (norm.pdf(z) + z * norm.cdf(z)), "UCB": mean + 2 * std}
for acquisition, (name, number) in zip((PI, EI, UCB), formulas.items(), strict=True):
    [score] = acquisition.score(np.array([mean]), np.array([std]), best)
    print(f"{name:3}  formula {number:.4f}   package {score:.4f}")
    assert abs(number - score) < 1e-12

# %%
# A bell at every x
# -----------------
#
# Now a whole model: five points of a hidden function, conditioned as in tutorial 3.


def f(x):
    return np.sin(1.3 * x) + 0.35 * np.sin(3.1 * x + 1)


X = np.array([[0.7], [2.0], [3.2], [4.5], [7.6]])
posterior = GaussianProcess(1.0 * RBF(lengthscale=1.0), noise=1e-4).condition(X, f(X[:, 0]))
best = posterior.y.max()
grid = np.linspace(0, 8, 801)[:, None]
scores = {"PI": PI(posterior, grid, best), "EI": EI(posterior, grid, best), "UCB": UCB(posterior, grid, best)}
picks = {name: grid[score.argmax(), 0] for name, score in scores.items()}

# %%
# Three scores, three choices. Above: the model, and at each choice its bell, turned on its side, the part that beats
# the best coloured. Below: each score, scaled to its own top.

figure, (top, low) = plt.subplots(2, figsize=(9, 6), sharex=True, height_ratios=(3, 2), layout="constrained")
plot_surrogate(posterior, bounds=(0, 8), objective=f, ax=top)
top.axhline(best, color=LIGHT.best, dashes=(6, 2, 1, 2))
top.set(xlabel="", ylim=(-2.1, 2.9))
for name, x in picks.items():
    mean, std = posterior.predict(np.array([[x]]))
    value = mean + std * np.linspace(-3, 3, 400)
    bell = norm(mean, std).pdf(value) * std  # all bells equally high
    top.plot(x + bell, value, color=LIGHT.model, linewidth=1.3, zorder=6)
    top.fill_betweenx(value, x, x + bell, where=value > best, color=COLOURS[name], alpha=0.8, zorder=6)
    share = (scores[name] - scores[name].min()) / np.ptp(scores[name])
    low.plot(grid[:, 0], share, color=COLOURS[name], label=f"{name} picks {x:.2f}")
    low.plot(x, 1.06, "v", color=COLOURS[name], markersize=9)
low.set(ylim=(0, 1.15), yticks=[0, 1], yticklabels=["lowest", "highest"], xlabel="x", xlim=(0, 8))
low.legend(loc="center", bbox_to_anchor=(0.44, 0.5))

# %%
# **PI** creeps up to the best point: a tiny gain is almost sure there, and PI doesn't ask how tiny. **UCB** goes where
# nobody has been: high hopes, whatever the mean. **EI** weighs chance and size: a gap between two good points. None of
# them is right or wrong. They are tastes, and today UCB's would pay: the true top is near its choice.
#
# The optimizer has EI's taste by default. Watch it: the bell slides along x, and the green part is what EI measures.
# (It learns its kernel from the five points, so its numbers are not quite ours.)

optimizer = Optimizer({"x": (0.0, 8.0)}, direction="maximize", acquisition=EI, seed=0)
for x in X[:, 0]:
    optimizer.tell({"x": x}, f(x))
optimizer.ask()
animate(optimizer.history, objective=f, steps=0)

# %%
# Exercise
# --------
#
# EI is an average. So you can get it without any formula: draw a million values from the bell, keep the gains, take the
# mean. Do it for the bell at EI's choice. Then ask another package, ``bayes_opt``, too.

# %%
# Solution
# --------

mean, std = (v[0] for v in posterior.predict(np.array([[picks["EI"]]])))
gains = np.maximum(np.random.default_rng(0).normal(mean, std, 1_000_000) - best, 0)  # no gain counts 0, never less
error, formula = gains.std() / 1000, scores["EI"].max()  # the error of an average of a million
print(f"average of draws {gains.mean():.5f} ± {error:.5f},  formula {formula:.5f}")
assert abs(gains.mean() - formula) < 4 * error

try:  # pip install bayesian-optimization
    from bayes_opt.acquisition import ExpectedImprovement as Theirs

    theirs = Theirs(xi=0.0)
    theirs.y_max = best
    print(f"bayes_opt {theirs.base_acq(mean, std):.5f}")
    assert abs(theirs.base_acq(mean, std) - formula) < 1e-12
except ImportError:
    print("no bayes_opt here")

# %%
# Now read
# --------
#
# Now read ``acquisition/improvement.py``, 192 lines: the three formulas, and what becomes of them where σ is 0.
