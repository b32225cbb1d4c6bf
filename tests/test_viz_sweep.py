"""One number at a time: the evidence and its parts, and where an acquisition would go."""

import math

import numpy as np
import pytest

from acquisition import ExpectedImprovement, UpperConfidenceBound
from gp import RBF, GaussianProcess, Matern52, ParameterError
from viz.sweep import evidence, full_name, largest_jump, swept, traced, value_of, verdict, with_value

X = np.linspace(0, 1, 8)[:, None]
y = np.sin(9 * X[:, 0]) + 0.2
POSTERIOR = GaussianProcess(1.7 * Matern52(0.2), noise=0.01, mean=0.1).condition(X, y)


def test_the_parts_are_those_of_the_formula_and_add_up():
    K = POSTERIOR.prior.kernel(X, X) + 0.01 * np.eye(8)
    parts = evidence(POSTERIOR)
    assert parts.data_fit == pytest.approx(-0.5 * (y - 0.1) @ np.linalg.solve(K, y - 0.1), rel=1e-10)
    assert parts.simplicity == pytest.approx(-0.5 * np.linalg.slogdet(K)[1], rel=1e-10)
    assert parts.constant == pytest.approx(-4 * math.log(2 * math.pi))
    assert parts.total == pytest.approx(POSTERIOR.log_marginal_likelihood, rel=1e-12)


def test_in_other_units_of_y_the_evidence_is_that_of_the_values_in_these_units():
    scale = -3.0
    again = GaussianProcess(scale**2 * 1.7 * Matern52(0.2), noise=0.01 * scale**2, mean=0.1 * scale)
    expected = evidence(again.condition(X, scale * y))
    got = evidence(POSTERIOR, -len(POSTERIOR.y) * math.log(abs(scale)))
    assert (got.data_fit, got.simplicity) == pytest.approx((expected.data_fit, expected.simplicity))


@pytest.mark.parametrize(
    ("name", "full", "value"),
    [
        ("lengthscale", "right.lengthscale", 0.2),
        ("right.lengthscale", "right.lengthscale", 0.2),
        ("amplitude", "left.value", 1.7),
        ("value", "left.value", 1.7),
        ("noise", "noise", 0.01),
    ],
)
def test_a_parameter_is_found_and_set_by_its_name(name, full, value):
    process = POSTERIOR.prior
    assert full_name(process, name) == full
    assert value_of(process, name) == pytest.approx(value)
    assert value_of(with_value(process, name, 0.05), name) == pytest.approx(0.05)
    others = {"lengthscale", "amplitude", "noise"} - {
        name,
        full.rsplit(".")[-1],
        "amplitude" if "value" in full else "",
    }
    for other in others:
        assert value_of(with_value(process, name, 0.05), other) == pytest.approx(value_of(process, other))


def test_lengthscales_of_several_inputs_keep_their_proportions():
    process = GaussianProcess(RBF((0.1, 0.4)))
    assert value_of(process, "lengthscale") == pytest.approx(0.2)
    assert with_value(process, "lengthscale", 1.0).kernel.lengthscale == pytest.approx((0.5, 2.0))


def test_a_name_that_means_nothing_or_two_things_is_refused():
    with pytest.raises(ParameterError, match=r"no learned parameter 'period'; .*right.lengthscale, noise"):
        full_name(POSTERIOR.prior, "period")
    with pytest.raises(ParameterError, match=r"2 parameters are called 'lengthscale'.*left.lengthscale"):
        full_name(GaussianProcess(RBF() + Matern52()), "lengthscale")
    with pytest.raises(ParameterError, match="no learned parameter 'lengthscale'"):
        full_name(GaussianProcess(RBF().fixed("lengthscale")), "lengthscale")


def test_a_sweep_conditions_the_same_data_under_each_value():
    values = [0.05, 0.2, 1.0]
    for value, posterior in zip(values, swept(POSTERIOR, "lengthscale", values), strict=True):
        expected = GaussianProcess(1.7 * Matern52(value), noise=0.01, mean=0.1).condition(X, y)
        np.testing.assert_allclose(posterior.predict(X)[1], expected.predict(X)[1], rtol=1e-9)
        assert posterior.log_marginal_likelihood == pytest.approx(expected.log_marginal_likelihood)


@pytest.mark.parametrize(
    ("value", "total", "words"),
    [(0.1, -5.0, "short"), (0.9, -5.0, "long"), (0.1, -3.9, "right"), (0.5, -3.0, "right"), (0.9, -4.01, "long")],
)
def test_too_short_just_right_too_long(value, total, words):
    assert verdict(value, total, best_value=0.5, best_total=-3.0) == words


def test_the_trace_is_where_each_acquisition_is_largest():
    U = np.linspace(0, 1, 101)[:, None]
    mean, std = POSTERIOR.predict(U)
    kappas = np.geomspace(0.01, 30, 25)
    scores, picks = traced([UpperConfidenceBound(float(k)) for k in kappas], POSTERIOR, U, best=0.0)
    for kappa, score, pick in zip(kappas, scores, picks, strict=True):
        np.testing.assert_allclose(score, mean + kappa * std)
        assert pick == np.argmax(mean + kappa * std)
    assert std[picks[-1]] > std[picks[0]]
    _, by_xi = traced([ExpectedImprovement(xi) for xi in (0.0, 2.0)], POSTERIOR, U, best=1.0)
    assert by_xi.shape == (2,)


def test_a_jump_is_the_largest_move_and_creeping_is_none():
    assert largest_jump(np.array([3.4, 3.41, 3.4, 4.98, 5.0]), span=4.8) == 3
    assert largest_jump(np.array([3.4, 3.5, 3.6]), span=4.8) is None
    assert largest_jump(np.array([3.4]), span=4.8) is None
