"""The out-of-time measure: a model trained on older loans, tested on recent ones.

Nothing of the recent period is used for training: trees, calibration and weights come from the older loans alone.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapters.scoring.fixed_point import Floats
from adapters.scoring.training.evaluation.measures import auc, performance_measures
from adapters.scoring.training.fitting.boosting import TreeSettings, grow, raw_log_odds
from adapters.scoring.training.fitting.calibration import apply_calibration, fit_platt, out_of_fold_log_odds
from adapters.scoring.training.fitting.development_sample import DevelopmentSample
from adapters.scoring.training.fitting.recent_loans import MIN_LOANS

OTHER_SEEDS = 4


def out_of_time(
    sample: DevelopmentSample,
    recent: NDArray[np.bool_],
    settings: TreeSettings,
    *,
    seed: int,
    report: Callable[[float], None],
) -> dict[str, Any] | None:
    """Measures for the card; None if either period has too few loans."""
    if min(recent.sum(), (~recent).sum()) < MIN_LOANS:
        return None
    older_loans, recent_loans = sample.where(~recent), sample.where(recent)
    log_odds = _predict(older_loans, recent_loans, settings, seed)
    report(0.4)
    others = [_auc(older_loans, recent_loans, settings, seed + number) for number in range(1, OTHER_SEEDS + 1)]
    report(0.8)
    figures = performance_measures(log_odds, recent_loans.bad, recent_loans.weight, seed)
    figures["trained_on"] = _period(older_loans)
    figures["tested_on"] = _period(recent_loans)
    figures["auc_of_other_seeds"] = others
    figures["without_policy_exceptions"] = _auc(
        older_loans.where(~older_loans.exception), recent_loans, settings, seed
    )
    if np.isfinite(recent_loans.rate).all():
        figures["auc_of_the_rate_charged"] = auc(recent_loans.rate, recent_loans.bad, recent_loans.weight)
    report(1.0)
    return figures


def _predict(
    older_loans: DevelopmentSample, recent_loans: DevelopmentSample, settings: TreeSettings, seed: int
) -> Floats:
    calibration = fit_platt(out_of_fold_log_odds(older_loans, settings, seed), older_loans.bad, older_loans.weight)
    return apply_calibration(raw_log_odds(grow(older_loans, settings, seed), recent_loans.encoded), calibration)


def _auc(
    older_loans: DevelopmentSample, recent_loans: DevelopmentSample, settings: TreeSettings, seed: int
) -> float:
    raw = raw_log_odds(grow(older_loans, settings, seed), recent_loans.encoded)
    return auc(raw, recent_loans.bad, recent_loans.weight)


def _period(sample: DevelopmentSample) -> dict[str, Any]:
    return {
        "from": str(sample.issued.min())[:7],
        "to": str(sample.issued.max())[:7],
        "loans": len(sample),
        "bad": int(sample.bad.sum()),
        "policy_exceptions": int(sample.exception.sum()),
    }
