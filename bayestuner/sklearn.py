"""Bayesian search as scikit-learn knows a search: `BayesSearchCV` stands where `GridSearchCV` stood.

candidate   a dict of the estimator's parameters, one trial of the search
fit         one candidate trained and scored on one fold; its value is the mean of its fits' scores, larger is better
round       the candidates that are evaluated at once, `n_points` of them

scikit-learn splits, fits, scores, ranks and refits; what is decided here is which candidates come next.
"""

from __future__ import annotations

import copy
import math
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import is_classifier
from sklearn.exceptions import FitFailedWarning
from sklearn.model_selection import check_cv
from sklearn.model_selection._search import BaseSearchCV
from sklearn.utils import get_tags

from acquisition import Acquisition
from gp import Kernel

from .arguments import checked_count, seed_of
from .errors import ParameterError
from .optimizer import Optimizer
from .space import Params, Space
from .stopping import StoppingRule

if TYPE_CHECKING:
    from .classifier.tunable import TunableClassifier as TunableClassifier

Fit = Mapping[str, Any]  # what scikit-learn notes of a fit: test_scores, fit_time, fit_error, ...
ALL_FAILED = "fits failed"  # how scikit-learn says that no fit of a round succeeded


class BayesSearchCV(BaseSearchCV):  # type: ignore[misc]
    """Search an estimator's parameters by Bayesian optimization of its cross-validated score.

    It is used and read like `GridSearchCV`: `fit`, `predict`, `best_params_`, `best_score_`, `best_estimator_`,
    `cv_results_`, ...; `space` takes what `Space` takes, such as {"svc__C": Real(0.01, 100, log=True)}. All candidates
    are scored on the same splits. Beyond what the arguments of `GridSearchCV` say:

    - `n_iter`: how many candidates; `n_points` of them are evaluated at once, which fills more than `cv` cores.
    - `random_state`: the same whole number gives the same search; NumPy's global generator has no part in it.
    - `metric`: which of several scores is searched; by default the one that `refit` names, or else the first.
    - `kernel`, `acquisition`, `n_initial`, `stop`: as in `Optimizer`; no round begins after `timeout` seconds.

    A candidate whose mean score is NaN, as when a fit raised, is a failed trial: the search keeps away from there.
    After `fit`, `history_` is the `History` of the search, for pictures and importances.

    >>> from sklearn.datasets import load_iris
    >>> from sklearn.svm import SVC
    >>> from bayestuner import Real
    >>> search = BayesSearchCV(SVC(), {"C": Real(0.001, 1000.0, log=True)}, n_iter=8, cv=3, random_state=0)
    >>> f"{search.fit(*load_iris(return_X_y=True)).best_score_:.2f}"
    '0.97'
    """

    def __init__(
        self,
        estimator: Any,
        space: Mapping[str, Any] | Space,
        *,
        n_iter: int = 30,
        scoring: Any = None,
        n_jobs: int | None = None,
        refit: Any = True,
        cv: Any = None,
        verbose: int = 0,
        pre_dispatch: int | str = "2*n_jobs",
        random_state: Any = None,
        error_score: Any = np.nan,
        return_train_score: bool = False,
        n_points: int = 1,
        metric: str | None = None,
        kernel: Kernel | None = None,
        acquisition: Acquisition | None = None,
        n_initial: int | None = None,
        stop: StoppingRule | None = None,
        timeout: float | None = None,
    ) -> None:
        super().__init__(
            estimator, scoring=scoring, n_jobs=n_jobs, refit=refit, cv=cv, verbose=verbose, pre_dispatch=pre_dispatch,
            error_score=error_score, return_train_score=return_train_score,
        )  # fmt: skip
        self.space = space
        self.n_iter = n_iter
        self.random_state = random_state
        self.n_points = n_points
        self.metric = metric
        self.kernel = kernel
        self.acquisition = acquisition
        self.n_initial = n_initial
        self.stop = stop
        self.timeout = timeout

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags = copy.deepcopy(get_tags(self.estimator).target_tags)
        return tags

    def fit(self, X: Any, y: Any = None, **params: Any) -> BayesSearchCV:
        """Search, and refit the best candidate on all rows; params go to the fits, the splitter and the scorers."""
        if y is None and get_tags(self.estimator).target_tags.required:
            raise ValueError(f"{type(self.estimator).__name__} requires y to be passed, but the target y is None")
        super().fit(X, y, **params)
        return self

    def _run_search(self, evaluate_candidates: Callable[..., dict[str, Any]]) -> None:
        # The splitter as scikit-learn has read it; old versions keep it to themselves, so cv is read again (and has to
        # be a list there, where it is a generator).
        splitter = _SameSplits(getattr(self, "_checked_cv_orig", self.cv), is_classifier(self.estimator))
        rounds = _Rounds(evaluate_candidates, splitter, self.error_score)
        optimizer = Optimizer(
            self.space, direction="maximize", kernel=self.kernel, acquisition=self.acquisition,
            n_initial=self.n_initial, seed=seed_of(self.random_state), stop=self.stop,
        )  # fmt: skip
        try:
            self.history_ = optimizer.ledger.history(self._search(optimizer, rounds))
        except BaseException as error:
            self.history_ = optimizer.ledger.history(f"stopped by {type(error).__name__}")
            raise
        params = [trial.params for trial in self.history_.trials]
        rounds.table.clear()
        rounds.table.update(super()._format_results(params, len(splitter.drawn), rounds.completed()))

    def _format_results(
        self, candidate_params: list[Params], n_splits: int, out: list[Fit], more_results: Any = None
    ) -> dict[str, Any]:
        # Called after every round, with the fits of all rounds so far; the table is made once, after the last.
        return {"fits": out}

    def _search(self, optimizer: Optimizer, rounds: _Rounds) -> str:
        """Ask, evaluate, tell, round by round; return why the search ended."""
        n_iter, n_points = checked_count("n_iter", self.n_iter, 1), checked_count("n_points", self.n_points, 1)
        if self.timeout is not None and not self.timeout > 0:
            raise ParameterError(f"timeout must be a number of seconds > 0, got {self.timeout!r}")
        deadline = time.monotonic() + (math.inf if self.timeout is None else self.timeout)
        while not (reason := _why_to_stop(optimizer, n_iter, deadline)):
            left = min(n_iter, optimizer.space.size) - optimizer.count
            candidates = optimizer.ask(int(max(1, min(n_points, left))))
            for candidate, fits in zip(candidates, rounds.evaluate(candidates), strict=True):
                seconds = sum(fit["fit_time"] + fit["score_time"] for fit in fits)
                errors = [fit["fit_error"] for fit in fits if fit["fit_error"]]
                score = self._mean_score(fits)
                if errors and not math.isfinite(score):
                    optimizer.tell_failure(candidate, errors[0], seconds=seconds)
                else:
                    optimizer.tell(candidate, score, seconds=seconds)
        return reason

    def _mean_score(self, fits: Sequence[Fit]) -> float:
        """The mean over the folds of the score that is searched."""
        return float(np.mean([self._searched(fit) for fit in fits]))

    def _searched(self, fit: Fit) -> float:
        """The score that is searched, of the one or several that a fit has."""
        if "test_scores" not in fit:
            return float(self.error_score)
        scores = fit["test_scores"] if isinstance(fit["test_scores"], Mapping) else {"score": fit["test_scores"]}
        name = self.metric or (self.refit if self.refit in scores else next(iter(scores)))
        if name not in scores:
            raise ParameterError(f"metric = {name!r} is none of the scores {', '.join(scores)}")
        return float(scores[name])


@dataclass
class _SameSplits:
    """A splitter that draws once: another split in every round, and the scores of two rounds would not compare."""

    cv: Any
    classifier: bool
    drawn: list[Any] = field(default_factory=list)

    def split(self, X: Any, y: Any = None, **params: Any) -> list[Any]:
        """Return the (training, test) row numbers of every fold."""
        if not self.drawn:
            self.drawn = list(check_cv(self.cv, y, classifier=self.classifier).split(X, y, **params))
        return self.drawn


@dataclass
class _Rounds:
    """The rounds of one search: the function of scikit-learn that evaluates candidates, and all fits so far."""

    evaluate_candidates: Callable[..., dict[str, Any]]
    splitter: _SameSplits
    error_score: Any
    fits: list[Fit] = field(default_factory=list)
    table: dict[str, Any] = field(default_factory=dict)  # the very dict that scikit-learn will call cv_results_
    error: Exception | None = None

    def evaluate(self, candidates: Sequence[Params]) -> list[list[Fit]]:
        """Return the fits of each candidate, one a fold."""
        begin = time.perf_counter()
        try:
            self.table = self.evaluate_candidates([dict(candidate) for candidate in candidates], cv=self.splitter)
            fits = self.table["fits"][-len(candidates) * len(self.splitter.drawn) :]
        except ValueError as error:
            # A search that has all its candidates in one round may end where all of them fail; one by one it may not.
            if self.error_score == "raise" or ALL_FAILED not in str(error):
                raise
            self.error = error
            size = len(candidates) * len(self.splitter.drawn)
            seconds = (time.perf_counter() - begin) / size
            fits = [{"fit_error": str(error), "fit_time": seconds, "score_time": 0.0}] * size
            warnings.warn(
                f"All fits of {', '.join(map(str, candidates))} failed, the score is set to {self.error_score}; "
                f"error_score='raise' shows where. {str(error).strip().splitlines()[-1]}",
                FitFailedWarning,
                stacklevel=2,
            )
        self.fits += fits
        folds = len(self.splitter.drawn)
        return [fits[k : k + folds] for k in range(0, len(fits), folds)]

    def completed(self) -> list[Fit]:
        """All fits, those of failed rounds with scores of the kind that the others have; ValueError without others."""
        scored = next((fit for fit in self.fits if "test_scores" in fit), None)
        if scored is None:
            raise ValueError(f"None of {len(self.fits)} fits succeeded. {self.error}") from self.error
        blank = {name: _blank(value, self.error_score) for name, value in scored.items() if name.endswith("_scores")}
        return [{**scored, **blank, **fit} for fit in self.fits]


def _blank(scores: Any, error_score: Any) -> Any:
    return dict.fromkeys(scores, error_score) if isinstance(scores, Mapping) else error_score


def _why_to_stop(optimizer: Optimizer, n_iter: int, deadline: float) -> str:
    """Why the search ends here; an empty text to go on."""
    if optimizer.count >= n_iter:
        return f"all {n_iter} trials done"
    if optimizer.count and time.monotonic() >= deadline:
        return "timeout"
    if optimizer.exhausted:
        return "every point of the space has been tried"
    return optimizer.should_stop


def __getattr__(name: str) -> Any:
    if name == "TunableClassifier":  # PyTorch is loaded by those who train networks
        from .classifier.tunable import TunableClassifier

        return TunableClassifier
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
