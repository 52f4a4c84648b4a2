"""Confidence keeps its promise: how many refitted models give later loans the same outcome, rules included.

The model and the width of its intervals come from earlier loans and some refits; other refits judge the outcomes
of later loans, which no model saw.
"""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from adapters.scoring.encoding import with_stand_ins
from adapters.scoring.fixed_point import Floats
from adapters.scoring.training.fitting.boosting import TreeSettings, grow, raw_log_odds
from adapters.scoring.training.fitting.calibration import apply_calibration, fit_platt, out_of_fold_log_odds
from adapters.scoring.training.fitting.development_sample import DevelopmentSample, development_sample
from adapters.scoring.training.fitting.recent_loans import weight_recent
from adapters.scoring.training.fitting.training_population import stand_ins
from adapters.scoring.training.fitting.uncertainty import fit_uncertainty, refitted_log_odds
from domain.policies.confidence import confidence_by_stability
from domain.policies.outcome import CONFIDENCES
from domain.policies.version_2 import POLICY_2
from domain.products.personal_loan import PERSONAL_LOAN

RECENT_FROM = np.datetime64("2012-01-01")
RECENT_TIMES = 4.0
"""As the champion is trained."""
LATER_SHARE = 0.10
"""The share of the loans, the latest, that are held apart."""
FEW_TREES = replace(TreeSettings(), trees=80, learning_rate=0.1)


@dataclass(frozen=True)
class Level:
    """The share of later loans with one confidence, and of refits that give them the same outcome."""

    share: float
    stability: float
    stated: float


def levels(sample: DevelopmentSample, settings: TreeSettings, *, fitted: int, judging: int) -> dict[str, Level]:
    """The levels by confidence; `fitted` refits give the intervals, `judging` ones the outcomes."""
    names = sample.product.characteristic_names
    sample = replace(sample, encoded=with_stand_ins(sample.encoded, names, stand_ins(sample)))
    first_later = int(len(sample) * (1 - LATER_SHARE))
    earlier, later = sample.where(np.arange(first_later)), sample.where(np.arange(first_later, len(sample)))
    earlier = weight_recent(earlier, earlier.issued >= RECENT_FROM, RECENT_TIMES)
    calibration = fit_platt(out_of_fold_log_odds(earlier, settings, 1), earlier.bad, earlier.weight)
    model = apply_calibration(raw_log_odds(grow(earlier, settings, 1), sample.encoded), calibration)
    refits = refitted_log_odds(
        earlier, settings, at=sample.encoded, seed=1, refits=fitted + judging, report=lambda _: None
    )
    uncertainty = fit_uncertainty(model[:first_later], refits[:fitted, :first_later], earlier.weight)
    log_odds, inputs = model[first_later:], tuple(later.encoded.T)
    evaluation = POLICY_2.evaluate(inputs, log_odds)
    stated = POLICY_2.stability(evaluation, log_odds, uncertainty.half_width(log_odds))
    same = np.mean(
        [_outcomes(inputs, each) == evaluation.outcome for each in refits[fitted:, first_later:]], axis=0
    )
    confidence = confidence_by_stability(stated, np.ones(len(later), dtype=np.bool_))
    return {
        level.value: Level(float(chosen.mean()), float(same[chosen].mean()), float(stated[chosen].mean()))
        for number, level in enumerate(CONFIDENCES)
        if (chosen := confidence == number).any()
    }


def _outcomes(inputs: tuple[Floats, ...], log_odds: Floats) -> Floats:
    outcomes: Floats = POLICY_2.evaluate(inputs, log_odds).outcome
    return outcomes


def test_each_confidence_occurs_on_later_loans_and_refits_confirm_it(real_loans: pl.DataFrame) -> None:
    sample, _ = development_sample(real_loans, PERSONAL_LOAN)
    found = levels(sample, FEW_TREES, fitted=12, judging=12)
    assert found.keys() == {"high", "medium", "low"}, found
    assert found["high"].stability >= 0.97, found
    assert found["medium"].stability >= 0.80, found
    assert found["low"].stability >= 0.50, found
    assert all(level.share >= 0.10 for level in found.values()), found
