"""Training: from loans to a champion's bundle, the same bytes for the same loans and seed."""

from dataclasses import asdict
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl

from adapters.scoring.bundles.bundle import CARD_JSON, CARD_TEXT, PROFIT, ModelBundle
from adapters.scoring.compiling.agreement import check_agreement
from adapters.scoring.compiling.directions import check_directions
from adapters.scoring.training.evaluation.card_text import card_text
from adapters.scoring.training.evaluation.economics import LENDINGCLUB_2007_2010
from adapters.scoring.training.evaluation.measures import measured
from adapters.scoring.training.evaluation.model_card import card
from adapters.scoring.training.evaluation.out_of_time import out_of_time
from adapters.scoring.training.evaluation.profit import profit_report
from adapters.scoring.training.fitting.boosting import DIRECTIONS, TreeSettings
from adapters.scoring.training.fitting.champion import fit_champion, manifest_of
from adapters.scoring.training.fitting.development_sample import DevelopmentSample, development_sample
from adapters.scoring.training.fitting.recent_loans import chosen_weight, emphasised, tried_weights
from adapters.scoring.training.fitting.uncertainty import fit_uncertainty, refitted_log_odds
from adapters.scoring.training.stages import Report, Stages, silent
from adapters.scoring.training.write_bundle import as_json, write_bundle
from domain.policies.scoring_policy import ScoringPolicy

RECENT_FROM = date(2012, 1, 1)


def train(
    loans: pl.DataFrame,
    out: Path,
    *,
    policy: ScoringPolicy,
    seed: int = 1,
    version: str = "1.0.0",
    settings: TreeSettings | None = None,
    recent_from: date = RECENT_FROM,
    refits: int = 60,
    report: Report = silent,
) -> ModelBundle:
    """Train, measure and write a bundle to the folder `out`; nothing is written when tables and
    trees disagree or the PD moves the wrong way.

    `loans` has the 13 fields, `issue_d`, `loan_status`, `int_rate` in percent and, where the mix must be restored,
    `sample_weight`. Loans issued from `recent_from` on count more, as far as validation inside their period
    supports, and are the test of the out-of-time measure.
    """
    settings = settings or TreeSettings()
    stages = Stages(report)
    sample, intake = development_sample(loans)
    recent = sample.issued >= np.datetime64(recent_from)
    tried = tried_weights(sample, recent, settings, seed=seed, report=stages.within(0))
    later = out_of_time(sample, recent, settings, seed=seed, report=stages.within(1))
    stages.within(2)
    times = chosen_weight(tried)
    weighted = emphasised(sample, recent, times)
    champion = fit_champion(weighted, settings, seed)
    refitted = refitted_log_odds(
        weighted, settings, at=sample.encoded, seed=seed, refits=refits, report=stages.within(3)
    )
    measuring = stages.within(4)
    unseen = champion.unseen_log_odds
    figures = {
        "out_of_time": later,
        "recent_unseen": measured(unseen[recent], sample.bad[recent], sample.weight[recent], seed)
        if later
        else None,
        "all_unseen": measured(unseen, sample.bad, weighted.weight, seed),
    }
    measuring(0.6)
    told = card(
        version=version,
        seed=seed,
        sample=sample,
        intake=intake,
        tried=tried,
        chosen=times,
        figures=figures,
        settings=asdict(settings),
    )
    unseen_pd = 1.0 / (1.0 + np.exp(-unseen))
    papers = {
        CARD_JSON: as_json(told),
        CARD_TEXT: card_text(told).encode(),
        PROFIT: as_json(profit_report(unseen_pd, weighted, policy.product.grades, LENDINGCLUB_2007_2010)),
    }
    bundle = write_bundle(
        out,
        manifest=manifest_of(
            champion,
            weighted,
            policy,
            fit_uncertainty(champion.log_odds, refitted, weighted.weight),
            version=version,
            seed=seed,
            training={
                **asdict(settings),
                "recent_from": str(recent_from),
                "recent_times": times,
                "refits": refits,
            },
        ),
        tables=champion.compiled.tables,
        trees=champion.trees,
        papers=papers,
        check=partial(_check, sample, seed),
    )
    measuring(1.0)
    return bundle


def _check(sample: DevelopmentSample, seed: int, made: ModelBundle) -> None:
    """What a bundle must hold before it is put in place."""
    check_directions(made.tables, DIRECTIONS)
    check_agreement(made, sample.encoded, seed=seed)
