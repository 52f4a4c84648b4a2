"""The card's measures and the economics, compared with hand calculations and scikit-learn."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import log_loss as sklearn_log_loss
from sklearn.metrics import roc_auc_score

from adapters.scoring.training.evaluation.economics import (
    Economics,
    contract_interest,
    measure_economics,
)
from adapters.scoring.training.evaluation.measures import auc, auc_interval, brier, deciles, ks, log_loss
from adapters.scoring.training.fitting.calibration import fit_platt
from adapters.scoring.training.fitting.training_population import weighted_quantile
from adapters.scoring.training.fitting.uncertainty import fit_uncertainty
from adapters.scoring.training.training_notes import read_notes

NOTES = Path(__file__).parents[3] / "models" / "champion_notes.toml"


@pytest.fixture
def scored() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rounded log-odds with ties, matching outcomes, and unequal weights."""
    rng = np.random.default_rng(4)
    log_odds = np.round(rng.normal(-1.5, 1, 3000), 1)
    bad = rng.random(3000) < 1 / (1 + np.exp(-(0.8 * log_odds - 0.2)))
    return log_odds, bad, rng.uniform(0.5, 4, 3000)


def test_auc_and_log_loss_agree_with_scikit_learn(scored: tuple[np.ndarray, ...]) -> None:
    log_odds, bad, weight = scored
    assert auc(log_odds, bad, weight) == pytest.approx(roc_auc_score(bad, log_odds, sample_weight=weight))
    pd = 1 / (1 + np.exp(-log_odds))
    expected = sklearn_log_loss(bad, pd, sample_weight=weight)
    assert log_loss(log_odds, bad, weight) == pytest.approx(expected)


def test_the_interval_contains_the_auc(scored: tuple[np.ndarray, ...]) -> None:
    low, high = auc_interval(*scored, seed=1, draws=100)
    assert low < auc(*scored) < high
    assert 0.02 < high - low < 0.1


def test_the_interval_agrees_with_a_bootstrap_of_scikit_learns_auc(scored: tuple[np.ndarray, ...]) -> None:
    log_odds, bad, weight = scored
    rng = np.random.default_rng(7)
    draws = [rng.integers(0, len(bad), len(bad)) for _ in range(40)]
    ranks = [roc_auc_score(bad[drawn], log_odds[drawn], sample_weight=weight[drawn]) for drawn in draws]
    expected = np.quantile(ranks, [0.025, 0.975])
    assert auc_interval(*scored, seed=7, draws=40) == pytest.approx(tuple(expected), rel=1e-12)


def test_ks_agrees_with_a_hand_calculation() -> None:
    score, bad = np.array([1.0, 2.0, 3.0, 4.0]), np.array([False, False, True, False])
    assert ks(score, bad, np.ones(4)) == pytest.approx(2 / 3)
    assert brier(np.array([0.1, 0.5]), np.array([False, True]), np.ones(2)) == pytest.approx(0.13)


def test_deciles_contain_all_loans_and_rise(scored: tuple[np.ndarray, ...]) -> None:
    log_odds, bad, weight = scored
    rows = deciles(1 / (1 + np.exp(-log_odds)), bad, weight)
    assert sum(row["loans"] for row in rows) == 3000
    assert [row["mean_pd"] for row in rows] == sorted(row["mean_pd"] for row in rows)


def test_platt_calibration_recovers_slope_and_intercept() -> None:
    rng = np.random.default_rng(8)
    raw = rng.normal(-1.5, 1, 200_000)
    bad = rng.random(200_000) < 1 / (1 + np.exp(-(0.8 * raw - 0.2)))
    found = fit_platt(raw, bad, np.ones(200_000))
    assert (found.slope, found.intercept) == (pytest.approx(0.8, abs=0.03), pytest.approx(-0.2, abs=0.05))


def test_the_calibrated_mean_pd_equals_the_bad_rate(scored: tuple[np.ndarray, ...]) -> None:
    log_odds, bad, weight = scored
    found = fit_platt(log_odds, bad, weight)
    pd = 1 / (1 + np.exp(-(found.slope * log_odds + found.intercept)))
    assert np.average(pd, weights=weight) == pytest.approx(np.average(bad, weights=weight), abs=1e-9)


def test_the_lower_bound_is_never_above_the_upper() -> None:
    """Half widths become constant if the parabola would be negative somewhere."""
    log_odds = np.linspace(-3, 0, 50)
    spread = np.linspace(0.5, 0.01, 50)
    refitted = log_odds + spread * np.linspace(-1, 1, 21)[:, None]
    for shape in (spread, spread[::-1], np.full(50, 0.2), 0.2 + 0.1 * log_odds**2):
        refitted = log_odds + shape * np.linspace(-1, 1, 21)[:, None]
        found = fit_uncertainty(log_odds, refitted, np.ones(50))
        assert (found.half_width(np.linspace(-30, 30, 500)) > 0).all()


def test_the_interval_covers_ninety_percent_of_the_refits_by_weight() -> None:
    rng = np.random.default_rng(1)
    log_odds = rng.uniform(-4.0, 0.0, 4000)
    weight = rng.uniform(0.5, 4.0, 4000)
    spread = 0.1 + 0.05 * log_odds**2 + rng.exponential(0.05, 4000)
    apart = rng.normal(0.0, 0.1, 4000)  # the refits of a loan need not lie around the champion
    refitted = log_odds + apart + spread * rng.normal(size=(60, 4000))
    held = np.abs(refitted - log_odds) <= fit_uncertainty(log_odds, refitted, weight).half_width(log_odds)
    assert np.average(held.mean(axis=0), weights=weight) == pytest.approx(0.90, abs=0.001)


def test_the_weighted_quantile_uses_weights() -> None:
    values, weight = np.array([3.0, 1.0, 2.0]), np.array([1.0, 8.0, 1.0])
    assert weighted_quantile(values, weight, 0.5) == 1.0
    assert weighted_quantile(values, weight, 0.85) == 2.0
    assert weighted_quantile(values, weight, 1.0) == 3.0


def test_profit_agrees_with_a_hand_calculation() -> None:
    """Without defaults: 36 payments of $0.032267 less the dollar, less costs of 5 % a year."""
    interest = 36 * 0.0322672 - 1
    assert contract_interest(0.10) == pytest.approx(interest, abs=1e-6)
    economics = Economics(earned_share=1.0, lost=0.4)
    assert economics.profit(0.0, 0.10) == pytest.approx(interest / 2, abs=1e-6)
    assert economics.profit(1.0, 0.10) == pytest.approx(-0.45)


def test_economics_are_measured_from_payments() -> None:
    loans = pl.DataFrame(
        {
            "term": [36, 36, 60, 36],
            "issue_d": pl.Series(["2009-01-01", "2009-01-01", "2009-01-01", "2011-01-01"]).str.to_date(),
            "loan_status": ["Fully Paid", "Charged Off", "Charged Off", "Charged Off"],
            "funded_amnt": [1000.0, 500.0, 1.0, 1.0],
            "total_pymnt": [1000.0 + 500 * contract_interest(0.12), 200.0, 0.0, 0.0],
            "int_rate": [12.0, 14.0, 12.0, 12.0],
        }
    )
    found = measure_economics(loans)
    assert (found.earned_share, found.lost) == (pytest.approx(0.5), pytest.approx(0.6))


def test_the_economics_of_the_champion_agree_with_the_real_payments(real_payments: pl.DataFrame) -> None:
    stated = read_notes(NOTES).economics
    assert stated is not None
    found = measure_economics(real_payments)
    assert found.earned_share == pytest.approx(stated.earned_share, abs=5e-4)
    assert found.lost == pytest.approx(stated.lost, abs=5e-4)
