"""Events of an actor and about a subject are found by index."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = depends_on = None
phase = "expand"

TEXT = '"((?:[^"[.backslash.]]|[[.backslash.]].)*)"'
SUBJECTS = "[b]atch|delivery|folder|month|policy_version|process|session|user"
EXPRESSIONS = {
    "recorded_events_actor": f""""left"("substring"(document, '"actor":{TEXT}'::text), 600)""",
    "recorded_events_subject": f""""left"("substring"(document, '"(?:{SUBJECTS})":{TEXT}'::text), 600)""",
}


def upgrade() -> None:
    for name, expression in EXPRESSIONS.items():
        op.create_index(name, "recorded_events", [sa.literal_column(expression), "event_id"])


def downgrade() -> None:
    for name in EXPRESSIONS:
        op.drop_index(name, "recorded_events")
