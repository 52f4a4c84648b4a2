"""Idempotency keys: which first answer a caller's key stands for."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = depends_on = None


def upgrade() -> None:
    op.create_table(
        "idempotency_keys",
        sa.Column("actor", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("fingerprint", sa.LargeBinary, nullable=False),
        sa.Column("subject", sa.Uuid, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.CheckConstraint("length(fingerprint) = 32", name="fingerprint_is_sha256"),
    )
    op.create_index("idempotency_keys_oldest", "idempotency_keys", ["created_at"])
    # Old ones may be deleted; none may come to stand for another answer.
    op.execute(
        "CREATE TRIGGER never_changed BEFORE UPDATE ON idempotency_keys "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    op.drop_table("idempotency_keys")
