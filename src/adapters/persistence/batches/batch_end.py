"""The statements that end a batch in one transaction: its row, its content and a message in the outbox."""

from dataclasses import asdict
from uuid import uuid4

from sqlalchemy import delete, func, insert, update
from sqlalchemy.sql.base import Executable

from adapters.persistence.batches.batch_rows import to_row
from adapters.persistence.batches.batch_tables import batch_chunks, batches
from adapters.persistence.webhooks.webhook_tables import webhook_deliveries
from application.use_cases.batches.batch_messages import message_of_the_end
from domain.batches.batch import Batch


def end_statements(ended: Batch) -> list[Executable]:
    """The statements in their order. The caller must have locked the row or hold its lease."""
    row = to_row(ended)
    statements: list[Executable] = [
        update(batches).where(batches.c.batch_id == ended.batch_id).values(**row, lease=None, lease_until=None),
        delete(batch_chunks).where(batch_chunks.c.batch_id == ended.batch_id),
    ]
    message = message_of_the_end(ended, uuid4())
    if message is not None:
        message_row = asdict(message)
        for of_others in ("traceparent", "failures"):  # the batch and the subscription have them
            del message_row[of_others]
        due = {"state": "waiting", "next_attempt_at": func.now()}
        statements.append(insert(webhook_deliveries).values(message_row | due))
    return statements
