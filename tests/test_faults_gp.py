"""Bad input, by the numbers of the fault catalogue: K kernels, G Gaussian process, A acquisitions.

What must be refused is refused at the bad call, in words that name the culprit; what must work gives finite numbers
without a warning (warnings are errors here).
"""

import logging
import tracemalloc

import numpy as np
import pytest
from contracts import Fixed
from scipy import sparse

from acquisition import (
    Constrained,
    Constraint,
    ExpectedImprovement,
    ExpectedImprovementPerSecond,
    KnowledgeGradient,
    LogExpectedImprovement,
    LogProbabilityOfImprovement,
    MaxValueEntropySearch,
    NotFittedError,
    Portfolio,
    ProbabilityOfImprovement,
    ThompsonSampling,
    UpperConfidenceBound,
    maximize,
)
from gp import (
    RBF,
    Constant,
    DataError,
    GaussianProcess,
    Hamming,
    Linear,
    LogNormal,
    Matern,
    Matern12,
    Matern32,
    Matern52,
    ParameterError,
    Periodic,
    RationalQuadratic,
    SeparableMatern52,
    White,
    positive,
)

nan, inf = float("nan"), float("inf")
EI, LogEI, PI, UCB = ExpectedImprovement, LogExpectedImprovement, ProbabilityOfImprovement, UpperConfidenceBound
LogPI, MES, KG = LogProbabilityOfImprovement, MaxValueEntropySearch, KnowledgeGradient

X = np.linspace(0, 1, 6)[:, None]
y = np.sin(6 * X[:, 0])
process = GaussianProcess(1.0 * Matern52(0.3), noise=1e-4)
posterior = process.condition(X, y)


def bad(fault, call, error, match):
    return pytest.param(call, error, match, id=fault)


def changed(array, at, value):
    copy = array.copy()
    copy[at] = value
    return copy


REFUSED = [
    bad("K01-0", lambda: RBF(0.0), ParameterError, "RBF: lengthscale must be > 0.*got 0.0"),
    bad("K01-ARD", lambda: Matern52((1.0, 0.0)), ParameterError, r"lengthscale\[1\] must be > 0"),
    bad("K01-Matern", lambda: Matern(0.0), ParameterError, "Matern: lengthscale must be > 0.*got 0.0"),
    bad("K02", lambda: RBF(-1), ParameterError, "must be > 0.*got -1.0"),
    bad("K03-nan", lambda: Matern52(nan), ParameterError, "finite, got nan"),
    bad("K03-inf", lambda: Matern52(inf), ParameterError, "finite, got inf"),
    bad("K04", lambda: RBF((1.0, 2.0, 3.0))(X, X), DataError, "3 lengthscales.* 1 columns"),
    bad("K04-fit", lambda: GaussianProcess(RBF((1.0, 2.0))).fit(X, y), DataError, "2 lengthscales.* 1 columns"),
    bad("K04-empty", lambda: RBF((1.0, 2.0))(X[:0], X[:0]), DataError, "2 lengthscales.* 1 columns"),
    bad("K05", lambda: RBF().bounded(lengthscale=(2.0, 1.0)), ParameterError, "0 < low <= high"),
    bad("K05-positive", lambda: positive(1.0, (2.0, 1.0)), ParameterError, "0 < low <= high"),
    bad("K05-noise", lambda: GaussianProcess(RBF(), noise_bounds=(1, 0.1)), ParameterError, "noise_bounds"),
    bad("K05-one", lambda: RBF().bounded(lengthscale=1.0), TypeError, "bounds of lengthscale must be two numbers"),
    bad(
        "K05-text", lambda: RBF().bounded(lengthscale=("a", 1)), TypeError, "bounds of lengthscale must be two numbers"
    ),
    bad("K06", lambda: RBF().bounded(lengthscale=(-1.0, 1.0)), ParameterError, "0 < low <= high"),
    bad("K01-periodic", lambda: Periodic(0.0), ParameterError, "Periodic: lengthscale must be > 0.*got 0.0"),
    bad("K01-hamming", lambda: Hamming((1.0, 0.0)), ParameterError, r"lengthscale\[1\] must be > 0"),
    bad("K04-periodic", lambda: Periodic((1.0, 2.0))(X, X), DataError, "2 lengthscales.* 1 columns"),
    bad("K04-period", lambda: Periodic(period=(1.0, 2.0)).gradient(X), DataError, "2 periods.* 1 columns"),
    bad("K04-hamming", lambda: Hamming((1.0, 2.0))(X, X), DataError, "2 lengthscales.* 1 columns"),
    bad("K04-few", lambda: Hamming((1.0,))(X[:, [0, 0]], X[:, [0, 0]]), DataError, "1 lengthscales.* 2 columns"),
    bad("K07", lambda: Periodic(period=0), ParameterError, "Periodic: period must be > 0.*got 0.0"),
    bad("K07-negative", lambda: Periodic(period=-2.0), ParameterError, "period must be > 0.*got -2.0"),
    bad("K07-ARD", lambda: Periodic(period=(1.0, 0.0)), ParameterError, r"period\[1\] must be > 0"),
    bad("K07-nan", lambda: Periodic(period=nan), ParameterError, "finite, got nan"),
    bad("K08-alpha", lambda: RationalQuadratic(alpha=0), ParameterError, "alpha must be > 0.*got 0.0"),
    bad("K08-alpha-negative", lambda: RationalQuadratic(alpha=-1), ParameterError, "alpha must be > 0.*got -1.0"),
    bad("K08-alphas", lambda: RationalQuadratic(alpha=(1.0, 2.0)), TypeError, "alpha must be one number"),
    bad("K08-noise", lambda: White(0.0), ParameterError, "noise must be > 0"),
    bad("K08-noises", lambda: White((1.0, 2.0)), TypeError, "noise must be one number"),
    bad("K08-offset", lambda: Linear(-1.0), ParameterError, "offset must be > 0"),
    bad("K08-offsets", lambda: Linear((1.0, 2.0)), TypeError, "offset must be one number"),
    bad("K09-0", lambda: Matern(nu=0), ParameterError, "nu must be > 0.*got 0.0"),
    bad("K09-negative", lambda: Matern(nu=-1), ParameterError, "nu must be > 0.*got -1.0"),
    bad("K09-nan", lambda: Matern(nu=nan), ParameterError, "nu must be > 0 and finite"),
    bad("K09-large", lambda: Matern(nu=1e3), ParameterError, r"in \(0, 100\], got 1000.0; beyond use RBF"),
    bad("K09-two", lambda: Matern(nu=(0.5, 1.5)), ParameterError, "nu must be one number"),
    bad("K09-text", lambda: Matern(nu="3/2"), TypeError, "nu must be a number.*'3/2'"),
    *[
        bad(f"K13-{type(k).__name__}", lambda k=k: k(np.zeros((2, 1)), np.zeros((2, 3))), DataError, r"\(2, 1\) and ")
        for k in (Matern(), RationalQuadratic(), Periodic(), Linear(), White(), Hamming())
    ],
    *[
        bad(f"K13-1d-{type(k).__name__}", lambda k=k: k(X[:, 0], X), DataError, r"\(6,\) and \(6, 1\)")
        for k in (RBF(), Periodic(), Linear(), White(), Hamming())
    ],
    bad("K14-period", lambda: Periodic(period=1e-308), ParameterError, "period is too close to 0"),
    bad("K14-periods", lambda: Periodic(period=1e-300)(1e10 * X, X), DataError, "overflow in units of the period"),
    bad("K14-alpha", lambda: RationalQuadratic(alpha=1e-320), ParameterError, "alpha is too close to 0"),
    bad("K08-0", lambda: Constant(0.0), ParameterError, "value must be > 0"),
    bad("K08-negative", lambda: -1.0 * RBF(), ParameterError, "value must be > 0.*got -1.0"),
    bad("K13", lambda: RBF()(np.zeros((2, 1)), np.zeros((2, 3))), DataError, r"\(2, 1\) and \(2, 3\)"),
    bad("K13-ARD", lambda: RBF((1.0, 2.0))(np.zeros((2, 2)), np.zeros((2, 3))), DataError, "3 columns"),
    bad("K14", lambda: RBF(1e-320), ParameterError, "close to 0"),
    bad("K14-overflow", lambda: RBF(1e-300)(-1e10 * X, X), DataError, r"inputs up to 1e\+10 overflow"),
    bad("G01-nan", lambda: process.condition(changed(X, (2, 0), nan), y), DataError, "X has NaN in row 2, column 0"),
    bad("G01-inf", lambda: process.fit(changed(X, (5, 0), -inf), y), DataError, "X has -inf in row 5, column 0"),
    bad("G02-nan", lambda: process.fit(X, changed(y, [1, 4], nan)), DataError, "y has NaN in row 1, 4"),
    bad("G02-inf", lambda: process.condition(X, changed(y, 3, inf)), DataError, "y has inf in row 3"),
    bad("G02-append", lambda: posterior.append([[0.5]], [nan]), DataError, "y_new has NaN in row 0"),
    bad("G03", lambda: process.fit(X, y[:4]), DataError, "X has 6 rows, y has 4"),
    bad("G04", lambda: process.fit(X[:0], y[:0]), DataError, "0 rows"),
    bad("G08", lambda: GaussianProcess(RBF(), noise=-1e-3), ParameterError, "noise.* >= 0, got -0.001"),
    bad("G08-nan", lambda: GaussianProcess(RBF(), noise=nan), ParameterError, "noise must be finite"),
    bad("G08-length", lambda: process.condition(X, y, noise=[0.1, 0.2]), ParameterError, r"6 rows, got shape \(2,\)"),
    bad("G08-point", lambda: process.fit(X, y, noise=changed(y, 0, -1)), ParameterError, "noise: every variance"),
    bad("G08-points", lambda: process.condition(X, y, noise=np.full(6, nan)), ParameterError, "noise: every variance"),
    bad("G08-text", lambda: GaussianProcess(RBF(), noise="small"), TypeError, "noise must be a number"),
    bad("G08-object", lambda: GaussianProcess(RBF(), noise=object()), TypeError, "noise must be a number"),
    bad("G09-text", lambda: process.condition(X, list("abcdef")), TypeError, "y must hold real numbers.*'a'"),
    bad("G09-objects", lambda: process.condition(X, [object()] * 6), TypeError, "y must hold real numbers"),
    bad("G09-none", lambda: process.condition(X, [1.0, None, 1, 1, 1, 1]), TypeError, "objects such as None"),
    bad("G09-complex", lambda: process.condition(X, y + 0j), TypeError, "complex"),
    bad("G09-numerals", lambda: process.condition(X, np.array(list("123456"), object)), TypeError, "such as '1'"),
    bad("G09-huge", lambda: process.condition(X, [10**400] * 6), DataError, "too large"),
    bad("G09-ragged", lambda: process.condition([[1], [1, 2]], [1, 2]), DataError, "rectangular"),
    bad(
        "G10",
        lambda: process.condition(X[:, 0], y),
        DataError,
        r"expected \(n, d\), got \(6,\); reshape with X\[:, None\]",
    ),
    bad("G10-3d", lambda: process.condition(X[None], y), DataError, r"expected \(n, d\), got \(1, 6, 1\)"),
    bad("G11-wide", lambda: process.condition(X, np.zeros((6, 2))), DataError, r"expected \(n,\), got \(6, 2\)"),
    bad("G17", lambda: process.condition(sparse.csr_matrix(X), y), TypeError, r"sparse.*X.toarray\(\)"),
    bad("G19-columns", lambda: posterior.predict([[1.0, 2.0]]), DataError, "X has 2 columns, the model was given 1"),
    bad("G19-nan", lambda: posterior.predict([[0.1], [nan]]), DataError, "NaN in row 1, column 0"),
    bad("G19-1d", lambda: posterior.predict([0.1, 0.2]), DataError, r"reshape with X\[:, None\]"),
    bad("G19-covariance", lambda: posterior.covariance([[nan]]), DataError, "NaN"),
    bad("G19-gradient", lambda: posterior.predict_gradient([0.1, 0.2]), DataError, "2 columns"),
    bad("G19-sample", lambda: posterior.sample([0.1]), DataError, "reshape"),
    bad("G19-append", lambda: posterior.append([[0.1, 0.2]], [1.0]), DataError, "2 columns"),
    bad("G22-negative", lambda: posterior.sample(X, size=-1), ParameterError, "size must be >= 0, got -1"),
    bad("G22-fraction", lambda: process.sample(X, size=1.5), TypeError, "size must be a whole number"),
    bad("G-restarts", lambda: process.fit(X, y, restarts=-1), ParameterError, "restarts must be >= 0"),
    bad("G-mean", lambda: GaussianProcess(RBF(), mean=nan), ParameterError, "mean must be finite"),
    bad("G-kernel", lambda: GaussianProcess("rbf"), TypeError, "kernel must be a gp.Kernel, got 'rbf'"),
    bad("A01-xi", lambda: EI(-0.1), ParameterError, "ExpectedImprovement: xi must be finite and >= 0, got -0.1"),
    bad("A01-noise", lambda: LogEI(noise=-0.1), ParameterError, "LogExpectedImprovement: noise must be .* >= 0"),
    bad("A02-noise", lambda: EI(noise="model"), TypeError, "noise must be a number >= 0, or 'learned'"),
    bad("A01-kappa", lambda: UCB(-1), ParameterError, "UpperConfidenceBound: kappa must be finite and >= 0, got -1"),
    bad("A02-nan", lambda: UCB(nan), ParameterError, "kappa must be finite"),
    bad("A02-inf", lambda: LogEI(inf), ParameterError, "xi must be finite"),
    bad("A02-text", lambda: PI("a"), TypeError, "xi must be a number >= 0, got 'a'"),
    bad("A02-none", lambda: UCB(None), TypeError, "kappa must be a number"),
    bad("A02-array", lambda: UCB([1.0, 2.0]), TypeError, "kappa must be a number"),
    bad("A01-logpi", lambda: LogPI(-0.1), ParameterError, "LogProbabilityOfImprovement: xi.* >= 0"),
    bad("A01-cost", lambda: ExpectedImprovementPerSecond(-1), ParameterError, "xi must be finite and >= 0"),
    bad("A01-nu", lambda: UCB(nu=-1), ParameterError, "nu must be finite and >= 0"),
    bad("A01-delta-0", lambda: UCB(delta=0), ParameterError, r"delta is a probability in \(0, 1\), got 0"),
    bad("A01-delta-1", lambda: UCB(delta=1.0), ParameterError, r"delta is a probability in \(0, 1\)"),
    bad("A01-delta-2", lambda: UCB(delta=2.0), ParameterError, r"delta is a probability in \(0, 1\), got 2.0"),
    bad("A01-eta", lambda: Portfolio([EI()], eta=-1), ParameterError, "Portfolio: eta must be finite and >= 0"),
    bad("A02-delta-text", lambda: UCB(delta="0.1"), TypeError, "delta must be a number"),
    bad("A02-delta-nan", lambda: UCB(delta=nan), ParameterError, "delta must be finite"),
    bad("A02-eta", lambda: Portfolio([EI()], eta="a"), TypeError, "eta must be a number"),
    *[
        bad(f"A02-{Class.__name__}-{value!r}", lambda c=Class, n=name, v=value: c(**{n: v}), error, f"{name} must be")
        for Class, name in ((ThompsonSampling, "seed"), (MES, "size"), (KG, "size"))
        for value, error in (
            ("a", TypeError),
            ("3", TypeError),
            ([3], TypeError),
            (True, TypeError),
            (2.5, ParameterError),
            (-1, ParameterError),
            (nan, ParameterError),
        )
    ],
    bad("A02-size-0", lambda: MES(size=0), ParameterError, "size must be finite and >= 1"),
    bad("A02-limit-text", lambda: Constraint(posterior, "0"), TypeError, "low must be a number or None, got '0'"),
    bad("A02-limit-nan", lambda: Constraint(posterior, high=nan), ParameterError, "low < high"),
    bad("A02-limits", lambda: Constraint(posterior, 2.0, 1.0), ParameterError, "low < high, got low=2.0, high=1.0"),
    *[
        bad(
            f"A03-{a.label}",
            lambda a=a: maximize(a, process.condition(X[:0], y[:0]), 0.0, [[0, 1]], seed=0),
            NotFittedError,
            "no observations",
        )
        for a in (LogPI(), MES(), KG(), ThompsonSampling(), Portfolio([EI()]))
    ],
    bad("A08-maximize", lambda: maximize("ei", posterior, 0.0, [[0, 1]], seed=0), TypeError, "an acquisition.*'ei'"),
    bad(
        "A08-class",
        lambda: maximize(LogEI, posterior, 0.0, [[0, 1]], seed=0),
        TypeError,
        r"is a class; give an instance: LogExpectedImprovement\(\)",
    ),
    bad("A08-score", lambda: KG().score(y, y**2, 0.0), TypeError, "KnowledgeGradient has no score of mean and std"),
    bad("A08-none", lambda: maximize(None, posterior, 0.0, [[0, 1]], seed=0), TypeError, "expected an acquisition"),
    bad("A08-portfolio", lambda: Portfolio(["ei", "pi"]), TypeError, "Portfolio: expected an acquisition.*'ei'"),
    bad("A08-portfolio-class", lambda: Portfolio([EI]), TypeError, "Portfolio: ExpectedImprovement is a class"),
    bad("A08-portfolio-text", lambda: Portfolio("ei"), TypeError, "expected a list of acquisitions, got 'ei'"),
    bad("A08-portfolio-one", lambda: Portfolio(EI()), TypeError, "expected a list of acquisitions"),
    bad("A08-constrained", lambda: Constrained((Constraint(posterior),), "ei"), TypeError, "Constrained.*'ei'"),
    bad("A08-constraint", lambda: Constrained(Constraint(posterior)), TypeError, "expected a list of constraints"),
    bad("A08-constraints", lambda: Constrained([posterior]), TypeError, "expected a list of constraints"),
    bad("A09", lambda: Portfolio([]), ParameterError, "at least one acquisition, got an empty list"),
    bad("A09-constraints", lambda: Constrained([]), ParameterError, "at least one constraint, got an empty list"),
    bad("A09-gains", lambda: Portfolio([EI()], gains=(1.0, 2.0)), ParameterError, "1 acquisitions cannot have 2 gains"),
    bad(
        "A03",
        lambda: maximize(EI(), process.condition(X[:0], y[:0]), 0.0, [[0, 1]], seed=0),
        NotFittedError,
        "no observations",
    ),
    *[
        bad(f"A05-{a.label}", lambda a=a: a(Fixed(0.0, -1e-3), X, 0.0), ParameterError, "std must be >= 0, got -0.001")
        for a in (EI(), LogEI(), PI(), UCB(), LogPI(), MES(maxima=(1.0,)))
    ],
    *[
        bad(f"A07-{a.label}", lambda a=a: maximize(a, posterior, nan, [[0, 1]], seed=0), ParameterError, "best.*NaN")
        for a in (EI(), LogEI(), PI(), UCB(), LogPI(), Portfolio([LogEI()]), ExpectedImprovementPerSecond())
    ],
    *[
        bad(f"A07-{a.label}", lambda a=a: a.score(y, y**2, nan), ParameterError, "best.*NaN")
        for a in (MES(maxima=(1.0,)), LogPI())
    ],
]


@pytest.mark.parametrize(("call", "error", "match"), REFUSED)
def test_refused(call, error, match):
    with pytest.raises(error, match=match):
        call()


def test_errors_are_those_a_user_would_guess():
    assert issubclass(DataError, ValueError)
    assert issubclass(ParameterError, ValueError)
    assert issubclass(NotFittedError, RuntimeError)


def finite(model, at=X):
    """Everything that a posterior says is a finite number; its mean and std."""
    mean, std = model.predict(at)
    for array in (mean, std, model.covariance(at), *model.predict_gradient(at), *model.leave_one_out()):
        assert np.isfinite(array).all()
    assert np.isfinite(model.log_marginal_likelihood)
    assert (std >= 0).all()
    return mean, std


def finite_or_refused(make, at=X):
    """Extremes that only a scaled y or X can serve: a finite answer, or a DataError, and never a warning."""
    try:
        return finite(make(), at)
    except DataError as error:
        assert "scale" in str(error) or "overflow" in str(error)  # noqa: PT017
        return None


FAMILIES = [
    Matern12(),
    Matern12((1.0, 2.0)),
    Matern32((1.0, 2.0)),
    Matern(nu=0.3),
    Matern(nu=1.0),
    Matern((1.0, 2.0), nu=1.7),
    Matern(nu=100.0),
    RationalQuadratic(alpha=2.0),
    RationalQuadratic((1.0, 2.0), alpha=30.0),
    SeparableMatern52((1.0, 2.0)),
]


@pytest.mark.parametrize(
    "kernel", [RBF(), RBF((1.0, 1.0)), Matern52(1.0), Matern52((1.0, 2.0)), 2.0 * RBF() + 0.1, *FAMILIES], ids=repr
)
def test_K11_distances_of_1e200(kernel):
    far = np.array([[0.0, 0.0], [1e200, 0.0], [0.0, -1e200]])
    K = kernel(far, far)
    base = K[0, 1]
    np.testing.assert_allclose(K, np.where(np.eye(3), K[0, 0], base), rtol=0, atol=1e-100)
    assert base == 0.1 or base < 1e-100
    for result in (
        kernel.gradient(far),
        kernel.input_gradient(far, far),
        kernel.value_and_pullback(far)[1](np.ones((3, 3))),
    ):
        assert np.isfinite(result).all()
    mean, _ = finite(GaussianProcess(kernel, noise=0.1).fit(far, [1.0, 2.0, 3.0], seed=0), far)
    assert mean[0] < mean[1] < mean[2]


@pytest.mark.parametrize(
    "kernel",
    [
        *(RBF(), Matern52((1.0, 2.0)), Constant(), 2.0 * RBF() + 0.1, RBF().on([1]), RBF() ** 2),
        *(Periodic(), Periodic((1.0, 2.0)), Linear(), White(), Hamming(), Hamming((1.0, 2.0)), *FAMILIES),
    ],
    ids=repr,
)
def test_K12_no_rows(kernel):
    none, some = np.zeros((0, 2)), np.zeros((3, 2))
    assert kernel(none, some).shape == (0, 3)
    assert kernel(some, none).shape == (3, 0)
    assert kernel(none, none).shape == (0, 0)
    assert kernel.diagonal(none).shape == (0,)


@pytest.mark.parametrize("scale", [1e-300, 1e-150])
@pytest.mark.parametrize("Class", [RBF, Matern52, Matern12, Matern32, Matern, Hamming])
def test_K14_tiny_lengthscales(scale, Class):
    K = Class(scale)(X, X)
    np.testing.assert_array_equal(K, np.eye(6))


def test_G04_no_rows_is_the_prior():
    mean, std = finite(process.condition(X[:0], y[:0]))
    np.testing.assert_array_equal(mean, 0.0)
    np.testing.assert_array_equal(std, 1.0)


@pytest.mark.parametrize("kernel", [Periodic(), Periodic((1.0, 1.0)), White(), Hamming()], ids=repr)
def test_K11_structured_kernels_of_distances_of_1e200(kernel):
    far = np.array([[0.0, 0.0], [1e200, 0.0], [0.0, -1e200]])
    for result in (kernel(far, far), kernel.gradient(far), kernel.input_gradient(far, far), kernel.diagonal(far)):
        assert np.isfinite(result).all()
    assert np.abs(kernel(far, far)).max() == 1


@pytest.mark.parametrize("scale", [1e-150, 1e-100, 1e-8, 1e8, 1e100])
def test_K14_periodic_lengthscales_of_any_size(scale):
    for kernel in (Periodic(scale, period=0.37), Periodic((scale,), period=(0.37,))):
        for result in (kernel(X, X), kernel.gradient(X), kernel.input_gradient(X, X)):
            assert np.isfinite(result).all()
        np.testing.assert_array_equal(np.diagonal(kernel(X, X)), 1.0)
        np.testing.assert_allclose(kernel(X, X), np.eye(6) if scale < 1 else 1.0, atol=1e-12)


def test_G18_a_process_predicts_only_once_it_is_conditioned():
    assert not hasattr(process, "predict")
    mean, std = process.condition(X[:0], y[:0]).predict(X)
    np.testing.assert_array_equal([mean, std], [np.zeros(6), np.ones(6)])


def test_G05_one_row():
    mean, std = finite(process.fit([[0.5]], [2.0], seed=0), np.array([[0.5], [100.0]]))
    assert mean[0] == pytest.approx(2.0, abs=0.1)
    assert std[1] > std[0]
    assert std[1] > 0.5


@pytest.mark.parametrize("constant", [0.0, 5.0, -1e3])
def test_G06_constant_values(constant):
    prior = GaussianProcess(1.0 * RBF(), mean=constant)
    mean, _ = finite(prior.fit(X, np.full(6, constant), seed=0), X + 0.05)
    np.testing.assert_allclose(mean, constant, rtol=1e-12, atol=1e-12)
    mean, _ = finite(process.fit(X, np.full(6, constant), seed=0))
    np.testing.assert_allclose(mean, constant, rtol=0.01, atol=1e-6)


@pytest.mark.parametrize("learn_noise", [True, False])
def test_G07_duplicates_that_disagree_without_noise(caplog, learn_noise):
    exact = GaussianProcess(RBF(), noise=0.0)
    with caplog.at_level(logging.WARNING, logger="bayestuner"):
        mean, _ = finite(exact.condition([[0.5], [0.5], [0.1]], [1.0, 3.0, 0.0]), np.array([[0.5]]))
    assert mean[0] == pytest.approx(2.0, rel=1e-3)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "added 1.0e-10" in caplog.text
    caplog.clear()
    finite(exact.fit([[0.5], [0.5], [0.1]], [1.0, 3.0, 0.0], seed=0, learn_noise=learn_noise))
    assert len(caplog.records) <= 1, "one warning, not one for every step of the search"


def test_G07_appended_duplicates_without_noise(caplog):
    exact = GaussianProcess(RBF(), noise=0.0)
    seen = exact.condition([[0.1], [0.5]], [0.0, 1.0])
    for new in ([[0.5]], [[0.9], [0.9]], [[0.5], [0.9], [0.1]]):
        mean, _ = finite(seen.append(new, np.ones(len(new))), np.array([[0.5]]))
        assert mean[0] == pytest.approx(1.0, abs=1e-3)
    assert caplog.text.count("nearly singular") == 3


@pytest.mark.parametrize("kind", [bool, int, list, tuple, np.float32])
def test_G09_numbers_of_any_kind(kind):
    values = np.array([0, 1, 1, 0, 1, 0])
    given = kind(values) if kind in (list, tuple) else values.astype(kind)
    np.testing.assert_array_equal(process.condition(X, given).y, values.astype(float))
    assert process.condition(X.tolist(), given).y.dtype == np.float64


def test_G11_a_column_of_values_counts_as_a_vector():
    np.testing.assert_array_equal(process.condition(X, y[:, None]).alpha, posterior.alpha)


@pytest.mark.parametrize("scale", [1e300, 1e160, 1e100, 1e-150, 1e-300])
@pytest.mark.parametrize("method", ["condition", "fit"])
def test_G12_G13_values_of_any_size(scale, method):
    settings = {"seed": 0} if method == "fit" else {}
    result = finite_or_refused(lambda: getattr(process, method)(X, scale * y, **settings))
    if result and method == "condition":
        np.testing.assert_allclose(result[0], scale * posterior.predict(X)[0], rtol=1e-10)
    assert result or scale > 1


def test_G14_400_points_on_a_line_with_next_to_no_noise():
    line = np.linspace(0, 1, 400)[:, None]
    mean, _ = finite(GaussianProcess(RBF(), noise=1e-16).condition(line, line[:, 0]), line + 0.001)
    np.testing.assert_allclose(mean, line[:, 0] + 0.001, atol=1e-3)


def test_G15_one_value_of_1e12():
    finite_or_refused(lambda: process.fit(X, changed(y, 2, 1e12), seed=0))


def test_G16_inputs_of_1e_minus_9():
    finite_or_refused(lambda: process.fit(1e-9 * X, y, seed=0), 1e-9 * X)
    scaled = GaussianProcess((1.0 * Matern52(3e-10)).fixed("right.lengthscale"), noise=1e-4).condition(1e-9 * X, y)
    np.testing.assert_allclose(scaled.alpha, posterior.alpha, rtol=1e-9)


def test_G17_a_data_frame_is_accepted():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"x": X[:, 0]})
    np.testing.assert_array_equal(process.condition(frame, pandas.Series(y)).alpha, posterior.alpha)
    with pytest.raises(TypeError, match="X must hold real numbers"):
        process.condition(pandas.DataFrame({"x": ["1", "2"]}), [1, 2])


def test_G20_no_queries():
    none = np.zeros((0, 1))
    assert [a.shape for a in posterior.predict(none)] == [(0,), (0,)]
    assert posterior.covariance(none).shape == (0, 0)
    assert [a.shape for a in posterior.predict_gradient(none)] == [(0, 1), (0, 1)]
    assert posterior.sample(none, 3).shape == (3, 0)
    np.testing.assert_array_equal(posterior.append(none, []).alpha, posterior.alpha)


def test_G21_std_and_covariance_agree():
    at = np.linspace(-0.5, 1.5, 30)[:, None]
    np.testing.assert_allclose(np.diagonal(posterior.covariance(at)), posterior.predict(at)[1] ** 2, atol=1e-13)


def test_G22_no_samples():
    assert posterior.sample(X, size=0).shape == (0, 6)
    assert process.sample(X, size=0).shape == (0, 6)


def test_G23_200_rows_of_40_copies():
    rng = np.random.default_rng(0)
    rows = np.repeat(np.linspace(0, 1, 5)[:, None], 40, axis=0)
    fitted = GaussianProcess(1.0 * RBF(0.3)).fit(rows, np.sin(6 * rows[:, 0]) + 0.2 * rng.normal(size=200), seed=0)
    finite(fitted)
    assert np.sqrt(fitted.prior.noise) == pytest.approx(0.2, rel=0.15)


def test_G24_an_interrupted_fit_leaves_everything_as_it_was():
    class Interrupting(LogNormal):
        def log_density(self, value):
            raise KeyboardInterrupt

    before = posterior.predict(X)
    with pytest.raises(KeyboardInterrupt):
        GaussianProcess(process.kernel, priors={"noise": Interrupting(0.0, 1.0)}).fit(posterior.X, posterior.y)
    np.testing.assert_array_equal(posterior.predict(X), before)
    np.testing.assert_array_equal(posterior.append([[0.5]], [0.0]).X[-1], [0.5])


def test_G25_5000_observations_in_bounded_memory():
    rng = np.random.default_rng(0)
    many = rng.uniform(size=(5000, 2))
    tracemalloc.start()
    mean, _ = GaussianProcess(Matern52(0.5), noise=1e-2).condition(many, many.sum(axis=1)).predict(many[:10])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    np.testing.assert_allclose(mean, many[:10].sum(axis=1), atol=0.05)
    assert peak < 5 * 5000**2 * 8, "no more than about four matrices at once"


@pytest.mark.parametrize(
    "acquisition",
    [EI(), LogEI(), PI(0.1), LogPI(0.1), UCB(), MES(maxima=(1.0, 2.0)), KG(), ExpectedImprovementPerSecond()],
    ids=repr,
)
def test_A04_a_std_of_0_gives_numbers(acquisition):
    exact = GaussianProcess(Matern52(0.3), noise=0.0).condition(X, y)
    values, gradients = acquisition.value_and_gradient(exact, X, float(y.max()))
    assert np.isfinite(values).all()
    assert np.isfinite(gradients).all()
    chosen, _ = maximize(acquisition, exact, float(y.max()), [[0.0, 1.0]], seed=0)
    assert np.abs(X - chosen).min() > 1e-3, "what is known already is not tried again"


@pytest.mark.parametrize("mean", [-39.0, -1e3, -1e6, -1e50])
def test_A06_far_below_the_best_log_pi_still_climbs(mean):
    by_mean, by_std = LogPI().partials(np.array([mean]), np.array([1.0]), 0.0)
    assert np.isfinite(LogPI().score(np.array([mean]), np.array([1.0]), 0.0)).all()
    assert by_mean[0] == pytest.approx(-mean, rel=1e-2)
    assert by_std[0] == pytest.approx(mean**2, rel=1e-2)


@pytest.mark.parametrize("acquisition", [EI(), PI()])
def test_A04_a_certain_tie_is_worth_nothing(acquisition):
    np.testing.assert_array_equal(acquisition(Fixed(1.0, 0.0), X, 1.0), 0.0)
    np.testing.assert_array_equal(acquisition.gradient(posterior, X, 2.0).shape, X.shape)


@pytest.mark.parametrize("mean", [-39.0, -1e3, -1e6, -1e50])
def test_A06_far_below_the_best_log_ei_still_climbs(mean):
    by_mean, by_std = LogEI().partials(np.array([mean]), np.array([1.0]), 0.0)
    assert np.isfinite(LogEI().score(np.array([mean]), np.array([1.0]), 0.0)).all()
    assert by_mean[0] == pytest.approx(-mean, rel=1e-2)
    assert by_std[0] == pytest.approx(mean**2, rel=1e-2)


@pytest.mark.parametrize("level", [0.0, -1e308])
def test_A10_nothing_to_choose_by_fills_space(level):
    x, value = maximize(EI() if level == 0 else UCB(), Seen(level, 0.0), 1e3, [[0.0, 1.0]], seed=0)
    assert x[0] > 0.95
    assert value == level


@pytest.mark.parametrize(
    "acquisition", [MES(), LogPI(), ThompsonSampling(), KG(), Portfolio([EI(), UCB()])], ids=lambda a: a.label
)
def test_A10_values_that_are_all_the_same_are_no_obstacle(acquisition):
    flat = GaussianProcess(Constant(1e-12), noise=1e-2).condition([[0.0], [0.1]], [0.0, 0.0])
    x, value = maximize(acquisition, flat, 0.0, [[0.0, 1.0]], seed=0)
    assert 0 <= x[0] <= 1
    assert np.isfinite(value)


class Seen(Fixed):
    X = np.array([[0.0], [0.1]])


@pytest.mark.parametrize(
    ("action", "error", "words"),
    [
        (lambda: GaussianProcess(RBF(), noise_bounds=3), TypeError, "noise_bounds must be two numbers"),
        (lambda: GaussianProcess(RBF(), noise_bounds=(2, 1)), ParameterError, "noise_bounds must be two finite"),
        (lambda: positive(1.0, bounds=3), TypeError, "bounds must be two numbers"),
        (lambda: GaussianProcess(RBF(), priors="a"), TypeError, "priors are a dict such as"),
        (lambda: GaussianProcess(RBF(), priors=[1]), TypeError, "priors are a dict such as"),
        (lambda: LogNormal("a", 1), TypeError, "mu and sigma must be numbers"),
        (lambda: RBF(10**400), ParameterError, "must be > 0 and finite"),
        (lambda: GaussianProcess(RBF(), noise=10**400), ParameterError, "noise must be finite"),
        (lambda: LogExpectedImprovement(xi=10**400), ParameterError, "xi must be finite"),
    ],
)
def test_settings_that_are_none(action, error, words):
    with pytest.raises(error, match=words):
        action()
