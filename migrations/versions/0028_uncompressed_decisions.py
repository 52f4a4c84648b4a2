"""Keep documents of decisions uncompressed: compressing them took an eighth of the time of recording.

A row with four reasons is a little larger than the two kilobytes from which PostgreSQL compresses.
"""

from alembic import op
from sqlalchemy import text

revision = "0028"
down_revision = "0027"
branch_labels = depends_on = None
phase = "expand"

LARGEST_PLAIN_ROW = 4080
"""Bytes; larger rows are still compressed."""
OPTION = f" WITH (toast_tuple_target = {LARGEST_PLAIN_ROW})"
PARTITIONS = """
SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'decisions'::regclass ORDER BY 1
"""


def replace_in_function(old: str, new: str) -> None:
    """Change the function that creates partitions; its text names the schema of the tables."""
    connection = op.get_bind()
    function = connection.execute(text("SELECT pg_get_functiondef('make_decisions_month'::regproc)")).scalar_one()
    if function.count(old) != 1:
        raise RuntimeError(f"make_decisions_month does not have {old!r} once: it was changed by hand")
    connection.exec_driver_sql(function.replace(old, new))


def partitions() -> list[str]:
    return list(op.get_bind().execute(text(PARTITIONS)).scalars())


def upgrade() -> None:
    for partition in partitions():
        op.execute(f"ALTER TABLE {partition} SET (toast_tuple_target = {LARGEST_PLAIN_ROW})")
    replace_in_function(".decisions INCLUDING ALL)", f".decisions INCLUDING ALL){OPTION}")


def downgrade() -> None:
    replace_in_function(f".decisions INCLUDING ALL){OPTION}", ".decisions INCLUDING ALL)")
    for partition in partitions():
        op.execute(f"ALTER TABLE {partition} RESET (toast_tuple_target)")
