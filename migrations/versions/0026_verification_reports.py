"""The report of each verification of the audit trail is kept."""

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = depends_on = None
phase = "expand"


def upgrade() -> None:
    op.execute("CREATE TABLE verification_reports (event_id uuid PRIMARY KEY, document text NOT NULL)")
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON verification_reports "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    op.drop_table("verification_reports")
