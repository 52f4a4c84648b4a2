"""Training: from loans to a champion's bundle, the same bytes for the same loans and seed."""

from collections.abc import Callable
from pathlib import Path

import polars as pl

from adapters.scoring.bundle import CARD_JSON, CARD_TEXT, PROFIT, ModelBundle
from adapters.scoring.compiling.agreement import check_agreement
from adapters.scoring.compiling.compile_tables import compile_tables
from adapters.scoring.encoding import CATEGORIES
from adapters.scoring.manifest import SCHEMA, Manifest
from adapters.scoring.training.boosting import TreeSettings, grow, raw_log_odds
from adapters.scoring.training.calibration import calibrated, out_of_fold, platt
from adapters.scoring.training.development_sample import development_sample
from adapters.scoring.training.reference_profile import reference_profile
from adapters.scoring.training.training_population import number_ranges, usual_categories
from adapters.scoring.training.uncertainty import fit_uncertainty, refitted_log_odds
from adapters.scoring.training.write_bundle import as_json, write_bundle
from domain.arithmetic import logistic
from domain.policy.scoring_policy import ScoringPolicy
from domain.risk.characteristics import CHARACTERISTIC_NAMES

Report = Callable[[str, float], None]


def train(
    loans: pl.DataFrame,
    out: Path,
    *,
    policy: ScoringPolicy,
    seed: int = 1,
    version: str = "1.0.0",
    refits: int = 60,
    report: Report = lambda stage, share: None,
) -> ModelBundle:
    sample, intake = development_sample(loans)
    settings = TreeSettings()
    raw = out_of_fold(sample, settings, seed)
    calibration = platt(raw, sample.bad, sample.weight)
    booster = grow(sample, settings, seed)
    text = booster.model_to_string()
    compiled = compile_tables(text, calibration, CATEGORIES)
    log_odds = calibrated(raw_log_odds(booster, sample.encoded), calibration)
    refitted = refitted_log_odds(sample, settings, at=sample.encoded, seed=seed, refits=refits, report=lambda s: report("refits", s))
    contributions = calibration.slope * booster.predict(sample.encoded, pred_contrib=True, num_threads=2)[:, :-1]
    manifest = Manifest(
        schema=SCHEMA,
        model_version=version,
        policy_version=policy.version,
        characteristics=CHARACTERISTIC_NAMES,
        categories=dict(CATEGORIES),
        number_ranges=number_ranges(sample),
        usual_categories=usual_categories(sample),
        calibration=calibration,
        uncertainty=fit_uncertainty(log_odds, refitted, sample.weight),
        reference_profile=reference_profile(logistic(log_odds), contributions, sample.weight, policy.approve_below),
        base=compiled.base,
        intercept=compiled.intercept,
        trees_without_amount=compiled.trees_without_amount,
        seed=seed,
        training={},
    )
    return write_bundle(
        out,
        manifest=manifest,
        tables=compiled.tables,
        trees=text,
        papers={CARD_JSON: as_json({}), CARD_TEXT: b"# Model card\n", PROFIT: as_json({})},
        check=lambda bundle: print(check_agreement(bundle, sample.encoded, seed=seed)),
    )
