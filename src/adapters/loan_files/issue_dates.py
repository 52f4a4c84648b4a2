"""Dates of issue in the forms that people and spreadsheets write.

A value alone may be ambiguous (03/04/2011): the order of day and month is found in the whole column.
"""

import re
from collections.abc import Callable, Collection
from datetime import date, timedelta
from enum import Enum
from functools import lru_cache

import polars as pl

ALLOWED = "a month such as Dec-2011 or 2011-12, a day such as 2011-12-31 or 12/31/2011, or nothing"
_EARLIEST = date(1970, 1, 1)
_EPOCH_OF_SPREADSHEETS = date(1899, 12, 30)
_TWO_DIGIT_PIVOT = 69
"""Two-digit years from here on are of the 20th century, as in POSIX."""

_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_MONTH = "(?P<name>[a-z]{3,9})\\.?"
_SEPARATOR = "[-/. ,]+"
_NAMED_FORMS = (
    re.compile(f"(?:(?P<day>\\d{{1,2}}){_SEPARATOR})?{_MONTH}{_SEPARATOR}(?P<year>\\d{{4}})"),
    re.compile(f"{_MONTH}{_SEPARATOR}(?P<day>\\d{{1,2}}){_SEPARATOR}(?P<year>\\d{{4}})"),
    re.compile(f"(?:(?P<day>\\d{{1,2}}){_SEPARATOR})?{_MONTH}{_SEPARATOR}'?(?P<year>\\d{{2}})"),
    re.compile(f"(?P<year>\\d{{1,2}}|\\d{{4}}){_SEPARATOR}{_MONTH}"),
)
_YEAR_FIRST = re.compile(r"(?P<year>\d{4})([-/.]?)(?P<month>\d{2})(?:\2(?P<day>\d{2})(?:[ t].*)?)?")
_TWO_NUMBERS = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?: .*)?")
_MONTH_AND_YEAR = re.compile(r"(?P<month>\d{1,2})[-/.](?P<year>\d{4})")
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?")


class DayOrder(Enum):
    """The order of day and month in dates such as 03/04/2011."""

    MONTH_FIRST = "month-first"
    DAY_FIRST = "day-first"


class AmbiguousDates(ValueError):
    """Day and month of a column's dates cannot be distinguished."""


def issue_date_parser(order: DayOrder | None) -> Callable[[pl.Series], pl.Series]:
    """Texts as dates, null where a text is none. A file has few different dates, so each is read once."""

    def parse(texts: pl.Series) -> pl.Series:
        different = texts.drop_nulls().unique()
        dates = {text: parse_issue_date(text, order) for text in different}
        return texts.replace_strict(dates, default=None, return_dtype=pl.Date)

    return parse


def find_order(texts: Collection[str]) -> DayOrder | None:
    """The order in which all of these dates are valid; raises AmbiguousDates if both are.

    Dates of months, which all have the same day, are read in the order in which the day is 1.
    """
    pairs = [
        (int(found[1]), int(found[3])) for text in texts if (found := _TWO_NUMBERS.fullmatch(text.strip().lower()))
    ]
    if not pairs:
        return None
    if all(first == second for first, second in pairs):
        return DayOrder.MONTH_FIRST
    months_first = all(first <= len(_MONTHS) for first, _ in pairs)
    months_second = all(second <= len(_MONTHS) for _, second in pairs)
    if months_first and months_second:
        ones_first, ones_second = ({pair[place] for pair in pairs} == {1} for place in (0, 1))
        if ones_first != ones_second:
            months_first, months_second = ones_second, ones_first
    if months_first and months_second:
        raise AmbiguousDates("day and month of its dates cannot be distinguished")
    if not months_first and not months_second:
        raise AmbiguousDates("some of its dates begin with the day and others with the month")
    return DayOrder.MONTH_FIRST if months_first else DayOrder.DAY_FIRST


@lru_cache(maxsize=4096)
def parse_issue_date(text: str, order: DayOrder | None = None) -> date | None:
    """The date in a text, the first of the month if it has no day; None if it is not one.

    Numbers of five digits are days of a spreadsheet's calendar. Dates before 1970 and of the future are none.
    """
    text = text.strip().lower()
    found = _named(text) or _year_first(text) or _two_numbers(text, order) or _serial(text)
    return found if found and _EARLIEST <= found <= date.today() else None  # noqa: DTZ011 - a day, in any zone


def _named(text: str) -> date | None:
    for form in _NAMED_FORMS:
        if (found := form.fullmatch(text)) and (month := _month_number(found["name"])):
            return _date(found["year"], month, found.groupdict().get("day"))
    return None


def _month_number(name: str) -> int | None:
    matching = [number for number, month in enumerate(_MONTHS, start=1) if month.startswith(name)]
    if name == "sept":
        return 9
    return matching[0] if len(matching) == 1 and (len(name) == len("jan") or name in _MONTHS) else None


def _year_first(text: str) -> date | None:
    if found := _YEAR_FIRST.fullmatch(text):
        return _date(found["year"], int(found["month"]), found["day"])
    if found := _MONTH_AND_YEAR.fullmatch(text):
        return _date(found["year"], int(found["month"]), None)
    return None


def _two_numbers(text: str, order: DayOrder | None) -> date | None:
    found = _TWO_NUMBERS.fullmatch(text)
    if not found or order is None:
        return None
    day, month = (found[1], found[3]) if order is DayOrder.DAY_FIRST else (found[3], found[1])
    return _date(found[4], int(month), day)


def _serial(text: str) -> date | None:
    found = _SERIAL.fullmatch(text)
    return _EPOCH_OF_SPREADSHEETS + timedelta(days=int(found[1])) if found else None


def _date(year: str, month: int, day: str | None) -> date | None:
    century = 0 if len(year) > len("69") else 1900 if int(year) >= _TWO_DIGIT_PIVOT else 2000
    try:
        return date(century + int(year), month, int(day or 1))
    except ValueError:
        return None
