"""Aggregates of decisions for the overview. The service adds the decisions recorded before in the background."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = depends_on = None
phase = "expand"

CELLS = """
CREATE TABLE overview_cells (
    hours smallint, begun timestamptz, month date, band smallint, outcome text, confidence text,
    model_version text, policy_version text, decisions bigint NOT NULL, pd_sum numeric NOT NULL,
    requested numeric NOT NULL, recommended numeric NOT NULL, outside_domain bigint NOT NULL,
    earliest timestamptz NOT NULL, latest timestamptz NOT NULL,
    PRIMARY KEY (hours, begun, month, band, outcome, confidence, model_version, policy_version)
)
"""
REASONS = """
CREATE TABLE overview_reasons (
    hours smallint, begun timestamptz, month date, reason text, decisions bigint NOT NULL,
    PRIMARY KEY (hours, begun, month, reason)
)
"""
POSITIONS = "CREATE TABLE overview_positions (chain uuid PRIMARY KEY, length bigint NOT NULL)"


def upgrade() -> None:
    for table in (CELLS, REASONS, POSITIONS):
        op.execute(table)


def downgrade() -> None:
    for table in ("overview_positions", "overview_reasons", "overview_cells"):
        op.drop_table(table)
