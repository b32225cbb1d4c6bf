"""Print time ratios against the references, measured in one run on one BLAS thread: `make bench`.

Ratios below 1 mean that BayesTuner is faster. Nothing here is asserted: machines differ, and so do their loads.
"""

import os
import subprocess
import sys
import time
import warnings

import numpy as np

from tests.benchmarks import peers, pictures, storage


def cpu_seconds(action, repeats=5):
    """Median CPU seconds of an action."""
    times = []
    for _ in range(repeats):
        begin = time.process_time()
        action()
        times.append(time.process_time() - begin)
    return float(np.median(times))


def import_seconds(statement):
    """CPU seconds of a fresh interpreter that runs the statement, less those of one that does nothing."""

    def run(code):
        begin = os.times()
        subprocess.run([sys.executable, "-c", code], check=True)
        end = os.times()
        return end.children_user + end.children_system - begin.children_user - begin.children_system

    return float(np.median([run(statement) - run("pass") for _ in range(7)]))


def imports():
    ours, floor = (
        import_seconds("import bayestuner"),
        import_seconds("import scipy.optimize, scipy.linalg, scipy.special"),
    )
    print(f"import bayestuner / import of the SciPy parts it needs: {ours / floor:.2f}")
    return ours


def plain_evaluation(point, X, y):
    """Likelihood and gradient of Matérn 5/2 with the fewest calls, r² from norms: the reference for small n."""
    from scipy.linalg import lapack

    amplitude, lengthscale, noise = np.exp(point[0]), np.exp(point[1:-1]), np.exp(point[-1])
    Z = X / lengthscale
    q = np.einsum("ij,ij->i", Z, Z)
    r2 = np.maximum(q[:, None] + q - 2 * (Z @ Z.T), 0)
    r = np.sqrt(5 * r2)
    decay = amplitude * np.exp(-r)
    function_part = decay * (1 + r + r2 * (5 / 3))
    K = function_part.copy()
    K[np.diag_indices(len(X))] = amplitude + noise
    L, _ = lapack.dpotrf(K.T, lower=1, overwrite_a=1)
    alpha = lapack.dpotrs(L, y, lower=1)[0]
    value = -0.5 * y @ alpha - np.log(np.diag(L)).sum() - 0.5 * len(X) * np.log(2 * np.pi)
    inverse = lapack.dpotri(L, lower=1, overwrite_c=1)[0]
    W = np.tril(inverse, -1)
    W = np.outer(alpha, alpha) - (W + W.T + np.diag(np.diag(inverse)))
    M = W * (decay * (1 + r) * (5 / 3))
    by_lengthscale = M.sum(1) @ Z**2 - np.einsum("ij,ij->j", Z, M @ Z)
    return value, np.array([0.5 * np.vdot(W, function_part), *by_lengthscale, 0.5 * noise * np.trace(W)])


def likelihoods():
    from scipy.linalg import lapack

    from gp import Matern52
    from gp.likelihood import likelihood_and_gradient

    for n in (50, 200, 500, 1000, 2000):
        rng = np.random.default_rng(n)
        X, y = rng.random((n, 4)), rng.standard_normal(n)
        kernel = 1.0 * Matern52((0.5,) * 4)
        K = np.asfortranarray(kernel(X, X) + 0.01 * np.eye(n))
        point = np.append(kernel.theta, np.log(0.01))
        repeats = 101 if n <= 500 else 7
        theta = kernel.theta  # a fit proposes it
        ours = cpu_seconds(lambda: likelihood_and_gradient(kernel.with_theta(theta), 0.01, X, y), repeats)  # noqa: B023
        plain = cpu_seconds(lambda: plain_evaluation(point, X, y), repeats)  # noqa: B023
        floor = cpu_seconds(lambda: lapack.dpotri(lapack.dpotrf(K, lower=1)[0], lower=1), repeats)  # noqa: B023
        print(
            f"likelihood with gradient, n = {n}: {1e3 * ours:.3f} ms, {ours / plain:.2f} x plain NumPy, "
            f"{ours / floor:.2f} x potrf + potri"
        )


def suggestions():
    from bayes_opt import BayesianOptimization

    from bayestuner import Optimizer
    from bayestuner.benchmarks import branin

    bounds = dict(branin.space)
    for n in (10, 50, 200):
        rng = np.random.default_rng(n)
        points = [{name: rng.uniform(*ends) for name, ends in bounds.items()} for _ in range(n)]
        ours = Optimizer(bounds, seed=0)
        theirs = BayesianOptimization(None, bounds, random_state=0, verbose=0, allow_duplicate_points=True)
        for point in points:
            ours.tell(point, branin(**point))
            theirs.register(point, -branin(**point))

        def our_step():
            point = ours.ask()  # noqa: B023
            ours.tell(point, branin(**point))  # noqa: B023

        def their_step():
            point = theirs.suggest()  # noqa: B023
            theirs.register(point, -branin(**point))  # noqa: B023

        our_step(), their_step()
        a, b = cpu_seconds(our_step), cpu_seconds(their_step)
        print(f"ask and tell with refit, d = 2, n = {n}: {1e3 * a:.0f} ms, {a / b:.2f} x bayes_opt")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    import_bayestuner = imports()
    storage.opening(import_bayestuner)
    storage.utilisation()
    storage.batches()
    likelihoods()
    suggestions()
    pictures.frames()
    peers.main()
