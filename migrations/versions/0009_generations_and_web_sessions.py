"""Generations of users, which end tokens and sessions, and a registry of web sessions."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = depends_on = None


def upgrade() -> None:
    op.execute("CREATE SEQUENCE user_generations AS bigint")
    next_generation = sa.text("nextval('user_generations')")
    op.add_column("users", sa.Column("generation", sa.BigInteger, nullable=False, server_default=next_generation))
    op.add_column(
        "users", sa.Column("must_change_password", sa.Boolean, nullable=False, server_default=sa.false())
    )
    op.create_table(
        "web_sessions",
        sa.Column("id", sa.LargeBinary, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("generation", sa.BigInteger, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("length(id) = 16", name="id_is_a_digest"),
    )
    op.create_index("web_sessions_started", "web_sessions", ["started_at"])


def downgrade() -> None:
    op.drop_table("web_sessions")
    op.drop_column("users", "must_change_password")
    op.drop_column("users", "generation")
    op.execute("DROP SEQUENCE user_generations")
