"""Steps: activating policies."""

from dataclasses import replace

import pytest
from pytest_bdd import parsers, then, when

from acceptance.lender import Lender
from acceptance.scenario_state import ScenarioState
from domain.access.user import Actor, PermissionDenied, Role
from domain.audit.event import EventKind
from domain.policies.activation import PolicyVersionTaken
from domain.policies.scoring_policy import ScoringPolicy
from domain.policies.version_3 import POLICY_3

_CUT_OFFS = r"approves below (?P<approve>\d+) % and declines from (?P<decline>\d+) %"
RITA = Actor("Rita", Role.RISK_MANAGER)


def policy_with(version: str, approve: str, decline: str) -> ScoringPolicy:
    return replace(POLICY_3, version=version, approve_below=int(approve) / 100, decline_from=int(decline) / 100)


@when(parsers.re(rf"the risk manager Rita activates policy (?P<version>\w+), which {_CUT_OFFS}"))
def _(lender: Lender, version: str, approve: str, decline: str) -> None:
    lender.activate_policy(policy_with(version, approve, decline), by=RITA)


@when("the risk manager Rita activates policy 3 again")
def _(lender: Lender) -> None:
    lender.activate_policy(POLICY_3, by=RITA)


@then(parsers.re(rf"Rita cannot activate another policy (?P<version>\w+), which {_CUT_OFFS}"))
def _(lender: Lender, version: str, approve: str, decline: str) -> None:
    with pytest.raises(PolicyVersionTaken):
        lender.activate_policy(policy_with(version, approve, decline), by=RITA)


@then(parsers.parse("the {role} cannot activate policy 4"))
def _(lender: Lender, role: str) -> None:
    with pytest.raises(PermissionDenied):
        lender.activate_policy(policy_with("4", "5", "8"), by=Actor("user", Role(role)))


@then(parsers.parse("policy {version} stays in force"))
def _(lender: Lender, version: str) -> None:
    assert lender.use_cases.read_policy_in_force().version == version


@then(
    parsers.re(
        r"the (?P<number>\d)(st|nd|rd) application was (?P<outcome>\w+) by policy (?P<version>\w+)",
    )
)
def _(lender: Lender, state: ScenarioState, number: str, outcome: str, version: str) -> None:
    recorded = lender.read_decision(state.answers[int(number) - 1].decision_id)
    assert (recorded.answer.outcome, recorded.answer.policy) == (outcome, version)


@then(parsers.parse("the audit trail records that {name} activated policy {version}"))
def _(lender: Lender, name: str, version: str) -> None:
    events = [event for event in lender.events() if event.kind == EventKind.POLICY_ACTIVATED]
    assert [(event.actor, event.details["policy_version"]) for event in events] == [(name, version)]
