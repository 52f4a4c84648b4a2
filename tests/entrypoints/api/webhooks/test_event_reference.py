"""The reference of events shows what is really sent, and the verification in the guide accepts it."""

import asyncio
import json
import re
import time
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from adapters.messaging.signatures import signature
from adapters.system import SystemClock
from application.ports.webhooks.webhooks import Delivery
from credit_scoring_client import verify_event
from credit_scoring_client.webhooks import DecisionRecorded
from entrypoints.api.documentation.webhook_reference import PAGE, message_examples, webhook_page
from entrypoints.api.webhooks.event_bodies import ApiEventBodies
from entrypoints.configuration.setting_readers import PROJECT

SECRET = "whsec_1"


def signed(body):
    return signature(SECRET, body, at=SystemClock().now())


def test_the_page_is_current():
    assert PAGE.read_text() == webhook_page(), "run python -m entrypoints.api.documentation.webhook_reference"


@pytest.mark.parametrize("event", message_examples())
def test_the_client_reads_each_example(event):
    body = json.dumps(message_examples()[event]).encode()
    read = verify_event(body, signed(body), SECRET)
    assert (read.event, read.delivery_id) == (event, message_examples()[event]["delivery_id"])


def test_a_decision_is_sent_with_every_field_of_the_example(service):
    decision_id = service.ask().json()["request_id"]
    message = Delivery(
        delivery_id=uuid4(),
        batch_id=None,
        recipient="broker",
        url="https://portal.example/",
        event="decision.recorded",
        body="",
        created_at=datetime.now(UTC),
        subject=UUID(decision_id),
        subscription_id=uuid4(),
    )
    body = asyncio.run(ApiEventBodies(lambda: service.made).body_of(message))
    assert isinstance(verify_event(body.encode(), signed(body.encode()), SECRET), DecisionRecorded)
    real, example = json.loads(body), message_examples()["decision.recorded"]
    assert real.keys() == example.keys()
    assert set(example["data"]) - set(real["data"]) == set()
    assert set(example["data"]["prediction"]) == set(real["data"]["prediction"])


def test_the_verification_in_the_guide_works():
    """The function as it is printed there."""
    guide = (PROJECT / "docs" / "api-guide.md").read_text()
    (source,) = re.findall(r"\ndef is_authentic.*?\n\n\n", guide, re.DOTALL)
    known = {"secret": SECRET, "time": time}
    exec("import hashlib, hmac\n" + source, known)  # noqa: S102 - the guide's code
    body = b'{"event":"webhook.test"}'
    assert known["is_authentic"](signed(body), body)
    assert not known["is_authentic"](signed(body), body + b" ")
    late = signature(SECRET, body, at=datetime(2026, 1, 1, tzinfo=UTC))
    assert not known["is_authentic"](late, body)
