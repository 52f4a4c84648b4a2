"""Steps: the overview."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta

import pytest
from pytest_bdd import parsers, then, when

from acceptance.answers import OverviewData
from acceptance.lender import Lender
from acceptance.scenario_state import ScenarioState
from domain.access.user import Actor, Role
from domain.monitoring.overview_filter import DEFAULT_FILTER, OverviewFilter

RISK_MANAGER = Actor("Rita", Role.RISK_MANAGER)
DAY = timedelta(days=1)


@dataclass
class OverviewState:
    """The start of the day, and the overviews viewed so far."""

    start: datetime = field(default_factory=lambda: datetime.combine(datetime.now(UTC), time(), UTC))
    viewed: list[OverviewData] = field(default_factory=list)

    def view(
        self, lender: Lender, by: Actor = RISK_MANAGER, wanted: OverviewFilter = DEFAULT_FILTER
    ) -> OverviewData:
        """View the overview since the start of the day."""
        overview = lender.overview(self.start, by=by, wanted=wanted)
        assert overview is not None
        self.viewed.append(overview)
        return overview


@pytest.fixture
def overviews() -> OverviewState:
    return OverviewState()


@then(parsers.re(r"today's overview shows (?P<count>\d+) decisions: (?P<outcomes>.+)"))
def _(lender: Lender, overviews: OverviewState, count: str, outcomes: str) -> None:
    overview = overviews.view(lender)
    approved, referred, declined = overview.outcomes
    assert outcomes == f"{approved} approved, {referred} referred and {declined} declined"
    assert overview.decisions == overview.trend_total == int(count)


@when(parsers.parse('{name} applies through the channel "{channel}"'))
def _(lender: Lender, state: ScenarioState, name: str, channel: str) -> None:
    state.responses.append(lender.apply(state.forms[name] | {"channel": channel}))


@when("a day passes")
def _(lender: Lender, overviews: OverviewState) -> None:
    lender.clock.offset += DAY
    overviews.start += DAY


@then(parsers.re(r"today's overview of the channel \"(?P<channel>\w+)\" shows (?P<count>\d+) decisions?"))
def _(lender: Lender, overviews: OverviewState, channel: str, count: str) -> None:
    overview = overviews.view(lender, wanted=OverviewFilter(channel=channel))
    assert overview.decisions == overview.trend_total == int(count)


@then("today's overview of Anna's grade shows 1 decision")
def _(lender: Lender, overviews: OverviewState, state: ScenarioState) -> None:
    grades = [answer.grade for answer in state.answers]
    assert len(set(grades)) == 2
    assert overviews.view(lender, wanted=OverviewFilter(grade=grades[0])).decisions == 1


@then(parsers.parse("today's overview shows {count:d} decisions, and {before:d} in the period before"))
def _(lender: Lender, overviews: OverviewState, count: int, before: int) -> None:
    overview = overviews.view(lender)
    assert (overview.decisions, overview.decisions_before) == (count, before)


@then(parsers.parse("today's overview shows {count:d} decision"))
def _(lender: Lender, overviews: OverviewState, count: int) -> None:
    assert overviews.view(lender).decisions == count


@then(parsers.parse("a minute later it shows {count:d} decisions, as of the new time"))
def _(lender: Lender, overviews: OverviewState, count: int) -> None:
    lender.clock.offset = timedelta(minutes=1)
    assert overviews.view(lender).decisions == count
    assert overviews.viewed[-1].as_of >= overviews.viewed[0].as_of + timedelta(minutes=1)


@then(parsers.re(r"the total requested amount is \$(?P<amount>[\d,]+)"))
def _(overviews: OverviewState, amount: str) -> None:
    assert overviews.viewed[-1].requested == float(amount.replace(",", ""))


@then(parsers.parse('the reason "{text}" is counted once'))
def _(overviews: OverviewState, text: str) -> None:
    assert overviews.viewed[-1].reasons[text] == 1


@then("the mean probability of default is that of the responses")
def _(overviews: OverviewState, state: ScenarioState) -> None:
    pds = [answer.pd for answer in state.answers]
    assert overviews.viewed[-1].mean_pd == pytest.approx(sum(pds) / len(pds), rel=1e-12)


@then(parsers.parse("the overview shows {first:d} decision under policy 3 and {second:d} under policy 4"))
def _(lender: Lender, overviews: OverviewState, first: int, second: int) -> None:
    assert overviews.view(lender).by_policy == {"3": first, "4": second}


@then("the overview of last year shows no decisions and no mean probability of default")
def _(lender: Lender, overviews: OverviewState) -> None:
    overview = lender.overview(overviews.start - 366 * DAY, overviews.start - 365 * DAY)
    assert overview is not None
    assert (overview.decisions, overview.mean_pd) == (0, None)


@then("an overview from today to yesterday is rejected")
def _(lender: Lender, overviews: OverviewState) -> None:
    assert lender.overview(overviews.start, overviews.start - DAY) is None


@then(parsers.parse("the {role} cannot see the overview"))
def _(lender: Lender, overviews: OverviewState, role: str) -> None:
    assert not lender.can_see_overview(overviews.start, by=Actor("user", Role(role)))


@then(parsers.parse("the {role} sees {count:d} decision in today's overview"))
def _(lender: Lender, overviews: OverviewState, role: str, count: int) -> None:
    assert overviews.view(lender, by=Actor("user", Role(role))).decisions == count
