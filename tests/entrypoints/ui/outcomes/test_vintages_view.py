"""The figures of vintages in words, and the positions in their chart."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from application.ports.outcomes.vintages import ANY_LOAN, VintageNames
from application.use_cases.outcomes.read_vintages import VintageReport
from domain.month import Month
from domain.outcomes.vintages import VintageSums, vintage_figures
from entrypoints.ui.outcomes.vintages_csv import vintages_csv
from entrypoints.ui.outcomes.vintages_view import VintagesView, vintages_view

AS_OF = date(2026, 11, 29)
JANUARY = VintageSums(Month(2025, 1), loans=200, mature=200, defaults=20, pd=20.0, mature_pd=20.0)


def report(*sums: VintageSums) -> VintageReport:
    now = datetime(2026, 11, 29, 12, tzinfo=UTC)
    return VintageReport(vintage_figures(sums, AS_OF), ANY_LOAN, VintageNames(), 36, False, now)


def view(*sums: VintageSums) -> VintagesView:
    return vintages_view(report(*sums))


@pytest.mark.parametrize(
    ("mature_pd", "verdict"),
    [
        (20.0, "in line with the expected 10.0"),
        (10.0, "more than the expected 5.0"),
        (40.0, "so far, less than the expected 20.0"),
    ],
)
def test_the_verdict_compares_with_the_interval(mature_pd: float, verdict: str) -> None:
    found = view(replace(JANUARY, mature_pd=mature_pd)).verdict
    assert verdict in found
    assert ("understates the risk" in found) == (mature_pd < 20)
    assert ("for the whole term" in found) == (mature_pd > 20)


def test_without_a_mature_month_there_is_no_verdict() -> None:
    young = view(replace(JANUARY, month=Month(2026, 10), mature=1))
    assert young.verdict.startswith("No month is mature yet")
    assert [figure.value for figure in young.figures][1:] == ["–", "–", "–"]
    (row,) = young.table.rows
    assert row[-1] == "Immature, 199 not known"
    (known,) = view(replace(JANUARY, month=Month(2026, 10))).table.rows
    assert known[-1] == "Immature"


def test_the_chart_has_every_month_and_fits_the_axis() -> None:
    few = VintageSums(Month(2025, 4), loans=1, mature=1, defaults=0, pd=0.1, mature_pd=0.1)
    chart = view(JANUARY, few, replace(JANUARY, month=Month(2026, 2))).chart
    assert len(chart.points) == 14
    first, empty = chart.points[0], chart.points[1]
    assert (empty.expected, empty.observed, empty.text) == (None, None, "Feb 2025: no loans")
    assert first.observed == first.expected
    assert chart.points[3].high == 100.0  # the interval of a single loan ends above the axis
    assert [point.complete for point in chart.points].count(False) == 1
    assert chart.gridlines[-1].at == 100
    assert "1 month is immature" in chart.description


def test_nothing_is_drawn_without_loans() -> None:
    found = view()
    assert found.empty
    assert (found.chart.points, found.chart.description) == ((), "No loans.")
    assert vintages_csv(report()).count("\n") == 1


def test_the_csv_has_fractions_and_empty_rates() -> None:
    unknown = VintageSums(Month(2025, 2), loans=2, mature=0, defaults=0, pd=0.2, mature_pd=0.0)
    _, january, february = vintages_csv(report(unknown, JANUARY)).splitlines()
    assert january.startswith("2025-01,200,200,20,true,0.100000,0.100000,0.0")
    assert february == "2025-02,2,0,0,true,,,,,false"
