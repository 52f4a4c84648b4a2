"""Aggregates of the overview by grade, trial runs and origin.

All aggregates are removed. `scoring migrate` and the service add every decision again; until then overviews are
counted from the decisions, exact but slower.
"""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = depends_on = None
phase = "expand"

ORIGIN = "received_through text, channel text, source text"
CELLS = f"""
CREATE TABLE overview_origin_cells (
    hours smallint, begun timestamptz, month date, band smallint, outcome text, confidence text,
    model_version text, policy_version text, grade text, trial boolean, {ORIGIN}, decisions bigint NOT NULL,
    pd_sum numeric NOT NULL, requested numeric NOT NULL, recommended numeric NOT NULL,
    outside_domain bigint NOT NULL, earliest timestamptz NOT NULL, latest timestamptz NOT NULL,
    PRIMARY KEY (
        hours, begun, month, band, outcome, confidence, model_version, policy_version, grade, trial,
        received_through, channel, source
    )
)
"""
REASONS = f"""
CREATE TABLE overview_origin_reasons (
    hours smallint, begun timestamptz, month date, reason text, grade text, trial boolean, {ORIGIN},
    decisions bigint NOT NULL,
    PRIMARY KEY (hours, begun, month, reason, grade, trial, received_through, channel, source)
)
"""
NAMES = "CREATE TABLE overview_names (dimension text, name text, PRIMARY KEY (dimension, name))"
KEYS = {
    "overview_cells": "hours, begun, month, band, outcome, confidence, model_version, policy_version",
    "overview_reasons": "hours, begun, month, reason",
}


def upgrade() -> None:
    op.execute("TRUNCATE overview_positions, overview_cells, overview_reasons")
    for table, key in KEYS.items():
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {table}_pkey, ADD grade text, ADD trial boolean")
        op.execute(f"ALTER TABLE {table} ADD PRIMARY KEY ({key}, grade, trial)")
    for table in (CELLS, REASONS, NAMES):
        op.execute(table)


def downgrade() -> None:
    op.execute("TRUNCATE overview_positions, overview_cells, overview_reasons")
    for table in ("overview_names", "overview_origin_reasons", "overview_origin_cells"):
        op.drop_table(table)
    for table, key in KEYS.items():
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {table}_pkey, DROP grade, DROP trial")
        op.execute(f"ALTER TABLE {table} ADD PRIMARY KEY ({key})")
