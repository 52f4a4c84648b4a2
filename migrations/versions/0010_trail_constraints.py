"""What one INSERT must not be able to do to the audit trail, and events in it that are no decisions.

Rights to add rows are all that the service's roles have on the trail. These rules keep such a row from ending or
confusing it: a checkpoint's number follows the one before, a checkpoint speaks only of entries that exist, and a
stored policy or model bundle is what its fingerprint says. Rows stored before are left to
`scoring audit verify`.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = depends_on = None

# Only a committed predecessor counts, so two writers can never leave a gap between them.
CHECKPOINT_FOLLOWS = """
CREATE FUNCTION checkpoint_follows() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.number > 1 AND NOT EXISTS (SELECT FROM public.checkpoints WHERE number = NEW.number - 1) THEN
        RAISE EXCEPTION 'checkpoint % must follow checkpoint %, which does not exist', NEW.number, NEW.number - 1
            USING ERRCODE = 'check_violation', CONSTRAINT = 'checkpoint_follows', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END
$$
"""
HEAD_EXISTS = """
CREATE FUNCTION checkpoint_head_exists() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM public.audit_entries
        WHERE chain = NEW.chain AND sequence = NEW.length AND digest = NEW.digest
    ) THEN
        RAISE EXCEPTION 'no audit entry % of chain % has this digest', NEW.length, NEW.chain
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'checkpoint_head_exists', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END
$$
"""
# Checked at commit: the files of a bundle may be stored in any order.
BUNDLE_GENUINE = """
CREATE FUNCTION model_bundle_genuine() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    sums CONSTANT bytea := (
        SELECT content FROM public.model_bundles WHERE fingerprint = NEW.fingerprint AND file = 'SHA256SUMS'
    );
    line CONSTANT text := encode(sha256(NEW.content), 'hex') || '  ' || NEW.file;
BEGIN
    IF encode(sha256(sums), 'hex') IS DISTINCT FROM NEW.fingerprint OR (
        NEW.file <> 'SHA256SUMS' AND line <> ALL (string_to_array(convert_from(sums, 'UTF8'), E'\\n'))
    ) THEN
        RAISE EXCEPTION 'file % does not belong to the model bundle with the fingerprint %',
            NEW.file, NEW.fingerprint
            USING ERRCODE = 'check_violation', CONSTRAINT = 'model_bundle_genuine', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END
$$
"""
POLICY_GENUINE = """
CREATE FUNCTION scoring_policy_genuine() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.fingerprint <> encode(sha256(convert_to(NEW.document, 'UTF8')), 'hex') THEN
        RAISE EXCEPTION 'the policy document does not have the fingerprint %', NEW.fingerprint
            USING ERRCODE = 'check_violation', CONSTRAINT = 'scoring_policy_genuine', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END
$$
"""
PRIMARY_KEY = "ALTER TABLE checkpoint_heads DROP CONSTRAINT checkpoint_heads_pkey, ADD PRIMARY KEY ({})"
APPEND_ONLY = (
    "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON recorded_events "
    "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
)


def upgrade() -> None:
    for function in (CHECKPOINT_FOLLOWS, HEAD_EXISTS, BUNDLE_GENUINE, POLICY_GENUINE):
        op.execute(function)
    op.execute(
        "CREATE TRIGGER follows BEFORE INSERT ON checkpoints FOR EACH ROW EXECUTE FUNCTION checkpoint_follows()"
    )
    op.execute(
        "CREATE TRIGGER head_exists BEFORE INSERT ON checkpoint_heads "
        "FOR EACH ROW EXECUTE FUNCTION checkpoint_head_exists()"
    )
    op.execute(
        "CREATE CONSTRAINT TRIGGER genuine AFTER INSERT ON model_bundles DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION model_bundle_genuine()"
    )
    op.execute(
        "CREATE TRIGGER genuine BEFORE INSERT ON scoring_policies "
        "FOR EACH ROW EXECUTE FUNCTION scoring_policy_genuine()"
    )
    # A later checkpoint may state the same head again, where the one before it was not the service's.
    op.execute(PRIMARY_KEY.format("number, chain"))
    op.drop_index("checkpoint_heads_number", "checkpoint_heads")
    op.create_index("checkpoint_heads_chain", "checkpoint_heads", ["chain", "length"])
    op.create_table(
        "recorded_events",
        sa.Column("event_id", sa.Uuid, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
    )
    op.execute(APPEND_ONLY)


def downgrade() -> None:
    op.drop_table("recorded_events")
    op.execute("ALTER TABLE checkpoint_heads DISABLE TRIGGER append_only")
    op.execute(
        "DELETE FROM checkpoint_heads AS again USING checkpoint_heads AS first "
        "WHERE first.chain = again.chain AND first.length = again.length AND first.number < again.number"
    )
    op.execute("ALTER TABLE checkpoint_heads ENABLE TRIGGER append_only")
    op.drop_index("checkpoint_heads_chain", "checkpoint_heads")
    op.create_index("checkpoint_heads_number", "checkpoint_heads", ["number"])
    op.execute(PRIMARY_KEY.format("chain, length"))
    op.execute("DROP TRIGGER genuine ON scoring_policies")
    op.execute("DROP TRIGGER genuine ON model_bundles")
    op.execute("DROP TRIGGER head_exists ON checkpoint_heads")
    op.execute("DROP TRIGGER follows ON checkpoints")
    for function in (
        "scoring_policy_genuine",
        "model_bundle_genuine",
        "checkpoint_head_exists",
        "checkpoint_follows",
    ):
        op.execute(f"DROP FUNCTION {function}")
