"""The committed champion meets its card's figures, and policy version 1 follows from it."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from adapters.scoring.bundles.bundle import CARD_JSON, CARD_TEXT, PROFIT, ModelBundle
from adapters.scoring.portfolio.portfolio_columns import input_columns
from adapters.scoring.portfolio.portfolio_tables import PortfolioTables
from adapters.scoring.training.evaluation.out_of_time import out_of_time
from adapters.scoring.training.evaluation.profit import STRESS
from adapters.scoring.training.fitting.boosting import TreeSettings
from adapters.scoring.training.fitting.development_sample import DevelopmentSample, development_sample
from adapters.scoring.training.training_notes import read_notes
from domain.arithmetic import logistic
from domain.policies.version_1 import POLICY_1
from domain.products.personal_loan import PERSONAL_LOAN

PROJECT = Path(__file__).parents[3]
NOTES = read_notes(PROJECT / "models" / "champion_notes.toml")


@pytest.fixture(scope="module")
def card(champion: ModelBundle) -> dict[str, Any]:
    return json.loads((champion.folder / CARD_JSON).read_text())


@pytest.fixture(scope="module")
def profit(champion: ModelBundle) -> dict[str, Any]:
    return json.loads((champion.folder / PROFIT).read_text())


@pytest.fixture(scope="module")
def real_sample(real_loans: pl.DataFrame) -> DevelopmentSample:
    return development_sample(real_loans, PERSONAL_LOAN)[0]


def test_the_champion_is_below_four_megabytes_and_has_no_pickle(champion: ModelBundle) -> None:
    files = list(champion.folder.iterdir())
    assert sum(path.stat().st_size for path in files) < 4_000_000
    assert {path.suffix for path in files} <= {".json", ".txt", ".md", ".npy", ""}


def test_out_of_time_ranking_and_calibration_are_within_limits(card: dict[str, Any]) -> None:
    later = card["measures"]["out_of_time"]
    assert later["trained_on"]["to"] == "2011-12"
    assert (later["tested_on"]["from"], later["tested_on"]["to"]) == ("2012-01", "2015-09")
    assert 0.66 <= later["auc"] < 0.75
    assert abs(later["mean_pd"] - later["bad_rate"]) <= 0.02


def test_card_text_and_card_data_agree(champion: ModelBundle, card: dict[str, Any]) -> None:
    text = (champion.folder / CARD_TEXT).read_text()
    for figures in card["measures"].values():
        assert f"{figures['auc']:.3f}" in text
    for limit in card["limits"]:
        assert limit in text


def test_policy_1_uses_the_cut_offs_of_the_profit_table(profit: dict[str, Any]) -> None:
    assert profit["cut_offs"] == {
        "approve_below": POLICY_1.approve_below,
        "decline_from": POLICY_1.decline_from,
    }


def test_profit_changes_sign_at_the_cut_offs(profit: dict[str, Any]) -> None:
    for band in profit["bands"]:
        if band["pd_from"] >= POLICY_1.decline_from:
            assert band["expected_profit"] < 0
        elif band["pd_from"] >= POLICY_1.approve_below:
            assert band["stressed_profit"] < 0 < band["expected_profit"]
        elif band["pd_from"] >= 0.05:
            assert band["stressed_profit"] > 0
    assert profit["economics"]["stress"] == STRESS


def test_policy_1_uses_the_rates_charged_in_each_grade(profit: dict[str, Any]) -> None:
    for row, grade in zip(profit["grades"], POLICY_1.pricing.grades, strict=True):
        assert (row["grade"], row["pd_below"]) == (grade.name, grade.pd_below)
        assert grade.annual_rate == pytest.approx(row["rate_charged"], abs=0.001)


def test_grade_limits_include_the_cut_offs() -> None:
    limits = [grade.pd_below for grade in POLICY_1.pricing.grades]
    assert POLICY_1.approve_below in limits
    assert POLICY_1.decline_from in limits


def test_the_bundle_is_for_the_personal_loan(champion: ModelBundle) -> None:
    product = champion.manifest.product
    assert (product.name, product.version) == (PERSONAL_LOAN.name, PERSONAL_LOAN.version)
    assert "mean PD" in POLICY_1.rationale


def test_the_out_of_time_measure_is_reproducible(card: dict[str, Any], real_sample: DevelopmentSample) -> None:
    recent = real_sample.issued >= np.datetime64(NOTES.recent_from)
    again = out_of_time(real_sample, recent, TreeSettings(), seed=1, report=lambda _: None)
    assert again is not None
    figures = card["measures"]["out_of_time"]
    assert again["auc"] == pytest.approx(figures["auc"], abs=1e-9)
    assert again["mean_pd"] == pytest.approx(figures["mean_pd"], abs=1e-9)


def test_real_loans_get_plausible_outcomes(champion: ModelBundle, real_sample: DevelopmentSample) -> None:
    recent = real_sample.where(real_sample.issued >= np.datetime64(NOTES.recent_from))
    log_odds = PortfolioTables(champion).predict(recent.encoded).log_odds
    outcome = POLICY_1.evaluate(input_columns(recent.encoded), log_odds).outcome
    approved, referred, declined = (float((outcome == severity).mean()) for severity in range(3))
    assert 0.45 < approved < 0.75
    assert 0.10 < referred < 0.35
    assert declined < 0.30
    bad = [float(recent.bad[outcome == severity].mean()) for severity in range(3)]
    assert bad == sorted(bad)
    assert abs(float(logistic(log_odds).mean()) - float(recent.bad.mean())) < 0.02
