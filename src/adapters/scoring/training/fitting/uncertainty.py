"""The uncertainty of the PD due to sampling: refits on bootstrap samples, calibration included.

Each refit draws loans with replacement, trains its trees on them and calibrates on the loans not drawn. A
quadratic in the champion's log-odds, positive everywhere, is fitted to half the distance between the 5 % and 95 %
quantiles of a loan's log-odds over the refits. It is then widened to reach the stated coverage: a fit passes
through the middle of the distances, and the refits of a loan need not be centered on the champion.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from adapters.scoring.fixed_point import Floats
from adapters.scoring.training.fitting.boosting import TreeSettings, grow, raw_log_odds
from adapters.scoring.training.fitting.calibration import apply_calibration, fit_platt
from adapters.scoring.training.fitting.development_sample import DevelopmentSample
from adapters.scoring.training.fitting.training_population import weighted_quantile
from domain.models.probability import Uncertainty

_WORKERS = 2
_COVERAGE = 0.90
"""The coverage: the share of refits within the interval."""


def refitted_log_odds(
    sample: DevelopmentSample,
    settings: TreeSettings,
    *,
    at: Floats,
    seed: int,
    refits: int,
    report: Callable[[float], None],
) -> Floats:
    """Calibrated log-odds (refits, rows) of the encoded rows `at`, independent of the number of threads."""

    def refit(number: int) -> Floats:
        drawn = np.random.default_rng([seed, number]).integers(0, len(sample), len(sample))
        booster = grow(sample.where(drawn), settings, seed + number)
        left = np.setdiff1d(np.arange(len(sample)), drawn)
        unseen = sample.where(left)
        calibration = fit_platt(raw_log_odds(booster, unseen.encoded), unseen.bad, unseen.weight)
        return apply_calibration(raw_log_odds(booster, at), calibration)

    rows = []
    with ThreadPoolExecutor(_WORKERS) as pool:
        for number, row in enumerate(pool.map(refit, range(refits)), start=1):
            rows.append(row)
            report(number / refits)
    return np.stack(rows)


def fit_uncertainty(log_odds: Floats, refitted: Floats, weight: Floats) -> Uncertainty:
    """The half width as a function of the champion's log-odds (rows,), from log-odds of the refits (refits, rows).

    90 % of all refits of all loans, by weight, are within it.
    """
    fitted = _fitted(log_odds, refitted, weight)
    reach = np.abs(refitted - log_odds) / fitted.half_width(log_odds)
    wider = weighted_quantile(reach.ravel(), np.tile(weight, len(refitted)), _COVERAGE)
    return Uncertainty(wider * fitted.constant, wider * fitted.linear, wider * fitted.quadratic)


def _fitted(log_odds: Floats, refitted: Floats, weight: Floats) -> Uncertainty:
    low, high = np.quantile(refitted, [0.05, 0.95], axis=0)
    half = (high - low) / 2
    constant, linear, quadratic = np.polynomial.polynomial.polyfit(log_odds, half, 2, w=np.sqrt(weight))
    lowest = constant - linear * linear / (4 * quadratic) if quadratic > 0 else 0.0
    if lowest <= 0:
        return Uncertainty(float(np.average(half, weights=weight)), 0.0, 0.0)
    return Uncertainty(float(constant), float(linear), float(quadratic))
