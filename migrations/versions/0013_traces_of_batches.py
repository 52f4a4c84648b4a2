"""A batch keeps the trace of the request that submitted it (W3C traceparent), so that its worker continues it."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.execute("ALTER TABLE batches ADD COLUMN traceparent text")


def downgrade() -> None:
    op.drop_column("batches", "traceparent")
