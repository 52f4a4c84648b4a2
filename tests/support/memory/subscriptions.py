"""Subscriptions in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from application.ports.webhooks.subscriptions import (
    SubscriptionNotFound,
    TooManySubscriptions,
    WebhookSubscriptions,
)
from application.ports.webhooks.webhooks import Delivery
from domain.audit.event import RecordedEvent
from domain.audit.subject import DECISION_RECORDED, FINAL_DECISION_RECORDED
from domain.webhooks.event import TEST, WebhookEvent
from domain.webhooks.subscription import Subscription, SubscriptionState
from support.builders import an_identifier
from support.memory.decisions import MemoryDecisions
from support.memory.outbox import MemoryOutbox


class MemoryWebhookSubscriptions(WebhookSubscriptions):
    """Subscriptions over an outbox in memory; `happened` queues messages, as the follower of the trail does."""

    def __init__(self, outbox: MemoryOutbox) -> None:
        self.outbox = outbox
        self.recorded: list[RecordedEvent] = []
        self._active: dict[UUID, Subscription] = {}
        self._followed: set[tuple[UUID, int]] = set()

    def happened(self, event: WebhookEvent, subject: UUID, owner: str, at: datetime) -> None:
        for each in self._active.values():
            if each.owner == owner and event in each.events and each.created_at <= at:
                self._put(each, an_identifier(at), event, subject, at)

    def follow(self, decisions: MemoryDecisions) -> None:
        """Queue messages on what was recorded since the last time."""
        records = {each.decision_id: each for each in decisions.records()}
        finals = {each.final_decision_id: each.decision_id for each in decisions.final_decisions}
        for entry in [*decisions._entries, *decisions._event_entries]:
            if (entry.chain, entry.sequence) in self._followed:
                continue
            self._followed.add((entry.chain, entry.sequence))
            record = records.get(finals.get(entry.subject, entry.subject))
            if entry.action == DECISION_RECORDED and record is not None:
                if record.received_through in {"api", "web"} and not record.trial:
                    owner = record.requested_by.name
                    self.happened(WebhookEvent.DECISION_RECORDED, record.decision_id, owner, entry.at)
            elif entry.action == FINAL_DECISION_RECORDED and record is not None:
                self.happened(WebhookEvent.CASE_RESOLVED, record.decision_id, record.requested_by.name, entry.at)

    def _put(self, to: Subscription, delivery_id: UUID, event: str, subject: UUID, at: datetime) -> None:
        self.outbox.put(
            Delivery(
                delivery_id=delivery_id,
                batch_id=None,
                recipient=to.owner,
                url=to.url,
                event=str(event),
                body="",
                created_at=at,
                subscription_id=to.subscription_id,
                subject=subject,
            )
        )

    async def add(self, subscription: Subscription, *, most: int, event: RecordedEvent) -> Subscription:
        own = [each for each in self._active.values() if each.owner == subscription.owner]
        for each in own:
            if (each.url, each.events) == (subscription.url, subscription.events):
                return each
        if len(own) >= most:
            raise TooManySubscriptions(f"{subscription.owner} has {len(own)} subscriptions, and may have {most}")
        self._active[subscription.subscription_id] = subscription
        self.recorded.append(event)
        return subscription

    async def active(self, owner: str | None = None) -> Sequence[SubscriptionState]:
        found = [each for each in self._active.values() if owner in {None, each.owner}]
        return [
            SubscriptionState(
                each,
                pending=self.outbox.number_for(each.subscription_id, "waiting"),
                undelivered=self.outbox.number_for(each.subscription_id, "dead"),
            )
            for each in found
        ]

    async def end(
        self, subscription_id: UUID, *, at: datetime, event: RecordedEvent, owner: str | None = None
    ) -> None:
        self._find(subscription_id, owner)
        del self._active[subscription_id]
        self.outbox.drop(subscription_id)
        self.recorded.append(event)

    async def send_test(
        self, subscription_id: UUID, delivery_id: UUID, *, at: datetime, owner: str | None = None
    ) -> None:
        self._put(self._find(subscription_id, owner), delivery_id, TEST, subscription_id, at)

    async def retry(self, subscription_id: UUID, *, event: RecordedEvent, owner: str | None = None) -> int:
        self._find(subscription_id, owner)
        dead = await self.outbox.dead_letters(limit=1_000_000, subscription_id=subscription_id)
        for each in dead:
            await self.outbox.requeue(each.delivery_id)
        self.recorded.append(event)
        return len(dead)

    async def purge(self) -> int:
        return 0

    def _find(self, subscription_id: UUID, owner: str | None) -> Subscription:
        found = self._active.get(subscription_id)
        if found is None or owner not in {None, found.owner}:
            raise SubscriptionNotFound(f"there is no active subscription {subscription_id}")
        return replace(found)
