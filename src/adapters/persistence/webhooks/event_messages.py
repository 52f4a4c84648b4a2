"""SQL that queues a message for each active subscription of an event's owner."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Text as TextType
from sqlalchemy import Uuid as UuidType
from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.persistence.database.tables import TIMESTAMP
from domain.access.user import Role
from domain.webhooks.event import WebhookEvent

EXPIRY = "interval '3 days'"
"""For so long a message waits for its receiver; then it is given up."""


def queue_messages(events: str) -> str:
    """The statement that queues messages on events, a query with the columns event, subject, owner and at.

    Only services can subscribe, so that a user of that name with another role is another one.
    """
    return f"""
INSERT INTO webhook_deliveries (
    delivery_id, subscription_id, recipient, url, event, subject, created_at, state, attempts, next_attempt_at,
    expires_at
)
SELECT gen_random_uuid(), subscription_id, owner, url, event, subject, at, 'pending', 0, at, now() + {EXPIRY}
FROM ({events}) AS happened JOIN webhook_subscriptions USING (owner) JOIN users ON users.name = owner
WHERE ended_at IS NULL AND event = ANY (events) AND webhook_subscriptions.created_at <= at
    AND users.role = '{Role.SERVICE.value}'
"""  # noqa: S608 - our own text


_STATED = """
SELECT CAST(:event AS text) AS event, subject, owner, at
FROM unnest(CAST(:subjects AS uuid[]), CAST(:owners AS text[]), CAST(:times AS timestamptz[]))
    AS stated (subject, owner, at)
"""
_QUEUE_STATED = text(queue_messages(_STATED)).bindparams(
    bindparam("subjects", type_=ARRAY(UuidType)),
    bindparam("owners", type_=ARRAY(TextType)),
    bindparam("times", type_=ARRAY(TIMESTAMP)),
)


async def queue_events(
    connection: AsyncConnection, event: WebhookEvent, happened: Sequence[tuple[UUID, str, datetime]]
) -> None:
    """Queue messages about (subject, owner, time), in the transaction of the change that they report."""
    if happened:
        subjects, owners, times = zip(*happened, strict=True)
        given = {"subjects": list(subjects), "owners": list(owners), "times": list(times)}
        await connection.execute(_QUEUE_STATED, {"event": event.value, **given})
