"""Summarizes a file of real loan applications as `population.json`: python -m loadtest.population FILE.

Only quantiles, shares and correlations are written, no rows. The shipped file is made from LendingClub's published
loans of 2007 to 2015, on which the champion is trained.
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from loadtest.applications import POPULATION

_NUMBERS = (
    "annual_inc",
    "loan_amnt",
    "fico_range_low",
    "dti",
    "revol_util",
    "inq_last_6mths",
    "delinq_2yrs",
    "pub_rec",
)
_CATEGORIES = ("emp_length", "home_ownership", "term", "purpose")
_EXTREMES = 0.001
"""The share at both ends that is left out: no value of a single applicant is published."""
_POINTS = 101


def summarize(file: Path) -> dict[str, Any]:
    """The distribution of each field and the correlations between them."""
    loans = pl.read_csv(file, infer_schema=False).select(
        *(pl.col(name).str.strip_chars(" %").cast(pl.Float64).alias(name) for name in _NUMBERS),
        *(pl.col(name).str.strip_chars().fill_null("n/a").alias(name) for name in _CATEGORIES),
    )
    missing = loans["revol_util"].null_count() / loans.height
    loans = loans.drop_nulls()
    categories = {name: _shares(loans, name) for name in _CATEGORIES}
    ranks = [loans[name].rank("average") for name in _NUMBERS]
    for name, shares in categories.items():
        order = {category: place for place, (category, _) in enumerate(shares)}
        ranks.append(loans[name].replace_strict(order, default=0.0, return_dtype=pl.Float64).rank("average"))
    spearman = np.corrcoef(np.array([rank.to_numpy() for rank in ranks]))
    places = np.linspace(_EXTREMES, 1 - _EXTREMES, _POINTS)
    return {
        "fields": [*_NUMBERS, *_CATEGORIES],
        "quantiles": {name: [round(float(q), 2) for q in np.quantile(loans[name], places)] for name in _NUMBERS},
        "categories": categories,
        "missing_revol_util": round(missing, 4),
        "correlations": np.round(2 * np.sin(np.pi / 6 * spearman), 3).tolist(),
    }


def _shares(loans: pl.DataFrame, name: str) -> list[tuple[str, float]]:
    """The categories and their cumulative shares, in the order of the applicants' median income."""
    counted = (
        loans.group_by(name)
        .agg(pl.len().alias("loans"), pl.col("annual_inc").median().alias("income"))
        .filter(pl.col("loans") >= 10)  # rare categories could point to a person
        .sort("income", name)
    )
    cumulative = (counted["loans"].cum_sum() / counted["loans"].sum()).round(4)
    return list(zip(counted[name].to_list(), cumulative.to_list(), strict=True))


if __name__ == "__main__":
    POPULATION.write_text(json.dumps(summarize(Path(sys.argv[1]))) + "\n")
