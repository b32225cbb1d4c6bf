"""Is this a kernel? A check that says in plain words what is wrong with a new one, and how to mend it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .base import Kernel
from .data import as_inputs
from .differences import slopes
from .errors import KernelError
from .parameters import Array, Parameterized
from .restrict import Selected

TOLERANCE = 1e-4  # of the largest entry: far above the error of differences, far below that of a wrong formula
ROUNDING = 1e-5  # of the largest entry of K: a difference of two entries has lost this much of TOLERANCE
LENGTHS = ("lengthscale", "width", "length_scale")
MOVE = 0.3  # derivatives are looked at where no parameter is 1: there a forgotten division by it would not show
SHORTER = (-0.7, -1.5)  # eigenvalues are looked at with smaller parameters, too: a wrong kernel may be right near by
FAR = 1.5  # and with each parameter moved alone: it may be right only beside the others


def check_kernel(kernel: Kernel, X: Any = None, *, columns: int | None = None) -> None:
    """Raise KernelError that says what is wrong with a kernel, or return None.

    Checked on X (n, d), by default on 100 random points of `columns`, two if the kernel asks for no other number:
    shapes, symmetry, no negative eigenvalue, also with other parameters, as a fit tries them, diagonal, repeatability,
    inputs left alone, every parameter felt, and all derivatives that the kernel has against differences. What is a
    kernel along a line need not be one in a plane: give as many columns as your space has.

    >>> from gp import RBF
    >>> check_kernel(RBF(lengthscale=0.5))
    """
    _check_class(kernel)
    X = _default_points(kernel, columns) if X is None else as_inputs(X)
    name = type(kernel).__name__
    K = _called(name, kernel, X, X)
    _check_shapes(name, kernel, X)
    _check_values(name, kernel, X, K)
    _check_diagonal(name, kernel, X, K)
    _check_parameters(name, kernel, X, K)
    moved = kernel.with_theta(kernel.theta + MOVE)
    _check_gradients(name, moved, X)
    _check_input_gradient(name, moved, X)


def _default_points(kernel: Kernel, columns: int | None) -> Array:
    if columns is not None and columns < 1:
        raise KernelError(f"check_kernel: columns must be 1 or more, got {columns}")
    asked, needed = _columns(kernel)
    return np.random.default_rng(0).random((100, columns or asked or max(2, needed)))


def _columns(kernel: Parameterized) -> tuple[int, int]:
    """How many columns the tuples among the parameters ask for, and how many `on` needs at least; 0 for any number."""
    if isinstance(kernel, Selected):
        return 0, max(kernel.columns) + 1
    values = [getattr(kernel, name) for name, _ in kernel._own()]
    parts = [_columns(part) for _, part in kernel._parts()]
    asked = [len(value) for value in values if isinstance(value, tuple)] + [part[0] for part in parts]
    return max(asked, default=0), max((part[1] for part in parts), default=0)


def _check_class(kernel: Any) -> None:
    if isinstance(kernel, type):
        raise KernelError(f"{kernel.__name__} is a class; check one of its kernels: check_kernel({kernel.__name__}())")
    if not isinstance(kernel, Kernel):
        raise KernelError(f"{kernel!r} is not a kernel; derive the class from gp.Kernel")
    cls = type(kernel)
    if "__dataclass_fields__" not in cls.__dict__:
        raise KernelError(
            f"{cls.__name__} is not a dataclass of its own, so its fields are not seen; "
            "write @dataclass(frozen=True) above the class"
        )


def _called(name: str, kernel: Kernel, x1: Array, x2: Array) -> Array:
    """k(x1, x2), with an error of the kernel's own said in terms of what it was given."""
    first, second = x1.copy(), x2.copy()
    try:
        with np.errstate(all="ignore"):
            K = kernel(first, second)
    except Exception as error:
        raise KernelError(
            f"{name}(x1, x2) fails for x1 {x1.shape} and x2 {x2.shape}: {type(error).__name__}: {error}; "
            "it must work for any two tables with the same columns, gp.squared_distance(x1, x2) is a way"
        ) from error
    if not (np.array_equal(first, x1) and np.array_equal(second, x2)):
        raise KernelError(f"{name} changes its inputs in place; write x = x / width, not x /= width")
    if not isinstance(K, np.ndarray) or K.dtype.kind not in "fiub":
        kind = f"{K.dtype} numbers" if isinstance(K, np.ndarray) else f"{type(K).__name__} {K!r:.60}"
        raise KernelError(f"{name}(x1, x2) must return an array of real numbers, got {kind}")
    if K.shape != (len(x1), len(x2)):
        transposed = " (it is transposed)" if K.shape == (len(x2), len(x1)) else ""
        raise KernelError(
            f"{name}(x1, x2) returns shape {K.shape} for {len(x1)} and {len(x2)} rows, it must be "
            f"({len(x1)}, {len(x2)}){transposed}: one row for each row of x1, one column for each row of x2; "
            "gp.squared_distance(x1, x2) has this shape"
        )
    return K


def _check_shapes(name: str, kernel: Kernel, X: Array) -> None:
    for n1, n2 in ((len(X), 3), (1, len(X)), (len(X), 1), (1, 1), (0, 2)):
        _called(name, kernel, X[:n1], X[:n2])


def _check_values(name: str, kernel: Kernel, X: Array, K: Array) -> None:
    _check_finite(name, kernel, K)
    if not np.array_equal(_called(name, kernel, X, X), K):
        raise KernelError(
            f"{name} gives other numbers when it is called again; nothing in it may be random or remembered"
        )
    size = float(np.abs(K).max()) or 1.0
    skew = np.abs(K - K.T)
    if skew.max() > 1e-10 * size:
        i, j = np.unravel_index(int(np.argmax(skew)), K.shape)
        raise KernelError(
            f"{name} is not symmetric: k(x{i}, x{j}) = {K[i, j]:.6g} but k(x{j}, x{i}) = {K[j, i]:.6g}; "
            "it may depend on x - x' only through something even, such as its square"
        )
    _check_eigenvalues(name, kernel, K)
    for move in SHORTER:
        shorter = kernel.with_theta(kernel.theta + move)
        _check_eigenvalues(name, shorter, _called(name, shorter, X, X), "; a fit may come to these values")
    for parameter, entry in zip(kernel.learned, np.eye(len(kernel.theta)), strict=True):
        advice = f"; a fit may come there: change the formula, or keep {parameter} away by its bounds=(low, high)"
        for move in (-FAR, FAR):
            moved = kernel.with_theta(np.clip(kernel.theta + move * entry, *kernel.log_bounds.T))
            _check_eigenvalues(name, moved, _called(name, moved, X, X), advice)


def _check_finite(name: str, kernel: Kernel, K: Array) -> None:
    if not np.isfinite(K).all():
        i, j = np.argwhere(~np.isfinite(K))[0]
        raise KernelError(
            f"{name} gives {K[i, j]} for rows {i} and {j} with {kernel.parameters}; every value must be finite. "
            "At distance 0 a division by the distance gives NaN: give the limit there"
        )


def _check_eigenvalues(name: str, kernel: Kernel, K: Array, advice: str = "") -> None:
    _check_finite(name, kernel, K)
    lowest = float(np.linalg.eigvalsh((K + K.T) / 2).min())
    if lowest < -1e-8 * float(np.abs(K).max()) * len(K):
        raise KernelError(
            f"{name} is not positive semi-definite: the smallest eigenvalue of K on {len(K)} points is {lowest:.3g} "
            f"with {kernel.parameters}, so no function can have these covariances. Common reasons: a distance where "
            "its square is meant or the reverse, a minus sign, a kernel of one dimension applied to the distance in "
            f"several{advice}"
        )


def _check_diagonal(name: str, kernel: Kernel, X: Array, K: Array) -> None:
    diagonal = np.asarray(kernel.diagonal(X))
    if diagonal.shape != (len(X),):
        raise KernelError(f"{name}.diagonal returns shape {diagonal.shape} for {len(X)} rows, it must be ({len(X)},)")
    if not np.allclose(diagonal, np.diagonal(K), rtol=1e-8, atol=1e-10 * np.abs(K).max()):
        i = int(np.argmax(np.abs(diagonal - np.diagonal(K))))
        raise KernelError(f"{name}.diagonal says {diagonal[i]:.6g} for row {i}, k(x, x) there is {K[i, i]:.6g}")


def _check_parameters(name: str, kernel: Kernel, X: Array, K: Array) -> None:
    theta = kernel.theta
    if kernel.with_theta(theta).parameters.keys() != kernel.parameters.keys():
        raise KernelError(f"{name}.with_theta loses parameters; leave it as gp.Kernel defines it")
    for i, parameter in enumerate(kernel.learned):
        moved = kernel.with_theta(theta + MOVE * np.eye(len(theta))[i])
        if np.array_equal(_called(name, moved, X, X), K):
            raise KernelError(
                f"{name}: the parameter {parameter} changes nothing; use self.{parameter} in the formula, "
                "or remove the field"
            )
    _check_length(name, kernel, X, K)


def _check_length(name: str, kernel: Kernel, X: Array, K: Array) -> None:
    """Where k knows distances alone and has but a lengthscale, only their ratio may count."""
    own = [p for p in kernel.learned if p in LENGTHS]
    if not own or len(kernel.parameters) > 1 or not _alike(_called(name, kernel, X + 1.0, X + 1.0), K):
        return
    doubled = kernel.with_theta(kernel.theta + np.log(2.0))
    at_twice = _called(name, kernel, 2 * X, 2 * X)  # as at X where k compares categories, not distances
    if not any(_alike(M, K) for M in (at_twice, _called(name, doubled, 2 * X, 2 * X))):
        raise KernelError(
            f"{name}: {own[0]} is no length: with inputs and {own[0]} both doubled, k must stay the same. "
            "Is a square or a square root forgotten? distance / width, or squared_distance / width**2"
        )


def _alike(first: Array, second: Array) -> bool:
    return bool(np.allclose(first, second, rtol=1e-6, atol=1e-9))


def _check_gradients(name: str, kernel: Kernel, X: Array) -> None:
    p = len(kernel.theta)
    if not p:
        return
    expected = Kernel.gradient(kernel, X)
    given = np.asarray(kernel.gradient(X))
    if given.shape != expected.shape:
        raise KernelError(
            f"{name}.gradient returns shape {given.shape}, it must be {expected.shape}: "
            f"the last axis has one entry for each of the {p} learned parameters"
        )
    for i, parameter in enumerate(kernel.learned):
        _compare(
            f"{name}.gradient by {parameter}",
            given[..., i],
            expected[..., i],
            ROUNDING * np.abs(kernel(X, X)).max(),
            float(np.exp(kernel.theta[i])),
            parameter,
        )
    W = np.random.default_rng(1).standard_normal((len(X), len(X)))
    K, pullback = kernel.value_and_pullback(X)
    if not np.allclose(K, kernel(X, X), rtol=1e-10, atol=1e-12):
        raise KernelError(f"{name}.value_and_pullback gives another K than calling the kernel does")
    pulled, wanted = np.asarray(pullback(W)), np.einsum("ij,ijp->p", W, expected)
    if pulled.shape != (p,) or not np.allclose(pulled, wanted, rtol=1e-3, atol=TOLERANCE * np.abs(wanted).max()):
        raise KernelError(
            f"{name}.value_and_pullback: pullback(W) gives {pulled}, the sum of W dK/dtheta is {wanted}; "
            "it must be right for a W that is not symmetric, too"
        )


def _check_input_gradient(name: str, kernel: Kernel, X: Array) -> None:
    x, Z = X[:3] + 0.01 * (X.mean(axis=0) - X[:3]), X[3:]  # inward: a kernel may end at the edge
    given = np.asarray(kernel.input_gradient(x, Z))
    expected = Kernel.input_gradient(kernel, x, Z)
    if given.shape != expected.shape:
        raise KernelError(f"{name}.input_gradient returns shape {given.shape}, it must be {expected.shape}: (b, m, d)")
    _compare(f"{name}.input_gradient", given, expected, ROUNDING * np.abs(kernel(X, X)).max(), 1.0, None)
    one = np.asarray(kernel.input_gradient(x[0], Z))
    if one.shape != expected[0].shape or not np.allclose(one, given[0]):
        raise KernelError(f"{name}.input_gradient at one point (d,) must return {expected[0].shape}, got {one.shape}")
    given = np.asarray(kernel.diagonal_gradient(X))
    expected = slopes(kernel.diagonal, X)
    if given.shape != X.shape or np.abs(given - expected).max() > TOLERANCE * (1 + np.abs(expected).max()):
        raise KernelError(f"{name}.diagonal_gradient is off: it is the slope of k(x, x), {X.shape}; or leave it out")


def _compare(what: str, given: Array, expected: Array, rounding: float, value: float, parameter: str | None) -> None:
    """Raise unless two derivatives agree; the usual slips are recognised by what they make of the numbers.

    `rounding` is so large that TOLERANCE of it covers what is lost in the differences.
    """
    size = max(float(np.abs(expected).max()), rounding, 1e-8)

    def agrees(other: Callable[[], Array]) -> bool:
        return bool(np.abs(given - other()).max() <= TOLERANCE * size)

    if agrees(lambda: expected):
        return
    off = float(np.abs(given - expected).max()) / size
    hint = ""
    if agrees(lambda: -expected):
        hint = ": its sign is turned" + ("" if parameter else "; the derivative is by the first argument, x")
    elif parameter and abs(value - 1) > 1e-6 and np.abs(given * value - expected).max() <= TOLERANCE * size:
        hint = f": it is the derivative by {parameter}, not by its logarithm; multiply it by {parameter}"
    raise KernelError(f"{what} is off by {100 * off:.3g} % of the largest entry{hint}; compare with differences of k")
