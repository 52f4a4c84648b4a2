"""The champion: trees trained on all loans, their calibration, tables and manifest."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from adapters.scoring.bundles.manifest import SCHEMA, Calibration, Manifest, ProductOfModel
from adapters.scoring.compiling.compile_tables import CompiledTrees, compile_tables
from adapters.scoring.encoding import with_stand_ins
from adapters.scoring.fixed_point import Floats
from adapters.scoring.training.fitting.boosting import TreeSettings, grow, raw_log_odds
from adapters.scoring.training.fitting.calibration import apply_calibration, fit_platt, out_of_fold_log_odds
from adapters.scoring.training.fitting.development_sample import DevelopmentSample
from adapters.scoring.training.fitting.training_population import (
    number_ranges,
    stand_ins,
    usual_categories,
)
from domain.models.probability import Uncertainty


@dataclass(frozen=True, slots=True, eq=False)
class Champion:
    """A fitted model and its predictions for its own loans.

    `trees` is LightGBM's text; `log_odds` (loans,) and `contributions` (loans, characteristics) are calibrated,
    with `stand_ins` for missing numbers. `unseen_log_odds` (loans,) come from trees trained without the loan,
    under the same calibration.
    """

    trees: str
    calibration: Calibration
    compiled: CompiledTrees
    log_odds: Floats
    contributions: Floats
    unseen_log_odds: Floats
    stand_ins: Mapping[str, float]


def fit_champion(sample: DevelopmentSample, settings: TreeSettings, seed: int) -> Champion:
    """Train, calibrate on out-of-fold log-odds, and compile."""
    unseen = out_of_fold_log_odds(sample, settings, seed)
    calibration = fit_platt(unseen, sample.bad, sample.weight)
    booster = grow(sample, settings, seed)
    trees = booster.model_to_string()
    medians = stand_ins(sample)
    decided = with_stand_ins(sample.encoded, sample.product.characteristic_names, medians)
    contributions = np.asarray(booster.predict(decided, pred_contrib=True, num_threads=2))[:, :-1]
    return Champion(
        trees=trees,
        calibration=calibration,
        compiled=compile_tables(trees, calibration, sample.product, medians),
        log_odds=apply_calibration(raw_log_odds(booster, decided), calibration),
        contributions=calibration.slope * contributions,
        unseen_log_odds=apply_calibration(unseen, calibration),
        stand_ins=medians,
    )


def manifest_of(
    champion: Champion,
    sample: DevelopmentSample,
    uncertainty: Uncertainty,
    *,
    version: str,
    seed: int,
    training: dict[str, str | int | float | bool | None],
) -> Manifest:
    """The manifest of the champion's bundle."""
    return Manifest(
        schema=SCHEMA,
        model_version=version,
        product=ProductOfModel(sample.product.name, sample.product.version),
        characteristics=sample.product.characteristic_names,
        categories=sample.product.categories,
        number_ranges=number_ranges(sample),
        usual_categories=usual_categories(sample),
        calibration=champion.calibration,
        uncertainty=uncertainty,
        base=champion.compiled.base,
        intercept=champion.compiled.intercept,
        trees_without_amount=champion.compiled.trees_without_amount,
        seed=seed,
        training=training,
        stand_ins=dict(champion.stand_ins),
    )
