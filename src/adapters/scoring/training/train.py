"""Trains a champion's bundle from loans; the same loans and seed give the same bytes."""

from dataclasses import asdict
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from adapters.scoring.bundles.bundle import CARD_JSON, CARD_TEXT, PROFIT, ModelBundle
from adapters.scoring.compiling.agreement import check_agreement
from adapters.scoring.compiling.directions import check_directions
from adapters.scoring.fixed_point import Floats
from adapters.scoring.training.evaluation.card_text import card_text
from adapters.scoring.training.evaluation.measures import performance_measures
from adapters.scoring.training.evaluation.model_card import build_card
from adapters.scoring.training.evaluation.out_of_time import out_of_time
from adapters.scoring.training.evaluation.profit import profit_report
from adapters.scoring.training.fitting.boosting import TreeSettings
from adapters.scoring.training.fitting.champion import fit_champion, manifest_of
from adapters.scoring.training.fitting.development_sample import DevelopmentSample, development_sample
from adapters.scoring.training.fitting.recent_loans import best_weight, evaluate_weights, weight_recent
from adapters.scoring.training.fitting.reference_profile import reference_bands
from adapters.scoring.training.fitting.uncertainty import fit_uncertainty, refitted_log_odds
from adapters.scoring.training.stages import Report, Stages, no_report
from adapters.scoring.training.training_notes import TrainingNotes, notes_on
from adapters.scoring.training.write_bundle import to_json_bytes, write_bundle
from domain.arithmetic import logistic
from domain.products.product_definition import ProductDefinition


def train(
    loans: pl.DataFrame,
    out: Path,
    *,
    product: ProductDefinition,
    seed: int = 1,
    version: str = "1.0.0",
    settings: TreeSettings | None = None,
    recent_from: date | None = None,
    refits: int = 60,
    report: Report = no_report,
) -> ModelBundle:
    """Train, evaluate and write a bundle to the folder `out`.

    Nothing is written if tables and trees disagree or the PD moves in the wrong direction. `loans` has the fields
    of the product, `issue_d`, `loan_status`, `int_rate` in percent, and to restore the mix
    `sample_weight`. Loans issued from `recent_from` on are weighted more, as far as cross-validation within their
    period supports it, and are the test set of the out-of-time measure.
    """
    settings = settings or TreeSettings()
    stages = Stages(report)
    notes = notes_on(product)
    sample, intake = development_sample(loans, product)
    recent_from = recent_from or notes.recent_from or _last_quarter(sample)
    recent = sample.issued >= np.datetime64(recent_from)
    candidates = evaluate_weights(sample, recent, settings, seed=seed, report=stages.start(0))
    out_of_time_figures = out_of_time(sample, recent, settings, seed=seed, report=stages.start(1))
    stages.start(2)
    recent_weight = best_weight(candidates)
    weighted = weight_recent(sample, recent, recent_weight)
    champion = fit_champion(weighted, settings, seed)
    refitted = refitted_log_odds(
        weighted, settings, at=sample.encoded, seed=seed, refits=refits, report=stages.start(3)
    )
    measuring = stages.start(4)
    unseen = champion.unseen_log_odds
    figures = {
        "out_of_time": out_of_time_figures,
        "recent_unseen": performance_measures(unseen[recent], sample.bad[recent], sample.weight[recent], seed)
        if out_of_time_figures
        else None,
        "all_unseen": performance_measures(unseen, sample.bad, weighted.weight, seed),
    }
    measuring(0.6)
    card = build_card(
        notes=notes,
        version=version,
        seed=seed,
        sample=sample,
        intake=intake,
        candidates=candidates,
        chosen=recent_weight,
        figures=figures,
        settings=asdict(settings),
    )
    unseen_pd = 1.0 / (1.0 + np.exp(-unseen))
    documents = {
        CARD_JSON: to_json_bytes(card),
        CARD_TEXT: card_text(card, notes).encode(),
        PROFIT: to_json_bytes(_profit(unseen_pd, weighted, notes)),
    }
    bundle = write_bundle(
        out,
        product=product,
        manifest=manifest_of(
            champion,
            weighted,
            fit_uncertainty(champion.log_odds, refitted, weighted.weight),
            version=version,
            seed=seed,
            training={
                **asdict(settings),
                "recent_from": str(recent_from),
                "recent_times": recent_weight,
                "refits": refits,
            },
        ),
        tables=champion.compiled.tables,
        bands=reference_bands(logistic(champion.log_odds), champion.contributions, weighted.weight),
        trees=champion.trees,
        documents=documents,
        check=partial(_check, sample, seed),
    )
    measuring(1.0)
    return bundle


def _last_quarter(sample: DevelopmentSample) -> date:
    """The date from which the last quarter of the loans was issued."""
    first: date = sample.issued[3 * len(sample) // 4].astype("datetime64[D]").item()
    return first


def _profit(pd: Floats, sample: DevelopmentSample, notes: TrainingNotes) -> dict[str, Any]:
    if notes.economics is None:
        return {"not_reckoned": "no earnings and losses of loans of this product are known"}
    return profit_report(pd, sample, notes.grades, notes.economics)


def _check(sample: DevelopmentSample, seed: int, made: ModelBundle) -> None:
    """The checks that a bundle must pass before it is put in place."""
    check_directions(made.tables, made.product)
    check_agreement(made, sample.encoded, seed=seed)
