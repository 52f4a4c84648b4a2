"""What is said of a chain is said by a checkpoint: a head without one could keep the next from speaking of it."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = depends_on = None


def upgrade() -> None:
    op.create_foreign_key("head_of_a_checkpoint", "checkpoint_heads", "checkpoints", ["number"], ["number"])


def downgrade() -> None:
    op.drop_constraint("head_of_a_checkpoint", "checkpoint_heads")
