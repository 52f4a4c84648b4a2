"""From webhooks to responses."""

from collections.abc import Sequence

from application.ports.webhooks.webhooks import Delivery
from entrypoints.api.webhooks.schemas import DeadLetter, DeadLetterList


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
        ],
        page[-1].delivery_id if len(deliveries) > limit else None,
    )
