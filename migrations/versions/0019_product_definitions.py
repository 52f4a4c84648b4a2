"""The product definitions that made decisions, and decisions on products without a purpose."""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = depends_on = None
phase = "expand"

GENUINE = """
CREATE FUNCTION product_definition_genuine() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF NEW.fingerprint IS DISTINCT FROM encode(sha256(convert_to(NEW.document, 'UTF8')), 'hex') THEN
        RAISE EXCEPTION 'the fingerprint of a product definition is the SHA-256 of its document'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$
"""


def upgrade() -> None:
    op.execute("""
        CREATE TABLE product_definitions (
            fingerprint text PRIMARY KEY,
            name text NOT NULL,
            version text NOT NULL,
            document text NOT NULL
        )
    """)
    op.execute(GENUINE)
    op.execute(
        "CREATE TRIGGER genuine BEFORE INSERT ON product_definitions "
        "FOR EACH ROW EXECUTE FUNCTION product_definition_genuine()"
    )
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON product_definitions "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    op.execute("ALTER TABLE decisions ALTER COLUMN purpose DROP NOT NULL")


def downgrade() -> None:
    op.execute("ALTER TABLE decisions ALTER COLUMN purpose SET NOT NULL")
    op.drop_table("product_definitions")
    op.execute("DROP FUNCTION product_definition_genuine()")
