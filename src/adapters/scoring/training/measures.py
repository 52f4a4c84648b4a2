"""How well a model ranks and how true its probabilities are, with weights."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapters.scoring.fixed_point import Floats

Flags = NDArray[np.bool_]


def auc(score: Floats, bad: Flags, weight: Floats) -> float:
    """The chance that a bad loan scores above a good one, ties counting half."""
    levels, place = np.unique(score, return_inverse=True)
    goods = np.bincount(place, weights=weight * ~bad, minlength=len(levels))
    bads = np.bincount(place, weights=weight * bad, minlength=len(levels))
    goods_below = np.cumsum(goods) - goods
    return float((bads * (goods_below + goods / 2)).sum() / (bads.sum() * goods.sum()))


def ks(score: Floats, bad: Flags, weight: Floats) -> float:
    """Kolmogorov-Smirnov: the largest gap between the two distributions."""
    levels, place = np.unique(score, return_inverse=True)
    goods = np.cumsum(np.bincount(place, weights=weight * ~bad, minlength=len(levels)))
    bads = np.cumsum(np.bincount(place, weights=weight * bad, minlength=len(levels)))
    return float(np.abs(goods / goods[-1] - bads / bads[-1]).max())


def brier(pd: Floats, bad: Flags, weight: Floats) -> float:
    """The mean squared error of the PD."""
    return float(np.average((pd - bad) ** 2, weights=weight))


def auc_interval(score: Floats, bad: Flags, weight: Floats, seed: int, draws: int = 500) -> tuple[float, float]:
    """The 95 % interval of the AUC by resampling loans."""
    chance = np.random.default_rng(seed)
    values = []
    for _ in range(draws):
        drawn = chance.integers(0, len(bad), len(bad))
        values.append(auc(score[drawn], bad[drawn], weight[drawn]))
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)


def deciles(pd: Floats, bad: Flags, weight: Floats) -> list[dict[str, float]]:
    """The calibration table: loans by tenth of the PD, with mean PD and bad rate."""
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
    return float(np.average(np.logaddexp(0.0, np.where(bad, -log_odds, log_odds)), weights=weight))


def measured(log_odds: Floats, bad: Flags, weight: Floats, seed: int) -> dict[str, Any]:
    """All of it for one set of loans, ready for the model card."""
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
