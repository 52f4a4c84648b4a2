"""The end of a batch, as one transaction writes it: its row, its content gone, and a message in the outbox."""

from uuid import uuid4

import msgspec
from sqlalchemy import delete, func, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.base import Executable

from adapters.persistence.batch_rows import to_row
from adapters.persistence.batch_tables import batch_chunks, batches, webhook_deliveries
from domain.batches.batch import Batch


def end_statements(ended: Batch) -> list[Executable]:
    """What is to be executed, in this order; the row must be locked, or known to be ours."""
    row = to_row(ended)
    statements: list[Executable] = [
        update(batches).where(batches.c.batch_id == ended.batch_id).values(**row, lease=None, lease_until=None),
        delete(batch_chunks).where(batch_chunks.c.batch_id == ended.batch_id),
    ]
    if ended.webhook_url is not None:
        statements.append(_message(ended, ended.webhook_url))
    return statements


def _message(ended: Batch, url: str) -> Executable:
    delivery_id, event = uuid4(), f"batch.{ended.state.value}"
    progress = ended.progress
    body = {
        "delivery_id": delivery_id,
        "event": event,
        "batch": {
            "batch_id": ended.batch_id,
            "name": ended.name,
            "state": ended.state.value,
            "submitted_at": ended.submitted_at,
            "finished_at": ended.finished_at,
            "fault": ended.fault,
            "rows_read": progress.rows_read,
            "rows_refused": progress.rows_refused,
            "approved": progress.approved,
            "referred": progress.referred,
            "declined": progress.declined,
        },
    }
    return insert(webhook_deliveries).values(
        delivery_id=delivery_id,
        batch_id=ended.batch_id,
        recipient=ended.requested_by.name,
        url=url,
        event=event,
        body=msgspec.json.encode(body).decode(),
        created_at=ended.finished_at,
        state="waiting",
        attempts=0,
        next_attempt_at=func.now(),
    )
