"""Steps: what happens to an application after its decision."""

import asyncio
from datetime import timedelta
from uuid import UUID

from pytest_bdd import given, parsers, then, when

from acceptance.application_steps import dollars
from acceptance.lender import AUDITOR, OFFICER, Lender
from acceptance.scenario_state import ScenarioState
from domain.access.user import Actor, Role

NOT_FOUND, NOT_PERMITTED = "no such application", "not permitted"


def application_id(state: ScenarioState) -> UUID:
    return state.answer.decision_id


def _broker(name: str) -> Actor:
    return Actor(name, Role.SERVICE)


@given(parsers.re(r"(?P<name>\w+) has applied"))
def _(lender: Lender, state: ScenarioState, name: str) -> None:
    state.person = name
    state.responses.append(lender.apply(state.form))


@given(parsers.re(r"the broker (?P<broker>\w+) has applied for (?P<name>\w+)"))
def _(lender: Lender, state: ScenarioState, broker: str, name: str) -> None:
    state.responses.append(lender.apply(state.forms[name], by=_broker(broker)))


@given(parsers.parse("she has {count:d} public records"))
def _(state: ScenarioState, count: int) -> None:
    state.form["pub_rec"] = count


@when(parsers.re(r"the officer (?P<name>\w+) records that s?he accepts the offer"))
def _(lender: Lender, state: ScenarioState, name: str) -> None:
    state.refusal = lender.accept(application_id(state), None, by=Actor(name, Role.LOAN_OFFICER))


@when(parsers.re(r"the officer (?P<name>\w+) records that s?he accepts \$(?P<amount>[\d,]+)"))
def _(lender: Lender, state: ScenarioState, name: str, amount: str) -> None:
    state.refusal = lender.accept(application_id(state), dollars(amount), by=Actor(name, Role.LOAN_OFFICER))


@when(
    parsers.re(
        r'the broker (?P<name>\w+) records with the key "(?P<key>[^"]+)" that she accepts \$(?P<amount>[\d,]+)'
    )
)
def _(lender: Lender, state: ScenarioState, name: str, key: str, amount: str) -> None:
    assert not lender.accept(application_id(state), dollars(amount), by=_broker(name), key=key)


@when(parsers.re(r'the officer (?P<name>\w+) withdraws her application because "(?P<reason>\w+)"'))
def _(lender: Lender, state: ScenarioState, name: str, reason: str) -> None:
    state.refusal = lender.withdraw(application_id(state), reason, by=Actor(name, Role.LOAN_OFFICER))


@when(parsers.parse("{days:d} days pass after the decision"))
def _(lender: Lender, days: int) -> None:
    lender.clock.offset = timedelta(days=days)


@then(parsers.re(r'this is refused because "(?P<why>.+)"'))
def _(state: ScenarioState, why: str) -> None:
    assert why in state.refusal


@then(
    parsers.re(r"(her|his) application is (?P<expected>approved|referred|declined|withdrawn|expired)"),
)
def _(lender: Lender, state: ScenarioState, expected: str) -> None:
    assert lender.application(application_id(state), by=OFFICER)[0] == expected


@then(parsers.re(r"her application is accepted for \$(?P<amount>[\d,]+)"))
def _(lender: Lender, state: ScenarioState, amount: str) -> None:
    assert lender.application(application_id(state), by=OFFICER) == ("accepted", dollars(amount))


@then("her referral case is withdrawn")
def _(lender: Lender, state: ScenarioState) -> None:
    view = asyncio.run(lender.use_cases.cases.read_case(application_id(state), by=OFFICER))
    assert view.case.state.value == "withdrawn"


@then("the audit trail states who accepted it")
def _(lender: Lender) -> None:
    assert lender.trail_entries("application accepted") == ["Olga"]


@then("it was accepted once")
def _(lender: Lender) -> None:
    assert len(lender.trail_entries("application accepted")) == 1


@then(parsers.re(r"the broker (?P<name>\w+) does not find the application"))
def _(lender: Lender, state: ScenarioState, name: str) -> None:
    assert lender.application(application_id(state), by=_broker(name)) is None


@then(parsers.re(r"the broker (?P<name>\w+) finds the application"))
def _(lender: Lender, state: ScenarioState, name: str) -> None:
    assert lender.application(application_id(state), by=_broker(name)) == ("approved", None)


@then(parsers.re(r"the broker (?P<name>\w+) cannot accept it"))
def _(lender: Lender, state: ScenarioState, name: str) -> None:
    assert NOT_FOUND in lender.accept(application_id(state), None, by=_broker(name))


@then("the auditor reads that the application is approved")
def _(lender: Lender, state: ScenarioState) -> None:
    assert lender.application(application_id(state), by=AUDITOR) == ("approved", None)


@then("the auditor cannot accept it")
def _(lender: Lender, state: ScenarioState) -> None:
    assert NOT_PERMITTED in lender.accept(application_id(state), None, by=AUDITOR)
