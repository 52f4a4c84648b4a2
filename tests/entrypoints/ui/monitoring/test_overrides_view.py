"""Override figures as their page shows them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from application.ports.cases.override_records import ListedOverride
from application.use_cases.cases.read_overrides import Overrides
from domain.cases.override import OverrideType
from domain.cases.override_figures import DwellTimes, OverrideCell, OverrideEvents, OverrideFigures
from domain.monitoring.period import Period
from domain.monitoring.share import Share
from domain.policies.final_outcome import FinalOutcome
from domain.policies.outcome import Outcome
from entrypoints.ui.monitoring.overrides_view import Links, OverridesView, overrides_view
from entrypoints.ui.shared.table import Link

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
PERIOD = Period.between(NOW - timedelta(days=30), NOW)
CASE = UUID(int=7)
CELLS = (
    OverrideCell("uma", "OTHER", "C", "credit_card", "los", OverrideType.LOW_SIDE, FinalOutcome.APPROVED, 1, 1),
    OverrideCell("uma", "OTHER", "D", "", "", OverrideType.AGREED, FinalOutcome.COUNTER_OFFER, 3, 0, 2, 1),
)
NEWEST = ListedOverride(
    CASE, CASE, NOW, Outcome.REFERRED, FinalOutcome.APPROVED, OverrideType.LOW_SIDE, "OTHER", "uma", "sara", "C"
)


def view(
    *cells: OverrideCell, events: OverrideEvents | None = None, newest: tuple[ListedOverride, ...] = ()
) -> OverridesView:
    figures = OverrideFigures.of(PERIOD, cells, events or OverrideEvents())
    return overrides_view(
        Overrides(figures, newest, NOW), Links({"period": "30d"}, "/overrides"), {"OTHER": "Another reason"}
    )


def test_figures_have_intervals_and_times() -> None:
    events = OverrideEvents(2, 1, Share(1, 4), DwellTimes(90.0, 7200.0))
    figures = {each.label: (each.value, each.note) for each in view(*CELLS, events=events).figures}
    assert figures["Decided by people"] == ("4", "3 counter-offers")
    assert figures["Overrides"][1].startswith("95")
    assert figures["Second approvals"] == ("1", "2 refused")
    assert figures["Time to decide"][0] == "2 min"
    assert figures["Time to decide"][1].endswith("2 h")
    assert figures["Own view agreed"][1] == "Of 2 views"
    assert figures["Quality review disagreed"][1] == "Of 4 reviews"


def test_names_lead_to_their_own_figures() -> None:
    tables = dict(view(*CELLS).tables)
    assert [row[0] for row in tables["By officer"].rows] == [Link("uma", "/overrides?period=30d&officer=uma")]
    assert [row[0] for row in tables["By purpose"].rows] == [
        Link("Not stated", "/overrides?period=30d&purpose="),
        Link("Credit card", "/overrides?period=30d&purpose=credit_card"),
    ]


def test_each_final_decision_leads_to_its_case_and_its_decision() -> None:
    (row,) = view(*CELLS, newest=(NEWEST,)).newest.rows
    assert [cell.href for cell in row if isinstance(cell, Link)] == [f"/cases/{CASE}", f"/decisions/{CASE}"]


def test_a_period_in_which_nothing_happened_is_empty() -> None:
    assert view().empty
    assert not view(events=OverrideEvents(breaches=1)).empty


def test_reasons_are_shown_in_words_unless_the_policy_in_force_lacks_them() -> None:
    retired = replace(NEWEST, reason="RETIRED")
    shown = view(*CELLS, newest=(NEWEST, retired))
    assert [row[0] for row in dict(shown.tables)["By reason"].rows] == [
        Link("Another reason", "/overrides?period=30d&reason=OTHER")
    ]
    assert [row[4] for row in shown.newest.rows] == ["Another reason", "RETIRED"]
