"""Weighted measures of a model's ranking and calibration."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import brier_score_loss, roc_auc_score, roc_curve
from sklearn.metrics import log_loss as sklearn_log_loss

from adapters.scoring.fixed_point import Floats

Flags = NDArray[np.bool_]


def auc(score: Floats, bad: Flags, weight: Floats) -> float:
    """The probability that a bad loan scores above a good one; ties count half."""
    return float(roc_auc_score(bad, score, sample_weight=weight))


def ks(score: Floats, bad: Flags, weight: Floats) -> float:
    """Kolmogorov-Smirnov: the largest difference between the score distributions of good and bad loans."""
    good_share, bad_share, _ = roc_curve(bad, score, sample_weight=weight, drop_intermediate=False)
    return float(np.abs(bad_share - good_share).max())


def brier(pd: Floats, bad: Flags, weight: Floats) -> float:
    """The mean squared error of the PD."""
    return float(brier_score_loss(bad, pd, sample_weight=weight))


def auc_interval(score: Floats, bad: Flags, weight: Floats, seed: int, draws: int = 500) -> tuple[float, float]:
    """The 95 % interval of the AUC from a bootstrap over loans.

    Resampling does not change the order of loans, so they are ranked once and each draw only changes their
    weights.
    """
    rng = np.random.default_rng(seed)
    rank = np.unique(score, return_inverse=True)[1]
    values = []
    for _ in range(draws):
        drawn = weight * np.bincount(rng.integers(0, len(bad), len(bad)), minlength=len(bad))
        good_at, bad_at = np.bincount(rank, drawn * ~bad), np.bincount(rank, drawn * bad)
        good_below = np.cumsum(good_at) - good_at / 2  # ties count half
        values.append(bad_at @ good_below / (bad_at.sum() * good_at.sum()))
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)


def deciles(pd: Floats, bad: Flags, weight: Floats) -> list[dict[str, float]]:
    """The calibration table: mean PD and bad rate by decile of the PD."""
    order = np.argsort(pd, kind="stable")
    reached = np.cumsum(weight[order]) / weight.sum()
    tenth = np.minimum((reached * 10 - 1e-9).astype(int), 9)
    rows = []
    for number in range(10):
        chosen = order[tenth == number]
        if len(chosen) == 0:
            continue
        rows.append(
            {
                "decile": number + 1,
                "loans": len(chosen),
                "mean_pd": float(np.average(pd[chosen], weights=weight[chosen])),
                "bad_rate": float(np.average(bad[chosen], weights=weight[chosen])),
            }
        )
    return rows


def log_loss(log_odds: Floats, bad: Flags, weight: Floats) -> float:
    """The mean negative log-likelihood of the outcomes."""
    return float(sklearn_log_loss(bad, 1.0 / (1.0 + np.exp(-log_odds)), sample_weight=weight))


def performance_measures(log_odds: Floats, bad: Flags, weight: Floats, seed: int) -> dict[str, Any]:
    """All measures for one set of loans, as the model card has them."""
    pd = 1.0 / (1.0 + np.exp(-log_odds))
    rank = auc(log_odds, bad, weight)
    return {
        "loans": len(bad),
        "bad": int(bad.sum()),
        "auc": rank,
        "auc_95": list(auc_interval(log_odds, bad, weight, seed)),
        "gini": 2 * rank - 1,
        "ks": ks(log_odds, bad, weight),
        "brier": brier(pd, bad, weight),
        "mean_pd": float(np.average(pd, weights=weight)),
        "bad_rate": float(np.average(bad, weights=weight)),
        "deciles": deciles(pd, bad, weight),
    }
