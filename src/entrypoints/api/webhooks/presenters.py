"""From webhooks to responses."""

from collections.abc import Sequence

from application.ports.webhooks.webhooks import Delivery
from domain.webhooks.subscription import SubscriptionState
from entrypoints.api.webhooks.schemas import (
    DeadLetter,
    DeadLetterList,
    SubscriptionResponse,
    UndeliveredList,
    UndeliveredMessage,
)


def dead_letter_list(deliveries: Sequence[Delivery], limit: int) -> DeadLetterList:
    """A page of at most `limit` undelivered webhooks; more of them mean that there is a next page."""
    page = deliveries[:limit]
    return DeadLetterList(
        [
            DeadLetter(
                delivery_id=delivery.delivery_id,
                batch_id=delivery.batch_id,
                event=delivery.event,
                url=delivery.url,
                attempts=delivery.attempts,
                last_fault=delivery.last_fault,
            )
            for delivery in page
            if delivery.batch_id is not None
        ],
        page[-1].delivery_id if len(deliveries) > limit else None,
    )


def subscription_response(state: SubscriptionState) -> SubscriptionResponse:
    """A subscription with the state of its deliveries."""
    subscription = state.subscription
    return SubscriptionResponse(
        subscription_id=subscription.subscription_id,
        url=subscription.url,
        events=[event.value for event in subscription.events],
        created_at=subscription.created_at,
        last_delivered_at=state.last_delivered_at,
        failing_since=state.failing_since,
        last_fault=state.last_fault,
        pending=state.pending,
        undelivered=state.undelivered,
    )


def undelivered_list(deliveries: Sequence[Delivery], limit: int) -> UndeliveredList:
    """A page of at most `limit` messages; more of them mean that there is a next page."""
    page = deliveries[:limit]
    return UndeliveredList(
        [
            UndeliveredMessage(
                delivery_id=delivery.delivery_id,
                event=delivery.event,
                subject=delivery.subject,
                occurred_at=delivery.created_at,
                attempts=delivery.attempts,
                last_fault=delivery.last_fault,
            )
            for delivery in page
            if delivery.subject is not None
        ],
        page[-1].delivery_id if len(deliveries) > limit else None,
    )
