"""Decisions by month: a partition for each, told by the time in the identifiers; and a function that makes more.

A table with decisions in it becomes the partition of everything before the next month, as it stands: no row is
written, but for those whose identifiers lie further on. The table is read once, and locked against reading and
writing (ACCESS EXCLUSIVE) until the migration commits: some ten seconds for a million decisions, two where VACUUM
came before. If the lock is not had within three seconds, nothing is done. Back again, all decisions are copied
into one table under such a lock: half a minute for a million.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = depends_on = None

APPEND_ONLY = (
    "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {} "
    "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
)
NEWEST = (
    "CREATE INDEX decisions_newest ON decisions (decided_at, decision_id) "
    "INCLUDE (outcome, grade, requested_by, purpose, loan_amnt)"
)
# The first 48 bits of an identifier (UUID version 7) are milliseconds since 1970.
FIRST_DECISION_ID = """
CREATE FUNCTION first_decision_id(month date) RETURNS uuid LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT rpad(lpad(to_hex((extract(epoch FROM month::timestamp) * 1000)::bigint), 12, '0'), 32, '0')::uuid
$$
"""
# Runs as its owner, so that the role of the service need not own the tables; it can do with them what is written
# here and nothing else. No writer waits for it unless its decisions belong to no month: attaching locks the table
# against changes of its form alone, and the partition of what no month holds against everything.
MAKE_DECISIONS_MONTH = """
CREATE FUNCTION make_decisions_month(month date, most_moved bigint) RETURNS text
LANGUAGE plpgsql STRICT SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '1s' AS $$
DECLARE
    this_month CONSTANT date := date_trunc('month', now() AT TIME ZONE 'UTC');
    first_day CONSTANT date := date_trunc('month', month);
    lowest CONSTANT uuid := public.first_decision_id(first_day);
    beyond CONSTANT uuid := public.first_decision_id((first_day + interval '1 month')::date);
    partition CONSTANT text := 'public.decisions_' || to_char(first_day, 'YYYY_MM');
    strays bigint;
    moved bigint;
    removed bigint;
BEGIN
    IF first_day NOT BETWEEN this_month - interval '1 month' AND this_month + interval '1 year' THEN
        RAISE EXCEPTION '% is too far from %', to_char(first_day, 'YYYY-MM'), to_char(this_month, 'YYYY-MM')
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    LOCK TABLE ONLY public.decisions IN SHARE UPDATE EXCLUSIVE MODE; -- one at a time
    IF EXISTS (
        SELECT FROM (
            SELECT pg_get_expr(relpartbound, pg_class.oid) AS bound
            FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
            WHERE inhparent = 'public.decisions'::regclass
        ) AS partitions
        WHERE bound <> 'DEFAULT'
        AND coalesce(substring(bound FROM $re$FROM \\('([^']+)'\\)$re$)::uuid < beyond, true)
        AND coalesce(substring(bound FROM $re$TO \\('([^']+)'\\)$re$)::uuid > lowest, true)
    ) THEN
        RETURN 'there';
    END IF;
    SELECT count(*) INTO strays FROM (
        SELECT FROM public.decisions_default WHERE decision_id >= lowest AND decision_id < beyond
        LIMIT most_moved + 1
    ) AS found;
    IF strays > most_moved THEN
        RETURN 'left';
    END IF;
    LOCK TABLE public.decisions_default IN ACCESS EXCLUSIVE MODE;
    EXECUTE format('CREATE TABLE %s (LIKE public.decisions INCLUDING ALL)', partition);
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'scoring_app') THEN -- whatever the default privileges say
        EXECUTE format('REVOKE ALL ON %s FROM scoring_app', partition);
    END IF;
    EXECUTE format('INSERT INTO %s SELECT * FROM public.decisions_default '
        'WHERE decision_id >= $1 AND decision_id < $2', partition) USING lowest, beyond;
    GET DIAGNOSTICS moved = ROW_COUNT;
    IF moved > 0 THEN
        ALTER TABLE public.decisions_default DISABLE TRIGGER append_only; -- nobody else can see it so
        DELETE FROM public.decisions_default WHERE decision_id >= lowest AND decision_id < beyond;
        GET DIAGNOSTICS removed = ROW_COUNT;
        ALTER TABLE public.decisions_default ENABLE TRIGGER append_only;
        IF removed <> moved THEN
            RAISE EXCEPTION '% decisions were moved, % removed', moved, removed;
        END IF;
    END IF;
    EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %s '
        'FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change()', partition);
    EXECUTE format('ALTER TABLE public.decisions ATTACH PARTITION %s FOR VALUES FROM (%L) TO (%L)',
        partition, lowest, beyond);
    RETURN 'made';
END
$$
"""
# Whoever was given rights on the table, reports for instance, has them on what takes its place.
SAME_RIGHTS = """
DO $$ DECLARE one record; BEGIN
    FOR one IN
        SELECT privilege_type, grantee, is_grantable FROM pg_class, aclexplode(relacl)
        WHERE oid = '{old}'::regclass AND grantee <> relowner
    LOOP
        EXECUTE format('GRANT %s ON decisions TO %s %s', one.privilege_type,
            CASE one.grantee WHEN 0 THEN 'PUBLIC' ELSE one.grantee::regrole::text END,
            CASE WHEN one.is_grantable THEN 'WITH GRANT OPTION' END);
        EXECUTE format('REVOKE ALL ON {old} FROM %s CASCADE',
            CASE one.grantee WHEN 0 THEN 'PUBLIC' ELSE one.grantee::regrole::text END);
    END LOOP;
END $$
"""
A_MONTH = "(date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => {}))::date"
MONTHS_AHEAD = 3


def upgrade() -> None:
    lock()
    put_aside("decisions_before")
    op.execute(
        "CREATE TABLE decisions (LIKE decisions_before INCLUDING DEFAULTS INCLUDING STORAGE) "
        "PARTITION BY RANGE (decision_id)"
    )
    finish("decisions_before")
    op.execute("CREATE TABLE decisions_default PARTITION OF decisions DEFAULT")
    op.execute(APPEND_ONLY.format("decisions_default"))
    for function in (FIRST_DECISION_ID, MAKE_DECISIONS_MONTH):
        op.execute(function)
    op.execute("REVOKE ALL ON FUNCTION make_decisions_month FROM PUBLIC")
    if op.get_bind().scalar(sa.text("SELECT EXISTS (SELECT FROM decisions_before)")):
        attach()
    else:
        op.execute("DROP TABLE decisions_before")
    for ahead in range(1 + MONTHS_AHEAD):
        op.execute(f"SELECT make_decisions_month({A_MONTH.format(ahead)}, 9223372036854775806)")


def downgrade() -> None:
    lock()
    put_aside("decisions_by_month")
    op.execute("CREATE TABLE decisions (LIKE decisions_by_month INCLUDING DEFAULTS INCLUDING STORAGE)")
    op.execute("INSERT INTO decisions SELECT * FROM decisions_by_month")
    finish("decisions_by_month")
    op.execute("DROP TABLE decisions_by_month")
    op.execute("DROP FUNCTION make_decisions_month")
    op.execute("DROP FUNCTION first_decision_id")


def lock() -> None:
    """Wait for readers and writers to finish, but not for long: whoever comes meanwhile waits behind us."""
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.execute("LOCK TABLE decisions IN ACCESS EXCLUSIVE MODE")
    op.execute("SET LOCAL lock_timeout TO DEFAULT")


def put_aside(name: str) -> None:
    """Give the table and its indexes other names."""
    op.execute(f"ALTER TABLE decisions RENAME TO {name}")
    op.execute(f"ALTER INDEX decisions_pkey RENAME TO {name}_pkey")
    op.execute(f"ALTER INDEX decisions_newest RENAME TO {name}_newest")


def finish(old: str) -> None:
    """Give the new table what the old one had."""
    op.execute("ALTER TABLE decisions ADD PRIMARY KEY (decision_id)")
    op.execute(NEWEST)
    op.execute(APPEND_ONLY.format("decisions"))
    op.execute(SAME_RIGHTS.format(old=old))


def attach() -> None:
    """Make the old table the partition of everything before the next month; what lies further on goes its way."""
    bound = op.get_bind().scalar(sa.text(f"SELECT first_decision_id({A_MONTH.format(1)})"))
    further_on = f"FROM decisions_before WHERE decision_id >= '{bound}'"
    op.execute(f"INSERT INTO decisions SELECT * {further_on}")
    op.execute("ALTER TABLE decisions_before DISABLE TRIGGER append_only")
    op.execute(f"DELETE {further_on}")
    op.execute("ALTER TABLE decisions_before ENABLE TRIGGER append_only")
    op.execute(
        f"ALTER TABLE decisions ATTACH PARTITION decisions_before FOR VALUES FROM (MINVALUE) TO ('{bound}')"
    )
