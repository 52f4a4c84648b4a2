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
    Index("webhook_subscriptions_owners", "owner", postgresql_where=text("ended_at IS NULL")),
)
"""The addresses to which events of a caller's own applications are sent."""

webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    Column("delivery_id", Uuid, primary_key=True),
    Column("batch_id", Uuid, ForeignKey("batches.batch_id")),
    required("recipient", Text),
    required("url", Text),
    required("event", Text),
    required("body", Text),
    required("created_at", TIMESTAMP),
    required("state", Text),
    required("attempts", Integer),
    required("next_attempt_at", TIMESTAMP),
    Column("last_fault", Text),
    Column("subscription_id", Uuid),
)
"""The outbox: messages about ended batches, written in the transaction that ends the batch."""

Index(
    "webhook_deliveries_waiting", webhook_deliveries.c.next_attempt_at, postgresql_where=text("state = 'waiting'")
)
Index("webhook_deliveries_dead", webhook_deliveries.c.delivery_id, postgresql_where=text("state = 'dead'"))
