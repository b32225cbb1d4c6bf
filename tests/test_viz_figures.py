"""Static figures: they show what the record says, their words stay whole, and they touch only their own axes."""

import math
from functools import cache

import matplotlib
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pictures import hostile, nothing_global_changes, word_problems

from acquisition import ThompsonSampling, UpperConfidenceBound
from bayestuner import (
    History,
    NotFittedError,
    Optimizer,
    ParameterError,
    Real,
    Space,
    grid_search,
    importance,
    maximize,
    minimize,
    random_search,
)
from bayestuner.benchmarks import branin
from gp import RBF, Constant, GaussianProcess, Linear, Matern52, Periodic, White
from viz.chart import value_ticks
from viz.figures_compare import plot_convergence, plot_regret
from viz.figures_effects import plot_importance, plot_partial_dependence, relevance
from viz.figures_kernel import plot_kernel, plot_lengthscale
from viz.figures_model import plot_acquisition, plot_surrogate
from viz.figures_parallel import plot_parallel
from viz.figures_run import honesty, intent, plot_calibration, plot_timeline, predictions
from viz.figures_slices import plot_slices
from viz.strip import plot_strip
from viz.style import DARK, LIGHT, THEMES


@cache
def one():
    return minimize(lambda x: math.sin(x) + math.sin(10 * x / 3), {"x": (2.7, 7.5)}, 9, seed=0, n_initial=2)


@cache
def log():
    space = {"the_rate_at_which_it_learns": Real(1e-5, 1e3, log=True)}
    return minimize(lambda **p: 1e-6 * math.log(*p.values()) ** 2, space, 7, seed=0, acquisition=UpperConfidenceBound())


@cache
def whole():
    return maximize(lambda n: -1e6 * (n - 4) ** 2, {"n": (1, 9)}, 7, seed=0, n_initial=3)


@cache
def two():
    return minimize(branin, branin.space, 9, seed=0)


@cache
def kinds():
    """A category beside a number."""
    space = {"rate": Real(1e-4, 1.0, log=True), "activation": ["relu", "tanh", "sigmoid"]}
    return maximize(lambda rate, activation: len(activation) - math.log(rate) ** 2, space, 9, seed=0)


@cache
def four():
    calls = iter(range(100))

    def objective(rate, units, act, the_longest_of_these_names):
        if next(calls) in (3, 9):
            raise ValueError("no luck")
        return math.log10(rate) ** 2 + units / 100 + len(act) + the_longest_of_these_names

    space = {"rate": Real(1e-4, 1.0, log=True), "units": (1, 300), "act": ["relu", "tanh", "gelu"]}
    space["the_longest_of_these_names"] = (0.0, 1.0)
    return minimize(objective, space, 13, seed=0, on_error="continue")


@cache
def compared():
    return {
        "BayesTuner": [minimize(branin, branin.space, 9, seed=s) for s in range(3)],
        "random search": [random_search(branin, branin.space, 9, seed=s) for s in range(3)],
        "grid search": grid_search(branin, branin.space, 9, seed=0),
    }


@cache
def model():
    return GaussianProcess(Matern52(0.5), noise=1e-4).condition([[0.0], [0.7], [1.5], [2.0]], [0.0, 1.0, -0.5, 0.3])


SINGLE = {
    "surrogate": lambda **o: plot_surrogate(one(), samples=2, objective=lambda x: math.sin(x), **o),
    "surrogate_log": lambda **o: plot_surrogate(log(), 1, **o),
    "surrogate_whole": lambda **o: plot_surrogate(whole(), **o),
    "surrogate_two": lambda **o: plot_surrogate(two(), **o),
    "surrogate_kinds": lambda **o: plot_surrogate(kinds(), None, **o),
    "surrogate_model": lambda **o: plot_surrogate(model(), **o),
    "acquisition": lambda **o: plot_acquisition(one(), **o),
    "acquisition_log": lambda **o: plot_acquisition(log(), 0, **o),
    "acquisition_whole": lambda **o: plot_acquisition(whole(), 0, **o),
    "acquisition_two": lambda **o: plot_acquisition(two(), **o),
    "acquisition_kinds": lambda **o: plot_acquisition(kinds(), **o),
    "importance": lambda **o: plot_importance(four(), **o),
    "relevance": lambda **o: plot_importance(four(), method="ard", **o),
    "parallel": lambda **o: plot_parallel(four(), **o),
    "parallel_one": lambda **o: plot_parallel(one(), **o),
    "convergence": lambda **o: plot_convergence(compared(), optimum=branin.minimum, **o),
    "convergence_one": lambda **o: plot_convergence(one(), **o),
    "convergence_log": lambda **o: plot_convergence(compared(), log=True, band="range", **o),
    "regret": lambda **o: plot_regret(compared(), branin.minimum, **o),
    "timeline": lambda **o: plot_timeline(four(), **o),
    "calibration": lambda **o: plot_calibration(four(), **o),
    "lengthscale": lambda **o: plot_lengthscale(model(), **o),
    "lengthscale_run": lambda **o: plot_lengthscale(two(), parameter="noise", **o),
    "kernel": lambda **o: plot_kernel(Periodic(1.0, 2.0) * RBF(3.0) + 0.1, **o),
    "kernel_alone": lambda **o: plot_kernel(Linear(1.0), samples=0, **o),
}
WHOLE = {
    "slices": lambda **o: plot_slices(four(), **o),
    "slices_chosen": lambda **o: plot_slices(two(), at="chosen", **o),
    "slices_point": lambda **o: plot_slices(kinds(), 1, {"rate": 0.01, "activation": "tanh"}, **o),
    "partial_dependence": lambda **o: plot_partial_dependence(four(), **o),
    "partial_dependence_two": lambda **o: plot_partial_dependence(two(), None, **o),
    "strip": lambda **o: plot_strip(one(), objective=lambda x: math.sin(x), **o),
    "strip_rows": lambda **o: plot_strip(whole(), [0, 1, 2, 3], 2, **o),
    "strip_log": lambda **o: plot_strip(log(), columns=3, **o),
}


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", [*SINGLE, *WHOLE])
def test_words_neither_overlap_nor_are_cut(name, theme):
    drawn = (SINGLE | WHOLE)[name](theme=theme)
    assert isinstance(drawn, Axes if name in SINGLE else Figure)
    figure = drawn.figure if name in SINGLE else drawn
    assert word_problems(figure, THEMES[theme]) == []
    assert matplotlib.colors.to_hex(figure.get_facecolor()).upper() == THEMES[theme].bg


@pytest.mark.parametrize("name", SINGLE)
def test_given_axes_are_drawn_into_and_others_left_alone(name):
    figure = Figure()
    mine, other = figure.subplots(1, 2)
    other.plot([0, 5], [1, 7])
    mine.spines["top"].set_visible(True)
    mine.spines["left"].set_visible(False)
    spines = {side: (spine.get_visible(), spine.get_edgecolor()) for side, spine in mine.spines.items()}
    others = other.get_xlim(), other.get_ylim(), other.get_title(), len(other.lines)
    with nothing_global_changes():
        assert SINGLE[name](ax=mine) is mine
    assert {side: (spine.get_visible(), spine.get_edgecolor()) for side, spine in mine.spines.items()} == spines
    assert (other.get_xlim(), other.get_ylim(), other.get_title(), len(other.lines)) == others
    assert figure.axes == [mine, other]
    assert mine.axison
    figure.canvas.draw()


@pytest.mark.parametrize("name", WHOLE)
def test_a_given_figure_is_drawn_into(name):
    figure = Figure(figsize=(9, 7))
    left, right = figure.subfigures(1, 2)
    with nothing_global_changes():
        assert WHOLE[name](figure=left) is left
    assert left.axes
    assert not right.axes
    figure.canvas.draw()
    with pytest.raises(ParameterError, match="the figure has axes already"):
        WHOLE[name](figure=left)


@pytest.mark.parametrize("name", ["surrogate", "importance", "slices", "strip", "timeline", "partial_dependence"])
def test_hostile_settings_change_no_byte(name, tmp_path):
    draw = (SINGLE | WHOLE)[name]

    def saved(file):
        drawn = draw(theme="light")
        (drawn if name in WHOLE else drawn.figure).savefig(tmp_path / file)
        return (tmp_path / file).read_bytes()

    expected = saved("plain.png")
    with hostile(), nothing_global_changes():
        assert saved("hostile.png") == expected


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_files_bear_no_date_and_no_software(suffix, tmp_path):
    figure = plot_importance(two()).figure
    files = [tmp_path / f"{i}.{suffix}" for i in range(2)]
    for file in files:
        figure.savefig(file)
    first, second = (file.read_bytes() for file in files)
    assert first == second
    assert b"Date" not in first
    assert b"Software" not in first


def test_a_figure_shows_itself_in_a_notebook():
    axes = plot_importance(two())
    assert axes.figure._repr_png_().startswith(b"\x89PNG")
    assert axes._repr_png_() == axes.figure._repr_png_()  # what a cell ends with is the axes


# ---- what is drawn is what the record says


def line_of(ax, colour):
    return next(line for line in ax.lines if line.get_color() == colour and len(line.get_xdata()) > 20)


def test_surrogate_is_the_models_mean_in_the_users_units():
    run = one()
    ax = plot_surrogate(run, 2, samples=3)
    line = line_of(ax, LIGHT.model)
    mean, _ = run.steps[2].predict({"x": line.get_xdata()})
    np.testing.assert_allclose(line.get_ydata(), mean)
    assert len(ax.collections[-1].get_segments()) == 3
    assert ax.get_xlim()[0] < 2.7 < 7.5 < ax.get_xlim()[1]
    log_axes = plot_surrogate(log())
    assert log_axes.get_xscale() == "log"
    assert line_of(log_axes, LIGHT.model).get_xdata()[0] == pytest.approx(1e-5)


def test_surrogate_of_all_trials_knows_the_last_one():
    points = [len(plot_surrogate(one(), step).lines[1].get_xdata()) for step in (-1, None)]
    assert points == [8, 9]


def test_acquisition_is_scaled_and_marks_the_chosen_point():
    run = one()
    ax = plot_acquisition(run, 1)
    x = run.trials[run.steps[1].number].params["x"]
    share = line_of(ax, LIGHT.acq)
    assert share.get_ydata().max() <= 1
    assert np.interp(x, share.get_xdata(), share.get_ydata()) > 0.9
    [triangle] = [line for line in ax.lines if line.get_marker() == "v"]
    assert triangle.get_xdata()[0] == x
    assert ax.get_ylabel() == "EI"
    assert plot_acquisition(log(), 0).get_ylabel() == "LCB"


def test_acquisition_of_a_drawn_function_and_of_a_batch():
    run = minimize(lambda x: x**2, {"x": (-1.0, 1.0)}, 7, seed=0, acquisition=ThompsonSampling())
    assert plot_acquisition(run).get_ylabel().startswith("Thompson")
    optimizer = Optimizer({"x": (0.0, 1.0)}, seed=0)
    for point in optimizer.ask(5):
        optimizer.tell(point, point["x"])
    optimizer.ask(2)
    plot_acquisition(optimizer.history)


def test_importance_bars_are_the_shares():
    run = four()
    shares = importance(run)
    ax = plot_importance(run)
    bars = [patch for patch in ax.patches if patch.get_width() != 1 or patch.get_height() != 0.62]
    np.testing.assert_allclose([bar.get_width() for bar in bars], list(shares.values()))
    assert [t.get_text() for t in ax.get_yticklabels()] == list(shares)


def test_relevance_is_one_over_the_lengthscale():
    from viz.chart import belief_of

    belief = belief_of(two(), -1)
    lengths = next(v for k, v in belief.posterior.prior.kernel.parameters.items() if k.endswith("lengthscale"))
    found = relevance(belief)
    assert found["x1"] / found["x2"] == pytest.approx(lengths[1] / lengths[0])
    assert max(found.values()) == 1


def test_parallel_lines_are_the_trials_and_the_best_is_gold():
    run = four()
    ax = plot_parallel(run)
    ghosts, tenth, gold = [c.get_segments() for c in ax.collections]
    complete = [t for t in run.trials if t.status == "complete"]
    assert len(ghosts) + len(tenth) + len(gold) == len(complete)
    assert len(gold) == 1
    assert gold[0][-1, 1] == pytest.approx(0)  # minimised: the lowest end of the last axis
    assert gold[0][0, 1] == pytest.approx(run.space.dimensions["rate"].to_unit([run.best_params["rate"]])[0, 0])


def test_convergence_is_the_median_of_the_best_so_far():
    runs = [minimize(branin, branin.space, 9, seed=s) for s in range(3)]
    ax = plot_convergence(runs)
    values = [np.minimum.accumulate([t.value for t in run.trials]) for run in runs]
    stair = next(line for line in ax.lines if line.get_drawstyle() == "steps-post")
    np.testing.assert_allclose(stair.get_ydata(), np.median(values, axis=0))
    assert "median of 3 seeds" in [t.get_text() for t in ax.get_legend().get_texts()]


def test_random_and_grid_are_grey_in_a_comparison():
    ax = plot_convergence(compared())
    colours = [line.get_color() for line in ax.lines if line.get_drawstyle() == "steps-post"]
    assert colours == [LIGHT.model, LIGHT.look("random").colour, LIGHT.look("grid").colour]


def test_regret_has_a_floor():
    run = minimize(lambda x: (x - 0.5) ** 2, {"x": (0.0, 1.0)}, 12, seed=0)
    ax = plot_regret(run, optimum=0.0)
    stair = next(line for line in ax.lines if line.get_drawstyle() == "steps-post")
    assert ax.get_yscale() == "log"
    assert stair.get_ydata().min() > 0
    if stair.get_ydata()[-1] > run.best_value:
        assert ax.get_yticklabels()[0].get_text().startswith("<")


def test_words_of_ticks_are_their_values():
    for low, high in ((0.61, 1.24), (-3.0, 812.0), (2e6, 9e6), (1e-7, 9e-7), (0.0, 0.037)):
        ticks, words, units = value_ticks(low, high)
        shown = [float(w.replace("−", "-")) * 10.0**units.exponent + units.offset for w in words]
        np.testing.assert_allclose(shown, ticks, rtol=1e-9, atol=1e-12 * high)
        assert len(ticks) >= 2


def test_timeline_bars_are_the_recorded_seconds():
    run = four()
    ax = plot_timeline(run)
    heights = np.array([patch.get_height() for patch in ax.patches]).reshape(3, -1)
    step = run.steps[-1]
    assert heights[0, step.number] == pytest.approx(step.seconds["fit"])
    assert heights[1, step.number] == pytest.approx(step.seconds["score"])
    assert heights[2].tolist() == pytest.approx([t.seconds for t in run.trials])
    assert heights[0, 0] == 0
    assert {intent(s) for s in run.steps} <= {"exploiting", "both", "exploring"}


def test_calibration_compares_what_was_predicted_before():
    run = four()
    known = predictions(run)
    step = run.steps[0]
    assert known.mean[0] == step.mean
    assert step.bend == 0
    assert known.std[0] ** 2 == pytest.approx(step.std**2 + step.noise * step.scale**2)
    assert known.z[0] == pytest.approx((known.values[0] - step.mean) / known.std[0])
    low, high = known.ends(2)
    assert (low[0], high[0]) == pytest.approx((step.mean - 2 * known.std[0], step.mean + 2 * known.std[0]))
    assert len(known.values) == sum(run.trials[s.number].status == "complete" for s in run.steps)


def test_calibration_counts_as_the_model_does_where_values_are_bent():
    run = minimize(
        lambda x, y: math.exp(8 * (x - 0.3) ** 2 + 8 * y**2), {"x": (-1.0, 1.0), "y": (-1.0, 1.0)}, 16, seed=0
    )
    known = predictions(run)
    place = next(i for i, s in enumerate(run.steps) if s.bend)
    step = run.steps[place]
    mean, std, _ = step.standardised
    z = (float(step.scaling.to_model(known.values[place])) - mean) / math.hypot(std, math.sqrt(step.noise))
    assert known.z[place] == pytest.approx(-z)  # minimised: above the prediction is worse
    low, high = known.ends(1)
    inside = low[place] <= known.values[place] <= high[place]
    assert inside == (abs(z) <= 1)


def test_the_verdict_on_honesty():
    rng = np.random.default_rng(0)
    noise = rng.standard_normal(100)
    assert honesty(noise)[1].startswith("Honest")
    assert honesty(3 * noise)[1].startswith("Overconfident")
    assert honesty(noise / 3)[1].startswith("Careful")
    assert "100 % of 100 values within ±1σ" in honesty(np.zeros(100))[0]


def test_lengthscale_curve_passes_through_the_models_likelihood():
    ax = plot_lengthscale(model())
    curve = line_of(ax, LIGHT.model)
    assert np.interp(0.5, curve.get_xdata(), curve.get_ydata()) == pytest.approx(model().log_marginal_likelihood)
    assert ax.get_xscale() == "log"


def test_kernel_curve_is_the_covariance_with_zero():
    ax = plot_kernel(2.0 * RBF(0.5), samples=0)
    curve = line_of(ax, LIGHT.model)
    low, high = ax.get_yticks()
    value = (curve.get_ydata() - low) / (high - low) * 2.0
    np.testing.assert_allclose(value, 2 * np.exp(-0.5 * (curve.get_xdata() / 0.5) ** 2), atol=1e-12)


@pytest.mark.parametrize(
    "kernel",
    [White(1.0), Constant(2.0), Matern52((0.3, 2.0)), RBF().on([2]) + Matern52().on([0]), RBF().fixed("lengthscale")],
)
def test_kernels_of_every_sort_are_drawn(kernel):
    assert word_problems(plot_kernel(kernel).figure) == []


def test_slices_go_through_the_point():
    run = four()
    figure = plot_slices(run)
    for ax, name in zip(figure.axes, run.space.names, strict=False):
        line = next(x for x in ax.lines if x.get_color() == LIGHT.model)
        values = line.get_xdata()
        choices = ["relu", "tanh", "gelu"]
        points = [{**run.steps[-1].record.trials[0].params} for _ in values]
        best = min((t for t in run.steps[-1].record.complete(run.steps[-1].observed)), key=lambda t: t.value).params
        points = [{**best, name: choices[int(v)] if name == "act" else best[name].__class__(v)} for v in values]
        np.testing.assert_allclose(line.get_ydata(), run.steps[-1].predict(points)[0])


# ---- bad input


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: plot_surrogate(four()), ParameterError, "one or two parameters, this run has 4: use plot_slices"),
        (lambda: plot_surrogate("run.db"), TypeError, "needs a History or a posterior, got str"),
        (lambda: plot_surrogate(one(), 99), ParameterError, "step 99 is out of range: the history has 7 steps"),
        (lambda: plot_surrogate(one(), samples=-1), ParameterError, "samples must be a whole number, 0 or more"),
        (lambda: plot_surrogate(one(), theme="pink"), ParameterError, "theme must be one of 'light', 'dark'"),
        (lambda: plot_surrogate(one(), ax=Figure()), TypeError, "ax must be matplotlib Axes, got Figure"),
        (lambda: plot_acquisition(four()), ParameterError, "use plot_slices"),
        (lambda: plot_acquisition(random_search(branin, branin.space, 3, seed=0)), ParameterError, "has no steps"),
        (lambda: plot_slices(two(), at="worst"), ParameterError, "at must be 'best', 'chosen' or a point as a dict"),
        (lambda: plot_slices(two(), None, "chosen"), NotFittedError, "needs a step"),
        (lambda: plot_partial_dependence(one()), ParameterError, "use plot_surrogate for one"),
        (lambda: plot_partial_dependence(two(), figure=3), TypeError, "figure must be a matplotlib Figure, got int"),
        (lambda: plot_importance(two(), method="magic"), ParameterError, "method must be one of 'sobol', 'ard'"),
        (lambda: plot_parallel([1]), TypeError, "plot_parallel needs a History"),
        (lambda: plot_parallel(History(Space({"x": (0.0, 1.0)}), "minimize", ())), NotFittedError, "no trial has"),
        (lambda: plot_convergence({}), ParameterError, "runs is empty"),
        (lambda: plot_convergence({"a": []}), ParameterError, "a holds no history"),
        (lambda: plot_convergence([one(), 3]), TypeError, "every entry needs a History"),
        (lambda: plot_convergence({"a": one(), "b": whole()}), ParameterError, "runs of one direction"),
        (lambda: plot_convergence(one(), band="sd"), ParameterError, "band must be one of 'iqr', 'range', None"),
        (lambda: plot_convergence(one(), log=True), ParameterError, "log=True needs values above 0"),
        (lambda: plot_regret(one(), 5.0), ParameterError, "optimum=5 is not the best: a run found"),
        (lambda: plot_calibration(random_search(branin, branin.space, 3, seed=0)), NotFittedError, "no suggestion"),
        (lambda: plot_lengthscale(Matern52()), TypeError, "needs a posterior or a History, got Matern52"),
        (lambda: plot_lengthscale(model(), parameter="period"), ParameterError, "no learned parameter 'period'"),
        (lambda: plot_kernel(Matern52), TypeError, "needs a gp.Kernel"),
        (lambda: plot_strip(two()), ParameterError, "one parameter, this run has x1, x2; use plot_slices"),
        (lambda: plot_strip(one(), columns=0), ParameterError, "columns must be a whole number from 1 to 8"),
    ],
)  # fmt: skip
def test_bad_input_is_explained(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_ard_needs_a_lengthscale_each():
    run = minimize(branin, branin.space, 7, seed=0, kernel=Matern52())
    with pytest.raises(ParameterError, match="a lengthscale for each parameter or each of the 2 columns"):
        plot_importance(run, method="ard")


def test_a_dark_figure_has_dark_words():
    assert plot_importance(two(), theme="dark").xaxis.label.get_color() == DARK.ink
