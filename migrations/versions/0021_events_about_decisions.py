"""Events about a decision, such as exports of its evidence, are found by index."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = depends_on = None
phase = "expand"

NAME = "recorded_events_subject"
TEXT = '"((?:[^"[.backslash.]]|[[.backslash.]].)*)"'
BEFORE = "[b]atch|delivery|folder|month|policy_version|process|session|user"
NOW = "[b]atch|decision|delivery|folder|month|policy_version|process|session|user"


def upgrade() -> None:
    replace_index(NOW)


def downgrade() -> None:
    replace_index(BEFORE)


def replace_index(subjects: str) -> None:
    # Processes of the release before search by the former expression, without the index but with the same result.
    op.drop_index(NAME, "recorded_events")
    expression = f""""left"("substring"(document, '"(?:{subjects})":{TEXT}'::text), 600)"""
    op.create_index(NAME, "recorded_events", [sa.literal_column(expression), "event_id"])
