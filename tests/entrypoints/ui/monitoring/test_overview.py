"""The overview page."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl
from uuid import uuid4

import pytest
from ui_lender import UiLender
from ui_person import Person

from application.ports.operations.dependencies import DependencyUnavailable
from application.use_cases.monitoring.read_overview import DatedOverview
from domain.applications.money import Money
from domain.monitoring.cells import Cell, overview_of
from domain.monitoring.overview import Overview
from domain.monitoring.overview_filter import DEFAULT_FILTER, OverviewFilter
from domain.monitoring.period import DAY, MAX_PERIOD, Period
from domain.policies.outcome import Confidence, Outcome
from domain.policies.scoring_policy import ScoringPolicy
from domain.policies.version_3 import POLICY_3
from domain.products.personal_loan import PERSONAL_LOAN
from entrypoints.ui.monitoring.overview_period import address_of, choice_from
from entrypoints.ui.monitoring.overview_view import OverviewView, overview_view
from entrypoints.ui.shared.column_chart import gridlines_up_to
from entrypoints.ui.shared.formats import rounded_money
from entrypoints.ui.shared.table import Table
from support.builders import a_decision_record

NOW = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)
GOOD = {"annual_inc": "120,000", "fico_range_low": "790", "fico_range_high": "794", "dti": "4", "revol_util": "3"}
BAD = {"annual_inc": "9,000", "purpose": "moving"}


async def open_overview(person: Person, address: str = "/overview") -> None:
    await person.open(address)
    await asyncio.sleep(0.2)  # the figures come after the page


@pytest.mark.parametrize("name", ["marta", "rui", "arthur"])
async def test_roles_that_read_all_decisions_can_open_the_overview(person: Person, name: str):
    await person.log_in(name)
    await person.open("/decisions")
    await person.should_see("Overview")
    await open_overview(person)
    await person.should_see("No decisions in this period", "All decisions")


async def test_an_empty_overview_offers_a_new_application_only_to_permitted_roles(person: Person):
    await person.log_in("arthur")
    await open_overview(person)
    await person.should_not_see("New application")
    await person.log_in("marta")
    await open_overview(person)
    await person.should_see("New application")


async def test_the_overview_figures_match_the_decisions(person: Person, lender: UiLender):
    for entries in (GOOD, BAD, BAD):
        await lender.assess(**entries)
    await person.log_in("rui")
    await open_overview(person)
    await person.should_see("Mean probability of default", "$30,000", "$10,000 per decision")
    await person.should_see("33.3\u202f%", "66.7\u202f%", "Income is below the minimum for this loan")
    await person.should_see("Policy 3: approve under 14\u202f%, decline from 21\u202f%, before rules.")


async def test_the_overview_shows_its_time_and_can_be_refreshed(person: Person, lender: UiLender):
    await lender.assess(**GOOD)
    await person.log_in("rui")
    await open_overview(person)
    as_of = [text for text in person.texts() if text.startswith("As of ")]
    assert len(as_of) == 1
    await lender.assess(**GOOD)
    lender.clock.offset = timedelta(minutes=3)
    await person.click("Refresh")
    await asyncio.sleep(0.2)
    await person.should_see("$20,000")
    assert [text for text in person.texts() if text.startswith("As of ")] != as_of


async def test_an_invalid_date_range_shows_an_error_at_its_field(person: Person):
    await person.log_in("rui")
    await open_overview(person, "/overview?since=2026-03-14&until=2026-03-13")
    assert person.error_at("period-until") == "End precedes start"
    await person.should_not_see("No decisions in this period")


async def test_unavailable_figures_show_an_error_instead_of_loading(person: Person, lender: UiLender):
    lender.figures.error = DependencyUnavailable("the database does not answer")
    await person.log_in("rui")
    await open_overview(person)
    await person.should_see("Temporarily unavailable")
    await person.should_not_see("Calculating…")


async def test_stored_names_are_escaped(person: Person, lender: UiLender):
    record = a_decision_record(decided_at=lender.clock.now(), model_version="<b>1</b>", trial=False)
    await lender.decisions.record(record)
    await person.log_in("rui")
    await open_overview(person)
    await person.should_see("&lt;b&gt;1&lt;/b&gt;")
    await person.should_not_see("<b>1</b>")


@pytest.mark.parametrize(
    ("query", "start", "end"),
    [
        ({}, datetime(2026, 2, 13, tzinfo=UTC), None),
        ({"period": "7d"}, datetime(2026, 3, 8, tzinfo=UTC), None),
        ({"period": "90d"}, datetime(2025, 12, 15, tzinfo=UTC), None),
        ({"period": "24h"}, datetime(2026, 3, 13, 16, tzinfo=UTC), None),
        ({"period": "yacht"}, datetime(2026, 2, 13, tzinfo=UTC), None),
        (
            {"since": "2026-03-01", "until": "2026-03-02"},
            datetime(2026, 3, 1, tzinfo=UTC),
            datetime(2026, 3, 3, tzinfo=UTC),
        ),
        ({"since": "2026-03-01"}, datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 15, tzinfo=UTC)),
    ],
)
def test_the_address_selects_the_period(query: dict[str, str], start: datetime, end: datetime | None):
    choice = choice_from(query, NOW)
    assert (choice.start, choice.end, choice.errors) == (start, end, None)


@pytest.mark.parametrize(
    ("since", "until", "errors"),
    [
        ("", "2026-03-01", {"since": "Enter a date, e.g. 2026-03-14"}),
        ("x", "y", {"since": "Enter a date, e.g. 2026-03-14", "until": "Enter a date, e.g. 2026-03-14"}),
        ("2026-03-15", "", {"since": "Must not be in the future"}),
        ("1926-03-15", "", {"since": "Enter a date from 1970"}),
        ("2025-03-13", "", {"until": "At most 366 days, including both dates"}),
    ],
)
def test_invalid_date_ranges_are_reported(since: str, until: str, errors: dict[str, str]):
    assert choice_from({"since": since, "until": until}, NOW).errors == errors


def test_the_longest_permitted_date_range_is_accepted():
    first = (NOW - MAX_PERIOD + DAY).date().isoformat()
    assert choice_from({"since": first}, NOW).errors is None
    assert address_of(since=first) == f"/overview?since={first}"


@pytest.mark.parametrize(
    ("most", "top", "lines"),
    [(0, 1, 2), (1, 1, 2), (3, 3, 4), (5, 6, 4), (9, 10, 3), (77, 80, 5), (1_234_567, 1_500_000, 4)],
)
def test_gridlines_cover_the_maximum_at_round_numbers(most: int, top: int, lines: int):
    found, marks = gridlines_up_to(most)
    assert (found, len(marks)) == (top, lines)
    assert (marks[0].at, marks[-1].at) == (0, 100)


@pytest.mark.parametrize(
    ("cents", "text"),
    [(84_530_049, "$845,300"), (364_000_000, "$3.64\u202fm"), (1_651_234_500_000, "$16.51\u202fbn"), (0, "$0")],
)
def test_large_amounts_are_rounded(cents: int, text: str):
    assert rounded_money(Money(cents)) == text


def view_of(
    *decided: tuple[int, Outcome, float],
    policy_version: str = "3",
    policies: Sequence[ScoringPolicy] = (POLICY_3,),
    before: Sequence[tuple[int, Outcome, float]] | None = None,
    wanted: OverviewFilter = DEFAULT_FILTER,
) -> OverviewView:
    """The view of decisions given as (count, outcome, PD), all on the second of three days."""
    period = Period.between(NOW - 2 * DAY, NOW + timedelta(hours=1))
    overview = figures_of(period, decided, policy_version)
    former = None if before is None or period.before is None else figures_of(period.before, before, policy_version)
    return overview_view(DatedOverview(overview, NOW, former), policies, PERSONAL_LOAN, wanted)


def figures_of(period: Period, decided: Sequence[tuple[int, Outcome, float]], policy_version: str) -> Overview:
    cells = [
        Cell(
            int(100 * pd),
            outcome,
            Confidence.LOW,
            "1.0.0",
            policy_version,
            count,
            pd * count,
            Money(100),
            Money(0),
        )
        for count, outcome, pd in decided
    ]
    time_series: Counter[tuple[datetime, Outcome]] = Counter()
    for count, outcome, _ in decided:
        time_series[period.steps[1], outcome] += count
    return overview_of(
        period,
        time_series=time_series,
        cells=cells,
        reasons={"INCOME": 3},
        outside_domain=1,
    )


def test_column_heights_are_proportional_to_counts():
    view = view_of((30, Outcome.APPROVED, 0.1), (10, Outcome.DECLINED, 0.3))
    first, second, third = view.trend.columns
    assert (first.segments, third.segments) == ((), ())
    assert [(part.outcome, part.height) for part in second.segments] == [("approved", 75.0), ("declined", 25.0)]
    assert second.text == "13 Mar: 40 (30 approved, 0 referred, 10 declined)"
    assert texts(view.trend_table)[1] == ("13 Mar", "40", "30 (75\u202f%)", "0 (0\u202f%)", "10 (25\u202f%)")
    assert texts(view.trend_table)[0] == ("12 Mar", "0", "0", "0", "0")
    assert view.trend.axes == ("Decisions", "Day (UTC)")


def texts(table: Table) -> list[tuple[str, ...]]:
    """The rows of a table without their links."""
    return [tuple(cell if isinstance(cell, str) else cell.text for cell in row) for row in table.rows]


def test_figures_and_charts_show_the_change_since_the_period_before():
    view = view_of(
        (30, Outcome.APPROVED, 0.1),
        (10, Outcome.DECLINED, 0.3),
        before=[(25, Outcome.APPROVED, 0.2), (25, Outcome.DECLINED, 0.3)],
    )
    assert view.compared == "Before: 9 Mar 2026 to 11 Mar 2026 (UTC)"
    assert [figure.before for figure in view.figures[:2]] == [
        "Before: 50 (\u221220.0\u202f%)",
        "Before: 25.0\u202f% (\u221210.0 points)",
    ]
    assert view.outcomes[0].before == "Before: 50.0\u202f% (+25.0 points)"
    assert view.trend.columns[1].before == pytest.approx(83.33)
    assert view.trend.columns[1].text == "13 Mar: 40, before 50 (30 approved, 0 referred, 10 declined)"
    assert texts(view.trend_table)[1][-1] == "50"
    assert "50 in the period before" in view.trend.description
    heights = [column.before for column in view.pd_chart.columns]
    assert (heights[10], heights[20], heights[30]) == (None, pytest.approx(83.33), pytest.approx(83.33))
    assert texts(view.pd_table)[1] == ("20 to 21\u202f%", "0", "0.0\u202f%", "25")
    nothing = view_of((30, Outcome.APPROVED, 0.1), before=[])
    assert nothing.compared == "Before: 9 Mar 2026 to 11 Mar 2026 (UTC), no decisions"
    assert (nothing.figures[0].before, nothing.outcomes[0].before, nothing.trend.columns[1].before) == (
        "",
        "",
        None,
    )


def test_columns_bands_and_versions_lead_to_their_decisions():
    """With the filter and the period of the overview, which starts and ends within a day."""
    wanted = OverviewFilter(channel="broker", grade="C")
    view = view_of((30, Outcome.APPROVED, 0.1), (10, Outcome.DECLINED, 0.3), wanted=wanted)

    def parameters(address: str) -> dict[str, str]:
        assert address.startswith("/decisions?")
        return dict(parse_qsl(address.partition("?")[2]))

    common = {"channel": "broker", "grade": "C", "trial": "no"}
    whole = common | {"from": "2026-03-12T15:09:26+00:00", "to": "2026-03-14T16:09:26+00:00"}
    day = common | {"from": "2026-03-13T00:00:00+00:00", "to": "2026-03-14T00:00:00+00:00"}
    first, second, third = view.trend.columns
    assert (first.href, parameters(second.href), third.href) == ("", day, "")
    assert parameters(view.trend_table.rows[1][2].href) == day | {"outcome": "approved"}
    assert parameters(view.outcomes[2].href) == whole | {"outcome": "declined"}
    assert view.outcomes[1].href == ""
    assert parameters(view.pd_chart.columns[10].href) == whole | {"pd_from": "0.1", "pd_to": "0.11"}
    assert parameters(view.pd_table.rows[0][1].href) == parameters(view.pd_chart.columns[10].href)
    assert parameters(view.versions.rows[0][2].href) == whole | {"model": "1.0.0", "policy": "3"}


async def test_the_overview_is_filtered_by_its_address(person: Person, lender: UiLender):
    record = a_decision_record(decided_at=lender.clock.now(), trial=False)
    await lender.decisions.record(record)
    await lender.decisions.record(replace(record, decision_id=uuid4(), trial=True))
    await person.log_in("rui")
    for query, total in (
        ("", 1),
        ("channel=broker&source=loan-origination", 1),
        ("channel=branch", 0),
        ("received=api&grade=D", 1),
        ("grade=A", 0),
        ("trials=included", 2),
    ):
        await open_overview(person, f"/overview?{query}")
        figures = [text for text in person.texts() if text in {"1", "2", "No decisions in this period"}]
        assert figures[0] == (str(total) if total else "No decisions in this period"), query


def test_pd_bands_are_colored_by_the_outcome_of_the_score_alone():
    view = view_of((30, Outcome.APPROVED, 0.139), (5, Outcome.DECLINED, 0.14), (10, Outcome.DECLINED, 0.21))
    drawn = {
        index: column.segments[0].outcome for index, column in enumerate(view.pd_chart.columns) if column.segments
    }
    assert drawn == {13: "approved", 14: "referred", 21: "declined"}
    assert [mark.text for mark in view.pd_chart.cut_offs] == ["14\u202f%", "21\u202f%"]
    assert view.pd_chart.cut_offs[0].at == pytest.approx(100 * 14 / len(view.pd_chart.columns), abs=0.01)
    assert "most decisions are in the band 13 to 14\u202f%" in view.pd_chart.description


def test_the_cut_offs_of_every_policy_that_decided_are_drawn():
    stricter = replace(POLICY_3, version="4", approve_below=0.12, decline_from=0.21)
    view = view_of((30, Outcome.APPROVED, 0.11), (9, Outcome.REFERRED, 0.13), policies=(POLICY_3, stricter))
    drawn = {
        index: column.segments[0].outcome for index, column in enumerate(view.pd_chart.columns) if column.segments
    }
    assert drawn == {11: "approved", 13: "mixed"}
    assert [mark.text for mark in view.pd_chart.cut_offs] == ["12\u202f%", "14\u202f%", "21\u202f%"]
    assert "Policy 3: approve under 14\u202f%" in view.pd_note
    assert "Policy 4: approve under 12\u202f%" in view.pd_note
    assert "not archived" not in view.pd_note


def test_no_cut_offs_are_drawn_for_a_policy_that_is_not_archived():
    view = view_of((30, Outcome.APPROVED, 0.1), policy_version="0", policies=())
    assert view.pd_note == "The cut-offs of policy 0 are not archived."
    assert view.pd_chart.cut_offs == ()
    assert [column.segments[0].outcome for column in view.pd_chart.columns if column.segments] == ["mixed"]


def test_a_year_has_a_column_per_day_and_few_labels():
    period = Period.between(NOW - MAX_PERIOD, NOW)
    empty = overview_of(period, time_series={}, cells=(), reasons={}, outside_domain=0)
    view = overview_view(DatedOverview(empty, NOW), (), PERSONAL_LOAN)
    assert view.empty
    assert len(view.trend.columns) == 367
    assert len(view.trend.labels) <= 7
