"""The contract of every store of subscriptions."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from adapters.persistence.database.connections import database_engine
from adapters.persistence.webhooks.outbox import PostgresOutbox
from adapters.persistence.webhooks.subscriptions import PostgresWebhookSubscriptions
from application.ports.webhooks.subscriptions import (
    SubscriptionNotFound,
    TooManySubscriptions,
    WebhookSubscriptions,
)
from application.ports.webhooks.webhooks import Outbox
from domain.webhooks.event import TEST, WebhookEvent
from domain.webhooks.subscription import Subscription
from support.builders import A_MOMENT, an_event
from support.memory.outbox import MemoryOutbox
from support.memory.subscriptions import MemoryWebhookSubscriptions

HOLD = timedelta(seconds=60)


@dataclass
class Stores:
    subscriptions: WebhookSubscriptions
    outbox: Outbox

    async def add(self, owner: str = "portal", path: str = "", **changes: object) -> Subscription:
        made = Subscription(
            uuid4(), owner, f"https://{owner}.example/{path}", (WebhookEvent.DECISION_RECORDED,), A_MOMENT
        )
        return await self.subscriptions.add(made, most=2, event=an_event())

    async def test_message(self, subscription: Subscription) -> UUID:
        delivery_id = uuid4()
        await self.subscriptions.send_test(subscription.subscription_id, delivery_id, at=A_MOMENT)
        return delivery_id


@pytest.fixture
async def postgres_stores(migrated_url: str) -> AsyncIterator[Stores]:
    engine = database_engine(migrated_url)
    yield Stores(PostgresWebhookSubscriptions(engine), PostgresOutbox(engine))
    await engine.dispose()


@pytest.fixture(params=["memory", "postgres"])
def stores(request: pytest.FixtureRequest) -> Stores:
    if request.param == "postgres":
        found: Stores = request.getfixturevalue("postgres_stores")
        return found
    outbox = MemoryOutbox()
    return Stores(MemoryWebhookSubscriptions(outbox), outbox)


async def test_the_same_subscription_is_added_once(stores: Stores) -> None:
    first = await stores.add()
    assert (await stores.add()).subscription_id == first.subscription_id
    other = await stores.add(path="other")
    with pytest.raises(TooManySubscriptions):
        await stores.add(path="third")
    assert await stores.add(path="other") == other
    await stores.add(owner="another")
    states = await stores.subscriptions.active("portal")
    assert {each.subscription.subscription_id for each in states} == {first.subscription_id, other.subscription_id}
    assert len(await stores.subscriptions.active()) == 3


async def test_an_ended_subscription_gets_no_message_and_leaves_room_for_another(stores: Stores) -> None:
    first = await stores.add()
    await stores.add(path="other")
    await stores.test_message(first)
    await stores.subscriptions.end(first.subscription_id, at=A_MOMENT, event=an_event(), owner="portal")
    assert await stores.outbox.lease_next(duration=HOLD) is None
    for act in (
        stores.subscriptions.end(first.subscription_id, at=A_MOMENT, event=an_event()),
        stores.subscriptions.send_test(first.subscription_id, uuid4(), at=A_MOMENT),
        stores.subscriptions.retry(first.subscription_id, event=an_event()),
    ):
        with pytest.raises(SubscriptionNotFound):
            await act
    await stores.add(path="third")


async def test_a_subscription_of_another_caller_is_not_found(stores: Stores) -> None:
    subscription_id = (await stores.add()).subscription_id
    for act in (
        stores.subscriptions.end(subscription_id, at=A_MOMENT, event=an_event(), owner="rival"),
        stores.subscriptions.send_test(subscription_id, uuid4(), at=A_MOMENT, owner="rival"),
        stores.subscriptions.retry(subscription_id, event=an_event(), owner="rival"),
    ):
        with pytest.raises(SubscriptionNotFound):
            await act


async def test_a_message_given_up_is_listed_and_sent_again(stores: Stores) -> None:
    subscription = await stores.add()
    delivery_id = await stores.test_message(subscription)
    message = await stores.outbox.lease_next(duration=HOLD)
    assert message is not None
    assert (message.delivery_id, message.event, message.subject, message.body, message.batch_id) == (
        delivery_id,
        TEST,
        subscription.subscription_id,
        "",
        None,
    )
    await stores.outbox.mark_failed(delivery_id, "status 500", retry_in=None, pause=HOLD)
    assert list(await stores.outbox.dead_letters(limit=5, of_batches=True)) == []
    (dead,) = await stores.outbox.dead_letters(limit=5, subscription_id=subscription.subscription_id)
    assert (dead.delivery_id, dead.last_fault) == (delivery_id, "status 500")
    (state,) = await stores.subscriptions.active("portal")
    assert (state.pending, state.undelivered) == (0, 1)
    assert await stores.subscriptions.retry(subscription.subscription_id, event=an_event()) == 1
    again = await stores.outbox.lease_next(duration=HOLD)
    assert again is not None
    assert (again.delivery_id, again.attempts) == (delivery_id, 0)
    await stores.outbox.mark_delivered(delivery_id)
    (state,) = await stores.subscriptions.active("portal")
    assert (state.pending, state.undelivered) == (0, 0)
