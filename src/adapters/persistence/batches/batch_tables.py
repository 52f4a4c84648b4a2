"""The tables of batches, as the newest migration leaves them."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
    text,
)

from adapters.persistence.database.tables import metadata

batches = Table(
    "batches",
    metadata,
    Column("batch_id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("submitted_at", DateTime(timezone=True), nullable=False),
    Column("requested_by", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("webhook_url", Text),
    Column("size", BigInteger, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),
    Column("rows_read", BigInteger, nullable=False),
    Column("rows_refused", BigInteger, nullable=False),
    Column("approved", BigInteger, nullable=False),
    Column("referred", BigInteger, nullable=False),
    Column("declined", BigInteger, nullable=False),
    Column("share_done", Double, nullable=False),
    Column("stretches", Integer, nullable=False),
    Column("started_at", DateTime(timezone=True)),
    Column("finished_at", DateTime(timezone=True)),
    Column("fault", Text),
    Column("lease", Uuid),
    Column("lease_until", DateTime(timezone=True)),
    Column("attempts", Integer, nullable=False, server_default="0"),
    CheckConstraint("length(digest) = 32", name="digest_is_sha256"),
)
"""Batches in the fields of `domain.batches.batch.Batch`, and the claim of the worker who has it."""

Index("batches_begun", batches.c.requested_by, batches.c.started_at)
Index("batches_open", batches.c.batch_id, postgresql_where=text("state IN ('queued', 'running')"))

batch_chunks = Table(
    "batch_chunks",
    metadata,
    Column(
        "batch_id",
        Uuid,
        ForeignKey("batches.batch_id", deferrable=True, initially="DEFERRED"),
        primary_key=True,
    ),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("content", LargeBinary, nullable=False),
)
"""A batch's content as it came, 1 MiB a row; gone when the batch has ended."""

batch_results = Table(
    "batch_results",
    metadata,
    Column("batch_id", Uuid, ForeignKey("batches.batch_id"), primary_key=True),
    Column("stretch", Integer, primary_key=True, autoincrement=False),
    Column("results", LargeBinary, nullable=False),
    Column("errors", LargeBinary, nullable=False),
)
"""The lines of CSV of each chunk, the header with the first."""

webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    Column("delivery_id", Uuid, primary_key=True),
    Column("batch_id", Uuid, ForeignKey("batches.batch_id"), nullable=False),
    Column("recipient", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", DateTime(timezone=True), nullable=False),
    Column("last_fault", Text),
)
"""The outbox: what is to be told of a batch's end, written in the transaction that ended it."""

Index(
    "webhook_deliveries_waiting", webhook_deliveries.c.next_attempt_at, postgresql_where=text("state = 'waiting'")
)
Index("webhook_deliveries_dead", webhook_deliveries.c.delivery_id, postgresql_where=text("state = 'dead'"))
