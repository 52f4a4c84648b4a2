"""Steps: events for the systems of callers."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import pytest
from pytest_bdd import given, parsers, then, when

from acceptance.case_steps import REFERRED, Desk
from acceptance.lender import Lender
from acceptance.scenario_state import ScenarioState
from application.use_cases.webhooks.deliver_webhook import LEASE
from domain.access.user import Actor, Role
from domain.webhooks.event import WebhookEvent
from entrypoints.api.webhooks.event_bodies import ApiEventBodies
from support.memory.subscriptions import MemoryWebhookSubscriptions

_SYSTEM = r"the (?P<who>portal|broker)"
_EVENTS = {
    "decisions": [WebhookEvent.DECISION_RECORDED.value],
    "resolved cases": [WebhookEvent.CASE_RESOLVED.value],
}


class Receivers:
    """The receivers of all systems: each is sent what waits for it."""

    def __init__(self, lender: Lender) -> None:
        self._lender = lender

    def messages(self, who: str) -> Sequence[dict[str, Any]]:
        """The bodies that the system is sent, as a worker makes them."""
        subscriptions = self._lender.use_cases.webhooks.subscribe.subscriptions
        assert isinstance(subscriptions, MemoryWebhookSubscriptions)
        subscriptions.follow(self._lender.decisions)
        bodies = ApiEventBodies(lambda: self._lender.use_cases)
        found = []
        while (delivery := asyncio.run(subscriptions.outbox.lease_next(duration=LEASE))) is not None:
            if delivery.recipient == who:
                found.append(json.loads(asyncio.run(bodies.body_of(delivery))))
        return found


@pytest.fixture
def receivers(lender: Lender) -> Receivers:
    return Receivers(lender)


@pytest.fixture
def sent() -> list[dict[str, Any]]:
    """The messages that a scenario has looked at."""
    return []


def system(name: str) -> Actor:
    return Actor(name, Role.SERVICE)


@given("the portal and the broker are systems that send applications")
def _() -> None:
    """Any service is."""


@given(parsers.re(rf"{_SYSTEM} wants to hear of (?P<what>decisions|resolved cases)"))
def _(lender: Lender, who: str, what: str) -> None:
    assert lender.subscribe(_EVENTS[what], by=system(who)) == ""


@when(parsers.re(rf'{_SYSTEM} wants to hear of "(?P<one>[\w.]+)" and "(?P<other>[\w.]+)"'))
def _(lender: Lender, state: ScenarioState, who: str, one: str, other: str) -> None:
    state.refusal = lender.subscribe([one, other], by=system(who))


@when("the risk manager wants to hear of decisions")
def _(lender: Lender, state: ScenarioState) -> None:
    state.refusal = lender.subscribe(_EVENTS["decisions"], by=Actor("Rita", Role.RISK_MANAGER))


@given(parsers.re(rf"{_SYSTEM} has ended its subscription"))
def _(lender: Lender, who: str) -> None:
    lender.end_subscriptions(by=system(who))


@given("the portal has applied for Anna, who was referred")
@when("the portal applies for Anna")
def _(lender: Lender, desk: Desk) -> None:
    answer = lender.apply(REFERRED, by=system("portal"))
    assert answer is not None
    assert answer.outcome == "referred"
    desk.cases["Anna"] = answer.decision_id


@then("the portal is sent 1 message: Anna's decision, as the portal can read it")
def _(lender: Lender, desk: Desk, receivers: Receivers) -> None:
    (message,) = receivers.messages("portal")
    decision_id = desk.cases["Anna"]
    assert (message["event"], message["data"]["request_id"]) == ("decision.recorded", str(decision_id))
    assert message["data"]["prediction"]["outcome"] == "referred"
    assert message["data"]["application"]["revol_util"] == REFERRED["revol_util"]
    assert "contributions" not in message["data"]["prediction"]


@then("the portal is sent 1 message: Anna's decision, which Uma's decision made final as declined")
def _(desk: Desk, receivers: Receivers, sent: list[dict[str, Any]]) -> None:
    (message,) = receivers.messages("portal")
    data = message["data"]
    assert (message["event"], data["request_id"]) == ("case.resolved", str(desk.cases["Anna"]))
    assert (data["final_outcome"], data["final_decision"]["outcome"]) == ("declined", "declined")
    sent.append(message)


@then("the message does not say who decided")
def _(sent: list[dict[str, Any]]) -> None:
    (message,) = sent
    assert "Uma" not in json.dumps(message)


@then(parsers.re(rf"{_SYSTEM} is sent nothing"))
def _(receivers: Receivers, who: str) -> None:
    assert receivers.messages(who) == []
