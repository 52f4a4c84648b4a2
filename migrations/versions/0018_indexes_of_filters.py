"""Indexes for the filters of decisions.

Large partitions are indexed after this migration, without stopping decisions: see `concurrent_indexes.py`.
"""

from alembic import op
from sqlalchemy import text

revision = "0018"
down_revision = "0017"
branch_labels = depends_on = None
phase = "expand"

COLUMNS = {
    "decisions_filters": "requested_by, grade, outcome, purpose",
    "decisions_amounts": "(loan_amnt::bigint)",
}
FEW = 10_000
"""Rows that are indexed within milliseconds."""
PARTITIONS = """
SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
WHERE inhparent = 'decisions'::regclass ORDER BY relname
"""


def upgrade() -> None:
    connection = op.get_bind()
    for name, columns in COLUMNS.items():
        op.execute(f"CREATE INDEX {name} ON ONLY decisions ({columns})")
    for partition in connection.execute(text(PARTITIONS)).scalars().all():
        many = f"SELECT EXISTS (SELECT FROM {partition} OFFSET {FEW})"  # noqa: S608 - our own name
        if connection.execute(text(many)).scalar_one():
            continue
        for name, columns in COLUMNS.items():
            of_partition = partition.replace("decisions", name, 1)
            op.execute(f"CREATE INDEX {of_partition} ON {partition} ({columns})")
            op.execute(f"ALTER INDEX {name} ATTACH PARTITION {of_partition}")


def downgrade() -> None:
    for name in COLUMNS:
        op.execute(f"DROP INDEX {name}")
