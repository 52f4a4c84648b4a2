"""The development sample: loans with known outcomes as arrays, for training and evaluation."""

from dataclasses import dataclass, fields, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from adapters.scoring.encoding import CATEGORIES, category_codes, employment_years, encode_columns
from adapters.scoring.fixed_point import Floats
from domain.models.characteristics import CHARACTERISTIC_NAMES

BAD = ("Charged Off", "Default")
GOOD = ("Fully Paid",)
EXCEPTION = "Does not meet the credit policy. Status:"
OPTIONAL = ("emp_length", "revol_util")


class TooFewLoans(ValueError):
    """The sample lacks repaid or defaulted loans."""


@dataclass(frozen=True, slots=True, eq=False)
class DevelopmentSample:
    """Loans with known outcomes, ordered by date of issue.

    `encoded` (loans, 12); `bad` (loans,) charged off or defaulted; `weight` restores the mix of the loan book;
    `issued` is the date; `rate` is the rate charged (0.12 is 12 %); `exception` marks loans outside the credit
    policy.
    """

    encoded: Floats
    bad: NDArray[np.bool_]
    weight: Floats
    issued: NDArray[np.datetime64]
    rate: Floats
    exception: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.bad)

    def where(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> "DevelopmentSample":
        """The loans selected by flags or indices."""
        return DevelopmentSample(*(getattr(self, each.name)[chosen] for each in fields(self)))

    def weighted(self, weight: Floats) -> "DevelopmentSample":
        """The same loans with other weights."""
        return replace(self, weight=weight)

    def column(self, name: str) -> Floats:
        return self.encoded[:, CHARACTERISTIC_NAMES.index(name)]


@dataclass(frozen=True, slots=True)
class SampleCounts:
    """The number of loans read, left out by reason, and used."""

    read: int
    unfinished: int
    incomplete: int
    used: int
    used_exceptions: int


def development_sample(loans: pl.DataFrame) -> tuple[DevelopmentSample, SampleCounts]:
    """Encode the finished loans, except the few of 2007 without bureau data."""
    status = pl.col("loan_status").str.strip_prefix(EXCEPTION)
    finished = loans.filter(status.is_in([*BAD, *GOOD]))
    required = [name for name in CHARACTERISTIC_NAMES if name not in OPTIONAL]
    complete = finished.drop_nulls([*required, "issue_d"]).sort("issue_d", maintain_order=True)
    bad = complete.select(status.is_in(BAD)).to_series().to_numpy()
    if bad.sum() < 1 or (~bad).sum() < 1:
        raise TooFewLoans("training needs loans that were repaid and loans that were not")
    sample = DevelopmentSample(
        encoded=_encoded(complete),
        bad=bad,
        weight=_column(complete, "sample_weight") if "sample_weight" in complete.columns else np.ones(len(bad)),
        issued=complete["issue_d"].cast(pl.Date).to_numpy(),
        rate=_column(complete, "int_rate") / 100,
        exception=complete["loan_status"].str.starts_with(EXCEPTION).to_numpy(),
    )
    intake = SampleCounts(
        read=len(loans),
        unfinished=len(loans) - len(finished),
        incomplete=len(finished) - len(complete),
        used=len(sample),
        used_exceptions=int(sample.exception.sum()),
    )
    return sample, intake


def _column(loans: pl.DataFrame, name: str) -> Floats:
    return loans[name].cast(pl.Float64).fill_null(np.nan).to_numpy().copy()


def _encoded(loans: pl.DataFrame) -> Floats:
    columns = {}
    for name in CHARACTERISTIC_NAMES:
        if name in CATEGORIES:
            words = loans[name].cast(pl.String).to_list()
            columns[name] = category_codes(words, CATEGORIES[name])
        elif name == "emp_length":
            columns[name] = employment_years(loans[name].cast(pl.String).to_list())
        else:
            columns[name] = _column(loans, name)
    return encode_columns(columns)
