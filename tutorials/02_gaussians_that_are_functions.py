"""
Gaussians that are functions
============================

A search needs an opinion about a function that it has hardly seen. The opinion in this package is a *Gaussian process*.
The name frightens people. There is only one idea in it, and it is a picture: **a dot is a curve**.
"""

import matplotlib.pyplot as plt
import numpy as np

from gp import RBF, GaussianProcess
from viz.style import LIGHT, rc

plt.rcParams.update(rc(LIGHT))
rng = np.random.default_rng(3)
# sphinx_gallery_thumbnail_number = 2

# %%
# Two unknown heights
# -------------------
#
# Some function :math:`f` has an unknown height at :math:`x = 1` and another at :math:`x = 2`. Before you have measured
# anything, each height could be anything around 0: a bell curve with variance 1. But you believe that the function is
# smooth, so the two heights should be *alike*. One number says how alike, their covariance, here 0.8:
#
# .. math:: K = \begin{pmatrix} 1 & 0.8 \\ 0.8 & 1 \end{pmatrix}
#
# To draw a pair of heights with these covariances, take two independent bell-shaped numbers :math:`z` and mix them:
# :math:`f = L z`. Here :math:`L` is the *Cholesky factor* of :math:`K`: the triangle with :math:`L L^\top = K`, where
# :math:`\top` swaps rows and columns. It is a square root of a matrix.

K = np.array([[1.0, 0.8], [0.8, 1.0]])
L = np.linalg.cholesky(K)
heights = L @ rng.standard_normal((2, 20_000))  # a column is one draw
print("covariance of 20,000 draws:", *np.cov(heights).round(2), sep="\n")
assert np.allclose(np.cov(heights), K, atol=0.03)

# %%
# What you asked for is what you measure. Now comes the picture. On the left each draw is a dot: its height at 1 to the
# right, its height at 2 upwards. On the right *the same draw* is a line: its height at 1, its height at 2. Follow the
# orange one.

figure, (dots, lines) = plt.subplots(1, 2, figsize=(8, 3.6))
dots.scatter(*heights[:, :400], s=8, color=LIGHT.band1)
for i, colour in enumerate([LIGHT.model] * 5 + [LIGHT.new]):
    dots.plot(*heights[:, i], "o", color=colour)
    lines.plot([1, 2], heights[:, i], "o-", color=colour)
height = (-3.5, 3.5)
dots.set(title="a draw is a dot ...", xlabel="f(1)", ylabel="f(2)", xlim=height, ylim=height)
lines.set(title="... or a curve through two points", xlabel="x", ylim=height, xlim=(0.8, 2.2))
lines.set_xticks([1, 2])
figure.tight_layout()

# %%
# The kernel fills the matrix
# ---------------------------
#
# A curve through two points is a poor curve. Take 5 points, or 50. Then :math:`K` has 25 or 2,500 entries, and nobody
# wants to think them up. A *kernel* does it: a formula for how alike the heights at :math:`x` and :math:`x'` are. Near
# points are alike, far points are strangers:
#
# .. math:: k(x, x') = \exp(-(x - x')^2 / 2 \ell^2)
#
# The *length-scale* :math:`\ell` says how far "near" goes. This kernel is called RBF.


def kernel(x1, x2, lengthscale=1.0):
    difference = x1[:, None] - x2[None, :]  # of every pair
    return np.exp(-(difference**2) / (2 * lengthscale**2))


def draw(x, count):
    K = kernel(x, x) + 1e-9 * np.eye(len(x))  # a hair more variance, against rounding
    return np.linalg.cholesky(K) @ rng.standard_normal((len(x), count))


# %%
# The same recipe, with more and more points. Above is the matrix :math:`K`: the darker the entry in row :math:`i` and
# column :math:`j`, the more alike are the heights at points :math:`i` and :math:`j`. Below are draws from it. Two
# points, 5 apart, are strangers here. With 50 points the dots have become functions. Nothing else has changed.

figure, axes = plt.subplots(2, 3, figsize=(9, 6), height_ratios=[1, 1.1])
for (above, below), n in zip(axes.T, [2, 5, 50], strict=True):
    x = np.linspace(0, 5, n)
    above.imshow(kernel(x, x), cmap="Blues", vmin=0, vmax=1, extent=(0, n, n, 0))
    above.set(title=f"K, {n} x {n}", xticks=[], yticks=[])
    curves = draw(x, 6)
    style = "o-" if n < 50 else "-"
    below.plot(x, curves[:, 1:], style, color=LIGHT.model, markersize=3, linewidth=0.8)
    below.plot(x, curves[:, 0], style, color=LIGHT.new, linewidth=2)
    below.set(title=f"6 curves through {n} points", xlabel="x", ylim=(-3.2, 3.2))
figure.tight_layout()

# %%
# A Gaussian process is this and no more: **give me any points, and I give you the bell curve of the heights there**.
# It is a *prior*: a belief about functions before any data. In the package the two functions above are ready. Inputs
# are the rows of a table ``X``, because there may be several knobs; here it has one column.

X = np.linspace(0, 5, 50)[:, None]
prior = GaussianProcess(RBF(lengthscale=1.0))
curves = prior.sample(X, size=3, seed=0)
print(curves.shape)
assert np.allclose(RBF(lengthscale=1.0)(X, X), kernel(X[:, 0], X[:, 0]))

# %%
# Exercise
# --------
#
# Four points, :math:`x` = 0, 1, 2 and 4, and length-scale 1. Fill the 4 x 4 kernel matrix entry by entry. Before you
# run it, guess: which entry is the smallest? Then draw three curves.

# %%
# Solution
# --------
#
# The smallest is :math:`k(0, 4) = \exp(-8)`, about 0.0003: at distance 4 nothing is left. Draw, and see: neighbours go
# together, and the last point, two length-scales away from all others, does almost as it likes.

points = np.array([0.0, 1.0, 2.0, 4.0])
K = np.empty((4, 4))
for i in range(4):
    for j in range(4):
        K[i, j] = np.exp(-((points[i] - points[j]) ** 2) / 2)
for row in K:
    print("  ".join(f"{entry:.4f}" for entry in row))
assert f"{K.min():.4f}" == f"{K[0, 3]:.4f}" == "0.0003"

figure, ax = plt.subplots(figsize=(6, 3.2), layout="constrained")
ax.plot(points, np.linalg.cholesky(K) @ rng.standard_normal((4, 3)), "o-", color=LIGHT.model)
ax.set(xlabel="x", ylabel="f(x)", xticks=points, title="three curves through four points")

# %%
# Now read
# --------
#
# Now read ``gp/kernels.py``, 193 lines: a kernel is a formula, and each class there is one. Look for ``class RBF``.
