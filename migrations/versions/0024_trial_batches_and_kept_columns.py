"""Whether a batch is a trial, and the columns of its file that its results repeat."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = depends_on = None
phase = "expand"

COLUMNS = {"trial": sa.Boolean, "keep": sa.Text}


def upgrade() -> None:
    for name, kind in COLUMNS.items():
        op.add_column("batches", sa.Column(name, kind))


def downgrade() -> None:
    for name in COLUMNS:
        op.drop_column("batches", name)
