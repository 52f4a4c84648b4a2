"""Decisions on record with their audit entries, both append-only; and users."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = branch_labels = depends_on = None

APPEND_ONLY = ("decisions", "audit_entries")


def upgrade() -> None:
    op.create_table(
        "decisions",
        sa.Column("decision_id", sa.Uuid, primary_key=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("requested_by", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("pd", sa.Double, nullable=False),
        sa.Column("score_points", sa.Integer, nullable=False),
        sa.Column("grade", sa.Text, nullable=False),
        sa.Column("confidence", sa.Text, nullable=False),
        sa.Column("loan_amnt", sa.Numeric(12, 2), nullable=False),
        sa.Column("term", sa.Integer, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("recommended_amount", sa.Numeric(12, 2), nullable=False),
        sa.Column("model_version", sa.Text, nullable=False),
        sa.Column("policy_version", sa.Text, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
    )
    op.create_index(
        "decisions_newest",
        "decisions",
        ["decided_at", "decision_id"],
        postgresql_include=["outcome", "grade", "requested_by", "purpose", "loan_amnt"],
    )
    op.create_table(
        "audit_entries",
        sa.Column("chain", sa.Uuid, primary_key=True),
        sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("subject", sa.Uuid, nullable=False),
        sa.Column("content_digest", sa.LargeBinary, nullable=False),
        sa.Column("previous", sa.LargeBinary, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.CheckConstraint("length(content_digest) = 32", name="content_digest_is_sha256"),
        sa.CheckConstraint("length(previous) = 32", name="previous_is_sha256"),
        sa.CheckConstraint("length(digest) = 32", name="digest_is_sha256"),
        sa.CheckConstraint("sequence > 0", name="sequence_counts_from_1"),
    )
    op.create_index("audit_entries_subject", "audit_entries", ["subject"])
    op.create_table(
        "users",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("password_hash", sa.Text, nullable=False),
    )
    op.execute(
        """
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP
                USING ERRCODE = 'insufficient_privilege';
        END
        $$
        """
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    for table in ("users", "audit_entries", "decisions"):
        op.drop_table(table)
    op.execute("DROP FUNCTION refuse_change()")
