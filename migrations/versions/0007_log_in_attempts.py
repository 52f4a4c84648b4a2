"""How often logging in failed, and where each name is familiar."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = depends_on = None


def upgrade() -> None:
    op.create_table(
        "log_in_attempts",
        sa.Column("key", sa.LargeBinary, primary_key=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(key) = 16", name="key_is_a_digest"),
    )
    op.create_index("log_in_attempts_past", "log_in_attempts", ["until"])


def downgrade() -> None:
    op.drop_table("log_in_attempts")
