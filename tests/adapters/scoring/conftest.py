"""Invented loans, a small model of them, and the real loans if available."""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from adapters.loan_files import read_loans
from adapters.scoring.bundles.bundle import ModelBundle, load_bundle
from adapters.scoring.training.evaluation.economics import Economics
from adapters.scoring.training.fitting.boosting import TreeSettings
from adapters.scoring.training.train import train
from adapters.scoring.training.training_notes import TrainingNotes
from domain.products.personal_loan import PERSONAL_LOAN

PROJECT = Path(__file__).parents[3]
NOTES = TrainingNotes(economics=Economics(earned_share=0.846, lost=0.44))
SMALL = replace(TreeSettings(), trees=12, least_loans_in_leaf=20)


def some_loans(count: int = 1600, seed: int = 5) -> pl.DataFrame:
    """Loans whose risk depends on FICO, term and debt, with the missing values and statuses of real files."""
    rng = np.random.default_rng(seed)
    fico = 660.0 + 5 * rng.integers(0, 30, count)
    term = rng.choice([36, 60], count, p=[0.8, 0.2])
    dti = np.round(rng.uniform(0, 35, count), 2)
    log_odds = -1.7 - (fico - 700) / 45 + 0.8 * (term == 60) + dti / 40
    bad = rng.random(count) < 1 / (1 + np.exp(-log_odds))
    exception = rng.random(count) < 0.04
    status = np.where(bad, "Charged Off", "Fully Paid").astype(object)
    status[exception] = "Does not meet the credit policy. Status:" + status[exception]
    status[:7] = "Current"
    utilization = np.round(rng.uniform(0, 100, count), 1)
    return pl.DataFrame(
        {
            "annual_inc": np.round(rng.lognormal(11, 0.5, count)),
            "emp_length": rng.choice(["< 1 year", "3 years", "10+ years", "n/a"], count),
            "home_ownership": rng.choice(["RENT", "MORTGAGE", "OWN"], count),
            "loan_amnt": 25.0 * rng.integers(40, 1401, count),
            "term": term,
            "purpose": rng.choice(["credit_card", "car", "small_business"], count),
            "fico_range_low": fico,
            "fico_range_high": fico + 4,
            "dti": dti,
            "revol_util": [None if index % 50 == 0 else float(utilization[index]) for index in range(count)],
            "inq_last_6mths": rng.integers(0, 5, count).astype(float),
            "delinq_2yrs": rng.integers(0, 3, count).astype(float),
            "pub_rec": [None if index == 9 else 0.0 for index in range(count)],
            "issue_d": [date(2010 + index * 4 // count, 1 + index % 12, 1) for index in range(count)],
            "loan_status": status.astype(str),
            "int_rate": np.round(8 + 6 * (log_odds - log_odds.min()) / np.ptp(log_odds), 2),
            "sample_weight": rng.uniform(1, 3, count),
        }
    )


Trainer = Callable[..., ModelBundle]


@pytest.fixture(scope="session")
def quick_training() -> Trainer:
    return partial(train, product=PERSONAL_LOAN, notes=NOTES, settings=SMALL, refits=4)


@pytest.fixture(scope="session")
def loans() -> pl.DataFrame:
    return some_loans()


@pytest.fixture(scope="session")
def small_bundle(
    tmp_path_factory: pytest.TempPathFactory, quick_training: Trainer, loans: pl.DataFrame
) -> ModelBundle:
    return quick_training(loans, tmp_path_factory.mktemp("models") / "small")


@pytest.fixture(scope="session")
def champion() -> ModelBundle:
    return load_bundle(PROJECT / "models" / "champion", PERSONAL_LOAN)


def _shared(name: str) -> pl.DataFrame:
    folder = Path(os.environ.get("CREDIT_SHARED_DATA", PROJECT.parent / "shared" / "data"))
    if not (folder / name).exists():
        pytest.skip(f"{name} is not at hand; CREDIT_SHARED_DATA may name its folder")
    chunks = read_loans(folder / name, PERSONAL_LOAN, outcomes=True)
    return pl.concat([chunk.rows for chunk in chunks])


@pytest.fixture(scope="session")
def real_loans() -> pl.DataFrame:
    return _shared("lendingclub_2007_2015q3.csv.gz")


@pytest.fixture(scope="session")
def real_payments() -> pl.DataFrame:
    return _shared("raw_loanstats3a_rebuilt.csv")
