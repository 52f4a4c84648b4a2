"""Expected and observed default by the month of booking, as text, figures, a chart and a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from zoneinfo import ZoneInfo

from application.use_cases.outcomes.read_vintages import VintageReport
from domain.month import Month
from domain.outcomes.label import MONTHS_TO_MATURITY
from domain.outcomes.vintages import Vintage
from entrypoints.ui.monitoring.overview_view import Total
from entrypoints.ui.shared.column_chart import Mark, axis_labels, gridlines_up_to
from entrypoints.ui.shared.formats import NARROW_SPACE, counted, number, percent, percent_range
from entrypoints.ui.shared.table import Table
from entrypoints.ui.shared.time_zone import UTC_ZONE, Moment

_MOST_ABOVE = 2.5
"""The axis ends at so many times the largest rate: the interval of a month with few loans is cut off there."""
_LEAST_TOP = 0.05


@dataclass(frozen=True, slots=True)
class VintagePoint:
    """A month of the chart: positions from the bottom in percent, None without loans. `text` is the tooltip."""

    text: str
    complete: bool
    expected: float | None = None
    observed: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class VintageChart:
    """The chart; `description` is its text for screen readers."""

    points: tuple[VintagePoint, ...]
    gridlines: tuple[Mark, ...]
    labels: tuple[Mark, ...]
    description: str


@dataclass(frozen=True, slots=True)
class VintagesView:
    """The content of the page. `verdict` compares observed with expected default in words."""

    empty: bool
    synthetic: bool
    as_of: Moment
    figures: tuple[Total, ...]
    verdict: str
    chart: VintageChart
    table: Table


_WHOLE_TERM = "The expected default is for the whole term: loans that are not closed can still default."
IMMATURE_NOTE = (
    f"Shaded months are immature: not all of their loans are {MONTHS_TO_MATURITY} months on book, so that the "
    "observed default can still rise."
)


def vintages_view(report: VintageReport, zone: ZoneInfo = UTC_ZONE) -> VintagesView:
    """The view of a report."""
    vintages, total = report.figures.vintages, report.figures.total
    return VintagesView(
        empty=not vintages,
        synthetic=report.synthetic,
        as_of=Moment.of(report.as_of, zone),
        figures=_figures(vintages, total),
        verdict=_verdict(total),
        chart=vintage_chart(vintages),
        table=vintage_table(vintages),
    )


def _figures(vintages: Sequence[Vintage], total: Vintage | None) -> tuple[Total, ...]:
    loans, mature = sum(each.loans for each in vintages), sum(each.mature for each in vintages)
    matured = "In mature months"
    none = "No mature month yet"
    return (
        Total("Loans", number(loans, 0), f"{number(mature, 0)} with a known label"),
        Total("Expected default", _rate(total.expected if total else None), matured if total else none),
        Total("Observed default", _rate(total.observed if total else None), matured if total else none),
        Total("95 % interval", _interval(total), "Of the observed default"),
    )


def _verdict(total: Vintage | None) -> str:
    if total is None or total.expected is None or total.observed is None or total.interval is None:
        return f"No month is mature yet: loans are observed for {MONTHS_TO_MATURITY} months after booking."
    low, high = total.interval
    found = f"{percent(total.observed)} of {counted(total.mature, 'loan', 'loans')} defaulted"
    if total.expected < low:
        return f"{found}, more than the expected {percent(total.expected)}: the model understates the risk."
    if total.expected > high:
        return f"{found} so far, less than the expected {percent(total.expected)}. {_WHOLE_TERM}"
    return f"{found}, in line with the expected {percent(total.expected)}."


def vintage_chart(vintages: Sequence[Vintage]) -> VintageChart:
    """The chart of all months from the first to the last one."""
    months = _all_months(vintages)
    top, gridlines = _axis(vintages)
    by_month = {each.month: each for each in vintages}
    immature = sum(not each.complete for each in vintages)
    described = (
        f"Expected and observed default by month of booking, {_named(months[0])} to {_named(months[-1])}. "
        f"{counted(immature, 'month is', 'months are')} immature."
        if months
        else "No loans."
    )
    return VintageChart(
        points=tuple(_point(month, by_month.get(month), top) for month in months),
        gridlines=gridlines,
        labels=axis_labels([_short(month) for month in months]) if months else (),
        description=described,
    )


def vintage_table(vintages: Sequence[Vintage]) -> Table:
    """The figures of each month with loans, the newest first."""
    rows = tuple(
        (
            _named(each.month),
            number(each.loans, 0),
            number(each.mature, 0),
            number(each.defaults, 0),
            _rate(each.expected),
            _rate(each.observed),
            _interval(each),
            _state(each),
        )
        for each in reversed(vintages)
    )
    headings = ("Booked", "Loans", "Mature", "Defaults", "Expected", "Observed", "95 % interval", "State")
    return Table("Expected and observed default by month of booking", headings, rows)


def _state(vintage: Vintage) -> str:
    if vintage.complete:
        return "Mature"
    return f"Immature, {number(vintage.immature, 0)} not known" if vintage.immature else "Immature"


def _all_months(vintages: Sequence[Vintage]) -> list[Month]:
    if not vintages:
        return []
    first, last = vintages[0].month, vintages[-1].month
    count = 12 * (last.year - first.year) + last.number - first.number
    return [first.later(number) for number in range(count + 1)]


def _axis(vintages: Sequence[Vintage]) -> tuple[float, tuple[Mark, ...]]:
    """The rate at the top, and gridlines."""
    rates = [rate for each in vintages for rate in (each.expected, each.observed) if rate is not None]
    highs = [each.interval[1] for each in vintages if each.interval]
    highest = min(max(highs, default=0.0), _MOST_ABOVE * max(rates, default=0.0))
    top, marks = gridlines_up_to(ceil(100 * max(highest, *rates, _LEAST_TOP)))
    return top / 100, tuple(Mark(mark.at, f"{mark.text}{NARROW_SPACE}%") for mark in marks)


def _point(month: Month, vintage: Vintage | None, top: float) -> VintagePoint:
    if vintage is None:
        return VintagePoint(f"{_named(month)}: no loans", complete=True)
    low, high = vintage.interval or (None, None)
    immature = "" if vintage.complete else f", {_state(vintage).lower()}"
    text = (
        f"{_named(month)}: {counted(vintage.loans, 'loan', 'loans')}, expected {_rate(vintage.expected)}, "
        f"observed {_rate(vintage.observed)} ({_interval(vintage)}){immature}"
    )
    return VintagePoint(
        text,
        vintage.complete,
        *(_position(rate, top) for rate in (vintage.expected, vintage.observed, low, high)),
    )


def _position(rate: float | None, top: float) -> float | None:
    return None if rate is None else round(min(100.0, 100 * rate / top), 2)


def _rate(rate: float | None) -> str:
    return "–" if rate is None else percent(rate)


def _interval(vintage: Vintage | None) -> str:
    return "–" if vintage is None or vintage.interval is None else percent_range(*vintage.interval)


def _named(month: Month) -> str:
    return f"{month.first_day:%b} {month.year}"


def _short(month: Month) -> str:
    return f"{month.first_day:%b} {month.year % 100:02}"
