"""The search of the list of cases: what an address means."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.access.user import Actor, Role
from domain.applications.money import Money
from domain.cases.case_state import ENDED, UNFINISHED, CaseState
from entrypoints.ui.cases.case_search import CaseSearch, InvalidCaseSearch, View
from entrypoints.ui.decisions.decision_search import ListPage

UMA = Actor("uma", Role.UNDERWRITER)
NOW = datetime(2026, 3, 14, 15, 0, tzinfo=UTC)
TOKYO = ZoneInfo("Asia/Tokyo")


def search(**query: str) -> CaseSearch:
    return CaseSearch.of(query, UMA)


def test_underwriters_begin_with_their_own_cases_and_others_with_all():
    assert search().view is View.MINE
    assert search(view="unknown").view is View.MINE
    assert CaseSearch.of({}, Actor("marta", Role.LOAN_OFFICER)).view is View.UNFINISHED


def test_each_list_has_its_states():
    assert search(view="mine").filter(UMA, NOW, TOKYO).assignee == "uma"
    states = {view: search(view=view).filter(UMA, NOW, TOKYO).states for view in View}
    assert states[View.QUEUE] == {CaseState.OPEN}
    assert states[View.SECOND_APPROVAL] == {CaseState.AWAITING_SECOND_APPROVAL}
    assert states[View.MINE] == states[View.UNFINISHED] == UNFINISHED
    assert states[View.FINISHED] == ENDED


def test_filters_restrict_a_list():
    wanted = search(
        view="unfinished",
        state="assigned",
        assignee=" udo ",
        minimum="5,000",
        maximum="$10,000",
        reason="DUPLICATE_APPLICATION",
    ).filter(UMA, NOW, TOKYO)
    assert (wanted.states, wanted.assignee) == ({CaseState.ASSIGNED}, "udo")
    assert (wanted.minimum_amount, wanted.maximum_amount) == (Money(500_000), Money(1_000_000))
    assert wanted.reason == "DUPLICATE_APPLICATION"


@pytest.mark.parametrize(("due", "days"), [("overdue", 0), ("today", 1), ("tomorrow", 2)])
def test_due_times_are_those_of_the_readers_day(due: str, days: int):
    """At 15:00 UTC a day begins in Tokyo."""
    assert search(due=due).filter(UMA, NOW, TOKYO).due_before == NOW + timedelta(days=days)


def test_every_invalid_filter_is_named():
    with pytest.raises(InvalidCaseSearch) as raised:
        search(view="queue", state="resolved", due="soon", minimum="many", maximum="-1").filter(UMA, NOW, TOKYO)
    assert raised.value.errors.keys() == {"state", "due", "minimum", "maximum"}
    with pytest.raises(InvalidCaseSearch, match="at least the minimum"):
        search(minimum="500", maximum="400").filter(UMA, NOW, TOKYO)


def test_the_address_leads_to_the_same_list():
    searched = search(view="queue", due="today", reason="EXPOSURE_LIMIT")
    page = ListPage(2, ("abc",))
    assert searched.address(page) == "/cases?view=queue&due=today&reason=EXPOSURE_LIMIT&page=2&cursor=abc"
    assert search(view="queue", due="today", reason="EXPOSURE_LIMIT") == searched
    assert searched.filtered
    assert not search(view="queue").filtered
