"""Events reach the outbox once, and their messages are leased fairly."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from adapters.persistence.access.users import PostgresUsers
from adapters.persistence.audit.audit_events import AuditedDocument, EventChain
from adapters.persistence.audit.pending_entries import PREPARE
from adapters.persistence.database.connections import database_engine
from adapters.persistence.outcomes.loan_outcomes import PostgresLoanOutcomes
from adapters.persistence.webhooks.event_follower import EventFollower
from adapters.persistence.webhooks.event_messages import queue_events
from adapters.persistence.webhooks.outbox import PostgresOutbox
from adapters.persistence.webhooks.subscriptions import PostgresWebhookSubscriptions
from application.ports.outcomes.loan_outcomes import StoredLoan
from application.ports.webhooks.webhooks import Delivery
from domain.access.user import Actor, Role, User
from domain.applications.money import Money
from domain.outcomes.loan import Loan
from domain.outcomes.loan_outcome import StatedOutcome
from domain.outcomes.loan_status import LoanStatus
from domain.webhooks.event import WebhookEvent
from domain.webhooks.subscription import Subscription
from entrypoints.periodic_tasks.tasks import FollowTrail
from support.builders import a_decision_record, an_event, an_identifier
from support.databases import Store

HOLD = timedelta(seconds=60)
NOW = datetime(2026, 11, 29, 9, tzinfo=UTC)
BEFORE = NOW - timedelta(days=1)
PORTAL = Actor("portal", Role.SERVICE)


class Webhooks:
    def __init__(self, url: str) -> None:
        self.engine = database_engine(url)
        self.users = PostgresUsers(self.engine)
        self.outbox = PostgresOutbox(self.engine)
        self.subscriptions = PostgresWebhookSubscriptions(self.engine)
        self.follower = EventFollower(self.engine)

    async def service(self, name: str, role: Role = Role.SERVICE) -> None:
        assert await self.users.add(User(name, role, "hash"), event=an_event())

    async def subscribe(
        self, owner: str, *events: WebhookEvent, created_at: datetime = BEFORE, host: str | None = None
    ) -> Subscription:
        made = Subscription(uuid4(), owner, f"https://{host or owner}.example/", events, created_at)
        return await self.subscriptions.add(made, most=10, event=an_event())

    async def queue(self, owner: str, number: int) -> None:
        happened = [(uuid4(), owner, NOW + timedelta(microseconds=each)) for each in range(number)]
        async with self.engine.begin() as connection:
            await queue_events(connection, WebhookEvent.DECISION_RECORDED, happened)

    async def lease(self, **busy: Any) -> Delivery:
        found = await self.outbox.lease_next(duration=HOLD, **busy)
        assert found is not None
        return found

    async def stored(self) -> int:
        async with self.engine.begin() as connection:
            return (await connection.exec_driver_sql("SELECT count(*) FROM webhook_deliveries")).scalar() or 0

    async def nothing_is_due(self) -> bool:
        return await self.outbox.lease_next(duration=HOLD) is None


@pytest.fixture
async def webhooks(migrated_url: str) -> AsyncIterator[Webhooks]:
    found = Webhooks(migrated_url)
    yield found
    await found.engine.dispose()


async def record(store: Store, by: Actor, **changes: Any) -> UUID:
    made = a_decision_record(
        decision_id=an_identifier(NOW),
        **{"decided_at": NOW, "requested_by": by, "received_through": "api", "trial": False} | changes,
    )
    await store.ledger.record(made)
    return made.decision_id


async def leased(webhooks: Webhooks) -> Sequence[Delivery]:
    found = []
    while (delivery := await webhooks.outbox.lease_next(duration=HOLD)) is not None:
        await webhooks.outbox.mark_delivered(delivery.delivery_id)
        found.append(delivery)
    return found


async def test_each_single_decision_sends_its_owner_one_message(webhooks: Webhooks, postgres_store: Store) -> None:
    await webhooks.service("portal")
    await webhooks.service("rival")
    subscription = await webhooks.subscribe("portal", WebhookEvent.DECISION_RECORDED)
    await webhooks.subscribe("portal", WebhookEvent.CASE_RESOLVED, host="elsewhere")
    await webhooks.subscribe("rival", WebhookEvent.DECISION_RECORDED)
    await webhooks.subscribe("portal", WebhookEvent.DECISION_RECORDED, created_at=NOW + HOLD, host="later")
    expected = [await record(postgres_store, PORTAL), await record(postgres_store, PORTAL, received_through="web")]
    for left_out in ({"received_through": "batch"}, {"received_through": "file"}, {"trial": True}):
        await record(postgres_store, PORTAL, **left_out)
    await record(postgres_store, Actor("marta", Role.LOAN_OFFICER))
    for _ in range(2):
        await FollowTrail(webhooks.follower)()
    found = await leased(webhooks)
    assert {each.subject for each in found} == set(expected)
    assert len(found) == 2
    first = found[0]
    assert (first.recipient, first.url, first.event, first.subscription_id, first.batch_id) == (
        "portal",
        subscription.url,
        "decision.recorded",
        subscription.subscription_id,
        None,
    )
    assert await webhooks.stored() == 0


@pytest.mark.parametrize("act", ["remove", "demote"])
async def test_the_subscriptions_of_a_removed_service_end(
    webhooks: Webhooks, postgres_store: Store, act: str
) -> None:
    """Also when a user of the same name is added later."""
    await webhooks.service("ada", Role.ADMIN)
    await webhooks.service("portal")
    await webhooks.subscribe("portal", WebhookEvent.DECISION_RECORDED)
    await record(postgres_store, PORTAL)
    await webhooks.follower.follow(100)
    if act == "remove":
        assert await webhooks.users.remove("portal", event=an_event())
        await webhooks.service("portal")
    else:
        assert await webhooks.users.change_role("portal", Role.LOAN_OFFICER, event=an_event())
    assert await webhooks.nothing_is_due()
    await record(postgres_store, PORTAL)
    await webhooks.follower.follow(100)
    assert list(await webhooks.subscriptions.active()) == []
    assert await webhooks.nothing_is_due()
    await webhooks.subscriptions.purge()
    assert await webhooks.stored() == 0


async def test_a_subscription_gets_one_message_at_a_time_in_the_order_of_events(webhooks: Webhooks) -> None:
    """Of all workers, so that a receiver is not flooded."""
    await webhooks.service("portal")
    await webhooks.subscribe("portal", WebhookEvent.DECISION_RECORDED)
    await webhooks.queue("portal", 4)
    other_worker, times = PostgresOutbox(webhooks.engine), []
    for _ in range(4):
        delivery = await webhooks.lease()
        assert await other_worker.lease_next(duration=HOLD) is None
        times.append(delivery.created_at)
        await webhooks.outbox.mark_delivered(delivery.delivery_id)
    assert times == sorted(times)


async def test_two_replicas_and_two_workers_send_each_event_once(
    webhooks: Webhooks, postgres_store: Store, migrated_url: str
) -> None:
    names = ("portal", "partner")
    for name in names:
        await webhooks.service(name)
        await webhooks.subscribe(name, WebhookEvent.DECISION_RECORDED)
    other = Webhooks(migrated_url)
    expected = [await record(postgres_store, Actor(names[each % 2], Role.SERVICE)) for each in range(20)]
    while await webhooks.follower.pending():
        await asyncio.gather(*(each.follower.follow(7) for each in (webhooks, other, webhooks, other)))
    delivered = await asyncio.gather(*(leased(each) for each in (webhooks, other, webhooks, other)))
    subjects = [each.subject for worker in delivered for each in worker]
    await other.engine.dispose()
    assert sorted(subjects, key=str) == sorted(expected, key=str)


async def test_a_killed_workers_message_is_due_again_after_its_lease(webhooks: Webhooks) -> None:
    await webhooks.service("portal")
    await webhooks.subscribe("portal", WebhookEvent.DECISION_RECORDED)
    await webhooks.queue("portal", 1)
    held = await webhooks.outbox.lease_next(duration=timedelta(0))
    assert held is not None
    assert (await webhooks.lease()).delivery_id == held.delivery_id


async def test_a_receiver_that_fails_is_tried_with_one_message_after_growing_pauses(webhooks: Webhooks) -> None:
    await webhooks.service("portal")
    await webhooks.subscribe("portal", WebhookEvent.DECISION_RECORDED)
    await webhooks.queue("portal", 50)
    first = await webhooks.lease()
    await webhooks.outbox.mark_failed(first.delivery_id, "status 503", retry_in=HOLD, pause=HOLD)
    assert await webhooks.nothing_is_due()
    (state,) = await webhooks.subscriptions.active("portal")
    assert (state.last_fault, state.failing_since is not None, state.pending) == ("status 503", True, 50)
    await webhooks.subscriptions.send_test(state.subscription.subscription_id, uuid4(), at=NOW)
    second = await webhooks.lease()
    assert second.failures == 1
    await webhooks.outbox.mark_delivered(second.delivery_id)
    (state,) = await webhooks.subscriptions.active("portal")
    assert (state.last_fault, state.failing_since) == (None, None)
    assert state.last_delivered_at is not None


async def test_many_messages_of_one_caller_delay_no_other(webhooks: Webhooks) -> None:
    """10,000 messages wait for one receiver; the message of another caller is leased next, and quickly."""
    for name in ("flooder", "portal"):
        await webhooks.service(name)
        await webhooks.subscribe(name, WebhookEvent.DECISION_RECORDED)
    await webhooks.queue("flooder", 10_000)
    assert (await webhooks.lease()).recipient == "flooder"
    await webhooks.queue("portal", 2)
    began = perf_counter()
    assert (await webhooks.lease()).recipient == "portal"
    assert perf_counter() - began < 1
    assert await webhooks.nothing_is_due()


async def test_messages_that_waited_too_long_are_given_up_and_later_deleted(webhooks: Webhooks) -> None:
    await webhooks.service("portal")
    subscription = await webhooks.subscribe("portal", WebhookEvent.DECISION_RECORDED)
    await webhooks.queue("portal", 3)
    assert await webhooks.subscriptions.purge() == 0
    async with webhooks.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE webhook_deliveries SET expires_at = now()")
    assert await webhooks.subscriptions.purge() == 3
    assert len(await webhooks.outbox.dead_letters(limit=9, subscription_id=subscription.subscription_id)) == 3
    assert await webhooks.subscriptions.retry(subscription.subscription_id, event=an_event()) == 3
    assert await webhooks.subscriptions.purge() == 0
    async with webhooks.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE webhook_deliveries SET expires_at = now() - interval '31 days'")
    await webhooks.subscriptions.purge()
    assert await webhooks.nothing_is_due()


OF_CASE = """
WITH opened AS (
    INSERT INTO cases (case_id, decision_id, opened_at, due_at, state, loan_amnt, grade, requested_by, reasons)
    VALUES ('{decision}', '{decision}', now(), now(), 'resolved', 1, 'A', 'portal', '{{}}')
)
INSERT INTO final_decisions (
    final_decision_id, decision_id, case_id, number, decided_at, outcome, override, system_outcome, recommended,
    reason, dwell_seconds, maker, document
) VALUES (
    '{subject}', '{decision}', '{decision}', 1, now(), 'approved', 'agreed', 'referred', 'none', 'X', 1, 'uma', ''
)
"""
OF_NOTICE = """
WITH opened AS (
    INSERT INTO notices (
        notice_id, kind, cause, decision_id, application_id, received_at, due_at, state, requested_by
    ) VALUES (
        '{decision}', 'adverse_action', 'decision', '{decision}', '{decision}', now(), now(), 'issued', 'portal'
    )
)
INSERT INTO notice_actions (action_id, notice_id, number, at, actor, kind, document)
VALUES ('{subject}', '{decision}', 1, now(), 'carla', 'notice issued', '')
"""


@pytest.mark.parametrize(
    ("event", "action", "rows"),
    [
        (WebhookEvent.CASE_RESOLVED, "final decision recorded", OF_CASE),
        (WebhookEvent.NOTICE_ISSUED, "notice issued", OF_NOTICE),
    ],
)
async def test_what_people_do_is_sent_to_the_owner_of_the_decision(
    webhooks: Webhooks, event: WebhookEvent, action: str, rows: str
) -> None:
    await webhooks.service("portal")
    await webhooks.subscribe("portal", *WebhookEvent)
    decision, subject = uuid4(), uuid4()
    entry = AuditedDocument(NOW, "uma", action, subject, b"{}")
    async with webhooks.engine.begin() as connection:
        await connection.exec_driver_sql(rows.format(decision=decision, subject=subject))
        await EventChain().append_entries(connection, [entry])
    for _ in range(2):
        await FollowTrail(webhooks.follower)()
    (found,) = await leased(webhooks)
    assert (found.event, found.subject, found.recipient, found.created_at) == (event, decision, "portal", NOW)


async def test_a_decision_of_someone_else_that_supersedes_is_sent_to_the_owner_of_the_application(
    webhooks: Webhooks, postgres_store: Store
) -> None:
    """As when an underwriter accepts a correction by the applicant."""
    await webhooks.service("portal")
    await webhooks.subscribe("portal", WebhookEvent.DECISION_SUPERSEDED)
    first = await record(postgres_store, PORTAL)
    for channel in ("web", "batch"):
        later = await record(postgres_store, Actor("uma", Role.UNDERWRITER), received_through=channel)
        async with webhooks.engine.begin() as connection:
            superseded = first if channel == "web" else uuid4()
            given = {"superseded": superseded, "later": later, "first": first}
            statement = text("INSERT INTO superseded_decisions VALUES (:superseded, :later, :first, now())")
            await connection.execute(statement, given)
    await FollowTrail(webhooks.follower)()
    (found,) = await leased(webhooks)
    assert (found.event, found.subject, found.recipient) == ("decision.superseded", first, "portal")


async def test_an_outcome_of_a_loan_is_sent_to_the_owner_of_the_application(webhooks: Webhooks) -> None:
    await webhooks.service("portal")
    await webhooks.subscribe("portal", WebhookEvent.LOAN_OUTCOME_RECORDED)
    application_id = uuid4()
    loan = Loan(application_id, Money(800_000))
    stated = StatedOutcome(LoanStatus.BOOKED, NOW.date())
    outcome = loan.record(stated, outcome_id=uuid4(), by=PORTAL, at=NOW, latest=NOW.date())
    after = StoredLoan(loan.after(outcome), application_id, 0.1, "personal loan", "A", "portal", None)
    await PostgresLoanOutcomes(webhooks.engine).append(outcome, after)
    (found,) = await leased(webhooks)
    assert (found.event, found.subject, found.created_at) == ("loan_outcome.recorded", application_id, NOW)


async def test_without_subscriptions_no_decision_is_looked_up(webhooks: Webhooks, postgres_store: Store) -> None:
    """The cost of following is then that of advancing the position."""
    await record(postgres_store, PORTAL)
    async with webhooks.engine.begin() as connection:
        await connection.exec_driver_sql(PREPARE)
        given = {"limit": 1000, "consumer": "webhooks"}
        plan = (await connection.execute(text("EXPLAIN ANALYZE " + webhooks.follower.statement.text), given)).all()
    lookups = [line for (line,) in plan if " on decisions" in line or "decisions_" in line]
    assert lookups
    assert all("never executed" in line for line in lookups), lookups
