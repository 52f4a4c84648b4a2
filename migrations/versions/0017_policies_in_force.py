"""The policies that were put in force, in order; the last one decides."""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = depends_on = None
phase = "expand"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE policies_in_force (
            number integer PRIMARY KEY,
            fingerprint text NOT NULL REFERENCES scoring_policies (fingerprint),
            activated_at timestamptz NOT NULL,
            activated_by text NOT NULL
        )
    """)


def downgrade() -> None:
    op.drop_table("policies_in_force")
