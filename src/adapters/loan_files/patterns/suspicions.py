"""What the counts of a file's columns mean: why it is refused, and remarks on single values."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from adapters.loan_files.patterns.column_counts import (
    FRACTIONS_UP_TO,
    MONTHLY_UP_TO,
    THOUSANDS_UP_TO,
    YEARLY_FROM,
    ColumnCounts,
)
from domain.batches.file_conventions import Convention, FileConventions, IncomeAs, PercentAs, Stated, kind_of
from domain.products.spelling import DecimalMark

LEAST_VALUES = 3
"""Fewer values are not a pattern."""
_SHARE = 2 / 3
"""The share of a column's values that have to look so."""
_LOWEST_MAXIMUM = 10
"""Percentages that are never above this many percent may all be small."""
_LEAST_COMMAS = 2


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
    yield from (
        _jump_fault(column, option) for column in columns if _jumps(column) and column.name not in suspected
    )


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
    if kind is PercentAs:
        small = column.share_up_to(FRACTIONS_UP_TO)
        count = column.up_to.get(FRACTIONS_UP_TO, 0)
        may_be_fractions = column.fractional > 0 and column.number.maximum > _LOWEST_MAXIMUM
        if stated is None and small >= _SHARE and may_be_fractions:
            yield Suspicion(
                column, PercentAs.FRACTION, _of(column, count, "lie between 0 and 1.5, like fractions")
            )
        if stated is PercentAs.FRACTION and 1 - small >= _SHARE:
            why = _of(column, column.values - count, "are above 1.5, like percentages and not like fractions")
            yield Suspicion(column, PercentAs.PERCENT, why)
    elif stated is None:
        for limit, looks_like, words in (
            (THOUSANDS_UP_TO, IncomeAs.THOUSANDS, "are at most 1,000, like thousands of dollars"),
            (MONTHLY_UP_TO, IncomeAs.MONTHLY, "are at most 12,000, like incomes of a month"),
        ):
            if column.share_up_to(limit) >= _SHARE:
                yield Suspicion(column, looks_like, _of(column, column.up_to[limit], words))
                return
    elif isinstance(stated, IncomeAs) and stated in YEARLY_FROM:
        limit = YEARLY_FROM[stated]
        if 1 - column.share_up_to(limit) >= _SHARE:
            count = column.values - column.up_to.get(limit, 0)
            words = f"are above {limit:,.0f}, like dollars per year and not like the {stated.value} that is stated"
            yield Suspicion(column, IncomeAs.YEARLY, _of(column, count, words))


def _remedy(same: Sequence[Suspicion], columns: Sequence[ColumnCounts], option: OptionText) -> str:
    """What to state; for single columns if others of the kind are as they are defined."""
    kind = type(same[0].looks_like)
    name = "percent-as" if kind is PercentAs else "income-as"
    alike = [column for column in columns if kind_of(column.number) is kind and column.values >= LEAST_VALUES]
    fields = tuple(dict.fromkeys(found.column.number.name for found in same))
    single = len({column.number.name for column in alike}) > len(fields)
    looks_like = same[0].looks_like
    if looks_like in {PercentAs.PERCENT, IncomeAs.YEARLY}:
        return (
            f"State {option} for the columns it holds for only, such as {option} fraction:NAME, or leave it out."
        )
    stated = Stated(looks_like, fields if single else ())
    as_defined = Stated(PercentAs.PERCENT if kind is PercentAs else IncomeAs.YEARLY, stated.fields)
    if looks_like is PercentAs.FRACTION:
        meaning = "If 0.155 means 15.5 %"
    elif looks_like is IncomeAs.THOUSANDS:
        meaning = "If 52 means $52,000 a year"
    else:
        meaning = "If these are incomes of a month"
    points = any(2 * found.column.grouped_by_points > found.column.values for found in same)
    commas = f" If the points separate thousands, state {option('decimal', 'comma')}." if points else ""
    right = f"if they are right as they are, {option(name, str(as_defined))}"
    return f"{meaning}, state {option(name, str(stated))}; {right}.{commas}"


def _stated_for(column: ColumnCounts) -> str:
    stated = column.conventions.stated_for(column.number)
    return "" if stated is None else stated.value


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


def _jumps(column: ColumnCounts) -> bool:
    unstated = column.conventions.stated_for(column.number) is None
    return kind_of(column.number) is not None and unstated and column.jumps.line is not None


def _jump_fault(column: ColumnCounts, option: OptionText) -> str:
    percent = kind_of(column.number) is PercentAs
    units = "percentages and fractions" if percent else "incomes of a year and smaller ones"
    stated = option("percent-as", "percent") if percent else option("income-as", "yearly")
    return (
        f"{column.name} changes between {units} at line {column.jumps.line}. "
        f"Split the file there; if the values are right as they are, state {stated}."
    )


def _of(column: ColumnCounts, count: int, words: str) -> str:
    values = "all" if count == column.values else f"{count:,} of"
    return f"{values} {column.values:,} values of {column.name} {words}"


def _and(words: Iterable[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last
