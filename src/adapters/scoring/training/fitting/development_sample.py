"""The development sample: loans with known outcomes as arrays, for training and evaluation."""

from dataclasses import dataclass, fields, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from adapters.scoring.encoding import category_codes, choice_numbers, encode_columns
from adapters.scoring.fixed_point import Floats
from domain.products.fields import ChoiceField
from domain.products.product_definition import ProductDefinition

BAD = ("Charged Off", "Default")
GOOD = ("Fully Paid",)
EXCEPTION = "Does not meet the credit policy. Status:"


class TooFewLoans(ValueError):
    """The sample lacks repaid or defaulted loans."""


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
    status = pl.col("loan_status").str.strip_prefix(EXCEPTION)
    finished = loans.filter(status.is_in([*BAD, *GOOD]))
    required = [name for name in product.characteristic_names if not product.may_be_missing(name)]
    complete = finished.drop_nulls([*required, "issue_d"]).sort("issue_d", maintain_order=True)
    bad = complete.select(status.is_in(BAD)).to_series().to_numpy()
    if bad.sum() < 1 or (~bad).sum() < 1:
        raise TooFewLoans("training needs loans that were repaid and loans that were not")
    sample = DevelopmentSample(
        product=product,
        encoded=_encoded(complete, product),
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
