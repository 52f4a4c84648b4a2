"""Calibration after Platt: the trees' log-odds against outcomes of loans the trees did not see.

Cross-fitted: each loan is judged by trees grown without its fold; a weighted logistic regression of outcome on
those log-odds gives slope and intercept. A positive slope keeps every monotone direction.
"""

import numpy as np
from numpy.typing import NDArray

from adapters.scoring.fixed_point import Floats
from adapters.scoring.manifest import Calibration
from adapters.scoring.training.boosting import TreeSettings, grow, raw_log_odds
from adapters.scoring.training.development_sample import DevelopmentSample

_STEPS = 50


class NoRelation(ValueError):
    """The trees' log-odds do not rise with defaults."""


def platt(raw: Floats, bad: NDArray[np.bool_], weight: Floats) -> Calibration:
    """Newton's method on the weighted log-likelihood of slope and intercept."""
    design = np.stack([raw, np.ones_like(raw)], axis=1)
    solution = np.array([1.0, 0.0])
    for _ in range(_STEPS):
        pd = 1.0 / (1.0 + np.exp(-(design @ solution)))
        gradient = design.T @ (weight * (bad - pd))
        curvature = (design * (weight * pd * (1.0 - pd))[:, None]).T @ design
        step = np.linalg.solve(curvature, gradient)
        solution = solution + step
        if np.abs(step).max() < 1e-12:
            break
    if not solution[0] > 0:
        raise NoRelation("the trees do not rank defaults at all: check the data's outcomes")
    return Calibration(slope=float(solution[0]), intercept=float(solution[1]))


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
