"""A made-up table of customers whose true class probabilities are known.

The story, in the order in which a row is drawn:

1. `product` and `area` together, with the shares of `SEGMENTS`: area d is poor, area b is rich;
2. `job`, which depends on the area alone; jobs later in the alphabet pay better;
3. `dist_unhealthy` and `crime`: a normal score per segment, squeezed into their range by the logistic function;
4. `dist_healthy`, which depends on nothing;
5. `income`: the segment's mean, plus the job's pay, plus a slope on each of the two distances, plus normal noise.
   Products are steps on a scale of income (g, f and a below e, then b, c and d) that overlap, above all b and c;
6. everything else follows from columns that are already shown, so it says nothing more about the product.

Each step is a density that can be evaluated, so Bayes' rule gives p(product | row) exactly:

    p(product | row) ∝ share(product, area) · N(score of dist_unhealthy) · N(score of crime) · N(income)

and a row whose income is missing (3 %, at random) simply loses the last factor. No classifier can expect a lower
log loss than these probabilities have.
"""

import string

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit
from scipy.stats import norm

Floats = NDArray[np.float64]

PRODUCTS = tuple("abcdefg")

SEGMENTS = pd.DataFrame(
    [  # score of dist_unhealthy | score of crime | income in thousands, its slope on the former
        ("a", "c", 39, -1.35, 0.50, -1.60, 0.40, 43.5, 2.5, 2.0),
        ("a", "d", 91, -1.70, 0.55, -2.30, 0.60, 35.0, 3.6, 1.5),
        ("b", "a", 504, -0.10, 1.20, -0.75, 0.95, 55.5, 3.8, 3.2),
        ("b", "b", 28, -1.70, 0.40, -0.95, 1.00, 66.0, 2.5, 1.0),
        ("b", "c", 411, -0.95, 0.60, -1.30, 0.60, 55.5, 4.8, 1.4),
        ("b", "d", 20, -1.90, 0.35, -2.00, 0.80, 41.5, 1.4, 0.5),
        ("c", "a", 366, -0.25, 1.10, -0.95, 0.80, 63.0, 3.7, 0.4),
        ("c", "b", 78, -1.50, 0.45, -1.15, 0.90, 67.0, 2.8, 2.0),
        ("c", "c", 294, -0.70, 0.60, -1.15, 0.90, 63.5, 4.1, 1.0),
        ("d", "a", 20, -0.35, 0.60, -0.60, 0.30, 69.5, 2.2, 1.0),
        ("d", "b", 5, -1.00, 0.40, -1.35, 0.50, 76.5, 2.4, 1.0),
        ("d", "c", 34, -0.35, 0.80, -0.75, 1.10, 72.0, 1.7, 0.6),
        ("e", "a", 12, -2.00, 0.80, -1.50, 1.00, 49.5, 1.4, 0.5),
        ("e", "c", 18, -1.30, 0.60, -1.40, 0.50, 51.0, 2.9, 1.2),
        ("f", "c", 35, -1.15, 0.60, -1.90, 0.80, 42.5, 3.2, 2.5),
        ("f", "d", 37, -1.55, 0.55, -2.10, 0.50, 35.5, 3.2, 2.5),
        ("g", "d", 8, -1.75, 0.30, -2.15, 0.80, 32.5, 2.4, 1.5),
    ],
    columns=["product", "area", "rows", "far", "far_sd", "crime", "crime_sd", "income", "income_sd", "income_slope"],
)

JOBS = tuple(first + second for first in string.ascii_lowercase[::2] for second in "nkw")[:33]
JOB_PAY = dict(zip(JOBS, np.linspace(-2.0, 2.0, len(JOBS)), strict=True))
JOBS_OF_AREA = {"a": JOBS[4:24], "b": JOBS[14:], "c": JOBS, "d": JOBS[:8]}
PAY_PER_HEALTHY_SCORE = 1.0
MISSING_INCOMES = 0.03
FARTHEST_HEALTHY, FARTHEST_UNHEALTHY = 35.0, 40.0


def load_customers(n: int = 2000, seed: int = 0) -> pd.DataFrame:
    """Return n customers with the target column `product`; the same seed gives the same rows.

    >>> load_customers()["product"].value_counts().to_dict()
    {'b': 963, 'c': 738, 'a': 130, 'f': 72, 'd': 59, 'e': 30, 'g': 8}
    """
    rng = np.random.default_rng(seed)
    segments = _draw_segments(n, rng)
    job = _draw_jobs(segments["area"], rng)
    far = rng.normal(segments["far"], segments["far_sd"])
    healthy = rng.normal(-1.1, 0.9, n)
    income = rng.normal(_mean_income(segments, job, far, healthy), segments["income_sd"]).round(3) * 1000.0
    crime = expit(rng.normal(segments["crime"], segments["crime_sd"]))
    aspect, population, retail, age, savings, subscriptions = _draw_bystanders(healthy, rng)
    return pd.DataFrame(
        {
            "id": np.arange(1, n + 1),
            "job": job,
            "area": segments["area"],
            "income": np.where(rng.random(n) < MISSING_INCOMES, np.nan, income.round()),
            "aspect": aspect,
            "subscriptions": subscriptions,
            "dist_healthy": FARTHEST_HEALTHY * expit(healthy),
            "save_rate": savings,
            "dist_unhealthy": FARTHEST_UNHEALTHY * expit(far),
            "age": age,
            "pop_dense": population,
            "retail_dense": retail,
            "crime": crime,
            "product": segments["product"],
        }
    )


def true_probabilities(frame: pd.DataFrame) -> pd.DataFrame:
    """Return p(product | row), shape (n, 7), by Bayes' rule from the densities that drew the rows."""
    rows = frame.reset_index(drop=True)
    log_joint = np.stack([_log_joint(rows, product) for product in PRODUCTS], axis=1)
    joint = np.exp(log_joint - log_joint.max(axis=1, keepdims=True))
    return pd.DataFrame(joint / joint.sum(axis=1, keepdims=True), columns=list(PRODUCTS), index=frame.index)


def lowest_log_loss(frame: pd.DataFrame, *, expected: bool = True) -> float:
    """Return the log loss that no classifier can be expected to beat on these rows.

    Expected over the labels it is the mean entropy -Σ p log p of the true probabilities; with `expected=False` it is
    the log loss of the true probabilities against the labels that were drawn, which scatters around the former.

    >>> round(lowest_log_loss(load_customers()), 2)
    0.52
    """
    p = true_probabilities(frame).to_numpy()
    if expected:
        return float(-np.sum(p * np.log(np.where(p > 0, p, 1.0)), axis=1).mean())
    drawn = pd.Categorical(frame["product"], categories=PRODUCTS).codes
    return float(-np.log(p[np.arange(len(p)), drawn]).mean())


def _draw_segments(n: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return one row of `SEGMENTS` per customer, in fixed shares and random order: no product can be left out."""
    upto = np.cumsum(SEGMENTS["rows"].to_numpy()) / SEGMENTS["rows"].sum()
    drawn = np.searchsorted(upto, (np.arange(n) + 0.5) / n)
    return SEGMENTS.loc[rng.permutation(drawn)].reset_index(drop=True)


def _draw_jobs(area: "pd.Series[str]", rng: np.random.Generator) -> "pd.Series[str]":
    """Return a job of each customer's area; the k-th most frequent has weight 1/k (Zipf's law)."""
    drawn = pd.Series("", index=area.index, name="job")
    for name, jobs in JOBS_OF_AREA.items():
        weights = 1.0 / np.arange(1, len(jobs) + 1)
        here = area == name
        drawn[here] = rng.choice(jobs, size=here.sum(), p=weights / weights.sum())
    return drawn


def _draw_bystanders(healthy: Floats, rng: np.random.Generator) -> tuple[Floats, ...]:
    """Return aspect, pop_dense, retail_dense, age, save_rate and subscriptions: related, but not to the product."""
    aspect, people = rng.normal(size=(2, len(healthy)))
    shops = 0.5 * aspect + 0.5 * people + rng.normal(0.0, 0.7, len(healthy))
    age = 46.0 - 3.0 * shops + rng.normal(0.0, 1.5, len(healthy))
    savings = 60.0 + 40.0 * healthy + rng.normal(0.0, 45.0, len(healthy))
    subscriptions = 1.2 - 0.5 * people + rng.normal(0.0, 0.9, len(healthy))
    return (
        4.0 + 39.0 * expit(1.4 * aspect - 0.5),
        expit(2.2 + 0.7 * people),
        expit(0.3 + 0.8 * shops),
        age.clip(18, 52).round(),
        savings.round(),
        subscriptions.clip(0, 5).round(),
    )


def _mean_income(segments: pd.DataFrame, job: pd.Series, far: Floats, healthy: Floats) -> Floats:
    """Return the mean income, in thousands, of customers of the given segments, jobs and distance scores."""
    far_in_sds = (far - segments["far"]) / segments["far_sd"]
    mean = segments["income"] + job.map(JOB_PAY) + segments["income_slope"] * far_in_sds
    return np.asarray(mean + PAY_PER_HEALTHY_SCORE * (healthy + 1.1), dtype=float)


def _log_joint(rows: pd.DataFrame, product: str) -> Floats:
    """Return log p(product, row), shape (n,), up to what does not depend on the product; -inf where it never occurs."""
    segments = rows[["area"]].merge(SEGMENTS[SEGMENTS["product"] == product], on="area", how="left")
    far, crime = logit(rows["dist_unhealthy"] / FARTHEST_UNHEALTHY), logit(rows["crime"])
    healthy = logit(rows["dist_healthy"] / FARTHEST_HEALTHY)
    mean = _mean_income(segments, rows["job"], far.to_numpy(), healthy.to_numpy())
    income = norm.logpdf(rows["income"] / 1000.0, mean, segments["income_sd"])
    log_joint = (
        np.log(segments["rows"])
        + norm.logpdf(far, segments["far"], segments["far_sd"])
        + norm.logpdf(crime, segments["crime"], segments["crime_sd"])
        + np.where(rows["income"].isna(), 0.0, income)
    )
    return log_joint.fillna(-np.inf).to_numpy()
