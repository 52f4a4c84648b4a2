"""Trains a champion's bundle from loans; the same loans and seed give the same bytes."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from adapters.scoring.bundles.bundle import CARD_JSON, CARD_TEXT, PROFIT, ModelBundle
from adapters.scoring.compiling.agreement import check_agreement
from adapters.scoring.compiling.directions import check_directions
from adapters.scoring.encoding import with_stand_ins
from adapters.scoring.fixed_point import Floats
from adapters.scoring.training.evaluation.card_text import card_text
from adapters.scoring.training.evaluation.measures import performance_measures
from adapters.scoring.training.evaluation.model_card import build_card
from adapters.scoring.training.evaluation.out_of_time import out_of_time
from adapters.scoring.training.evaluation.profit import RatesUnknown, profit_report
from adapters.scoring.training.fitting.boosting import TreeSettings
from adapters.scoring.training.fitting.champion import fit_champion, manifest_of
from adapters.scoring.training.fitting.development_sample import DevelopmentSample, development_sample
from adapters.scoring.training.fitting.recent_loans import MIN_LOANS, best_weight, evaluate_weights, weight_recent
from adapters.scoring.training.fitting.reference_profile import reference_bands
from adapters.scoring.training.fitting.uncertainty import fit_uncertainty, refitted_log_odds
from adapters.scoring.training.stages import Report, Stages, no_report
from adapters.scoring.training.training_notes import NO_NOTES, CardTexts, SourceFile, TrainingNotes
from adapters.scoring.training.write_bundle import to_json_bytes, write_bundle
from domain.arithmetic import logistic
from domain.policies.pricing import Grade
from domain.products.product_definition import ProductDefinition


def train(
    loans: pl.DataFrame,
    out: Path,
    *,
    product: ProductDefinition,
    notes: TrainingNotes = NO_NOTES,
    file: SourceFile | None = None,
    grades: Sequence[Grade] = (),
    seed: int = 1,
    version: str = "1.0.0",
    settings: TreeSettings | None = None,
    recent_from: date | None = None,
    refits: int = 60,
    report: Report = no_report,
) -> ModelBundle:
    """Train, evaluate and write a bundle to the folder `out`.

    Nothing is written if tables and trees disagree or the PD moves in the wrong direction. `loans` has the fields
    of the product, `issue_d`, `loan_status`, and if known `int_rate` in percent and `sample_weight`, which
    restores the mix. `notes` and `file` describe them on the model card. `grades` are those of the policy, for
    the profit report. Loans issued from `recent_from` on are weighted more, as far as cross-validation within
    their period supports it, and are the test set of the out-of-time measure.
    """
    settings = settings or TreeSettings()
    stages = Stages(report)
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
        weighted,
        settings,
        at=with_stand_ins(sample.encoded, product.characteristic_names, champion.stand_ins),
        seed=seed,
        refits=refits,
        report=stages.start(3),
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
    unseen_pd = 1.0 / (1.0 + np.exp(-unseen))
    profit, no_profit = _profit(unseen_pd, weighted, notes, grades)
    texts = CardTexts.of(notes, product, file)
    card = build_card(
        texts=texts,
        file=file,
        warnings=[*_no_out_of_time(out_of_time_figures, recent, recent_from), *no_profit],
        version=version,
        seed=seed,
        sample=sample,
        intake=intake,
        candidates=candidates,
        chosen=recent_weight,
        figures=figures,
        settings=asdict(settings),
    )
    documents = {
        CARD_JSON: to_json_bytes(card),
        CARD_TEXT: card_text(card, texts).encode(),
        PROFIT: to_json_bytes(profit),
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


def _no_out_of_time(figures: dict[str, Any] | None, recent: NDArray[np.bool_], recent_from: date) -> Iterator[str]:
    if figures is None:
        yield (
            f"The model was not tested out of time: {int((~recent).sum()):,} loans were issued before"
            f" {recent_from} and {int(recent.sum()):,} from then on, and each period needs {MIN_LOANS}."
            " How it performs on later loans is unknown."
        )


def _profit(
    pd: Floats, sample: DevelopmentSample, notes: TrainingNotes, grades: Sequence[Grade]
) -> tuple[dict[str, Any], list[str]]:
    """The profit report, and warnings about it."""
    if notes.economics is None:
        return _not_computed("no [economics] are stated in a file for --notes")
    try:
        report = profit_report(pd, sample, grades, notes.economics)
    except RatesUnknown as fault:
        return _not_computed(str(fault))
    if report["rates"] == "charged":
        return report, []
    return report, ["Profit is computed with the rates of the policy, because the loans have no int_rate."]


def _not_computed(why: str) -> tuple[dict[str, Any], list[str]]:
    return {"not_computed": why}, [f"No profit was computed: {why}."]


def _check(sample: DevelopmentSample, seed: int, made: ModelBundle) -> None:
    """The checks that a bundle must pass before it is put in place."""
    check_directions(made.tables, made.product)
    check_agreement(made, sample.encoded, seed=seed)
