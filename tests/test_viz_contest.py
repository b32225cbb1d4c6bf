"""The best so far of several methods, trial by trial: exact medians, readable words, nothing of the user's settings."""

from functools import cache

import numpy as np
import pytest
from pictures import hostile, nothing_global_changes, word_problems

from bayestuner import History, ParameterError, Space, Trial
from viz import animate_convergence
from viz.contest import Contest
from viz.style import DARK, LIGHT


def history(values, direction="minimize"):
    trials = tuple(
        Trial(i, {"x": 0.5}, None if v is None else float(v), "failed" if v is None else "complete", told=i)
        for i, v in enumerate(values)
    )
    return History(Space({"x": (0.0, 1.0)}), direction, trials)


@cache
def runs():
    """Three seeds of a long method and two short ones."""
    rng = np.random.default_rng(0)
    return {
        "grid search": [history(0.6 + rng.exponential(0.2, 23)) for _ in range(3)],
        "random search": [history(0.62 + rng.exponential(0.2, 12)) for _ in range(3)],
        "Bayesian search": [history(0.6 + np.abs(rng.normal(0, 0.3 / np.arange(1, 13)))) for _ in range(3)],
    }


def test_medians_and_quartiles_are_those_of_the_seeds():
    contest = Contest(runs())
    for label, histories in runs().items():
        best = [np.minimum.accumulate([t.value for t in h.trials]) for h in histories]
        np.testing.assert_allclose(contest.quartiles[label], np.quantile(best, (0.25, 0.5, 0.75), axis=0))
    assert contest.median("random search", 99) == contest.quartiles["random search"][1, -1]


def test_what_is_drawn_at_a_trial_are_the_stairs_up_to_it():
    film = animate_convergence(runs()).film
    for trial in (1, 7, 23):
        cue = film.cues("lesson")[trial - 1]
        film.arrange(cue)
        lines = film._scene.lines
        for label, length in (("grid search", 23), ("Bayesian search", 12)):
            x, y = lines[label].get_data()
            assert x.tolist() == list(range(1, min(trial, length) + 1))
            np.testing.assert_array_equal(y, film.contest.quartiles[label][1, : min(trial, length)])


def test_a_short_method_is_level_when_its_median_is_as_good_as_the_long_one_in_the_end():
    contest = Contest({"grid": [history([5, 4, 3, 2])], "fast": [history([3, 2, 1])], "slow": [history([5, 4, 3])]})
    assert [contest.levelled(label) for label in ("grid", "fast", "slow")] == [None, 2, None]
    film = animate_convergence({"grid": [history([5, 4, 3, 2])], "fast": [history([3, 2, 1])]}).film
    assert "As good as grid after all its 4: fast after 2." in film.caption(2)
    assert "As good" not in " ".join(film.caption(1))


def test_the_ranking_knows_the_direction_and_what_has_no_value_is_last():
    low, high = [history([1, 1], "maximize")], [history([None, 2], "maximize")]
    contest = Contest({"low": low, "high": high})
    assert contest.ranking(1) == ["low", "high"]
    assert contest.ranking(2) == ["high", "low"]
    assert animate_convergence({"low": low, "high": high}).film.value("high", 1) == "none yet"


def test_every_trial_is_a_frame_and_every_fifth_a_key():
    animation = animate_convergence(runs(), name="log loss")
    assert len(animation) == 23
    assert len(animation.captions) == 5
    assert len(animate_convergence(runs(), pace="keys")) == 5
    assert "best log loss" in animation.alt_text
    assert all(label in animation.alt_text for label in runs())


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_no_word_is_cut_or_lies_on_another(theme):
    long = {"a method whose name is long, very long": runs()["grid search"], **runs()}
    for some in (runs(), long, {"one": runs()["random search"][:1]}):
        film = animate_convergence(some, theme=theme, name="validation log loss").film
        cues = film.cues("lesson")
        for cue in (cues[0], cues[len(cues) // 2], cues[-1]):
            assert not word_problems(film.arrange(cue).figure, theme)


def test_hostile_settings_change_no_byte_and_nothing_global_changes():
    film = animate_convergence(runs(), theme="dark").film
    some = [film.cues("lesson")[at] for at in (0, 8, -1)]
    images = [film.draw(cue) for cue in some]
    with nothing_global_changes():
        animate_convergence(runs(), theme="dark").film.draw(some[0])
    with hostile():
        spoiled = animate_convergence(runs(), theme="dark").film
        for cue, image in zip(some[::-1], images[::-1], strict=True):
            np.testing.assert_array_equal(spoiled.draw(cue), image)


def test_the_player_tells_the_story(tmp_path):
    page = animate_convergence(runs(), pace="keys").save(tmp_path / "race.html").read_text(encoding="utf-8")
    assert all(f"After {trials} trials" in page for trials in (5, 10, 15, 20, 23))


def test_runs_that_do_not_fit_together_are_refused():
    with pytest.raises(ParameterError, match="one direction"):
        animate_convergence({"a": [history([1])], "b": [history([1], "maximize")]})
    with pytest.raises(ParameterError, match="empty"):
        animate_convergence({})
