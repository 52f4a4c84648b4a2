"""Steps: expected against observed default by the month in which loans were booked."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from statistics import mean
from uuid import UUID

import pytest
from pytest_bdd import given, parsers, then, when

from acceptance.answers import VintageAnswer
from acceptance.lender import OFFICER, Lender
from acceptance.scenario_state import ScenarioState
from domain.access.user import Actor, PermissionDenied, Role
from domain.month import Month

RITA = Actor("Rita", Role.RISK_MANAGER)
_MONTH = r"the month (?P<months>\d+) months ago is"
_OF_LOANS = r"of its (?P<loans>\d+) loans?"
_LOANS = r"(?P<count>\d+) loans? that (was|were) booked (?P<months>\d+) months ago"


@dataclass
class VintageState:
    """The loans so far with the day of booking, and the vintages as last compared."""

    lender: Lender
    state: ScenarioState
    loans: list[tuple[UUID, date]] = field(default_factory=list)
    vintages: dict[Month, VintageAnswer] = field(default_factory=dict)
    month: Month | None = None

    @property
    def looked_at(self) -> VintageAnswer:
        assert self.month is not None
        return self.vintages[self.month]

    def lend(self, booked: date) -> UUID:
        """An approved and accepted application, whose loan is booked on this day."""
        answer = self.lender.apply(self.state.form)
        assert answer is not None
        self.state.responses.append(answer)
        assert not self.lender.accept(answer.decision_id, None, by=OFFICER)
        assert not self.lender.report_loan(answer.decision_id, "booked", booked, booked, by=RITA)
        self.loans.append((answer.decision_id, booked))
        return answer.decision_id


@pytest.fixture
def vintages(lender: Lender, state: ScenarioState) -> VintageState:
    return VintageState(lender, state)


def _ago(months: str) -> Month:
    return Month.of(datetime.now(UTC)).later(-int(months))


@given(parsers.parse('the source of the applications is "{source}"'))
def _(state: ScenarioState, source: str) -> None:
    state.form["source"] = source


@given(parsers.re(_LOANS))
def _(vintages: VintageState, count: str, months: str) -> None:
    for _ in range(int(count)):
        vintages.lend(_ago(months).first_day)


@given(parsers.re(_LOANS + r" and (was|were) (?P<end>prepaid|charged off) after (?P<days>\d+) days"))
def _(vintages: VintageState, count: str, months: str, end: str, days: str) -> None:
    booked = _ago(months).first_day
    for _ in range(int(count)):
        decision_id, ended = vintages.lend(booked), booked + timedelta(days=int(days))
        assert not vintages.lender.report_loan(decision_id, end.replace(" ", "_"), ended, booked, by=RITA)


@when("the risk manager Rita corrects the last outcome to prepaid")
def _(lender: Lender, vintages: VintageState) -> None:
    decision_id, booked = vintages.loans[-1]
    last = lender.loan(decision_id, by=RITA).outcome_ids[-1]
    ended = booked + timedelta(days=100)
    why = "Reported for the wrong account."
    assert not lender.report_loan(decision_id, "prepaid", ended, booked, by=RITA, corrects=last, reason=why)


@when(
    parsers.re(
        r"the risk manager Rita compares expected with observed default( of the source \"(?P<source>\w+)\")?"
    )
)
def _(lender: Lender, vintages: VintageState, source: str | None) -> None:
    vintages.vintages = {each.month: each for each in lender.vintages(RITA, source)}


@then(parsers.re(rf"{_MONTH} mature, and (?P<defaults>\d+) {_OF_LOANS} defaulted"))
def _(vintages: VintageState, months: str, defaults: str, loans: str) -> None:
    vintages.month = _ago(months)
    found = vintages.looked_at
    assert found.complete
    assert (found.defaults, found.loans) == (int(defaults), int(loans))
    assert found.observed == pytest.approx(int(defaults) / int(loans))


@then(parsers.re(rf"{_MONTH} immature, and (?P<unknown>\d+) {_OF_LOANS} are not known yet"))
def _(vintages: VintageState, months: str, unknown: str, loans: str) -> None:
    vintages.month = _ago(months)
    found = vintages.looked_at
    assert not found.complete
    assert (found.immature, found.loans) == (int(unknown), int(loans))


@then(parsers.re(r"(?P<defaults>\d+) of its (?P<loans>\d+) loans have defaulted so far"))
def _(vintages: VintageState, defaults: str, loans: str) -> None:
    assert vintages.looked_at.observed == pytest.approx(int(defaults) / int(loans))


@then(parsers.re(r"the 95 % interval of its default is (?P<low>[\d.]+) % to (?P<high>[\d.]+) %"))
def _(vintages: VintageState, low: str, high: str) -> None:
    found = vintages.looked_at.interval
    assert found is not None
    assert [round(100 * end, 1) for end in found] == [float(low), float(high)]


@then("its expected default is the mean probability of default of the decisions")
def _(state: ScenarioState, vintages: VintageState) -> None:
    expected = mean(answer.pd for answer in state.answers)
    assert vintages.looked_at.expected == pytest.approx(expected)


@then("the loan officer Olga cannot compare expected with observed default")
def _(lender: Lender) -> None:
    with pytest.raises(PermissionDenied):
        lender.vintages(Actor("Olga", Role.LOAN_OFFICER), None)
