"""Calibration after Platt: the trees' log-odds against outcomes of loans the trees did not see.

Cross-fitted: each loan is judged by trees grown without its fold; a weighted logistic regression of outcome on
those log-odds gives slope and intercept. A positive slope keeps every monotone direction.
"""

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from adapters.scoring.bundles.manifest import Calibration
from adapters.scoring.fixed_point import Floats
from adapters.scoring.training.fitting.boosting import TreeSettings, grow, raw_log_odds
from adapters.scoring.training.fitting.development_sample import DevelopmentSample
from adapters.scoring.training.rounding import steady


class NoRelation(ValueError):
    """The trees' log-odds do not rise with defaults."""


def platt(raw: Floats, bad: NDArray[np.bool_], weight: Floats) -> Calibration:
    """The weighted logistic regression of outcome on log-odds, unpenalised."""
    regression = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-10)
    regression.fit(raw[:, None], bad, sample_weight=weight)
    slope, intercept = steady(regression.coef_[0, 0]), steady(regression.intercept_[0])
    if not slope > 0:
        raise NoRelation("the trees do not rank defaults at all: check the data's outcomes")
    return Calibration(slope=slope, intercept=intercept)


def out_of_fold(sample: DevelopmentSample, settings: TreeSettings, seed: int, folds: int = 5) -> Floats:
    """Each loan's log-odds (loans,) by trees that did not see it."""
    fold = np.random.default_rng(seed).permutation(len(sample)) % folds
    raw = np.empty(len(sample))
    for number in range(folds):
        booster = grow(sample.where(fold != number), settings, seed)
        raw[fold == number] = raw_log_odds(booster, sample.encoded[fold == number])
    return raw


def calibrated(raw: Floats, calibration: Calibration) -> Floats:
    """Calibrated log-odds (rows,)."""
    return calibration.slope * raw + calibration.intercept
