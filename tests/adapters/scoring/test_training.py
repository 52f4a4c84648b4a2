"""Training is reproducible, writes complete bundles or none, and accounts for every loan."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from adapters.scoring.bundles.bundle import (
    CARD_JSON,
    CARD_TEXT,
    CHECKSUMS,
    FILES,
    PROFIT,
    ModelBundle,
    load_bundle,
)
from adapters.scoring.training import train as training
from adapters.scoring.training.evaluation.out_of_time import out_of_time
from adapters.scoring.training.fitting.boosting import TreeSettings
from adapters.scoring.training.fitting.calibration import NoPredictivePower, fit_platt
from adapters.scoring.training.fitting.development_sample import TooFewLoans, development_sample
from adapters.scoring.training.fitting.recent_loans import RecentWeight, best_weight, evaluate_weights
from adapters.scoring.training.write_bundle import InvalidBundleFolder
from domain.products.personal_loan import PERSONAL_LOAN

WITHIN_THE_LOANS = date(2012, 6, 1)


def card_of(bundle: ModelBundle) -> dict[str, Any]:
    return json.loads((bundle.folder / CARD_JSON).read_text())


def test_the_same_loans_and_seed_give_the_same_bytes(
    quick_training: Any, loans: pl.DataFrame, small_bundle: ModelBundle, tmp_path: Path
) -> None:
    again = quick_training(loans, tmp_path / "again")
    for name in (*FILES, CHECKSUMS):
        assert (again.folder / name).read_bytes() == (small_bundle.folder / name).read_bytes(), name


def test_another_seed_gives_another_model(
    quick_training: Any, loans: pl.DataFrame, small_bundle: ModelBundle, tmp_path: Path
) -> None:
    assert quick_training(loans, tmp_path / "other", seed=2).fingerprint != small_bundle.fingerprint


def test_progress_rises_to_the_end(quick_training: Any, loans: pl.DataFrame, tmp_path: Path) -> None:
    reported: list[tuple[str, float]] = []
    quick_training(loans, tmp_path / "model", report=lambda stage, share: reported.append((stage, share)))
    shares = [share for _, share in reported]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert len({stage for stage, _ in reported}) == 5


def test_the_card_counts_every_loan(small_bundle: ModelBundle, loans: pl.DataFrame) -> None:
    data = card_of(small_bundle)["data"]
    assert data["read"] == len(loans)
    assert data["left_out_unfinished"] == 7
    assert data["left_out_incomplete"] == 1
    assert data["used"] == len(loans) - 8
    assert 30 < data["policy_exceptions_used"] < 110
    assert f"| used | {data['used']:,} |" in (small_bundle.folder / CARD_TEXT).read_text()


def test_recent_loans_are_weighted_and_evaluated_out_of_time(
    quick_training: Any, loans: pl.DataFrame, tmp_path: Path
) -> None:
    card = card_of(quick_training(loans, tmp_path / "model", recent_from=WITHIN_THE_LOANS))
    tried = card["recent_loans"]["tried"]
    assert card["recent_loans"]["count_times"] == min(tried, key=lambda row: row["log_loss"])["times"]
    later = card["measures"]["out_of_time"]
    assert later["trained_on"]["to"] < later["tested_on"]["from"] == "2012-06"
    assert 0.6 < later["auc_95"][0] < later["auc"] < later["auc_95"][1] < 0.9
    assert "AUC, 95 % interval" in (tmp_path / "model" / CARD_TEXT).read_text()


def test_too_few_recent_loans_are_not_weighted(quick_training: Any, loans: pl.DataFrame, tmp_path: Path) -> None:
    card = card_of(quick_training(loans, tmp_path / "model", recent_from=date(2020, 1, 1)))
    assert card["recent_loans"] == {"count_times": 1.0, "tried": []}
    assert card["measures"]["out_of_time"] is None
    assert "Not measured: too few loans." in (tmp_path / "model" / CARD_TEXT).read_text()


def test_the_weight_with_the_lowest_log_loss_is_selected() -> None:
    tried = [RecentWeight(1.0, 0.70, 0.40), RecentWeight(4.0, 0.69, 0.38), RecentWeight(8.0, 0.71, 0.39)]
    assert best_weight(tried) == 4.0
    assert best_weight([]) == 1.0


def test_too_few_loans_in_either_period_are_not_evaluated(loans: pl.DataFrame) -> None:
    sample, _ = development_sample(loans, PERSONAL_LOAN)
    recent = np.zeros(len(sample), dtype=np.bool_)
    recent[-100:] = True
    settings = TreeSettings(trees=2)
    assert out_of_time(sample, recent, settings, seed=1, report=lambda _: None) is None
    assert evaluate_weights(sample, recent, settings, seed=1, report=lambda _: None) == []


def test_loans_without_sample_weights_have_weight_one(loans: pl.DataFrame) -> None:
    sample, _ = development_sample(loans.drop("sample_weight"), PERSONAL_LOAN)
    assert set(sample.weight) == {1.0}


def test_a_sample_without_defaults_is_refused(loans: pl.DataFrame) -> None:
    with pytest.raises(TooFewLoans):
        development_sample(loans.with_columns(loan_status=pl.lit("Fully Paid")), PERSONAL_LOAN)


def test_a_score_without_predictive_power_is_refused() -> None:
    raw = np.linspace(-2, 2, 400)
    with pytest.raises(NoPredictivePower):
        fit_platt(raw, np.random.default_rng(1).random(400) < 1 / (1 + np.exp(raw)), np.ones(400))


def test_a_folder_with_other_files_is_not_overwritten(
    quick_training: Any, loans: pl.DataFrame, tmp_path: Path
) -> None:
    (tmp_path / "thesis.txt").write_text("ten years of work")
    with pytest.raises(InvalidBundleFolder, match="choose an empty or a new folder"):
        quick_training(loans, tmp_path)
    assert (tmp_path / "thesis.txt").read_text() == "ten years of work"


def test_a_bundle_that_fails_its_check_does_not_replace_the_old_one(
    quick_training: Any, loans: pl.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = quick_training(loans, tmp_path / "model").fingerprint

    class Disagree(Exception):
        pass

    def refuse(*_: object, **__: object) -> None:
        raise Disagree

    monkeypatch.setattr(training, "check_agreement", refuse)
    with pytest.raises(Disagree):
        quick_training(loans, tmp_path / "model", seed=2)
    assert load_bundle(tmp_path / "model", PERSONAL_LOAN).fingerprint == before
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_a_new_bundle_replaces_the_old_one(quick_training: Any, loans: pl.DataFrame, tmp_path: Path) -> None:
    first = quick_training(loans, tmp_path / "model")
    second = quick_training(loans, tmp_path / "model", seed=2, version="1.1.0")
    assert load_bundle(tmp_path / "model", PERSONAL_LOAN).fingerprint == second.fingerprint != first.fingerprint
    assert load_bundle(tmp_path / "model", PERSONAL_LOAN).manifest.model_version == "1.1.0"


def test_profit_uses_only_loans_with_a_known_rate(
    quick_training: Any, loans: pl.DataFrame, tmp_path: Path
) -> None:
    unknown = pl.when(pl.int_range(pl.len()) % 2 == 0).then(None).otherwise(pl.col("int_rate"))
    bundle = quick_training(loans.with_columns(int_rate=unknown), tmp_path / "model")
    profit = json.loads((bundle.folder / PROFIT).read_text())
    assert sum(band["loans"] for band in profit["bands"]) == (len(loans) - 8) // 2
