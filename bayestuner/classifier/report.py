"""How good is it really? Test log loss with an interval, beside the networks and models it has to beat."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from .model import CustomerModel, fit
from .objective import DEFAULT_PARAMS, Objective
from .preprocessing import preprocessor

Floats = NDArray[np.float64]
SMALLEST_PROBABILITY = 1e-15


@dataclass(frozen=True)
class Score:
    """Log loss on the test rows with its 95 % interval, accuracy, and the loss of each row."""

    name: str
    log_loss: float
    low: float
    high: float
    accuracy: float
    losses: Floats = field(default_factory=lambda: np.empty(0), repr=False, compare=False)

    def minus(self, other: "Score") -> "Difference":
        """Return the difference of two log losses on the same rows, with the 95 % interval of paired rows."""
        return difference(self.losses - other.losses, f"{self.name} - {other.name}")


@dataclass(frozen=True)
class Difference:
    """A difference of mean log losses with its 95 % interval; below 0 the first is better."""

    name: str
    mean: float
    low: float
    high: float

    @property
    def shown(self) -> bool:
        """Whether the rows show a difference at all: the interval leaves 0 out."""
        return self.low > 0 or self.high < 0


def difference(differences: Floats, name: str = "") -> Difference:
    """Return the mean of paired differences (n,) with mean ± 1.96 · sd / √n.

    >>> difference(np.array([-0.1, -0.3, -0.2, -0.2])).shown
    True
    """
    mean, half = float(differences.mean()), float(1.96 * differences.std(ddof=1) / np.sqrt(len(differences)))
    return Difference(name, mean, mean - half, mean + half)


def gain_in_words(gain: Difference, whose: str) -> str:
    """A difference of log losses, and whether the rows show it.

    >>> gain_in_words(Difference("", -0.02, -0.03, -0.01), "the default network's")
    "That is 0.020 below the default network's (95 % interval of the difference, row by row: −0.030 to −0.010)."
    """
    side = "below" if gain.mean < 0 else "above"
    interval = f"95 % interval of the difference, row by row: {signed(gain.low)} to {signed(gain.high)}"
    verdict = "" if gain.shown else "; with 0 inside, these rows show no difference"
    return f"That is {abs(gain.mean):.3f} {side} {whose} ({interval}{verdict})."


def signed(value: float) -> str:
    """A difference to three decimals, with its sign."""
    return f"{value:+.3f}".replace("-", "−")


def score(name: str, probabilities: Floats, codes: NDArray[np.int64]) -> Score:
    """Return the score of probabilities (n, classes) against class numbers (n,).

    The interval is mean ± 1.96 · sd / √n over the rows' own losses -log p(true class).

    >>> score("coin", np.full((4, 2), 0.5), np.array([0, 1, 0, 1])).log_loss.__round__(4)
    0.6931
    """
    losses = row_losses(probabilities, codes)
    half = 1.96 * losses.std(ddof=1) / np.sqrt(len(losses))
    mean, accuracy = float(losses.mean()), float((probabilities.argmax(1) == codes).mean())
    return Score(name, mean, mean - float(half), mean + float(half), accuracy, losses)


def row_losses(probabilities: Floats, codes: NDArray[np.int64]) -> Floats:
    """Return -log p(true class) of each row, shape (n,)."""
    return -np.log(np.clip(probabilities[np.arange(len(codes)), codes], SMALLEST_PROBABILITY, None))


def score_model(name: str, model: CustomerModel, objective: Objective) -> Score:
    """Return how a model does on the test rows."""
    rows = objective.splits.test
    probabilities = model.predict_proba(objective.table.features.iloc[rows]).to_numpy()
    return score(name, probabilities, objective.table.codes[rows])


def logistic_probabilities(objective: Objective) -> Floats:
    """Return the test rows' probabilities by multinomial logistic regression (C = 1), trained on the same rows."""
    table, splits = objective.table, objective.splits
    steps = make_pipeline(preprocessor(table.numeric, table.categorical), LogisticRegression(max_iter=5000))
    steps.fit(table.features.iloc[splits.train], table.codes[splits.train])
    probabilities = np.zeros((len(splits.test), len(table.classes)))
    probabilities[:, steps.classes_] = steps.predict_proba(table.features.iloc[splits.test])
    return probabilities


def baselines(objective: Objective, *, members: int = 8) -> tuple[Score, ...]:
    """Return the scores to beat: class shares, logistic regression, the default network treated like the tuned."""
    codes, splits = objective.table.codes, objective.splits
    shares = np.bincount(codes[splits.train], minlength=len(objective.table.classes)) / len(splits.train)
    prior = np.tile(shares, (len(splits.test), 1))
    default = fit(objective, DEFAULT_PARAMS, objective.evaluate(DEFAULT_PARAMS).epochs, members=members)
    return (
        score("class shares", prior, codes[splits.test]),
        score("logistic regression", logistic_probabilities(objective), codes[splits.test]),
        score_model("default network", default, objective),
    )
