"""The contract of every outbox: a message is leased once at a time until delivered or given up."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from adapters.observability.metrics.batch_metrics import BatchMetrics
from adapters.observability.wrappers.observed_worker_ports import ObservedBatchWork, ObservedOutbox
from adapters.persistence.database.connections import database_engine
from adapters.persistence.webhooks.outbox import PostgresOutbox
from adapters.system import SystemClock
from application.ports.webhooks.webhooks import Delivery, DeliveryFailed, DeliveryNotFound, Messenger, Outbox
from application.use_cases.webhooks.deliver_webhook import LEASE, MAX_ATTEMPTS, DeliverWebhook
from domain.access.user import Actor, Role
from domain.batches.batch import Batch
from support.batches import BatchStore
from support.builders import an_event
from support.memory.batches import MemoryBatches
from support.memory.outbox import NoEventBodies

URL = "https://portal.example/webhook"
HOLD = timedelta(seconds=60)


@pytest.fixture
async def outbox(batch_store: BatchStore, request: pytest.FixtureRequest) -> AsyncIterator[Outbox]:
    if isinstance(batch_store.batches, MemoryBatches):
        outbox = batch_store.batches.outbox
        observed = isinstance(batch_store.work, ObservedBatchWork)
        yield ObservedOutbox(outbox, BatchMetrics()) if observed else outbox
        return
    engine = database_engine(request.getfixturevalue("migrated_url"))
    yield PostgresOutbox(engine)
    await engine.dispose()


@pytest.fixture
async def ended(batch_store: BatchStore, outbox: Outbox) -> Batch:
    """A batch that has ended and has a webhook."""
    batch = await batch_store.submit_file(webhook_url=URL)
    return await batch_store.batches.cancel(batch.batch_id, an_event())


class Receiver(Messenger):
    """Accepts messages, unless it is `down`."""

    def __init__(self) -> None:
        self.down = False
        self.delivered: list[Delivery] = []

    async def deliver(self, delivery: Delivery, *, at: datetime) -> None:
        if self.down:
            raise DeliveryFailed("it was answered with status 503")
        self.delivered.append(delivery)


def delivering(outbox: Outbox, receiver: Receiver) -> Callable[[], Awaitable[Delivery | None]]:
    """Attempts the next delivery, and returns the message; None if none is due."""
    deliver = DeliverWebhook(outbox, receiver, NoEventBodies(), SystemClock(), lambda: 1.0)

    async def deliver_next() -> Delivery | None:
        message = await outbox.lease_next(duration=LEASE)
        if message is not None:
            await deliver(message)
        return message

    return deliver_next


async def test_the_end_of_a_batch_is_reported_once(ended: Batch, outbox: Outbox) -> None:
    receiver = Receiver()
    deliver = delivering(outbox, receiver)
    assert await deliver() is not None
    assert await deliver() is None
    (delivered,) = receiver.delivered
    assert (delivered.url, delivered.event, delivered.recipient, delivered.batch_id) == (
        URL,
        "batch.cancelled",
        "broker-portal",
        ended.batch_id,
    )
    body = json.loads(delivered.body)
    assert body["delivery_id"] == str(delivered.delivery_id)
    assert (body["batch"]["batch_id"], body["batch"]["state"]) == (str(ended.batch_id), "cancelled")
    assert body["batch"]["submitted_at"].endswith("Z")
    assert body["batch"]["finished_at"].endswith("Z")


async def test_a_worker_that_ends_a_batch_leaves_the_message_with_the_counts(
    batch_store: BatchStore, outbox: Outbox
) -> None:
    await batch_store.submit_file(webhook_url=URL)
    await batch_store.worker()(stopping=lambda: False)
    message = await outbox.lease_next(duration=HOLD)
    assert message is not None
    assert message.event == "batch.done"
    assert json.loads(message.body)["batch"]["rows_read"] == 250


async def test_a_batch_without_a_webhook_sends_no_message(batch_store: BatchStore, outbox: Outbox) -> None:
    batch = await batch_store.submit_file()
    await batch_store.batches.cancel(batch.batch_id, an_event())
    assert await outbox.lease_next(duration=HOLD) is None


async def test_a_leased_message_is_due_again_after_the_lease(ended: Batch, outbox: Outbox) -> None:
    held = await outbox.lease_next(duration=timedelta(0))
    assert await outbox.lease_next(duration=HOLD) == held
    assert await outbox.lease_next(duration=HOLD) is None


async def test_recipients_are_served_in_turn(batch_store: BatchStore, outbox: Outbox) -> None:
    """A recipient with many messages and a slow address delays the others by one message only."""
    for name in ["flooder"] * 4 + ["broker-portal"] * 2:
        await batch_store.submit_file(by=Actor(name, Role.SERVICE), webhook_url=URL)
        await batch_store.worker()(stopping=lambda: False)
    taken = [await outbox.lease_next(duration=HOLD) for _ in range(6)]
    assert [each and each.recipient for each in taken] == [
        *("flooder", "broker-portal", "flooder", "broker-portal"),
        *("flooder", "flooder"),
    ]


@pytest.mark.parametrize(
    ("url", "busy"),
    [
        ("https://dark.example/hooks/7?a=b", "dark.example"),
        ("https://Dark.Example:8443", "dark.example:8443"),
        ("http://10.1.2.3:9000?next=https://portal.example/", "10.1.2.3:9000"),
        ("https://[2001:db8::1]:443/x", "[2001:db8::1]:443"),
    ],
)
async def test_messages_for_a_busy_receiver_are_left_for_later(
    batch_store: BatchStore, outbox: Outbox, url: str, busy: str
) -> None:
    for webhook_url in (url, url, URL):
        batch = await batch_store.submit_file(webhook_url=webhook_url)
        await batch_store.batches.cancel(batch.batch_id, an_event())
    first = await outbox.lease_next(duration=HOLD)
    assert first is not None
    assert (first.url, first.receiver) == (url, busy)
    second = await outbox.lease_next(duration=HOLD, busy_receivers={busy})
    assert second is not None
    assert second.url == URL
    assert await outbox.lease_next(duration=HOLD, busy_receivers={busy, second.receiver}) is None
    assert await outbox.lease_next(duration=HOLD, busy_recipients=[second.recipient]) is None
    third = await outbox.lease_next(duration=HOLD, busy_receivers={second.receiver})
    assert third is not None
    assert third.url == url


async def test_a_failed_delivery_is_retried_and_finally_becomes_a_dead_letter(
    ended: Batch, outbox: Outbox
) -> None:
    receiver = Receiver()
    receiver.down = True
    deliver = delivering(outbox, receiver)
    tried = await deliver()
    assert tried is not None
    assert await deliver() is None  # not before its retry delay has passed
    for _ in range(MAX_ATTEMPTS - 1):
        await outbox.mark_failed(tried.delivery_id, "down", retry_in=timedelta(0))
    assert await deliver() is not None
    (dead,) = await outbox.dead_letters(limit=10)
    assert (dead.delivery_id, dead.last_fault) == (tried.delivery_id, "it was answered with status 503")
    assert await deliver() is None
    receiver.down = False
    await outbox.requeue(dead.delivery_id)
    assert await deliver() is not None
    assert [delivered.delivery_id for delivered in receiver.delivered] == [tried.delivery_id]
    assert list(await outbox.dead_letters(limit=10)) == []
    for unknown in (dead.delivery_id, uuid4()):
        with pytest.raises(DeliveryNotFound):
            await outbox.requeue(unknown)


async def test_dead_letters_are_listed_in_pages(batch_store: BatchStore, outbox: Outbox) -> None:
    for _ in range(3):
        batch = await batch_store.submit_file(webhook_url=URL)
        await batch_store.batches.cancel(batch.batch_id, an_event())
    while message := await outbox.lease_next(duration=HOLD):
        await outbox.mark_failed(message.delivery_id, "down", retry_in=None)
    everything = list(await outbox.dead_letters(limit=10))
    assert len(everything) == 3
    assert list(await outbox.dead_letters(limit=2)) == everything[:2]
    assert list(await outbox.dead_letters(limit=2, after=everything[1].delivery_id)) == everything[2:]
    assert list(await outbox.dead_letters(limit=2, after=everything[2].delivery_id)) == []


async def test_a_late_worker_cannot_mark_a_delivered_message_as_failed(ended: Batch, outbox: Outbox) -> None:
    held = await outbox.lease_next(duration=timedelta(0))
    assert held is not None
    await outbox.mark_delivered(held.delivery_id)
    await outbox.mark_failed(held.delivery_id, "it took too long", retry_in=None)
    assert list(await outbox.dead_letters(limit=10)) == []


@pytest.mark.parametrize(("chance", "hours"), [(0.0, 14), (1.0, 29)])
def test_retry_delays_grow_to_two_hours_and_outlast_a_night(chance: float, hours: int) -> None:
    deliver = DeliverWebhook(None, Receiver(), NoEventBodies(), SystemClock(), lambda: chance)  # type: ignore[arg-type]
    delays = [deliver._delay(attempts) for attempts in range(1, MAX_ATTEMPTS + 1)]
    assert round(sum([delay for delay in delays if delay], timedelta()) / timedelta(hours=1)) == hours


def test_retry_delays_grow_to_two_hours() -> None:
    deliver = DeliverWebhook(None, Receiver(), NoEventBodies(), SystemClock(), lambda: 1.0)  # type: ignore[arg-type]
    delays = [deliver._delay(attempts) for attempts in range(1, MAX_ATTEMPTS + 1)]
    assert delays[:3] == [timedelta(seconds=10), timedelta(seconds=20), timedelta(seconds=40)]
    assert delays[-1] is None
    known = [delay for delay in delays if delay is not None]
    assert max(known) == timedelta(hours=2)
