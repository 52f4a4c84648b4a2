"""The tables of webhooks, as the newest migration creates them."""

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY

from adapters.persistence.database.tables import TIMESTAMP, metadata, required

webhook_subscriptions = Table(
    "webhook_subscriptions",
    metadata,
    Column("subscription_id", Uuid, primary_key=True),
    required("owner", Text),
    required("url", Text),
    required("events", ARRAY(Text)),
    required("created_at", TIMESTAMP),
    Column("ended_at", TIMESTAMP),
    Column("busy_until", TIMESTAMP),
    required("failures", Integer, server_default="0"),
    Column("failing_since", TIMESTAMP),
    Column("last_fault", Text),
    Column("last_delivered_at", TIMESTAMP),
    Index("webhook_subscriptions_owners", "owner", postgresql_where=text("ended_at IS NULL")),
)
"""The addresses to which events of a caller's own applications are sent.

Until `busy_until`, a message is being delivered or the receiver is given a pause, which grows with its `failures`.
"""

webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    Column("delivery_id", Uuid, primary_key=True),
    Column("batch_id", Uuid, ForeignKey("batches.batch_id")),
    required("recipient", Text),
    required("url", Text),
    required("event", Text),
    Column("body", Text),
    required("created_at", TIMESTAMP),
    required("state", Text),
    required("attempts", Integer),
    required("next_attempt_at", TIMESTAMP),
    Column("last_fault", Text),
    Column("subscription_id", Uuid),
    Column("subject", Uuid),
    Column("expires_at", TIMESTAMP),
)
"""The outbox.

A message about a batch, written in the transaction that ends it, has its `body` and is "waiting", "delivered" or
"dead". A message for a subscription is "pending" or "dead", and deleted once delivered; its body is made from its
`subject` at delivery. Workers of release 0.1.0 know no pending messages.
"""

Index(
    "webhook_deliveries_waiting", webhook_deliveries.c.next_attempt_at, postgresql_where=text("state = 'waiting'")
)
Index("webhook_deliveries_dead", webhook_deliveries.c.delivery_id, postgresql_where=text("state = 'dead'"))
Index(
    "webhook_deliveries_pending",
    webhook_deliveries.c.subscription_id,
    webhook_deliveries.c.next_attempt_at,
    postgresql_where=text("state = 'pending'"),
)
Index(
    "webhook_deliveries_expiring",
    webhook_deliveries.c.expires_at,
    postgresql_where=text("state = 'pending'"),
)
Index(
    "webhook_deliveries_undelivered",
    webhook_deliveries.c.subscription_id,
    postgresql_where=text("state = 'dead' AND subscription_id IS NOT NULL"),
)
