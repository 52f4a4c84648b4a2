"""What the caller states about a batch's file, and remarks on the file."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = depends_on = None
phase = "expand"


def upgrade() -> None:
    for name in ("conventions", "notices"):
        op.add_column("batches", sa.Column(name, sa.Text))


def downgrade() -> None:
    for name in ("conventions", "notices"):
        op.drop_column("batches", name)
