"""Applicants get notices and can ask for a person, outcomes of loans are recorded, and callers hear of events."""

from alembic import op
from sqlalchemy import text

revision = "0030"
down_revision = "0029"
branch_labels = depends_on = None
phase = "expand"

TABLES = (
    """
    CREATE TABLE trail_positions (
        consumer text,
        chain uuid,
        length bigint NOT NULL,
        began bigint NOT NULL DEFAULT 0,
        PRIMARY KEY (consumer, chain)
    )
    """,
    """
    WITH RECURSIVE chains AS (
        (SELECT chain FROM audit_entries ORDER BY chain LIMIT 1)
        UNION ALL
        SELECT (SELECT chain FROM audit_entries WHERE chain > chains.chain ORDER BY chain LIMIT 1)
        FROM chains WHERE chains.chain IS NOT NULL
    )
    INSERT INTO trail_positions (consumer, chain, length, began)
    SELECT consumer, chains.chain, coalesce(last.sequence, overview_positions.length),
        coalesce(last.sequence, overview_positions.length)
    FROM chains LEFT JOIN overview_positions USING (chain) LEFT JOIN LATERAL (
        SELECT max(sequence) AS sequence FROM (
            SELECT sequence, coalesce(length, 0) + row_number() OVER (ORDER BY sequence) AS expected
            FROM audit_entries WHERE audit_entries.chain = chains.chain AND sequence > coalesce(length, 0)
        ) AS following
        WHERE sequence = expected
    ) AS last ON true CROSS JOIN (VALUES ('notices'), ('webhooks')) AS consumers (consumer)
    WHERE chains.chain IS NOT NULL AND coalesce(last.sequence, overview_positions.length) IS NOT NULL
    """,
    """
    CREATE TABLE notices (
        notice_id uuid PRIMARY KEY,
        kind text NOT NULL,
        cause text NOT NULL,
        decision_id uuid NOT NULL,
        application_id uuid NOT NULL,
        received_at timestamptz NOT NULL,
        due_at timestamptz NOT NULL,
        state text NOT NULL,
        version integer NOT NULL DEFAULT 0,
        issued_at timestamptz,
        delivered_on date,
        returned_on date,
        changed_at timestamptz,
        changed_by text,
        requested_by text NOT NULL,
        application_reference text,
        applicant_reference text,
        source text
    )
    """,
    "CREATE INDEX notices_unsent ON notices (due_at, notice_id, state) "
    "WHERE state IN ('due', 'issued') AND delivered_on IS NULL",
    "CREATE INDEX notices_listed ON notices (due_at, notice_id)",
    "CREATE INDEX notices_states ON notices (state, due_at, notice_id)",
    "CREATE INDEX notices_owners ON notices (requested_by, due_at, notice_id)",
    "CREATE INDEX notices_applications ON notices (application_id)",
    "CREATE INDEX notices_decisions ON notices (decision_id)",
    """
    CREATE TABLE notice_actions (
        action_id uuid PRIMARY KEY,
        notice_id uuid NOT NULL,
        number integer NOT NULL,
        at timestamptz NOT NULL,
        actor text NOT NULL,
        kind text NOT NULL,
        document text NOT NULL,
        CONSTRAINT notice_actions_are_numbered UNIQUE (notice_id, number)
    )
    """,
    """
    CREATE TABLE notice_letters (
        notice_id uuid,
        format text,
        sha256 bytea NOT NULL,
        content bytea NOT NULL,
        PRIMARY KEY (notice_id, format)
    )
    """,
    """
    CREATE TABLE applicant_links (
        link_id uuid PRIMARY KEY,
        application_id uuid NOT NULL,
        decision_id uuid NOT NULL,
        made_at timestamptz NOT NULL,
        made_by text NOT NULL,
        expires_at timestamptz NOT NULL,
        revoked_at timestamptz
    )
    """,
    "CREATE INDEX applicant_links_applications ON applicant_links (application_id)",
    """
    CREATE TABLE reconsiderations (
        reconsideration_id uuid PRIMARY KEY,
        application_id uuid NOT NULL,
        decision_id uuid NOT NULL,
        case_id uuid NOT NULL,
        kind text NOT NULL,
        state text NOT NULL,
        version integer NOT NULL DEFAULT 0,
        requested_at timestamptz NOT NULL,
        due_at timestamptz NOT NULL,
        answered_at timestamptz,
        CONSTRAINT reconsiderations_of_a_case UNIQUE (case_id)
    )
    """,
    "CREATE INDEX reconsiderations_applications ON reconsiderations (application_id)",
    "CREATE UNIQUE INDEX reconsiderations_open ON reconsiderations (application_id) WHERE state = 'open'",
    """
    CREATE TABLE reconsideration_contents (
        reconsideration_id uuid PRIMARY KEY,
        content text NOT NULL
    )
    """,
    "ALTER TABLE cases ADD COLUMN request_due_at timestamptz",
    """
    CREATE TABLE reconsideration_actions (
        action_id uuid PRIMARY KEY,
        application_id uuid NOT NULL,
        number integer NOT NULL,
        at timestamptz NOT NULL,
        actor text NOT NULL,
        kind text NOT NULL,
        document text NOT NULL,
        CONSTRAINT reconsideration_actions_are_numbered UNIQUE (application_id, number)
    )
    """,
    """
    CREATE TABLE loans (
        application_id uuid PRIMARY KEY,
        decision_id uuid NOT NULL,
        status text NOT NULL,
        status_on date NOT NULL,
        booked_on date NOT NULL,
        closed_on date,
        defaulted_on date,
        version integer NOT NULL,
        pd double precision NOT NULL,
        amount numeric(12, 2) NOT NULL,
        product text NOT NULL,
        grade text NOT NULL,
        requested_by text NOT NULL,
        source text,
        changed_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX loans_booked ON loans (booked_on, application_id)",
    """
    CREATE TABLE loan_outcomes (
        outcome_id uuid PRIMARY KEY,
        application_id uuid NOT NULL,
        number integer NOT NULL,
        at timestamptz NOT NULL,
        actor text NOT NULL,
        kind text NOT NULL,
        document text NOT NULL,
        CONSTRAINT loan_outcomes_are_numbered UNIQUE (application_id, number)
    )
    """,
    """
    CREATE TABLE outcome_imports (
        import_id uuid PRIMARY KEY,
        name text NOT NULL,
        submitted_at timestamptz NOT NULL,
        requested_by text NOT NULL,
        role text NOT NULL,
        as_of date,
        size bigint NOT NULL,
        digest bytea NOT NULL,
        state text NOT NULL,
        rows_read bigint NOT NULL,
        recorded bigint NOT NULL,
        repeated bigint NOT NULL,
        refused bigint NOT NULL,
        share_done double precision NOT NULL,
        chunks integer NOT NULL,
        started_at timestamptz,
        finished_at timestamptz,
        fault text,
        lease uuid,
        lease_until timestamptz,
        attempts integer NOT NULL DEFAULT 0
    )
    """,
    """
    CREATE TABLE outcome_import_chunks (
        import_id uuid,
        number integer,
        content bytea NOT NULL,
        PRIMARY KEY (import_id, number)
    )
    """,
    """
    CREATE TABLE outcome_import_errors (
        import_id uuid,
        number integer,
        errors bytea NOT NULL,
        PRIMARY KEY (import_id, number)
    )
    """,
    """
    CREATE TABLE webhook_subscriptions (
        subscription_id uuid PRIMARY KEY,
        owner text NOT NULL,
        url text NOT NULL,
        events text[] NOT NULL,
        created_at timestamptz NOT NULL,
        ended_at timestamptz,
        busy_until timestamptz,
        failures integer NOT NULL DEFAULT 0,
        failing_since timestamptz,
        last_fault text,
        last_delivered_at timestamptz
    )
    """,
    "CREATE INDEX webhook_subscriptions_owners ON webhook_subscriptions (owner) WHERE ended_at IS NULL",
    "ALTER TABLE webhook_deliveries ALTER COLUMN batch_id DROP NOT NULL",
    "ALTER TABLE webhook_deliveries ALTER COLUMN body DROP NOT NULL",
    """
    ALTER TABLE webhook_deliveries ADD COLUMN subscription_id uuid, ADD COLUMN subject uuid,
        ADD COLUMN expires_at timestamptz
    """,
    "CREATE INDEX webhook_deliveries_pending ON webhook_deliveries (subscription_id, next_attempt_at) "
    "WHERE state = 'pending'",
    "CREATE INDEX webhook_deliveries_expiring ON webhook_deliveries (expires_at) WHERE state = 'pending'",
    "CREATE INDEX webhook_deliveries_undelivered ON webhook_deliveries (subscription_id) "
    "WHERE state = 'dead' AND subscription_id IS NOT NULL",
)
APPEND_ONLY = ("notice_actions", "reconsideration_actions", "loan_outcomes")
CREATED = (
    "webhook_subscriptions",
    "outcome_import_errors",
    "outcome_import_chunks",
    "outcome_imports",
    "loan_outcomes",
    "loans",
    "reconsideration_actions",
    "reconsideration_contents",
    "reconsiderations",
    "applicant_links",
    "notice_letters",
    "notice_actions",
    "notices",
    "trail_positions",
)


NEAREST, FARTHEST = "this_month - interval '1 month'", "this_month - interval '3 years'"
"""How long ago a month may be whose partition the service may create: what is simulated has a past."""


def replace_in_function(old: str, new: str) -> None:
    """Change the function that creates partitions; its text names the schema of the tables."""
    connection = op.get_bind()
    function = connection.execute(text("SELECT pg_get_functiondef('make_decisions_month'::regproc)")).scalar_one()
    if function.count(old) != 1:
        raise RuntimeError(f"make_decisions_month does not have {old!r} once: it was changed by hand")
    connection.exec_driver_sql(function.replace(old, new))


def upgrade() -> None:
    replace_in_function(NEAREST, FARTHEST)
    for statement in TABLES:
        op.execute(statement)
    op.execute("ALTER TABLE cases ADD COLUMN synthetic boolean NOT NULL DEFAULT false")
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    replace_in_function(FARTHEST, NEAREST)
    op.execute("ALTER TABLE cases DROP COLUMN synthetic")
    op.execute("DELETE FROM webhook_deliveries WHERE batch_id IS NULL")
    for column in ("subscription_id", "subject", "expires_at"):
        op.execute(f"ALTER TABLE webhook_deliveries DROP COLUMN {column}")
    op.execute("ALTER TABLE webhook_deliveries ALTER COLUMN body SET NOT NULL")
    op.execute("ALTER TABLE webhook_deliveries ALTER COLUMN batch_id SET NOT NULL")
    op.execute("ALTER TABLE cases DROP COLUMN request_due_at")
    for table in CREATED:
        op.drop_table(table)
