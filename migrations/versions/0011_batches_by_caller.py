"""Workers serve callers in turn: when a batch of each was last begun is looked up in an index."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = depends_on = None


def upgrade() -> None:
    op.create_index("batches_begun", "batches", ["requested_by", "started_at"])


def downgrade() -> None:
    op.drop_index("batches_begun", "batches")
