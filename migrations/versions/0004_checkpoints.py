"""Signed checkpoints over the chains of audit entries, append-only."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = depends_on = None

APPEND_ONLY = ("checkpoints", "checkpoint_heads")


def upgrade() -> None:
    op.create_table(
        "checkpoints",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("previous", sa.LargeBinary, nullable=False),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("signature", sa.LargeBinary, nullable=False),
        sa.CheckConstraint("number > 0", name="number_counts_from_1"),
        sa.CheckConstraint("length(previous) = 32", name="previous_is_sha256"),
        sa.CheckConstraint("length(public_key) = 32", name="public_key_is_ed25519"),
        sa.CheckConstraint("length(signature) = 64", name="signature_is_ed25519"),
    )
    op.create_table(
        "checkpoint_heads",
        sa.Column("chain", sa.Uuid, primary_key=True),
        sa.Column("length", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.CheckConstraint("length > 0", name="length_counts_from_1"),
        sa.CheckConstraint("length(digest) = 32", name="digest_is_sha256"),
    )
    op.create_index("checkpoint_heads_number", "checkpoint_heads", ["number"])
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    for table in reversed(APPEND_ONLY):
        op.drop_table(table)
