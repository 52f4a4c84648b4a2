"""Applications have a life after the decision, and referred decisions open cases that people resolve."""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = depends_on = None
phase = "expand"

UNFINISHED = "state NOT IN ('resolved', 'withdrawn', 'expired')"
TABLES = (
    """
    CREATE TABLE cases (
        case_id uuid PRIMARY KEY,
        decision_id uuid NOT NULL,
        opened_at timestamptz NOT NULL,
        due_at timestamptz NOT NULL,
        state text NOT NULL,
        version integer NOT NULL DEFAULT 0,
        assignee text,
        assigned_at timestamptz,
        lease_until timestamptz,
        proposers text[] NOT NULL DEFAULT '{}',
        awaiting_since timestamptz,
        answer_by timestamptz,
        breached_at timestamptz,
        ended_at timestamptz,
        changed_at timestamptz,
        changed_by text,
        loan_amnt numeric(12, 2) NOT NULL,
        grade text NOT NULL,
        requested_by text NOT NULL,
        reasons text[] NOT NULL,
        application_reference text,
        applicant_reference text,
        quality text
    )
    """,
    f"CREATE INDEX cases_queue ON cases (due_at, case_id) WHERE {UNFINISHED}",
    "CREATE INDEX cases_ended ON cases (ended_at, case_id) WHERE ended_at IS NOT NULL",
    f"CREATE INDEX cases_assignees ON cases (assignee) WHERE assignee IS NOT NULL AND {UNFINISHED}",
    "CREATE INDEX cases_reviews ON cases (decision_id) WHERE case_id <> decision_id",
    f"CREATE UNIQUE INDEX cases_reviewed ON cases (decision_id) WHERE case_id <> decision_id AND {UNFINISHED}",
    "CREATE INDEX cases_quality ON cases (quality, ended_at, case_id) WHERE quality IS NOT NULL",
    """
    CREATE TABLE case_actions (
        action_id uuid PRIMARY KEY,
        case_id uuid NOT NULL,
        number integer NOT NULL,
        at timestamptz NOT NULL,
        actor text NOT NULL,
        kind text NOT NULL,
        document text NOT NULL,
        CONSTRAINT case_actions_are_numbered UNIQUE (case_id, number)
    )
    """,
    """
    CREATE TABLE final_decisions (
        final_decision_id uuid PRIMARY KEY,
        decision_id uuid NOT NULL,
        case_id uuid NOT NULL,
        number bigint NOT NULL,
        decided_at timestamptz NOT NULL,
        outcome text NOT NULL,
        override text NOT NULL,
        system_outcome text NOT NULL,
        recommended text NOT NULL,
        own_view text,
        reason text NOT NULL,
        dwell_seconds double precision NOT NULL,
        maker text NOT NULL,
        checker text,
        document text NOT NULL,
        CONSTRAINT final_decisions_of_a_case UNIQUE (case_id),
        CONSTRAINT final_decisions_are_numbered UNIQUE (decision_id, number)
    )
    """,
    "CREATE INDEX final_decisions_decided ON final_decisions (decided_at, final_decision_id)",
    """
    CREATE TABLE application_references (
        scope text,
        reference text,
        decision_id uuid NOT NULL,
        application_id uuid NOT NULL,
        PRIMARY KEY (scope, reference)
    )
    """,
    """
    CREATE TABLE superseded_decisions (
        decision_id uuid PRIMARY KEY,
        superseded_by uuid NOT NULL,
        application_id uuid NOT NULL,
        superseded_at timestamptz NOT NULL,
        CONSTRAINT superseded_decisions_by UNIQUE (superseded_by)
    )
    """,
    "CREATE INDEX superseded_decisions_applications ON superseded_decisions (application_id)",
    """
    CREATE TABLE applicant_applications (
        applicant_reference text,
        product text,
        number integer,
        decision_id uuid NOT NULL,
        decided_at timestamptz NOT NULL,
        declined_at timestamptz,
        accepted_amount numeric(12, 2),
        PRIMARY KEY (applicant_reference, product, number)
    )
    """,
    "CREATE INDEX applicant_applications_decisions ON applicant_applications (decision_id)",
    "CREATE INDEX applicant_applications_accepted ON applicant_applications (applicant_reference) "
    "WHERE accepted_amount IS NOT NULL",
    """
    CREATE TABLE applications (
        application_id uuid PRIMARY KEY,
        decision_id uuid NOT NULL,
        state text NOT NULL,
        version integer NOT NULL,
        changed_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX applications_states ON applications (state, changed_at, application_id)",
    """
    CREATE TABLE application_actions (
        action_id uuid PRIMARY KEY,
        application_id uuid NOT NULL,
        number integer NOT NULL,
        at timestamptz NOT NULL,
        actor text NOT NULL,
        kind text NOT NULL,
        document text NOT NULL,
        CONSTRAINT application_actions_are_numbered UNIQUE (application_id, number)
    )
    """,
)
APPEND_ONLY = ("case_actions", "final_decisions", "superseded_decisions", "application_actions")
CREATED = (
    "application_actions",
    "applications",
    "applicant_applications",
    "superseded_decisions",
    "application_references",
    "final_decisions",
    "case_actions",
    "cases",
)


def upgrade() -> None:
    for statement in TABLES:
        op.execute(statement)
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    for table in CREATED:
        op.drop_table(table)
