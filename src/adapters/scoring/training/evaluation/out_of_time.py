"""The out-of-time measure: a model that knows only older loans, judged on recent ones.

Nothing of the recent period is used: trees, calibration and weights come from the older loans alone.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapters.scoring.fixed_point import Floats
from adapters.scoring.training.evaluation.measures import auc, measured
from adapters.scoring.training.fitting.boosting import TreeSettings, grow, raw_log_odds
from adapters.scoring.training.fitting.calibration import calibrated, out_of_fold, platt
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
    """Figures for the card; None where either period has too few loans to tell."""
    if min(recent.sum(), (~recent).sum()) < MIN_LOANS:
        return None
    older, later = sample.where(~recent), sample.where(recent)
    log_odds = _judged(older, later, settings, seed)
    report(0.4)
    others = [_rank(older, later, settings, seed + number) for number in range(1, OTHER_SEEDS + 1)]
    report(0.8)
    figures = measured(log_odds, later.bad, later.weight, seed)
    figures["trained_on"] = _period(older)
    figures["tested_on"] = _period(later)
    figures["auc_of_other_seeds"] = others
    figures["without_policy_exceptions"] = _rank(older.where(~older.exception), later, settings, seed)
    if np.isfinite(later.rate).all():
        figures["auc_of_the_rate_charged"] = auc(later.rate, later.bad, later.weight)
    report(1.0)
    return figures


def _judged(older: DevelopmentSample, later: DevelopmentSample, settings: TreeSettings, seed: int) -> Floats:
    calibration = platt(out_of_fold(older, settings, seed), older.bad, older.weight)
    return calibrated(raw_log_odds(grow(older, settings, seed), later.encoded), calibration)


def _rank(older: DevelopmentSample, later: DevelopmentSample, settings: TreeSettings, seed: int) -> float:
    raw = raw_log_odds(grow(older, settings, seed), later.encoded)
    return auc(raw, later.bad, later.weight)


def _period(sample: DevelopmentSample) -> dict[str, Any]:
    return {
        "from": str(sample.issued.min())[:7],
        "to": str(sample.issued.max())[:7],
        "loans": len(sample),
        "bad": int(sample.bad.sum()),
        "policy_exceptions": int(sample.exception.sum()),
    }
