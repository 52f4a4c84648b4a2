"""The worker's database role suffices for the messages of every event, and shows what the recipient may read."""

import json
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from adapters.persistence.access.users import PostgresUsers
from adapters.persistence.database.connections import database_engine
from adapters.persistence.database.privileges import API, WORKER
from adapters.persistence.database.service_roles import grant_privileges
from adapters.persistence.webhooks.event_messages import queue_events
from application.ports.webhooks.webhooks import EventUnreadable
from application.use_cases.webhooks.deliver_webhook import LEASE
from domain.access.user import Actor, Role, User
from domain.policies.outcome import Outcome
from domain.webhooks.event import WebhookEvent
from domain.webhooks.subscription import Subscription
from entrypoints.composition.container import Container
from entrypoints.composition.processes.worker import WorkerContainer
from entrypoints.configuration.settings import Settings, read_settings
from support.builders import a_decision, a_decision_record, an_event, an_identifier
from support.databases import a_login, put_in_force

KEY = "qJ8vZrT2mWx5LbN7cYdF4hKp9sGaU3eRtXoEiV6w"  # of a test
PORTAL = Actor("portal", Role.SERVICE)
NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
async def containers(migrated_url: str, tmp_path: Path) -> AsyncIterator[tuple[Container, WorkerContainer]]:
    """The API's and the worker's, each with a login in its role."""
    put_in_force(migrated_url)
    await grant_privileges(migrated_url)
    owner = database_engine(migrated_url)
    await PostgresUsers(owner).add(User("portal", Role.SERVICE, "hash"), event=an_event())
    await owner.dispose()

    def settings(url: str) -> Settings:
        changed = {"SCORING_DATABASE_URL": url, "SCORING_DATA_DIR": str(tmp_path), "SCORING_SECRET_KEY": KEY}
        return read_settings(os.environ | changed)

    with a_login(migrated_url, f"IN ROLE {API}") as api, a_login(migrated_url, f"IN ROLE {WORKER}") as worker:
        made = (
            Container(settings=settings(api), process="api"),
            WorkerContainer(settings=settings(worker), process="worker", lease_seconds=60.0),
        )
        await made[0].ledger().open()
        yield made
        await made[0].ledger().close()
        for container in made:
            for engine in (container.engine, container.access_engine):
                await engine().dispose()


async def test_the_worker_makes_the_message_of_every_event(
    containers: tuple[Container, WorkerContainer],
) -> None:
    api, worker = containers
    subscription = Subscription(
        uuid4(), "portal", "https://portal.example/", tuple(WebhookEvent), NOW - timedelta(days=1)
    )
    await api.webhook_subscriptions().add(subscription, most=10, event=an_event())
    record = a_decision_record(
        decision_id=an_identifier(NOW),
        decided_at=NOW,
        requested_by=PORTAL,
        received_through="api",
        trial=False,
        decision=a_decision(outcome=Outcome.DECLINED),
    )
    await api.ledger().record(record)
    for consumer in api.trail_consumers().values():
        await consumer.follow(1000)
    others = (
        WebhookEvent.DECISION_SUPERSEDED,
        WebhookEvent.CASE_RESOLVED,
        WebhookEvent.NOTICE_ISSUED,
        WebhookEvent.LOAN_OUTCOME_RECORDED,
    )
    async with api.engine().begin() as connection:
        for event in others:
            await queue_events(connection, event, [(record.decision_id, "portal", NOW)])
    await api.webhook_subscriptions().send_test(subscription.subscription_id, uuid4(), at=NOW)
    bodies = {}
    while (delivery := await worker.outbox().lease_next(duration=LEASE)) is not None:
        assert delivery.recipient == "portal"
        try:
            bodies[delivery.event] = json.loads(await worker.deliver_webhook().bodies.body_of(delivery))["data"]
        except EventUnreadable as fault:
            bodies[delivery.event] = str(fault)
        await worker.outbox().mark_delivered(delivery.delivery_id)
    assert bodies.keys() == {*map(str, WebhookEvent), "webhook.test"}
    decision_id = str(record.decision_id)
    assert bodies["decision.recorded"]["request_id"] == bodies["case.resolved"]["request_id"] == decision_id
    assert bodies["decision.superseded"]["application_id"] == decision_id
    for name in ("notice.due", "notice.issued"):
        notice = bodies[name]["notice"]
        assert (notice["decision_id"], notice["state"], bodies[name]["actions"]) == (decision_id, "due", [])
    assert "only an accepted application has a loan" in bodies["loan_outcome.recorded"]
    assert bodies["webhook.test"]["url"] == subscription.url
