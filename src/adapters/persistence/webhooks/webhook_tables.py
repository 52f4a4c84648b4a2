"""The tables of webhook subscriptions, as the newest migration creates them."""

from sqlalchemy import Column, Index, Table, Text, Uuid, text
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
