"""Callers' references and origin of applications as columns, and indexes to find and sort decisions by them.

Large partitions are indexed after this migration, without stopping decisions: see `concurrent_indexes.py`. Where
all are small, the two indexes that the new ones replace are dropped. Elsewhere they remain until a later release
drops them, because lists need them until the new ones are complete.
"""

from alembic import op
from sqlalchemy import text

revision = "0022"
down_revision = "0021"
branch_labels = depends_on = None
phase = "expand"

COLUMNS = {
    "application_reference": "text",
    "applicant_reference": "text",
    "source": "text",
    "caller_channel": "text",
    "trial": "boolean",
}
SORTED = "INCLUDE (decided_at, outcome, grade, requested_by)"
INDEXES = {
    "decisions_listed": "(decided_at, decision_id) INCLUDE (outcome, grade, requested_by, purpose, loan_amnt, "
    "channel, model_version, policy_version, source, caller_channel, trial)",
    "decisions_by_amount": f"(loan_amnt, decision_id) {SORTED}",
    "decisions_by_pd": f"(pd, decision_id) {SORTED}",
    "decisions_application_references": "(lower(application_reference) text_pattern_ops) "
    "WHERE application_reference IS NOT NULL",
    "decisions_applicant_references": "(lower(applicant_reference) text_pattern_ops) "
    "WHERE applicant_reference IS NOT NULL",
    "decisions_sources": "(source, decided_at, decision_id) WHERE source IS NOT NULL",
    "decisions_caller_channels": "(caller_channel, decided_at, decision_id) WHERE caller_channel IS NOT NULL",
    "decisions_trials": "(decided_at, decision_id) WHERE trial",
}
REPLACED = {
    "decisions_newest": "(decided_at, decision_id) INCLUDE (outcome, grade, requested_by, purpose, loan_amnt)",
    "decisions_amounts": "((loan_amnt::bigint))",
}
FEW = 10_000
"""Rows that are indexed within milliseconds."""
PARTITIONS = """
SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
WHERE inhparent = 'decisions'::regclass ORDER BY relname
"""


def create_everywhere(name: str, definition: str) -> None:
    """Create an index of all partitions, whose parts have the names that `upgrade` gives them."""
    op.execute(f"CREATE INDEX {name} ON ONLY decisions {definition}")
    for partition in op.get_bind().execute(text(PARTITIONS)).scalars().all():
        create_part(name, definition, partition)


def create_part(name: str, definition: str, partition: str) -> None:
    of_partition = partition.replace("decisions", name, 1)
    op.execute(f"CREATE INDEX {of_partition} ON {partition} {definition}")
    op.execute(f"ALTER INDEX {name} ATTACH PARTITION {of_partition}")


def upgrade() -> None:
    connection = op.get_bind()
    op.execute("ALTER TABLE decisions " + ", ".join(f"ADD COLUMN {name} {kind}" for name, kind in COLUMNS.items()))
    for name, definition in INDEXES.items():
        op.execute(f"CREATE INDEX {name} ON ONLY decisions {definition}")
    large = False
    for partition in connection.execute(text(PARTITIONS)).scalars().all():
        many = f"SELECT EXISTS (SELECT FROM {partition} OFFSET {FEW})"  # noqa: S608 - our own name
        if connection.execute(text(many)).scalar_one():
            large = True
            continue
        for name, definition in INDEXES.items():
            create_part(name, definition, partition)
    if not large:
        for name in REPLACED:
            op.execute(f"DROP INDEX {name}")


def downgrade() -> None:
    for name in INDEXES:
        op.execute(f"DROP INDEX {name}")
    op.execute(f"CREATE INDEX IF NOT EXISTS decisions_newest ON decisions {REPLACED['decisions_newest']}")
    missing = "SELECT to_regclass('public.decisions_amounts') IS NULL"
    if op.get_bind().execute(text(missing)).scalar_one():
        create_everywhere("decisions_amounts", REPLACED["decisions_amounts"])
    op.execute("ALTER TABLE decisions " + ", ".join(f"DROP COLUMN {name}" for name in COLUMNS))
