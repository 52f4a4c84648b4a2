"""Statistics of grade and outcome together: an approved decision of the worst grade is rarer than both suggest."""

from alembic import op
from sqlalchemy import text

revision = "0020"
down_revision = "0019"
branch_labels = depends_on = None
phase = "expand"

NAME = "decisions_outcomes"
PARTITIONS = """
SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
WHERE inhparent = 'decisions'::regclass ORDER BY relname
"""
OF_DECISIONS = """
SELECT stxname FROM pg_statistic_ext
WHERE stxrelid = 'decisions'::regclass
OR stxrelid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = 'decisions'::regclass)
"""


def upgrade() -> None:
    for table in ("decisions", *op.get_bind().execute(text(PARTITIONS)).scalars()):
        op.execute(f"CREATE STATISTICS {table.replace('decisions', NAME, 1)} (mcv) ON grade, outcome FROM {table}")


def downgrade() -> None:
    for name in op.get_bind().execute(text(OF_DECISIONS)).scalars().all():
        op.execute(f"DROP STATISTICS {name}")
