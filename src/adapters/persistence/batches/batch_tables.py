"""The tables of batches, as the newest migration creates them."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
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

from adapters.persistence.database.tables import TIMESTAMP, has_length, metadata, required

batches = Table(
    "batches",
    metadata,
    Column("batch_id", Uuid, primary_key=True),
    required("name", Text),
    required("submitted_at", TIMESTAMP),
    required("requested_by", Text),
    required("role", Text),
    Column("webhook_url", Text),
    required("size", BigInteger),
    required("digest", LargeBinary),
    required("state", Text),
    required("rows_read", BigInteger),
    required("rows_refused", BigInteger),
    required("approved", BigInteger),
    required("referred", BigInteger),
    required("declined", BigInteger),
    required("share_done", Double),
    required("stretches", Integer),
    Column("started_at", TIMESTAMP),
    Column("finished_at", TIMESTAMP),
    Column("fault", Text),
    Column("lease", Uuid),
    Column("lease_until", TIMESTAMP),
    required("attempts", Integer, server_default="0"),
    Column("traceparent", Text),
    Column("conventions", Text),
    Column("notices", Text),
    Column("trial", Boolean),
    Column("keep", Text),
    has_length("digest", 32, "sha256"),
)
"""Batches in the fields of `domain.batches.batch.Batch`, with the lease of their worker and their trace.

`conventions`, `notices` and `keep` are JSON; null means none. `trial` is true or null.
"""

Index("batches_begun", batches.c.requested_by, batches.c.started_at)
Index("batches_open", batches.c.batch_id, postgresql_where=text("state IN ('queued', 'running')"))

batch_chunks = Table(
    "batch_chunks",
    metadata,
    Column(
        "batch_id", Uuid, ForeignKey("batches.batch_id", deferrable=True, initially="DEFERRED"), primary_key=True
    ),
    Column("number", Integer, primary_key=True, autoincrement=False),
    required("content", LargeBinary),
)
"""A batch's uploaded content, 1 MiB per row; deleted when the batch ends."""

batch_results = Table(
    "batch_results",
    metadata,
    Column("batch_id", Uuid, ForeignKey("batches.batch_id"), primary_key=True),
    Column("stretch", Integer, primary_key=True, autoincrement=False),
    required("results", LargeBinary),
    required("errors", LargeBinary),
)
"""CSV lines of each chunk; the first chunk includes the header."""
