"""Platt calibration: the trees' log-odds against outcomes of loans that the trees were not trained on.

It is cross-fitted: each loan's log-odds come from trees trained without its fold. A weighted logistic regression
of the outcome on them gives slope and intercept. A positive slope preserves every monotone direction.
"""

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from adapters.scoring.bundles.manifest import Calibration
from adapters.scoring.fixed_point import Floats
from adapters.scoring.training.fitting.boosting import TreeSettings, grow, raw_log_odds
from adapters.scoring.training.fitting.development_sample import DevelopmentSample
from adapters.scoring.training.rounding import round_significant


class NoPredictivePower(ValueError):
    """The trees' log-odds do not increase with defaults."""


def fit_platt(raw: Floats, bad: NDArray[np.bool_], weight: Floats) -> Calibration:
    """The weighted, unpenalized logistic regression of the outcome on log-odds."""
    regression = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-10)
    regression.fit(raw[:, None], bad, sample_weight=weight)
    slope, intercept = round_significant(regression.coef_[0, 0]), round_significant(regression.intercept_[0])
    if not slope > 0:
        raise NoPredictivePower("the trees do not rank defaults at all: check the outcomes in the data")
    return Calibration(slope=slope, intercept=intercept)


def out_of_fold_log_odds(sample: DevelopmentSample, settings: TreeSettings, seed: int, folds: int = 5) -> Floats:
    """Each loan's log-odds (loans,) from trees trained without it."""
    fold = np.random.default_rng(seed).permutation(len(sample)) % folds
    raw = np.empty(len(sample))
    for number in range(folds):
        booster = grow(sample.where(fold != number), settings, seed)
        raw[fold == number] = raw_log_odds(booster, sample.encoded[fold == number])
    return raw


def apply_calibration(raw: Floats, calibration: Calibration) -> Floats:
    """Calibrated log-odds (rows,)."""
    return calibration.slope * raw + calibration.intercept
