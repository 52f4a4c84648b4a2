"""Services subscribe to events over HTTP, and get what the API shows them."""

import asyncio
import json
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from application.ports.webhooks.webhooks import Delivery, EventUnreadable
from application.use_cases.webhooks.deliver_webhook import LEASE
from domain.access.user import Role
from domain.webhooks.event import WebhookEvent
from domain.webhooks.subscription import MAX_SUBSCRIPTIONS
from entrypoints.api.webhooks.event_bodies import ApiEventBodies

PATH = "/api/v1/webhook-subscriptions"
URL = "https://portal.example/hooks/7"
BOTH = ["case.resolved", "decision.recorded"]


@pytest.fixture
def subscribe(service):
    def post(*, url=URL, events=BOTH, role=Role.SERVICE):
        return service.client.post(PATH, json={"url": url, "events": events}, headers=service.as_(role))

    return post


@pytest.fixture
def subscriptions(service):
    return service.made.webhooks.subscribe.subscriptions


@pytest.fixture
def next_body(service, subscriptions):
    """The body of the next message, as a worker makes it; None without a message."""

    def deliver():
        delivery = asyncio.run(subscriptions.outbox.lease_next(duration=LEASE))
        return delivery and json.loads(asyncio.run(ApiEventBodies(lambda: service.made).body_of(delivery)))

    return deliver


def test_a_service_subscribes_lists_and_ends(service, subscribe):
    made = subscribe()
    assert made.status_code == 201, made.text
    found = made.json()
    assert made.headers["location"] == f"{PATH}/{found['subscription_id']}"
    assert (found["url"], found["events"]) == (URL, ["decision.recorded", "case.resolved"])
    assert subscribe().json()["subscription_id"] == found["subscription_id"]
    listed = service.get(PATH).json()
    assert (listed["subscriptions"], listed["limit"]) == ([found], MAX_SUBSCRIPTIONS)
    one = f"{PATH}/{found['subscription_id']}"
    assert service.client.delete(one, headers=service.as_(Role.SERVICE)).status_code == 204
    assert service.get(PATH).json()["subscriptions"] == []
    gone = service.client.delete(one, headers=service.as_(Role.SERVICE))
    assert gone.json()["type"].endswith("no-such-subscription")


def test_every_fault_of_a_request_is_named(subscribe, problem):
    content = problem(subscribe(url="http://a:b@10.0.0.1", events=["decision.made", "case.resolved", "x"]), 422)
    (url, events) = content["errors"]
    assert (url["field"], url["problem"]) == ("url", "must not contain a username or a password")
    assert events["field"] == "events"
    assert events["problem"] == (
        f'there is no event "decision.made", "x"; the events are {", ".join(WebhookEvent)}'
    )
    content = problem(subscribe(url="http://portal.example"), 422)
    assert [(each["field"], each["problem"]) for each in content["errors"]] == [
        ("url", "must begin with https://")
    ]
    assert problem(subscribe(events=[]), 422)["errors"][0]["field"] == "events"


def test_a_caller_has_a_limited_number_of_subscriptions(subscribe, problem):
    for number in range(MAX_SUBSCRIPTIONS):
        assert subscribe(url=f"{URL}/{number}").status_code == 201
    content = problem(subscribe(url=f"{URL}/more"), 409)
    assert content["type"].endswith("too-many-subscriptions")


def test_people_cannot_subscribe(subscribe, problem):
    for role in (Role.RISK_MANAGER, Role.UNDERWRITER, Role.ADMIN):
        problem(subscribe(role=role), 403)


def test_a_test_event_has_the_subscription(service, subscribe, next_body):
    found = subscribe().json()
    sent = service.client.post(f"{PATH}/{found['subscription_id']}/test", headers=service.as_(Role.SERVICE))
    assert sent.status_code == 202
    body = next_body()
    assert (body["delivery_id"], body["event"]) == (sent.json()["delivery_id"], "webhook.test")
    assert body["data"] | {"pending": 0} == found
    assert next_body() is None


def test_an_event_has_what_the_api_returns_on_the_decision(service, subscribe, subscriptions, next_body):
    subscribe()
    answer = service.ask().json()
    record = service.get(f"/api/v1/decisions/{answer['request_id']}").json()
    at = asyncio.run(service.decisions.find(UUID(answer["request_id"]))).decided_at
    subscriptions.happened(WebhookEvent.DECISION_RECORDED, UUID(answer["request_id"]), "broker", at)
    body = next_body()
    assert body.keys() == {"delivery_id", "event", "occurred_at", "data"}
    assert (body["event"], body["occurred_at"], body["data"]) == ("decision.recorded", answer["timestamp"], record)


@pytest.mark.parametrize(("recipient", "exists"), [("rival", True), ("broker", False)])
def test_what_the_recipient_may_not_read_is_not_sent(service, recipient, exists):
    """Another caller's decision, and one that is no longer in the database."""
    subject = UUID(service.ask().json()["request_id"]) if exists else uuid4()
    message = Delivery(
        delivery_id=uuid4(),
        batch_id=None,
        recipient=recipient,
        url=URL,
        event="decision.recorded",
        body="",
        created_at=datetime.now(UTC),
        subject=subject,
        subscription_id=uuid4(),
    )
    with pytest.raises(EventUnreadable, match="cannot be read"):
        asyncio.run(ApiEventBodies(lambda: service.made).body_of(message))
