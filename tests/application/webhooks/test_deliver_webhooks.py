"""A receiver that does not answer delays no other, and gets one message at a time."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from adapters.system import SystemClock
from application.ports.operations.dependencies import DependencyUnavailable
from application.ports.webhooks.webhooks import Delivery, DeliveryFailed, Messenger
from application.use_cases.webhooks.deliver_webhook import DeliverWebhook
from application.use_cases.webhooks.deliver_webhooks import DeliverWebhooks
from support.memory.outbox import MemoryOutbox, NoEventBodies

DARK = "https://dark.example/hook"


def a_message(url: str, recipient: str = "broker") -> Delivery:
    return Delivery(uuid4(), uuid4(), recipient, url, "batch.done", "{}", datetime.now(UTC))


class Receivers(Messenger):
    """Accepts each message, after `answer` is set if it is for a dark receiver."""

    def __init__(self) -> None:
        self.answer = asyncio.Event()
        self.delivered: list[str] = []
        self.open: dict[str, int] = {}
        self.most: dict[str, int] = {}
        self.most_in_all = 0

    async def deliver(self, delivery: Delivery, *, at: datetime) -> None:
        receiver = delivery.receiver
        self.open[receiver] = self.open.get(receiver, 0) + 1
        self.most[receiver] = max(self.most.get(receiver, 0), self.open[receiver])
        self.most_in_all = max(self.most_in_all, sum(self.open.values()))
        try:
            if "dark" in receiver:
                await self.answer.wait()
                raise DeliveryFailed("no answer")
            self.delivered.append(delivery.url)
        finally:
            self.open[receiver] -= 1


class Worker:
    """Runs the use case as a worker does, until there is nothing to do."""

    def __init__(self, outbox: MemoryOutbox, receivers: Receivers, **limits: int) -> None:
        deliver = DeliverWebhook(outbox, receivers, NoEventBodies(), SystemClock(), lambda: 1.0)
        self.begin_next = DeliverWebhooks(outbox, deliver, **limits)
        self.task = asyncio.create_task(run(self.begin_next))


@pytest.fixture
def outbox() -> MemoryOutbox:
    return MemoryOutbox()


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not holds():  # noqa: ASYNC110 - what changes is not an event
            await asyncio.sleep(0.005)


async def run(begin_next: DeliverWebhooks) -> None:
    while await begin_next():
        pass


async def test_a_dark_receiver_delays_no_other(outbox: MemoryOutbox) -> None:
    receivers = Receivers()
    for _ in range(12):
        outbox.put(a_message(DARK))
    for number in range(3):
        outbox.put(a_message(f"https://portal.example/{number}", "lender"))
    worker = Worker(outbox, receivers)
    await until(lambda: len(receivers.delivered) == 3)
    assert receivers.most == {"dark.example": 1, "portal.example": 1}
    receivers.answer.set()
    await worker.task


async def test_messages_of_one_receiver_arrive_in_order_and_one_at_a_time(outbox: MemoryOutbox) -> None:
    receivers = Receivers()
    urls = [f"https://portal.example/{number}" for number in range(20)]
    for url in urls:
        outbox.put(a_message(url))
    await Worker(outbox, receivers).task
    assert receivers.delivered == urls
    assert receivers.most == {"portal.example": 1}


async def test_a_user_with_many_dark_receivers_delays_no_other(outbox: MemoryOutbox) -> None:
    receivers = Receivers()
    for number in range(9):
        outbox.put(a_message(f"https://dark-{number}.example/hook", "flooder"))
    outbox.put(a_message("https://portal.example/", "lender"))
    worker = Worker(outbox, receivers, max_in_progress=4, max_of_recipient=3)
    await until(lambda: receivers.delivered == ["https://portal.example/"])
    assert sum(receivers.open.values()) == 3
    receivers.answer.set()
    await worker.task


async def test_deliveries_in_progress_are_bounded(outbox: MemoryOutbox) -> None:
    receivers = Receivers()
    for number in range(9):
        outbox.put(a_message(f"https://dark-{number}.example/hook"))
    worker = Worker(outbox, receivers, max_in_progress=4)
    await until(lambda: receivers.most_in_all == 4)
    receivers.answer.set()
    await worker.task
    assert receivers.most_in_all == 4
    assert len(receivers.most) == 9


async def test_a_worker_that_stops_waits_for_deliveries_in_progress(outbox: MemoryOutbox) -> None:
    receivers = Receivers()
    message = a_message(DARK)
    outbox.put(message)
    worker = Worker(outbox, receivers)
    await until(lambda: receivers.open.get("dark.example") == 1)
    worker.task.cancel()
    stopping = asyncio.create_task(worker.begin_next.finish())
    await asyncio.sleep(0)
    assert not stopping.done()
    receivers.answer.set()
    await stopping
    assert outbox._kept[message.delivery_id].delivery.attempts == 1


async def test_a_failure_to_record_the_result_is_reported_and_others_continue() -> None:
    class Away(MemoryOutbox):
        async def mark_delivered(self, delivery_id: UUID) -> None:
            if delivery_id == lost.delivery_id:
                raise DependencyUnavailable("the database does not answer")
            await super().mark_delivered(delivery_id)

    outbox, receivers, lost = Away(), Receivers(), a_message("https://first.example/")
    for message in (lost, a_message("https://second.example/")):
        outbox.put(message)
    begin_next = DeliverWebhooks(
        outbox, DeliverWebhook(outbox, receivers, NoEventBodies(), SystemClock(), lambda: 1.0)
    )
    with pytest.raises(DependencyUnavailable):
        await run(begin_next)
    await run(begin_next)
    assert receivers.delivered == ["https://first.example/", "https://second.example/"]
    assert await outbox.lease_next(duration=timedelta(0)) is None  # leased: due again when the lease ends
