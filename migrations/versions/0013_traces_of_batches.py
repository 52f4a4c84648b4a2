"""A batch keeps the trace of the request that submitted it (W3C traceparent), so that its worker continues it."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = depends_on = None
phase = "expand"


def upgrade() -> None:
    op.execute("ALTER TABLE batches ADD COLUMN traceparent text")


def downgrade() -> None:
    op.drop_column("batches", "traceparent")
