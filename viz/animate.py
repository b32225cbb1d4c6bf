"""The animation, or one picture, of a run: along one parameter, on a map of two, or as a matrix of more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from bayestuner import History, ParameterError

from .animation import Animation
from .frames import Cue, Film, checked_pace
from .matrix import MatrixFilm
from .pacing import PHASES
from .story1d import SIZE, Story1D
from .story2d import Story2D
from .style import Theme, checked_theme

LARGEST = 4000  # pixels of a side


def animate(
    history: History,
    *,
    pace: str = "lesson",
    theme: str | Theme = "light",
    objective: Callable[..., Any] | None = None,
    steps: Any = None,
    parameters: Sequence[str] | None = None,
    size: tuple[int, int] | None = None,
    scale: float = 1,
    captions: bool = True,
) -> Animation:
    """Return the animation of a run: what the model believed, why each point was chosen, and what was learned.

    One parameter is shown along its axis, two on maps, more as a matrix of average effects. `pace` is "lesson",
    "brief", "keys" or "steps"; `objective` the true function, drawn dashed (it is called only here, never to
    animate); `steps` an index, several, or a slice of history.steps; `parameters` names of those to show in a
    matrix; `size` pixels of the picture of one parameter, at least (900, 600); `scale` multiplies the resolution.

    Nothing is drawn yet. Raises NotFittedError where no trial has a value, ParameterError or TypeError for
    arguments that make no sense.

    >>> from bayestuner import minimize
    >>> run = minimize(lambda x: (x - 2) ** 2, {"x": (0.0, 5.0)}, n_trials=6, seed=0)
    >>> animate(run, pace="keys").captions[0]
    'Fit the model to 5 observations. Most plausible length-scale: ...'
    """
    checked_pace(pace)
    return Animation(film_of(history, theme, objective, steps, parameters, size, scale, captions), pace)


def plot_step(
    history: History,
    step: int = -1,
    phase: str = "choose",
    *,
    theme: str | Theme = "light",
    objective: Callable[..., Any] | None = None,
    parameters: Sequence[str] | None = None,
    size: tuple[int, int] | None = None,
    scale: float = 1,
    captions: bool = True,
) -> Figure:
    """Return one frame of a run's story as a figure: phase "fit", "score", "choose", "evaluate" or "update" of a step.

    `step` is an index into history.steps, negative from the end. A matrix has no phases and is shown after the
    step. Other arguments and errors are those of `animate`.

    >>> from bayestuner import minimize
    >>> run = minimize(lambda x: (x - 1) ** 2, {"x": (0.0, 4.0)}, 7, seed=0)
    >>> plot_step(run, phase="fit").axes[0].get_ylabel()
    'f(x) ... lower is better'
    """
    name = str(phase).capitalize()
    if name not in PHASES:
        raise ParameterError(f"phase must be one of {', '.join(p.lower() for p in PHASES)}, got {phase!r}")
    if isinstance(step, bool) or not isinstance(step, (int, np.integer)):
        raise TypeError(f"step must be a whole number, got {step!r}")
    film = film_of(history, theme, objective, int(step), parameters, size, scale, captions)
    cues = film.cues("keys")
    if isinstance(film, MatrixFilm) or not history.steps:
        return _figure(film, cues[-1])
    found = next((cue for cue in cues if cue.phase == name), None)
    if found is None:
        there = ", ".join(cue.phase.lower() for cue in cues)
        raise ParameterError(
            f"step {step} has no phase {phase!r} yet, its point is still being evaluated; it has {there}"
        )
    return _figure(film, found)


def _figure(film: Any, cue: Cue) -> Figure:
    figure: Figure = film.arrange(cue).complete()
    return figure


def film_of(
    history: History,
    theme: str | Theme,
    objective: Callable[..., Any] | None,
    steps: Any,
    parameters: Sequence[str] | None,
    size: tuple[int, int] | None,
    scale: float,
    captions: bool,
) -> Film:
    """The film that fits a run's number of parameters; every argument is checked before anything is drawn."""
    if not isinstance(history, History):
        raise TypeError(f"a History is animated, as minimize returns it or optimizer.history holds it; got {history!r}")
    look, scale = checked_theme(theme), checked_scale(scale)
    if objective is not None and not callable(objective):
        raise TypeError(f"objective must be the function that was searched, or None, got {objective!r}")
    names = history.space.names
    shown = names if parameters is None else checked_names(names, parameters)
    if len(names) > 2 or len(shown) < len(names):
        _only_one_parameter(size, names)
        return MatrixFilm(history, theme=look, steps=steps, parameters=parameters, scale=scale, captions=captions)
    if len(names) == 2:
        _only_one_parameter(size, names)
        return Story2D(history, theme=look, objective=objective, steps=steps, scale=scale, captions=captions)
    return Story1D(
        history, theme=look, objective=objective, steps=steps, size=checked_size(size), scale=scale, captions=captions
    )


def checked_names(names: Sequence[str], given: Any) -> tuple[str, ...]:
    """The parameters to show, in the order given; ParameterError names those that there are."""
    chosen = (given,) if isinstance(given, str) else tuple(given)
    unknown = [name for name in chosen if name not in names]
    if unknown or not chosen:
        what = f"there is no parameter {unknown[0]!r}" if unknown else "parameters is empty"
        raise ParameterError(f"{what}; the run has {', '.join(names)}")
    if len(set(chosen)) < len(chosen):
        raise ParameterError(f"parameters names one twice: {', '.join(chosen)}")
    return chosen


def _only_one_parameter(size: Any, names: Sequence[str]) -> None:
    if size is not None:
        raise ParameterError(
            f"size can be chosen for a run of one parameter, this one has {len(names)}; scale enlarges the picture"
        )


def checked_size(size: Any) -> tuple[int, int] | None:
    """Width and height in pixels; at least 900 x 600, for the words need their room."""
    if size is None:
        return None
    try:
        width, height = (int(side) for side in size)
    except (TypeError, ValueError):
        raise TypeError(f"size must be (width, height) in pixels, got {size!r}") from None
    if width < SIZE[0] or height < SIZE[1] or max(width, height) > LARGEST:
        raise ParameterError(
            f"size must be from {SIZE} to ({LARGEST}, {LARGEST}) pixels, got {size!r}; scale=0.5 makes a small picture"
        )
    return width, height


def checked_scale(scale: Any) -> float:
    """The factor of the resolution, 0.25 to 4."""
    if isinstance(scale, bool) or not isinstance(scale, (int, float, np.number)):
        raise TypeError(f"scale must be a number, got {scale!r}")
    if not 0.25 <= scale <= 4:
        raise ParameterError(f"scale must be from 0.25 to 4, got {scale!r}")
    return float(scale)
