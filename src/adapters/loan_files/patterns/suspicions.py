"""What the counts of a file's columns mean: why it is refused, and remarks on single values."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from adapters.loan_files.patterns.column_counts import (
    FRACTIONS_UP_TO,
    MONTHLY_FROM,
    MONTHLY_UP_TO,
    PERCENTAGES_UP_TO,
    THOUSANDS_FROM,
    THOUSANDS_UP_TO,
    YEARLY_UP_TO,
    ColumnCounts,
)
from domain.batches.file_conventions import Convention, FileConventions, IncomeAs, PercentAs, Stated, kind_of
from domain.products.spelling import DecimalMark

LEAST_VALUES = 2
"""A single value is not a pattern."""
_SHARE = 2 / 3
"""The share of a column's values that have to look so."""
_SHARE_OF_MIXTURE, _LEAST_OF_MIXTURE = 1 / 4, 3
"""The share of a column's values, and their number, from which they are no exceptions but another unit."""
_LOWEST_MAXIMUM = 10
"""Percentages that are never above this many percent may all be small."""
_LEAST_COMMAS = 2
_MEANINGS: dict[Convention, str] = {
    PercentAs.FRACTION: "If 0.155 means 15.5 %",
    PercentAs.BASIS_POINTS: "If 1550 means 15.5 %",
    IncomeAs.THOUSANDS: "If 52 means $52,000 a year",
    IncomeAs.MONTHLY: "If these are incomes of a month",
    IncomeAs.CENTS: "If 5200000 means $52,000 a year",
}


@dataclass(frozen=True, slots=True)
class _Pattern:
    """Most values are up to a limit, or above it, and so look like a convention."""

    looks_like: Convention
    limit: float
    words: str
    above: bool = False


_PATTERNS = {
    PercentAs: (
        _Pattern(PercentAs.FRACTION, FRACTIONS_UP_TO, "lie between 0 and 1.5, like fractions"),
        _Pattern(PercentAs.BASIS_POINTS, PERCENTAGES_UP_TO, "are above 100, like basis points", above=True),
    ),
    IncomeAs: (
        _Pattern(IncomeAs.THOUSANDS, THOUSANDS_UP_TO, "are at most 1,000, like thousands of dollars"),
        _Pattern(IncomeAs.MONTHLY, MONTHLY_UP_TO, "are at most 12,000, like incomes of a month"),
        _Pattern(IncomeAs.CENTS, YEARLY_UP_TO, "are above 1,000,000, like cents", above=True),
    ),
}
_CONTRADICTIONS: dict[Convention, tuple[_Pattern, ...]] = {
    PercentAs.FRACTION: (
        _Pattern(PercentAs.PERCENT, FRACTIONS_UP_TO, "are above 1.5, unlike the fractions stated", above=True),
    ),
    PercentAs.BASIS_POINTS: (
        _Pattern(PercentAs.PERCENT, PERCENTAGES_UP_TO, "are at most 100, unlike the basis points stated"),
    ),
    IncomeAs.THOUSANDS: (
        _Pattern(IncomeAs.YEARLY, THOUSANDS_FROM, "are above 10,000, unlike the thousands stated", above=True),
    ),
    IncomeAs.MONTHLY: (
        _Pattern(IncomeAs.YEARLY, MONTHLY_FROM, "are above 25,000, unlike incomes of a month", above=True),
    ),
    IncomeAs.CENTS: (_Pattern(IncomeAs.YEARLY, YEARLY_UP_TO, "are at most 1,000,000, unlike the cents stated"),),
}


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A column whose values look like another convention than the one that is defined or stated."""

    column: ColumnCounts
    looks_like: Convention
    why: str


OptionText = Callable[[str, str], str]
"""How the sender states an option, such as ("percent-as", "fraction")."""


def faults(columns: Sequence[ColumnCounts], conventions: FileConventions, option: OptionText) -> Iterator[str]:
    """Why the file cannot be read as defined and stated, each with the remedy."""
    yield from _decimal_faults(columns, conventions, option)
    suspicions = [found for column in columns for found in _suspicions(column)]
    for kind in (PercentAs, IncomeAs):
        same = [found for found in suspicions if kind_of(found.column.number) is kind]
        if same:
            yield f"{'; '.join(found.why for found in same)}. {_remedy(same, columns, option)}"
    suspected = {found.column.name for found in suspicions}
    for column in columns:
        if kind_of(column.number) is None or column.name in suspected or _is_stated(column):
            continue
        if column.jumps.line is not None:
            yield _jump_fault(column, option)
        elif _small_values(column) >= max(_LEAST_OF_MIXTURE, _SHARE_OF_MIXTURE * column.values):
            yield _mixture_fault(column, option)


def remarks(columns: Iterable[ColumnCounts]) -> Iterator[str]:
    """Remarks on values that are possible but unusual, where nothing is stated about their column."""
    for column in columns:
        kind = kind_of(column.number)
        limit, unit = (1.0, "1 %") if kind is PercentAs else (THOUSANDS_UP_TO, "$1,000 a year")
        count = column.up_to.get(limit, 0)
        if count and kind and column.conventions.stated_for(column.number) is None:
            values = f"1 value of {column.name} is" if count == 1 else f"{count:,} values of {column.name} are"
            yield f"{values} above 0 but below {unit}, the first in line {column.first[limit]}; check the unit"


def _suspicions(column: ColumnCounts) -> Iterator[Suspicion]:
    stated, kind = column.conventions.stated_for(column.number), kind_of(column.number)
    if kind is None or column.values < LEAST_VALUES:
        return
    for pattern in _PATTERNS[kind] if stated is None else _CONTRADICTIONS.get(stated, ()):
        below = column.up_to.get(pattern.limit, 0)
        count = column.values - below if pattern.above else below
        if count >= _SHARE * column.values and _is_possible(pattern.looks_like, column):
            values = "all" if count == column.values else f"{count:,} of"
            why = f"{values} {column.values:,} values of {column.name} {pattern.words}"
            yield Suspicion(column, pattern.looks_like, why)
            return


def _is_possible(looks_like: Convention, column: ColumnCounts) -> bool:
    """Whole numbers are not fractions, nor are percentages that are always small."""
    return looks_like is not PercentAs.FRACTION or (
        column.fractional > 0 and column.number.maximum > _LOWEST_MAXIMUM
    )


def _remedy(same: Sequence[Suspicion], columns: Sequence[ColumnCounts], option: OptionText) -> str:
    """What to state; for single columns if others of the kind are as they are defined."""
    kind = type(same[0].looks_like)
    name = "percent-as" if kind is PercentAs else "income-as"
    alike = [column for column in columns if kind_of(column.number) is kind and column.values >= LEAST_VALUES]
    fields = tuple(dict.fromkeys(found.column.number.name for found in same))
    single = len({column.number.name for column in alike}) > len(fields)
    looks_like = same[0].looks_like
    if looks_like in {PercentAs.PERCENT, IncomeAs.YEARLY}:
        given = Stated(same[0].column.conventions.stated_for(same[0].column.number) or looks_like, ("NAME",))
        return (
            f"State it for the columns that it holds for only, as in {option(name, str(given))}, or leave it out."
        )
    stated = Stated(looks_like, fields if single else ())
    as_defined = Stated(PercentAs.PERCENT if kind is PercentAs else IncomeAs.YEARLY, stated.fields)
    meaning = _MEANINGS[looks_like]
    points = any(2 * found.column.grouped_by_points > found.column.values for found in same)
    commas = f" If the points separate thousands, state {option('decimal', 'comma')}." if points else ""
    right = f"if they are right as they are, {option(name, str(as_defined))}"
    return f"{meaning}, state {option(name, str(stated))}; {right}.{commas}"


def _decimal_faults(
    columns: Sequence[ColumnCounts], conventions: FileConventions, option: OptionText
) -> Iterator[str]:
    found = [
        column
        for column in columns
        if column.decimal_commas >= 2 and column.decimal_commas > column.decimal_points
    ]
    if found and conventions.decimal is not DecimalMark.COMMA:
        names = _and(f"{column.name} (line {column.first_comma})" for column in found)
        yield f"decimal commas are in {names}. State {option('decimal', 'comma')}, or write decimal points."


def _is_stated(column: ColumnCounts) -> bool:
    return column.conventions.stated_for(column.number) is not None


def _small_values(column: ColumnCounts) -> int:
    """How many values are small enough to be fractions, or incomes of less than a year."""
    if kind_of(column.number) is IncomeAs:
        return column.up_to.get(MONTHLY_UP_TO, 0)
    return column.up_to.get(1.0, 0) if _is_possible(PercentAs.FRACTION, column) else 0


def _jump_fault(column: ColumnCounts, option: OptionText) -> str:
    percent = kind_of(column.number) is PercentAs
    units = "percentages and fractions" if percent else "incomes of a year and smaller ones"
    return (
        f"{column.name} changes between {units} at line {column.jumps.line}. "
        f"Split the file there; {_right_as_it_is(column, option)}"
    )


def _mixture_fault(column: ColumnCounts, option: OptionText) -> str:
    percent = kind_of(column.number) is PercentAs
    limit, words = (1.0, "below 1, like fractions") if percent else (MONTHLY_UP_TO, "at most 12,000")
    return (
        f"{_small_values(column):,} of {column.values:,} values of {column.name} are {words}, the first in line "
        f"{column.first[limit]}, and the others are not. Write all in one unit; {_right_as_it_is(column, option)}"
    )


def _right_as_it_is(column: ColumnCounts, option: OptionText) -> str:
    percent = kind_of(column.number) is PercentAs
    stated = option("percent-as", "percent") if percent else option("income-as", "yearly")
    return f"if the values are right as they are, state {stated}."


def _and(words: Iterable[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last
