"""Steps: decision records and their reproduction."""

import re

from pytest_bdd import parsers, then, when

from acceptance.lender import OFFICER, Lender
from acceptance.scenario_state import ScenarioState
from domain.policies.version_3 import POLICY_3

DAMAGE = "it is not valid JSON"


@then("the decision is recorded under its identifier")
def _(lender: Lender, state: ScenarioState) -> None:
    assert lender.read_decision(state.answer.decision_id).answer.decision_id == state.answer.decision_id


@then("the record equals the response")
def _(lender: Lender, state: ScenarioState) -> None:
    assert lender.read_decision(state.answer.decision_id).answer == state.answer


@then("the record names the user, the model and the policy")
def _(lender: Lender, state: ScenarioState) -> None:
    recorded = lender.read_decision(state.answer.decision_id)
    assert recorded.requested_by == OFFICER.name
    assert re.fullmatch(r"\d+\.\d+\.\d+", recorded.answer.model)
    assert recorded.answer.policy == POLICY_3.version


@then(parsers.re(r"(?P<count>\d+) decisions? (is|are) recorded"))
def _(lender: Lender, count: str) -> None:
    assert len({recorded.answer.decision_id for recorded in lender.search()}) == int(count)


@then(parsers.re(r"a search for (?P<outcome>\w+) applications finds (?P<count>\d+) decisions?"))
def _(lender: Lender, outcome: str, count: str) -> None:
    assert [recorded.answer.outcome for recorded in lender.search(outcome)] == [outcome] * int(count)


@then(parsers.re(r'the channel "(?P<channel>\w+)" has decisions on (?P<amounts>[$\d, and]+), the largest first'))
def _(lender: Lender, channel: str, amounts: str) -> None:
    listed = [f"${amount:,.0f}" for amount in lender.amounts_of_channel(channel)]
    assert listed == amounts.split(" and ")


@when(parsers.re(r"the record of the (?P<place>\d+)nd decision is damaged"))
def _(lender: Lender, state: ScenarioState, place: str) -> None:
    lender.decisions.damage(state.answers[int(place) - 1].decision_id, DAMAGE)


@then(parsers.re(r"a search finds (?P<count>\d+) decisions, and names the (?P<place>\d+)nd as unreadable"))
def _(lender: Lender, state: ScenarioState, count: str, place: str) -> None:
    damaged = state.answers[int(place) - 1].decision_id
    found = {recorded.answer.decision_id for recorded in lender.search()}
    assert found == {answer.decision_id for answer in state.answers} - {damaged}
    assert len(found) == int(count)
    assert lender.unreadable() == {damaged: DAMAGE}


@then(parsers.re(r"opening or reproducing the (?P<place>\d+)nd decision says that its record cannot be read"))
def _(lender: Lender, state: ScenarioState, place: str) -> None:
    opened, reproduced = lender.faults_of(state.answers[int(place) - 1].decision_id)
    assert DAMAGE in opened
    assert DAMAGE in reproduced


@when("the model of the day is lost")
def _(lender: Lender) -> None:
    lender.bundles._bundles.clear()


@then("the auditor reproduces every decision exactly")
def _(lender: Lender, state: ScenarioState) -> None:
    for answer in state.answers:
        assert lender.reproduction_differences(answer.decision_id) == []


@then("reproducing the decision shows a different recommended amount")
def _(lender: Lender, state: ScenarioState) -> None:
    assert lender.reproduction_differences(state.answer.decision_id) == ["decision.recommended_amount.cents"]


@then("reproducing the decision fails because its model is not archived")
def _(lender: Lender, state: ScenarioState) -> None:
    assert lender.reproduction_differences(state.answer.decision_id) is None
