"""The last event of a kind, such as a verification of the audit trail, is found by index."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = depends_on = None
phase = "expand"


def upgrade() -> None:
    op.create_index("recorded_events_kind", "recorded_events", ["kind", "event_id"])


def downgrade() -> None:
    op.drop_index("recorded_events_kind", "recorded_events")
