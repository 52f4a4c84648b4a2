"""The webhook message about the end of a batch: identifiers, counts, and the fault if it failed."""

import json
from datetime import UTC, datetime
from uuid import UUID

from application.ports.webhooks.webhooks import Delivery
from domain.batches.batch import Batch


def message_of_the_end(ended: Batch, delivery_id: UUID) -> Delivery | None:
    """The message; None if the batch has no webhook."""
    if ended.webhook_url is None or ended.finished_at is None:
        return None
    event, progress = f"batch.{ended.state.value}", ended.progress
    body = {
        "delivery_id": str(delivery_id),
        "event": event,
        "batch": {
            "batch_id": str(ended.batch_id),
            "name": ended.name,
            "state": ended.state.value,
            "submitted_at": _in_utc(ended.submitted_at),
            "finished_at": _in_utc(ended.finished_at),
            "fault": ended.fault,
            "notices": list(ended.notices),
            "rows_read": progress.rows_read,
            "rows_refused": progress.rows_refused,
            "approved": progress.approved,
            "referred": progress.referred,
            "declined": progress.declined,
        },
    }
    return Delivery(
        delivery_id=delivery_id,
        batch_id=ended.batch_id,
        recipient=ended.requested_by.name,
        url=ended.webhook_url,
        event=event,
        body=json.dumps(body, separators=(",", ":")),
        created_at=ended.finished_at,
    )


def _in_utc(moment: datetime) -> str:
    """The moment in RFC 3339 with the suffix Z, as the API writes it."""
    return moment.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"
