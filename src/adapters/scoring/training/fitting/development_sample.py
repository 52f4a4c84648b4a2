"""The development sample: loans with known outcomes as arrays, for training and evaluation."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from adapters.scoring.encoding import category_codes, choice_numbers, encode_columns
from adapters.scoring.fixed_point import Floats
from adapters.scoring.training.fitting.loan_statuses import (
    ALLOWED,
    BAD,
    finished_status,
    is_exception,
    unfinished_counts,
)
from domain.products.fields import ChoiceField
from domain.products.product_definition import ProductDefinition


class TooFewLoans(ValueError):
    """The sample lacks repaid or defaulted loans; the message says where the loans went."""


@dataclass(frozen=True, slots=True, eq=False)
class DevelopmentSample:
    """Loans of a product with known outcomes, ordered by date of issue.

    `encoded` (loans, characteristics); `bad` (loans,) charged off or defaulted; `weight` restores the mix of the
    loan book; `issued` is the date; `rate` is the rate charged (0.12 is 12 %); `exception` marks loans outside the
    credit policy.
    """

    product: ProductDefinition
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
        arrays = {each.name: getattr(self, each.name)[chosen] for each in fields(self) if each.name != "product"}
        return replace(self, **arrays)

    def weighted(self, weight: Floats) -> "DevelopmentSample":
        """The same loans with other weights."""
        return replace(self, weight=weight)

    def column(self, name: str) -> Floats:
        return self.encoded[:, self.product.characteristic_names.index(name)]


@dataclass(frozen=True, slots=True)
class SampleCounts:
    """The number of loans read, left out by reason, and used."""

    read: int
    unfinished: int
    incomplete: int
    used: int
    used_exceptions: int


def development_sample(loans: pl.DataFrame, product: ProductDefinition) -> tuple[DevelopmentSample, SampleCounts]:
    """Encode the finished loans, except those that lack a characteristic which is not optional."""
    finished = loans.filter(finished_status().is_not_null())
    required = [name for name in product.characteristic_names if not product.may_be_missing(name)]
    complete = finished.drop_nulls([*required, "issue_d"]).sort("issue_d", maintain_order=True)
    bad = complete.select(finished_status() == BAD).to_series().to_numpy()
    if bad.sum() < 1 or (~bad).sum() < 1:
        raise TooFewLoans(_cause(loans, finished, complete, [*required, "issue_d"]))
    sample = DevelopmentSample(
        product=product,
        encoded=_encoded(complete, product),
        bad=bad,
        weight=_column(complete, "sample_weight") if "sample_weight" in complete.columns else np.ones(len(bad)),
        issued=complete["issue_d"].cast(pl.Date).to_numpy(),
        rate=_column(complete, "int_rate") / 100 if "int_rate" in complete.columns else np.full(len(bad), np.nan),
        exception=complete.select(is_exception()).to_series().to_numpy(),
    )
    intake = SampleCounts(
        read=len(loans),
        unfinished=len(loans) - len(finished),
        incomplete=len(finished) - len(complete),
        used=len(sample),
        used_exceptions=int(sample.exception.sum()),
    )
    return sample, intake


def _cause(loans: pl.DataFrame, finished: pl.DataFrame, complete: pl.DataFrame, required: Sequence[str]) -> str:
    """Why too few loans are left, with the numbers."""
    bad = complete.filter(finished_status() == BAD).height
    parts = [
        "training needs loans that were repaid and loans that were not, but of"
        f" {loans.height:,} loans read, {complete.height - bad:,} were repaid and {bad:,} were not"
    ]
    if finished.height < loans.height:
        parts.append(
            f"{loans.height - finished.height:,} are left out because their loan_status is not {ALLOWED}:"
            f" {unfinished_counts(loans)}"
        )
    lacking = {name: finished[name].null_count() for name in required}
    if complete.height < finished.height:
        named = ", ".join(f"{name} {count:,}" for name, count in lacking.items() if count)
        parts.append(f"{finished.height - complete.height:,} are left out because they lack a value: {named}")
    return "; ".join(parts)


def _column(loans: pl.DataFrame, name: str) -> Floats:
    return loans[name].cast(pl.Float64).fill_null(np.nan).to_numpy().copy()


def _encoded(loans: pl.DataFrame, product: ProductDefinition) -> Floats:
    columns = {}
    for name in product.characteristic_names:
        field, column = product.field_by_name[name], loans[name]
        if not isinstance(field, ChoiceField) or column.dtype.is_numeric():
            columns[name] = _column(loans, name)
        elif field.numbers is not None:
            columns[name] = choice_numbers(column.cast(pl.String).to_list(), field)
        else:
            columns[name] = category_codes(column.cast(pl.String).to_list(), field.choices)
    return encode_columns(columns, product.characteristic_names)
