"""Rows of the audit trail that could not be read, or that change what a checkpoint says, are refused.

PostgreSQL holds times, such as "infinity" and the year 294276, that the service cannot read: one such row ended
checkpoints and verification for good, since rows of these tables are never deleted. And a head that is added to an
older checkpoint makes its signature worthless.

Rows stored before are not looked at (NOT VALID), so the tables are locked for a moment only.
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = depends_on = None

TIMES = {"decisions": "decided_at", "audit_entries": "at", "checkpoints": "at"}
PLAUSIBLE = "{column} BETWEEN '1970-01-01 00:00:00+00' AND '9999-01-01 00:00:00+00'"
# The transaction that adds a head must be the one that added its checkpoint.
HEAD_OF_A_NEW_CHECKPOINT = """
CREATE FUNCTION checkpoint_head_in_time() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM public.checkpoints WHERE number = NEW.number AND xmin <> pg_current_xact_id()::xid
    ) THEN
        RAISE EXCEPTION 'checkpoint % was made before: heads are added together with their checkpoint', NEW.number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'checkpoint_head_in_time', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END
$$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    for table, column in TIMES.items():
        plausible = PLAUSIBLE.format(column=column)
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {column}_is_plausible CHECK ({plausible}) NOT VALID")
    op.execute("SET LOCAL lock_timeout TO DEFAULT")
    op.execute(HEAD_OF_A_NEW_CHECKPOINT)
    op.execute(
        "CREATE TRIGGER in_time BEFORE INSERT ON checkpoint_heads "
        "FOR EACH ROW EXECUTE FUNCTION checkpoint_head_in_time()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER in_time ON checkpoint_heads")
    op.execute("DROP FUNCTION checkpoint_head_in_time")
    for table, column in TIMES.items():
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {column}_is_plausible")
