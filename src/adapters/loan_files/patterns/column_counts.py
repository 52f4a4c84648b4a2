"""What is counted of a column's values to recognize their unit and decimal mark."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from adapters.loan_files.patterns.jumps import Jumps
from adapters.loan_files.spelled_columns import number_texts
from domain.batches.file_conventions import FileConventions, IncomeAs, PercentAs, kind_of
from domain.products.fields import NumberField
from domain.products.spelling import DecimalMark, UnreadableText, read_number

FRACTIONS_UP_TO = 1.5
THOUSANDS_UP_TO = 1_000.0
MONTHLY_UP_TO = 12_000.0
PERCENTAGES_UP_TO = 100.0
YEARLY_UP_TO = 1_000_000.0
"""Values above these look like basis points, and like cents."""
THOUSANDS_FROM, MONTHLY_FROM = 10_000.0, 25_000.0
"""Incomes above these are hardly in thousands, or of a month."""
_LIMITS = {
    PercentAs: (FRACTIONS_UP_TO, 1.0, PERCENTAGES_UP_TO),
    IncomeAs: (THOUSANDS_UP_TO, MONTHLY_UP_TO, YEARLY_UP_TO, THOUSANDS_FROM, MONTHLY_FROM),
}
_MOST_TEXTS = 1_000
"""Different texts with a comma that are looked at in a block."""


@dataclass(slots=True)
class ColumnCounts:
    """Counts of the values above zero, without those that have a percent sign: they are percentages for certain.

    `up_to` counts the values up to each limit, and `first` has the line of the first one. `decimal_commas` and
    `decimal_points` count texts, `grouped_by_points` those like 52.000.
    """

    name: str
    number: NumberField
    conventions: FileConventions
    values: int = 0
    fractional: int = 0
    up_to: dict[float, int] = field(default_factory=dict)
    first: dict[float, int] = field(default_factory=dict)
    decimal_commas: int = 0
    decimal_points: int = 0
    grouped_by_points: int = 0
    first_comma: int | None = None
    jumps: Jumps = field(init=False)
    _numbers_of: Callable[[pl.Series], pl.Series] = field(init=False)

    def __post_init__(self) -> None:
        self.jumps = Jumps(MONTHLY_UP_TO if kind_of(self.number) is IncomeAs else FRACTIONS_UP_TO)
        self._numbers_of = number_texts(self.number, FileConventions(decimal=self.conventions.decimal))

    def add(self, column: pl.Series, lines: pl.Series) -> None:
        """Count the next values, raw as in the file, and the lines they are in."""
        numbers = column
        if not column.dtype.is_numeric():
            texts = column.cast(pl.String).str.strip_chars()
            self._count_marks(texts, lines)
            if kind_of(self.number) is None:
                return
            if kind_of(self.number) is PercentAs:
                unmarked = ~texts.str.ends_with("%").fill_null(value=True)
                texts, lines = texts.filter(unmarked), lines.filter(unmarked)
            numbers = self._numbers_of(texts)
            self._count_groups(texts, numbers)
        elif kind_of(self.number) is None:
            return
        self._count_values(numbers.cast(pl.Float64, strict=False), lines)

    def share_up_to(self, limit: float) -> float:
        """The share of the values up to a limit."""
        return self.up_to.get(limit, 0) / max(1, self.values)

    def _count_values(self, numbers: pl.Series, lines: pl.Series) -> None:
        all_values = numbers.to_numpy()
        with np.errstate(invalid="ignore"):
            given = all_values > 0
        values, at = all_values[given], lines.to_numpy()[given]
        self.values += len(values)
        for limit in _LIMITS[kind_of(self.number) or PercentAs]:
            within = values < limit if limit == 1 else values <= limit
            count = int(np.count_nonzero(within))
            if count:
                self.up_to[limit] = self.up_to.get(limit, 0) + count
                self.first.setdefault(limit, int(at[int(np.argmax(within))]))
        small = values[values <= FRACTIONS_UP_TO]
        self.fractional += int(np.count_nonzero(small != np.floor(small)))
        self.jumps.add(values, at)

    def _count_marks(self, texts: pl.Series, lines: pl.Series) -> None:
        """Count decimal marks, if there are commas at all."""
        commas = texts.str.contains(",", literal=True).fill_null(value=False)
        if not commas.any():
            if self.decimal_commas:
                self.decimal_points += int(texts.str.contains(".", literal=True).sum())
            return
        with_comma = texts.filter(commas)
        suspects = with_comma.unique(maintain_order=True)[:_MOST_TEXTS]
        decimal = [text for text in suspects if _has_decimal_comma(text, self.number)]
        found = with_comma.is_in(decimal)
        self.decimal_points += int(texts.str.contains(".", literal=True).sum()) - int(
            with_comma.str.contains(".", literal=True).sum()
        )
        self.decimal_commas += int(found.sum())
        if decimal and self.first_comma is None:
            self.first_comma = int(lines.filter(commas).filter(found)[0])

    def _count_groups(self, texts: pl.Series, numbers: pl.Series) -> None:
        if kind_of(self.number) is IncomeAs and (numbers < THOUSANDS_UP_TO).any():
            self.grouped_by_points += int(texts.str.contains(r"^\d{1,3}(\.\d{3})+$").sum())


def _has_decimal_comma(text: str, field: NumberField) -> bool:
    """Whether the text is a number with a decimal comma and none without."""
    try:
        read_number(text, field)
    except UnreadableText:
        try:
            return read_number(text, field, DecimalMark.COMMA) is not None
        except UnreadableText:
            return False
    return False
