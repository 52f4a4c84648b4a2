"""Batches: what was handed in, what came of it, and what is to be told of its end."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = depends_on = None


def upgrade() -> None:
    op.create_table(
        "batches",
        sa.Column("batch_id", sa.Uuid, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("requested_by", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("webhook_url", sa.Text),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("rows_read", sa.BigInteger, nullable=False),
        sa.Column("rows_refused", sa.BigInteger, nullable=False),
        sa.Column("approved", sa.BigInteger, nullable=False),
        sa.Column("referred", sa.BigInteger, nullable=False),
        sa.Column("declined", sa.BigInteger, nullable=False),
        sa.Column("share_done", sa.Double, nullable=False),
        sa.Column("stretches", sa.Integer, nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True)),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.Column("fault", sa.Text),
        sa.Column("lease", sa.Uuid),
        sa.Column("lease_until", sa.DateTime(timezone=True)),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.CheckConstraint("length(digest) = 32", name="digest_is_sha256"),
    )
    op.create_index(
        "batches_open", "batches", ["batch_id"], postgresql_where=sa.text("state IN ('queued', 'running')")
    )
    op.create_table(
        "batch_chunks",
        sa.Column(
            "batch_id",
            sa.Uuid,
            sa.ForeignKey("batches.batch_id", deferrable=True, initially="DEFERRED"),
            primary_key=True,
        ),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "batch_results",
        sa.Column("batch_id", sa.Uuid, sa.ForeignKey("batches.batch_id"), primary_key=True),
        sa.Column("stretch", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("results", sa.LargeBinary, nullable=False),
        sa.Column("errors", sa.LargeBinary, nullable=False),
    )
    # Compressing them would take longer than deciding; files may come compressed already.
    op.execute("ALTER TABLE batch_chunks ALTER COLUMN content SET STORAGE EXTERNAL")
    op.execute("ALTER TABLE batch_results ALTER COLUMN results SET STORAGE EXTERNAL")
    op.create_table(
        "webhook_deliveries",
        sa.Column("delivery_id", sa.Uuid, primary_key=True),
        sa.Column("batch_id", sa.Uuid, sa.ForeignKey("batches.batch_id"), nullable=False),
        sa.Column("recipient", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_fault", sa.Text),
    )
    op.create_index(
        "webhook_deliveries_waiting",
        "webhook_deliveries",
        ["next_attempt_at"],
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index(
        "webhook_deliveries_dead",
        "webhook_deliveries",
        ["delivery_id"],
        postgresql_where=sa.text("state = 'dead'"),
    )


def downgrade() -> None:
    for table in ("webhook_deliveries", "batch_results", "batch_chunks", "batches"):
        op.drop_table(table)
